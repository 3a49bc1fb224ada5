"""Who hears of a step: offices by their relation to the case, each owed a letter."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.core.case import Act, Participation
from engine.core.checks import provisions_of
from engine.core.conditions import holds
from engine.core.draft import Draft, on_day
from engine.core.machine import Situation
from engine.core.workflow import Step, Tell, Workflow


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


def tell_all(
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
    """Owe everyone the step names her letter, and the corrections that it brings about.

    `part` is the number of the step's entry, `righted` names the deadlines it puts right.
    """
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
