"""Writing a database anew, so that what was erased is left in none of its pages."""

from __future__ import annotations

from sqlalchemy import Connection

from engine.store.errors import Unavailable
from engine.store.tables import METADATA


def compact(connection: Connection, place: str) -> None:
    """Write every page of the database anew; the connection must be in no transaction.

    SQLite: VACUUM copies what is alive and overwrites the file with it; in WAL the log is then
    carried over and cut to nothing, which needs that nobody reads an older state. PostgreSQL:
    VACUUM FULL writes each table into new files and gives the old ones back to the system.
    Raises Unavailable where a table was not written anew.
    """
    if connection.dialect.name == "postgresql":
        _compact_postgres(connection, place)
        return
    connection.exec_driver_sql("VACUUM")
    row = connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").first()
    if row is not None and row[0] != 0:
        raise Unavailable(
            f"Datenbank {place}: Jemand liest gerade noch einen früheren Stand; deshalb steht "
            "Gelöschtes noch in der Datei daneben (-wal). Rufen Sie den Befehl noch einmal auf.",
            f"Database {place}: somebody still reads an earlier state, so what was erased still "
            "stands in the file beside it (-wal). Run the command again.",
        )


def _compact_postgres(connection: Connection, place: str) -> None:
    """Write each table into new files, and believe it only by their numbers.

    VACUUM passes over tables of another role with a mere warning, as if all had been done.
    """
    before = _files(connection)
    for table in METADATA.sorted_tables:
        connection.exec_driver_sql(f'VACUUM FULL "{table.name}"')
    after = _files(connection)
    if left := sorted(name for name in METADATA.tables if after[name] == before[name]):
        raise _not_the_owner(connection, place, left)


def _files(connection: Connection) -> dict[str, int]:
    """Return the number of the file in which the server keeps each table."""
    rows = connection.exec_driver_sql(
        "SELECT relname, pg_relation_filenode(oid) FROM pg_class "
        "WHERE relkind = 'r' AND pg_table_is_visible(oid)"
    )
    return {str(name): int(file) for name, file in rows}


def _not_the_owner(connection: Connection, place: str, left: list[str]) -> Unavailable:
    role = connection.exec_driver_sql("SELECT current_user").scalar_one()
    owner = connection.exec_driver_sql(
        "SELECT pg_get_userbyid(relowner) FROM pg_class WHERE oid = to_regclass(%s)",
        (f'"{left[0]}"',),
    ).scalar_one()
    names = ", ".join(left[:3]) + (", …" if len(left) > 3 else "")
    return Unavailable(
        f"Datenbank {place}: {len(left)} Tabellen ({names}) sind nicht neu geschrieben; Gelöschtes "
        f"steht noch in ihren Dateien. Das Konto {role} darf es nicht, weil sie {owner} gehören. "
        f"Nennen Sie für diesen Befehl in config.yaml (database) das Konto {owner}.",
        f"Database {place}: {len(left)} tables ({names}) have not been written anew; what was erased "
        f"still stands in their files. The account {role} may not do it, because they belong to "
        f"{owner}. For this command, name the account {owner} in config.yaml (database).",
    )
