"""Betroffenheitsprüfung: from a few questions to the fact that calls for an office.

A table is data of a rule pack. Every combination of answers meets exactly one of its rows;
a row that says no gives the reason, which the office concerned can read. Whoever sees it
otherwise says why.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product

from engine.core.conditions import Condition, Value, holds
from engine.errors import Text

MEASURE = "measure."
"""How conditions name the facts of a measure."""


@dataclass(frozen=True, slots=True)
class ConcernRow:
    """Where the answers meet `when`, the fact is `answer`; `because` says why."""

    when: Condition
    answer: bool
    because: Text | None = None


@dataclass(frozen=True, slots=True)
class ConcernTable:
    """Rows that answer the fact `answers` from the facts `asks`."""

    answers: str
    asks: tuple[str, ...]
    rows: tuple[ConcernRow, ...]

    def row(self, facts: Mapping[str, Value]) -> ConcernRow | None:
        """Return the row that answers meet, None while one of them is still open."""
        if any(facts.get(name) is None for name in self.asks):
            return None
        return next(self.met(facts), None)

    def met(self, facts: Mapping[str, Value]) -> Iterator[ConcernRow]:
        """Yield every row that the answers meet: exactly one, in a sound table."""
        values = {f"{MEASURE}{name}": value for name, value in facts.items()}
        return (row for row in self.rows if holds(row.when, values))


def unsound(
    table: ConcernTable, domains: Mapping[str, tuple[Value, ...]]
) -> Iterator[tuple[Mapping[str, Value], int]]:
    """Yield each combination of answers that meets no row, or several, with their number."""
    for values in product(*(domains[name] for name in table.asks)):
        answers = dict(zip(table.asks, values, strict=True))
        met = len(list(table.met(answers)))
        if met != 1:
            yield answers, met


def completed(
    before: Mapping[str, Value], stated: Mapping[str, Value], tables: Iterable[ConcernTable]
) -> dict[str, Value]:
    """Return the facts after new ones were stated, with what the tables say of them.

    What was stated itself stands; a table answers again as soon as one of its questions is.
    """
    facts = {**before, **stated}
    for table in tables:
        if table.answers in stated:
            continue
        row = table.row(facts)
        if row is not None and (table.answers not in before or set(table.asks) & set(stated)):
            facts[table.answers] = row.answer
    return facts


def differing(
    before: Mapping[str, Value], stated: Mapping[str, Value], tables: Iterable[ConcernTable]
) -> Iterator[tuple[ConcernTable, ConcernRow]]:
    """Yield the tables that call for an office which what was stated leaves out, and the row.

    To ask an office that no table calls for needs no reason.
    """
    facts = {**before, **stated}
    for table in tables:
        row = table.row(facts) if table.answers in stated else None
        if row is not None and row.answer and stated[table.answers] is False:
            yield table, row
