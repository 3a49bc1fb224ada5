"""Examples: the rehearsals that a workflow brings along, as values.

A line says what somebody does on a day, and what must have come of it. What a line does
not speak of may be as it likes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from engine.core.conditions import Value
from engine.core.counting import Counting

CASE = "case"
"""Where a line takes place that is about the case itself."""


@dataclass(frozen=True, slots=True)
class Expected:
    """What must hold after a line; None means that nothing is said about it.

    `state` is that of the line's subject, `case` that of the case, `participations` those
    of others by key; `deadlines` gives the subject's running last days, None for one that
    does not run; `tells` gives the letters of the line by target; `findings` are the kinds
    of the findings it opened, at the end of an example the states of all of them.
    """

    state: str | None = None
    case: str | None = None
    participations: Mapping[str, str] = field(default_factory=dict)
    deadlines: Mapping[str, date | None] = field(default_factory=dict)
    tells: Mapping[str, tuple[str, ...]] | None = None
    findings: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a rehearsal; without `step` the clock alone runs on to its day.

    `number` is its line in the file. `where` names a participation, or the case, if it is
    not the one that the example is about. `refused` is what the refusal must say, empty
    if any will do, None if the step must succeed. `vacant` are the kinds of office that
    nobody holds from here on, `absent` those whose holder is away and represented (i. V.);
    None for no change.
    """

    number: int
    on: date
    step: str | None = None
    by: str = ""
    where: str = ""
    given: Mapping[str, Any] = field(default_factory=dict)
    documents: tuple[str, ...] = ()
    happened_on: date | None = None
    refused: str | None = None
    vacant: frozenset[str] | None = None
    absent: frozenset[str] | None = None
    column: int = 1
    expected: Expected = field(default_factory=Expected)


@dataclass(frozen=True, slots=True)
class Supposed:
    """Periods, traits and an order that a rehearsal makes up, see `supposing.Supposition`."""

    periods: Mapping[str, Counting] = field(default_factory=dict)
    traits: Mapping[str, Value] = field(default_factory=dict)
    before: Mapping[str, frozenset[str]] = field(default_factory=dict)


AS_IT_IS = Supposed()
"""Nothing is made up."""


@dataclass(frozen=True, slots=True)
class Example:
    """A rehearsal: a measure, whom it touches, what happens to it, and how it ends.

    `offices` pairs each kind of office that takes part with the fact that touches its
    field, empty for the usual one; `facts` are stated beyond that, None leaves one open.
    `sittings` are the bodies of the Beratungsfolge with their days, `own_sittings` those of
    bodies that take part themselves. `supposed` is the law as this rehearsal alone takes it
    to be.
    """

    name: str
    number: int
    lines: tuple[Line, ...]
    offices: Mapping[str, str] = field(default_factory=dict)
    facts: Mapping[str, Value] = field(default_factory=dict)
    sittings: Mapping[str, date] = field(default_factory=dict)
    own_sittings: Mapping[str, tuple[date, ...]] = field(default_factory=dict)
    kind: str = "beschlussvorlage"
    origin: str = "administration"
    supposed: Supposed = AS_IT_IS
    column: int = 1
    expected: Expected = field(default_factory=Expected)
