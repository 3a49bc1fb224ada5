"""From a rule pack's file to its provisions."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from datetime import date

from engine.core.counting import Counting
from engine.core.rules import Duty, Fact, NamedValue, Provision, Remedy, RulePack
from engine.definitions.conditions import MEASURE, TRAITS, Path, Reader, domains_of
from engine.definitions.documents import DutyDoc, PackDoc, PeriodDoc, ProvisionDoc
from engine.definitions.periods import counting
from engine.errors import EngineError, Text
from engine.strictyaml import Loaded, Problems, read, unknown

_ROLE = Text("Die Rolle", "The role")


def compile_pack(
    source: bytes, name: str, *, facts: Mapping[str, Fact], kinds: Iterable[str]
) -> RulePack:
    """Return the rule pack that a file declares.

    Raises DefinitionError with every problem of the file.
    """
    loaded = read(PackDoc, source, name)
    return _Compiler(loaded, source, facts, frozenset(kinds)).pack()


class _Compiler:
    def __init__(
        self,
        loaded: Loaded[PackDoc],
        source: bytes,
        facts: Mapping[str, Fact],
        kinds: frozenset[str],
    ) -> None:
        self.doc = loaded.value
        self.marks = loaded.marks
        self.problems = Problems(loaded.name)
        self.digest = hashlib.sha256(source).hexdigest()
        self.kinds = kinds
        self.reader = Reader(
            self.marks,
            self.problems,
            {"measure": MEASURE | frozenset(facts)},
            domains_of(facts),
        )

    def pack(self) -> RulePack:
        provisions = tuple(self._provision(i, p) for i, p in enumerate(self.doc.provisions))
        self._check_ids()
        self.problems.raise_if_any()
        return RulePack(self.doc.id, self.doc.title, self.digest, self.doc.source, provisions)

    def _provision(self, i: int, doc: ProvisionDoc) -> Provision:
        at: Path = ("provisions", i)
        force = doc.in_force or self.doc.in_force
        if force.until is not None and force.until <= force.since:
            self.problems.add(
                self.marks.at(*at, "in_force"),
                Text(
                    f"„{doc.id}“ träte außer Kraft, bevor es in Kraft tritt.",
                    f"'{doc.id}' would end before it begins.",
                ),
            )
        return Provision(
            id=doc.id,
            pack=self.doc.id,
            title=Text(doc.title, doc.title),
            norm=doc.norm,
            url=doc.url or self.doc.url or "",
            source=self.doc.source,
            confidence=doc.confidence,
            since=force.since,
            until=force.until,
            governs=doc.governs,
            when=self.reader.read(doc.when, (*at, "when")),
            land=self.doc.land,
            municipality=self.doc.municipality,
            duty=None if doc.duty is None else self._duty(doc.duty, (*at, "duty")),
            value=self._value(doc, (*at, "value")),
            remedy=self._remedy(doc, (*at, "remedy")),
            lineage=tuple(doc.lineage),
        )

    def _duty(self, doc: DutyDoc, at: Path) -> Duty:
        kind = Text("Die Art von Stelle", "The kind of office")
        trait = Text("Die Eigenschaft", "The trait")
        self._known(doc.kinds, (*at, "kinds"), kind, self.kinds)
        for name in doc.traits:
            if name not in TRAITS:
                self.problems.add(
                    self.marks.key(*at, "traits", name), unknown(trait, name, sorted(TRAITS))
                )
        return Duty(
            kinds=frozenset(doc.kinds),
            form=doc.form,
            concerned=doc.concerned,
            counting=self._counted(doc.period, (*at, "period")),
            variants=self._variants(doc, at),
            documents=frozenset(doc.documents),
            before=frozenset(doc.before),
            traits=dict(doc.traits),
        )

    def _variants(self, doc: DutyDoc, at: Path) -> dict[str, Counting]:
        found = {
            "urgent": self._counted(doc.urgent, (*at, "urgent")),
            "supplement": self._counted(doc.supplement, (*at, "supplement")),
        }
        return {name: length for name, length in found.items() if length is not None}

    def _counted(self, doc: PeriodDoc | None, at: Path) -> Counting | None:
        """Return how a period is counted; one that no rule can mean is told with its place."""
        try:
            return counting(doc)
        except EngineError as error:
            self.problems.add(self.marks.key(*at), error.text)
            return None

    def _value(self, doc: ProvisionDoc, at: Path) -> NamedValue | None:
        if doc.value is None:
            return None
        found = self._counted(doc.value.period, (*at, "period"))
        return None if found is None else NamedValue(doc.value.name, found)

    def _remedy(self, doc: ProvisionDoc, at: Path) -> Remedy | None:
        owed = doc.remedy
        if owed is None:
            return None
        if owed.owner not in (owners := sorted({"lead", "office"} | self.kinds)):
            self.problems.add(self.marks.value(*at, "owner"), unknown(_ROLE, owed.owner, owners))
        period = self._counted(owed.period, (*at, "period"))
        return Remedy(owed.means, owed.owner, frozenset(owed.cures), period)

    def _known(self, words: Iterable[str], at: Path, what: Text, known: Iterable[str]) -> None:
        known = sorted(set(known))
        for i, word in enumerate(words):
            if word not in known:
                self.problems.add(self.marks.value(*at, i), unknown(what, word, known))

    def _check_ids(self) -> None:
        seen: set[str] = set()
        for i, provision in enumerate(self.doc.provisions):
            if provision.id in seen:
                self.problems.add(
                    self.marks.value("provisions", i, "id"),
                    Text(
                        f"Die Vorschrift „{provision.id}“ steht schon weiter oben.",
                        f"The provision '{provision.id}' already stands above.",
                    ),
                )
            seen.add(provision.id)


def checked_on(source: bytes, name: str) -> date:
    """Return the day on which somebody last compared a pack with its source."""
    return read(PackDoc, source, name).value.checked_on
