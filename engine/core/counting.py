"""How a rule lets days be counted, and the counting itself, one day at a time.

Forwards: §§ 187 to 189 and 193 BGB. Backwards there is no general statute; the model is
§ 121 (7) and § 123 (1) AktG: the day counted back from is not counted, and the result is
never moved towards it (FR-19). All arithmetic is on local calendar days.
"""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum

from engine.core.calendar import ONE_DAY, Calendar
from engine.core.periods import Period, Unit
from engine.errors import InputError

HALF_MONTH_DAYS = 15


class Roll(StrEnum):
    """Where a period goes that would end on a Saturday, Sunday or holiday."""

    NEXT = "next"
    NONE = "none"
    PREVIOUS = "previous"


class Backward(StrEnum):
    """How days before an event are read (FR-20).

    `clear`: that many full days lie between the act and the event: in calendar days
    E - (N + 1), else the day before the first full one.
    `nth`: the act is due on the N-th day before the event, E - N.
    """

    CLEAR = "clear"
    NTH = "nth"


@dataclass(frozen=True, slots=True)
class Counting:
    """A period and how it is counted, as a rule lays it down.

    `at_least` and `at_most` bound the length by a second period from the same event (one
    month, but not less than 30 days); where both bind, `at_least` wins, because it protects
    the one who is heard. `day_start` counts the first day in (§ 187 (2) BGB). Without
    `roll` a period goes to the next open day forwards (§ 193 BGB) and stays backwards.
    Raises InputError for combinations that no rule can mean.
    """

    period: Period
    at_least: Period | None = None
    day_start: bool = False
    roll: Roll | None = None
    backward: Backward | None = None
    at_most: Period | None = None
    rolls: Roll = field(init=False, repr=False, compare=False)
    by_the_hour: bool = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Settle the roll, and refuse what contradicts itself."""
        hours = any(period.unit is Unit.HOUR for period in self.periods)
        usual = Roll.NEXT if self.backward is None else Roll.NONE
        object.__setattr__(self, "rolls", usual if self.roll is None else self.roll)
        object.__setattr__(self, "by_the_hour", hours)
        if self.backward is not None and self.roll is Roll.NEXT:
            raise InputError(
                "Eine rückwärts gezählte Frist wird nie nach hinten verlegt (§ 121 Abs. 7 AktG "
                "als Vorbild): roll darf hier nur none oder previous sein.",
                "A period counted backwards is never moved towards its event (§ 121 (7) AktG "
                "as the model): roll may only be none or previous here.",
            )
        if self.day_start and (self.backward is not None or hours):
            raise InputError(
                "day_start (§ 187 Abs. 2 BGB) gilt nur für vorwärts gezählte Tage, Wochen und "
                "Monate: lassen Sie day_start weg.",
                "day_start (§ 187 (2) BGB) is only for days, weeks and months counted forwards: "
                "leave day_start out.",
            )
        if hours and self.backward is not None:
            raise InputError(
                "Stunden werden nur vorwärts gezählt: nennen Sie die Frist in Tagen.",
                "Hours are only counted forwards: name the period in days.",
            )

    @property
    def periods(self) -> tuple[Period, ...]:
        """Return the period and its bounds, as far as there are any."""
        return tuple(p for p in (self.period, self.at_least, self.at_most) if p is not None)


def bounded(counting: Counting, trigger: date, calendar: Calendar) -> date:
    """Return the last day within floor and ceiling, before any roll."""
    last = reached(counting, counting.period, trigger, calendar)
    shorter, longer = (min, max) if counting.backward is None else (max, min)
    if counting.at_most is not None:
        last = shorter(last, reached(counting, counting.at_most, trigger, calendar))
    if counting.at_least is not None:
        last = longer(last, reached(counting, counting.at_least, trigger, calendar))
    return last


def reached(counting: Counting, period: Period, trigger: date, calendar: Calendar) -> date:
    """Return the day that one `period` reaches from `trigger`, before floor and roll."""
    if counting.backward is None:
        return forwards(period, trigger, calendar, counting.day_start)
    return _backwards(period, trigger, calendar, counting.backward is Backward.CLEAR)


def forwards(period: Period, trigger: date, calendar: Calendar, day_start: bool = False) -> date:
    """Return the last day of a period of days, weeks or months that `trigger` sets running.

    The day of the event does not count (§ 187 (1) BGB); with `day_start` it does (§ 187 (2)).
    Months end on the day of the same number, or the last day of a shorter month (§ 188).
    """
    unit, count = period.unit, period.count
    if unit is Unit.DAY:
        return trigger + timedelta(count - day_start)
    if unit is Unit.WEEK:
        return trigger + timedelta(7 * count - day_start)
    if unit is Unit.MONTH:
        return _months_on(trigger, count, day_start)
    if unit is Unit.HALF_MONTH:
        months, half = divmod(count, 2)
        whole = _months_on(trigger, months, day_start) if months else trigger - day_start * ONE_DAY
        return whole + timedelta(HALF_MONTH_DAYS * half)
    before = trigger - ONE_DAY if day_start else trigger
    if unit is Unit.WORKING_DAY:
        return calendar.nth_working_day(before, count)
    return calendar.nth_werktag(before, count)


def _backwards(period: Period, event: date, calendar: Calendar, clear: bool) -> date:
    """Return the latest day before `event`; the day of the event does not count.

    With clear days it is the day before the first full one, so that all of them lie in
    between; it may be a Sunday, because nothing moves it (FR-19, FR-20). A month that lacks
    the day gives its last day (FR-21, the cautious reading: no norm says).
    """
    return _nth_before(period, event, calendar) - clear * ONE_DAY


def _nth_before(period: Period, event: date, calendar: Calendar) -> date:
    unit, count = period.unit, period.count
    if unit is Unit.WORKING_DAY:
        return calendar.nth_working_day(event, -count)
    if unit is Unit.WERKTAG:
        return calendar.nth_werktag(event, -count)
    if unit is Unit.DAY:
        return event - timedelta(count)
    if unit is Unit.WEEK:
        return event - timedelta(7 * count)
    months, half = divmod(count, 2) if unit is Unit.HALF_MONTH else (count, 0)
    return _months_on(event, -months, False) - timedelta(HALF_MONTH_DAYS * half)


def _months_on(day: date, months: int, day_start: bool) -> date:
    """Return the day of the same number `months` later, or the one before it (§ 188 (2))."""
    number = day.day
    if day_start:
        number -= 1
        if number == 0:
            months, number = months - 1, 31
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(number, monthrange(year, month + 1)[1]))


def missing_day(counting: Counting, trigger: date) -> tuple[int, date] | None:
    """Return the day number that the last month lacks, and its last day (§ 188 (3) BGB).

    None where the month has the day, or where no months are counted.
    """
    period = counting.period
    months = {Unit.MONTH: period.count, Unit.HALF_MONTH: period.count // 2}.get(period.unit, 0)
    if months == 0:
        return None
    end = _months_on(trigger, months if counting.backward is None else -months, counting.day_start)
    number = trigger.day - counting.day_start
    return (number, end) if number > end.day else None


def rolled(day: date, roll: Roll, calendar: Calendar) -> date:
    """Return `day`, or the open day to which it moves where offices are closed (§ 193 BGB)."""
    if roll is Roll.NEXT:
        return calendar.next_open(day)
    if roll is Roll.PREVIOUS:
        return calendar.previous_open(day)
    calendar.require(day)
    return day
