"""Whom a measure touches, as stated, as the tables answer it, and where the two differ."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from engine.core.case import Act, Measure
from engine.core.concern import completed, differing
from engine.core.conditions import Value
from engine.core.draft import Draft
from engine.core.phrases import norm
from engine.core.rules import Provision
from engine.core.workflow import Step
from engine.core.world import World
from engine.errors import Refused, Text


def facts_after(
    draft: Draft, step: Step, act: Act, before: Mapping[str, Value], stated: Mapping[str, Value]
) -> dict[str, Value]:
    """Return the facts after new ones were stated, completed by the tables in force.

    To leave out an office that a table calls for needs a reason, in a field of the step made
    for it; such offices are remembered, so that they can be told. Raises Refused without one.
    """
    rows = tables(draft, act.happened_on)
    known = [p.table for p in rows if p.table is not None]
    differ = list(differing(before, stated, known))
    reasoned = any(act.given.get(f.name) for f in step.takes if f.type == "deviation")
    if differ and not reasoned:
        answered = {table.answers for table, _ in differ}
        raise _unreasoned([p for p in rows if p.table and p.table.answers in answered])
    spared = {table.answers for table, _ in differ}
    draft.excepted |= {o.id for o in draft.world.roster.offices.values() if o.concern in spared}
    return completed(before, stated, known)


def completed_facts(
    measure: Measure, stated: Mapping[str, Value], world: World, on: date
) -> Measure:
    """Return a measure about which facts were stated, with what the tables say of them."""
    rows = world.library.tables(on, world.place(measure.municipality))
    known = [p.table for p in rows if p.table is not None]
    return replace(measure, facts=completed(measure.facts, stated, known))


def tables(draft: Draft, on: date) -> tuple[Provision, ...]:
    """Return the provisions whose tables answer facts of the measure by the law of a day."""
    place = draft.world.place(draft.measure.municipality)
    return draft.world.library.tables(on, place)


def facts_missing(draft: Draft) -> list[str]:
    """Return the facts about the measure that nobody has stated yet and somebody must.

    Where a table answers a fact, its questions are asked instead.
    """
    stated = draft.measure.facts
    answered = {p.table.answers: p.table for p in tables(draft, draft.world.today) if p.table}
    missing = {
        question
        for name, table in answered.items()
        if name not in stated
        for question in table.asks
        if question not in stated
    }
    for fact in draft.world.library.facts.values():
        if not fact.for_tables and fact.id not in answered and fact.id not in stated:
            missing.add(fact.id)
    return sorted(missing)


def _unreasoned(rows: list[Provision]) -> Refused:
    facts = ", ".join(p.table.answers for p in rows if p.table is not None)
    norms = [norm(p) for p in rows]
    cited = Text("; ".join(n.de for n in norms), "; ".join(n.en for n in norms))
    return Refused(
        f"Die Betroffenheitsprüfung kommt zu einem anderen Ergebnis ({facts}; {cited.de}). Wenn "
        "Sie das anders sehen, begründen Sie es; die betroffene Stelle liest die Begründung.",
        f"The table answers otherwise ({facts}; {cited.en}). If you see it differently, give the "
        "reasons; the office concerned will read them.",
    )
