"""Planning backwards: from the first body that deals with a paper to the day of informing.

The same law read the other way: each stage has a latest day on which it must begin so that
the next one is reached. A plan says "latest"; earlier is always in time.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Literal

from engine.core.calendar import ONE_DAY, Calendar
from engine.core.counting import Counting
from engine.core.derivation import derive
from engine.errors import InputError, Text

Light = Literal["green", "yellow", "red"]


@dataclass(frozen=True, slots=True)
class Stage:
    """One leg of a plan: what time it needs, and the source that says so.

    A forward counting runs from the day this stage begins to the day the next is due. A
    backward one is counted back from the day the next is due.
    """

    name: str
    counting: Counting
    source: str
    title: Text


@dataclass(frozen=True, slots=True)
class Point:
    """The latest day on which a stage may begin; the meeting itself has no stage."""

    name: str
    day: date
    stage: Stage | None


@dataclass(frozen=True, slots=True)
class Plan:
    """The points from the meeting back to the day by which all must have begun."""

    points: tuple[Point, ...]

    @property
    def begin(self) -> date:
        """Return the earliest point: the last day on which all is still in time."""
        return self.points[-1].day

    def reserve(self, today: date, calendar: Calendar) -> int:
        """Return the working days in hand after `today`; negative once it is too late."""
        return calendar.working_days_between(today, self.begin)

    def light(self, today: date, calendar: Calendar, yellow_below: int) -> Light:
        """Return red once the begin has passed, yellow below that many working days."""
        if today > self.begin:
            return "red"
        return "yellow" if self.reserve(today, calendar) < yellow_below else "green"


def plan_backwards(first: date, stages: Iterable[Stage], calendar: Calendar) -> Plan:
    """Return the plan for a meeting on `first`, its stages named from the meeting back.

    Every point but the meeting falls on a working day, because people must act on it. A
    period that leads up to the meeting itself is over the day before.
    """
    calendar.require(first)
    points = [Point("session", first, None)]
    for stage in stages:
        due = points[-1].day
        if len(points) == 1 and stage.counting.backward is None:
            due -= ONE_DAY
        day = _latest_begin(stage.counting, due, calendar)
        points.append(Point(stage.name, calendar.last_working_day(day), stage))
    return Plan(tuple(points))


def latest_trigger(counting: Counting, last_day: date, calendar: Calendar) -> date:
    """Return the latest day of an event whose period ends no later than `last_day`.

    It may be a Sunday: that is what the law permits, not what a plan should propose. Found
    by bisection, since a later event never ends earlier. Raises InputError for hours, for
    backward countings, and where the calendar begins too late to know.
    """
    if counting.by_the_hour or counting.backward is not None:
        raise InputError(
            "Rückwärts planen lässt sich nur mit Fristen in Tagen, Wochen oder Monaten, die "
            "vorwärts laufen. Nennen Sie eine solche Frist.",
            "Only periods in days, weeks or months that run forwards can be planned "
            "backwards. Name such a period.",
        )
    calendar.require(last_day)
    days = range(date(calendar.first_year, 1, 1).toordinal(), last_day.toordinal() + 1)

    def end(ordinal: int) -> date:
        return derive(counting, date.fromordinal(ordinal), calendar).last_day

    place = bisect_right(days, last_day, key=end)
    if place == 0:
        raise InputError(
            f"Keine Frist von {counting.period.text.de} endet bis {last_day:%d.%m.%Y}: der "
            f"Kalender {calendar.id} beginnt erst {calendar.first_year}. Hinterlegen Sie "
            "frühere Jahre.",
            f"No period of {counting.period.text.en} ends by {last_day:%d.%m.%Y}: the calendar "
            f"{calendar.id} begins only in {calendar.first_year}. Provide earlier years.",
        )
    return date.fromordinal(days[place - 1])


def _latest_begin(counting: Counting, due: date, calendar: Calendar) -> date:
    if counting.backward is not None:
        return derive(counting, due, calendar).last_day
    return latest_trigger(counting, due, calendar)
