"""A step is taken: where it leads, what it opens and closes, what follows, who hears."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from engine.core.case import Act, Document, Finding, FindingState, Participation, Stage
from engine.core.checks import provisions_of, refusal
from engine.core.conditions import holds
from engine.core.deadlines import derive
from engine.core.draft import Draft, on_day
from engine.core.duties import Called, called_for, in_force
from engine.core.machine import Situation, permitted
from engine.core.rules import Provision, highest
from engine.core.running import add_deadline, close_unanswered, follow, open_first, replan
from engine.core.situation import settled, situation
from engine.core.workflow import ENGINE, Effect, Judges, Reschedules, Step, Tell, Workflow
from engine.errors import InputError, NotFound


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
    given = dict(act.given)
    seen = situation(draft, workflow, subject, act)
    role = next(iter(sorted(held & step.by)), "")
    verdict = permitted(workflow, seen, step, role)
    if verdict.state is None:
        raise refusal(draft, workflow, step, verdict, subject, act.happened_on)
    origin = seen.state
    expected = holds(step.expects, seen.values)
    if step.new_paper:
        draft.paper += 1
    if step.judges is not None:
        _judge(draft, step.judges, act)
    moved = _move(draft, workflow, subject, step, act, verdict.state, given)
    for wanted in step.takes:
        if wanted.type == "facts" and wanted.name in given:
            _state_facts(draft, given[wanted.name], act)
    if step.reschedules is not None:
        _reschedule(draft, step.reschedules, act)
    findings = [] if expected else _find(draft, moved, step, act)
    righted = follow(draft, workflow, moved, step, act, seen)
    if step.new_round is not None and holds(step.new_round, seen.values):
        _new_round(draft, act)
    plain = {
        "step": step.id,
        "means": step.means.value,
        "participation": "" if moved is None else moved.key,
        "from": origin,
        "to": verdict.state,
        "given": given,
        "definition": workflow.pin,
        "roster": draft.world.roster.position,
        "calendar": draft.world.calendar(draft.measure.municipality).digest[:16],
        **(extra or {}),
    }
    if findings:
        plain["findings"] = findings
    if righted:
        plain["rights"] = righted
    if act.deputy:
        plain["deputy"] = True
    if act.reason:
        plain["reasoned"] = True
    if act.documents:
        plain["documents"] = [plain_document(d) for d in act.documents]
    entry = draft.enter(act, step.id, plain, _private(act))
    _tell_all(draft, workflow, moved, step, act, seen, entry.part, righted, findings)
    _effects(draft, step, act, seen)


def _move(
    draft: Draft,
    workflow: Workflow,
    subject: Participation | None,
    step: Step,
    act: Act,
    state: str,
    given: Mapping[str, Any],
) -> Participation | None:
    kept = {**given}
    if f"actor.not_same_as.{step.id}" in workflow.names:
        kept[f"actor.{step.id}"] = act.actor
    if subject is None:
        draft.state = state
        draft.given.update({k: v for k, v in kept.items() if not isinstance(v, Mapping)})
        return None
    moved = replace(
        subject,
        state=state,
        revision=subject.revision + 1,
        given={**subject.given, **kept},
    )
    draft.put(moved)
    return moved


def plain_document(document: Document) -> dict[str, Any]:
    """Return what the log keeps of a document in plain: everything but its name."""
    return {
        "uid": document.uid,
        "kind": document.kind,
        "commitment": document.commitment,
        "size": document.size,
        "media": document.media,
    }


def _state_facts(draft: Draft, facts: Mapping[str, Any], act: Act) -> None:
    """State facts of the measure; whoever the law now calls for as well takes part."""
    known = draft.world.library.facts
    for name, value in facts.items():
        fact = known.get(name)
        if fact is None or (fact.type == "bool") != isinstance(value, bool):
            raise InputError(
                f"Die Tatsache „{name}“ gibt es so nicht; bekannt sind: {', '.join(known)}.",
                f"There is no such fact '{name}'; known are: {', '.join(known)}.",
            )
    draft.measure = replace(draft.measure, facts={**draft.measure.facts, **facts})
    called = called_for(draft.measure, draft.world, act.happened_on)
    there = {(p.office, p.form) for p in draft.participations.values()}
    add_participations(draft, {k: v for k, v in called.items() if k not in there}, 1)
    begin(draft, act)


def _reschedule(draft: Draft, moves: Reschedules, act: Act) -> None:
    """Move the sitting of a body in the Beratungsfolge; an unknown body joins it."""
    body, day = act.given[moves.body], date.fromisoformat(act.given[moves.day])
    stages = [replace(s, day=day) if s.body == body else s for s in draft.measure.stages]
    if all(s.body != body for s in stages):
        stages.append(Stage(body, day))
    ordered = sorted(stages, key=lambda s: s.day or date.max)
    draft.measure = replace(draft.measure, stages=tuple(ordered))
    replan(draft, act)


def _judge(draft: Draft, judges: Judges, act: Act) -> None:
    """Add to a finding what was done or found about it, and close what it owed.

    Who does something about it has done her own part; an assessment settles all of it.
    """
    number = act.given[judges.finding]
    if not 1 <= number <= len(draft.findings):
        raise NotFound(
            f"Der Vorgang {draft.before.number} hat keine Feststellung {number}.",
            f"Case {draft.before.number} has no finding {number}.",
        )
    choice = "" if judges.choice is None else act.given[judges.choice]
    state = FindingState(judges.states[choice])
    draft.put_finding(replace(draft.findings[number - 1], state=state))
    for deadline in draft.of(""):
        if deadline.finding == number and judges.settles(deadline.owner, act.office):
            draft.put_deadline(replace(deadline, closed_on=act.happened_on))
            draft.void_rungs(deadline)


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


def _find(draft: Draft, moved: Participation | None, step: Step, act: Act) -> list[int]:
    """Open a finding for each participation that the step ought to have waited for."""
    lacking = [p for p in draft.current() if not settled(draft, p)] if moved is None else [moved]
    return [_open_finding(draft, p, step, act) for p in lacking]


def _open_finding(draft: Draft, p: Participation, step: Step, act: Act) -> int:
    provisions: tuple[Provision, ...] = provisions_of(draft, p, act.happened_on)
    first = highest(provisions)
    remedies = _remedies(draft, step, act)
    finding = Finding(
        number=len(draft.findings) + 1,
        kind=step.finding or step.id,
        participation=p.key,
        provisions=tuple(x.id for x in provisions),
        rank=None if first is None else first.source,
        found_on=act.happened_on,
        remedies=tuple(r.id for r in remedies),
    )
    draft.put_finding(finding)
    for remedy in remedies:
        _owe_remedy(draft, finding, remedy, p, act)
    return finding.number


def _remedies(draft: Draft, step: Step, act: Act) -> list[Provision]:
    """Return the provisions in force that say what is to be done now, highest rank first."""
    values = {f"given.{k}": v for k, v in {**draft.given, **act.given}.items()}
    rows = in_force(draft.measure, draft.world, act.happened_on, values)
    return [p for p in rows if p.remedy is not None and step.finding in p.remedy.cures]


def _owe_remedy(
    draft: Draft, finding: Finding, remedy: Provision, p: Participation, act: Act
) -> None:
    owed = remedy.remedy
    rule = next((d for d in draft.workflow.deadlines.values() if d.period == "remedy"), None)
    if owed is None or owed.counting is None or rule is None:
        return
    calendar = draft.world.calendar(draft.measure.municipality)
    [owner, *_] = offices(draft, owed.owner, p, act, None) or [draft.measure.lead]
    derivation = derive(owed.counting, act.happened_on, calendar)
    add_deadline(draft, rule, None, derivation, remedy.id, act, owner, finding.number)


def offices(
    draft: Draft, target: str, subject: Participation | None, act: Act, owner: str | None
) -> list[str]:
    """Return the offices that a target names: a relation to the case, or a kind of office.

    Relations are lead, office (that takes part) and its deputy, participants, owner (of
    the deadline) and superior (of that owner, else of the lead department).
    """
    roster = draft.world.roster
    if target == "lead":
        return [draft.measure.lead]
    if target == "owner":
        return [owner or draft.measure.lead]
    if target == "superior":
        above = roster.office(owner or draft.measure.lead).superior
        return [] if above is None else [above]
    if target == "participants":
        return list(dict.fromkeys(p.office for p in draft.current()))
    if target in ("office", "deputy"):
        return [] if subject is None else [subject.office]
    return [o.id for o in roster.of_kind(target, act.happened_on)]


def tell(
    draft: Draft,
    row: Tell,
    subject: Participation | None,
    act: Act,
    facts: Mapping[str, Any],
    owner: str | None = None,
) -> list[str]:
    """Owe the letter of a row to everyone its target names; return those offices."""
    told = offices(draft, row.target, subject, act, owner)
    key = "" if subject is None else subject.key
    provisions = [] if subject is None else _cited(draft, subject, act)
    for office in told:
        cited = provisions or [
            i for p in draft.current() if p.office == office for i in _cited(draft, p, act)
        ]
        draft.notify(
            f"{act.key}:{act.step}:{key}",
            office,
            row.letter,
            key,
            act.recorded_at,
            {"to": row.target, "provisions": cited, **facts},
        )
    return told


def _cited(draft: Draft, subject: Participation, act: Act) -> list[str]:
    return [p.id for p in provisions_of(draft, subject, act.happened_on)]


def _tell_all(
    draft: Draft,
    workflow: Workflow,
    subject: Participation | None,
    step: Step,
    act: Act,
    seen: Situation,
    part: int,
    righted: list[str],
    findings: list[int],
) -> None:
    facts = {
        "step": step.id,
        "act": [act.key, part],
        "by": act.office,
        "on": on_day(act.happened_on),
        "day": _day(draft, subject),
        "given": dict(act.given),
        "findings": findings,
    }
    for row in step.tells:
        if holds(row.when, seen.values):
            tell(draft, row, subject, act, facts)
    for name in righted:
        _tell_righted(draft, workflow, subject, name, act, facts)


def _tell_righted(
    draft: Draft,
    workflow: Workflow,
    subject: Participation | None,
    name: str,
    act: Act,
    facts: Mapping[str, Any],
) -> None:
    """Tell everyone who was told of the lapse that it is withdrawn."""
    rule = workflow.deadlines[name]
    if rule.correction is None or rule.lapse is None:
        return
    for row in workflow.steps[rule.lapse].tells:
        tell(draft, Tell(row.target, rule.correction), subject, act, facts)


def _day(draft: Draft, subject: Participation | None) -> str | None:
    """Return the earliest last day that somebody will be reminded of after the step."""
    still = draft.of("" if subject is None else subject.key)
    days = [d.last_day for d in still if d.ladder is not None]
    return on_day(min(days, default=None))
