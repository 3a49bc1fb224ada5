"""Workers are killed at random, and so is their server: nothing is lost, nothing done twice.

`make torture` does the same with a thousand kills.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.torture.killing import Killed, killed, stopped
from tests.torture.nursery import Nursery
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
