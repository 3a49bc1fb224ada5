"""A stored case is told again from its entries alone (DESIGN 6)."""

from __future__ import annotations

from dataclasses import replace

from engine.app import App
from engine.core.calendar import local_day
from engine.core.case import Case, Entry
from engine.core.replay import Differs, replay
from engine.core.world import World


def replayed(app: App, number: str) -> Case | Differs:
    """Return the case that its stored entries amount to, or the first that differs.

    Counted by the definitions and offices of today; the evidence to come counts by those
    that each entry names.
    """
    with app.database.read() as store:
        case = store.cases.get(number)
        world = app.world(store)
        entries = [stored.entry for stored in store.chains.lines(case.stream)]

    def at(entry: Entry) -> World:
        moment = entry.recorded_at
        return replace(world, now=moment, today=local_day(moment))

    return replay(case.uid, number, entries, at)
