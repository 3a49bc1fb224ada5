"""Whatever keeps the promises is taken away once, and the check that must miss it does.

BEGIN IMMEDIATE and the transaction itself are taken away in `test_histories`.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text, update
from sqlalchemy.sql.selectable import GenerativeSelect

import notifications.message
from engine.core.case import Notice
from engine.delivery.compose import compose
from engine.delivery.send import _claim
from engine.services.ticks import tick
from engine.store.database import Database
from engine.store.errors import AlreadyKept
from engine.store.outbox import LEASE, Ending, Outbox, Result
from engine.store.tables import MessageRow
from engine.store.tables.base import table
from notifications.message import Address, BrokenMessage, header_text
from tests.conftest import MakePlace
from tests.musterheide import noon
from tests.notifications.test_mail_message import ANNA, ENCODED_BCC, HEADERS, ID, OFFICE, WHEN
from tests.store.counting import line
from tests.store.deeds import DAY
from tests.store.test_many_writers import together
from tests.torture.flushing import flushed
from tests.torture.killing import town
from tests.torture.sink import Sink
from tests.torture.town import TO_RUNGS, at

# The unique keys


@pytest.fixture
def postgres_database(make_place: MakePlace) -> Any:
    opened = make_place("postgres").open(create=True)
    yield opened
    opened.close()


def _entered(database: Database) -> int:
    """Let eight enter the same line at once; return how often it is in the log then."""

    def enter() -> None:
        try:
            with database.write() as store:
                store.enter(line("system", "einmal"))
        except AlreadyKept:
            pass

    together([enter] * 8)
    return _count(database, "SELECT count(*) FROM entry WHERE key = 'einmal'")


def _owed(database: Database) -> int:
    """Let eight owe the same letter at once; return how often it is owed then."""
    letter = Notice("einmal", "rechtsamt", "nicht_zustellbar", "", noon(DAY), {})

    def owe() -> None:
        with database.write() as store:
            store.outbox.owe(letter)

    together([owe] * 8)
    return _count(database, "SELECT count(*) FROM notice WHERE key = 'einmal'")


def _count(database: Database, question: str) -> int:
    with database.read() as store:
        return int(store.connection.execute(text(question)).scalar_one())


@pytest.mark.parametrize(
    ("keys", "deed"),
    [("entry uq_entry_key_part", _entered), ("notice uq_notice_key", _owed)],
    ids=["entry", "notice"],
)
def test_without_the_unique_key_it_is_there_eight_times(
    postgres_database: Database, keys: str, deed: Callable[[Database], int]
) -> None:
    assert deed(postgres_database) == 1
    of, name = keys.split()
    with postgres_database.write() as store:
        store.connection.execute(text(f"ALTER TABLE {of} DROP CONSTRAINT {name}"))
    assert deed(postgres_database) == 1 + 8


# The fencing number


def _finished_by_a_straggler(folder: Path, sink: Sink) -> bool:
    """Return whether a worker whose message was taken over can still end it."""
    app, days = town(folder, sink, 1, 1)
    app.clock.turn(at(days[0] + TO_RUNGS[0]))  # type: ignore[attr-defined]
    tick(app)
    compose(app)
    [mine] = _claim(app, "first")
    with app.database.write() as store:
        store.outbox.expire(app.clock.now() + 2 * LEASE)
    assert len(_claim(app, "second")) == 1
    with app.database.write() as store:
        ending = Result(Ending.ACCEPTED, app.clock.now(), 250, "late")
        done = store.outbox.finish(mine.id, mine.attempt, ending)
    app.close()
    return done


def test_without_the_fencing_number_a_straggler_ends_what_another_one_sends(
    tmp_path: Path, sink: Sink, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not _finished_by_a_straggler(tmp_path / "with", sink)

    def unfenced(outbox: Any, message: int, attempt: int, new: dict[str, Any]) -> bool:
        row = table(MessageRow)
        mine = update(row).where(row.c.id == message, row.c.state == "sending")
        return bool(outbox._connection.execute(mine.values(new)).rowcount == 1)

    monkeypatch.setattr(Outbox, "_change", unfenced)
    assert _finished_by_a_straggler(tmp_path / "without", sink)


# FOR UPDATE


def _claimed_by_two(folder: Path, sink: Sink, url: str) -> int:
    """Return how many messages two workers have claimed that began at the same moment."""
    app, days = town(folder, sink, 6, 1, url)
    app.clock.turn(at(days[0] + TO_RUNGS[0]))  # type: ignore[attr-defined]
    tick(app)
    compose(app)
    found: list[int] = []

    def claim(name: str) -> Callable[[], None]:
        def deed() -> None:
            found.extend(message.id for message in _claim(app, name))

        return deed

    with app.database.write() as store:
        # Both have to wait here, so that they choose before either has marked anything.
        store.connection.execute(text("LOCK TABLE attempt IN ACCESS EXCLUSIVE MODE"))
        workers = _started([claim("first"), claim("second")])
        _until_two_wait(app.database, workers)
    for worker in workers:
        worker.join()
    app.close()
    return len(found)


def _started(deeds: list[Callable[[], None]]) -> list[Any]:
    import threading

    workers = [threading.Thread(target=deed) for deed in deeds]
    for worker in workers:
        worker.start()
    return workers


def _until_two_wait(database: Database, workers: list[Any]) -> None:
    """Wait until both workers either wait for a lock or have ended."""
    import time

    waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
    for _ in range(400):
        with database.read() as store:
            count = int(store.connection.execute(text(waiting)).scalar_one())
        if count + sum(not worker.is_alive() for worker in workers) >= 2:
            return
        time.sleep(0.02)
    raise TimeoutError("two workers neither wait nor end")


def test_without_for_update_two_workers_claim_the_same_message(
    tmp_path: Path, sink: Sink, make_place: MakePlace, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert _claimed_by_two(tmp_path / "with", sink, make_place("postgres").url) == 6
    monkeypatch.setattr(GenerativeSelect, "with_for_update", lambda self, **_: self)
    assert _claimed_by_two(tmp_path / "without", sink, make_place("postgres").url) == 12


# synchronous = FULL


@pytest.mark.skipif(shutil.which("cc") is None, reason="flushes are counted by a C compiler's shim")
@pytest.mark.parametrize(("without", "early"), [("-", 0), ("full", 12)])
def test_no_mail_leaves_before_its_claim_is_on_disk_unless_full_is_taken_away(
    tmp_path: Path, sink: Sink, without: str, early: int
) -> None:
    found = flushed(tmp_path / "amt", sink, mails=12, without=without)
    assert found.trouble == ""
    assert (found.data, found.early) == (12, early)


# Clean headers


def _foreign_headers(name: str, subject: str) -> list[str]:
    """Return the headers of a mail that nobody put there."""
    import email

    to = Address(name, ANNA.email)
    frozen = notifications.message.compose(OFFICE, to, subject, "Text", "<p>Text</p>", ID, WHEN)
    return [key for key in email.message_from_bytes(frozen.data) if key not in HEADERS]


@pytest.mark.parametrize(
    ("name", "subject"),
    [("Anna", "Umbau\r\nBcc: e@x.example"), ("Anna\r\nBcc: e@x.example", "Umbau")],
    ids=["subject", "name"],
)
def test_without_clean_headers_a_title_can_add_a_reader(
    name: str, subject: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twice guarded: with the first guard gone the second one refuses the mail."""
    assert _foreign_headers(name, subject) == []
    monkeypatch.setattr(notifications.message, "header_text", lambda line: line)
    with pytest.raises(BrokenMessage):
        _foreign_headers(name, subject)
    monkeypatch.setattr(notifications.message, "read_back", lambda *_: None)
    assert _foreign_headers(name, subject) == ["Bcc"]


def test_an_encoded_word_does_not_survive_cleaning() -> None:
    assert "=?" not in header_text(ENCODED_BCC)
    assert _foreign_headers("Anna", ENCODED_BCC) == []
