"""The tables of a database: made, brought up to date, and compared with what they should be."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import CheckConstraint, Connection, inspect

from engine.store import guards
from engine.store.errors import SchemaProblem
from engine.store.tables import METADATA

KNOWN = ("0001", "0002", "0003")
"""Every revision that this program knows, the newest last."""

_SCRIPTS = Path(__file__).with_name("migrations")


def revision(connection: Connection) -> str | None:
    """Return the revision of the database's schema, or None where it has no tables yet."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    row = connection.exec_driver_sql("SELECT version_num FROM alembic_version").first()
    return None if row is None else str(row[0])


def require(connection: Connection, place: str) -> None:
    """Raise SchemaProblem unless the schema is exactly the one this program works with."""
    found = revision(connection)
    if found == KNOWN[-1]:
        return
    refuse_empty(found, place)
    refuse_newer(found, place)
    raise SchemaProblem(
        f"Datenbank {place}: Ihr Aufbau ({found}) ist älter als dieses Programm ({KNOWN[-1]}). "
        "Sichern Sie sie und rufen Sie dann auf: rechtzeitig upgrade.",
        f"Database {place}: its schema ({found}) is older than this program ({KNOWN[-1]}). "
        "Back it up and then run: rechtzeitig upgrade.",
    )


def refuse_empty(found: str | None, place: str) -> None:
    """Raise SchemaProblem for a database in which the tables were never made."""
    if found is None:
        raise SchemaProblem(
            f"Datenbank {place}: Sie ist noch nicht eingerichtet. Richten Sie sie ein mit: "
            "rechtzeitig init, oder berichtigen Sie database in config.yaml.",
            f"Database {place}: it is not set up yet. Set it up with: rechtzeitig init, or "
            "correct database in config.yaml.",
        )


def refuse_newer(found: str | None, place: str) -> None:
    """Raise SchemaProblem for a schema that a later program has written."""
    if found is not None and found not in KNOWN:
        raise SchemaProblem(
            f"Datenbank {place}: Ihr Aufbau ({found}) ist diesem Programm unbekannt; eine neuere "
            "Fassung hat sie geschrieben. Verwenden Sie die neuere Fassung, oder spielen Sie die "
            "Sicherung von vor der Umstellung zurück.",
            f"Database {place}: its schema ({found}) is unknown to this program; a newer version "
            "has written it. Use the newer version, or restore the backup from before the change.",
        )


def migrate(connection: Connection) -> None:
    """Bring the schema up to date inside the open transaction, and set up its guards."""
    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
    guards.create(connection)


def differences(connection: Connection) -> list[str]:
    """Name everything in which the live schema is not the one of a fresh database.

    Tables, columns, types, keys, indexes and checks, and the guards of the log.
    """
    context = MigrationContext.configure(connection, opts={"compare_type": True})
    found = [_said(difference) for difference in _flat(compare_metadata(context, METADATA))]
    return [*found, *_checks(connection), *guards.differences(connection)]


def _flat(differences: Any) -> list[Any]:
    flat: list[Any] = []
    for difference in differences:
        # Changes of one column come as a list of their own.
        flat += difference if isinstance(difference, list) else [difference]
    return flat


def _said(difference: Any) -> str:
    verb, *what = difference
    if verb.startswith("modify"):
        _, table, column, _, old, new = what
        return f"{verb.replace('_', ' ')}: {table}.{column} is {old!r}, should be {new!r}"
    verb = verb.replace("add_", "missing ").replace("remove_", "unknown ")
    names = [str(getattr(part, "name", part)) for part in what if part is not None]
    table = getattr(getattr(what[-1], "table", None), "name", "")
    return f"{verb}: {'.'.join(filter(None, [table, *names]))}"


def _checks(connection: Connection) -> list[str]:
    """Name missing or unknown checks, which Alembic does not look at."""
    seen = inspect(connection)
    problems = []
    for table in METADATA.sorted_tables:
        if not seen.has_table(table.name):
            continue
        wanted = {str(c.name) for c in table.constraints if isinstance(c, CheckConstraint)}
        found = {str(c["name"]) for c in seen.get_check_constraints(table.name)}
        problems += [f"missing check: {table.name}.{name}" for name in sorted(wanted - found)]
        problems += [f"unknown check: {table.name}.{name}" for name in sorted(found - wanted)]
    return problems
