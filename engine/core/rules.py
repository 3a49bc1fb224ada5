"""Provisions: dated, cited rules that say who takes part, in which form and period.

Layers stand above each other by the kind of their source: statute, Hauptsatzung,
Geschäftsordnung, Dienstanweisung, house value. A provision is in force from `since`
until before `until`. No number of days exists without a provision that names its norm.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from engine.core.conditions import ALWAYS, Condition, Value
from engine.core.deadlines import Counting
from engine.core.meanings import RANKS, Confidence, Source, StepMeans
from engine.errors import Text


@dataclass(frozen=True, slots=True)
class Duty:
    """Offices of `kinds` take part in `form`; `concerned` only where their field is touched.

    `counting` is the usual period; `variants` are others by name: urgent, supplement.
    `traits` are the properties that workflows may ask for as `provision.<trait>`:
    silence, reasons, query, incomplete, referral.
    """

    kinds: frozenset[str]
    form: str
    concerned: bool = True
    counting: Counting | None = None
    variants: Mapping[str, Counting] = field(default_factory=dict)
    documents: frozenset[str] = frozenset()
    before: frozenset[str] = frozenset()
    traits: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class NamedValue:
    """A local number by name, e.g. the days that weighing needs."""

    name: str
    counting: Counting


@dataclass(frozen=True, slots=True)
class Remedy:
    """What a norm orders after a departure of one of the kinds `cures`, and who owes it."""

    means: StepMeans
    owner: str
    cures: frozenset[str]
    counting: Counting | None = None


@dataclass(frozen=True, slots=True)
class Provision:
    """One rule of a pack with its norm, rank, confidence and time of force."""

    id: str
    pack: str
    title: Text
    norm: str
    url: str
    source: Source
    confidence: Confidence
    since: date
    until: date | None
    governs: str = "step"
    when: Condition = ALWAYS
    land: str | None = None
    municipality: str | None = None
    duty: Duty | None = None
    value: NamedValue | None = None
    remedy: Remedy | None = None
    lineage: tuple[str, ...] = ()

    @property
    def rank(self) -> int:
        """0 for a statute, rising towards a house value."""
        return RANKS.index(self.source)

    @property
    def unchecked(self) -> bool:
        """Whether the wording of the norm was not read at its source: shown as *ungeprüft*."""
        return self.confidence is not Confidence.VERIFIED_TEXT

    def in_force(self, on: date) -> bool:
        """Return whether the provision applies on `on` (half-open)."""
        return self.since <= on and (self.until is None or on < self.until)

    def binds(self, land: str, municipality: str) -> bool:
        """Return whether the provision applies in that place."""
        return self.land in (None, land) and self.municipality in (None, municipality)


@dataclass(frozen=True, slots=True)
class RulePack:
    """The provisions of one source in one version; `digest` is that of its bytes."""

    id: str
    title: str
    digest: str
    source: Source
    provisions: tuple[Provision, ...]


@dataclass(frozen=True, slots=True)
class Fact:
    """A fact of a measure that rules may ask for; the finite domain makes it provable."""

    id: str
    type: str
    question: Text
    options: tuple[str, ...] = ()


def highest(provisions: Iterable[Provision]) -> Provision | None:
    """Return the provision of the highest rank, the first of equals, or None."""
    return min(provisions, key=lambda p: p.rank, default=None)


def values_named(provisions: Iterable[Provision], name: str) -> Iterator[Provision]:
    """Yield the provisions that set the value `name`."""
    return (p for p in provisions if p.value is not None and p.value.name == name)
