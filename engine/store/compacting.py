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
    """
    if connection.dialect.name == "postgresql":
        for table in METADATA.sorted_tables:
            connection.exec_driver_sql(f'VACUUM FULL "{table.name}"')
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
