"""What can go wrong between the engine and its database, in words that help.

Nothing is ever half done: whoever sees one of these may be sure that the transaction left
no trace, except after a lost connection, where the act's key makes a retry safe.
"""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from engine.errors import EngineError, InputError, Text


class AlreadyKept(EngineError):
    """The act of this key is in the log already: roll back, and read the case."""

    def __init__(self, key: str) -> None:
        super().__init__(
            f"Der Vorgang mit dem Schlüssel „{key}“ ist bereits eingetragen. Laden Sie die "
            "Seite neu: Sie sehen dann, was eingetragen ist.",
            f"The act with the key '{key}' is recorded already. Reload the page to see what "
            "was recorded.",
        )
        self.key = key


class Overtaken(EngineError):
    """The case was changed by somebody else since it was read."""

    def __init__(self, number: str) -> None:
        super().__init__(
            f"Den Vorgang {number} hat soeben jemand anderes fortgeführt. Es ist nichts "
            "eingetragen worden; bitte wiederholen Sie den Schritt.",
            f"Somebody else has just moved the case {number} on. Nothing was recorded; "
            "please repeat the step.",
        )


class Unavailable(EngineError):
    """The database, or the disk below it, cannot do its work now; nothing was recorded."""


class SchemaProblem(EngineError):
    """The tables of the database are not those that this program works with."""


def lost() -> Unavailable:
    """Return the error for a transaction that SQLite ended by itself.

    On a full disk or an I/O error SQLite rolls back on its own; whoever went on would write
    each further statement for itself, and half an act would stay.
    """
    return Unavailable(
        "Die Datenbank hat die Transaktion von sich aus abgebrochen, meist weil der "
        "Datenträger voll oder gestört ist. Es ist nichts eingetragen worden. Schaffen Sie "
        "Platz und wiederholen Sie den Schritt.",
        "The database has ended the transaction by itself, mostly because the disk is full "
        "or failing. Nothing was recorded. Make room and repeat the step.",
    )


