"""The steps of a reckoning: the way from an event to the last day, taken once more aloud.

Nothing is decided here: each step asks the functions that counted, and says what they did.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from engine.core.calendar import ONE_DAY, Calendar, end_of, local_day
from engine.core.counting import (
    Backward,
    Counting,
    Roll,
    bounded,
    forwards,
    missing_day,
    reached,
)
from engine.core.deadlines import applied, paused_days
from engine.core.derivation import Change, ChangeKind, Derivation, derive, fixed
from engine.core.periods import Period, Unit
from engine.core.wording import closed_runs, day_text, moment_text
from engine.errors import Text


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the reckoning: its kind, the day it is about, its norm, its words."""

    kind: str
    day: date | None
    norm: str
    text: Text


def _step(kind: str, day: date | None, de: str, en: str) -> Step:
    return Step(kind, day, "", Text(de, en))


def told(derivation: Derivation, calendar: Calendar, event: Text | None) -> Iterator[Step]:
    """Yield the steps from the event, or the named day, to the end; norms are still empty."""
    if derivation.counting is None:
        now = fixed(local_day(derivation.trigger))
        day = day_text(now.last_day)
        yield _step("named_day", now.last_day, f"Termin: {day.de}", f"Named day: {day.en}")
    else:
        now = derive(derivation.counting, derivation.trigger, calendar)
        yield from _begun(derivation.counting, now, event)
        if derivation.counting.by_the_hour:
            yield from _hours_counted(derivation.counting, now, calendar)
        else:
            yield from _days_counted(derivation.counting, now, calendar)
    for change in derivation.changes:
        before, now = now, applied(now, change, calendar)
        yield from _changed(before, now, calendar)
    yield _ended(now)


def end_text(derivation: Derivation) -> Text:
    """Return until when the act is in time: `Do., 09.04.2026, 24 Uhr`."""
    if derivation.ends_at != end_of(derivation.last_day):
        return moment_text(derivation.ends_at)
    day = day_text(derivation.last_day)
    return Text(f"{day.de}, 24 Uhr", f"{day.en}, midnight at its end")


def _begun(counting: Counting, derived: Derivation, event: Text | None) -> Iterator[Step]:
    """Tell the event, whether its day counts, and the period."""
    day, at = local_day(derived.trigger), moment_text(derived.trigger)
    what = Text(f"{event.de} ", f"{event.en} ") if event else Text("", "")
    yield _step("event", day, f"Ereignis: {what.de}{at.de}", f"Event: {what.en}{at.en}")
    if counting.backward is None and derived.unit is not Unit.HOUR:
        if counting.day_start:
            yield _step("day_counted", day, "der Tag zählt mit", "the day counts")
        else:
            yield _step("day_not_counted", day, "der Tag zählt nicht mit", "the day does not count")
    period = counting.period.text
    yield _step("period", None, f"Frist: {period.de}", f"Period: {period.en}")
    if counting.backward is Backward.CLEAR:
        yield _step(
            "backward",
            day,
            "zurückgezählt werden volle Tage, weder dieser Tag noch der der Handlung zählt mit",
            "full days are counted back, neither this day nor that of the act counts",
        )
    if counting.backward is Backward.NTH:
        yield _step(
            "backward",
            day,
            "zurückgezählt wird, ohne diesen Tag mitzuzählen",
            "counted back, without counting this day",
        )


def _hours_counted(counting: Counting, derived: Derivation, calendar: Calendar) -> Iterator[Step]:
    if derived.unit is Unit.HOUR:
        yield _step(
            "hours",
            None,
            "Nächte, Sonntage, Feiertage und Sonnabende zählen mit",
            "nights, Sundays, holidays and Saturdays count",
        )
    for kind, de, en, bound in _bounds(counting):
        alone = derive(Counting(bound, roll=counting.roll), derived.trigger, calendar)
        end = end_text(alone)
        binding = alone.ends_at == derived.ends_at
        yield _bound_step(kind, alone.last_day, f"{de}: {end.de}", f"{en}: {end.en}", binding)


