"""Nobody worked for a while, and then one worker starts: what it finds, and how fast it is."""

from __future__ import annotations

import subprocess
import sys
import time
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import orjson
from sqlalchemy import text

from engine.app import App
from tests.torture.killing import trouble
from tests.torture.nursery import Nursery
from tests.torture.reckoning import Reckoning, reckon
from tests.torture.sink import Sink
from tests.torture.town import FIRST, TO_RUNGS, at, days_of, due_by, found, settle_in

OFFICES = 40
LENGTHS = {
    "an hour": timedelta(hours=1),
    "a day": timedelta(days=1),
    "thirty days": timedelta(days=30),
}
_BEFORE = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class CaughtUp:
    """What a worker made of an absence; times in seconds from the start of its process.

    `first` is when the first rung was kept, `rungs` when the last one was, `mails` when the
    last mail was accepted. A case's rungs act in their order, and cases in the order of what was
    due first in them: `disorder` counts those that did not, `mislated` those that are marked
    with another lateness than they have.
    """

    first: float
    rungs: float
    mails: float
    disorder: int
    mislated: int
    left: Reckoning
    trouble: str


def caught_up(
    folder: Path,
    sink: Sink,
    nursery: Nursery,
    *,
    rungs: int,
    length: timedelta,
    url: str | None = None,
) -> CaughtUp:
    """Let nobody work for that long while rungs fall due, and then start a worker."""
    sink.forget()
    app = found(folder, sink.port, url=url, offices=OFFICES)
    eve = at(FIRST + TO_RUNGS[0]) - _BEFORE
    days = _days(app, rungs, eve + length)
    settle_in(app, days)
    app.clock.turn(eve)  # type: ignore[attr-defined]
    nursery.wait(nursery.fork(folder, "drain"))
    app.clock.turn(eve + length)  # type: ignore[attr-defined]
    begun, real = app.clock.now(), time.perf_counter()
    worker = subprocess.Popen([sys.executable, "-m", "tests.torture.nursery", str(folder)])
    first = _first(app, real)
    worker.wait()
    disorder, mislated, last, accepted = _looked_at(app)
    found_ = CaughtUp(
        first,
        (last - begun).total_seconds(),
        (accepted - begun).total_seconds(),
        disorder,
        mislated,
        reckon(app, sink, due_by(days, app.clock.now())),
        trouble(folder),
    )
    app.close()
    return found_


def _days(app: App, rungs: int, end: datetime) -> list[date]:
    """Return the days of registration of as many cases as have that many rungs due at the end."""
    possible = [day for day in days_of(app, 19) if at(day + TO_RUNGS[0]) <= end]
    days: list[date] = []
    due = 0
    while due < rungs:
        days.append(possible[len(days) % len(possible)])
        due += due_by(days[-1:], end)
    return days


def _first(app: App, since: float) -> float:
    while True:
        with app.database.read() as store:
            fired = text("SELECT 1 FROM rung WHERE state = 'fired' LIMIT 1")
            if store.connection.execute(fired).first() is not None:
                return time.perf_counter() - since
        time.sleep(0.02)


def _looked_at(app: App) -> tuple[int, int, datetime, datetime]:
    """Return how many are out of order, how many wrongly late, the last rung, the last mail."""
    from engine.store.columns import instant

    with app.database.read() as store:
        ask = store.connection.execute
        headers = ask(text("SELECT header FROM entry WHERE type = 'rung' ORDER BY id")).scalars()
        entered = [orjson.loads(bytes(header)) for header in headers]
        late = ask(text("SELECT due_at, fired_at, late_by_us FROM rung WHERE state = 'fired'"))
        mislated = sum(fired - due != by for due, fired, by in late)
        accepted = ask(text("SELECT max(accepted_at) FROM message")).scalar_one()
    due: dict[str, str] = {}
    among = 0
    latest: dict[str, str] = {}
    for said in entered:
        stream, at_ = said["stream"], said["plain"]["due"]
        due.setdefault(stream, at_)
        among += at_ <= latest.get(stream, "")
        latest[stream] = at_
    disorder = sum(b < a for a, b in pairwise(due.values())) + among
    last = max(said["recorded_at"] for said in entered)
    return disorder, mislated, instant(last), instant(accepted)
