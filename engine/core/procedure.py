"""An act takes a case and a world, and leaves the case after it, its evidence, its news.

`advance` is the only way to change a case. It first lets the clock do what is due up to
the act, so the outcome never depends on when ticks ran; `settle` is the clock alone.
Everything here is pure.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from engine.core.affected import facts_after
from engine.core.calendar import local_day
from engine.core.case import (
    Act,
    Case,
    Deadline,
    DeadlineStatus,
    DueRung,
    Measure,
    Outcome,
    Participation,
)
from engine.core.checks import (
    check_day,
    check_given,
    check_order,
    check_points,
    check_seen,
    plain_given,
    roles,
    step_of,
    tenure,
)
from engine.core.draft import Draft, on_day
from engine.core.duties import called_for
from engine.core.meanings import StepMeans
from engine.core.sittings import with_sessions
from engine.core.steps import add_participations, begin, perform
from engine.core.telling import tell
from engine.core.workflow import CLOCK, UNBORN, Step, Workflow
from engine.core.world import World
from engine.errors import NotFound, Refused

_BIRTHS = (StepMeans.REGISTRATION, StepMeans.DEMAND)

_LIMIT = 10_000
"""More happenings than any case can have by the clock alone: a loop in a definition."""


def register(uid: str, number: str, measure: Measure, act: Act, world: World) -> Outcome:
    """Return the new case of a measure, with the participations that the law in force demands.

    Two sorts of step open a file: the department registers what it plans, or an office that
    was not asked demands to take part.
    """
    linked = with_sessions(measure, world)
    draft = Draft(unborn(uid, number, linked, world.library.case_workflow()), world)
    world.roster.office(measure.lead)
    step = step_of(draft.workflow, act.step)
    if step.means not in _BIRTHS:
        raise Refused(
            f"„{step.title.de}“ meldet kein Vorhaben an.",
            f"'{step.title.en}' does not register a measure.",
        )
    return born(draft, step, _sound(draft, step, act))


def unborn(uid: str, number: str, measure: Measure, workflow: Workflow) -> Case:
    """Return the case of a measure before its registration."""
    return Case(uid=uid, number=number, measure=measure, workflow=workflow.pin, state=UNBORN)


def born(draft: Draft, step: Step, act: Act) -> Outcome:
    """Return the case that a sound registration brings to life."""
    stated = draft.measure.facts
    measure = replace(draft.measure, facts=facts_after(draft, step, act, {}, stated))
    draft.measure = measure
    draft.registered_on = act.happened_on
    draft.add_documents(act.documents)
    add_participations(draft, called_for(measure, draft.world, act.happened_on), 1)
    private = {"title": measure.title, "reference": measure.reference, **act.private}
    plain = {"number": draft.before.number, "measure": plain_measure(measure)}
    held = roles(draft, None, act.office)
    begin(draft, act)
    perform(draft, draft.workflow, None, step, replace(act, private=private), held, plain)
    return draft.outcome()


def advance(case: Case, act: Act, world: World) -> Outcome:
    """Return the case moved on by `act`.

    Raises Refused where the procedure does not permit the step, with the norm, its rank
    and what is missing; Stale where the actor had not seen the present form; InputError
    or NotFound where the act itself is not sound. Nothing is half done then.
    """
    draft = Draft(case, world)
    settle_into(draft)
    workflow, subject = subject_of(draft, act)
    step = step_of(workflow, act.step)
    check_points(workflow, subject, step, act.private)
    act = _sound(draft, step, act)
    check_order(draft, subject, step, act)
    check_seen(draft, subject, act)
    return moved(draft, workflow, subject, step, act)


def subject_of(draft: Draft, act: Act) -> tuple[Workflow, Participation | None]:
    """Return the workflow that an act is about, and the participation, None for the case."""
    if not act.participation:
        return draft.workflow, None
    subject = draft.participations.get(act.participation)
    if subject is None:
        number, known = draft.before.number, ", ".join(draft.participations)
        raise NotFound(
            f"Der Vorgang {number} hat keine Beteiligung „{act.participation}“ ({known}).",
            f"Case {number} has no participation '{act.participation}' ({known}).",
        )
    return draft.world.library.workflow(subject.workflow), subject


def moved(
    draft: Draft, workflow: Workflow, subject: Participation | None, step: Step, act: Act
) -> Outcome:
    """Return the case after a sound act."""
    draft.add_documents(act.documents)
    perform(draft, workflow, subject, step, act, roles(draft, subject, act.office))
    return draft.outcome()


def settle(case: Case, world: World) -> Outcome:
    """Return the case after the clock alone has done what was due until `world.now`."""
    draft = Draft(case, world)
    settle_into(draft)
    return draft.outcome()


def _sound(draft: Draft, step: Step, act: Act) -> Act:
    """Return a sound act, its given part plain, marked where a deputy acts (i. V.)."""
    check_day(act, step, draft.world.today)
    check_given(step, {**act.given, **act.private}, act.documents)
    given = plain_given(step, {**act.given, **act.private})
    deputy = tenure(draft, act).deputy
    if given == act.given and deputy == act.deputy:
        return act
    return replace(act, given=given, deputy=deputy)


def settle_into(draft: Draft) -> None:
    """Let the clock do, in the order in which it fell due, what is due in this case."""
    for _ in range(_LIMIT):
        due = _next_due(draft)
        if due is None:
            return
        if isinstance(due, DueRung):
            _fire(draft, due)
        else:
            _lapse(draft, due)
    raise AssertionError(f"case {draft.before.number}: the clock never comes to rest")


def _next_due(draft: Draft) -> Deadline | DueRung | None:
    """Return what fell due first; a deadline ends before its own rungs act on it."""
    now = draft.world.now
    found: list[tuple[datetime, int, tuple[Any, ...], Deadline | DueRung]] = []
    for d in draft.deadlines.values():
        if d.status is DeadlineStatus.RUNNING and d.ends_at <= now:
            found.append((d.ends_at, 0, d.key, d))
    for r in draft.rungs:
        if r.due_at <= now:
            found.append((r.due_at, 1, (*r.deadline, r.number), r))
    return min(found, key=lambda row: row[:3])[3] if found else None


def _lapse(draft: Draft, deadline: Deadline) -> None:
    """A deadline ends: what its rule says happens, as of its last day."""
    subject = draft.participations.get(deadline.participation)
    pin = draft.workflow if subject is None else draft.world.library.workflow(subject.workflow)
    rule = pin.deadlines[deadline.name]
    closed = deadline.last_day if rule.lapse is not None else None
    draft.put_deadline(replace(deadline, status=DeadlineStatus.LAPSED, closed_on=closed))
    act = _clock_act(draft, f"lapse:{_name(deadline)}", rule.lapse or "", deadline.last_day)
    plain = {"deadline": list(deadline.key), "due": deadline.ends_at.isoformat()}
    if rule.lapse is None:
        draft.enter(act, "lapse", plain)
        return
    draft.void_rungs(deadline)
    step = pin.steps[rule.lapse]
    act = replace(act, participation=deadline.participation)
    perform(draft, pin, subject, step, act, frozenset({CLOCK}), extra=plain)


def _fire(draft: Draft, rung: DueRung) -> None:
    """A rung acts: the letters it owes, to whom it names, once and for ever."""
    draft.rungs.remove(rung)
    draft.fired.append(rung)
    deadline = draft.deadlines[rung.deadline]
    ladder = draft.world.library.ladders[deadline.ladder or ""]
    step = ladder.rung(rung.number)
    act = _clock_act(draft, f"rung:{_name(deadline)}:{rung.number}", "", local_day(rung.due_at))
    subject = draft.participations.get(deadline.participation)
    due = rung.due_at.isoformat()
    plain = {"deadline": list(deadline.key), "rung": rung.number, "due": due}
    facts = {
        "deadline": list(deadline.key),
        "day": on_day(deadline.last_day),
        "rung": rung.number,
        "ladder": deadline.ladder,
        "due": due,
    }
    told = [
        office
        for row in step.tells
        for office in tell(draft, row, subject, act, facts, owner=deadline.owner)
    ]
    draft.enter(act, "rung", {**plain, "told": told, "ladder": ladder.digest[:16]})


def _name(deadline: Deadline) -> str:
    return ":".join(str(k) for k in deadline.key)


def _clock_act(draft: Draft, key: str, step: str, on: Any) -> Act:
    return Act(
        key=f"clock:{draft.case_uid}:{key}",
        step=step,
        actor=CLOCK,
        office="",
        happened_on=on,
        recorded_at=draft.world.now,
    )


def plain_measure(measure: Measure) -> dict[str, Any]:
    """Return what the log keeps of a measure in plain: all but title and reference."""
    return {
        "kind": measure.kind,
        "origin": measure.origin,
        "lead": measure.lead,
        "municipality": measure.municipality,
        "facts": dict(measure.facts),
        "stages": [[s.body, on_day(s.day), s.role, s.session] for s in measure.stages],
        "carried_out_on": on_day(measure.carried_out_on),
        "confidentiality": measure.confidentiality,
    }
