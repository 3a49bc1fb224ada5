"""The one door to the database: `open_database`, and then `read()` and `write()`.

Connections are held between transactions, a stack of writers and a stack of readers: to
fetch one from a pool each time would cost more than the act itself. On SQLite one writes at
a time; on PostgreSQL as many as ask, and the rows they lock keep them apart.
"""

from __future__ import annotations

import os
import weakref
from collections import deque
from collections.abc import Iterator
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, NullPool, create_engine, event, insert, make_url
from sqlalchemy.exc import ArgumentError

from engine import clock
from engine.crash import crashpoint
from engine.errors import InputError
from engine.store import compacting, schema, sqlite
from engine.store.batch import Batch, PostgresBatch, SqliteBatch, Texts
from engine.store.errors import Unavailable, on_disk, worded
from engine.store.house import House, Meta
from engine.store.store import Store
from engine.store.tables import MetaRow
from engine.store.tables.base import table
from engine.store.turn import Turn

_REST = 5.0
"""Seconds after which a server is asked whether it is still there."""


class Held:
    """A connection that is kept between transactions, with the store on it."""

    def __init__(self, connection: Connection, batch: Batch, log: str) -> None:
        self.connection = connection
        self.batch = batch
        self.store = Store(batch, connection, log)
        self.raw: Any = connection.connection.driver_connection
        self.idle_since = clock.monotonic()

    def begin(self) -> Store:
        """Open a transaction and return its store."""
        self.batch.begin()
        self.store.cases.standing.clear()
        return self.store

    def answers(self) -> bool:
        """Return whether the other side still answers, asking only after a longer rest."""
        if clock.monotonic() - self.idle_since < _REST:
            return True
        try:
            self.raw.execute("SELECT 1")
        except Exception:
            return False
        return True

    def close(self) -> None:
        """Let go of the connection, whatever state it is in."""
        for letting_go in (self.connection.invalidate, self.connection.close):
            with suppress(Exception):
                letting_go()


class Database:
    """An open database; safe to share between threads."""

    def __init__(self, engine: Engine, place: str, turn: Turn | None) -> None:
        self.engine = engine
        self.place = place
        self._turn = turn
        self._texts = Texts(engine.dialect)
        self._idle: dict[bool, deque[Held]] = {True: deque(), False: deque()}
        self._lost: list[Any] = []
        self.meta = _NO_META
        _forget_after_fork(self)

    @property
    def is_sqlite(self) -> bool:
        """Whether this is a file of SQLite."""
        return self._turn is not None

    @contextmanager
    def write(self) -> Iterator[Store]:
        """Open a writing transaction: kept at the end of the block, forgotten on an error.

        Raises Unavailable where the database cannot do it; nothing is half done then.
        """
        turn: AbstractContextManager[None] = self._turn.taken() if self._turn else nullcontext()
        with turn, self._transaction(True) as store:
            yield store

    @contextmanager
    def read(self) -> Iterator[Store]:
        """Open a reading transaction: it sees one instant, and can change nothing."""
        with self._transaction(False) as store:
            yield store

    def compact(self) -> None:
        """Write every page anew, so that nothing that was erased is left in the files.

        Writers wait meanwhile. Raises Unavailable where it cannot be done now. Copies that
        others keep (backups, the archived log of PostgreSQL) keep what they have.
        """
        turn: AbstractContextManager[None] = self._turn.taken() if self._turn else nullcontext()
        with turn:
            self._close_idle()
            try:
                with self.engine.connect() as connection:
                    compacting.compact(connection, self.place)
            except Exception as error:
                told = worded(error, self.place)
                if told is None:
                    raise
                raise told from error

    def close(self) -> None:
        """Close every connection that is held."""
        self._close_idle()
        if self._turn is not None:
            self._turn.close()

    def _close_idle(self) -> None:
        for idle in self._idle.values():
            while idle:
                idle.pop().close()

    @contextmanager
    def _transaction(self, writing: bool) -> Iterator[Store]:
        held: Held | None = None
        try:
            held = self._begun(writing)
            yield held.store
            if writing:
                crashpoint("before-any-commit")
            held.batch.commit()
            if writing:
                crashpoint("after-any-commit")
        except BaseException as error:
            if held is not None:
                self._give_up(held)
            told = worded(error, self.place)
            if told is None:
                raise
            raise told from error
        self._put_back(held)

    def _begun(self, writing: bool) -> Held:
        """Return a held connection, or a new one where none is idle or all have died."""
        try:
            held = self._idle[writing].pop()
        except IndexError:
            held = self._open(writing)
        if not self.is_sqlite and not held.answers():
            held.close()
            self._close_idle()
            held = self._open(writing)
        held.begin()
        return held

    def _put_back(self, held: Held) -> None:
        held.idle_since = clock.monotonic()
        self._idle[held.batch.writing].append(held)

    def _give_up(self, held: Held) -> None:
        """Roll back; where that fails, the others have most likely died with this one."""
        try:
            held.batch.rollback()
            if not self.is_sqlite and held.raw.closed:
                raise ConnectionError
        except Exception:
            held.close()
            self._close_idle()
        else:
            self._put_back(held)

    def _open(self, writing: bool) -> Held:
        connection = self.engine.connect()
        raw: Any = connection.connection.driver_connection
        batch: Batch
        if self.is_sqlite:
            if not writing:
                raw.execute("PRAGMA query_only = ON")
            batch = SqliteBatch(raw, self._texts, writing=writing)
        else:
            raw.prepare_threshold = 1
            batch = PostgresBatch(raw, self._texts, writing=writing)
        connection.info["batch"] = batch
        return Held(connection, batch, self.meta.log)

    def _forget(self) -> None:
        """After a fork the child must not touch what it inherited, nor close it."""
        for writing, idle in self._idle.items():
            self._lost.append(idle)
            self._idle[writing] = deque()
        if self._turn is not None:
            self._turn.forget()


