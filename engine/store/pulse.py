"""Signs of life: the clock as this database knows it, and the processes at work."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, select, update

from engine.core.steady import Reading
from engine.store.roster import put
from engine.store.tables import EngineClockRow, HostClockRow, WorkerRow
from engine.store.tables.base import table

_CLOCK = table(EngineClockRow)
_HOST = table(HostClockRow)
_MICROSECOND = timedelta(microseconds=1)
_OLD = timedelta(days=30)
"""After this a start of a machine that was not heard of is over."""

_SILENT = timedelta(days=1)
"""After this a process that did not say that it ended is no more."""

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


@dataclass(frozen=True, slots=True)
class Trusted:
    """The last reading of a machine's clock that was believed, and the step that is doubted."""

    reading: Reading
    step: timedelta | None


class Pulse:
    """The engine's clock and workers, within one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def clock(self, *, lock: bool = False) -> ClockState | None:
        """Return the clock as last seen, or None before the first tick.

        Who sets it by what it finds locks it until the end, before anything else.
        """
        columns = (_CLOCK.c[name] for name in ClockState.__dataclass_fields__)
        found = select(*columns).where(_CLOCK.c.id == 1)
        row = self._connection.execute(found.with_for_update() if lock else found).first()
        return None if row is None else ClockState(*row)

    def tick(self, now: datetime) -> ClockState:
        """Note that the clock showed `now`; the high water mark never falls."""
        held = self.clock()
        if held is None:
            # Two workers may tick a new database at once.
            put(self._connection, _CLOCK, {"id": 1}, {"high_water": now, "last_tick": now})
            return ClockState(now, now, None, None)
        high = max(held.high_water, now)
        self._connection.execute(update(_CLOCK).values(high_water=high, last_tick=now))
        return ClockState(high, now, held.held_since, held.reason)

    def hold(self, since: datetime, reason: str) -> None:
        """Hold outgoing escalations, because the clock is in doubt."""
        if self.clock() is None:
            self.tick(since)
        self._connection.execute(update(_CLOCK).values(held_since=since, reason=reason))

    def resume(self) -> None:
        """Let escalations go out again; the mark stays, for it was believed all the while."""
        self._connection.execute(update(_CLOCK).values(held_since=None, reason=None))

    def release(self, now: datetime) -> None:
        """Let escalations go out again; `now` is confirmed, so the mark may also fall to it."""
        new = {"high_water": now, "held_since": None, "reason": None}
        self._connection.execute(update(_CLOCK).values(new))

    def trusted(self, boot: str, *, lock: bool = False) -> Trusted | None:
        """Return what was last believed of the clock of one start of a machine, or None."""
        found = select(_HOST.c.wall, _HOST.c.uptime, _HOST.c.step).where(_HOST.c.boot == boot)
        row = self._connection.execute(found.with_for_update() if lock else found).first()
        if row is None:
            return None
        by = None if row.step is None else row.step * _MICROSECOND
        return Trusted(Reading(row.wall, row.uptime * _MICROSECOND, boot), by)

    def trust(self, reading: Reading, step: timedelta | None = None) -> None:
        """Note what is believed of a clock now, and by what step it is doubted, if it is."""
        row = {
            "wall": reading.wall,
            "uptime": reading.uptime // _MICROSECOND,
            "step": None if step is None else step // _MICROSECOND,
        }
        put(self._connection, _HOST, {"boot": reading.boot}, row)
        self._connection.execute(delete(_HOST).where(_HOST.c.wall < reading.wall - _OLD))

    def doubted(self) -> bool:
        """Return whether the clock of any machine is doubted."""
        found = select(_HOST.c.boot).where(_HOST.c.step.is_not(None)).limit(1)
        return self._connection.execute(found).first() is not None

    def trust_anew(self) -> None:
        """Forget what was believed of all clocks, so that each is believed as it stands."""
        self._connection.execute(delete(_HOST))

    def beat(self, worker: Worker) -> None:
        """Note that a process is alive, and forget those that have been silent for a day."""
        row = {name: getattr(worker, name) for name in Worker.__dataclass_fields__}
        put(self._connection, _WORKER, {"uid": row.pop("uid")}, row)
        silent = _WORKER.c.beat_at < worker.beat_at - _SILENT
        self._connection.execute(delete(_WORKER).where(silent))

    def workers(self) -> list[Worker]:
        """Return the processes that have been seen, the latest sign of life first."""
        rows = self._connection.execute(select(_WORKER).order_by(_WORKER.c.beat_at.desc()))
        return [Worker(*row) for row in rows]

    def forget(self, uid: str) -> None:
        """Note that a process has ended."""
        self._connection.execute(delete(_WORKER).where(_WORKER.c.uid == uid))
