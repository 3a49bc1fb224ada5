"""A stored case is told again from its entries alone, in the worlds they name (DESIGN 6)."""

from __future__ import annotations

from dataclasses import replace

from engine.app import App, stored_as
from engine.core.calendar import local_day
from engine.core.case import Case, Entry
from engine.core.offices import Roster
from engine.core.replay import Differs, replay
from engine.core.world import Municipality, Session, World
from engine.definitions.library import Definitions, compile_all
from engine.store.store import Store

_Places = tuple[dict[str, Municipality], dict[str, Session]]


def replayed(app: App, number: str) -> Case | Differs:
    """Return the case that its stored entries amount to, or the first that differs.

    Each entry is counted by the definitions, offices, sittings and calendar that it names,
    whatever has been activated or appointed since.
    """
    with app.database.read() as store:
        case = store.cases.get(number)
        entries = [stored.entry for stored in store.chains.lines(case.stream)]
        return replay(case.uid, number, entries, Past(app, store).world)


class Past:
    """The worlds that entries were made in, rebuilt from the log and kept by their positions.

    One may serve any number of cases within one reading transaction. Entries that name no
    library are older than this rule; they are counted by what is in force today.
    """

    def __init__(self, app: App, store: Store) -> None:
        self._store = store
        self._now = app.world(store)
        current = app.definitions(store)
        self._libraries: dict[int, Definitions] = {self._now.library.position: current}
        self._rosters: dict[tuple[int, int], Roster] = {}
        self._places: dict[int, _Places] = {}

    def on(self, store: Store) -> Past:
        """Return the same worlds, to be completed from another reading transaction."""
        self._store = store
        return self

    def world(self, entry: Entry) -> World:
        """Return the world in which an entry was made, at the instant it was recorded."""
        moment = entry.recorded_at
        if "library" not in entry.plain:
            return self._now.at(moment, local_day(moment))
        compiled = self._library(entry.plain["library"])
        places, sessions = self._place(entry.plain["places"])
        return World(
            library=compiled.library,
            roster=self._roster(entry.plain["roster"], entry.plain["library"]),
            calendars=compiled.calendars,
            municipalities=places,
            today=local_day(moment),
            now=moment,
            sessions=sessions,
            position=entry.plain["places"],
        )

    def _library(self, position: int) -> Definitions:
        if position not in self._libraries:
            rows = self._store.house.definitions_at(position)
            compiled = compile_all(stored_as(rows))
            library = replace(compiled.library, position=position)
            self._libraries[position] = replace(compiled, library=library)
        return self._libraries[position]

    def _roster(self, position: int, library: int) -> Roster:
        if (position, library) not in self._rosters:
            kinds = self._library(library).kinds
            self._rosters[position, library] = self._store.rosters.at(position, kinds)
        return self._rosters[position, library]

    def _place(self, position: int) -> _Places:
        if position not in self._places:
            self._places[position] = self._store.house.places_at(position)
        return self._places[position]
