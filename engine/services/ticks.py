"""The clock acts: whatever fell due in any case is done, in order, marked where it is late."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from engine.app import App
from engine.core.procedure import settle
from engine.core.world import World
from engine.crash import crashpoint
from engine.services.setup import by
from engine.store.chains import SYSTEM
from engine.store.errors import Unavailable
from engine.store.store import Store

log = logging.getLogger("rechtzeitig")

SILENT = timedelta(minutes=5)
"""How long the clock may stand still before it counts as an outage."""

GAP = "clock_gap"
"""The type of the entry that an outage leaves."""

CHUNK = 100
"""Cases a transaction: the knee between flushes saved and time under the lock."""


@dataclass(frozen=True, slots=True)
class Ticked:
    """How many cases the clock moved, how many entries that left, and whom it could not move.

    The uids in `stuck` stay due, and the next tick tries them again.
    """

    cases: int = 0
    entries: int = 0
    stuck: tuple[str, ...] = ()

    def __add__(self, more: Ticked) -> Ticked:
        return Ticked(
            self.cases + more.cases, self.entries + more.entries, (*self.stuck, *more.stuck)
        )


def tick(app: App) -> Ticked:
    """Let the clock do everything that is due by now; return what that was.

    Idempotent: any number of processes may tick at any time. A case that cannot be moved keeps
    no other one up. Raises Unavailable where the database cannot do its work.
    """
    done = Ticked()
    while True:
        due: list[str] = []
        moved: Ticked | None = None
        try:
            moved = _moved(app, frozenset(done.stuck), None, due)
        except Unavailable:
            raise
        except Exception:
            # One of them spoils it for all: the transaction is forgotten, and each gets its own.
            if not due:
                raise
        done += _one_by_one(app, due) if moved is None else moved
        if not due:
            return done


def _one_by_one(app: App, due: list[str]) -> Ticked:
    """Move each in a transaction of its own; log those that cannot be moved."""
    done = Ticked()
    for uid in due:
        try:
            done += _moved(app, frozenset(due) - {uid}, uid, [])
        except Unavailable:
            raise
        except Exception:
            log.exception("case %s cannot be moved by the clock", uid)
            done += Ticked(stuck=(uid,))
    return done


def _moved(app: App, apart: frozenset[str], only: str | None, due: list[str]) -> Ticked:
    """Move the cases due first, but for those `apart`, or `only` one, in one transaction.

    `due` names them even if that fails.
    """
    with app.database.write() as store:
        # Who confirms a wrong clock meanwhile waits for this tick, or it goes by her word.
        store.pulse.clock(lock=True)
        world = app.world(store)
        _enter_gap(app, store, world.now)
        store.pulse.tick(world.now)
        # A case has several rows that are due, and the others must not hide those behind them.
        found = store.due(world.now, CHUNK * (1 + len(apart)))
        due += [u for u in found if u not in apart and only in (None, u)][:CHUNK]
        entries = sum(_settle(store, world, uid) for uid in due)
        crashpoint("before-tick-commit")
    crashpoint("after-tick-commit")
    return Ticked(len(due), entries)


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
