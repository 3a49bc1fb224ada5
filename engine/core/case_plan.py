"""The backward plan of a participation: its legs by the law in force, its sittings, its days."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from engine.core.calendar import ONE_DAY
from engine.core.case import Measure, Participation
from engine.core.counting import Counting
from engine.core.draft import Draft
from engine.core.planning import Meeting, Plan, Stage, plan_backwards
from engine.core.rules import Provision
from engine.core.workflow import PlanStage, Workflow
from engine.core.world import World

Length = tuple[Provision, Counting]
"""A period with the provision that lays it down."""

Leg = Stage | tuple[Stage, ...]
"""A leg of a plan, or the several lengths that provisions give it."""


def plan(draft: Draft, subject: Participation, on: date, variant: str = "") -> Plan | None:
    """Return the backward plan of a participation by the law of `on`.

    `variant` names the period, such as the urgent one, where a provision lays that down. None
    where the measure names neither a sitting nor a day of implementation.
    """
    return plan_by(draft, subject, on, periods(draft, subject, on, variant))


def plan_by(
    draft: Draft, subject: Participation, on: date, lengths: Iterable[Length]
) -> Plan | None:
    """Return the backward plan of a participation with these statement periods alone."""
    measure, world = draft.measure, draft.world
    if measure.first_day is None:
        return None
    workflow = world.library.workflow(subject.workflow)
    sittings = own_sittings(draft, subject) if waits_for_sitting(workflow) else ()
    stages = legs(draft.workflow.plan, list(lengths), sittings, world, measure.municipality, on)
    calendar = world.calendar(measure.municipality)
    return plan_backwards(measure.first_day, stages, calendar, meetings(measure))


def planned_day(draft: Draft, subject: Participation, name: str, on: date) -> date | None:
    """Return the day of a point of the plan by the law of `on`, None if there is none."""
    made = plan(draft, subject, on)
    point = None if made is None else made.point(name)
    return None if point is None else point.day


def needed_by(workflow: Workflow, made: Plan) -> date | None:
    """Return the day by which the statement must be there, None where no rule gives it time.

    It is the day that the leg whose length provisions lay down leads up to; a sitting of the
    office's own body lies within that leg.
    """
    names = {leg.name for leg in workflow.plan if leg.period == "provision"}
    needed = made.points[0].day - ONE_DAY
    for point in made.points[1:]:
        if point.name in names:
            return needed
        if not point.sits:
            needed = point.day
    return None


def meetings(measure: Measure) -> tuple[Meeting, ...]:
    """Return the bodies that deal with a measure, the last of them first."""
    days = [(s.body, s.day) for s in measure.stages if s.day is not None]
    rows = sorted(days, key=lambda row: row[1])
    return tuple(Meeting(body, day, n == 0) for n, (body, day) in enumerate(rows))[::-1]


def periods(draft: Draft, subject: Participation, on: date, variant: str = "") -> list[Length]:
    """Return the statement periods of the provisions that call for a participation."""
    found = []
    for provision in draft.calling(subject.office, subject.form, on):
        duty = provision.duty
        if duty is None or duty.counting is None:
            continue
        found.append((provision, duty.variants.get(variant) or duty.counting))
    return found


def waits_for_sitting(workflow: Workflow) -> bool:
    """Return whether a form of participation waits for a sitting of the body that takes part."""
    return any(rule.period == "own_sitting" for rule in workflow.deadlines.values())


def own_sittings(draft: Draft, subject: Participation) -> tuple[date, ...]:
    """Return the days on which the body that takes part sits, as far as they are known."""
    body = draft.world.roster.office(subject.office).name
    return sittings_of(draft.world, draft.measure.municipality, body)


def sittings_of(world: World, municipality: str, body: str) -> tuple[date, ...]:
    """Return the days on which a body of a municipality sits; cancelled ones are none."""
    rows = (s for s in world.sessions.values() if not s.cancelled)
    return tuple(sorted(s.day for s in rows if s.body == body and s.municipality == municipality))


def legs(
    named: Iterable[PlanStage],
    lengths: list[Length],
    sittings: tuple[date, ...],
    world: World,
    municipality: str,
    on: date,
) -> list[Leg]:
    """Return the legs of a plan with their numbers and norms by the law of `on`.

    A leg for which no rule names a length is left out, as is the wait for a sitting of a
    body whose sittings nobody has entered.
    """
    found: list[Leg] = []
    for leg in named:
        if leg.period == "own_sitting":
            if sittings:
                found.append(Stage(leg.name, None, "", leg.title, leg.span, sittings))
            continue
        around = leg.period == "provision"
        rows = lengths if around else []
        if choices := rows or _value(leg.value, world, municipality, on):
            found.append(
                tuple(
                    Stage(leg.name, counting, p.id, leg.title, leg.span, around=around)
                    for p, counting in choices
                )
            )
    return found


def margin(draft: Draft, on: date) -> Counting | None:
    """Return the reserve below which a plan is tight, None where no rule in force names one."""
    name = draft.workflow.reserve
    rows = [] if name is None else _value(name, draft.world, draft.measure.municipality, on)
    return rows[0][1] if rows else None


def _value(name: str, world: World, municipality: str, on: date) -> list[Length]:
    found = world.library.value(name, on, world.place(municipality))
    return [] if found is None or found.value is None else [(found, found.value.counting)]
