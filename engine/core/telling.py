"""Who hears of a step: offices by their relation to the case, each owed a letter."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.core.case import Act, Participation
from engine.core.checks import provisions_of
from engine.core.conditions import holds
from engine.core.draft import DEMANDED_BY, Draft, on_day
from engine.core.machine import Situation
from engine.core.meanings import StepMeans
from engine.core.workflow import Step, Tell, Workflow

_OF_A_DEMAND = frozenset({StepMeans.DEMAND, StepMeans.ANSWER, StepMeans.REFERRAL})
"""Steps of a case that are about the office which demanded to take part in it."""


def offices(
    draft: Draft, target: str, subject: Participation | None, act: Act, owner: str | None
) -> list[str]:
    """Return the offices that a target names: a relation to the case, or a kind of office.

    `excepted` are those whom a table would have called and the facts stated do not.
    Relations are lead, office (that takes part) and its deputy, participants, demanding (the
    office that demanded to take part), owner (of the deadline) and superior (of that owner,
    else of the lead department).
    """
    roster = draft.world.roster
    if target == "lead":
        return [draft.measure.lead]
    if target == "owner":
        return [owner or draft.measure.lead]
    if target == "superior":
        above = roster.office(owner or draft.measure.lead).superior
        return [] if above is None else [above]
    if target == "excepted":
        return sorted(draft.excepted)
    if target == "participants":
        return list(dict.fromkeys(p.office for p in draft.current()))
    if target == "demanding":
        return [str(o) for o in (draft.given.get(DEMANDED_BY),) if o is not None]
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
    days: Mapping[str, str] | None = None,
) -> list[str]:
    """Owe the letter of a row to everyone its target names; return those offices.

    `days` gives by office the last day that the letter names to her alone.
    """
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
            {"to": row.target, "provisions": cited, **facts, **_own(days, office)},
        )
    return told


def tell_overruns(draft: Draft, act: Act) -> list[list[str]]:
    """Tell the lead department at once which deadlines end too late for the plan.

    Return for the log the name of each, its last day, and the day the plan needs.
    """
    said = []
    for late in draft.overruns:
        day, planned = on_day(late.deadline.last_day) or "", on_day(late.planned) or ""
        said.append([late.deadline.name, day, planned])
        if late.letter is not None:
            facts = {"day": day, "planned": planned, "deadline": list(late.deadline.key)}
            subject = draft.participations.get(late.deadline.participation)
            tell(draft, Tell("lead", late.letter), subject, act, facts)
    draft.overruns.clear()
    return said


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
    facts: dict[str, Any] = {
        "step": step.id,
        "act": [act.key, part],
        "by": act.office,
        "on": on_day(act.happened_on),
        "day": _day(draft, subject),
        "given": dict(act.given),
        "findings": findings,
    }
    if subject is None and step.means in _OF_A_DEMAND:
        facts["about"] = draft.given.get(DEMANDED_BY)
    days = _moved_days(draft) if step.recounts or step.reschedules is not None else None
    for row in step.tells:
        if holds(row.when, seen.values):
            tell(draft, row, subject, act, facts, days=days)
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


def _own(days: Mapping[str, str] | None, office: str) -> dict[str, str]:
    return {"day": days[office]} if days and office in days else {}


def _moved_days(draft: Draft) -> dict[str, str]:
    """Return by office the earliest last day among the deadlines of hers that have moved."""
    moved = [draft.deadlines[key] for key in draft.touched["d"]]
    later = sorted((d.last_day, d.owner) for d in moved if d.open)
    return {owner: day.isoformat() for day, owner in reversed(later)}


def _day(draft: Draft, subject: Participation | None) -> str | None:
    """Return the earliest last day that somebody will be reminded of after the step."""
    still = draft.of("" if subject is None else subject.key)
    days = [d.last_day for d in still if d.ladder is not None]
    return on_day(min(days, default=None))
