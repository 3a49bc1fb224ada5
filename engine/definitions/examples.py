"""From the examples of a workflow file to rehearsals, with every misspelt name told."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from engine.core.examples import CASE, Example, Expected, Line
from engine.definitions.conditions import Path
from engine.definitions.documents import ExampleDoc, ExpectedDoc, ScriptLineDoc, WorkflowDoc
from engine.errors import Text
from engine.strictyaml import Loaded, Marks, Problems, unknown

_STATE = Text("Der Zustand", "The state")
_STEP = Text("Der Schritt", "The step")
_DEADLINE = Text("Die Frist", "The deadline")
_KIND = Text("Die Art von Stelle", "The kind of office")
_FACT = Text("Die Tatsache", "The fact")
_ROLE = Text("Die Rolle", "The role")


class ExampleReader:
    """Reads the examples of one file; `kinds` and `facts` are those that are declared."""

    def __init__(
        self,
        loaded: Loaded[WorkflowDoc],
        problems: Problems,
        kinds: frozenset[str],
        facts: frozenset[str],
    ) -> None:
        self._doc = loaded.value
        self._marks: Marks = loaded.marks
        self._problems = problems
        self._kinds = kinds
        self._facts = facts

    def read(self) -> tuple[Example, ...]:
        """Return the examples as values."""
        return tuple(self._example(i, doc) for i, doc in enumerate(self._doc.examples))

    def _example(self, i: int, doc: ExampleDoc) -> Example:
        at: Path = ("examples", i)
        self._keys(doc.offices, (*at, "offices"), _KIND, self._kinds)
        self._values(doc.offices, (*at, "offices"), _FACT, self._facts)
        self._keys(doc.facts, (*at, "facts"), _FACT, self._facts)
        self._names("", doc.expect, (*at, "expect"))
        return Example(
            name=doc.name,
            number=self._marks.value(*at, "name").line,
            lines=tuple(self._line((*at, "script", j), d) for j, d in enumerate(doc.script)),
            offices=doc.offices,
            facts=doc.facts,
            sittings=doc.sittings,
            kind=doc.kind,
            origin=doc.origin,
            expected=_expected(doc.expect),
        )

    def _line(self, at: Path, doc: ScriptLineDoc) -> Line:
        self._names(doc.where, doc, at)
        if doc.step is not None and self._here(doc.where):
            self._word(doc.step, (*at, "step"), _STEP, self._doc.steps)
        if doc.by:
            self._word(doc.by, (*at, "by"), _ROLE, {"lead", "office"} | self._kinds)
        for k, kind in enumerate(doc.vacant or ()):
            self._word(kind, (*at, "vacant", k), _KIND, self._kinds)
        tells = None if doc.tells is None else {t: _each(d) for t, d in doc.tells.items()}
        findings = None if doc.findings is None else tuple(doc.findings)
        return Line(
            number=self._marks.at(*at).line,
            on=doc.day,
            step=doc.step,
            by=doc.by,
            where=doc.where,
            given=doc.given,
            documents=tuple(doc.documents),
            happened_on=doc.happened_on,
            refused=_refusal(doc.refused),
            vacant=None if doc.vacant is None else frozenset(doc.vacant),
            expected=_expected(doc, tells, findings),
        )

    def _names(self, where: str, doc: ScriptLineDoc | ExpectedDoc, at: Path) -> None:
        """Check the names that a line expects of its own subject."""
        if not self._here(where):
            return
        if doc.state is not None:
            self._word(doc.state, (*at, "state"), _STATE, self._doc.states)
        self._keys(doc.deadlines, (*at, "deadlines"), _DEADLINE, self._doc.deadlines)

    def _here(self, where: str) -> bool:
        """Return whether a line is about the workflow of this very file."""
        return not where or (where == CASE and self._doc.form is None)

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
