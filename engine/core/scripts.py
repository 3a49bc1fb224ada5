"""Rehearsals: the examples of a definition, played with a virtual clock.

A rehearsal goes the way of every case: `register`, `advance`, `settle`. So what it shows
is what would happen. Values in, values out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from engine.core.case import (
    Act,
    Case,
    Document,
    Entry,
    Measure,
    Notice,
    Outcome,
    Participation,
    Stage,
)
from engine.core.checks import step_of
from engine.core.comparing import differences, unlike_refusal
from engine.core.coverage import Transition, transitions
from engine.core.draft import Draft
from engine.core.examples import CASE, Example, Line
from engine.core.machine import origins
from engine.core.meanings import StepMeans
from engine.core.procedure import advance, register, settle
from engine.core.story import Played, Scene, news_of, scene
from engine.core.training import Training, noon
from engine.core.workflow import CLOCK, ENGINE, UNBORN, WORDS, Step, Workflow
from engine.errors import EngineError, InputError, NotFound, Refused, Text

_UID, _NUMBER = "e" * 32, "V-0000-0001"
_WORDS = "…"
"""What a rehearsal writes into a text that its line leaves out."""


@dataclass(frozen=True, slots=True)
class Failure:
    """A line of an example that came out otherwise; `text` names example, line and cause."""

    example: str
    line: int
    column: int
    cause: Text

    @property
    def text(self) -> Text:
        """What went wrong, and where."""
        name, line, cause = self.example, self.line, self.cause
        return Text(
            f"Beispiel „{name}“, Zeile {line}: {cause.de}",
            f"Example '{name}', line {line}: {cause.en}",
        )


@dataclass(frozen=True, slots=True)
class Report:
    """What a rehearsal showed: what failed, the transitions taken with their pins, the story."""

    example: str
    failures: tuple[Failure, ...]
    taken: frozenset[tuple[str, Transition]]
    scenes: tuple[Scene, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether everything came out as the example says."""
        return not self.failures


def run(example: Example, workflow: Workflow, training: Training) -> Report:
    """Return the report of an example of `workflow`, played from its first line to its last.

    A line that is not as expected is told, and the rehearsal goes on; one that cannot be
    played ends it.
    """
    at: Line | Example = example
    place = training.with_workflow(workflow).with_sittings(example.own_sittings)
    try:
        place = place.supposing(example.supposed)
    except EngineError as error:
        failure = Failure(example.name, example.number, example.column, error.text)
        return Report(example.name, (failure,), frozenset())
    rehearsal = _Rehearsal(example, workflow, place)
    try:
        for line in example.lines:
            at = line
            rehearsal.play(line)
        at = example
        rehearsal.end()
    except EngineError as error:
        rehearsal.fail(at, error.text)
    failures, scenes = tuple(rehearsal.failures), tuple(rehearsal.scenes)
    return Report(example.name, failures, frozenset(rehearsal.taken), scenes)


