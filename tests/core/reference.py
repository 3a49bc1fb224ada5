"""§§ 187 to 193 BGB once more, ticked off in a paper calendar, one day after the other.

Slow on purpose, and written from the text of the norms alone: with the engine it shares only
the values in which a rule is put. Where the engine computes a date, this walks to it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from engine.core.counting import Backward, Counting, Roll
from engine.core.periods import Period, Unit

ONE_DAY, ONE_HOUR = timedelta(days=1), timedelta(hours=1)
SATURDAY, SUNDAY = 6, 7
BERLIN = ZoneInfo("Europe/Berlin")


@dataclass(frozen=True)
class Place:
    """A place with its public holidays, and the days on which its office is shut."""

    holidays: frozenset[date]
    shut: frozenset[date] = frozenset()

    def is_werktag(self, day: date) -> bool:
        """Neither a Sunday nor a public holiday (§ 3 (2) BUrlG)."""
        return day.isoweekday() != SUNDAY and day not in self.holidays

    def is_arbeitstag(self, day: date) -> bool:
        """Monday to Friday without holidays (§ 4 (1) no. 2 BPersVG), and not shut."""
        return self.is_werktag(day) and day.isoweekday() != SATURDAY and day not in self.shut

    def may_end(self, day: date) -> bool:
        """No Sunday, no holiday, no Saturday (§ 193 BGB)."""
        return self.is_werktag(day) and day.isoweekday() != SATURDAY


def brandenburg(years: range, shut: frozenset[date] = frozenset()) -> Place:
    """Return Brandenburg by § 2 (1) FTG: twelve holidays a year."""
    return Place(frozenset(day for year in years for day in _feiertage(year)), shut)


def _feiertage(year: int) -> Iterator[date]:
    fixed = ((1, 1), (5, 1), (10, 3), (10, 31), (12, 25), (12, 26))
    yield from (date(year, month, day) for month, day in fixed)
    yield from (easter(year) + timedelta(days) for days in (-2, 0, 1, 39, 49, 50))


def easter(year: int) -> date:
    """Return Easter Sunday: the Sunday after the first full moon of spring (Gauss, Lichtenberg)."""
    century = year // 100
    moon = 15 + (3 * century + 3) // 4 - (8 * century + 13) // 25
    sun = 2 - (3 * century + 3) // 4
    a = year % 19
    d = (19 * a + moon) % 30
    full_moon = 21 + d - (d + a // 11) // 29
    first_sunday = 7 - (year + year // 4 + sun) % 7
    return date(year, 3, 1) + timedelta(full_moon + 6 - (full_moon - first_sunday) % 7)


def last_day(rule: Counting, event: date, place: Place) -> date:
    """Return the last day of the period that `event` sets running, or the latest day before it."""
    return moved(rule, before_any_shift(rule, event, place), place)


def before_any_shift(rule: Counting, event: date, place: Place) -> date:
    """Return the day on which the period ends by §§ 187 to 189 alone, within its bounds.

    The bounds are periods from the same event; where both bind, the lower one wins.
    """
    day = one_period(rule, rule.period, event, place)
    if rule.at_most is not None:
        ceiling = one_period(rule, rule.at_most, event, place)
        day = ceiling if _nearer(rule, ceiling, day) else day
    if rule.at_least is not None:
        floor = one_period(rule, rule.at_least, event, place)
        day = floor if _nearer(rule, day, floor) else day
    return day


def _nearer(rule: Counting, a: date, b: date) -> bool:
    return a < b if rule.backward is None else a > b


def moved(rule: Counting, day: date, place: Place) -> date:
    """Return the day that takes the place of one on which no period may end (§ 193 BGB)."""
    roll = rule.roll or (Roll.NEXT if rule.backward is None else Roll.NONE)
    while roll is not Roll.NONE and not place.may_end(day):
        day += ONE_DAY if roll is Roll.NEXT else -ONE_DAY
    return day


def one_period(rule: Counting, period: Period, event: date, place: Place) -> date:
    """Return the day that one period reaches from `event`, forwards or backwards."""
    if rule.backward is None:
        return _walked(period, event, place, ONE_DAY, rule.day_start)
    day = _walked(period, event, place, -ONE_DAY, counted=False)
    # Clear days lie whole between the act and the event: the act is due the day before them.
    return day - ONE_DAY if rule.backward is Backward.CLEAR else day


def _walked(period: Period, event: date, place: Place, step: timedelta, counted: bool) -> date:
    """Walk a period; `counted` says that the day it starts on is counted (§ 187 (2) BGB)."""
    if period.unit is Unit.WEEK:
        same = _same_weekday(event, period.count, step)
        return same - ONE_DAY if counted else same
    if period.unit is Unit.MONTH:
        return _same_number(event, period.count, step, counted)
    if period.unit is Unit.HALF_MONTH:
        return _with_half_months(period.count, event, step, counted)
    first = event if counted else event + step
    return _ticked_off(first, period.count, step, _counts(period.unit, place))


def _counts(unit: Unit, place: Place) -> Callable[[date], bool]:
    usual: dict[Unit, Callable[[date], bool]] = {
        Unit.WORKING_DAY: place.is_arbeitstag,
        Unit.WERKTAG: place.is_werktag,
    }
    return usual.get(unit, lambda day: True)


def _ticked_off(first: date, count: int, step: timedelta, counts: Callable[[date], bool]) -> date:
    """Return the day on which `count` counted days are full, `first` among them (§ 188 (1))."""
    day, seen = first, int(counts(first))
    while seen < count:
        day += step
        seen += counts(day)
    return day


def _same_weekday(event: date, weeks: int, step: timedelta) -> date:
    """Return the day of the last week that corresponds by its name to `event` (§ 188 (2))."""
    day, seen = event, 0
    while seen < weeks:
        day += step
        seen += day.isoweekday() == event.isoweekday()
    return day


def _same_number(event: date, months: int, step: timedelta, counted: bool) -> date:
    """Return the day of the last month that corresponds by its number (§ 188 (2)).

    If the start is counted, it is the day before that; if the month lacks it, its last day
    (§ 188 (3)).
    """
    day, turns = event, 0
    while turns < months:
        turns += (day + step).month != day.month
        day += step
    month = list(_month_of(day))
    for candidate in month:
        if candidate.day == event.day:
            return candidate - ONE_DAY if counted else candidate
    return month[-1]


def _month_of(day: date) -> Iterator[date]:
    month = day.month
    while day.day > 1:
        day -= ONE_DAY
    while day.month == month:
        yield day
        day += ONE_DAY


def _with_half_months(halves: int, event: date, step: timedelta, counted: bool) -> date:
    """Half a month is 15 days (§ 189 (1)); whole months come first, the days last (§ 189 (2))."""
    day = event - ONE_DAY if counted else event
    if halves > 1:
        day = _same_number(event, halves // 2, step, counted)
    for _ in range(15 * (halves % 2)):
        day += step
    return day


def end_of(day: date) -> datetime:
    """Return the local midnight with which a day ends, in UTC."""
    after = day + ONE_DAY
    return datetime(after.year, after.month, after.day, tzinfo=BERLIN).astimezone(UTC)


def end_in_hours(rule: Counting, event: datetime, place: Place) -> datetime:
    """Return the end of a period in hours that has elapsed on no clock but time's own.

    Nights, Sundays and holidays count (§ 31 (6) VwVfG); a bound in days ends with its day.
    """

    def end(period: Period) -> datetime:
        if period.unit is not Unit.HOUR:
            day = event.astimezone(BERLIN).date()
            return end_of(moved(rule, one_period(rule, period, day, place), place))
        instant = event.astimezone(UTC)
        for _ in range(period.count):
            instant += ONE_HOUR
        return instant

    ends = end(rule.period)
    if rule.at_most is not None:
        ends = min(ends, end(rule.at_most))
    if rule.at_least is not None:
        ends = max(ends, end(rule.at_least))
    return ends


def extended(rule: Counting, end: date, by: Period, place: Place) -> date:
    """Return the end of a new period that runs from the end of the former one (§ 190 BGB).

    From the end as it was shifted: BGH, 14 December 2005, IX ZB 198/04.
    """
    return moved(rule, _walked(by, end, place, ONE_DAY, counted=False), place)


def rested(rule: Counting, event: date, end: date, rest: tuple[date, date], place: Place) -> date:
    """Return the end of a period of which the days from `rest[0]` to before `rest[1]` are lost.

    Each lost day that would have counted is given back after the end, in the same kind of day.
    """
    counts = _counts(rule.period.unit, place)
    first = event if rule.day_start else event + ONE_DAY
    lost, day = 0, rest[0]
    while day < rest[1]:
        lost += day >= first and counts(day)
        day += ONE_DAY
    if lost == 0:
        return end
    return moved(rule, _ticked_off(end + ONE_DAY, lost, ONE_DAY, counts), place)
