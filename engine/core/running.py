"""The life of a deadline inside a case: opened, resting, moved, met, lapsed, replaced.

A deadline runs while its subject is in one of the states its rule names. Entering them
opens it, leaving them closes it; a step may open it anew from its own day. Where its
length comes from is the rule's word: a provision, a named value, the plan, a remedy.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from engine.core.calendar import ONE_DAY, end_of
from engine.core.case import Act, Deadline, DeadlineStatus, DueRung, Participation
from engine.core.case_plan import own_sittings, periods, planned_day
from engine.core.conditions import holds
from engine.core.counting import Counting
from engine.core.deadlines import Derivation, agree, extend_to, fixed, pause, resume
from engine.core.draft import Draft, Overrun
from engine.core.duties import longest
from engine.core.escalation import rungs_due
from engine.core.machine import Situation
from engine.core.meanings import Kind, StateMeans, StepMeans
from engine.core.rules import Provision
from engine.core.workflow import CLOCK, DeadlineRule, Step, Workflow
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


def count_anew(draft: Draft, act: Act) -> None:
    """Let what counts from the last act of a case count from this one; the clock takes none."""
    for rule in draft.workflow.deadlines.values():
        held = draft.deadline("", rule.name) if rule.since_last_act else None
        if act.actor == CLOCK or held is None or held.status is not DeadlineStatus.RUNNING:
            continue
        found = _length(draft, rule, None, act.happened_on)
        if found is not None and found[1].last_day > held.last_day:
            add_deadline(draft, rule, None, found[1], found[0], act)


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

    Only what the plan gave is touched: a statement period that runs is never shortened, but
    one that now ends too late for the plan is noted.
    Where no sitting is left to plan from, a day counted from one binds nobody any more.
    """
    for subject in draft.current():
        workflow = draft.world.library.workflow(subject.workflow)
        for rule in workflow.deadlines.values():
            held = draft.deadline(subject.key, rule.name)
            if rule.period != "plan" or subject.state not in rule.states:
                continue
            day = planned_day(draft, subject, rule.value, act.happened_on)
            if day is None and held is not None and held.open:
                close_unanswered(draft, held)
            elif day is not None and (held is None or held.last_day != day):
                open_deadline(draft, rule, subject, act)
        for held in draft.of(subject.key):
            _compare_with_plan(draft, workflow.deadlines[held.name], subject, held, act)


def planned_anew(draft: Draft, deadline: Deadline, on: date) -> date | None:
    """Return the day that the plan gives a deadline by the law of `on`, None if no plan does."""
    subject = draft.participations.get(deadline.participation)
    if subject is None:
        return None
    rule = draft.world.library.workflow(subject.workflow).deadlines[deadline.name]
    named = {"plan": planned_day, "within": _within}
    return named[rule.period](draft, subject, rule.value, on) if rule.period in named else None


def renew(draft: Draft, deadline: Deadline, derivation: Derivation, act: Act) -> None:
    """Let the same deadline run on as its next generation, with another derivation."""
    _replace_with(draft, deadline, derivation, act)


def hand_over(draft: Draft, former: str, act: Act) -> None:
    """Let the new lead department owe what `former` owed as such, by the same last day."""
    for held in [d for d in draft.deadlines.values() if d.open and d.owner == former]:
        subject = draft.participations.get(held.participation)
        workflow = (
            draft.workflow if subject is None else draft.world.library.workflow(subject.workflow)
        )
        if held.finding or workflow.deadlines[held.name].owner != "lead":
            continue
        draft.put_deadline(replace(held, status=DeadlineStatus.VOID))
        draft.void_rungs(held)
        new = replace(held, generation=held.generation + 1, owner=draft.measure.lead)
        draft.put_deadline(new)
        if new.status is not DeadlineStatus.PAUSED:
            _lay_rungs(draft, new, act)


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
    _compare_with_plan(draft, rule, subject, deadline, act)