class _Rehearsal:
    """An example while it is played."""

    def __init__(self, example: Example, workflow: Workflow, training: Training) -> None:
        self.example = example
        self.workflow = workflow
        self.training = training
        self.concerns = example.offices or training.usual_concern()
        self.vacant: frozenset[str] = frozenset()
        self.absent: frozenset[str] = frozenset()
        self.failures: list[Failure] = []
        self.taken: set[tuple[str, Transition]] = set()
        self.scenes: list[Scene] = []
        self.entries: list[Entry] = []
        self.notices: list[Notice] = []
        self.news: tuple[Text, ...] = ()
        self.case: Case | None = None
        self.world = training.world(example.lines[0].on, self.concerns, self.vacant)

    def play(self, line: Line) -> None:
        """Take the step of a line, or let the clock run on to its day, and compare."""
        self._begin_day(line)
        known = 0 if self.case is None else len(self.case.findings)
        refusal: Text | None = None
        try:
            outcome = self._outcome(line)
        except Refused as refused:
            if line.refused is None:
                raise
            refusal = refused.text
            self._tell(line, unlike_refusal(line.refused, refused.text))
            outcome = Outcome(self._case(), (), ())
        else:
            _demand_no_refusal(line)
        opened = [f.kind for f in outcome.case.findings[known:]]
        subject = self._subject(line.where)
        self.scenes.append(self._scene(line, subject, refusal, known))
        self._tell(line, differences(line.expected, outcome, subject, opened))

    def end(self) -> None:
        """Compare what the example expects once all its lines are played."""
        case = self._case()
        states = [f.state.value for f in case.findings]
        outcome, subject = Outcome(case, (), ()), self._subject("")
        expected = self.example.expected
        self._tell(self.example, differences(expected, outcome, subject, states))

    def fail(self, at: Line | Example, cause: Text) -> None:
        """Keep what went wrong in a line, or at the end of the example."""
        self.failures.append(Failure(self.example.name, at.number, at.column, cause))

    def _tell(self, at: Line | Example, causes: Iterator[Text]) -> None:
        for cause in causes:
            self.fail(at, cause)

    def _begin_day(self, line: Line) -> None:
        before = self.vacant, self.absent
        self.vacant = self.vacant if line.vacant is None else line.vacant
        self.absent = self.absent if line.absent is None else line.absent
        self.world = self.training.world(line.on, self.concerns, self.vacant, self.absent)
        self.entries, self.notices = [], []
        self.news = tuple(news_of(before, (self.vacant, self.absent), self.world))

    def _scene(
        self, line: Line, subject: Participation | None, refusal: Text | None, known: int
    ) -> Scene:
        title, office = None, ""
        if line.step is not None:
            pin = self._case().workflow if subject is None else subject.workflow
            step = step_of(self.world.library.workflow(pin), line.step)
            title, office = step.title, self._office(line, step, subject)
        played = Played(
            line=line.number,
            step=title,
            office=office,
            refusal=refusal,
            entries=tuple(self.entries),
            notices=tuple(self.notices),
            findings=known,
            news=self.news,
        )
        return scene(played, self._case(), subject, self.world)

    def _outcome(self, line: Line) -> Outcome:
        if self.case is None:
            begun = self._begin(line)
            if begun is not None:
                return begun
        clock = self._kept(settle(self._case(), self.world))
        if line.step is None:
            return clock
        subject = self._subject(line.where)
        pin = self._case().workflow if subject is None else subject.workflow
        step = step_of(self.world.library.workflow(pin), line.step)
        return self._kept(advance(self._case(), self._act(line, step, subject), self.world))

    def _begin(self, line: Line) -> Outcome | None:
        """Register the measure; None if the line itself is still to be played.

        An example of a participation begins with the measure registered on its first day,
        with all that any provision demands, unless its first line registers the measure.
        """
        workflow = self.world.library.case_workflow()
        if self.workflow.form is None or _registers(workflow, line):
            step = step_of(workflow, line.step or "")
            return self._kept(self._registered(line, step))
        step = next(workflow.steps_meaning(StepMeans.REGISTRATION))
        papers = self.training.demanded()
        first = Line(line.number, line.on, step.id, "lead", documents=papers)
        self._kept(self._registered(first, step))
        return None

    def _registered(self, line: Line, step: Step) -> Outcome:
        example = self.example
        measure = Measure(
            title=example.name,
            kind=example.kind,
            origin=example.origin,
            lead=self.training.lead,
            municipality=self.training.place.id,
            facts=self.training.facts(self.concerns, example.facts),
            stages=tuple(Stage(body, day) for body, day in example.sittings.items()),
        )
        return register(_UID, _NUMBER, measure, self._act(line, step, None), self.world)

    def _act(self, line: Line, step: Step, subject: Participation | None) -> Act:
        office = self._office(line, step, subject)
        words = [f.name for f in step.takes if f.type in WORDS and not f.optional]
        return Act(
            key=f"{line.number}",
            step=step.id,
            actor=self._acting(office, line),
            office=office,
            participation="" if subject is None else subject.key,
            happened_on=line.happened_on or line.on,
            recorded_at=noon(line.on),
            given={**dict.fromkeys(words, _WORDS), **line.given},
            documents=tuple(
                Document(f"{line.number}-{kind}", kind, kind, 1, "text/plain", 0)
                for kind in line.documents
            ),
            reason=None if line.happened_on is None else _WORDS,
        )

    def _acting(self, office: str, line: Line) -> str:
        """Return who acts for an office: its holder, or the deputy while she is away."""
        acting = self.world.roster.acting(office, line.happened_on or line.on)
        return acting[0].person if acting else office

    def _office(self, line: Line, step: Step, subject: Participation | None) -> str:
        """Return who acts: `lead`, `office` (that takes part), or a kind of office.

        A step that only one role may take need not say who takes it.
        """
        roles = sorted(step.by - {CLOCK, ENGINE})
        by = line.by or (roles[0] if len(roles) == 1 else "")
        if by == "office" and subject is not None:
            return subject.office
        office = self.training.lead if by == "lead" else by
        if office not in self.training.kinds:
            raise _no_role(by, ["lead", "office", *self.training.kinds])
        return office

    def _subject(self, where: str) -> Participation | None:
        """Return what a line is about, None for the case.

        Without a key it is the newest participation of the form the example is about.
        """
        case = self._case()
        if where == CASE or (not where and self.workflow.form is None):
            return None
        if where:
            found = case.participation(where)
        else:
            now = Draft(case, self.world).current()
            found = next((p for p in now if p.form == self.workflow.form), None)
        if found is None:
            name = where or self.workflow.form or ""
            raise _no_participation(name, [p.key for p in case.participations])
        return found

    def _case(self) -> Case:
        if self.case is None:
            raise InputError(
                "die Übung braucht eine erste Zeile, die das Vorhaben anmeldet.",
                "the rehearsal needs a first line that registers the measure.",
            )
        return self.case

    def _kept(self, outcome: Outcome) -> Outcome:
        self.case = outcome.case
        self.entries += outcome.entries
        self.notices += outcome.notices
        self.taken.update(transitions(outcome.entries))
        return outcome


def _registers(workflow: Workflow, line: Line) -> bool:
    """Return whether a line is about the case and opens its file."""
    step = workflow.steps.get(line.step or "")
    return line.where == CASE and step is not None and UNBORN in origins(workflow, step)


def _demand_no_refusal(line: Line) -> None:
    if line.refused is not None:
        raise InputError(
            "erwartet war eine Ablehnung, der Schritt wurde aber getan.",
            "a refusal was expected, but the step was taken.",
        )


def _no_role(by: str, known: list[str]) -> InputError:
    names = ", ".join(known)
    return InputError(
        f"„by: {by}“ nennt keine Stelle. Bekannt sind: {names}.",
        f"'by: {by}' names no office. Known are: {names}.",
    )


def _no_participation(name: str, known: list[str]) -> NotFound:
    names = ", ".join(known) or "–"
    return NotFound(
        f"es gibt keine Beteiligung „{name}“ (es gibt: {names}).",
        f"there is no participation '{name}' (there are: {names}).",
    )
