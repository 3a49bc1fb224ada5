"""The fictitious place in which rehearsals happen: an office of each kind, held by one person.

Nothing here stands for anybody. The offices' ids are those of their kinds, so an example
can name them without knowing more than the rules do.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time

from engine.core.calendar import BERLIN, Calendar
from engine.core.conditions import Value
from engine.core.meanings import OfficeMeans
from engine.core.offices import Office, OfficeKind, Person, Roster, Tenure
from engine.core.rules import Fact
from engine.core.workflow import Workflow
from engine.core.world import Library, Municipality, World
from engine.errors import InputError


@dataclass(frozen=True, slots=True)
class Training:
    """What a rehearsal needs: definitions, kinds of office, calendars, and a place."""

    library: Library
    kinds: Mapping[str, OfficeKind]
    calendars: Mapping[str, Calendar]
    place: Municipality

    def with_workflow(self, workflow: Workflow) -> Training:
        """Return the same place, where new cases start with this version of a workflow."""
        library = replace(
            self.library,
            workflows={**self.library.workflows, workflow.pin: workflow},
            current={**self.library.current, workflow.id: workflow.pin},
        )
        return replace(self, library=library)

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

    def world(self, day: date, concerns: Mapping[str, str], vacant: frozenset[str]) -> World:
        """Return the world at noon of a day, in which the kinds of office `vacant` are empty."""
        return World(
            library=self.library,
            roster=self._roster(concerns, vacant),
            calendars=self.calendars,
            municipalities={self.place.id: self.place},
            today=day,
            now=noon(day),
        )

    def _roster(self, concerns: Mapping[str, str], vacant: frozenset[str]) -> Roster:
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
        return Roster(
            kinds=self.kinds,
            offices=offices,
            persons={name: Person(name, name) for name in offices},
            tenures=tuple(Tenure(name, name) for name in offices if name not in vacant),
        )

    def _first(self, means: OfficeMeans) -> str:
        for kind in self.kinds.values():
            if kind.means is means:
                return kind.id
        raise InputError(
            f"Für Übungen fehlt eine Art von Stelle mit „means: {means}“ (offices.yaml).",
            f"Rehearsals need a kind of office with 'means: {means}' (offices.yaml).",
        )


def noon(day: date) -> datetime:
    """Return noon of a local day, in UTC: all that happens in a rehearsal happens then."""
    return datetime.combine(day, time(12), BERLIN).astimezone(UTC)


def _usual(fact: Fact) -> Value:
    if fact.type == "bool":
        return False
    return 0 if fact.type == "number" else next(iter(fact.options), None)