def _compare_with_plan(
    draft: Draft, rule: DeadlineRule, subject: Participation | None, deadline: Deadline, act: Act
) -> None:
    """Note a deadline that ends after the day by which the backward plan needs it to.

    Once the first body has met there is no plan left to keep.
    """
    first = draft.measure.first_day
    if rule.plan is None or subject is None or first is None or first <= act.happened_on:
        return
    day = planned_day(draft, subject, rule.plan, act.happened_on)
    if day is not None and deadline.last_day > day:
        draft.overruns.append(Overrun(deadline, day, rule.overrun))


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
        pin = draft.workflow
        subject = draft.participations.get(old.participation)
        if subject is not None:
            pin = draft.world.library.workflow(subject.workflow)
        _compare_with_plan(draft, pin.deadlines[old.name], subject, new, act)


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
    if rule.owner == CLOCK:
        return CLOCK
    found = next(iter(draft.world.roster.of_kind(rule.owner, draft.world.today)), None)
    return draft.measure.lead if found is None else found.id


def _length(
    draft: Draft, rule: DeadlineRule, subject: Participation | None, start: date
) -> Found | None:
    named = {"plan": planned_day, "same_day": _same_day, "within": _within, "own_sitting": _sitting}
    if rule.period in named:
        day = None if subject is None else named[rule.period](draft, subject, rule.value, start)
        return None if day is None else (None, fixed(day))
    choices = _choices(draft, rule, subject, start)
    found = longest(choices, start, draft.world, draft.measure)
    return None if found is None else (found[0].id, found[1])


def _choices(
    draft: Draft, rule: DeadlineRule, subject: Participation | None, on: date
) -> list[tuple[Provision, Counting]]:
    if rule.period == "provision" and subject is not None:
        given = {f"given.{k}": v for k, v in subject.given.items()}
        variant = next((name for name, when in rule.variants if holds(when, given)), "")
        found = periods(draft, subject, on, variant)
        if found:
            return found
    if rule.period == "stage" and subject is not None:
        found = _stages(draft, subject, on, rule.value)
        if found:
            return found
    value = draft.world.library.value(rule.value, on, draft.world.place(draft.measure.municipality))
    return [] if value is None or value.value is None else [(value, value.value.counting)]


def _stages(
    draft: Draft, subject: Participation, on: date, name: str
) -> list[tuple[Provision, Counting]]:
    rows = draft.calling(subject.office, subject.form, on)
    return [(p, p.duty.stages[name]) for p in rows if p.duty is not None and name in p.duty.stages]


def _same_day(draft: Draft, subject: Participation, name: str, on: date) -> date:
    return on


def _within(draft: Draft, subject: Participation, name: str, on: date) -> date | None:
    """Return the last working day before another deadline ends, None if none is left."""
    main = draft.deadline(subject.key, name)
    if main is None or not main.open:
        return None
    day = draft.world.calendar(draft.measure.municipality).last_working_day(main.last_day - ONE_DAY)
    return day if day >= on else None


def _sitting(draft: Draft, subject: Participation, name: str, on: date) -> date | None:
    """Return the day of the next sitting of the body that takes part, None if none is known.

    Where `name` is another deadline of the participation, a sitting after its end is none.
    """
    main = draft.deadline(subject.key, name)
    end = main.last_day if main is not None and main.open else date.max
    return min((day for day in own_sittings(draft, subject) if on < day <= end), default=None)


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
        changed = agree if rule.name in step.agrees else extend_to
        until = changed(held.derivation, date.fromisoformat(moved), on, step.id)
        _replace_with(draft, held, until, act)
    elif rests and held.status is DeadlineStatus.RUNNING:
        resting = pause(held.derivation, on, step.id)
        draft.put_deadline(replace(held, derivation=resting, status=DeadlineStatus.PAUSED))
        draft.void_rungs(held)
    elif not rests and held.status is DeadlineStatus.PAUSED:
        _replace_with(draft, held, resume(held.derivation, on, calendar, step.id), act)
