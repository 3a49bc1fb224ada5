"""Signs of life: the clock as this database knows it, and the processes at work."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select, update

from engine.store.roster import put
from engine.store.tables import EngineClockRow, WorkerRow
from engine.store.tables.base import table

_CLOCK = table(EngineClockRow)
_WORKER = table(WorkerRow)


@dataclass(frozen=True, slots=True)
class ClockState:
    """The latest instant seen, the last tick, and since when and why mail is held."""

    high_water: datetime
    last_tick: datetime | None
    held_since: datetime | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class Worker:
    """A process at work; `boot_id` and `pid` tell on its own host whether it still lives."""

    uid: str
    host: str
    boot_id: str
    pid: int
    started_at: datetime
    beat_at: datetime
    version: str


class Pulse:
    """The engine's clock and workers, within one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def clock(self) -> ClockState | None:
        """Return the clock as last seen, or None before the first tick."""
        columns = (_CLOCK.c[name] for name in ClockState.__dataclass_fields__)
        row = self._connection.execute(select(*columns).where(_CLOCK.c.id == 1)).first()
        return None if row is None else ClockState(*row)

    def tick(self, now: datetime) -> ClockState:
        """Note that the clock showed `now`; the high water mark never falls."""
        held = self.clock()
        if held is None:
            self._connection.execute(insert(_CLOCK).values(id=1, high_water=now, last_tick=now))
            return ClockState(now, now, None, None)
        high = max(held.high_water, now)
        self._connection.execute(update(_CLOCK).values(high_water=high, last_tick=now))
        return ClockState(high, now, held.held_since, held.reason)

    def hold(self, since: datetime, reason: str) -> None:
        """Hold outgoing escalations, because the clock is in doubt."""
        if self.clock() is None:
            self.tick(since)
        self._connection.execute(update(_CLOCK).values(held_since=since, reason=reason))

    def release(self, now: datetime) -> None:
        """Let escalations go out again; `now` is confirmed, so the mark may also fall to it."""
        new = {"high_water": now, "held_since": None, "reason": None}
        self._connection.execute(update(_CLOCK).values(new))

    def beat(self, worker: Worker) -> None:
        """Note that a process is alive."""
        row = {name: getattr(worker, name) for name in Worker.__dataclass_fields__}
        put(self._connection, _WORKER, {"uid": row.pop("uid")}, row)

    def workers(self) -> list[Worker]:
        """Return the processes that have been seen, the latest sign of life first."""
        rows = self._connection.execute(select(_WORKER).order_by(_WORKER.c.beat_at.desc()))
        return [Worker(*row) for row in rows]

    def forget(self, uid: str) -> None:
        """Note that a process has ended."""
        self._connection.execute(delete(_WORKER).where(_WORKER.c.uid == uid))
