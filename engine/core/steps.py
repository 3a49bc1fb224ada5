"""A step is taken: where it leads, what it opens and closes, what follows, who hears."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from engine.core.affected import facts_after
from engine.core.case import Act, Document, Participation
from engine.core.checks import demanding, provisions_of, refusal
from engine.core.conditions import Value, holds
from engine.core.draft import DECIDED, DEMANDED_BY, INFORMED, Draft
from engine.core.duties import Called, called_for
from engine.core.findings import begin_remedies, find, judge
from engine.core.machine import Situation, permitted
from engine.core.meanings import StateMeans, StepMeans
from engine.core.recounting import recount
from engine.core.running import (
    close_unanswered,
    count_anew,
    follow,
    hand_over,
    open_first,
    replan,
)
from engine.core.sittings import restaged
from engine.core.situation import situation
from engine.core.telling import tell_all, tell_overruns
from engine.core.workflow import ENGINE, Effect, Reschedules, Step, Workflow
from engine.errors import InputError


def perform(
    draft: Draft,
    workflow: Workflow,
    subject: Participation | None,
    step: Step,
    act: Act,
    held: frozenset[str],
    extra: Mapping[str, Any] | None = None,
) -> None:
    """Take a step in one of the roles `held`, with everything that comes of it.

    `act.given` is plain by now (`plain_given`). Raises Refused where it is not permitted.
    """
    seen = situation(draft, workflow, subject, act)
    role = next(iter(sorted(held & step.by)), "")
    verdict = permitted(workflow, seen, step, role)
    if verdict.state is None:
        raise refusal(draft, workflow, step, verdict, subject, act.happened_on)
    moved = _move(draft, workflow, subject, step, act, verdict.state)
    _change(draft, step, act)
    findings = [] if holds(step.expects, seen.values) else find(draft, moved, step, act)
    righted = follow(draft, workflow, moved, step, act, seen)
    count_anew(draft, act)
    begin_remedies(draft, step, act)
    overruns = tell_overruns(draft, act)
    if step.new_round is not None and holds(step.new_round, seen.values):
        _new_round(draft, act)
    plain = {
        **_said(draft, workflow, moved, step, act),
        "from": seen.state,
        "to": verdict.state,
        **({"findings": findings} if findings else {}),
        **({"rights": righted} if righted else {}),
        **({"overruns": overruns} if overruns else {}),
        **(extra or {}),
    }
    entry = draft.enter(act, step.id, plain, _private(act))
    if draft.telling:
        tell_all(draft, workflow, moved, step, act, seen, entry.part, righted, findings)
    _effects(draft, step, act, seen)


def _said(
    draft: Draft, workflow: Workflow, moved: Participation | None, step: Step, act: Act
) -> dict[str, Any]:
    """Return what the log says of every step: enough to take it again, and no free text."""
    plain: dict[str, Any] = {
        "step": step.id,
        "means": step.means.value,
        "participation": "" if moved is None else moved.key,
        "given": dict(act.given),
        "definition": workflow.pin,
    }
    if act.deputy:
        plain["deputy"] = True
    if act.reason:
        plain["reasoned"] = True
    if act.documents:
        plain["documents"] = [plain_document(d) for d in act.documents]
    if act.way:
        plain["way"] = act.way
    return plain


def _change(draft: Draft, step: Step, act: Act) -> None:
    """Change of the case what the step is about besides its state."""
    if step.new_paper:
        draft.next_paper(act.documents)
    if step.judges is not None and act.given.get(step.judges.finding) is not None:
        judge(draft, step.judges, act)
    for wanted in step.takes:
        if wanted.type == "facts" and act.given.get(wanted.name) is not None:
            _state_facts(draft, step, act.given[wanted.name], act)
    if step.leads is not None:
        _hand_over(draft, act.given[step.leads], act)
    if step.reschedules is not None:
        _reschedule(draft, step.reschedules, act)
    if step.recounts:
        recount(draft, act)


def _move(
    draft: Draft,
    workflow: Workflow,
    subject: Participation | None,
    step: Step,
    act: Act,
    state: str,
) -> Participation | None:
    kept = {**act.given, **_dated(draft, subject, step, act, state)}
    if subject is None and step.means is StepMeans.DEMAND:
        kept[DEMANDED_BY] = demanding(draft, step, act)
    if f"actor.not_same_as.{step.id}" in workflow.names:
        kept[f"actor.{step.id}"] = act.actor
    if subject is None:
        draft.state = state
        draft.given = _merged(draft.given, kept)
        return None
    moved = replace(
        subject,
        state=state,
        revision=subject.revision + 1,
        given=_merged(subject.given, kept),
    )
    draft.put(moved)
    return moved


def _dated(
    draft: Draft, subject: Participation | None, step: Step, act: Act, state: str
) -> dict[str, str]:
    """Return the day to be remembered, where a provision may follow the law of that day."""
    if subject is None:
        decided = step.means is StepMeans.DECISION
        decided = decided and draft.workflow.meaning(state) is StateMeans.DECIDED
        return {DECIDED: act.happened_on.isoformat()} if decided else {}
    first = step.means is StepMeans.INFORMATION and INFORMED not in subject.given
    return {INFORMED: act.happened_on.isoformat()} if first else {}


def _merged(before: Mapping[str, Value], now: Mapping[str, Any]) -> dict[str, Value]:
    """Return what was given, with the new answers in place of the old ones."""
    merged = {**before, **now}
    return {k: v for k, v in merged.items() if v is not None and not isinstance(v, Mapping)}


def plain_document(document: Document) -> dict[str, Any]:
    """Return what the log keeps of a document in plain: everything but its name."""
    return {
        "uid": document.uid,
        "kind": document.kind,
        "commitment": document.commitment,
        "size": document.size,
        "media": document.media,
    }


def _state_facts(draft: Draft, step: Step, facts: Mapping[str, Any], act: Act) -> None:
    """State facts of the measure; whoever the law now calls for as well takes part."""
    known = draft.world.library.facts
    for name, value in facts.items():
        fact = known.get(name)
        if fact is None or (fact.type == "bool") != isinstance(value, bool):
            raise InputError(
                f"Die Tatsache „{name}“ gibt es so nicht; bekannt sind: {', '.join(known)}.",
                f"There is no such fact '{name}'; known are: {', '.join(known)}.",
            )
    known_now = facts_after(draft, step, act, draft.measure.facts, facts)
    draft.measure = replace(draft.measure, facts=known_now)
    called = called_for(draft.measure, draft.world, act.happened_on)
    there = {(p.office, p.form) for p in draft.participations.values()}
    add_participations(draft, {k: v for k, v in called.items() if k not in there}, 1)
    begin(draft, act)


def _hand_over(draft: Draft, office: str, act: Act) -> None:
    """Make another office the lead department; what the former one owes is owed by it now."""
    draft.world.roster.office(office)
    former = draft.measure.lead
    draft.measure = replace(draft.measure, lead=office)
    hand_over(draft, former, act)


def _reschedule(draft: Draft, moves: Reschedules, act: Act) -> None:
    """Move the sitting of a body in the Beratungsfolge, and the plan with it."""
    given = act.given
    day, was = _given_day(given, moves.day), _given_day(given, moves.was)
    draft.measure = restaged(draft.measure, given[moves.body], day, was, draft.world)
    replan(draft, act)


def _given_day(given: Mapping[str, Any], name: str | None) -> date | None:
    day = None if name is None else given.get(name)
    return None if day is None else date.fromisoformat(day)


def _private(act: Act) -> dict[str, Any]:
    private = dict(act.private)
    if act.reason:
        private["reason"] = act.reason
    if act.documents:
        private["documents"] = [{"uid": d.uid, "name": d.name} for d in act.documents]
    return private


def add_participations(draft: Draft, called: Called, round_: int) -> None:
    """Open a participation for each office and form that the provisions call for."""
    for (office, form), provisions in sorted(called.items()):
        workflow = draft.world.library.for_form(form)
        draft.put(
            Participation(
                key=f"{office}/{form}/{round_}",
                office=office,
                form=form,
                round=round_,
                workflow=workflow.pin,
                state=workflow.initial,
                revision=0,
                provisions=tuple(p.id for p in provisions),
            )
        )


def _effects(draft: Draft, step: Step, act: Act, seen: Situation) -> None:
    """Take the steps that follow elsewhere, where they are permitted there."""
    for effect in step.effects:
        if not holds(effect.when, seen.values):
            continue
        if effect.target == "case":
            _follow_up(draft, draft.workflow, None, effect, act)
            continue
        for participation in draft.current():
            if participation.key != act.participation:
                workflow = draft.world.library.workflow(participation.workflow)
                _follow_up(draft, workflow, participation, effect, act)


def _follow_up(
    draft: Draft,
    workflow: Workflow,
    subject: Participation | None,
    effect: Effect,
    act: Act,
) -> None:
    for step in workflow.steps_meaning(effect.means):
        if ENGINE not in step.by:
            continue
        taken = {f.name: act.given[f.name] for f in step.takes if f.name in act.given}
        following = replace(
            act,
            step=step.id,
            participation="" if subject is None else subject.key,
            given=taken,
            private={},
            documents=(),
        )
        seen = situation(draft, workflow, subject, following)
        if permitted(workflow, seen, step, ENGINE).allowed:
            perform(draft, workflow, subject, step, following, frozenset({ENGINE}))
            return


def _new_round(draft: Draft, act: Act) -> None:
    """Ask everybody again: the paper has become another one since they were heard."""
    for old in draft.current():
        for deadline in draft.of(old.key):
            close_unanswered(draft, deadline)
        provisions = provisions_of(draft, old, act.happened_on)
        called: Called = {(old.office, old.form): tuple(provisions)}
        add_participations(draft, called, old.round + 1)
    begin(draft, act)


def begin(draft: Draft, act: Act) -> None:
    """Open the deadlines that run from the first moment of each new participation."""
    for participation in draft.current():
        if participation.revision == 0:
            workflow = draft.world.library.workflow(participation.workflow)
            open_first(draft, workflow, participation, act)
