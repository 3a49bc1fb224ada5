"""Who takes no part in a measure, and why: what stays visible to those who might have."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from engine.core.case import Measure
from engine.core.duties import called_for, in_force
from engine.core.offices import Office
from engine.core.rules import Provision
from engine.core.world import World
from engine.errors import Text


@dataclass(frozen=True, slots=True)
class Bystander:
    """An office that is not called, why, and the provision whose table says so, if any.

    `against` tells that the table would have called it and the department gave reasons.
    """

    office: Office
    because: Text
    provision: Provision | None = None
    against: bool = False


def bystanders(measure: Measure, world: World, on: date) -> Iterator[Bystander]:
    """Yield the offices with a field of their own whom the law of a day does not call."""
    called = {office for office, _ in called_for(measure, world, on)}
    kinds = {k for p in in_force(measure, world, on) if p.duty for k in p.duty.kinds}
    tables = {p.table.answers: p for p in _tables(measure, world, on) if p.table is not None}
    for office in world.roster.offices.values():
        if office.concern is not None and office.kind in kinds and office.id not in called:
            yield _why(office, office.concern, measure, world, tables.get(office.concern))


def _tables(measure: Measure, world: World, on: date) -> tuple[Provision, ...]:
    return world.library.tables(on, world.place(measure.municipality))


def _why(
    office: Office, fact: str, measure: Measure, world: World, provision: Provision | None
) -> Bystander:
    question = world.library.facts[fact].question
    if fact not in measure.facts:
        words = Text("noch nicht beantwortet", "not answered yet")
        return Bystander(office, words, provision)
    row = None
    if provision is not None and provision.table is not None:
        row = provision.table.row(measure.facts)
    if row is not None and row.answer:
        words = Text(
            "die federführende Stelle weicht mit Begründung von der Tabelle ab",
            "the lead department departs from the table with reasons",
        )
        return Bystander(office, words, provision, against=True)
    if row is not None and row.because is not None:
        return Bystander(office, row.because, provision)
    words = Text(f"verneint: „{question.de}“", f"answered no: '{question.en}'")
    return Bystander(office, words)
