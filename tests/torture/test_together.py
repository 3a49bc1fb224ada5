"""Many ask for the same escalation at the same moment: it is one row and one mail."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from engine.core.case import Notice
from engine.delivery.addressees import release
from engine.services.ticks import tick
from engine.store.database import Database
from engine.store.pulse import Worker
from tests.conftest import MakePlace
from tests.musterheide import noon
from tests.store.test_many_writers import together
from tests.torture.killing import town
from tests.torture.nursery import Nursery
from tests.torture.sink import Sink
from tests.torture.together import raced
from tests.torture.town import TO_RUNGS, at

DAY = date(2026, 5, 4)


def test_a_letter_that_eight_ask_for_at_once_is_owed_once(database: Database) -> None:
    for n in range(10):
        told: list[bool] = []
        letter = Notice(f"dead:{n}", "rechtsamt", "nicht_zustellbar", "", noon(DAY), {})

        def ask(letter: Notice = letter, told: list[bool] = told) -> None:
            with database.write() as store:
                told.append(store.outbox.owe(letter))

        together([ask] * 8)
        assert sorted(told) == [False] * 7 + [True]
    with database.read() as store:
        assert store.outbox.counts() == {"notice.open": 10}


def test_a_held_letter_that_eight_let_go_at_once_breaks_nobodys_round(
    tmp_path: Path, sink: Sink, make_place: MakePlace
) -> None:
    app, days = town(tmp_path / "amt", sink, 6, 1, make_place("postgres").url)
    app.clock.turn(at(days[0] + TO_RUNGS[0]))  # type: ignore[attr-defined]
    tick(app)
    for _ in range(5):
        with app.database.write() as store:
            for owed in store.outbox.notices():
                store.outbox.hold(owed.id, "ohne Adresse")
        together([lambda: release(app)] * 8)
        with app.database.read() as store:
            assert store.outbox.counts() == {"notice.open": 6}
    app.close()


def test_a_row_that_eight_put_at_once_is_there_once(database: Database) -> None:
    """The first sign of life of a host, or the first letter of a day: nobody is there yet."""
    for n in range(10):
        seen = Worker(f"w{n}", "amt", "boot", 1, noon(DAY), noon(DAY), "1")

        def beat(seen: Worker = seen) -> None:
            with database.write() as store:
                store.pulse.beat(seen)

        together([beat] * 8)
    with database.read() as store:
        assert sorted(w.uid for w in store.pulse.workers()) == [f"w{n}" for n in range(10)]


@pytest.mark.parametrize("kind", ["sqlite-wal", "postgres"])
def test_eight_workers_at_once_let_a_rung_act_once_and_send_one_mail(
    kind: str, tmp_path: Path, sink: Sink, nursery: Nursery, make_place: MakePlace
) -> None:
    url = make_place(kind).url if kind == "postgres" else None
    done = raced(tmp_path / "amt", sink, nursery, rounds=4, url=url)
    assert done.trouble == ""
    assert done.left.sound, done.left
    assert done.left.extra == 0
