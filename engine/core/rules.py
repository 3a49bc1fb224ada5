"""Provisions: dated, cited rules that say who takes part, in which form and period.

Layers stand above each other by the kind of their source: statute, Hauptsatzung,
Geschäftsordnung, Dienstanweisung, house value. A provision is in force from `since`
until before `until`. No number of days exists without a provision that names its norm.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from engine.core.concern import ConcernTable
from engine.core.conditions import ALWAYS, Condition, Value
from engine.core.deadlines import Counting
from engine.core.meanings import RANKS, Confidence, Event, Governs, Source, StepMeans
from engine.errors import Text


@dataclass(frozen=True, slots=True)
class Term:
    """What a norm says about a period beyond its length.

    `start` is the event that sets it running, None where the norm does not say. A `soll`
    period binds, but overrunning it costs nobody a right. `needs` is the reason or the
    agreement without which the period may not be used.
    """

    start: Event | None = None
    soll: bool = False
    needs: Text | None = None


BARE = Term()
"""A period of which nothing is said but its length."""


@dataclass(frozen=True, slots=True)
class Duty:
    """Offices of `kinds` take part in `form`; `concerned` only where their field is touched.

    `counting` is the usual period; `variants` are others by name: urgent, supplement.
    `stages` are the further periods of a procedure in several stages, each from its own
    event. `terms` says more about each of them, by name; `agreed` is what another period
    by agreement needs, shorter or longer, None where the norm permits none; `extended` what
    a longer one needs. Offices of the kinds `before` come after these. `traits` are the
    properties that workflows ask for as `provision.<trait>`.
    """

    kinds: frozenset[str]
    form: str
    concerned: bool = True
    counting: Counting | None = None
    variants: Mapping[str, Counting] = field(default_factory=dict)
    documents: frozenset[str] = frozenset()
    before: frozenset[str] = frozenset()
    traits: Mapping[str, Value] = field(default_factory=dict)
    stages: Mapping[str, Counting] = field(default_factory=dict)
    terms: Mapping[str, Term] = field(default_factory=dict)
    agreed: Text | None = None
    extended: Text | None = None


@dataclass(frozen=True, slots=True)
class NamedValue:
    """A local number by name, e.g. the days that weighing needs."""

    name: str
    counting: Counting
    term: Term = BARE


@dataclass(frozen=True, slots=True)
class Remedy:
    """What a norm orders after a departure of one of the kinds `cures`, and who owes it.

    Its period runs from the departure, or from the step meaning `begins` if that comes later.
    It is owed where an office of `kinds` was left out; empty means whoever it was.
    """

    means: StepMeans
    owner: str
    cures: frozenset[str]
    counting: Counting | None = None
    begins: StepMeans | None = None
    kinds: frozenset[str] = frozenset()
    term: Term = BARE


@dataclass(frozen=True, slots=True)
class Moments:
    """The days whose law may govern a step: its own, that of the start, of the decision."""

    step: date
    start_event: date
    decision: date

    @classmethod
    def on(cls, day: date) -> Moments:
        """Return the moments of a day that is all three."""
        return cls(day, day, day)


@dataclass(frozen=True, slots=True)
class Confirmed:
    """Who has compared exactly these bytes of a pack with their source, and on which day."""

    by: str
    on: date


@dataclass(frozen=True, slots=True)
class Provision:
    """One rule of a pack with its norm, rank, confidence and time of force.

    `overrides` names provisions that it takes the place of; `open_to` the kinds of source
    that may do so to it though they rank below. `cites` are citations it rests on.
    """

    id: str
    pack: str
    title: Text
    norm: str
    url: str
    source: Source
    confidence: Confidence
    since: date
    until: date | None
    governs: Governs = Governs.STEP
    when: Condition = ALWAYS
    land: str | None = None
    municipality: str | None = None
    duty: Duty | None = None
    value: NamedValue | None = None
    remedy: Remedy | None = None
    table: ConcernTable | None = None
    lineage: tuple[str, ...] = ()
    overrides: frozenset[str] = frozenset()
    open_to: frozenset[Source] = frozenset()
    cites: tuple[str, ...] = ()
    template: bool = False
    confirmed: Confirmed | None = None

    @property
    def rank(self) -> int:
        """0 for a statute, rising towards a house value."""
        return RANKS.index(self.source)

    @property
    def unchecked(self) -> bool:
        """Whether nobody answers for the wording of the norm: shown as *ungeprüft*.

        A lawyer who has confirmed the pack by name does; what is invented stays invented.
        """
        if self.confidence is Confidence.FICTITIOUS:
            return True
        return self.confidence is not Confidence.VERIFIED_TEXT and self.confirmed is None

    def in_force(self, on: date) -> bool:
        """Return whether the provision applies on `on` (half-open)."""
        return self.since <= on and (self.until is None or on < self.until)

    def applies(self, moments: Moments) -> bool:
        """Return whether the provision is in force on the day whose law it follows."""
        return self.in_force(getattr(moments, self.governs.value))

    def may_override(self, other: Provision) -> bool:
        """Return whether this provision may take the place of another.

        A higher or equal rank may; a lower one only where the other is open to it.
        """
        return self.rank <= other.rank or self.source in other.open_to

    def binds(self, land: str, municipality: str) -> bool:
        """Return whether the provision applies in that place; a template applies nowhere."""
        return (
            not self.template
            and self.land in (None, land)
            and self.municipality in (None, municipality)
        )


@dataclass(frozen=True, slots=True)
class RulePack:
    """The provisions of one source in one version; `digest` is that of its bytes."""

    id: str
    title: str
    digest: str
    source: Source
    provisions: tuple[Provision, ...]
    checked_on: date | None = None
    url: str = ""
    confirmed: Confirmed | None = None

    @property
    def last_checked(self) -> date | None:
        """The day on which somebody last compared the pack with its source, or None."""
        return max((d for d in (self.checked_on, self._signed) if d is not None), default=None)

    @property
    def _signed(self) -> date | None:
        return None if self.confirmed is None else self.confirmed.on

    def confirmed_by(self, signed: Confirmed | None) -> RulePack:
        """Return the pack with the name of whoever confirmed it on each of its provisions."""
        rows = tuple(replace(p, confirmed=signed) for p in self.provisions)
        return replace(self, provisions=rows, confirmed=signed)


@dataclass(frozen=True, slots=True)
class Fact:
    """A fact of a measure that rules may ask for; the finite domain makes it provable.

    One that is `for_tables` is asked only where a table in force needs it.
    """

    id: str
    type: str
    question: Text
    options: tuple[str, ...] = ()
    for_tables: bool = False


def highest(provisions: Iterable[Provision]) -> Provision | None:
    """Return the provision of the highest rank, the first of equals, or None."""
    return min(provisions, key=lambda p: p.rank, default=None)


def values_named(provisions: Iterable[Provision], name: str) -> Iterator[Provision]:
    """Yield the provisions that set the value `name`."""
    return (p for p in provisions if p.value is not None and p.value.name == name)
