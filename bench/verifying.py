"""What examining the log costs, beside bare SHA-256 over the same bytes in the same run.

The log is that of whole lives, from registration to archive, each act decided by the core on a
working day of its own and kept by the real `keep`; then every entry gets its place in the tree
and checkpoints are signed. Nothing is copied from a template but the measure.
"""

from __future__ import annotations

import hashlib
import resource
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from multiprocessing import get_context
from pathlib import Path

from bench.installation import OFFICE, PERSON, STEPS, SetClock, install, measured_case
from bench.sweep import FIRST_MONDAY, at
from engine import clock
from engine.app import App, open_app
from engine.core.calendar import local_day
from engine.core.case import Act
from engine.core.procedure import advance, register
from engine.services.evidence.examining import Examined, examine

LINES = 1 + len(STEPS)
"""The entries of a life."""
_CHUNK = 200
_DAYS = 400
_MICRO = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Examination:
    """What examining a log of so many entries costs: seconds, and the largest process in MB.

    `bare` is SHA-256 over the headers' bytes alone, read from the same file.
    """

    entries: int
    processes: int
    bare: float
    chained: float
    replayed: float
    memory: float


def measured(folder: Path, size: int, processes: int) -> Examination:
    """Return what examining a log of about so many entries costs."""
    folder.mkdir(parents=True, exist_ok=True)
    app = install(folder, "lifecycle", clock=SetClock(at(FIRST_MONDAY)))
    seed(app, size // LINES)
    app.close()
    return timed(folder, processes)


def timed(folder: Path, processes: int) -> Examination:
    """Return what examining the log of an installation costs; it must be found intact."""
    bare, entries = _bare(folder)
    chained, _ = _apart(folder, False, processes)
    replayed, memory = _apart(folder, True, processes)
    return Examination(entries, processes, bare, chained, replayed, memory)


def seed(app: App, cases: int) -> None:
    """Let so many cases live, their acts on the working days of about a year."""
    with app.database.read() as store:
        world = app.world(store)
    calendar = next(iter(world.calendars.values()))
    days = [FIRST_MONDAY]
    while len(days) < _DAYS:
        days.append(calendar.nth_working_day(days[-1], 1))
    for first in range(0, cases, _CHUNK):
        with app.database.write() as store:
            for n in range(first, min(first + _CHUNK, cases)):
                _live(app, n, days, store)


def _live(app: App, number: int, days: list, store) -> None:  # type: ignore[no-untyped-def,type-arg]
    world = app.world(store)
    begin = number % (len(days) - LINES * 3)
    moments = [
        at(days[begin + n * (1 + number % 3)]) + number % 9_973 * _MICRO for n in range(LINES)
    ]

    def act(step: str, now: datetime) -> Act:
        return Act(clock.new_uid(), step, PERSON, OFFICE, local_day(now), now)

    there = world.at(moments[0], local_day(moments[0]))
    born = act("anmelden", moments[0])
    outcome = register(clock.new_uid(), f"V-2026-{number + 1:07}", measured_case(), born, there)
    store.keep(outcome)
    for step, now in zip(STEPS, moments[1:], strict=True):
        outcome = advance(outcome.case, act(step, now), world.at(now, local_day(now)))
        store.keep(outcome)


def _bare(folder: Path) -> tuple[float, int]:
    """Return the seconds that reading and hashing every header takes, and how many there are."""
    app = open_app(folder)
    with app.database.read() as store:
        raw = store.connection.connection.driver_connection
        begun = time.perf_counter()
        count, sha = 0, hashlib.sha256
        for (header,) in raw.execute("SELECT header FROM entry"):
            sha(b"\0" + header).digest()
            count += 1
        took = time.perf_counter() - begun
    app.close()
    return took, count


def _apart(folder: Path, replaying: bool, processes: int) -> tuple[float, float]:
    """Return seconds and the memory of the largest process, measured in one of its own."""
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        return pool.submit(_examine, folder, replaying, processes).result()


def _examine(folder: Path, replaying: bool, processes: int) -> tuple[float, float]:
    app = open_app(folder)
    begun = time.perf_counter()
    found = examine(app, replaying=replaying, processes=processes)
    took = time.perf_counter() - begun
    app.close()
    _expect(found)
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    others = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    return took, max(own, others) / 1024


def _expect(found: Examined) -> None:
    if not found.intact:
        raise AssertionError(f"the seeded log is not intact: {found.faults[:3]}")
