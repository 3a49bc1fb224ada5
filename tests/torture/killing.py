"""Workers are killed at random, or their server is, until all is done that was due."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from random import Random

from engine.app import App
from tests.torture.nursery import TROUBLE, Nursery
from tests.torture.reckoning import Reckoning, reckon
from tests.torture.sink import Sink
from tests.torture.town import LEASE, TO_RUNGS, at, days_of, due_by, found, settle_in

SPREAD = 19
"""Days of registration that are over before the first rung of the first of them is due."""

SHORTEST, LONGEST = 0.01, 0.6
"""Seconds after which somebody is killed; as often between 10 and 20 ms as between 300 and 600."""

_LAST_WORDS = 0.05
_BY_TIME = 0.5
_PATIENCE = 4.0
_WITHIN_A_MAIL = 0.03

_ALL = 0.12
"""How often all are killed at once, and the clock goes on until what they held is free."""


@dataclass(frozen=True, slots=True)
class Killed:
    """How many kills or stops there were, the seconds they took, and what was left.

    `under_fire` is how many messages had been accepted when the last of them came.
    """

    kills: int
    under_fire: int
    seconds: float
    left: Reckoning
    trouble: str


class Hands:
    """The workers of a town, of which always so many live."""

    def __init__(self, nursery: Nursery, app: App, count: int) -> None:
        self._nursery, self._app, self._count = nursery, app, count
        self._alive: list[int] = []
        self.kills = 0

    def fill(self) -> None:
        """Start workers until all are there; one that ended by itself is replaced."""
        self._alive = [pid for pid in self._alive if self._nursery.ended(pid) is None]
        while len(self._alive) < self._count:
            self._alive.append(self._nursery.fork(self._app.config.folder))

    def kill_one(self, chance: Random) -> None:
        """Kill one of them."""
        self._kill(chance.choice(self._alive))

    def kill_all(self) -> None:
        """Kill all of them, and let the clock go on until what they held is free."""
        while self._alive:
            self._kill(self._alive[-1])
        # A server may still be at what a dead worker had sent, in the time before.
        time.sleep(_LAST_WORDS)
        self._app.clock.on(LEASE)  # type: ignore[attr-defined]

    def until(self, wave: datetime) -> None:
        """Turn the clock to the next wave; nobody may be in the middle of a transaction then."""
        self.kill_all()
        self._app.clock.turn(max(self._app.clock.now(), wave))  # type: ignore[attr-defined]

    def drain(self) -> None:
        """Let fresh ones work until nothing is left, each of them."""
        fresh = [self._nursery.fork(self._app.config.folder, "drain") for _ in range(self._count)]
        for pid in fresh:
            self._nursery.wait(pid)

    def _kill(self, pid: int) -> None:
        self._alive.remove(pid)
        if self._nursery.ended(pid) is None:
            self._nursery.kill(pid)
            self.kills += 1


def killed(
    folder: Path,
    sink: Sink,
    nursery: Nursery,
    *,
    kills: int,
    workers: int,
    deadlines: int,
    seed: int,
    url: str | None = None,
    journal: str | None = "wal",
) -> Killed:
    """Kill workers at random while rungs fall due in waves; return what is left at the end."""
    app, days = town(folder, sink, deadlines, SPREAD, url, journal)
    waves = waves_of(days)
    chance, hands = Random(seed), Hands(nursery, app, workers)
    begun = time.perf_counter()
    for n, wave in enumerate(waves, start=1):
        hands.until(wave)
        while hands.kills < kills * n // len(waves):
            hands.fill()
            _wait(chance, sink, 6)
            if chance.random() < _ALL:
                hands.kill_all()
            else:
                hands.kill_one(chance)
    hands.kill_all()
    under_fire = len(sink.copies)
    hands.drain()
    seconds = time.perf_counter() - begun
    return Killed(
        hands.kills,
        under_fire,
        seconds,
        reckon(app, sink, due_by(days, app.clock.now())),
        trouble(folder),
    )


def stopped(
    folder: Path,
    sink: Sink,
    nursery: Nursery,
    stop: Callable[[], None],
    start: Callable[[], None],
    *,
    stops: int,
    workers: int,
    deadlines: int,
    seed: int,
    url: str,
) -> Killed:
    """Stop the server at random while workers work; return what is left at the end."""
    app, days = town(folder, sink, deadlines, SPREAD, url)
    waves = waves_of(days)
    chance, hands = Random(seed), Hands(nursery, app, workers)
    begun = time.perf_counter()
    for n in range(stops):
        if n % 4 == 0:
            # Whoever lost the server in the middle of a mail holds it until the lease ends.
            hands.until(waves[n * len(waves) // stops])
        hands.fill()
        _wait(chance, sink, 30)
        stop()
        start()
    hands.kill_all()
    under_fire = len(sink.copies)
    hands.drain()
    seconds = time.perf_counter() - begun
    return Killed(
        stops,
        under_fire,
        seconds,
        reckon(app, sink, due_by(days, app.clock.now())),
        trouble(folder),
    )


def _wait(chance: Random, sink: Sink, mails: int) -> None:
    """Wait for the moment of the next kill: a random time, or a random number of mails from now.

    By time alone a slow machine would hardly ever be hit while it sends.
    """
    if chance.random() < _BY_TIME:
        time.sleep(SHORTEST * (LONGEST / SHORTEST) ** chance.random())
        return
    until = time.perf_counter() + _PATIENCE
    enough = sink.count + chance.randint(1, mails)
    while sink.count < enough and time.perf_counter() < until:
        time.sleep(0.001)
    time.sleep(chance.uniform(0, _WITHIN_A_MAIL))


def waves_of(days: list[date]) -> list[datetime]:
    """Return the instants at which something falls due in cases registered on these days."""
    return sorted({at(day + after) for day in days for after in TO_RUNGS})


def town(
    folder: Path,
    sink: Sink,
    deadlines: int,
    spread: int,
    url: str | None = None,
    journal: str | None = "wal",
) -> tuple[App, list[date]]:
    """Return a town, and on which day each of its cases was registered.

    They are spread over so many days, all of which lie before the first rung is due.
    """
    sink.forget()
    offices = min(200, max(8, deadlines // spread))
    app = found(folder, sink.port, url=url, offices=offices, journal=journal)
    possible = days_of(app, spread)
    # In order, as lines of a log come: one that names an earlier time than those before is a fault.
    days = sorted(possible[n % spread] for n in range(deadlines))
    settle_in(app, days)
    app.database.close()
    return app, days


def trouble(folder: Path) -> str:
    """Return what workers did not expect; empty where there was nothing."""
    file = folder / TROUBLE
    return file.read_text() if file.exists() else ""
