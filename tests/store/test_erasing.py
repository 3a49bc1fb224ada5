"""Erased is erased: after compacting no file of the database holds a word of it any more."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from engine.core.case import Case, Entry, Outcome
from engine.core.ledger import broken
from engine.store.database import Database
from tests.conftest import MakePlace, Place
from tests.musterheide import noon
from tests.store.deeds import DAY, begin

COUNT = 1_000
SECONDS = 20.0


def word(number: int) -> str:
    """Return what nobody else ever wrote, short enough that no server packs it."""
    return f"Hufnagel{number:04}Kolbermoor" + "ß" * (number % 50) * 10


def told(database: Database) -> Case:
    """Return a case with a thousand lines more, each with a word of its own in its body."""
    case = begin(database, title="Zwergmausquartier am Kolbermoor")
    entries = tuple(
        Entry(
            case.stream, "note", "weber", "", noon(DAY), DAY, f"k{n}", 0, {"n": n}, {"t": word(n)}
        )
        for n in range(COUNT)
    )
    after = replace(case, version=case.version + COUNT)
    with database.write() as store:
        store.keep(Outcome(after, entries, ()))
    return case


def left_in(folder: Path) -> int:
    """Return how many of the words, and of the title, some file below a folder still holds."""
    held = b"\0".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())
    words = [f"Hufnagel{n:04}Kolbermoor" for n in range(COUNT)]
    return sum(w.encode() in held for w in [*words, "Zwergmausquartier"])


def erase(database: Database, case: Case) -> int:
    with database.write() as store:
        return store.erasing.texts(case.uid)


@pytest.mark.parametrize("kind", ["sqlite-wal", "sqlite-delete"])
def test_a_thousand_of_a_thousand_bodies_are_gone_from_the_files(
    make_place: MakePlace, kind: str, tmp_path: Path
) -> None:
    place = make_place(kind)
    database = place.open(create=True)
    case = told(database)
    assert left_in(tmp_path) == COUNT + 1
    began = time.monotonic()
    assert erase(database, case) >= COUNT
    database.compact()
    took = time.monotonic() - began
    assert left_in(tmp_path) == 0
    assert took < SECONDS
    assert chain_of(database, case) is None
    database.close()
    assert left_in(tmp_path) == 0


def test_postgres_gives_the_old_files_back(make_place: MakePlace, postgres: Any) -> None:
    database = make_place("postgres").open(create=True)
    case = told(database)
    with database.engine.connect() as connection:
        mine = "SELECT oid FROM pg_database WHERE datname = current_database()"
        oid = connection.exec_driver_sql(mine).scalar_one()
    tables = Path(postgres.pgdata) / "base" / str(oid)
    checkpoint(database)
    assert left_in(tables) == COUNT + 1
    erase(database, case)
    database.compact()
    checkpoint(database)
    assert left_in(tables) == 0
    assert chain_of(database, case) is None
    database.close()


def checkpoint(database: Database) -> None:
    """Let the server bring its tables to disk, and give back the files it no longer needs."""
    with database.engine.connect() as connection:
        connection.exec_driver_sql("CHECKPOINT")


def chain_of(database: Database, case: Case) -> int | None:
    with database.read() as store:
        lines = store.chains.lines(case.stream)
    assert all(line.body is None and line.salt is None for line in lines)
    return broken([x.header for x in lines], [x.leaf for x in lines])


def test_erasing_alone_leaves_words_in_freed_pages(make_place: MakePlace, tmp_path: Path) -> None:
    database = make_place("sqlite-delete").open(create=True)
    erase(database, told(database))
    assert left_in(tmp_path) > 0, "if this ever fails, compacting is no longer needed"
    database.close()


def test_compacting_again_changes_nothing(place: Place) -> None:
    database = place.open(create=True)
    case = told(database)
    erase(database, case)
    database.compact()
    database.compact()
    assert chain_of(database, case) is None
    database.close()