def of_disk(path: Path, error: OSError) -> Text:
    """Return what the system's refusal of a file means, and what mends it."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return Text(
            f"{path}: Der Datenträger ist voll. Es ist nichts eingetragen worden. Schaffen Sie "
            "Platz und wiederholen Sie den Schritt.",
            f"{path}: The disk is full. Nothing was recorded. Make room and repeat the step.",
        )
    if error.errno in (errno.ENOENT, errno.ENOTDIR):
        return Text(
            f"{path}: Den Ordner, in dem das liegen soll, gibt es nicht. Legen Sie ihn an, oder "
            "berichtigen Sie den Pfad.",
            f"{path}: There is no such folder to hold it. Make it, or correct the path.",
        )
    return Text(
        f"{path}: {error.strerror}. Das Dienstkonto muss hier lesen und schreiben können. Rufen "
        "Sie den Befehl unter ihm auf, und geben Sie ihm zurück, was ein anderes Konto angelegt "
        "hat (chown).",
        f"{path}: {error.strerror}. The service account must be able to read and write here. Run "
        "the command as this account, and give back to it what another one has made (chown).",
    )


@contextmanager
def on_disk(path: Path) -> Iterator[None]:
    """Raise Unavailable where the system refuses what is done with a file or folder."""
    try:
        yield
    except OSError as error:
        told = of_disk(path, error)
        raise Unavailable(told.de, told.en) from error


MOVED = "the database has moved elsewhere"
"""What the file says to whoever still works with it after its content has moved to a server."""

_SQLITE: tuple[tuple[str, Text], ...] = (
    (
        MOVED,
        Text(
            "Ihr Inhalt liegt jetzt auf einem PostgreSQL-Server. Es wurde nichts eingetragen. "
            "Starten Sie serve und work neu, damit sie die neue Datenbank aus config.yaml nehmen.",
            "Its content is on a PostgreSQL server by now. Nothing was entered. Start serve and "
            "work anew, so that they take the new database from config.yaml.",
        ),
    ),
    (
        "disk is full",
        Text(
            "Der Datenträger ist voll. Schaffen Sie Platz und wiederholen Sie den Schritt.",
            "The disk is full. Make room and repeat the step.",
        ),
    ),
    (
        "disk i/o error",
        Text(
            "Der Datenträger meldet einen Fehler. Prüfen Sie ihn (Systemprotokoll) und "
            "spielen Sie notfalls eine Sicherung zurück.",
            "The disk reports an error. Check it (system log) and restore a backup if need be.",
        ),
    ),
    (
        "locked",
        Text(
            "Ein anderer Prozess hält die Datenbank fest. Beenden Sie ihn oder warten Sie, und "
            "wiederholen Sie den Schritt.",
            "Another process holds the database. End it or wait, and repeat the step.",
        ),
    ),
    (
        "readonly database",
        Text(
            "In die Datei darf nicht geschrieben werden. Geben Sie dem Dienstkonto Schreibrecht "
            "auf die Datei und ihren Ordner.",
            "The file must not be written to. Give the service account the right to write the "
            "file and its folder.",
        ),
    ),
    (
        "unable to open",
        Text(
            "Die Datei lässt sich nicht öffnen. Prüfen Sie den Pfad in config.yaml und die Rechte.",
            "The file cannot be opened. Check the path in config.yaml and the permissions.",
        ),
    ),
    (
        "not a database",
        Text(
            "Die Datei ist keine SQLite-Datenbank. Prüfen Sie den Pfad in config.yaml.",
            "The file is no SQLite database. Check the path in config.yaml.",
        ),
    ),
    (
        "malformed",
        Text(
            "Die Datei ist beschädigt. Spielen Sie die letzte Sicherung zurück.",
            "The file is damaged. Restore the last backup.",
        ),
    ),
)

# By class of SQLSTATE (PostgreSQL, Appendix A), the longest first.
_POSTGRES: tuple[tuple[str, Text], ...] = (
    (
        "53100",
        Text(
            "Der Datenträger des PostgreSQL-Servers ist voll. Schaffen Sie dort Platz und "
            "wiederholen Sie den Schritt.",
            "The disk of the PostgreSQL server is full. Make room there and repeat the step.",
        ),
    ),
    (
        "53",
        Text(
            "Dem PostgreSQL-Server fehlen Mittel (Speicher oder Verbindungen). Prüfen Sie seine "
            "Einstellungen und wiederholen Sie den Schritt.",
            "The PostgreSQL server lacks resources (memory or connections). Check its settings "
            "and repeat the step.",
        ),
    ),
    (
        "25006",
        Text(
            "Der PostgreSQL-Server nimmt nur Lesezugriffe an, vielleicht ist es die Reserve. "
            "Tragen Sie in config.yaml den Hauptserver ein.",
            "The PostgreSQL server accepts reads only, perhaps it is the standby. Put the "
            "primary into config.yaml.",
        ),
    ),
    (
        "25P03",
        Text(
            "In einem begonnenen Schritt geschah zu lange nichts, und der PostgreSQL-Server hat ihn "
            "beendet. Es ist nichts eingetragen worden. Wiederholen Sie den Schritt.",
            "Nothing happened in a step for too long, and the PostgreSQL server has ended it. "
            "Nothing was recorded. Repeat the step.",
        ),
    ),
    (
        "40",
        Text(
            "Zwei Schritte sind sich in die Quere gekommen. Wiederholen Sie den Schritt.",
            "Two steps got into each other's way. Repeat the step.",
        ),
    ),
    (
        "42501",
        Text(
            "Dem Datenbankkonto fehlt ein Recht. Gewähren Sie es (docs/operations).",
            "The database account lacks a right. Grant it (docs/operations).",
        ),
    ),
    (
        "57",
        Text(
            "Der PostgreSQL-Server hat die Verbindung beendet. Wiederholen Sie den Schritt, "
            "sobald er wieder läuft.",
            "The PostgreSQL server has ended the connection. Repeat the step once it runs again.",
        ),
    ),
    (
        "58",
        Text(
            "Der PostgreSQL-Server meldet einen Fehler seines Datenträgers. Prüfen Sie ihn dort.",
            "The PostgreSQL server reports an error of its disk. Check it there.",
        ),
    ),
)

_NO_SERVER = Text(
    "Der PostgreSQL-Server ist nicht zu erreichen. Prüfen Sie, ob er läuft und ob die Adresse in "
    "config.yaml stimmt.",
    "The PostgreSQL server cannot be reached. Check that it runs and that the address in "
    "config.yaml is right.",
)


_NUL = Text(
    "In Ihren Angaben steht ein unsichtbares Steuerzeichen (NUL), wie es beim Kopieren entsteht. "
    "Schreiben Sie die Stelle neu; gespeichert ist nichts.",
    "There is an invisible control character (NUL) in what you gave, as copying leaves them. "
    "Write that place anew; nothing was kept.",
)


def worded(error: BaseException, place: str) -> EngineError | None:
    """Return what a driver's error means for the people at `place`, or None for a bug."""
    driver = getattr(error, "orig", None) or error
    module = type(driver).__module__
    if module.startswith("psycopg"):
        if "cannot contain NUL" in str(driver):
            return InputError(_NUL.de, _NUL.en)
        found = _postgres(driver)
    elif module.startswith(("sqlite3", "pysqlite3")):
        said = str(driver).lower()
        found = next((text for words, text in _SQLITE if words in said), None)
    else:
        return None
    if found is None:
        return None
    return Unavailable(f"Datenbank {place}: {found.de}", f"Database {place}: {found.en}")


def _postgres(driver: BaseException) -> Text | None:
    state = getattr(driver, "sqlstate", None)
    if state is None:
        # Without a state the server never answered: refused, gone, or unknown host.
        return _NO_SERVER if type(driver).__name__ == "OperationalError" else None
    if state.startswith("08"):
        return _NO_SERVER
    return next((text for code, text in _POSTGRES if state.startswith(code)), None)
