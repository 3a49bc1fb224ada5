"""What is read without changing anything: a case with its history, the house, the plan."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from engine.app import App
from engine.core.bystanders import Bystander, bystanders
from engine.core.case import Case, Entry, Participation
from engine.core.case_plan import plan
from engine.core.draft import Draft
from engine.core.meanings import StateMeans
from engine.core.next_steps import NextStep, next_steps
from engine.core.planning import Plan
from engine.core.world import World
from engine.store.outbox import Owed
from engine.store.store import Store


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


def unheard_cases(app: App, office: str) -> list[tuple[Case, Bystander]]:
    """Return the cases that are not over in which an office takes no part, with the reason.

    Files that are no public matter stay out.
    """
    found = []
    with app.database.read() as store:
        world = app.world(store)
        for case in _open_cases(store, world):
            for row in bystanders(case.measure, world, world.today):
                if row.office.id == office and not case.confidential:
                    found.append((case, row))
    return found


def _open_cases(store: Store, world: World) -> Iterator[Case]:
    after: str | None = None
    while rows := store.cases.list(after=after, limit=200):
        for row in rows:
            case = store.cases.get(row.number)
            workflow = world.library.workflow(case.workflow)
            if workflow.meaning(case.state) is not StateMeans.FINAL:
                yield case
        after = rows[-1].number


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
