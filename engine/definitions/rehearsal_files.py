"""Rehearsals in files of their own: what a municipality wants to see before it relies on it.

The lines are those of a workflow's examples. The head says which workflow is rehearsed, in
which place, under which rule packs, and what is supposed beyond them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Annotated

from pydantic import Field as Constraint

from engine.core.examples import Example, Supposed
from engine.core.scripts import Failure, Report, run
from engine.core.training import Training
from engine.core.workflow import Workflow
from engine.core.world import Municipality
from engine.definitions.documents import ExampleDoc, Name, Said, SupposedDoc
from engine.definitions.examples import ExampleReader, Known
from engine.definitions.library import Definitions
from engine.definitions.rehearsal import training
from engine.errors import EngineError, Text
from engine.strictyaml import Loaded, Marks, Problem, Problems, Strict, load, read, unknown

KEY = "rehearsals"
"""The key that tells a file of rehearsals from a definition."""

_WORKFLOW = Text("Der Ablauf", "The workflow")
_PACK = Text("Das Regelpaket", "The rule pack")
_CALENDAR = Text("Der Kalender", "The calendar")


class PlaceDoc(Strict):
    """The Körperschaft in which a rehearsal happens; its calendar is that of its Land, or named."""

    municipality: Name
    name: Said | None = None
    land: Said
    calendar: Said | None = None


class RehearsalsDoc(Strict):
    """A file of rehearsals; `packs` are the rule packs that apply, left out: all of them."""

    title: Said
    workflow: Name
    place: PlaceDoc | None = None
    packs: list[Name] | None = None
    suppose: SupposedDoc = SupposedDoc()
    rehearsals: Annotated[list[ExampleDoc], Constraint(min_length=1)]


@dataclass(frozen=True, slots=True)
class RehearsalFile:
    """Rehearsals of one workflow, with the place they happen in; `name` is the file's."""

    name: str
    title: str
    workflow: Workflow
    examples: tuple[Example, ...]
    place: Training

    def play(self) -> tuple[Report, ...]:
        """Return how each rehearsal came out, with its story."""
        return tuple(run(example, self.workflow, self.place) for example in self.examples)


def holds_rehearsals(source: bytes, name: str) -> bool:
    """Return whether a file is one of rehearsals; raises DefinitionError if nobody can read it."""
    data, _ = load(source, name)
    return isinstance(data, dict) and KEY in data


def rehearsal_file(source: bytes, name: str, definitions: Definitions) -> RehearsalFile:
    """Return the rehearsals of a file, to be played under these definitions.

    Raises DefinitionError with every problem of the file, each with its line and column.
    """
    loaded = read(RehearsalsDoc, source, name)
    return _Reader(loaded, definitions).file()


def examples_of(workflow: Workflow, name: str, definitions: Definitions) -> RehearsalFile:
    """Return the examples that a workflow brings along, as if they were a file of their own."""
    place = training(definitions)
    return RehearsalFile(name, workflow.title.de, workflow, workflow.examples, place)


def problem_of(failure: Failure, name: str) -> Problem:
    """Return what came out otherwise with its file, line and column."""
    said, cause = failure.example, failure.cause
    words = Text(f"„{said}“: {cause.de}", f"'{said}': {cause.en}")
    return Problem(name, failure.line, failure.column, words)


class _Reader:
    def __init__(self, loaded: Loaded[RehearsalsDoc], definitions: Definitions) -> None:
        self.doc = loaded.value
        self.name = loaded.name
        self.marks: Marks = loaded.marks
        self.problems = Problems(loaded.name)
        self.definitions = definitions

    def file(self) -> RehearsalFile:
        library = self.definitions.library
        self._known(self.doc.workflow, ("workflow",), _WORKFLOW, library.current)
        self.problems.raise_if_any()
        workflow = library.workflow(library.current[self.doc.workflow])
        known = Known(
            workflow.form,
            frozenset(workflow.states),
            frozenset(workflow.steps),
            frozenset(workflow.deadlines),
            frozenset(self.definitions.kinds),
            frozenset(library.facts),
        )
        reader = ExampleReader(self.marks, self.problems, known)
        examples = reader.read(self.doc.rehearsals, KEY)
        supposed = reader.supposed(self.doc.suppose, ("suppose",))
        place = self._place(supposed)
        self.problems.raise_if_any()
        return RehearsalFile(self.name, self.doc.title, workflow, examples, place)

    def _place(self, supposed: Supposed) -> Training:
        place = training(self.definitions)
        if self.doc.place is not None:
            place = replace(place, place=self._municipality(self.doc.place))
        try:
            return place.supposing(supposed, self._left_out())
        except EngineError as error:
            self.problems.add(self.marks.at("suppose"), error.text)
            return place

    def _municipality(self, doc: PlaceDoc) -> Municipality:
        calendars = self.definitions.calendars
        at = ("place", "land" if doc.calendar is None else "calendar")
        calendar = doc.calendar or doc.land
        self._known(calendar, at, _CALENDAR, calendars)
        return Municipality(doc.municipality, doc.name or doc.municipality, doc.land, calendar)

    def _left_out(self) -> frozenset[str]:
        """Return the packs that do not apply."""
        there = {pack.id for pack in self.definitions.library.packs}
        if self.doc.packs is None:
            return frozenset()
        for i, pack in enumerate(self.doc.packs):
            self._known(pack, ("packs", i), _PACK, there)
        return frozenset(there - set(self.doc.packs))

    def _known(
        self, word: str, at: tuple[str | int, ...], what: Text, known: Iterable[str]
    ) -> None:
        if word not in known:
            self.problems.add(self.marks.value(*at), unknown(what, word, sorted(known)))
