"""What holds the engine together, taken away piece by piece, so that a test can miss it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from engine.store import sqlite
from engine.store.batch import SqliteBatch
from engine.store.turn import Turn


@contextmanager
def _nobody_waits(_: Turn) -> Iterator[None]:
    yield


def _deferred(batch: Any) -> None:
    batch.spoiled = False
    batch._cursor.execute("BEGIN")


def _nothing(*_: Any) -> None:
    """Do nothing."""


def immediate() -> None:
    """Begin writing transactions as readers do: the lock is asked for with the first change."""
    SqliteBatch.begin = _deferred  # type: ignore[method-assign,assignment]


def turn() -> None:
    """Let writers begin without waiting for their turn, and be refused by a lock at once."""
    Turn.taken = _nobody_waits  # type: ignore[method-assign,assignment]
    immediate()


def transaction() -> None:
    """Open no transaction at all, as Python's driver does by itself before a SELECT."""
    Turn.taken = _nobody_waits  # type: ignore[method-assign,assignment]

    def begin(batch: Any) -> None:
        batch.spoiled = False
        if not batch.writing:
            batch._cursor.execute("BEGIN")

    def commit(batch: Any) -> None:
        if batch._raw.in_transaction:
            batch._cursor.execute("COMMIT")

    def run(batch: Any, statement: Any, values: Any = ()) -> None:
        batch._cursor.execute(batch._texts(statement), values)

    def ask(batch: Any, statement: Any, values: Any = ()) -> Any:
        return batch._raw.execute(batch._texts(statement), values)

    SqliteBatch.begin = begin  # type: ignore[method-assign,assignment]
    SqliteBatch.commit = commit  # type: ignore[method-assign,assignment]
    SqliteBatch.run = run  # type: ignore[method-assign,assignment]
    SqliteBatch.ask = ask  # type: ignore[method-assign,assignment]
    SqliteBatch.ensure = _nothing  # type: ignore[method-assign,assignment]


def full() -> None:
    """Let a commit return before it is on disk."""
    real = sqlite.prepare

    def prepare(raw: Any, journal: str) -> None:
        real(raw, journal)
        raw.execute("PRAGMA synchronous = NORMAL")

    sqlite.prepare = prepare


PIECES = {"immediate": immediate, "turn": turn, "transaction": transaction, "full": full}


def take_away(name: str) -> None:
    """Take a piece away from this process, `-` for none."""
    if name != "-":
        PIECES[name]()
