"""Changed calendars: first the deadlines that move are shown, then each is moved by an act.

A calendar is a definition. Once a new version is in force, each case whose running
deadlines it moves is counted again by a step of its own workflow, in a transaction of its
own. What is left to do can always be told from the deadlines themselves, so an interrupted
activation is simply given again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from engine import clock
from engine.app import App
from engine.core.calendar import local_day
from engine.core.case import Case
from engine.core.foresight import recounting
from engine.core.meanings import OfficeMeans
from engine.core.offices import Tenure
from engine.core.world import World
from engine.errors import EngineError, Refused, Text
from engine.services.calendar_files import Added, import_days
from engine.services.calendar_moves import Move, Preview, moving_cases, preview, read_calendar_file
from engine.services.cases import Deed, person_of, take
from engine.services.definitions import activate_files
from engine.store.roster import By

__all__ = [
    "Activated",
    "Added",
    "Move",
    "Preview",
    "activate",
    "entitled",
    "import_days",
    "preview",
]

_MAY = (OfficeMeans.LEGAL, OfficeMeans.COUNCIL_OFFICE)
"""Who may put a calendar in force."""


@dataclass(frozen=True, slots=True)
class Activated:
    """Whether the calendar is new, the cases counted again, and those that could not be."""

    new: bool
    recounted: tuple[str, ...]
    failed: Mapping[str, Text]


def activate(app: App, person: str, path: Path | None = None) -> Activated:
    """Put a calendar file in force, then count again each case that it moves, one by one.

    Without a file only what is left to be counted again. Safe to repeat.
    """
    with app.database.read() as store:
        tenure = entitled(app.world(store), person)
    id, new = "", False
    if path is not None:
        id = read_calendar_file(path).id
        now = app.clock.now()
        key = f"calendar:{id}:{clock.new_uid()}"
        who = By(tenure.person, tenure.office, now, local_day(now), key)
        new = bool(activate_files(app, [path], who))
    with app.database.read() as store:
        world = app.world(store)
        moving = [case for case, _ in moving_cases(store, world, world, id)]
    failed = {case.number: why for case in moving if (why := _recount(app, case, tenure))}
    return Activated(new, tuple(c.number for c in moving if c.number not in failed), failed)


def _recount(app: App, case: Case, tenure: Tenure) -> Text | None:
    """Count a case again; return why that could not be, or None."""
    try:
        with app.database.read() as store:
            world = app.world(store)
        step = recounting(world.library.workflow(case.workflow))
        digest = world.calendar(case.measure.municipality).digest[:16]
        # Whoever comes second, or again, finds the same version and the same key.
        key = f"recount:{digest}:{case.version}:{case.uid}"
        take(app, case.number, Deed(step.id, tenure.person, tenure.office, key=key))
    except EngineError as error:
        return error.text
    return None


def entitled(world: World, person: str) -> Tenure:
    """Return the tenure by which a person may put a calendar in force today; else Refused."""
    uid = person_of(world, person)
    for means in _MAY:
        for office in world.roster.offices.values():
            if world.roster.means(office.id) is means:
                found = world.roster.tenure(uid, office.id, world.today)
                if found is not None:
                    return found
    raise Refused(
        f"„{person}“ handelt heute weder für das Rechtsamt noch für den Sitzungsdienst. Einen "
        "Kalender setzt nur in Kraft, wer eines davon innehat oder vertritt.",
        f"'{person}' acts neither for the legal office nor for the council office today. Only "
        "their holders or deputies put a calendar in force.",
    )
