"""What is read without changing anything: a case with its history, the house, the plan."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from engine.app import App
from engine.core.case import Case, Participation
from engine.core.draft import Draft
from engine.core.next_steps import NextStep, next_steps
from engine.core.planning import Plan
from engine.core.running import plan
from engine.core.world import World
from engine.store.outbox import Owed


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a case's history as it lies in the log, with its text if not erased."""

    number: int
    type: str
    actor: str
    office: str
    recorded_at: datetime
    happened_on: str
    plain: dict[str, Any]
    private: dict[str, Any]


@dataclass(frozen=True, slots=True)
class File:
    """A case as it stands, its history, what comes next, and the letters about it."""

    case: Case
    world: World
    lines: tuple[Line, ...]
    next: tuple[NextStep, ...]
    notices: tuple[Owed, ...]


def file_of(app: App, number: str) -> File:
    """Return the file of a case."""
    with app.database.read() as store:
        case = store.cases.get(number)
        world = app.world(store)
        lines = tuple(_line(e.header, e.body) for e in store.chains.lines(case.stream))
        notices = tuple(store.outbox.notices(case=case.uid, limit=500))
    return File(case, world, lines, next_steps(case, world), notices)


def _line(header: bytes, body: bytes | None) -> Line:
    said = json.loads(header)
    return Line(
        said["seq"],
        said["type"],
        said["actor"],
        said["for"],
        datetime.fromtimestamp(said["recorded_at"] / 1_000_000).astimezone(),
        said["happened_on"],
        said["plain"],
        json.loads(body) if body else {},
    )


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
