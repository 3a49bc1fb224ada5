"""The clock acts: whatever fell due in any case is done, in order, marked where it is late."""

from __future__ import annotations

from dataclasses import dataclass

from engine.app import App
from engine.core.procedure import settle
from engine.core.world import World
from engine.store.store import Store

CHUNK = 100
"""Cases a transaction: the knee between flushes saved and time under the lock."""


@dataclass(frozen=True, slots=True)
class Ticked:
    """How many cases the clock moved, and how many entries that left."""

    cases: int
    entries: int


def tick(app: App) -> Ticked:
    """Let the clock do everything that is due by now; return what that was.

    Idempotent: any number of processes may tick at any time.
    """
    cases = entries = 0
    while True:
        with app.database.write() as store:
            world = app.world(store)
            store.pulse.tick(world.now)
            due = store.due(world.now, CHUNK)
            for uid in due:
                entries += _settle(store, world, uid)
        cases += len(due)
        if not due:
            return Ticked(cases, entries)


def _settle(store: Store, world: World, uid: str) -> int:
    outcome = settle(store.cases.by_uid(uid), world)
    if outcome.quiet:
        raise AssertionError(f"case {uid} is due, but the clock finds nothing to do in it")
    store.keep(outcome)
    return len(outcome.entries)
