"""An installation moves from a SQLite file to PostgreSQL, and shows afterwards that it arrived."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass

from engine import config
from engine.app import App
from engine.errors import InputError
from engine.services.legal.verification import Verified, examine
from engine.store.database import open_database, open_empty
from engine.store.moving import Moved, move, retire


@dataclass(frozen=True, slots=True)
class Copied:
    """What was carried over, what the examination found there, and whether work goes on there."""

    tables: list[Moved]
    found: Verified
    place: str
    switched: bool

    @property
    def rows(self) -> int:
        """How many rows were carried over."""
        return sum(table.rows for table in self.tables)


def copy(app: App, url: str, *, switch: bool = False) -> Copied:
    """Copy the database into an empty one on PostgreSQL and examine the log there, whole.

    Nobody writes meanwhile; documents, key and checkpoint stay where they are. With `switch`
    and a log that is unchanged, config.yaml then names the new database, and the old file
    refuses further entries: what somebody files there by a process that nobody stopped would
    be lost. Raises InputError where the source is no SQLite file or the target is not empty,
    Unavailable where it cannot be reached.
    """
    if not app.database.is_sqlite:
        raise InputError(
            "Die Datenbank liegt schon auf PostgreSQL. Umziehen lässt sie sich dort mit backup "
            "und restore.",
            "The database is on PostgreSQL already. There it moves by backup and restore.",
        )
    target = open_empty(url)
    if target.is_sqlite:
        target.close()
        raise InputError(
            "Das Ziel ist eine SQLite-Datei. Eine Datei zieht mit backup und restore um; hierher "
            "gehört: postgresql://konto@rechner/name.",
            "The target is a SQLite file. A file moves by backup and restore; here belongs: "
            "postgresql://account@host/name.",
        )
    with app.database.write() as held:
        with closing(target):
            tables = move(held, target)
        with closing(App(app.config, open_database(url), app.clock)) as arrived:
            found = examine(arrived, replaying=True)
        switched = switch and found.intact
        if switched:
            retire(held)
            config.point(app.config.folder / config.NAME, {"database": url})
    return Copied(tables, found, target.place, switched)
