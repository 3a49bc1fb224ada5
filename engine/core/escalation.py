"""Ladders: whom a deadline reminds before its end, and to whom it climbs after it.

Every rung exists as a row before it is due. A deadline owned by an office that takes
part reminds that office and its deputy alone; what a department owes climbs further.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from engine.core.calendar import BERLIN, Calendar
from engine.core.deadlines import Backward, Counting, Roll, derive
from engine.core.periods import Period
from engine.core.workflow import Tell
from engine.errors import Text


@dataclass(frozen=True, slots=True)
class Rung:
    """One step of a ladder, `period` before or after the last day; None is the day after."""

    number: int
    title: Text
    before: bool
    period: Period | None
    tells: tuple[Tell, ...]


@dataclass(frozen=True, slots=True)
class Ladder:
    """The rungs of one kind of deadline; `norm` names where the house laid them down.

    `chair_by` is the local provision that lets the council's chair be told, if any.
    """

    id: str
    title: Text
    norm: str
    digest: str
    hour: int
    rungs: tuple[Rung, ...]
    chair_by: str | None = None

    def rung(self, number: int) -> Rung:
        """Return the rung of that number."""
        return next(r for r in self.rungs if r.number == number)


def rung_day(rung: Rung, last_day: date, calendar: Calendar) -> date:
    """Return the local day on which a rung of a deadline that ends on `last_day` acts."""
    if rung.period is None:
        return last_day
    if rung.before:
        counting = Counting(rung.period, roll=Roll.NONE, backward=Backward.NTH)
    else:
        counting = Counting(rung.period, roll=Roll.NONE)
    return derive(counting, last_day, calendar).last_day


def at_hour(day: date, hour: int) -> datetime:
    """Return the instant in UTC at which the local clock shows the full `hour` of `day`."""
    return datetime.combine(day, time(hour), BERLIN).astimezone(UTC)


def rungs_due(
    ladder: Ladder, last_day: date, opened: datetime, calendar: Calendar
) -> Iterator[tuple[int, datetime]]:
    """Yield each rung's number and the instant in UTC at which it acts.

    A reminder whose hour had passed when the deadline was opened is left out: it would
    only repeat the letter that opened it.
    """
    for rung in ladder.rungs:
        due = at_hour(rung_day(rung, last_day, calendar), ladder.hour)
        if not rung.before or due > opened:
            yield rung.number, due
