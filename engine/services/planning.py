"""The plans of cases and of a year, read with what today means for them. Nothing is changed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from engine.app import App
from engine.core.annual import Sitting, Wanted, annual
from engine.core.case import Case
from engine.core.foresight import settled
from engine.core.options import Option, options
from engine.core.planning import Light
from engine.core.standing import Standing, light_of, standings
from engine.core.world import World
from engine.errors import NotFound
from engine.store.store import Store


@dataclass(frozen=True, slots=True)
class CasePlan:
    """A case as it stands today, its participations measured by their plans, and the ways on."""

    case: Case
    world: World
    parts: tuple[Standing, ...]
    options: tuple[Option, ...]

    @property
    def light(self) -> Light | None:
        """The worst light of its participations, None where it has no plan."""
        return light_of(self.parts)


def plan_of(app: App, number: str) -> CasePlan:
    """Return the plan of a case, as it stands once the clock has done what is due."""
    with app.database.read() as store:
        case, world = store.cases.get(number), app.world(store)
    case = settled(case, world)
    return CasePlan(case, world, standings(case, world), options(case, world))


def lights(store: Store, world: World, numbers: Iterable[str]) -> dict[str, Light | None]:
    """Return the light of each of these cases; None for one that has no plan."""
    return {n: light_of(standings(settled(store.cases.get(n), world), world)) for n in numbers}


def year(app: App, wanted: Wanted) -> tuple[World, tuple[Sitting, ...]]:
    """Return the sittings of a year with their plans; NotFound where none is entered."""
    with app.database.read() as store:
        world = app.world(store)
    if wanted.municipality is not None:
        world.place(wanted.municipality)
    found = tuple(annual(world, wanted))
    if not found:
        raise _none(world, wanted)
    return world, found


def _none(world: World, wanted: Wanted) -> NotFound:
    bodies = {s.body for s in world.sessions.values() if s.day.year == wanted.year}
    known = ", ".join(sorted(bodies)) or "–"
    return NotFound(
        f"Für {wanted.year} ist keine passende Sitzung eingetragen, zu der Vorschriften jemanden "
        f"beteiligen (Gremien mit Sitzungen: {known}). Lesen Sie zuerst deren Sitzungen ein.",
        f"No fitting sitting of {wanted.year} is entered for which provisions call for somebody "
        f"(bodies with sittings: {known}). Take their sittings in first.",
    )
