"""What the clock's look at all cases costs: nothing due, and a thousand due, among many.

Cases are laid down by the real `keep`, from a few registrations that the core decided; only
uid, number and key differ. One case is read back and its file played again.
"""

from __future__ import annotations

import hashlib
import random
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from statistics import median

from bench import raw
from bench.installation import OFFICE, PERSON, SetClock, install, measured_case
from engine import clock
from engine.app import App
from engine.core import ledger
from engine.core.calendar import local_day
from engine.core.case import Act, Outcome
from engine.core.procedure import register
from engine.core.replay import Differs
from engine.core.world import World
from engine.services.ticks import CHUNK, tick
from engine.services.verify import replayed

DUE = 1_000
ROUNDS = 5
FIRST_MONDAY = date(2026, 5, 4)
"""The rung of the first thousand acts on it, 28 days after their registration."""

BEFORE = FIRST_MONDAY - timedelta(days=3)
"""A day on which nothing is due yet."""

_TO_RUNG = timedelta(days=28)
_NOON = 10
_LATER = 20
"""Days, after the last round, on which the rungs of all other cases act."""

_SEED_CHUNK = 5_000


@dataclass(frozen=True, slots=True)
class Swept:
    """What one size costs, in seconds, and the driver's own sweep of the same size."""

    database: str
    open: int
    nothing: float
    due: float
    limit_nothing: float
    limit_due: float


def measured(
    folder: Path, sizes: tuple[int, ...], make_url: Callable[[str], str] | None = None
) -> Iterator[Swept]:
    """Yield what a tick costs among each number of open deadlines."""
    for size in sizes:
        yield _on(folder, size, make_url)


def _on(folder: Path, size: int, make_url: Callable[[str], str] | None) -> Swept:
    watch = SetClock(at(BEFORE))
    url = None if make_url is None else make_url(f"sweep{size}")
    app = install(folder / f"sweep-{size}", "sweep", url=url, clock=watch)
    seed(app, size)
    for_limit = None if make_url else _raw_sweep(folder / f"limit-{size}.sqlite3", size)
    nothing, due, limit_nothing, limit_due = [], [], [], []
    for turn in range(ROUNDS):
        watch.instant = at(FIRST_MONDAY + timedelta(days=turn - 1))
        nothing.append(median(_seconds(lambda: _expect(app, 0)) for _ in range(20)))
        watch.instant = at(FIRST_MONDAY + timedelta(days=turn))
        due.append(_seconds(lambda: _expect(app, DUE)))
        if for_limit is not None:
            limit_nothing.append(median(_seconds(lambda: for_limit(0)) for _ in range(20)))
            limit_due.append(for_limit(DUE))
    _check_chains(app, size)
    app.close()
    return Swept(
        "SQLite" if make_url is None else "PostgreSQL",
        size,
        median(nothing),
        median(due),
        median(limit_nothing or [0.0]),
        median(limit_due or [0.0]),
    )


def _seconds(deed: Callable[[], object]) -> float:
    begun = time.perf_counter()
    deed()
    return time.perf_counter() - begun


def _expect(app: App, due: int) -> None:
    done = tick(app)
    if done.cases != due:
        raise AssertionError(f"{done.cases} cases were due, not {due}")


def at(day: date) -> datetime:
    """Return noon of a day."""
    return datetime(day.year, day.month, day.day, _NOON, tzinfo=UTC)


def seed(app: App, size: int) -> None:
    """Keep so many registered cases, of which a thousand fall due on each of five days.

    Raises AssertionError if one of them does not play again to what was kept.
    """
    outcomes = [_registered(app, d) for d in _days()]
    dues = [n for n in range(ROUNDS) for _ in range(min(DUE, size // ROUNDS))]
    rest = size - len(dues)
    dues += [ROUNDS + n % (len(outcomes) - ROUNDS) for n in range(rest)]
    random.Random(7).shuffle(dues)
    for first in range(0, size, _SEED_CHUNK):
        with app.database.write() as store:
            for n, which in enumerate(dues[first : first + _SEED_CHUNK], start=first + 1):
                store.keep(_as_number(outcomes[which], n))
    _check_replay(app, size)


def _days() -> list[date]:
    """Return the days of registration: of the five rounds, then of all the rest."""
    begin = FIRST_MONDAY - _TO_RUNG
    due = [begin + timedelta(days=n) for n in range(ROUNDS)]
    return due + [due[-1] + timedelta(days=_LATER + 7 * n) for n in range(8)]


def _registered(app: App, day: date) -> Outcome:
    now = at(day)
    with app.database.read() as store:
        world: World = app.world(store).at(now, local_day(now))
    act = Act("template", "anmelden", PERSON, OFFICE, world.today, now)
    return register("template", "template", measured_case(), act, world)


def _as_number(template: Outcome, number: int) -> Outcome:
    """Return the same registration of another case."""
    uid = hashlib.md5(str(number).encode(), usedforsecurity=False).hexdigest()
    case = replace(template.case, uid=uid, number=f"V-2026-{number:07}")
    [entry] = template.entries
    plain = {**entry.plain, "number": case.number}
    said = replace(entry, stream=case.stream, key=clock.new_uid(), plain=plain)
    return replace(template, case=case, entries=(said,))


def _number(n: int) -> str:
    return f"V-2026-{n:07}"


def _check_replay(app: App, size: int) -> None:
    """Raise AssertionError unless some of the kept cases play again to what was kept."""
    for n in (1, size // 2, size):
        again = replayed(app, _number(n))
        with app.database.read() as store:
            kept = store.cases.get(_number(n))
        if isinstance(again, Differs) or again != kept:
            raise AssertionError(f"{_number(n)} does not play again: {again}")


def _check_chains(app: App, size: int) -> None:
    """Raise AssertionError unless the strands of a few hundred cases hold, some of them swept."""
    swept = 0
    with app.database.read() as store:
        for n in range(1, size + 1, max(1, size // 400)):
            lines = store.chains.lines(store.cases.get(_number(n)).stream)
            swept += len(lines) > 1
            if ledger.broken([e.header for e in lines], [e.leaf for e in lines]) is not None:
                raise AssertionError(f"the strand of {_number(n)} is broken")
    if size <= 20_000 and not swept:
        raise AssertionError("no case was swept")


def _raw_sweep(path: Path, size: int) -> Callable[[int], float]:
    """Return what makes so many of `size` open terms due and sweeps them by the driver alone.

    It answers with the seconds that the sweep alone took, in chunks as large as the tick's.
    """
    base = 1_900_000_000
    choose = random.Random(11)
    connection = raw.open_sqlite(path)
    run = connection.cursor()
    run.execute("BEGIN")
    files = ((n, "Vorhaben", "wartend", 1, raw.NO_HEAD, raw.FACTS, "") for n in range(1, size + 1))
    run.executemany("INSERT INTO file VALUES (?, ?, ?, ?, ?, ?, ?)", files)
    terms = ((n, n, "wartezeit", base + choose.randrange(10**7)) for n in range(1, size + 1))
    run.executemany("INSERT INTO term VALUES (?, ?, ?, ?, 0)", terms)
    run.execute("COMMIT")

    def sweep(due: int) -> float:
        chosen = choose.sample(range(1, size + 1), due)
        run.executemany(
            "UPDATE term SET due = ?, done = 0 WHERE id = ?", [(base - 1, n) for n in chosen]
        )
        begun = time.perf_counter()
        done = raw.swept(connection, base, CHUNK)
        took = time.perf_counter() - begun
        if done != due:
            raise AssertionError(f"{done} terms were swept, not {due}")
        return took

    return sweep
