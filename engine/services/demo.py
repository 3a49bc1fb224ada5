"""The demo county plays its script with a clock of its own, ending today.

Everything takes the way that live use takes: services, clock, delivery, outbox. Only the
instant differs, and the channel writes files because the database is for training.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from pydantic import Field

from engine.clock import Clock
from engine.core.calendar import BERLIN, Calendar, local_day
from engine.core.case import Measure, Stage
from engine.core.meanings import StepMeans
from engine.core.world import World
from engine.errors import Refused, Text
from engine.services import setup, tables
from engine.services.cases import (
    Deed,
    participation_key,
    person_of,
    register_measure,
    take,
)
from engine.services.reading import house_of
from engine.strictyaml import Strict, read

FOLDER = Path(__file__).parent.parent / "demo"
SCRIPT = "musterheide.yaml"

MORNING, FORENOON = time(8, 30), time(10)
MINUTE = timedelta(minutes=1)
_A_DAY, _A_WEEK = timedelta(days=1), timedelta(days=7)


class SittingDoc(Strict):
    """A sitting by its distance from today."""

    body: str
    day: int


class MeasureDoc(Strict):
    """A measure of the script."""

    day: int
    by: str
    lead: str
    title: str
    kind: str
    reference: str
    facts: list[str]
    sessions: list[SittingDoc]
    documents: dict[str, str]


class ActDoc(Strict):
    """An act of the script; `refused` says that the procedure will not permit it."""

    day: int
    measure: str
    step: str
    by: str
    in_: str = Field(default="", alias="in")
    set: dict[str, Any] = {}
    points: list[str] = []
    weigh: list[dict[str, Any]] = []
    refused: bool = False


class ScriptDoc(Strict):
    """The whole script."""

    offices: str
    measures: dict[str, MeasureDoc]
    acts: list[ActDoc]


@dataclass
class StagedClock:
    """A clock that shows what the script says."""

    instant: datetime

    def now(self) -> datetime:
        """Return the instant of the script."""
        return self.instant


@dataclass(frozen=True, slots=True)
class Scene:
    """One thing that happened: its day, the case's number, and what it was."""

    day: date
    number: str
    text: Text
    refusal: Text | None = None


class Play:
    """The script on its way through the days."""

    def __init__(self, folder: Path, real: Clock) -> None:
        self.script = read(ScriptDoc, (FOLDER / SCRIPT).read_bytes(), SCRIPT).value
        self.real = real
        # The house was set up before anything happened in it, as its log will say.
        self.clock = StagedClock(real.now() - _A_WEEK + 2 * self._first() * _A_DAY)
        self.app = setup.init(folder, training=True, clock_=self.clock)
        self.numbers: dict[str, str] = {}
        self._today = local_day(real.now())
        self._calendar: Calendar | None = None

    @property
    def length(self) -> int:
        """How many things `scenes` yields."""
        days = 2 * (1 - self._first())
        return days + len(self.script.measures) + len(self.script.acts)

    def scenes(self) -> Iterator[Scene | date]:
        """Play the script; yield each scene, and each day once it is over.

        The caller lets the clock act whenever a day comes up.
        """
        self._set(self._day(self._first()), MORNING)
        tables.import_offices(self.app, FOLDER / self.script.offices)
        for offset in range(self._first(), 1):
            day = self._day(offset)
            self._set(day, MORNING)
            yield day
            self._set(day, FORENOON)
            yield from self._register(offset)
            yield from self._acts(offset)
            yield day

    def _first(self) -> int:
        return min(m.day for m in self.script.measures.values())

    def _day(self, offset: int) -> date:
        """Return the day that lies so many working days from today."""
        if self._calendar is None:
            world = house_of(self.app)
            self._calendar = world.calendar(next(iter(world.municipalities)))
        if offset == 0:
            return self._today
        return self._calendar.nth_working_day(self._today, offset)

    def _set(self, day: date, at: time) -> None:
        """Show that hour of a day; today never later than it is."""
        staged = datetime.combine(day, at, BERLIN).astimezone(UTC)
        self.clock.instant = min(staged, self.real.now())

    def _register(self, offset: int) -> Iterator[Scene]:
        for name, doc in self.script.measures.items():
            if doc.day != offset:
                continue
            world = house_of(self.app)
            case = register_measure(self.app, self._measure(world, doc), self._first_deed(doc))
            self.numbers[name] = case.number
            workflow = world.library.workflow(case.workflow)
            step = next(workflow.steps_meaning(StepMeans.REGISTRATION))
            yield Scene(world.today, case.number, _joined(step.title, doc.title))

    def _measure(self, world: World, doc: MeasureDoc) -> Measure:
        stages = [Stage(s.body, self._day(s.day)) for s in doc.sessions]
        return Measure(
            title=doc.title,
            kind=doc.kind,
            origin="administration",
            lead=doc.lead,
            municipality=next(iter(world.municipalities)),
            facts={name: name in doc.facts for name in world.library.facts},
            stages=(*stages[:-1], Stage(stages[-1].body, stages[-1].day, "entscheidung")),
            reference=doc.reference,
        )

    def _first_deed(self, doc: MeasureDoc) -> Deed:
        files = tuple((kind, FOLDER / name) for kind, name in doc.documents.items())
        return Deed(step="", person=doc.by, files=files)

    def _acts(self, offset: int) -> Iterator[Scene]:
        for doc in self.script.acts:
            if doc.day == offset:
                self.clock.instant = min(self.clock.instant + MINUTE, self.real.now())
                yield self._act(doc)

    def _act(self, doc: ActDoc) -> Scene:
        world = house_of(self.app)
        number = self.numbers[doc.measure]
        title, who = self._words(world, number, doc)
        deed = Deed(
            doc.step, doc.by, participation=doc.in_, fields=self._fields(world, number, doc)
        )
        try:
            take(self.app, number, deed)
        except Refused as refusal:
            if not doc.refused:
                raise
            return Scene(world.today, number, _joined(title, who), refusal.text)
        if doc.refused:
            raise AssertionError(f"{number}: {doc.step} ought to have been refused")
        return Scene(world.today, number, _joined(title, who))

    def _words(self, world: World, number: str, doc: ActDoc) -> tuple[Text, str]:
        step = self._step(world, number, doc)
        return step.title, world.roster.persons[person_of(world, doc.by)].name

    def _step(self, world: World, number: str, doc: ActDoc) -> Any:
        with self.app.database.read() as store:
            case = store.cases.get(number)
        found = case.participation(participation_key(case, doc.in_))
        pin = case.workflow if found is None else found.workflow
        return world.library.workflow(pin).steps[doc.step]

    def _fields(self, world: World, number: str, doc: ActDoc) -> dict[str, Any]:
        fields = dict(doc.set)
        for wanted in self._step(world, number, doc).takes:
            if wanted.type == "points" and doc.points:
                texts = enumerate(doc.points, start=1)
                fields[wanted.name] = [{"number": n, "text": text} for n, text in texts]
            if wanted.type == "weighing" and doc.weigh:
                fields[wanted.name] = doc.weigh
        return fields


def _joined(title: Text, rest: str) -> Text:
    return Text(f"{title.de}: {rest}", f"{title.en}: {rest}")
