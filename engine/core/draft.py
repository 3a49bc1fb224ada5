"""A case while an act moves it: what changed is collected, then becomes an `Outcome`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from engine.core.case import (
    Act,
    Case,
    Deadline,
    DeadlineStatus,
    Document,
    DueRung,
    Entry,
    Finding,
    Measure,
    Notice,
    Outcome,
    Participation,
    digest_of,
)
from engine.core.conditions import Value
from engine.core.duties import Called, called_for
from engine.core.meanings import Governs, StepMeans
from engine.core.rules import Moments, Provision
from engine.core.workflow import Workflow
from engine.core.world import World


@dataclass(frozen=True, slots=True)
class Overrun:
    """A deadline that ends after the day by which the plan needs it, and the letter about it."""

    deadline: Deadline
    planned: date
    letter: str | None


class Draft:
    """The mutable middle of one pure decision; nobody outside the core sees it.

    Without `telling` nobody is owed a letter about a step: what is told again was told then.
    """

    def __init__(self, case: Case, world: World, *, telling: bool = True) -> None:
        self.before = case
        self.world = world
        self.telling = telling
        self.workflow: Workflow = world.library.workflow(case.workflow)
        self.measure: Measure = case.measure
        self.state = case.state
        self.paper = case.paper
        self.registered_on = case.registered_on
        self.given: dict[str, Value] = dict(case.given)
        self.participations = {p.key: p for p in case.participations}
        self.deadlines = {d.key: d for d in case.deadlines}
        self.newest = {(d.participation, d.name): d for d in case.deadlines}
        self.rungs = list(case.rungs)
        self.documents = list(case.documents)
        self.findings = list(case.findings)
        self.entries: list[Entry] = []
        self.notices: list[Notice] = []
        self.touched: dict[str, set[Any]] = {"p": set(), "d": set(), "f": set()}
        self.new_rungs: list[DueRung] = []
        self.fired: list[DueRung] = []
        self.overruns: list[Overrun] = []
        self.excepted: set[str] = set()
        self.voided: list[tuple[str, str, int]] = []
        self.new_documents: list[Document] = []
        self.parts: dict[str, int] = {}
        self.unsaid: set[tuple[str, str, int]] = set()
        self.informed = {(p.office, p.form): _day(p.given, INFORMED) for p in case.participations}
        self._called: tuple[Measure, dict[Moments, Called]] = (case.measure, {})

    @property
    def case_uid(self) -> str:
        """The uid of the case at hand."""
        return self.before.uid

    def calling(self, office: str, form: str, on: date) -> tuple[Provision, ...]:
        """Return the provisions that call for a participation on a day, found once a day.

        Each follows the law of the day it chose: that of the information which started the
        participation, of the step, or of the decision, which is the planned day until then.
        """
        measure, known = self._called
        if measure is not self.measure:
            known = {}
            self._called = (self.measure, known)
        moments = self.moments(on, self.informed.get((office, form)))
        if moments not in known:
            known[moments] = called_for(self.measure, self.world, moments)
        return known[moments].get((office, form), ())

    def moments(self, on: date, started: date | None) -> Moments:
        """Return the days whose law may govern a step on `on`, as far as any provision asks."""
        library = self.world.library
        start = decision = on
        if started is not None and library.governed(Governs.START_EVENT):
            start = started
        if library.governed(Governs.DECISION):
            decision = _day(self.given, DECIDED) or self.measure.last_day or on
        return Moments(on, start, decision)

    def put(self, participation: Participation) -> None:
        """Keep a participation, new or changed."""
        self.participations[participation.key] = participation
        informed = _day(participation.given, INFORMED)
        self.informed[participation.office, participation.form] = informed
        self.touched["p"].add(participation.key)

    def put_deadline(self, deadline: Deadline) -> None:
        """Keep a deadline, new or changed."""
        key = participation, name, generation = deadline.key
        self.deadlines[key] = deadline
        held = self.newest.get((participation, name))
        if held is None or held.generation <= generation:
            self.newest[participation, name] = deadline
        self.unsaid.add(key)
        self.touched["d"].add(key)

    def put_finding(self, finding: Finding) -> None:
        """Keep a finding, new or assessed; findings are numbered from 1."""
        if finding.number > len(self.findings):
            self.findings.append(finding)
        else:
            self.findings[finding.number - 1] = finding
        self.touched["f"].add(finding.number)

    def add_documents(self, documents: Iterable[Document]) -> None:
        """Keep new documents, filed under the present version of the paper."""
        for document in documents:
            filed = replace(document, paper=self.paper)
            self.documents.append(filed)
            self.new_documents.append(filed)

    def next_paper(self, documents: Iterable[Document]) -> None:
        """Begin a new version of the paper, to which the documents just added belong."""
        self.paper += 1
        new = {d.uid for d in documents}
        for rows in (self.documents, self.new_documents):
            rows[:] = [replace(d, paper=self.paper) if d.uid in new else d for d in rows]

    def deadline(self, participation: str, name: str) -> Deadline | None:
        """Return the newest generation of a deadline that was not replaced, or None."""
        found = self.newest.get((participation, name))
        return None if found is None or found.status is DeadlineStatus.VOID else found

    def of(self, participation: str) -> list[Deadline]:
        """Return the open deadlines of a participation, or of the case for ''."""
        return [d for d in self.deadlines.values() if d.participation == participation and d.open]

    def void_rungs(self, deadline: Deadline) -> None:
        """Let the waiting rungs of a deadline never act."""
        waiting = [r for r in self.rungs if r.deadline != deadline.key]
        if len(waiting) < len(self.rungs):
            self.rungs = waiting
            self.voided.append(deadline.key)

    def current(self) -> list[Participation]:
        """Return the participations of the newest round of each office and form."""
        newest: dict[tuple[str, str], Participation] = {}
        for p in self.participations.values():
            held = newest.get((p.office, p.form))
            if held is None or held.round < p.round:
                newest[p.office, p.form] = p
        return list(newest.values())

    def enter(
        self,
        act: Act,
        type_: str,
        plain: Mapping[str, Any],
        private: Mapping[str, Any] | None = None,
    ) -> Entry:
        """Write a line of the log about what the draft has become since the last one."""
        part = self.parts.get(act.key, 0)
        self.parts[act.key] = part + 1
        entry = Entry(
            stream=self.before.stream,
            type=type_,
            actor=act.actor,
            office=act.office,
            recorded_at=act.recorded_at,
            happened_on=act.happened_on,
            key=act.key,
            part=part,
            plain={
                **plain,
                **self._decided_by(plain),
                "deadlines": self._moved(),
                "after": self._digest(),
            },
            private=private or {},
        )
        self.entries.append(entry)
        return entry

    def _decided_by(self, plain: Mapping[str, Any]) -> dict[str, Any]:
        """Return by what a line was decided, so that the same world can be built again.

        `library`, `roster` and `places` are positions of strands, from which definitions,
        offices, Körperschaften and sittings of that moment follow. `calendar` and `law` say
        it to a reader: the list of days, the provisions with the version of their pack.
        """
        world = self.world
        return {
            "library": world.library.position,
            "roster": world.roster.position,
            "places": world.position,
            "calendar": world.calendar(self.measure.municipality).digest[:16],
            "law": self._law(plain),
        }

    def _law(self, plain: Mapping[str, Any]) -> list[str]:
        """Return the provisions behind a line: of its participation, and of its deadlines."""
        subject = self.participations.get(plain.get("participation", ""))
        found = set() if subject is None else set(subject.provisions)
        keys = [*self.unsaid, tuple(plain["deadline"])] if "deadline" in plain else self.unsaid
        for key in keys:
            provision = self.deadlines[key].provision
            if provision is not None:
                found.add(provision)
        cited = self.world.library.cited
        return sorted(cited(provision) for provision in found)

    def _digest(self) -> str:
        return digest_of(
            self.workflow.pin,
            self.state,
            self.paper,
            self.participations.values(),
            self.deadlines.values(),
            self.findings,
            self.documents,
        )

    def _moved(self) -> list[list[Any]]:
        moved = [self.deadlines[key] for key in sorted(self.unsaid)]
        self.unsaid.clear()
        return [[*d.key, on_day(d.last_day), d.status.value] for d in moved]

    def notify(
        self,
        key: str,
        office: str,
        letter: str,
        participation: str,
        not_before: datetime,
        facts: Mapping[str, Any],
    ) -> None:
        """Owe an office a letter; one letter an office and key."""
        full = f"{key}:{office}:{letter}:{facts.get('to', '')}"
        if all(n.key != full for n in self.notices):
            self.notices.append(
                Notice(full, office, letter, participation, not_before, dict(facts))
            )

    def as_case(self) -> Case:
        """Return the case as it stands now."""
        before = self.before
        return Case(
            uid=before.uid,
            number=before.number,
            measure=self.measure,
            workflow=self.workflow.pin,
            state=self.state,
            version=before.version + len(self.entries),
            paper=self.paper,
            registered_on=self.registered_on,
            given=self.given,
            participations=tuple(self.participations.values()),
            deadlines=tuple(self.deadlines.values()),
            rungs=tuple(self.rungs),
            documents=tuple(self.documents),
            findings=tuple(self.findings),
        )

    def outcome(self) -> Outcome:
        """Return what the acts so far amount to."""
        return Outcome(
            case=self.as_case(),
            entries=tuple(self.entries),
            notices=tuple(self.notices),
            participations=tuple(self.participations[k] for k in sorted(self.touched["p"])),
            deadlines=tuple(self.deadlines[k] for k in sorted(self.touched["d"])),
            rungs=tuple(self.new_rungs),
            fired=tuple(self.fired),
            voided=tuple(self.voided),
            documents=tuple(self.new_documents),
            findings=tuple(self.findings[n - 1] for n in sorted(self.touched["f"])),
            measure_changed=self.measure is not self.before.measure,
        )


INFORMED = f"day.{StepMeans.INFORMATION}"
"""Under which name a participation remembers the day that started it."""

DEMANDED_BY = f"office.{StepMeans.DEMAND}"
"""Under which name a case remembers the office that demanded to take part in it."""

DECIDED = f"day.{StepMeans.DECISION}"
"""Under which name a case remembers the day of its decision."""


def _day(given: Mapping[str, Value], name: str) -> date | None:
    day = given.get(name)
    return date.fromisoformat(day) if isinstance(day, str) else None


def on_day(day: date | None) -> str | None:
    """Return a day as the log writes it."""
    return None if day is None else day.isoformat()