_NO_META = Meta("", "", datetime(1970, 1, 1, tzinfo=UTC), False, "")


def _forget_after_fork(database: Database) -> None:
    found = weakref.ref(database)

    def forget() -> None:
        inherited = found()
        if inherited is not None:
            inherited._forget()

    if hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=forget)


def open_database(
    url: str,
    *,
    create: bool = False,
    log: str = "",
    training: bool = False,
    journal: str | None = None,
) -> Database:
    """Return the database at `url` (`sqlite:///path` or `postgresql://...`).

    With `create` it is set up or brought up to date first; `log` and `training` are fixed at
    its birth. `journal` forces SQLite's journal mode. Raises SchemaProblem where the tables
    are not those of this program, Unavailable where it cannot be reached or used safely, and
    InputError for an address that means neither.
    """
    database = _reached(url, create, journal)
    try:
        if create:
            _set_up(database, log, training)
        with database._transaction(False) as store:
            schema.require(store.connection, database.place)
            database.meta = House(store.connection, store.chains).meta()
    except BaseException:
        database.close()
        raise
    # What was opened before the log's name was known must not be used again.
    database.close()
    return database


def bring_up_to_date(url: str) -> Database:
    """Return the database at `url` with the tables of this program; one that is none is refused.

    Raises Unavailable where there is none, and SchemaProblem where it was never set up: an
    address with a slip in it must not become a second, empty installation.
    """
    with closing(_reached(url, False, None)) as found, found.read() as store:
        schema.refuse_empty(schema.revision(store.connection), found.place)
    return open_database(url, create=True)


def open_empty(url: str) -> Database:
    """Return the database at `url` whatever is in it, to make its tables there; as above."""
    return _reached(url, True, None)


def _reached(url: str, create: bool, journal: str | None) -> Database:
    parsed = _parsed(url)
    if parsed.get_backend_name() == "sqlite":
        return _sqlite(parsed, create, journal)
    return _postgres(parsed)


def _parsed(url: str) -> URL:
    try:
        parsed = make_url(url)
    except ArgumentError:
        parsed = None
    if parsed is None or parsed.get_backend_name() not in ("sqlite", "postgresql"):
        raise InputError(
            f"config.yaml, database: „{url.rsplit('@', maxsplit=1)[-1]}“ ist keine Adresse einer Datenbank. "
            "Richtig wäre etwa sqlite:////var/lib/rechtzeitig/db.sqlite3 oder "
            "postgresql://konto@rechner/name.",
            f"config.yaml, database: '{url.rsplit('@', maxsplit=1)[-1]}' is no address of a database. Right "
            "would be sqlite:////var/lib/rechtzeitig/db.sqlite3 or postgresql://account@host/name.",
        )
    return parsed


