"""The life of a deadline inside a case: opened, resting, moved, met, lapsed, replaced.

A deadline runs while its subject is in one of the states its rule names. Entering them
opens it, leaving them closes it; a step may open it anew from its own day. Where its
length comes from is the rule's word: a provision, a named value, the plan, a remedy.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from engine.core.calendar import end_of
from engine.core.case import Act, Deadline, DeadlineStatus, DueRung, Participation
from engine.core.conditions import holds
from engine.core.counting import Counting
from engine.core.deadlines import Derivation, extend_to, fixed, pause, resume
from engine.core.draft import Draft
from engine.core.duties import longest
from engine.core.escalation import rungs_due
from engine.core.machine import Situation
from engine.core.meanings import Kind, StateMeans, StepMeans
from engine.core.planning import Plan, Stage, plan_backwards
from engine.core.rules import Provision
from engine.core.workflow import CLOCK, DeadlineRule, PlanStage, Step, Workflow
from engine.errors import Refused

Found = tuple[str | None, Derivation]
"""The provision that lays a period down (None for a planned day), and the period."""


def follow(
    draft: Draft,
    workflow: Workflow,
    subject: Participation | None,
    step: Step,
    act: Act,
    seen: Situation,
) -> list[str]:
    """Open, close, rest and move the deadlines of a subject that has just moved.

    `seen` is the situation in which the step was decided. Returns the names of lapsed
    deadlines that the act, being timely, puts right.
    """
    state = draft.state if subject is None else subject.state
    righted = []
    if subject is None and workflow.meaning(state) is StateMeans.FINAL:
        for deadline in draft.of(""):
            close_unanswered(draft, deadline)
    for rule in workflow.deadlines.values():
        if rule.period == "remedy" or not _concerns(rule, step, seen.state, state):
            continue
        held = draft.deadline(_key(subject), rule.name)
        if rule.name in step.starts and state in rule.states:
            righted += _righted(held, act)
            open_deadline(draft, rule, subject, act, step)
        elif state not in rule.states:
            if held is not None:
                righted += _close(draft, held, step, act)
        elif held is not None and (held.open or rule.name in dict(step.moves)):
            _keep(draft, rule, held, step, act, state, seen)
        else:
            open_deadline(draft, rule, subject, act, step)
    return righted


def open_first(draft: Draft, workflow: Workflow, subject: Participation, act: Act) -> None:
    """Open the deadlines that run from the first moment of a participation."""
    for rule in workflow.deadlines.values():
        if subject.state in rule.states and draft.deadline(subject.key, rule.name) is None:
            open_deadline(draft, rule, subject, act)


def _concerns(rule: DeadlineRule, step: Step, before: str, after: str) -> bool:
    """Return whether a step from `before` to `after` can touch a deadline at all."""
    return after in rule.states or before in rule.states or rule.name in step.ends


def replan(draft: Draft, act: Act) -> None:
    """Open anew the planned deadlines whose day another date of a sitting has moved.

    Only what the plan gave is touched: a statement period that runs is never shortened.
    """
    for subject in draft.current():
        workflow = draft.world.library.workflow(subject.workflow)
        for rule in workflow.deadlines.values():
            held = draft.deadline(subject.key, rule.name)
            if rule.period != "plan" or subject.state not in rule.states:
                continue
            day = _planned(draft, subject, rule.value, act.happened_on)
            if day is not None and (held is None or held.last_day != day):
                open_deadline(draft, rule, subject, act)


def close_unanswered(draft: Draft, deadline: Deadline) -> None:
    """End a deadline whose matter has fallen away."""
    draft.put_deadline(replace(deadline, status=DeadlineStatus.VOID))
    draft.void_rungs(deadline)


def _key(subject: Participation | None) -> str:
    return "" if subject is None else subject.key


def open_deadline(
    draft: Draft,
    rule: DeadlineRule,
    subject: Participation | None,
    act: Act,
    step: Step | None = None,
) -> None:
    """Open a new generation of a deadline from the day of the act.

    Where no rule in force gives its length nothing is invented: a permission is refused,
    a fact goes on without the deadline.
    """
    found = _length(draft, rule, subject, act.happened_on)
    if found is not None:
        provision, derivation = found
        add_deadline(draft, rule, subject, derivation, provision, act)
    elif rule.required and step is not None and step.kind is Kind.PERMISSION:
        raise _no_length(rule, subject)


def add_deadline(
    draft: Draft,
    rule: DeadlineRule,
    subject: Participation | None,
    derivation: Derivation,
    provision: str | None,
    act: Act,
    owner: str | None = None,
    finding: int = 0,
) -> None:
    """Keep a derived deadline with its rungs; an open one of the same matter is replaced."""
    generation = 1
    for old in list(draft.deadlines.values()):
        if (old.participation, old.name) != (_key(subject), rule.name):
            continue
        generation = max(generation, old.generation + 1)
        # A finding may owe several remedies at once, each to its own norm.
        if old.open and old.finding == finding and (not finding or old.provision == provision):
            _replace_with(draft, old, None, act)
    deadline = Deadline(
        participation=_key(subject),
        name=rule.name,
        generation=generation,
        owner=owner or _owner(draft, rule, subject),
        derivation=derivation,
        provision=provision,
        ladder=rule.ladder,
        finding=finding,
    )
    draft.put_deadline(deadline)
    _lay_rungs(draft, deadline, act)


def _replace_with(draft: Draft, old: Deadline, derivation: Derivation | None, act: Act) -> None:
    """Void a generation and its rungs; a new derivation becomes the next generation."""
    draft.put_deadline(replace(old, status=DeadlineStatus.VOID))
    draft.void_rungs(old)
    if derivation is not None:
        new = replace(
            old,
            generation=old.generation + 1,
            derivation=derivation,
            status=DeadlineStatus.RUNNING,
            closed_on=None,
        )
        draft.put_deadline(new)
        _lay_rungs(draft, new, act)


def _lay_rungs(draft: Draft, deadline: Deadline, act: Act) -> None:
    if deadline.ladder is None:
        return
    ladder = draft.world.library.ladders[deadline.ladder]
    calendar = draft.world.calendar(draft.measure.municipality)
    # A duty that was overdue when it arose climbs from the day it arose.
    base = max(deadline.last_day, act.happened_on)
    # What the clock opens, it opens at the end of a day, whenever that is noticed.
    opened = end_of(act.happened_on) if act.actor == CLOCK else act.recorded_at
    for number, due_at in rungs_due(ladder, base, opened, calendar):
        rung = DueRung(*deadline.key, number, due_at)
        draft.rungs.append(rung)
        draft.new_rungs.append(rung)


def _owner(draft: Draft, rule: DeadlineRule, subject: Participation | None) -> str:
    if rule.owner == "office" and subject is not None:
        return subject.office
    if rule.owner == "lead":
        return draft.measure.lead
    found = next(iter(draft.world.roster.of_kind(rule.owner, draft.world.today)), None)
    return draft.measure.lead if found is None else found.id


def _length(
    draft: Draft, rule: DeadlineRule, subject: Participation | None, start: date
) -> Found | None:
    if rule.period == "plan":
        planned = None if subject is None else _planned(draft, subject, rule.value, start)
        return None if planned is None else (None, fixed(planned))
    choices = _choices(draft, rule, subject, start)
    found = longest(choices, start, draft.world, draft.measure)
    return None if found is None else (found[0].id, found[1])


def _choices(
    draft: Draft, rule: DeadlineRule, subject: Participation | None, on: date
) -> list[tuple[Provision, Counting]]:
    if rule.period == "provision" and subject is not None:
        given = {f"given.{k}": v for k, v in subject.given.items()}
        variant = next((name for name, when in rule.variants if holds(when, given)), "")
        found = _periods(draft, subject, on, variant)
        if found:
            return found
    value = draft.world.library.value(rule.value, on, draft.world.place(draft.measure.municipality))
    return [] if value is None or value.value is None else [(value, value.value.counting)]


def _periods(
    draft: Draft, subject: Participation, on: date, variant: str = ""
) -> list[tuple[Provision, Counting]]:
    found = []
    for provision in draft.calling(subject.office, subject.form, on):
        duty = provision.duty
        if duty is None or duty.counting is None:
            continue
        found.append((provision, duty.variants.get(variant) or duty.counting))
    return found


def plan(draft: Draft, subject: Participation, on: date) -> Plan | None:
    """Return the backward plan of a participation by the law of `on`.

    None where the measure names neither a sitting nor a day of implementation.
    """
    first = draft.measure.first_day
    if first is None:
        return None
    stages = [s for leg in draft.workflow.plan if (s := _stage(draft, leg, subject, on))]
    return plan_backwards(first, stages, draft.world.calendar(draft.measure.municipality))


def _planned(draft: Draft, subject: Participation, name: str, on: date) -> date | None:
    found = plan(draft, subject, on)
    if found is None:
        return None
    return next((p.day for p in found.points if p.name == name), None)


def _stage(draft: Draft, leg: PlanStage, subject: Participation, on: date) -> Stage | None:
    """Return one leg of the plan with its number and norm, or None if no rule names one."""
    rows: list[tuple[Provision, Counting]] = []
    if leg.period == "provision":
        rows = _periods(draft, subject, on)
    if not rows:
        value = draft.world.library.value(
            leg.value, on, draft.world.place(draft.measure.municipality)
        )
        rows = [] if value is None or value.value is None else [(value, value.value.counting)]
    if not rows:
        return None
    start = draft.world.today
    forward = [row for row in rows if row[1].backward is None]
    best = longest(forward, start, draft.world, draft.measure)
    chosen = rows[0] if best is None else next(r for r in rows if r[0] is best[0])
    return Stage(leg.name, chosen[1], chosen[0].id, leg.title)


def _no_length(rule: DeadlineRule, subject: Participation | None) -> Refused:
    office = "" if subject is None else f" ({subject.office})"
    return Refused(
        f"Für die Frist „{rule.title.de}“{office} nennt keine geltende Vorschrift eine Dauer. "
        f"Legen Sie in der Dienstanweisung oder als Hauswert den Wert „{rule.value}“ fest.",
        f"No provision in force gives a length for the deadline '{rule.title.en}'{office}. "
        f"Lay down the value '{rule.value}' in the service instruction or as a house value.",
    )


def _righted(held: Deadline | None, act: Act) -> list[str]:
    """Name a lapsed deadline that the act of an earlier day proves not to have lapsed."""
    if held is None or held.status is not DeadlineStatus.LAPSED or act.actor == CLOCK:
        return []
    return [held.name] if act.happened_on <= held.last_day else []


def _close(draft: Draft, held: Deadline, step: Step, act: Act) -> list[str]:
    if not held.open:
        return _closed_before(draft, held, step, act)
    if step.means is StepMeans.CLOSING:
        close_unanswered(draft, held)
        return []
    righted = _righted(held, act)
    late = held.status is DeadlineStatus.LAPSED and not righted
    status = DeadlineStatus.LAPSED if late else DeadlineStatus.MET
    draft.put_deadline(held.ended(status, act.happened_on))
    draft.void_rungs(held)
    return righted


def _closed_before(draft: Draft, held: Deadline, step: Step, act: Act) -> list[str]:
    """Put right a deadline that had lapsed and left its states, if the act was timely.

    Only a deed that answers the deadline can do so; the step names it among its `ends`.
    """
    if held.name not in step.ends:
        return []
    righted = _righted(held, act)
    if righted:
        draft.put_deadline(held.ended(DeadlineStatus.MET, act.happened_on))
    return righted


def _keep(
    draft: Draft,
    rule: DeadlineRule,
    held: Deadline,
    step: Step,
    act: Act,
    state: str,
    seen: Situation,
) -> None:
    calendar = draft.world.calendar(draft.measure.municipality)
    on = act.happened_on
    rests = any(p.state == state and holds(p.when, seen.values) for p in rule.pauses)
    moved = act.given.get(dict(step.moves).get(rule.name, ""))
    if moved:
        until = extend_to(held.derivation, date.fromisoformat(moved), on, step.id)
        _replace_with(draft, held, until, act)
    elif rests and held.status is DeadlineStatus.RUNNING:
        resting = pause(held.derivation, on, step.id)
        draft.put_deadline(replace(held, derivation=resting, status=DeadlineStatus.PAUSED))
        draft.void_rungs(held)
    elif not rests and held.status is DeadlineStatus.PAUSED:
        _replace_with(draft, held, resume(held.derivation, on, calendar, step.id), act)
