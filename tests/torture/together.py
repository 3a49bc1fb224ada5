"""The same escalation is asked for by many workers at the same moment, again and again."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

from tests.torture.deeds import PROGRESS, race_day
from tests.torture.killing import SPREAD, town, trouble
from tests.torture.nursery import Nursery
from tests.torture.reckoning import Reckoning, reckon
from tests.torture.sink import Sink
from tests.torture.town import at, due_by, ends_on_a_working_day, settle_in

WORKERS = 8
_LONGEST = 60.0


@dataclass(frozen=True, slots=True)
class Raced:
    """On how many days they raced, in how many seconds, and what was left."""

    rounds: int
    seconds: float
    left: Reckoning
    trouble: str


def raced(
    folder: Path, sink: Sink, nursery: Nursery, *, rounds: int, url: str | None = None
) -> Raced:
    """Let eight workers race on so many days, while cases go on being registered."""
    app, days = town(folder, sink, SPREAD, SPREAD, url)
    progress = folder / PROGRESS
    progress.write_bytes(bytes(4 * WORKERS))
    pids = [nursery.fork(folder, f"race/{me}/{rounds}") for me in range(WORKERS)]
    begun = time.perf_counter()
    for n in range(rounds):
        today = race_day(n)
        app.clock.turn(at(today))  # type: ignore[attr-defined]
        if ends_on_a_working_day(app, today):
            settle_in(app, [today])
            days.append(today)
        _wait(progress, n + 1)
    for pid in pids:
        nursery.wait(pid)
    seconds = time.perf_counter() - begun
    nursery.wait(nursery.fork(folder, "drain"))
    left = reckon(app, sink, due_by(days, app.clock.now()))
    app.close()
    return Raced(rounds, seconds, left, trouble(folder))


def _wait(progress: Path, round_: int) -> None:
    until = time.perf_counter() + _LONGEST
    while time.perf_counter() < until:
        raw = progress.read_bytes()
        reached = [int.from_bytes(raw[4 * n : 4 * n + 4], "little") for n in range(WORKERS)]
        if min(reached) >= round_:
            return
        time.sleep(0.001)
    raise TimeoutError(f"round {round_}: {reached}")
