"""From the examples of a file to rehearsals, with every misspelt name told."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from engine.core.counting import Counting
from engine.core.examples import CASE, Example, Expected, Line, Supposed
from engine.definitions.conditions import TRAITS, Path
from engine.definitions.documents import (
    ExampleDoc,
    ExpectedDoc,
    PeriodDoc,
    ScriptLineDoc,
    SupposedDoc,
)
from engine.definitions.periods import counting
from engine.errors import EngineError, Text
from engine.strictyaml import Marks, Problems, unknown

_STATE = Text("Der Zustand", "The state")
_STEP = Text("Der Schritt", "The step")
_DEADLINE = Text("Die Frist", "The deadline")
_KIND = Text("Die Art von Stelle", "The kind of office")
_FACT = Text("Die Tatsache", "The fact")
_ROLE = Text("Die Rolle", "The role")
_TRAIT = Text("Die Eigenschaft", "The trait")
_VALUE = Text("Der Wert", "The value")


@dataclass(frozen=True, slots=True)
class Known:
    """The names that examples may use: those of their workflow, and those declared for all."""

    form: str | None
    states: frozenset[str]
    steps: frozenset[str]
    deadlines: frozenset[str]
    kinds: frozenset[str]
    facts: frozenset[str]


class ExampleReader:
    """Reads examples of one workflow; problems are told with their place."""

    def __init__(self, marks: Marks, problems: Problems, known: Known) -> None:
        self._marks = marks
        self._problems = problems
        self._known = known
        self._kinds = known.kinds
        self._facts = known.facts

    def read(self, docs: Iterable[ExampleDoc], key: str) -> tuple[Example, ...]:
        """Return the examples that stand under a key of the file, as values."""
        return tuple(self._example((key, i), doc) for i, doc in enumerate(docs))

    def _example(self, at: Path, doc: ExampleDoc) -> Example:
        self._keys(doc.offices, (*at, "offices"), _KIND, self._kinds)
        self._values(doc.offices, (*at, "offices"), _FACT, self._facts)
        self._keys(doc.facts, (*at, "facts"), _FACT, self._facts)
        self._names("", doc.expect, (*at, "expect"))
        return Example(
            name=doc.name,
            number=self._marks.value(*at, "name").line,
            column=self._marks.value(*at, "name").column,
            lines=tuple(self._line((*at, "script", j), d) for j, d in enumerate(doc.script)),
            offices=doc.offices,
            facts=doc.facts,
            sittings=doc.sittings,
            own_sittings={body: tuple(days) for body, days in doc.own_sittings.items()},
            kind=doc.kind,
            origin=doc.origin,
            supposed=self.supposed(doc.suppose, (*at, "suppose")),
            expected=_expected(doc.expect),
        )

    def supposed(self, doc: SupposedDoc, at: Path) -> Supposed:
        """Return the law as a rehearsal supposes it."""
        traits = self._traits(doc, (*at, "traits"))
        periods = self._periods(doc.periods, (*at, "periods"))
        return Supposed(periods, traits, self._before(doc, (*at, "before")))

    def _before(self, doc: SupposedDoc, at: Path) -> Mapping[str, frozenset[str]]:
        self._keys(doc.before, at, _KIND, self._kinds)
        for kind, later in doc.before.items():
            for i, other in enumerate(later):
                self._word(other, (*at, kind, i), _KIND, self._kinds)
        return {kind: frozenset(later) for kind, later in doc.before.items()}

    def _traits(self, doc: SupposedDoc, at: Path) -> Mapping[str, str | bool | None]:
        self._keys(doc.traits, at, _TRAIT, TRAITS)
        for name, value in doc.traits.items():
            if value is not None and name in TRAITS and value not in TRAITS[name]:
                known = sorted(str(v).lower() for v in TRAITS[name])
                self._problems.add(self._marks.value(*at, name), unknown(_VALUE, str(value), known))
        return doc.traits

    def _periods(self, docs: Mapping[str, PeriodDoc], at: Path) -> Mapping[str, Counting]:
        found: dict[str, Counting] = {}
        for name, doc in docs.items():
            try:
                counted = counting(doc)
            except EngineError as error:
                self._problems.add(self._marks.value(*at, name), error.text)
                continue
            if counted is not None:
                found[name] = counted
        return found

    def _line(self, at: Path, doc: ScriptLineDoc) -> Line:
        self._names(doc.where, doc, at)
        if doc.step is not None and self._here(doc.where):
            self._word(doc.step, (*at, "step"), _STEP, self._known.steps)
        if doc.by:
            self._word(doc.by, (*at, "by"), _ROLE, {"lead", "office"} | self._kinds)
        for k, kind in enumerate(doc.vacant or ()):
            self._word(kind, (*at, "vacant", k), _KIND, self._kinds)
        for k, kind in enumerate(doc.absent or ()):
            self._word(kind, (*at, "absent", k), _KIND, self._kinds)
        tells = None if doc.tells is None else {t: _each(d) for t, d in doc.tells.items()}
        findings = None if doc.findings is None else tuple(doc.findings)
        return Line(
            number=self._marks.at(*at).line,
            column=self._marks.at(*at).column,
            on=doc.day,
            step=doc.step,
            by=doc.by,
            where=doc.where,
            given=doc.given,
            documents=tuple(doc.documents),
            happened_on=doc.happened_on,
            refused=_refusal(doc.refused),
            vacant=None if doc.vacant is None else frozenset(doc.vacant),
            absent=None if doc.absent is None else frozenset(doc.absent),
            expected=_expected(doc, tells, findings),
        )

    def _names(self, where: str, doc: ScriptLineDoc | ExpectedDoc, at: Path) -> None:
        """Check the names that a line expects of its own subject."""
        if not self._here(where):
            return
        if doc.state is not None:
            self._word(doc.state, (*at, "state"), _STATE, self._known.states)
        self._keys(doc.deadlines, (*at, "deadlines"), _DEADLINE, self._known.deadlines)

    def _here(self, where: str) -> bool:
        """Return whether a line is about the very workflow that the example is about."""
        return not where or (where == CASE and self._known.form is None)

    def _word(self, word: str, at: Path, what: Text, known: Iterable[str]) -> None:
        if word not in known:
            self._problems.add(self._marks.value(*at), unknown(what, word, sorted(known)))

    def _keys(
        self, words: Mapping[str, object], at: Path, what: Text, known: Iterable[str]
    ) -> None:
        for word in words:
            if word not in known:
                self._problems.add(self._marks.key(*at, word), unknown(what, word, sorted(known)))

    def _values(self, words: Mapping[str, str], at: Path, what: Text, known: Iterable[str]) -> None:
        for key, word in words.items():
            self._word(word, (*at, key), what, known)


def _expected(
    doc: ScriptLineDoc | ExpectedDoc,
    tells: Mapping[str, tuple[str, ...]] | None = None,
    findings: tuple[str, ...] | None = None,
) -> Expected:
    if findings is None and isinstance(doc, ExpectedDoc) and doc.findings is not None:
        findings = tuple(state.value for state in doc.findings)
    return Expected(
        state=doc.state,
        case=doc.case,
        participations=doc.participations,
        deadlines=doc.deadlines,
        tells=tells,
        findings=findings,
    )


def _each(told: str | list[str]) -> tuple[str, ...]:
    return (told,) if isinstance(told, str) else tuple(told)


def _refusal(refused: bool | str) -> str | None:
    if isinstance(refused, str):
        return refused
    return "" if refused else None
