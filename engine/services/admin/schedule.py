"""How the clock runs: when it ran last, when it stood still, and what it has yet to do."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select

from engine.app import App
from engine.services.ticks import GAP, SILENT
from engine.store.chains import SYSTEM
from engine.store.pulse import Worker
from engine.store.store import Store
from engine.store.tables import DeadlineRow
from engine.store.tables.base import table

_DEADLINE = table(DeadlineRow)


@dataclass(frozen=True, slots=True)
class Gap:
    """From when until when the clock stood still."""

    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Schedule:
    """The clock: its last and next run, its gaps, and the deadlines that run.

    `oldest` is since when a deadline is over that the clock has not acted on; None is good.
    """

    last: datetime | None
    next: datetime | None
    silent: bool
    gaps: tuple[Gap, ...]
    held_since: datetime | None
    workers: tuple[Worker, ...]
    running: int
    oldest: datetime | None


def schedule(app: App) -> Schedule:
    """Return how the clock runs; the latest gap comes first."""
    now = app.clock.now()
    with app.database.read() as store:
        pulse = store.pulse.clock()
        gaps = [
            Gap(*(datetime.fromisoformat(x.plain[name]) for name in ("since", "until")))
            for x in store.chains.typed(SYSTEM, GAP)
        ]
        running, oldest = _deadlines(store, now)
        workers = tuple(store.pulse.workers())
    last = None if pulse is None else pulse.last_tick
    return Schedule(
        last,
        None if last is None else last + timedelta(seconds=app.config.settings.every),
        last is None or now - last > SILENT,
        tuple(reversed(gaps)),
        None if pulse is None else pulse.held_since,
        workers,
        running,
        oldest,
    )


def _deadlines(store: Store, now: datetime) -> tuple[int, datetime | None]:
    c = _DEADLINE.c
    runs = c.status == "running"
    count = select(func.count()).select_from(_DEADLINE).where(runs)
    late = select(c.ends_at).where(runs, c.ends_at <= now).order_by(c.ends_at).limit(1)
    running = int(store.connection.execute(count).scalar_one())
    oldest: datetime | None = store.connection.execute(late).scalar()
    return running, oldest
