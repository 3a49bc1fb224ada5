"""Workers are killed at random, and so is their server: nothing is lost, nothing done twice.

`make torture` does the same with a thousand kills.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.store.sqlite import journal_for
from tests.torture.killing import Killed, killed, stopped
from tests.torture.nursery import Nursery
from tests.torture.own_library import killed_on_it
from tests.torture.servers import Postgres, postgres
from tests.torture.sink import Sink


@pytest.fixture(scope="module")
def server() -> Iterator[Postgres]:
    with postgres() as opened:
        yield opened


@pytest.mark.parametrize("journal", ["wal", "delete"])
def test_twenty_kills_on_sqlite(tmp_path: Path, sink: Sink, nursery: Nursery, journal: str) -> None:
    done = killed(
        tmp_path / "amt",
        sink,
        nursery,
        kills=20,
        workers=2,
        deadlines=40,
        seed=7,
        journal=journal,
    )
    bears(done, 20)


def test_ten_kills_on_the_library_of_python_which_may_have_the_wal_reset_bug() -> None:
    mode = journal_for(sqlite3.sqlite_version_info).upper()
    said = killed_on_it(kills=10, deadlines=20)
    assert said.startswith(f"SQLite {sqlite3.sqlite_version} of Python itself, {mode}: ")


def test_fifteen_kills_on_postgresql(
    tmp_path: Path, sink: Sink, nursery: Nursery, server: Postgres
) -> None:
    done = killed(
        tmp_path / "amt",
        sink,
        nursery,
        kills=15,
        workers=3,
        deadlines=30,
        seed=7,
        url=server.fresh(),
    )
    bears(done, 15)


def test_a_server_that_is_stopped_at_once_twice(
    tmp_path: Path, sink: Sink, nursery: Nursery, server: Postgres
) -> None:
    done = stopped(
        tmp_path / "amt",
        sink,
        nursery,
        server.stop,
        server.start,
        stops=2,
        workers=2,
        deadlines=16,
        seed=7,
        url=server.fresh(),
    )
    bears(done, 2)


def bears(done: Killed, count: int) -> None:
    assert done.kills >= count
    assert done.trouble == ""
    assert done.left.lost == ()
    assert done.left.second == ()
    assert done.left.differing == 0
    assert done.left.faults == ()
