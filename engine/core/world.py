"""The world that an act is decided in: definitions, offices, calendars, sessions, time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from engine.core.calendar import Calendar
from engine.core.escalation import Ladder
from engine.core.meanings import Governs
from engine.core.offices import Roster
from engine.core.rules import Fact, Moments, Provision, RulePack, highest, values_named
from engine.core.workflow import Workflow
from engine.errors import NotFound


@dataclass(frozen=True, slots=True)
class Municipality:
    """A Körperschaft that the administration serves, with its Land and its calendar."""

    id: str
    name: str
    land: str
    calendar: str


@dataclass(frozen=True, slots=True)
class Session:
    """A sitting of a body on a local day; `cancelled` sittings stay known."""

    uid: str
    body: str
    day: date
    municipality: str
    cancelled: bool = False


@dataclass(frozen=True, slots=True)
class Library:
    """Every definition in force or pinned by a running case, found by what asks for it.

    `workflows` are keyed by pin (`id@digest`); `current` names the pin of each id that
    new cases start with; `forms` the id of the workflow that carries a form.
    """

    workflows: Mapping[str, Workflow]
    current: Mapping[str, str]
    packs: tuple[RulePack, ...]
    facts: Mapping[str, Fact]
    ladders: Mapping[str, Ladder]
    position: int = 0
    former: tuple[RulePack, ...] = ()
    """Versions of packs that were in force before: nothing is decided by them any more."""
    _governed: dict[Governs, bool] = field(
        default_factory=dict, init=False, compare=False, repr=False
    )
    _days: dict[tuple[Moments, str, str], tuple[Provision, ...]] = field(
        default_factory=dict, init=False, compare=False, repr=False
    )
    called: dict[Any, Any] = field(default_factory=dict, init=False, compare=False, repr=False)
    """What `duties.called_for` has found by these definitions."""
    _cited: dict[str, str] = field(default_factory=dict, init=False, compare=False, repr=False)
    _values: dict[tuple[str, date, str, str], Provision | None] = field(
        default_factory=dict, init=False, compare=False, repr=False
    )

    def workflow(self, pin: str) -> Workflow:
        """Return the exact version that a case is pinned to."""
        if pin not in self.workflows:
            raise NotFound(
                f"Die Ablaufdefinition „{pin}“ fehlt in der Bibliothek dieser Datenbank.",
                f"The workflow '{pin}' is missing from the library of this database.",
            )
        return self.workflows[pin]

    def case_workflow(self) -> Workflow:
        """Return the version of the case workflow that new cases start with."""
        return next(w for w in map(self.workflow, self.current.values()) if w.form is None)

    def for_form(self, form: str) -> Workflow:
        """Return the version of the workflow that carries `form`."""
        for pin in self.current.values():
            if self.workflow(pin).form == form:
                return self.workflow(pin)
        raise NotFound(
            f"Für die Form „{form}“ gibt es keine Ablaufdefinition.",
            f"There is no workflow for the form '{form}'.",
        )

    def in_force(self, on: date | Moments, place: Municipality) -> tuple[Provision, ...]:
        """Return the provisions that apply in a place, the highest rank first.

        `on` is the day, or the moments among which each provision chooses its own. What
        another provision has lawfully taken the place of is left out.
        """
        moments = on if isinstance(on, Moments) else Moments.on(on)
        key = (moments, place.land, place.id)
        if key not in self._days:
            rows = [
                p
                for pack in self.packs
                for p in pack.provisions
                if p.applies(moments) and p.binds(place.land, place.id)
            ]
            self._days[key] = tuple(sorted(_not_overridden(rows), key=lambda p: p.rank))
        return self._days[key]

    def tables(self, on: date, place: Municipality) -> tuple[Provision, ...]:
        """Return the provisions whose tables answer facts there, one for each fact."""
        found: dict[str, Provision] = {}
        for provision in self.in_force(on, place):
            if provision.table is not None:
                found.setdefault(provision.table.answers, provision)
        return tuple(found.values())

    def governed(self, by: Governs) -> bool:
        """Return whether any provision follows the law of that moment."""
        if by not in self._governed:
            rows = (p for pack in self.packs for p in pack.provisions)
            self._governed[by] = any(p.governs is by for p in rows)
        return self._governed[by]

    def provision(self, provision: str) -> Provision:
        """Return the provision of that id, whatever its time of force.

        One that the present version of its pack has dropped is still found for the cases
        that were decided by it.
        """
        for pack in (*self.packs, *reversed(self.former)):
            for found in pack.provisions:
                if found.id == provision:
                    return found
        raise NotFound(
            f"Die Vorschrift „{provision}“ steht in keinem Regelpaket.",
            f"The provision '{provision}' is in no rule pack.",
        )

    def cited(self, provision: str) -> str:
        """Return a provision as the log names it: its id and the version of its pack.

        `musterheide-da-3@0123456789abcdef`; the digits begin the digest of the pack's bytes.
        A provision that no pack holds is named by its id alone.
        """
        if not self._cited:
            self._cited.update(
                (p.id, f"{p.id}@{pack.digest[:16]}")
                for pack in (*self.former, *self.packs)
                for p in pack.provisions
            )
        return self._cited.get(provision, provision)

    def value(self, name: str, on: date, place: Municipality) -> Provision | None:
        """Return the provision of the highest rank that sets the value `name`, or None."""
        key = (name, on, place.land, place.id)
        if key not in self._values:
            self._values[key] = highest(values_named(self.in_force(on, place), name))
        return self._values[key]


def _not_overridden(rows: list[Provision]) -> list[Provision]:
    known = {p.id: p for p in rows}
    gone = {
        name for p in rows for name in p.overrides if name in known and p.may_override(known[name])
    }
    return [p for p in rows if p.id not in gone]


@dataclass(frozen=True, slots=True)
class World:
    """Everything outside a case that a decision may depend on, frozen for one act."""

    library: Library
    roster: Roster
    calendars: Mapping[str, Calendar]
    municipalities: Mapping[str, Municipality]
    today: date
    now: datetime
    sessions: Mapping[str, Session] = field(default_factory=dict)
    position: int = 0
    """How far the strand of Körperschaften and sittings had come."""

    def place(self, municipality: str) -> Municipality:
        """Return the municipality of that id."""
        if municipality not in self.municipalities:
            raise NotFound(
                f"Die Körperschaft „{municipality}“ ist nicht eingerichtet (config.yaml).",
                f"The municipality '{municipality}' is not set up (config.yaml).",
            )
        return self.municipalities[municipality]

    def calendar(self, municipality: str) -> Calendar:
        """Return the calendar by which that municipality counts."""
        return self.calendars[self.place(municipality).calendar]

    def at(self, now: datetime, today: date) -> World:
        """Return the same world at another instant."""
        return World(
            self.library,
            self.roster,
            self.calendars,
            self.municipalities,
            today,
            now,
            self.sessions,
            self.position,
        )
