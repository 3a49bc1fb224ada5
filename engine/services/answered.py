"""What became of statements, and the yearly report, read from the files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from engine.app import App
from engine.core.answered import Statement, statements
from engine.core.case import Case, Entry
from engine.core.world import World
from engine.core.year_report import Report, report
from engine.store.store import Store


def statements_of(app: App, offices: Iterable[str], year: int) -> tuple[World, list[Statement]]:
    """Return the statements that some offices filed in a year, the newest first."""
    mine = frozenset(offices)
    with app.database.read() as store:
        world = app.world(store)
        found = [
            s
            for case, lines in files(store, mine, year)
            for s in statements(case, lines, world, mine)
            if s.said.on.year == year
        ]
    return world, sorted(found, key=lambda s: (s.said.on, s.said.case.number), reverse=True)


def report_of(app: App, offices: Iterable[str], year: int) -> tuple[World, Report]:
    """Return the report of a year for some offices."""
    mine = frozenset(offices)
    with app.database.read() as store:
        world = app.world(store)
        made = report(year, files(store, mine, year), world, mine)
    return world, made


def files(
    store: Store, offices: frozenset[str], year: int
) -> Iterator[tuple[Case, Sequence[Entry]]]:
    """Yield the files in which something happened in a year and an office takes part."""
    numbers = store.cases.active(offices, date(year, 1, 1), date(year, 12, 31))
    for number in numbers:
        case = store.cases.get(number)
        yield case, [stored.entry for stored in store.chains.lines(case.stream)]
