"""Where a deadline comes from: counting, event and calendar, and every change since.

A derivation is small and complete: with the calendar of its digest it can be counted again
at any time (`engine.core.deadlines.recompute`) and told as "So wurde gerechnet"
(`engine.core.explanation`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Any

from engine.core.calendar import ONE_DAY, Calendar, end_of, in_utc, local_day
from engine.core.counting import Backward, Counting, Roll, bounded, reached, rolled
from engine.core.periods import Period, Unit
from engine.errors import InputError

_MOMENT = timedelta(microseconds=1)


class ChangeKind(StrEnum):
    """What can happen to a deadline that runs."""

    EXTENDED = "extended"
    EXTENDED_TO = "extended_to"
    AGREED = "agreed"
    PAUSED = "paused"
    RESUMED = "resumed"
    KEPT = "kept"


@dataclass(frozen=True, slots=True)
class Change:
    """Something that happened `on` a day to a running deadline, with the key of its reason.

    `period` belongs to an extension by a period, `until` to one up to a named day
    and to an agreement on a day. A kept deadline was counted again and does not end before
    `until`.
    `retroactive` says that the deadline had already passed (§ 31 (7) VwVfG).
    """

    kind: ChangeKind
    on: date | datetime
    reason: str = ""
    period: Period | None = None
    until: date | None = None
    retroactive: bool = False


@dataclass(frozen=True, slots=True)
class Derivation:
    """A deadline and everything it follows from.

    `last_day` is the local day within which the act is in time, `ends_at` the UTC instant at
    which that time is over. `trigger` is a day, or an instant in UTC; `counting` is None for
    a named day that counts from nothing.
    """

    counting: Counting | None
    trigger: date | datetime
    last_day: date
    ends_at: datetime
    calendar: str
    calendar_digest: str
    changes: tuple[Change, ...] = ()

    @property
    def paused_on(self) -> date | datetime | None:
        """Return when the pause began that still lasts, or None while the deadline runs."""
        for change in reversed(self.changes):
            if change.kind is ChangeKind.RESUMED:
                return None
            if change.kind is ChangeKind.PAUSED:
                return change.on
        return None

    @property
    def unit(self) -> Unit:
        """Return what is counted in; a named day moves by calendar days."""
        return Unit.DAY if self.counting is None else self.counting.period.unit

    @property
    def rolls(self) -> Roll:
        """Return where the end goes on a closed day; a named day stands."""
        return Roll.NONE if self.counting is None else self.counting.rolls

    @property
    def is_backward(self) -> bool:
        """Return whether the deadline is counted back from its event."""
        return self.counting is not None and self.counting.backward is not None

    @property
    def first_counted(self) -> date:
        """Return the first day that counts (§ 187 BGB); a named day counts from nothing."""
        if self.counting is None:
            return date.min
        day = local_day(self.trigger)
        return day if self.counting.day_start else day + ONE_DAY


def derive(counting: Counting, trigger: date | datetime, calendar: Calendar) -> Derivation:
    """Return the deadline that an event on `trigger` sets running.

    Hours need an aware instant; they run through nights, Sundays and holidays and do not
    roll (§ 31 (6) VwVfG). Raises InputError where the calendar does not know the years.

    >>> easter = Calendar("BB", 2026, 2026, {date(2026, 4, 6): "Ostermontag"})
    >>> str(derive(Counting(Period(1, Unit.WEEK)), date(2026, 3, 30), easter).last_day)
    '2026-04-07'
    """
    if counting.by_the_hour:
        return _derived_in_hours(counting, trigger, calendar)
    if isinstance(trigger, datetime):
        return _derived(counting, in_utc(trigger), local_day(trigger), calendar)
    return _derived_from_day(counting, trigger, calendar)


@lru_cache(maxsize=16_384)
def _derived_from_day(counting: Counting, day: date, calendar: Calendar) -> Derivation:
    """Many deadlines begin on one day; what follows from it is the same for all of them.

    Never for instants: in the hour that autumn repeats, two of them pass for equal.
    """
    return _derived(counting, day, day, calendar)


def _derived(
    counting: Counting, trigger: date | datetime, day: date, calendar: Calendar
) -> Derivation:
    calendar.require(day)
    last_day = rolled(bounded(counting, day, calendar), counting.rolls, calendar)
    return Derivation(
        counting, trigger, last_day, end_of(last_day), calendar.id, calendar.digest, ()
    )


def _derived_in_hours(
    counting: Counting, trigger: date | datetime, calendar: Calendar
) -> Derivation:
    begun = in_utc(trigger)
    if not isinstance(begun, datetime):
        raise needs_time(begun)
    day = local_day(begun)
    calendar.require(day)

    def end(period: Period) -> datetime:
        if period.unit is Unit.HOUR:
            # Elapsed time is only right in UTC: local clocks jump twice a year.
            return begun + timedelta(hours=period.count)
        return end_of(rolled(reached(counting, period, day, calendar), counting.rolls, calendar))

    ends_at = end(counting.period)
    if counting.at_most is not None:
        ends_at = min(ends_at, end(counting.at_most))
    if counting.at_least is not None:
        ends_at = max(ends_at, end(counting.at_least))
    last_day = day_within(ends_at)
    calendar.require(last_day)
    return Derivation(counting, begun, last_day, ends_at, calendar.id, calendar.digest, ())


def fixed(day: date) -> Derivation:
    """Return a Termin: a named day that stands, also on a weekend (§ 31 (5) VwVfG)."""
    return Derivation(None, day, day, end_of(day), "", "", ())


def day_within(ends_at: datetime) -> date:
    """Return the local day on which time that ends at `ends_at` is last in hand."""
    return local_day(ends_at - _MOMENT)


def needs_time(day: date) -> InputError:
    """Return the error for a day given where hours are counted."""
    return InputError(
        f"Eine Frist in Stunden braucht die Uhrzeit; {day:%d.%m.%Y} nennt nur den Tag. "
        "Geben Sie Tag, Uhrzeit und Zeitzone an.",
        f"A period in hours needs the time; {day:%d.%m.%Y} names only the day. "
        "Give day, time and time zone.",
    )


def as_plain(derivation: Derivation) -> dict[str, Any]:
    """Return the derivation in values that JSON knows; what is not set is left out."""
    counting = derivation.counting
    return {
        "counting": None if counting is None else _plain_counting(counting),
        "trigger": _plain_moment(derivation.trigger),
        "last_day": derivation.last_day.isoformat(),
        "ends_at": _plain_moment(derivation.ends_at),
        "calendar": derivation.calendar,
        "calendar_digest": derivation.calendar_digest,
        "changes": [_plain_change(change) for change in derivation.changes],
    }


def from_plain(plain: Mapping[str, Any]) -> Derivation:
    """Return the derivation that `as_plain` wrote down."""
    counting = plain["counting"]
    return Derivation(
        None if counting is None else _counting(counting),
        _moment(plain["trigger"]),
        date.fromisoformat(plain["last_day"]),
        datetime.fromisoformat(plain["ends_at"]),
        plain["calendar"],
        plain["calendar_digest"],
        tuple(_change(change) for change in plain["changes"]),
    )


def _plain_counting(counting: Counting) -> dict[str, Any]:
    return _set(
        period=_plain_period(counting.period),
        at_least=_plain_period(counting.at_least),
        at_most=_plain_period(counting.at_most),
        day_start=counting.day_start,
        roll=counting.roll and counting.roll.value,
        backward=counting.backward and counting.backward.value,
    )


def _counting(plain: Mapping[str, Any]) -> Counting:
    return Counting(
        Period(plain["period"]["count"], Unit(plain["period"]["unit"])),
        at_least=_period(plain.get("at_least")),
        day_start=plain.get("day_start", False),
        roll=Roll(plain["roll"]) if "roll" in plain else None,
        backward=Backward(plain["backward"]) if "backward" in plain else None,
        at_most=_period(plain.get("at_most")),
    )


def _plain_change(change: Change) -> dict[str, Any]:
    return _set(
        kind=change.kind.value,
        on=_plain_moment(change.on),
        reason=change.reason,
        period=_plain_period(change.period),
        until=change.until and change.until.isoformat(),
        retroactive=change.retroactive,
    )


def _change(plain: Mapping[str, Any]) -> Change:
    return Change(
        ChangeKind(plain["kind"]),
        _moment(plain["on"]),
        plain.get("reason", ""),
        _period(plain.get("period")),
        date.fromisoformat(plain["until"]) if "until" in plain else None,
        plain.get("retroactive", False),
    )


def _plain_period(period: Period | None) -> dict[str, Any] | None:
    return None if period is None else {"count": period.count, "unit": period.unit.value}


def _period(plain: Mapping[str, Any] | None) -> Period | None:
    return None if plain is None else Period(plain["count"], Unit(plain["unit"]))


def _plain_moment(moment: date | datetime) -> str:
    if isinstance(moment, datetime):
        return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return moment.isoformat()


def _moment(plain: str) -> date | datetime:
    return datetime.fromisoformat(plain) if "T" in plain else date.fromisoformat(plain)


def _set(**values: Any) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value}
