"""Work behind a page: seen as it stood at one moment, though it ends while the page is written."""

from __future__ import annotations

from datetime import UTC, datetime
from threading import Event

from engine.errors import EngineError, Text
from engine.web.background import BROKEN, Background

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)


def test_what_was_seen_running_stays_so_while_the_page_is_written() -> None:
    work, may_end = Background(), Event()
    seen = work.start("proof", NOW, lambda: may_end.wait(10), patience=0)
    assert (seen.running, seen.result) == (True, None)
    may_end.set()
    ended = work.start("proof", NOW, lambda: "never asked for")
    assert (ended.running, ended.result) == (False, True)
    assert (seen.running, seen.result) == (True, None)
    assert work.find("proof") == ended


def test_a_refusal_is_told_and_the_work_may_be_begun_again() -> None:
    def refuse() -> None:
        raise EngineError("Das geht nicht.", "This cannot be done.")

    work = Background()
    refused = work.start("proof", NOW, refuse).error
    assert refused == Text("Das geht nicht.", "This cannot be done.")
    again = work.start("proof", NOW, lambda: 1 / 0)
    assert (again.running, again.error) == (False, BROKEN)
    assert work.find("another") is None
