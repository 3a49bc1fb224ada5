"""The days of a deadline as a calendar strip: which counted, which did not, and why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from engine.core.calendar import ONE_DAY, Calendar, local_day
from engine.core.derivation import Derivation
from engine.core.periods import Unit
from engine.errors import InputError, Text

MOST_DAYS = 92
"""A longer period is told in words alone."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A day of the strip; `number` counts the days of a period that is counted in such days."""

    day: date
    counted: bool
    number: int | None = None
    why: Text | None = None
    mark: str | None = None


def strip(derivation: Derivation, calendar: Calendar) -> list[Cell]:
    """Return the whole weeks from the event to the last day; none where it would not help."""
    if derivation.counting is None or derivation.counting.backward is not None:
        return []
    first, last = local_day(derivation.trigger), derivation.last_day
    if not 0 <= (last - first).days <= MOST_DAYS:
        return []
    begin = first - timedelta(days=first.weekday())
    end = last + timedelta(days=6 - last.weekday())
    working = derivation.counting.period.unit is Unit.WORKING_DAY
    cells, day, number = [], begin, 0
    try:
        while day <= end:
            inside = first < day <= last
            counted = inside and (calendar.is_working_day(day) if working else True)
            number += counted
            mark = "trigger" if day == first else "end" if day == last else None
            why = calendar.why_not_counted(day) if inside and not counted else None
            cells.append(Cell(day, counted, number if counted else None, why or NO_PART, mark))
            day += ONE_DAY
    except InputError:
        return []
    return cells


NO_PART = Text("", "")