def _days_counted(counting: Counting, derived: Derivation, calendar: Calendar) -> Iterator[Step]:
    """Tell the days not counted, the end of a short month, floor and ceiling, and the shift."""
    trigger = local_day(derived.trigger)
    reach = reached(counting, counting.period, trigger, calendar)
    if counting.backward is None:
        yield from _skipped(derived.unit, derived.first_counted, reach, calendar)
    else:
        yield from _skipped(derived.unit, reach, trigger - ONE_DAY, calendar)
    yield from _months_ended(counting, trigger)
    last = bounded(counting, trigger, calendar)
    for kind, de, en, bound in _bounds(counting):
        day = reached(counting, bound, trigger, calendar)
        said = day_text(day)
        yield _bound_step(kind, day, f"{de}: {said.de}", f"{en}: {said.en}", day == last)
    yield from _shifted(last, derived, calendar)


def _bounds(counting: Counting) -> Iterator[tuple[str, str, str, Period]]:
    if (ceiling := counting.at_most) is not None:
        yield "ceiling", f"höchstens {ceiling.text.de}", f"at most {ceiling.text.en}", ceiling
    if (floor := counting.at_least) is not None:
        yield "floor", f"mindestens {floor.text.de}", f"at least {floor.text.en}", floor


def _bound_step(kind: str, day: date, de: str, en: str, binding: bool) -> Step:
    if binding:
        return _step(kind, day, f"{de}, maßgeblich", f"{en}, which decides")
    return _step(kind, day, f"{de}, nicht maßgeblich", f"{en}, which does not decide")


def _skipped(unit: Unit, first: date, last: date, calendar: Calendar) -> Iterator[Step]:
    """Tell the days from `first` to `last` that are no working days, or no Werktage."""
    if unit not in (Unit.WORKING_DAY, Unit.WERKTAG):
        return
    counts = calendar.is_working_day if unit is Unit.WORKING_DAY else calendar.is_werktag
    days = (first + n * ONE_DAY for n in range((last - first).days + 1))
    for day, words in closed_runs((d for d in days if not counts(d)), calendar, unit):
        yield Step("skipped", day, "", words)


def _months_ended(counting: Counting, trigger: date) -> Iterator[Step]:
    if (missing := missing_day(counting, trigger)) is not None:
        number, end = missing
        said = day_text(end)
        yield _step(
            "missing_day" if counting.backward is None else "missing_day_backward",
            end,
            f"den {number}. gibt es in diesem Monat nicht, es gilt sein letzter Tag, {said.de}",
            f"this month has no day {number}, so its last day holds, {said.en}",
        )
    if counting.period.unit is Unit.HALF_MONTH:
        yield _step(
            "half_month",
            None,
            "ein halber Monat sind 15 Tage, die zuletzt gezählt werden",
            "half a month is 15 days, which are counted last",
        )


def _shifted(last: date, derived: Derivation, calendar: Calendar) -> Iterator[Step]:
    """Tell where an end on a closed day went, or that it stays there."""
    if not calendar.is_closed_for_end(last):
        return
    to, was = derived.last_day, day_text(last)
    if to == last:
        yield _step(
            "unmoved",
            last,
            f"{was.de} liegt am Wochenende oder auf einem Feiertag und verschiebt sich nicht",
            f"{was.en} is on a weekend or a holiday and does not move",
        )
        return
    ends = (last, to - ONE_DAY) if to > last else (to + ONE_DAY, last)
    closed = (ends[0] + n * ONE_DAY for n in range((ends[1] - ends[0]).days + 1))
    why = [words for _, words in closed_runs(closed, calendar, Unit.DAY)]
    now = day_text(to)
    yield _step(
        "shift" if derived.rolls is Roll.NEXT else "shift_back",
        to,
        f"statt {was.de} gilt {now.de}: {'; '.join(words.de for words in why)}",
        f"instead of {was.en} it is {now.en}: {'; '.join(words.en for words in why)}",
    )


