"""Eight write at once: what they remember and what the log says fit together.

And the checker is no friend of the log: without the lock, or without a transaction, it says so.
"""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from engine.store.batch import SqliteBatch
from engine.store.database import Database
from engine.store.sqlite import driver
from tests.conftest import MakePlace
from tests.torture import without
from tests.torture.histories import written
from tests.torture.killing import trouble
from tests.torture.nursery import Nursery

SECONDS = 3


@pytest.mark.parametrize("kind", ["sqlite-wal", "postgres"])
def test_eight_writers_leave_a_log_that_can_be_true(
    kind: str, tmp_path: Path, nursery: Nursery, make_place: MakePlace
) -> None:
    url = make_place(kind).url if kind == "postgres" else None
    found = written(tmp_path / "amt", nursery, seconds=SECONDS, url=url)
    assert trouble(tmp_path / "amt") == ""
    assert found.anomalies == []
    assert found.kept > 20
    assert found.reads > 5


@pytest.mark.parametrize(
    ("piece", "said"), [("turn", "turned away"), ("transaction", "was seen at version")]
)
def test_the_checker_misses_what_keeps_writers_apart(
    tmp_path: Path, nursery: Nursery, piece: str, said: str
) -> None:
    found = written(tmp_path / "amt", nursery, seconds=SECONDS, without=piece)
    assert any(said in anomaly for anomaly in found.anomalies), found


def held_from_the_first_moment(database: Database) -> bool:
    """Return whether a stranger finds the write lock taken before anything is written."""
    module: Any = driver()
    with database.write(), closing(module.connect(database.place, timeout=0)) as stranger:
        try:
            stranger.execute("BEGIN IMMEDIATE")
        except module.OperationalError:
            return True
        return False


def test_without_begin_immediate_the_lock_comes_too_late(
    sqlite_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert held_from_the_first_moment(sqlite_database)
    monkeypatch.setattr(SqliteBatch, "begin", SqliteBatch.begin)
    without.immediate()
    assert not held_from_the_first_moment(sqlite_database)
