"""Deadlines: derived from an event, extended, paused, resumed, and counted again.

The one door to the law of deadlines; the counting itself is in `engine.core.counting`.
Chained stages each start from their own event and are simply derived anew (FR-16), and a
suspension that stops nothing else is a derivation of its own.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

from engine.core.calendar import ONE_DAY, Calendar, end_of, in_utc, local_day
from engine.core.counting import Backward, Counting, Roll, forwards, rolled
from engine.core.derivation import (
    Change,
    ChangeKind,
    Derivation,
    as_plain,
    day_within,
    derive,
    fixed,
    from_plain,
    needs_time,
)
from engine.core.periods import Period, Unit
from engine.errors import InputError

__all__ = [
    "Backward",
    "Change",
    "ChangeKind",
    "Counting",
    "Derivation",
    "Period",
    "Roll",
    "Unit",
    "agree",
    "applied",
    "as_plain",
    "derive",
    "extend",
    "extend_to",
    "fixed",
    "from_plain",
    "kept",
    "pause",
    "recompute",
    "resume",
]


def extend(
    derivation: Derivation, period: Period, on: date, calendar: Calendar, reason: str = ""
) -> Derivation:
    """Return the deadline extended by `period` from its end as shifted (§ 190 BGB, FR-15).

    Also after it has passed: then the change is marked retroactive. Raises InputError for a
    deadline counted backwards, whose end protects the day it is counted from.
    """
    if derivation.is_backward:
        raise InputError(
            "Eine rückwärts gezählte Frist lässt sich nicht um eine Zeit verlängern: "
            "nennen Sie einen Tag.",
            "A period counted backwards cannot be extended by a length: name a day.",
        )
    change = Change(ChangeKind.EXTENDED, on, reason, period=period)
    return applied(_counted_on(derivation, calendar), change, calendar)


def extend_to(derivation: Derivation, until: date, on: date, reason: str = "") -> Derivation:
    """Return the deadline extended to a named day, which stands as named (FR-10, FR-15).

    Raises InputError unless the day is later: a running deadline is not shortened.
    """
    if until <= derivation.last_day:
        raise InputError(
            f"Die Frist läuft bereits bis {derivation.last_day:%d.%m.%Y}; {until:%d.%m.%Y} "
            "verlängert sie nicht. Nennen Sie einen späteren Tag.",
            f"The deadline already runs until {derivation.last_day:%d.%m.%Y}; "
            f"{until:%d.%m.%Y} does not extend it. Name a later day.",
        )
    return _extended_to(derivation, Change(ChangeKind.EXTENDED_TO, on, reason, until=until))


def agree(derivation: Derivation, until: date, on: date, reason: str = "") -> Derivation:
    """Return the deadline on the day agreed with the one it protects, earlier or later.

    Only where a norm permits it: § 32 (2) BGleiG, § 70 (3) BPersVG. Raises InputError once the
    deadline has passed, for a day that is over already or lies before its event, and for a
    deadline counted backwards.
    """
    if derivation.is_backward:
        raise InputError(
            "Eine rückwärts gezählte Frist wird nicht vereinbart: sie hängt an dem Tag, von dem "
            "aus sie gezählt ist. Verlegen Sie diesen.",
            "A period counted backwards is not agreed on: it hangs on the day it is counted "
            "from. Move that day.",
        )
    if on > min(until, derivation.last_day):
        raise InputError(
            f"Am {on:%d.%m.%Y} lässt sich der {until:%d.%m.%Y} nicht mehr vereinbaren. Die Frist "
            f"läuft bis {derivation.last_day:%d.%m.%Y}; nennen Sie einen Tag, der noch nicht "
            "vorbei ist, solange sie läuft.",
            f"On {on:%d.%m.%Y} it is too late to agree on {until:%d.%m.%Y}. The deadline runs "
            f"until {derivation.last_day:%d.%m.%Y}; name a day that is not over while it runs.",
        )
    begins = _begins(derivation)
    if begins is not None and until < begins:
        raise InputError(
            f"Der {until:%d.%m.%Y} liegt vor dem {begins:%d.%m.%Y}, an dem die Frist erst beginnt. "
            "Nennen Sie diesen oder einen späteren Tag.",
            f"{until:%d.%m.%Y} lies before {begins:%d.%m.%Y}, on which the deadline only begins. "
            "Name this day or a later one.",
        )
    return _extended_to(derivation, Change(ChangeKind.AGREED, on, reason, until=until))


def kept(derivation: Derivation, until: date, on: date, reason: str = "") -> Derivation:
    """Return a deadline that was counted again and does not end before `until`.

    The later of both days stands: who was told of a day may rely on it.
    """
    return _kept(derivation, Change(ChangeKind.KEPT, on, reason, until=until))


def pause(derivation: Derivation, on: date | datetime, reason: str = "") -> Derivation:
    """Return the deadline at rest from `on`; that day no longer counts.

    Its last day stays as it is until the deadline runs on. Raises InputError if it already
    rests, has not begun or has passed, or is counted backwards from an event.
    """
    _may_pause(derivation, on)
    return _noted(derivation, Change(ChangeKind.PAUSED, in_utc(on), reason))


def resume(
    derivation: Derivation, on: date | datetime, calendar: Calendar, reason: str = ""
) -> Derivation:
    """Return the deadline running on from `on`; that day counts again.

    The days from the pause until the day before `on` do not count. A period in days, weeks
    or months moves its end by as many calendar days and then rolls, one in working days or
    Werktage by as many of these, one in hours by the time elapsed. Raises InputError if the
    deadline does not rest, or would run on before it rested.
    """
    since = derivation.paused_on
    if since is None:
        raise InputError(
            "Die Frist ruht nicht; sie kann nicht weiterlaufen.",
            "The deadline is not at rest; it cannot run on.",
        )
    if _in_order(derivation, on) < _in_order(derivation, since):
        raise InputError(
            f"Die Frist ruht seit {local_day(since):%d.%m.%Y} und kann nicht schon am "
            f"{local_day(on):%d.%m.%Y} weiterlaufen. Nennen Sie einen späteren Zeitpunkt.",
            f"The deadline rests since {local_day(since):%d.%m.%Y} and cannot run on from "
            f"{local_day(on):%d.%m.%Y} already. Name a later time.",
        )
    change = Change(ChangeKind.RESUMED, in_utc(on), reason)
    return applied(_counted_on(derivation, calendar), change, calendar)


def recompute(derivation: Derivation, calendar: Calendar) -> Derivation:
    """Return the deadline counted again from its event, with all its changes, on `calendar`.

    On the calendar it was counted with, this is the same derivation; anything else means
    that it was altered. On a changed calendar it is what now applies.
    """
    if derivation.counting is None:
        again = fixed(local_day(derivation.trigger))
    else:
        again = derive(derivation.counting, derivation.trigger, calendar)
    for change in derivation.changes:
        again = applied(again, change, calendar)
    return again


def applied(derivation: Derivation, change: Change, calendar: Calendar) -> Derivation:
    """Return the deadline after a change that has been found permissible."""
    if change.kind is ChangeKind.EXTENDED:
        return _extended(derivation, change, calendar)
    if change.kind in (ChangeKind.EXTENDED_TO, ChangeKind.AGREED):
        return _extended_to(derivation, change)
    if change.kind is ChangeKind.RESUMED:
        return _run_on(derivation, change, calendar)
    if change.kind is ChangeKind.KEPT:
        return _kept(derivation, change)
    return _noted(derivation, change)


def paused_days(derivation: Derivation, again: date | datetime, calendar: Calendar) -> int:
    """Return how many counted days the pause has taken that ends before `again`.

    In calendar days, working days or Werktage, as the deadline is counted.
    """
    if derivation.paused_on is None:
        return 0
    first = max(local_day(derivation.paused_on), derivation.first_counted)
    days = [first + n * ONE_DAY for n in range((local_day(again) - first).days)]
    if derivation.unit is Unit.WORKING_DAY:
        return sum(map(calendar.is_working_day, days))
    if derivation.unit is Unit.WERKTAG:
        return sum(map(calendar.is_werktag, days))
    return len(days)


def _extended(derivation: Derivation, change: Change, calendar: Calendar) -> Derivation:
    assert change.period is not None, "an extension by a period names the period"
    if change.period.unit is Unit.HOUR:
        ends_at = derivation.ends_at + timedelta(hours=change.period.count)
    else:
        last_day = forwards(change.period, derivation.last_day, calendar)
        ends_at = end_of(rolled(last_day, derivation.rolls, calendar))
    return _moved(derivation, _judged(derivation, change), ends_at, calendar)


def _extended_to(derivation: Derivation, change: Change) -> Derivation:
    assert change.until is not None, "an extension to a day, or an agreement, names the day"
    return _moved(derivation, _judged(derivation, change), end_of(change.until))


def _kept(derivation: Derivation, change: Change) -> Derivation:
    assert change.until is not None, "a deadline is kept until a named day"
    ends_at = max(derivation.ends_at, end_of(change.until))
    return _moved(derivation, change, ends_at)


def _run_on(derivation: Derivation, change: Change, calendar: Calendar) -> Derivation:
    if derivation.unit is Unit.HOUR:
        since, again = derivation.paused_on, change.on
        assert isinstance(since, datetime), "hours rest from a time"
        assert isinstance(again, datetime), "hours run on from a time"
        return _moved(derivation, change, derivation.ends_at + (again - since), calendar)
    count = paused_days(derivation, change.on, calendar)
    if count == 0:
        return _moved(derivation, change, derivation.ends_at, calendar)
    if derivation.unit is Unit.WORKING_DAY:
        last_day = calendar.nth_working_day(derivation.last_day, count)
    elif derivation.unit is Unit.WERKTAG:
        last_day = calendar.nth_werktag(derivation.last_day, count)
    else:
        last_day = derivation.last_day + timedelta(count)
    ends_at = end_of(rolled(last_day, derivation.rolls, calendar))
    return _moved(derivation, change, ends_at, calendar)


def _moved(
    derivation: Derivation, change: Change, ends_at: datetime, calendar: Calendar | None = None
) -> Derivation:
    """Return the deadline with a new end; where a calendar was asked, its digest is noted."""
    moved = replace(
        derivation,
        last_day=day_within(ends_at),
        ends_at=ends_at,
        changes=(*derivation.changes, change),
    )
    if calendar is None:
        return moved
    calendar.require(moved.last_day)
    return replace(moved, calendar=calendar.id, calendar_digest=calendar.digest)


def _noted(derivation: Derivation, change: Change) -> Derivation:
    return replace(derivation, changes=(*derivation.changes, change))


def _judged(derivation: Derivation, change: Change) -> Change:
    """Return the extension, marked where it comes after the end (§ 31 (7) VwVfG)."""
    return replace(change, retroactive=local_day(change.on) > derivation.last_day)


def _counted_on(derivation: Derivation, calendar: Calendar) -> Derivation:
    """Return the deadline as `calendar` counts it, so that one digest answers for all of it."""
    known = (derivation.calendar, derivation.calendar_digest)
    if derivation.calendar == "" or known == (calendar.id, calendar.digest):
        return derivation
    return recompute(derivation, calendar)


def _begins(derivation: Derivation) -> date | None:
    """Return the day of the event from which it is counted, None for a day that was named."""
    return None if derivation.counting is None else local_day(derivation.trigger)


def _may_pause(derivation: Derivation, on: date | datetime) -> None:
    day = local_day(on)
    if derivation.is_backward:
        raise InputError(
            "Eine rückwärts gezählte Frist ruht nicht: sie hängt an dem Tag, von dem aus sie "
            "gezählt ist. Verlegen Sie diesen.",
            "A period counted backwards cannot rest: it hangs on the day it is counted from. "
            "Move that day.",
        )
    if derivation.paused_on is not None:
        raise InputError(
            "Die Frist ruht bereits; sie muss erst weiterlaufen.",
            "The deadline is already at rest; it must run on first.",
        )
    begins = _begins(derivation) or day
    if not begins <= day <= derivation.last_day:
        raise InputError(
            f"Am {day:%d.%m.%Y} läuft die Frist nicht, sondern vom {begins:%d.%m.%Y} bis "
            f"{derivation.last_day:%d.%m.%Y}. Nennen Sie einen Tag dazwischen.",
            f"The deadline does not run on {day:%d.%m.%Y}, but from {begins:%d.%m.%Y} to "
            f"{derivation.last_day:%d.%m.%Y}. Name a day between these.",
        )
    _in_order(derivation, on)


def _in_order(derivation: Derivation, moment: date | datetime) -> datetime:
    """Return the instant by which moments of this deadline are put in order."""
    if derivation.unit is not Unit.HOUR:
        return end_of(local_day(moment))
    instant = in_utc(moment)
    if not isinstance(instant, datetime):
        raise needs_time(instant)
    return instant
