"""Deeds that the tests of the store do, each in a transaction of its own."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

from engine.core.case import Act, Case, Outcome
from engine.core.ledger import broken
from engine.core.procedure import advance, register, settle
from engine.store.database import Database
from engine.store.roster import By
from tests.musterheide import ACTORS, INTEGRATION, PAPER, act, measure, noon, world

DAY = date(2026, 3, 2)
DAYS = timedelta(days=1)


def by(key: str, day: date = DAY) -> By:
    """Return who changes the house in these tests."""
    return By("weber", "fb-soziales", noon(day), day, key)


def begin(database: Database, day: date = DAY, **changes: Any) -> Case:
    """Register a case and return it."""
    paper = replace(PAPER, uid=uuid4().hex)
    taken = act("anmelden", day, documents=(paper,), key=f"register-{uuid4().hex}")
    with database.write() as store:
        number = store.cases.next_number(day.year)
        outcome = register(uuid4().hex, number, measure(**changes), taken, world(day))
        store.keep(outcome)
    return outcome.case


def do(database: Database, number: str, *acts: Act) -> Outcome:
    """Take acts into the file of a case; return the last outcome."""
    for taken in acts:
        with database.write() as store:
            case = store.cases.get(number)
            outcome = advance(case, taken, world(taken.recorded_at.date()))
            store.keep(outcome)
    return outcome


def wait(database: Database, number: str, day: date) -> Outcome:
    """Let the clock do in a case what is due by a day."""
    with database.write() as store:
        outcome = settle(store.cases.get(number), world(day))
        store.keep(outcome)
    return outcome


def read(database: Database, number: str) -> Case:
    """Return a case as it lies in the database."""
    with database.read() as store:
        return store.cases.get(number)


def informing(day: date = DAY, key: str | None = None) -> Act:
    """Return the act that informs the commissioner, with a reason, which is private."""
    taken = act("informieren", day, participation=INTEGRATION, key=key or uuid4().hex)
    return replace(taken, reason="Auf Wunsch der Beauftragten vorgezogen.")


def confirming(day: date = DAY) -> Act:
    """Return the act that confirms receipt."""
    return act("eingang", day, "integration", INTEGRATION, key=uuid4().hex)


def broken_strands(database: Database) -> dict[str, int]:
    """Return the strands whose chain does not hold, with the first bad number."""
    with database.read() as store:
        found = {}
        for stream, count in store.chains.streams().items():
            lines = store.chains.lines(stream)
            assert len(lines) == count
            bad = broken((line.header for line in lines), (line.leaf for line in lines))
            if bad is not None:
                found[stream] = bad
        return found


__all__ = ["ACTORS", "DAY", "DAYS", "INTEGRATION"]