def _sqlite(url: URL, create: bool, journal: str | None) -> Database:
    if not url.database or url.database == ":memory:":
        raise InputError(
            "config.yaml, database: Nennen Sie eine Datei, z. B. sqlite:////var/lib/db.sqlite3.",
            "config.yaml, database: name a file, e.g. sqlite:////var/lib/db.sqlite3.",
        )
    path = Path(url.database).resolve()
    sqlite.refuse_network(path, sqlite.mounts())
    if not create and not path.exists():
        raise Unavailable(
            f"Datenbank {path}: Die Datei gibt es nicht. Richten Sie sie ein mit: rechtzeitig "
            "init, oder berichtigen Sie den Pfad in config.yaml.",
            f"Database {path}: there is no such file. Set it up with: rechtzeitig init, or "
            "correct the path in config.yaml.",
        )
    if create:
        _keep_private(path)
    module = sqlite.driver()
    mode = journal or sqlite.journal_for(module.sqlite_version_info)
    engine = create_engine(
        url.set(database=str(path)),
        module=module,
        poolclass=NullPool,
        isolation_level="AUTOCOMMIT",
        connect_args={"check_same_thread": False, "cached_statements": 512},
    )

    @event.listens_for(engine, "connect")
    def _connected(raw: Any, record: Any) -> None:
        sqlite.prepare(raw, mode)

    _guard(engine)
    return Database(engine, str(path), Turn(path))


def _keep_private(path: Path) -> None:
    """Begin a new file as one that its owner alone can read, whatever the umask.

    SQLite gives the files beside it (-wal, -shm, -journal) the same mode.
    """
    with on_disk(path), suppress(FileExistsError):
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o600))


def _postgres(url: URL) -> Database:
    engine = create_engine(
        url.set(drivername="postgresql+psycopg"),
        poolclass=NullPool,
        isolation_level="AUTOCOMMIT",
    )
    _guard(engine)
    _let_go_of_the_vanished(engine)
    return Database(engine, f"{url.host or ''}/{url.database or ''}", None)


VANISHED = timedelta(minutes=2)
"""After this PostgreSQL ends a transaction in which nothing is asked any more."""


_LIMIT = "SELECT set_config('idle_in_transaction_session_timeout', %s, false)"


def _let_go_of_the_vanished(engine: Engine) -> None:
    """Have the server end the transaction of a host that is gone without a word.

    Its locks would keep all others up until the network gives the connection up: two hours by
    the defaults of Linux (tcp(7), tcp_keepalive_time).
    """

    @event.listens_for(engine, "connect")
    def _limit(raw: Any, _: Any) -> None:
        with raw.cursor() as cursor:
            milliseconds = VANISHED // timedelta(milliseconds=1)
            cursor.execute(_LIMIT, (str(milliseconds),))
        if not raw.autocommit:
            raw.commit()


def _guard(engine: Engine) -> None:
    """Let every Core statement look first whether its transaction still stands."""

    @event.listens_for(engine, "before_cursor_execute")
    def _standing(connection: Connection, *_: Any) -> None:
        batch = connection.info.get("batch")
        if batch is not None:
            batch.ensure()


def _set_up(database: Database, log: str, training: bool) -> None:
    """Make or update the tables, and give a new database what it keeps for life."""
    try:
        with database.write() as store:
            connection = store.connection
            if not database.is_sqlite:
                # Two processes that start at once must not both create the tables.
                connection.exec_driver_sql("SELECT pg_advisory_xact_lock(7261)")
            schema.refuse_newer(schema.revision(connection), database.place)
            schema.migrate(connection)
            if connection.execute(table(MetaRow).select()).first() is None:
                connection.execute(insert(table(MetaRow)).values(_birth(log, training)))
    finally:
        database.close()


def _birth(log: str, training: bool) -> dict[str, Any]:
    uid = clock.new_uid()
    return {
        "id": 1,
        "uid": uid,
        "log": log or f"rechtzeitig/{uid[-12:]}",
        "created_at": clock.SystemClock().now(),
        "training": training,
        "note": "",
    }