def _changed(before: Derivation, after: Derivation, calendar: Calendar) -> Iterator[Step]:
    change = after.changes[-1]
    on, why = moment_text(change.on), _because(change)
    day = local_day(change.on)
    if change.kind is ChangeKind.PAUSED:
        yield _step("paused", day, f"ruht ab {on.de}{why.de}", f"at rest from {on.en}{why.en}")
    elif change.kind is ChangeKind.RESUMED:
        yield from _ran_on(before, after, calendar)
    elif change.kind is ChangeKind.KEPT:
        yield _kept(before, after)
    elif change.until is not None and change.kind is ChangeKind.AGREED:
        until = day_text(change.until)
        yield _step(
            "agreed",
            change.until,
            f"am {on.de} vereinbart: {until.de}{why.de}; dieser Tag gilt wie genannt",
            f"agreed on {on.en}: {until.en}{why.en}; this day stands as named",
        )
    elif change.until is not None:
        until = day_text(change.until)
        yield _step(
            "extended_to",
            change.until,
            f"am {on.de} verlängert auf {until.de}{why.de}; dieser Tag gilt wie genannt",
            f"extended on {on.en} to {until.en}{why.en}; this day stands as named",
        )
    elif change.period is not None:
        yield from _grew(before, after, change.period, calendar)
    if change.retroactive:
        yield _step(
            "retroactive",
            day,
            "die Verlängerung kam nach dem Ablauf und wirkt zurück",
            "the extension came after the end and works back",
        )


def _grew(
    before: Derivation, after: Derivation, period: Period, calendar: Calendar
) -> Iterator[Step]:
    change = after.changes[-1]
    on, why, end = day_text(local_day(change.on)), _because(change), end_text(before)
    yield _step(
        "extended",
        local_day(change.on),
        f"am {on.de} verlängert, vom bisherigen Ende {end.de} an: {period.text.de}{why.de}",
        f"extended on {on.en}, from the former end {end.en}: {period.text.en}{why.en}",
    )
    if period.unit is not Unit.HOUR:
        last = forwards(period, before.last_day, calendar)
        yield from _skipped(period.unit, before.last_day + ONE_DAY, last, calendar)
        yield from _months_ended(Counting(period), before.last_day)
        yield from _shifted(last, after, calendar)


def _ran_on(before: Derivation, after: Derivation, calendar: Calendar) -> Iterator[Step]:
    change = after.changes[-1]
    on, why = moment_text(change.on), _because(change)
    if before.unit is Unit.HOUR:
        yield _step(
            "resumed",
            local_day(change.on),
            f"läuft weiter ab {on.de}{why.de}; die Zeit dazwischen zählt nicht",
            f"runs on from {on.en}{why.en}; the time between does not count",
        )
        return
    count = paused_days(before, change.on, calendar)
    counted = before.unit if before.unit in (Unit.WORKING_DAY, Unit.WERKTAG) else Unit.DAY
    lost = Period(count, counted).text if count else Text("kein Tag", "no day")
    yield _step(
        "resumed",
        local_day(change.on),
        f"läuft weiter ab {on.de}{why.de}; nicht gezählt: {lost.de}",
        f"runs on from {on.en}{why.en}; not counted: {lost.en}",
    )
    yield from _skipped(before.unit, before.last_day + ONE_DAY, after.last_day, calendar)
    if count and counted is Unit.DAY:
        yield from _shifted(before.last_day + timedelta(count), after, calendar)


def _kept(before: Derivation, after: Derivation) -> Step:
    change = after.changes[-1]
    on, end, day = moment_text(change.on), end_text(before), end_text(after)
    de = f"am {on.de} mit dem geänderten Kalender neu gezählt; danach wäre das Ende {end.de}"
    en = f"counted again on {on.en} by the changed calendar, which leads to {end.en}"
    if before.ends_at == after.ends_at:
        return _step("kept", after.last_day, de.replace("danach wäre", "danach ist"), en)
    return _step(
        "kept",
        after.last_day,
        f"{de}; die laufende Frist wird nicht verkürzt, es bleibt beim bisherigen {day.de}",
        f"{en}; a period that runs is not shortened, so {day.en} stands as before",
    )


def _because(change: Change) -> Text:
    return Text(f" ({change.reason})", f" ({change.reason})") if change.reason else Text("", "")


def _ended(derivation: Derivation) -> Step:
    day, end = day_text(derivation.last_day), end_text(derivation)
    if derivation.is_backward:
        return _step(
            "end", derivation.last_day, f"Spätester Tag: {day.de}", f"Latest day: {day.en}"
        )
    if derivation.paused_on is not None:
        return _step(
            "end",
            derivation.last_day,
            f"Die Frist ruht; liefe sie weiter, wäre das Ende {end.de}",
            f"The deadline is at rest; if it ran on, the end would be {end.en}",
        )
    return _step("end", derivation.last_day, f"Ende: {end.de}", f"End: {end.en}")
