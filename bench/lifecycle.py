"""Durable acts a second through the real service path, against the driver alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench import raw
from bench.installation import OFFICE, PERSON, STEPS, install, measured_case
from bench.rounds import Runs, cpu_us, in_turns, of_limit, rate
from bench.servers import postgres
from engine import clock
from engine.app import App
from engine.core import ledger
from engine.core.calendar import local_day
from engine.core.case import Act
from engine.core.procedure import advance, register
from engine.services.cases import Deed, register_measure, take

LIMIT = "limit: driver alone"
SERVICE = "services.register_measure + take"
LADDERED = "services, one rung a deadline"
THIN = "write, get, advance, keep"
ACTS = len(STEPS)

_MEASURE = measured_case()


def through_services(app: App) -> Callable[[int], None]:
    """Return what lives so many cases as pages and commands would: by the services."""

    def run(cases: int) -> None:
        for _ in range(cases):
            number = register_measure(app, _MEASURE, Deed("", PERSON)).number
            for step in STEPS:
                take(app, number, Deed(step, PERSON))

    return run


def through_the_store(app: App) -> Callable[[int], None]:
    """Return what lives so many cases by finished acts: no person or step is looked up."""

    def taken(step: str) -> Act:
        now = app.clock.now()
        return Act(clock.new_uid(), step, PERSON, OFFICE, local_day(now), now)

    def run(cases: int) -> None:
        for _ in range(cases):
            with app.database.write() as store:
                world = app.world(store)
                number = store.cases.next_number(world.today.year)
                act = taken("anmelden")
                store.keep(register(clock.new_uid(), number, _MEASURE, act, world))
            for step in STEPS:
                with app.database.write() as store:
                    case = store.cases.get(number)
                    store.keep(advance(case, taken(step), app.world(store)))

    return run


@dataclass(frozen=True, slots=True)
class Line:
    """What one variant did: acts a second, CPU of this process an act, share of the limit."""

    database: str
    variant: str
    acts: float
    cpu: float
    share: float
    rows: dict[str, float]
    cases: int
    broken: int


def measured(
    folder: Path, *, rounds: int, seconds: float, with_postgres: bool = True
) -> Iterator[Line]:
    """Yield the lines of SQLite and of PostgreSQL, each beside its own limit."""
    yield from _on_sqlite(folder, rounds, seconds)
    if with_postgres:
        with postgres() as server:
            yield from _on_postgres(folder, server, rounds, seconds)


def _on_sqlite(folder: Path, rounds: int, seconds: float) -> Iterator[Line]:
    limit = raw.open_sqlite(folder / "limit.sqlite3")
    apps = {
        SERVICE: install(folder / "service", "lifecycle"),
        LADDERED: install(folder / "laddered", "lifecycle", laddered=True),
        THIN: install(folder / "thin", "lifecycle"),
    }
    written = {LIMIT: _written(limit, raw.lives(limit))}
    for name, app in apps.items():
        with app.database.write() as store:
            connection = store.connection.connection.driver_connection
        written[name] = _written(connection, _runner(name, app))
    runs = in_turns(
        {LIMIT: raw.lives(limit), **{n: _runner(n, a) for n, a in apps.items()}},
        rounds=rounds,
        seconds=seconds,
    )
    yield from _lines("SQLite", runs, limit, apps, written)


def _on_postgres(folder: Path, server: Any, rounds: int, seconds: float) -> Iterator[Line]:
    limit = raw.open_postgres(server("raw"))
    apps = {
        name: install(folder / f"pg-{key}", "lifecycle", url=server(key))
        for name, key in ((SERVICE, "service"), (THIN, "thin"))
    }
    runs = in_turns(
        {LIMIT: raw.lives(limit, postgres=True), **{n: _runner(n, a) for n, a in apps.items()}},
        rounds=rounds,
        seconds=seconds,
    )
    yield from _lines("PostgreSQL", runs, limit, apps, {})
    limit.close()


def _runner(name: str, app: App) -> Callable[[int], None]:
    return through_the_store(app) if name == THIN else through_services(app)


def _lines(
    database: str,
    runs: Runs,
    limit: Any,
    apps: dict[str, App],
    written: dict[str, dict[str, float]],
) -> Iterator[Line]:
    for name, found in runs.items():
        cases, wrong = verified(apps[name]) if name in apps else (0, raw.broken(limit))
        yield Line(
            database,
            name,
            rate(found) * ACTS,
            cpu_us(found) / ACTS,
            of_limit(found, runs[LIMIT]),
            written.get(name, {}),
            cases,
            wrong,
        )
    for app in apps.values():
        app.close()


def verified(app: App) -> tuple[int, int]:
    """Return how many cases the log knows, and how many of their strands are broken."""
    strands: dict[str, tuple[list[bytes], list[bytes]]] = {}
    with app.database.read() as store:
        for entry in store.chains.all():
            if entry.stream.startswith("case/"):
                headers, leaves = strands.setdefault(entry.stream, ([], []))
                headers.append(bytes(entry.header))
                leaves.append(bytes(entry.leaf))
    return len(strands), sum(ledger.broken(*strand) is not None for strand in strands.values())


def _written(connection: Any, run: Callable[[int], None]) -> dict[str, float]:
    """Return how many rows a variant writes an act, by table, seen by SQLite's own trace."""
    run(1)
    with _traced(connection) as texts:
        run(1)
    found: Counter[str] = Counter()
    for text in texts:
        words = text.split()
        if words[0] == "INSERT":
            found[words[2].partition("(")[0]] += 1
        elif words[0] == "UPDATE":
            found[words[1]] += 1
    return {table: round(n / ACTS, 2) for table, n in sorted(found.items())}


@contextmanager
def _traced(connection: Any) -> Iterator[list[str]]:
    texts: list[str] = []
    connection.set_trace_callback(texts.append)
    try:
        yield texts
    finally:
        connection.set_trace_callback(None)
