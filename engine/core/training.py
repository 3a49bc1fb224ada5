"""The fictitious place in which rehearsals happen: an office of each kind, held by one person.

A holder who is away is represented by a deputy, who is there for nothing else.

Nothing here stands for anybody. The offices' ids are those of their kinds, so an example
can name them without knowing more than the rules do.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time

from engine.core.calendar import BERLIN, Calendar
from engine.core.conditions import Value
from engine.core.examples import AS_IT_IS, Supposed
from engine.core.meanings import OfficeMeans
from engine.core.offices import Absence, Office, OfficeKind, Person, Roster, Tenure
from engine.core.rules import Fact
from engine.core.supposing import Supposition, supposed
from engine.core.workflow import Workflow
from engine.core.world import Library, Municipality, Session, World
from engine.errors import InputError


@dataclass(frozen=True, slots=True)
class Training:
    """What a rehearsal needs: definitions, kinds of office, calendars, and a place."""

    library: Library
    kinds: Mapping[str, OfficeKind]
    calendars: Mapping[str, Calendar]
    place: Municipality
    sessions: Mapping[str, Session] = field(default_factory=dict)

    def with_sittings(self, sittings: Mapping[str, Iterable[date]]) -> Training:
        """Return the same place, where bodies that take part sit on these days."""
        rows = [(body, day) for body, days in sittings.items() for day in days]
        held = [Session(f"{body} {day}", body, day, self.place.id) for body, day in rows]
        return replace(self, sessions={s.uid: s for s in held})

    def with_workflow(self, workflow: Workflow) -> Training:
        """Return the same place, where new cases start with this version of a workflow."""
        library = replace(
            self.library,
            workflows={**self.library.workflows, workflow.pin: workflow},
            current={**self.library.current, workflow.id: workflow.pin},
        )
        return replace(self, library=library)

    def supposing(self, what: Supposed, without: frozenset[str] = frozenset()) -> Training:
        """Return the same place under the law as it is supposed to be.

        The packs `without` do not apply. Raises InputError for a period that nobody knows.
        """
        if what == AS_IT_IS and not without:
            return self
        meant = Supposition(what.periods, what.traits, what.before, without=without)
        return replace(self, library=supposed(self.library, meant))

    @property
    def lead(self) -> str:
        """The office that leads every measure of a rehearsal: the first department."""
        return self._first(OfficeMeans.DEPARTMENT)

    def usual_concern(self) -> Mapping[str, str]:
        """Return who takes part where an example says nothing: one commissioner, one fact."""
        touching = next((f.id for f in self.library.facts.values() if f.type == "bool"), "")
        return {self._first(OfficeMeans.COMMISSIONER): touching}

    def facts(
        self, concerns: Mapping[str, str], stated: Mapping[str, Value]
    ) -> Mapping[str, Value]:
        """Return the facts of the measure: no to all questions but those that concern somebody.

        `stated` comes on top; None leaves a question open.
        """
        usual: dict[str, Value] = {f.id: _usual(f) for f in self.library.facts.values()}
        told = {**usual, **dict.fromkeys(concerns.values(), True), **stated}
        return {name: value for name, value in told.items() if value is not None}

    def demanded(self) -> tuple[str, ...]:
        """Return the kinds of document that any provision demands, else the paper itself."""
        duties = [p.duty for pack in self.library.packs for p in pack.provisions]
        return tuple(sorted({k for d in duties if d for k in d.documents})) or ("vorlage",)

    def world(
        self,
        day: date,
        concerns: Mapping[str, str],
        vacant: frozenset[str],
        absent: frozenset[str] = frozenset(),
    ) -> World:
        """Return the world at noon of a day.

        The kinds of office `vacant` are empty then; of those `absent` the deputy acts.
        """
        return World(
            library=self.library,
            roster=self._roster(concerns, vacant, absent - vacant),
            calendars=self.calendars,
            municipalities={self.place.id: self.place},
            today=day,
            now=noon(day),
            sessions=self.sessions,
        )

    def _roster(
        self, concerns: Mapping[str, str], vacant: frozenset[str], absent: frozenset[str]
    ) -> Roster:
        head = next((k.id for k in self.kinds.values() if k.means is OfficeMeans.HEAD), None)
        offices = {
            k.id: Office(
                id=k.id,
                kind=k.id,
                name=k.title.de,
                superior=head if k.id == self.lead else None,
                concern=concerns.get(k.id),
            )
            for k in self.kinds.values()
        }
        deputies = {name: deputy_of(name) for name in offices if name in absent}
        return Roster(
            kinds=self.kinds,
            offices=offices,
            persons={name: Person(name, name) for name in (*offices, *deputies.values())},
            tenures=(
                *(Tenure(name, name) for name in offices if name not in vacant),
                *(Tenure(name, stands_in, deputy=True) for name, stands_in in deputies.items()),
            ),
            absences=tuple(Absence(name, date.min, date.max) for name in deputies),
        )

    def _first(self, means: OfficeMeans) -> str:
        for kind in self.kinds.values():
            if kind.means is means:
                return kind.id
        raise InputError(
            f"Für Übungen fehlt eine Art von Stelle mit „means: {means}“ (offices.yaml).",
            f"Rehearsals need a kind of office with 'means: {means}' (offices.yaml).",
        )


def deputy_of(office: str) -> str:
    """Return the person who acts for an office while its holder is away."""
    return f"{office}-i-v"


def noon(day: date) -> datetime:
    """Return noon of a local day, in UTC: all that happens in a rehearsal happens then."""
    return datetime.combine(day, time(12), BERLIN).astimezone(UTC)


def _usual(fact: Fact) -> Value:
    if fact.type == "bool":
        return False
    return 0 if fact.type == "number" else next(iter(fact.options), None)
