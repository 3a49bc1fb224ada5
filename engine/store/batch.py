"""One transaction on one held driver connection, statement by statement.

`SqliteBatch` looks before each statement whether the transaction still stands: on a full
disk SQLite ends it by itself, and what came after would be kept for itself (RELIABILITY
2.4). `PostgresBatch` sends what belongs together in one round trip.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any, Protocol

from sqlalchemy import Dialect

from engine.store.errors import lost
from engine.store.statement import Statement

Values = tuple[Any, ...]

_NO_WAY = nullcontext()


class Batch(Protocol):
    """What the store needs of a connection inside a transaction."""

    writing: bool
    spoiled: bool
    travels: bool
    """Whether a statement travels to a server, so that several had better go together."""

    def begin(self) -> None:
        """Open the transaction."""

    def commit(self) -> None:
        """Keep what was written; returns once it is on disk."""

    def rollback(self) -> None:
        """Forget what was written; does not fail."""

    def run(self, statement: Statement, values: Values = ()) -> None:
        """Run a statement whose result nobody asks for."""

    def ask(self, statement: Statement, values: Values = ()) -> Any:
        """Run a statement and return its cursor, to be asked for rows or a row count."""

    def together(self) -> Any:
        """Return a context whose statements may travel in one piece; errors come at its end."""

    def ensure(self) -> None:
        """Make sure that the transaction stands before somebody else uses the connection."""


def refuse_spoiled(batch: Batch) -> None:
    """Raise RuntimeError if something was written by halves in this transaction.

    Whoever caught the error of `keep` inside the block and went on would otherwise commit
    the first half of an act.
    """
    if batch.spoiled:
        raise RuntimeError("an act was kept by halves: let the error leave the block")


class Texts:
    """The rendered statements of one dialect."""

    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect
        self._texts: dict[Statement, str] = {}

    def __call__(self, statement: Statement) -> str:
        text = self._texts.get(statement)
        if text is None:
            text = self._texts[statement] = statement.render(self._dialect)
        return text


class SqliteBatch:
    """A transaction on a held SQLite connection."""

    travels = False

    def __init__(self, raw: Any, texts: Texts, *, writing: bool) -> None:
        self.writing = writing
        self.spoiled = False
        self._raw = raw
        self._texts = texts
        self._cursor = raw.cursor()
        self._begin = "BEGIN IMMEDIATE" if writing else "BEGIN"

    def begin(self) -> None:
        """Open the transaction; a writer takes the write lock at once, so no read is stale."""
        self.spoiled = False
        self._cursor.execute(self._begin)

    def commit(self) -> None:
        """Keep what was written."""
        refuse_spoiled(self)
        self.ensure()
        self._cursor.execute("COMMIT")

    def rollback(self) -> None:
        """Forget what was written."""
        if self._raw.in_transaction:
            self._cursor.execute("ROLLBACK")

    def run(self, statement: Statement, values: Values = ()) -> None:
        """Run a statement whose result nobody asks for."""
        if not self._raw.in_transaction:
            raise lost()
        self._cursor.execute(self._texts(statement), values)

    def ask(self, statement: Statement, values: Values = ()) -> Any:
        """Run a statement and return its cursor."""
        if not self._raw.in_transaction:
            raise lost()
        return self._raw.execute(self._texts(statement), values)

    def together(self) -> AbstractContextManager[None]:
        """Return a context that changes nothing: there is no way to travel."""
        return _NO_WAY

    def ensure(self) -> None:
        """Raise Unavailable if SQLite has ended the transaction by itself."""
        if not self._raw.in_transaction:
            raise lost()


class PostgresBatch:
    """A transaction on a held PostgreSQL connection; BEGIN travels with the first statement."""

    travels = True

    def __init__(self, raw: Any, texts: Texts, *, writing: bool) -> None:
        self.writing = writing
        self.spoiled = False
        self._raw = raw
        self._texts = texts
        self._cursor = raw.cursor()
        self._waiting = False
        # Readers see one instant throughout, as they do on SQLite.
        self._begin = "BEGIN" if writing else "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"

    def begin(self) -> None:
        """Open the transaction with the first statement."""
        self.spoiled = False
        self._waiting = True

    def commit(self) -> None:
        """Keep what was written."""
        refuse_spoiled(self)
        if not self._waiting:
            self._cursor.execute("COMMIT")
        self._waiting = False

    def rollback(self) -> None:
        """Forget what was written; a broken connection has forgotten it by itself."""
        if not self._waiting and not self._raw.closed:
            self._raw.execute("ROLLBACK")
        self._waiting = False

    def run(self, statement: Statement, values: Values = ()) -> None:
        """Run a statement whose result nobody asks for."""
        self.ensure()
        self._cursor.execute(self._texts(statement), values)

    def ask(self, statement: Statement, values: Values = ()) -> Any:
        """Run a statement and return its cursor."""
        self.ensure()
        return self._raw.execute(self._texts(statement), values)

    @contextmanager
    def together(self) -> Iterator[None]:
        """Return a context whose statements travel in one piece (psycopg's pipeline)."""
        with self._raw.pipeline():
            yield

    def ensure(self) -> None:
        """Send the BEGIN that still waits."""
        if self._waiting:
            self._waiting = False
            self._cursor.execute(self._begin)
