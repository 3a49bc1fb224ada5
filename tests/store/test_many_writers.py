"""Many threads and processes write at once: no update is lost, no strand forks."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import closing

import pytest

from engine.store.database import Database
from engine.store.errors import AlreadyKept
from engine.store.sqlite import driver
from tests.conftest import MakePlace, Place
from tests.musterheide import noon
from tests.store.counting import count_up, line
from tests.store.deeds import DAY, DAYS, begin, broken_strands, confirming, do, informing, read

ROUNDS = 25
WRITERS = 4


def together(deeds: list[Callable[[], None]]) -> None:
    """Run deeds in threads of their own; an error of one is an error of the test."""
    errors: list[BaseException] = []

    def run(deed: Callable[[], None]) -> None:
        try:
            deed()
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=run, args=(deed,)) for deed in deeds]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []


def test_four_threads_lose_no_update_and_fork_no_strand(database: Database) -> None:
    cases = [begin(database).number for _ in range(2)]

    def write(name: str) -> Callable[[], None]:
        return lambda: count_up(database, cases, ROUNDS, name)

    together([write(f"thread-{n}") for n in range(WRITERS)])
    _nothing_lost(database, cases)


def test_four_processes_lose_no_update_and_fork_no_strand(place: Place) -> None:
    database = place.open(create=True)
    cases = [begin(database).number for _ in range(2)]
    told = [place.url, place.journal or "", str(ROUNDS), *cases]
    writers = [
        subprocess.Popen([sys.executable, "-m", "tests.store.counting", f"process-{n}", *told])
        for n in range(WRITERS)
    ]
    assert [writer.wait(120) for writer in writers] == [0] * WRITERS
    _nothing_lost(database, cases)
    database.close()


def _nothing_lost(database: Database, cases: list[str]) -> None:
    for number in cases:
        assert read(database, number).given["count"] == WRITERS * ROUNDS
    with database.read() as store:
        assert store.chains.streams()["system"] == WRITERS * ROUNDS
    assert broken_strands(database) == {}


def test_the_same_act_sent_by_many_at_once_is_recorded_once(database: Database) -> None:
    case = begin(database)
    seen: list[str] = []

    def send() -> None:
        try:
            do(database, case.number, informing(key="einmal"))
            seen.append("kept")
        except Exception as error:
            seen.append(type(error).__name__)

    together([send] * 6)
    assert seen.count("kept") == 1
    assert set(seen) - {"kept"} <= {AlreadyKept.__name__, "Refused"}
    assert broken_strands(database) == {}


def test_the_first_line_of_a_strand_cannot_be_written_twice(database: Database) -> None:
    def enter(key: str) -> Callable[[], None]:
        def deed() -> None:
            with database.write() as store:
                store.enter(line("access/2026-03", key))

        return deed

    together([enter(f"k{n}") for n in range(8)])
    with database.read() as store:
        assert [stored.seq for stored in store.chains.lines("access/2026-03")] == [*range(1, 9)]
    assert broken_strands(database) == {}


def test_two_workers_do_not_take_the_same_due_case(make_place: MakePlace) -> None:
    """PostgreSQL passes over what is locked; on SQLite there is never a second writer."""
    database = make_place("postgres").open(create=True)
    for _ in range(4):
        do(database, begin(database).number, informing(), confirming())
    late = noon(DAY + 200 * DAYS)
    with database.write() as first, database.write() as second:
        mine, yours = first.due(late, 3), second.due(late, 400)
        assert mine and yours and not set(mine) & set(yours)
    with database.write() as third:
        assert set(third.due(late, 400)) == {*mine, *yours}
    database.close()


def test_the_write_lock_is_held_from_the_first_moment(sqlite_database: Database) -> None:
    """A lock that is asked for late is refused at once, however long one would wait."""
    # The same library: two in one process would not see each other's locks.
    path, module = sqlite_database.place, driver()
    with sqlite_database.write(), closing(module.connect(path, timeout=0)) as stranger:
        with pytest.raises(module.OperationalError, match="locked"):
            stranger.execute("BEGIN IMMEDIATE")
