"""Every row of a database carried into an empty one, and compared with what arrived there."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BigInteger, Connection, Integer, Table, func, insert, inspect, select

from engine.errors import InputError
from engine.store import schema
from engine.store.database import Database
from engine.store.errors import MOVED, Unavailable
from engine.store.store import Store
from engine.store.tables import METADATA

_PIECE = 2000
"""Rows a statement: the source is read in a stream, so memory does not grow with it."""

_ALL = 1 << 256


@dataclass(frozen=True, slots=True)
class Moved:
    """A table and how many rows of it were carried over."""

    table: str
    rows: int


def move(source: Store, target: Database) -> list[Moved]:
    """Carry all rows of `source` into the empty database `target`; return how many of which.

    The source is one writing transaction, so that nobody else writes to a SQLite file
    meanwhile. The target gets tables, rows and guards in one transaction: whole or not at all.
    Every row is read back and compared. Raises InputError where the target has tables already,
    Unavailable where a row did not arrive as it was.
    """
    with target.write() as filled:
        _refuse_tables(filled.connection, target.place)
        schema.migrate(filled.connection)
        moved = [_carried(source.connection, filled.connection, t) for t in METADATA.sorted_tables]
        _go_on_counting(filled.connection)
    _settled(target)
    return moved


def retire(source: Store) -> None:
    """Let a SQLite file refuse every further entry: whoever still works with it is told."""
    source.connection.exec_driver_sql(
        f"CREATE TRIGGER moved BEFORE INSERT ON entry BEGIN SELECT RAISE(ABORT, '{MOVED}'); END"
    )


def _refuse_tables(connection: Connection, place: str) -> None:
    if inspect(connection).get_table_names():
        raise InputError(
            f"Datenbank {place}: Sie ist nicht leer. Kopiert wird nur in eine leere Datenbank, "
            "damit nichts überschrieben wird. Legen Sie eine neue an: CREATE DATABASE …",
            f"Database {place}: it is not empty. Copies go into an empty database only, so that "
            "nothing is overwritten. Make a new one: CREATE DATABASE …",
        )


def _carried(source: Connection, target: Connection, table: Table) -> Moved:
    count = 0
    for rows in _rows(source, table):
        target.execute(insert(table), rows)
        count += len(rows)
    before, after = _digest(source, table), _digest(target, table)
    if before != after:
        raise Unavailable(
            f"Tabelle {table.name}: Die Zeilen kamen nicht so an, wie sie waren. Es wurde nichts "
            "kopiert; melden Sie das bitte als Fehler des Programms.",
            f"Table {table.name}: the rows did not arrive as they were. Nothing was copied; "
            "please report this as a fault of the program.",
        )
    return Moved(str(table.name), count)


def _rows(connection: Connection, table: Table) -> Iterator[list[dict[str, Any]]]:
    """Yield the rows in pieces, referenced ones before those that refer to them."""
    ordered = select(table).order_by(*table.primary_key.columns)
    streamed = ordered.execution_options(yield_per=_PIECE)
    found = connection.execute(streamed).mappings()
    for rows in found.partitions(_PIECE):
        yield [dict(row) for row in rows]


def _digest(connection: Connection, table: Table) -> tuple[int, int]:
    """Return the number of rows and the sum of their SHA-256: no order counts in it.

    Each kind of database orders texts in its own way.
    """
    count = total = 0
    for rows in _rows(connection, table):
        count += len(rows)
        for row in rows:
            hashed = hashlib.sha256(repr(tuple(row.values())).encode("utf-8", "surrogatepass"))
            total += int.from_bytes(hashed.digest())
    return count, total % _ALL


def _go_on_counting(connection: Connection) -> None:
    """Let the next row that a table numbers itself come after those that were carried over."""
    if connection.dialect.name != "postgresql":
        return
    for table in METADATA.sorted_tables:
        column = table.autoincrement_column
        if column is None or not isinstance(column.type, BigInteger | Integer):
            continue
        highest = select(func.max(column)).select_from(table).scalar_subquery()
        sequence = func.pg_get_serial_sequence(table.name, column.name)
        # No row yet: the first number is 1 and has not been called.
        connection.execute(
            select(func.setval(sequence, func.coalesce(highest, 1), highest.is_not(None)))
        )


def _settled(target: Database) -> None:
    """Let the server learn what it holds now; without that its first plans would be bad."""
    if not target.is_sqlite:
        with target.engine.connect() as connection:
            connection.exec_driver_sql("ANALYZE")
