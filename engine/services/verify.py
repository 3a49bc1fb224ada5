"""A stored case is told again from its entries alone (DESIGN 6)."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime

from engine.app import App
from engine.core.calendar import local_day
from engine.core.case import Case, Entry
from engine.core.replay import Differs, replay
from engine.core.world import World
from engine.store.chains import StoredEntry


def replayed(app: App, number: str) -> Case | Differs:
    """Return the case that its stored entries amount to, or the first that differs.

    Counted by the definitions and offices of today; the evidence to come counts by those
    that each entry names.
    """
    with app.database.read() as store:
        case = store.cases.get(number)
        world = app.world(store)
        entries = [entry_of(stored) for stored in store.chains.lines(case.stream)]

    def at(entry: Entry) -> World:
        moment = entry.recorded_at
        return replace(world, now=moment, today=local_day(moment))

    return replay(case.uid, number, entries, at)


def entry_of(stored: StoredEntry) -> Entry:
    """Return a stored line as the core left it; an erased body is empty."""
    said = json.loads(stored.header)
    return Entry(
        stream=said["stream"],
        type=said["type"],
        actor=said["actor"],
        office=said["for"],
        recorded_at=datetime.fromtimestamp(said["recorded_at"] // 1_000_000, UTC).replace(
            microsecond=said["recorded_at"] % 1_000_000
        ),
        happened_on=date.fromisoformat(said["happened_on"]),
        key=said["key"],
        part=said["part"],
        plain=said["plain"],
        private=json.loads(stored.body) if stored.body else {},
    )
