"""What is lawful where a plan no longer fits: a later sitting, a shorter period, urgency.

Nothing is offered that the provisions in force do not carry, and nothing that would not
fit. An option is a value with its plan and the norms that permit it; nobody is bound by it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum

from engine.core.case import Case, Measure, Participation, Stage
from engine.core.case_plan import (
    Length,
    needed_by,
    periods,
    plan,
    plan_by,
    sittings_of,
)
from engine.core.draft import Draft
from engine.core.planning import Plan
from engine.core.rules import Provision
from engine.core.standing import Standing, light_of, standings
from engine.core.wording import day_text
from engine.core.world import World
from engine.errors import Text

URGENT = "urgent"
"""The variant of a period for urgent cases, as provisions and deadlines name it."""

OFFERED = 3
"""How many later sequences of sittings are offered."""

AHEAD = timedelta(days=366)
"""How far ahead a day is looked for where no sitting is known."""

NO_RIGHT_LIFTED = Text(
    "Eile ändert, wer wann entscheidet; sie hebt kein Recht auf, gehört zu werden.",
    "Urgency changes who decides when; it lifts no right to be heard.",
)


class OptionKind(StrEnum):
    """What can be done."""

    LATER = "later_sittings"
    LATER_DAY = "later_day"
    AGREED = "agreed_period"
    SHORT = "urgent_period"
    URGENCY = "urgency"


@dataclass(frozen=True, slots=True)
class Option:
    """One lawful way on: in words, with what it needs, its norms and the plan it leads to.

    `stages` are the bodies with their new sittings; one without a day still needs a sitting.
    `participation` is empty where the option is about the whole case.
    """

    kind: OptionKind
    text: Text
    needs: Text | None = None
    provisions: tuple[str, ...] = ()
    plan: Plan | None = None
    stages: tuple[Stage, ...] = ()
    participation: str = ""


def options(case: Case, world: World) -> tuple[Option, ...]:
    """Return the lawful options of a case whose plan no longer fits; none while it does."""
    rows = standings(case, world)
    if light_of(rows) != "red":
        return ()
    draft = Draft(case, world)
    found = list(_later(case, world))
    for one in rows:
        if one.light == "red" and not one.plan.missing:
            found += _of_participation(draft, one)
    return tuple(found)


def _of_participation(draft: Draft, one: Standing) -> Iterator[Option]:
    if (agreed := _agreed(draft, one)) is not None:
        yield agreed
    if one.begun:
        return
    called = periods(draft, one.participation, draft.world.today, URGENT)
    urgent = [p for p, _ in called if p.duty is not None and URGENT in p.duty.variants]
    if not urgent or not _may_be_urgent(draft, one.participation):
        return
    if (short := _short(draft, one.participation, urgent)) is not None:
        yield short
    yield _urgency(draft, one.participation, urgent)


def _usual(draft: Draft, subject: Participation) -> list[Length]:
    return periods(draft, subject, draft.world.today)


# --- later sittings


def _later(case: Case, world: World) -> Iterator[Option]:
    """Yield the next sequences of sittings that fit, else the first day that would."""
    measure = case.measure
    known = list(_sequences(measure, world))
    fitting = [s for s in known if _fits(case, replace(measure, stages=s), world)]
    for stages in fitting[:OFFERED]:
        yield _sequence(case, stages, world)
    if not fitting and (option := _later_day(case, world)) is not None:
        yield option


def _sequences(measure: Measure, world: World) -> Iterator[tuple[Stage, ...]]:
    """Yield the Beratungsfolge from each later sitting of its first body on."""
    held = sorted((s for s in measure.stages if s.day is not None), key=lambda s: s.day or date.max)
    if not held:
        return
    first = held[0]
    for day in sittings_of(world, measure.municipality, first.body):
        if day > max(world.today, first.day or date.min):
            yield _sequence_from(measure, world, held, day)


def _sequence_from(
    measure: Measure, world: World, held: list[Stage], day: date
) -> tuple[Stage, ...]:
    """Return the stages with the first body on `day`, each later one after the one before.

    A body keeps its sitting where that still comes after; else it gets its next known one, or
    no day.
    """
    rows = [replace(held[0], day=day, session=None)]
    before = day
    for stage in held[1:]:
        if stage.day is not None and stage.day > before:
            rows.append(stage)
        else:
            days = sittings_of(world, measure.municipality, stage.body)
            later = min((d for d in days if d > before), default=None)
            rows.append(replace(stage, day=later, session=None))
        before = rows[-1].day or before
    return (*rows, *(s for s in measure.stages if s.day is None))


def _fits(case: Case, measure: Measure, world: World) -> bool:
    """Return whether no participation of the case is red with the measure so planned."""
    return light_of(standings(replace(case, measure=measure), world)) != "red"


def _sequence(case: Case, stages: tuple[Stage, ...], world: World) -> Option:
    then = replace(case, measure=replace(case.measure, stages=stages))
    made = _tightest(then, world)
    said = [_sitting_text(s) for s in stages]
    begin = Text("", "") if made is None else _begin_text(made)
    return Option(
        OptionKind.LATER,
        Text(
            f"Spätere Sitzungen: {', '.join(s.de for s in said)}{begin.de}.",
            f"Later sittings: {', '.join(s.en for s in said)}{begin.en}.",
        ),
        plan=made,
        stages=stages,
    )


def _sitting_text(stage: Stage) -> Text:
    if stage.day is None:
        return Text(f"{stage.body} (Sitzung noch offen)", f"{stage.body} (sitting still open)")
    day = day_text(stage.day)
    return Text(f"{stage.body} {day.de}", f"{stage.body} {day.en}")


def _begin_text(made: Plan) -> Text:
    day = day_text(made.begin)
    return Text(f"; zu informieren bis {day.de}", f"; to be informed by {day.en}")


def _tightest(case: Case, world: World) -> Plan | None:
    """Return the plan of the participation that has to begin first, None if all have begun."""
    plans = [s.plan for s in standings(case, world) if not s.begun]
    return min(plans, key=lambda p: p.begin, default=None)


def _later_day(case: Case, world: World) -> Option | None:
    """Return the first working day on which the first body could meet, or it be carried out."""
    measure, calendar = case.measure, world.calendar(case.measure.municipality)
    day = max(world.today, measure.first_day or world.today)
    last = day + AHEAD
    while (day := calendar.nth_working_day(day, 1)) <= last:
        moved = _moved_to(measure, day)
        if _fits(case, moved, world):
            return _named_day(measure, moved, day, _tightest(replace(case, measure=moved), world))
    return None


def _moved_to(measure: Measure, day: date) -> Measure:
    """Return the measure with its first body, and those that would come before it, on a day."""
    if not any(s.day for s in measure.stages):
        return replace(measure, carried_out_on=day)
    stages = tuple(
        replace(s, day=day, session=None) if s.day is not None and s.day < day else s
        for s in measure.stages
    )
    return replace(measure, stages=stages)


def _named_day(measure: Measure, moved: Measure, day: date, made: Plan | None) -> Option:
    said = day_text(day)
    if not any(s.day for s in measure.stages):
        text = Text(
            f"Umsetzung verschieben: frühestens {said.de}.",
            f"Carry it out later: {said.en} at the earliest.",
        )
        return Option(OptionKind.LATER_DAY, text, plan=made)
    body = min((s for s in measure.stages if s.day), key=lambda s: s.day or date.max).body
    text = Text(
        f"Spätere Sitzung: {body} ab {said.de}. Eingetragen ist dort noch keine, die reicht.",
        f"A later sitting: {body} from {said.en} on. None that would do is entered yet.",
    )
    return Option(OptionKind.LATER_DAY, text, plan=made, stages=moved.stages)


# --- shorter periods


def _agreed(draft: Draft, one: Standing) -> Option | None:
    """Return the option to agree on an earlier last day, where every norm that binds permits it.

    Those that permit none must still be kept to their full length.
    """
    today, subject = draft.world.today, one.participation
    rows = _usual(draft, subject)
    open_ = [p for p, _ in rows if p.duty is not None and p.duty.agreed is not None]
    rest = [row for row in rows if row[0] not in open_]
    needed = needed_by(draft.workflow, one.plan)
    if not open_ or needed is None or (one.begun and rest):
        return None
    calendar = draft.world.calendar(draft.measure.municipality)
    made = plan_by(draft, subject, today, rest) if rest else _given_until(one.plan, needed)
    left = calendar.working_days_between(today, needed)
    if made is None or left < 1 or (rest and today > made.begin):
        return None
    day, norm = day_text(needed), _cited(open_)
    count = Text(
        "1 Arbeitstag" if left == 1 else f"{left} Arbeitstage",
        "1 working day" if left == 1 else f"{left} working days",
    )
    return Option(
        OptionKind.AGREED,
        Text(
            f"Verkürzte Frist mit Zustimmung anfragen ({norm}): Stellungnahme bis {day.de}, "
            f"noch {count.de}. Ohne Zustimmung bleibt die volle Frist.",
            f"Ask for a shorter period by consent ({norm}): statement by {day.en}, which leaves "
            f"{count.en}. Without consent the full period stands.",
        ),
        needs=next(p.duty.agreed for p in open_ if p.duty is not None),
        provisions=tuple(p.id for p in open_),
        plan=made,
        participation=subject.key,
    )


def _given_until(made: Plan, needed: date) -> Plan:
    """Return a plan as far back as the day by which the statement is agreed to be there."""
    return replace(made, points=tuple(p for p in made.points if p.day >= needed))


def _may_be_urgent(draft: Draft, subject: Participation) -> bool:
    """Return whether the form of participation knows an urgent case at all."""
    rules = draft.world.library.workflow(subject.workflow).deadlines.values()
    return any(name == URGENT for rule in rules for name, _ in rule.variants)


def _short(draft: Draft, subject: Participation, urgent: list[Provision]) -> Option | None:
    today = draft.world.today
    made = plan(draft, subject, today, URGENT)
    if made is None or made.missing or today > made.begin:
        return None
    length, day, norm = _length(draft, made), day_text(made.begin), _cited(urgent)
    return Option(
        OptionKind.SHORT,
        Text(
            f"Verkürzte Frist im Eilfall: {length.de} ({norm}), zu informieren bis {day.de}.",
            f"The shorter period of an urgent case: {length.en} ({norm}), to be informed by "
            f"{day.en}.",
        ),
        needs=_needs(urgent),
        provisions=tuple(p.id for p in urgent),
        plan=made,
        participation=subject.key,
    )


def _urgency(draft: Draft, subject: Participation, urgent: list[Provision]) -> Option:
    norm = _cited(urgent)
    return Option(
        OptionKind.URGENCY,
        Text(
            f"Eilfall ({norm}): sofort informieren, Stellungnahme mündlich oder in Stunden, Grund "
            f"und Anordnung festhalten. {NO_RIGHT_LIFTED.de}",
            f"Urgent case ({norm}): inform at once, statement orally or within hours, record the "
            f"reason and the order. {NO_RIGHT_LIFTED.en}",
        ),
        needs=_needs(urgent),
        provisions=tuple(p.id for p in urgent),
        participation=subject.key,
    )


def _length(draft: Draft, made: Plan) -> Text:
    """Return the statement period of a plan in words."""
    names = {leg.name for leg in draft.workflow.plan if leg.period == "provision"}
    stages = (p.stage for p in made.points if p.name in names)
    counting = next((s.counting for s in stages if s is not None), None)
    return Text("", "") if counting is None else counting.period.text


def _needs(urgent: list[Provision]) -> Text | None:
    """Return the reason without which the urgent period may not be used, if a norm names one."""
    terms = (p.duty.terms.get(URGENT) for p in urgent if p.duty is not None)
    return next((t.needs for t in terms if t is not None and t.needs is not None), None)


def _cited(provisions: list[Provision]) -> str:
    return ", ".join(dict.fromkeys(p.norm for p in provisions))
