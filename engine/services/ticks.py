"""The clock acts: whatever fell due in any case is done, in order, marked where it is late."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from engine.app import App
from engine.core.procedure import settle
from engine.core.world import World
from engine.crash import crashpoint
from engine.services.setup import by
from engine.store.chains import SYSTEM
from engine.store.store import Store

SILENT = timedelta(minutes=5)
"""How long the clock may stand still before it counts as an outage."""

GAP = "clock_gap"
"""The type of the entry that an outage leaves."""

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
            _enter_gap(app, store, world.now)
            store.pulse.tick(world.now)
            due = store.due(world.now, CHUNK)
            for uid in due:
                entries += _settle(store, world, uid)
            crashpoint("before-tick-commit")
        crashpoint("after-tick-commit")
        cases += len(due)
        if not due:
            return Ticked(cases, entries)


def _enter_gap(app: App, store: Store, now: datetime) -> None:
    """Enter that the clock stood still longer than it may; days let go by in training are none."""
    pulse = store.pulse.clock()
    since = None if pulse is None else pulse.last_tick
    if app.training or since is None or now - since <= SILENT:
        return
    plain = {"since": since.isoformat(), "until": now.isoformat()}
    store.enter(by(app, GAP).line(SYSTEM, GAP, plain))


def _settle(store: Store, world: World, uid: str) -> int:
    outcome = settle(store.cases.by_uid(uid), world)
    if outcome.quiet:
        raise AssertionError(f"case {uid} is due, but the clock finds nothing to do in it")
    store.keep(outcome)
    return len(outcome.entries)
