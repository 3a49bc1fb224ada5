"""From a rule pack's file to its provisions."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from datetime import date

from engine.core import retention
from engine.core.counting import Counting
from engine.core.rules import BARE, Duty, Fact, NamedValue, Provision, Remedy, RulePack, Term
from engine.definitions.concern import TableReader
from engine.definitions.conditions import MEASURE, TRAITS, Path, Reader, domains_of
from engine.definitions.documents import DutyDoc, PackDoc, ProvisionDoc, TermDoc
from engine.definitions.periods import counting
from engine.errors import EngineError, Text
from engine.strictyaml import Loaded, Problems, read, unknown

_ROLE = Text("Die Rolle", "The role")
_TRAIT = Text("Die Eigenschaft", "The trait")
_VALUE = Text("Der Wert", "The value")

VARIANTS = ("urgent", "supplement")
"""The periods that take the place of the usual one."""


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
        self.tables = TableReader(self.marks, self.problems, self.reader, facts)

    def pack(self) -> RulePack:
        provisions = tuple(self._provision(i, p) for i, p in enumerate(self.doc.provisions))
        self._check_ids()
        self.problems.raise_if_any()
        doc = self.doc
        return RulePack(
            doc.id,
            doc.title,
            self.digest,
            doc.source,
            provisions,
            checked_on=doc.checked_on,
            url=doc.url or "",
        )

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
            table=None if doc.table is None else self.tables.read(doc.table, (*at, "table")),
            lineage=tuple(doc.lineage),
            overrides=frozenset(doc.overrides),
            open_to=frozenset(doc.open_to),
            cites=tuple(doc.cites),
            template=self.doc.template,
        )

    def _duty(self, doc: DutyDoc, at: Path) -> Duty:
        kind = Text("Die Art von Stelle", "The kind of office")
        self._known(doc.kinds, (*at, "kinds"), kind, self.kinds)
        self._known(doc.before, (*at, "before"), kind, self.kinds)
        self._check_traits(doc, (*at, "traits"))
        return Duty(
            kinds=frozenset(doc.kinds),
            form=doc.form,
            concerned=doc.concerned,
            counting=self._counted(doc.period, (*at, "period")),
            variants=self._variants(doc, at),
            documents=frozenset(doc.documents),
            before=frozenset(doc.before),
            traits={**doc.traits, **({} if doc.agreed is None else {"agreed": True})},
            stages=self._lengths(doc.stages, (*at, "stages")),
            terms={name: _term(term) for name, term in _periods(doc).items()},
            agreed=None if doc.agreed is None else doc.agreed.text,
            extended=None if doc.extended is None else doc.extended.text,
        )

    def _check_traits(self, doc: DutyDoc, at: Path) -> None:
        """Refuse a trait that no workflow can ask for, and a value that it never has."""
        for name, value in doc.traits.items():
            if name not in TRAITS:
                self.problems.add(self.marks.key(*at, name), unknown(_TRAIT, name, sorted(TRAITS)))
            elif value not in TRAITS[name]:
                known = sorted(str(v).lower() for v in TRAITS[name])
                self.problems.add(self.marks.value(*at, name), unknown(_VALUE, str(value), known))

    def _variants(self, doc: DutyDoc, at: Path) -> dict[str, Counting]:
        return self._lengths({k: v for k, v in _periods(doc).items() if k in VARIANTS}, at)

    def _lengths(self, docs: Mapping[str, TermDoc], at: Path) -> dict[str, Counting]:
        found = {name: self._counted(doc, (*at, name)) for name, doc in docs.items()}
        return {name: length for name, length in found.items() if length is not None}

    def _counted(self, doc: TermDoc | None, at: Path) -> Counting | None:
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
        if found is None:
            return None
        value = NamedValue(doc.value.name, found, _term(doc.value.period))
        wrong = retention.unsound(value)
        if wrong is not None:
            self.problems.add(self.marks.key(*at, "period"), wrong)
        return value

    def _remedy(self, doc: ProvisionDoc, at: Path) -> Remedy | None:
        owed = doc.remedy
        if owed is None:
            return None
        if owed.owner not in (owners := sorted({"lead", "office"} | self.kinds)):
            self.problems.add(self.marks.value(*at, "owner"), unknown(_ROLE, owed.owner, owners))
        period = self._counted(owed.period, (*at, "period"))
        term = BARE if owed.period is None else _term(owed.period)
        kind = Text("Die Art von Stelle", "The kind of office")
        self._known(owed.kinds, (*at, "kinds"), kind, self.kinds)
        return Remedy(
            owed.means,
            owed.owner,
            frozenset(owed.cures),
            period,
            owed.begins,
            frozenset(owed.kinds),
            term,
        )

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


def _term(doc: TermDoc) -> Term:
    needs = None if doc.needs is None else doc.needs.text
    return Term(doc.start, doc.binding == "soll", needs)


def _periods(doc: DutyDoc) -> dict[str, TermDoc]:
    """Return the periods of a duty by name: the usual one, its variants, its stages."""
    usual = {"period": doc.period, "urgent": doc.urgent, "supplement": doc.supplement}
    return {k: v for k, v in usual.items() if v is not None} | doc.stages


def checked_on(source: bytes, name: str) -> date:
    """Return the day on which somebody last compared a pack with its source."""
    return read(PackDoc, source, name).value.checked_on
