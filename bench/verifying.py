"""What examining the log costs, beside bare SHA-256 over the same bytes in the same run.

The log is that of whole lives, from registration to archive, each act decided by the core on a
working day of its own and kept by the real `keep`; then every entry gets its place in the tree
and checkpoints are signed. Nothing is copied from a template but the measure.
"""

from __future__ import annotations

import hashlib
import resource
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from bench.installation import OFFICE, PERSON, STEPS, SetClock, install, measured_case
from bench.sweep import FIRST_MONDAY, at
from engine import clock
from engine.app import App, open_app
from engine.core.calendar import local_day
from engine.core.case import Act, Case, Outcome
from engine.core.procedure import advance, register
from engine.core.world import World
from engine.services.evidence.examining import Examined, examine
from engine.services.evidence.keys import make_first_key
from engine.services.evidence.proofs import proof_of
from engine.services.evidence.sealing import seal_due

LINES = 1 + len(STEPS)
"""The entries of a life."""
_CHUNK = 500
_DAYS = 240
_APART = timedelta(milliseconds=7)
_EVENING = timedelta(hours=8)
_FETCHED = 5_000
_PROVEN = 300


@dataclass(frozen=True, slots=True)
class Examination:
    """What examining a log of so many entries costs: seconds, and megabytes of memory.

    `hashed` is SHA-256 over the headers' bytes alone, `read` fetching them from the same file.
    `chained` is the examination without telling cases again, `replayed` the whole one.
    `memory` counts the largest process, `together` all of them at their largest. `proof` is
    the longest of several hundred proofs, in bytes, with the checkpoint in it.
    """

    entries: int
    processes: int
    hashed: float
    read: float
    chained: float
    replayed: float
    memory: float
    together: float
    proof: int
    proof_ms: float


def measured(folder: Path, size: int, processes: Sequence[int]) -> Iterator[Examination]:
    """Yield what examining a log of about so many entries costs, by how many processes."""
    folder.mkdir(parents=True, exist_ok=True)
    watch = SetClock(at(FIRST_MONDAY))
    app = install(folder, "lifecycle", clock=watch)
    make_first_key(app)
    seed(app, watch, size // LINES)
    app.close()
    yield from (timed(folder, n) for n in processes)


def timed(folder: Path, processes: int) -> Examination:
    """Return what examining the log of an installation costs; it must be found intact."""
    hashed, read, entries = _bare(folder)
    chained, _, _ = _apart(folder, False, processes)
    replayed, memory, together = _apart(folder, True, processes)
    proof, pace = _proofs(folder, entries)
    costs = (hashed, read, chained, replayed, memory, together)
    return Examination(entries, processes, *costs, proof, pace)


def seed(app: App, watch: SetClock, cases: int) -> None:
    """Let so many cases live side by side through about a year, and seal the log each evening.

    On every working day some are registered and others take their next step, so that the lines
    of a case lie as far apart in the database as they would after a year of real work.
    """
    with app.database.read() as store:
        world = app.world(store)
    day, begun = FIRST_MONDAY, 0
    calendar = next(iter(world.calendars.values()))
    due: dict[int, list[_Life]] = {}
    for number in count():
        new = range(begun, min(cases, begun + -(-cases // _DAYS)))
        begun = new.stop
        here = [*due.pop(number, ()), *(_Life(n) for n in new)]
        _live(app, here, at(day))
        for life in here:
            if life.steps:
                due.setdefault(number + 1 + life.number % 3, []).append(life)
        watch.instant = at(day) + _EVENING
        seal_due(app, at_once=True)
        if begun == cases and not due:
            return
        day = calendar.nth_working_day(day, 1)


class _Life:
    """A case on its way from registration to archive."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.steps: tuple[str, ...] = STEPS
        self.case: Case | None = None

    def step(self, world: World) -> Outcome:
        """Return what registering it leaves, or its next step."""
        if self.case is None:
            born = _act("anmelden", world)
            number = f"V-2026-{self.number + 1:07}"
            outcome = register(clock.new_uid(), number, measured_case(), born, world)
        else:
            outcome = advance(self.case, _act(self.steps[0], world), world)
            self.steps = self.steps[1:]
        self.case = outcome.case
        return outcome


def _act(step: str, world: World) -> Act:
    return Act(clock.new_uid(), step, PERSON, OFFICE, world.today, world.now)


def _live(app: App, lives: list[_Life], begin: datetime) -> None:
    """Let each of these take its next step, one behind the other from an hour on."""
    for first in range(0, len(lives), _CHUNK):
        with app.database.write() as store:
            world = app.world(store)
            for n, life in enumerate(lives[first : first + _CHUNK], start=first):
                now = begin + n * _APART
                store.keep(life.step(world.at(now, local_day(now))))


def _bare(folder: Path) -> tuple[float, float, int]:
    """Return the seconds of hashing every header and of reading them, and how many there are."""
    app = open_app(folder)
    hashed, read, found, sha = 0.0, 0.0, 0, hashlib.sha256
    with app.database.read() as store:
        raw: Any = store.connection.connection.driver_connection
        cursor = raw.execute("SELECT header FROM entry")
        while True:
            begun = time.perf_counter()
            rows = cursor.fetchmany(_FETCHED)
            between = time.perf_counter()
            for (header,) in rows:
                sha(b"\0" + header).digest()
            hashed += time.perf_counter() - between
            read += between - begun
            found += len(rows)
            if not rows:
                break
    app.close()
    return hashed, read, found


def _proofs(folder: Path, entries: int) -> tuple[int, float]:
    """Return the length of the longest proof of some entries, and the milliseconds of one."""
    app = open_app(folder)
    wanted = [1 + n for n in range(0, entries, max(1, entries // _PROVEN))]
    begun = time.perf_counter()
    with app.database.read() as store:
        found = [len(proof_of(store, n).encode()) for n in wanted]
    took = time.perf_counter() - begun
    app.close()
    return max(found), took / len(wanted) * 1e3


def _apart(folder: Path, replaying: bool, processes: int) -> tuple[float, float, float]:
    """Return seconds and memory, measured in a process of its own."""
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        return pool.submit(_examine, folder, replaying, processes).result()


def _examine(folder: Path, replaying: bool, processes: int) -> tuple[float, float, float]:
    app = open_app(folder)
    begun = time.perf_counter()
    found = examine(app, replaying=replaying, processes=processes)
    took = time.perf_counter() - begun
    app.close()
    _expect(found)
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    others = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    return took, max(own, others), own + others * (processes - 1)


def _expect(found: Examined) -> None:
    if not found.intact:
        raise AssertionError(f"the seeded log is not intact: {found.faults[:3]}")
