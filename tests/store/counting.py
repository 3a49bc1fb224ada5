"""A writer that reads a number in a case and writes the next one, many times.

Run as a program it is one of several processes: NAME URL JOURNAL ROUNDS CASE...
"""

from __future__ import annotations

import sys
from dataclasses import replace

from engine.core.case import Case, Entry, Outcome
from engine.core.ledger import Line
from engine.store.database import Database, open_database
from tests.musterheide import noon
from tests.store.deeds import DAY


def line(stream: str, key: str) -> Line:
    """Return some line for a strand that is no case."""
    return Line(stream, "test", "weber", "", noon(DAY), DAY, key, 0, {"n": 1}, {"text": "privat"})


def counted(case: Case, key: str) -> Outcome:
    """Return the outcome of counting one up in a case."""
    count = int(case.given.get("count") or 0) + 1
    entry = Entry(
        case.stream, "count", "weber", "", noon(DAY), DAY, key, 0, {"count": count}, {"t": key}
    )
    after = replace(case, version=case.version + 1, given={**case.given, "count": count})
    return Outcome(after, (entry,), ())


def count_up(database: Database, cases: list[str], rounds: int, name: str) -> None:
    """Count each case up `rounds` times, and enter a line of the strand `system` each time."""
    for n in range(rounds):
        for number in cases:
            with database.write() as store:
                store.keep(counted(store.cases.get(number), f"{name}-{n}-{number}"))
        with database.write() as store:
            store.enter(line("system", f"{name}-{n}"))


if __name__ == "__main__":
    name, url, journal, rounds, *cases = sys.argv[1:]
    opened = open_database(url, journal=journal or None)
    count_up(opened, cases, int(rounds), name)
    opened.close()
