"""Planning backwards: from the first body that deals with a paper to the day of informing.

The same law read the other way: each stage has a latest day on which it must begin so that
the next one is reached. A plan says "latest"; earlier is always in time.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Literal

from engine.core.calendar import ONE_DAY, Calendar
from engine.core.counting import Counting, Roll
from engine.core.derivation import derive
from engine.core.periods import Period, Unit
from engine.errors import InputError, Text

Light = Literal["green", "yellow", "red"]

HOURS_A_DAY = 24


@dataclass(frozen=True, slots=True)
class Stage:
    """One leg of a plan: what time it needs, and the source that says so.

    A forward counting runs from the day this stage begins to the day the next is due. A
    backward one is counted back from the day the next is due. Without a counting the stage
    waits for one of `sittings`; one `around` such a sitting runs past it, to the day for which
    the sitting is wanted, but begins before it. `title` names the day on which the stage must
    begin, `span` what is done meanwhile.
    """

    name: str
    counting: Counting | None
    source: str
    title: Text
    span: Text | None = None
    sittings: tuple[date, ...] = ()
    around: bool = False

    @property
    def backward(self) -> bool:
        """Whether its day is counted back from the next."""
        return self.counting is not None and self.counting.backward is not None


@dataclass(frozen=True, slots=True)
class Meeting:
    """A body that deals with the paper; `first` is the one that the plan leads up to."""

    body: str
    day: date
    first: bool = False


@dataclass(frozen=True, slots=True)
class Point:
    """The latest day on which a stage may begin; the meeting itself has no stage."""

    name: str
    day: date
    stage: Stage | None

    @property
    def sits(self) -> bool:
        """Whether somebody meets on that day: what leads up to it is over the day before."""
        return self.stage is None or self.stage.counting is None


@dataclass(frozen=True, slots=True)
class Plan:
    """The points from the meeting back to the day by which all must have begun.

    `meetings` are all the bodies that deal with the paper, the last of them first. `missing`
    are legs that wait for a sitting of which none is early enough: the plan cannot be kept.
    """

    points: tuple[Point, ...]
    meetings: tuple[Meeting, ...] = ()
    missing: tuple[Stage, ...] = ()

    @property
    def begin(self) -> date:
        """Return the earliest point: the last day on which all is still in time."""
        return self.points[-1].day

    def point(self, name: str) -> Point | None:
        """Return the point of that name, None where no rule gives the leg a length."""
        return next((p for p in self.points if p.name == name), None)

    def reserve(self, today: date, calendar: Calendar) -> int:
        """Return the working days in hand after `today`; negative once it is too late."""
        return calendar.working_days_between(today, self.begin)

    def light(self, today: date, calendar: Calendar, margin: Counting | None) -> Light:
        """Return red once the begin has passed, yellow where a `margin` from today passes it."""
        if self.missing:
            return "red"
        return light(today, self.begin, calendar, margin)


def light(day: date, needed: date, calendar: Calendar, margin: Counting | None) -> Light:
    """Return red where a `day` is later than the one needed, yellow where a `margin` is."""
    if day > needed:
        return "red"
    if margin is None or derive(margin, day, calendar).last_day <= needed:
        return "green"
    return "yellow"


def plan_backwards(
    first: date,
    stages: Iterable[Stage | tuple[Stage, ...]],
    calendar: Calendar,
    meetings: tuple[Meeting, ...] = (),
) -> Plan:
    """Return the plan for a meeting on `first`, its stages named from the meeting back.

    Of several stages in one place, the periods that several provisions lay down, the one
    that must begin earliest holds. Every point but a sitting falls on a working day, because
    people must act on it. A period that leads up to a sitting is over the day before.
    """
    calendar.require(first)
    points = [Point("session", first, None)]
    missing: list[Stage] = []
    for leg in stages:
        choices = leg if isinstance(leg, tuple) else (leg,)
        found = [p for s in choices if (p := _point(s, points, calendar)) is not None]
        if found:
            points.append(min(found, key=lambda p: p.day))
        else:
            missing += choices
    return Plan(tuple(points), meetings, tuple(missing))


def _point(stage: Stage, points: list[Point], calendar: Calendar) -> Point | None:
    """Return the latest day for a stage, None where it waits for a sitting that is not there."""
    after = points[-1]
    due = after.day - ONE_DAY if after.sits and not stage.backward else after.day
    if stage.counting is None:
        day = max((d for d in stage.sittings if d <= due), default=None)
        return None if day is None else Point(stage.name, day, stage)
    if stage.around and not stage.backward and after.sits and len(points) > 1:
        day = min(due, _latest_begin(stage.counting, points[-2].day, calendar))
    else:
        day = _latest_begin(stage.counting, due, calendar)
    return Point(stage.name, calendar.last_working_day(day), stage)


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


@lru_cache(maxsize=16_384)
def _latest_begin(counting: Counting, due: date, calendar: Calendar) -> date:
    if counting.backward is not None:
        return derive(counting, due, calendar).last_day
    if counting.by_the_hour:
        counting = _in_days(counting)
    return latest_trigger(counting, due, calendar)


def _in_days(counting: Counting) -> Counting:
    """Return hours as the whole days they take at most: a plan names no time of the day."""
    length, least, most = map(_days, (counting.period, counting.at_least, counting.at_most))
    assert length is not None
    return Counting(length, at_least=least, at_most=most, roll=Roll.NONE)


def _days(period: Period | None) -> Period | None:
    if period is None or period.unit is not Unit.HOUR:
        return period
    return Period(-(-period.count // HOURS_A_DAY), Unit.DAY)
