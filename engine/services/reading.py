"""What is read without changing anything: a case with its history, the house, the plan."""

from __future__ import annotations

from dataclasses import dataclass

from engine.app import App
from engine.core.case import Case, Entry, Participation
from engine.core.draft import Draft
from engine.core.next_steps import NextStep, next_steps
from engine.core.planning import Plan
from engine.core.running import plan
from engine.core.world import World
from engine.store.outbox import Owed


@dataclass(frozen=True, slots=True)
class File:
    """A case as it stands, its entries from the first on, what comes next, and the letters."""

    case: Case
    world: World
    lines: tuple[Entry, ...]
    next: tuple[NextStep, ...]
    notices: tuple[Owed, ...]


def file_of(app: App, number: str) -> File:
    """Return the file of a case."""
    with app.database.read() as store:
        case = store.cases.get(number)
        world = app.world(store)
        lines = tuple(e.entry for e in store.chains.lines(case.stream))
        notices = tuple(store.outbox.notices(case=case.uid, limit=500))
    return File(case, world, lines, next_steps(case, world), notices)


def house_of(app: App) -> World:
    """Return the world as it stands: offices, calendars, Körperschaften, definitions."""
    with app.database.read() as store:
        return app.world(store)


def plans_of(app: App, number: str) -> list[tuple[Participation, Plan]]:
    """Return the backward plan of each participation of a case that has one."""
    with app.database.read() as store:
        case = store.cases.get(number)
        world = app.world(store)
    draft = Draft(case, world)
    found = [(p, plan(draft, p, world.today)) for p in draft.current()]
    return [(p, made) for p, made in found if made is not None]
