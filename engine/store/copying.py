"""A copy of the database as it is at one instant, made while others write to it."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from sqlalchemy import URL, make_url

from engine.errors import InputError
from engine.store import sqlite
from engine.store.database import Database
from engine.store.errors import Unavailable, worded

SQLITE = "database.sqlite3"
POSTGRES = "database.dump"
"""What the copy is called; the name says what it is."""


def copy(database: Database, url: str, folder: Path) -> Path:
    """Write a copy of the database into a folder and return its file, flushed.

    SQLite copies by VACUUM INTO, which reads one state and leaves behind whatever was erased;
    PostgreSQL by `pg_dump` in its custom format, which has to be installed. Raises Unavailable
    where it cannot be done.
    """
    if database.is_sqlite:
        return _vacuum_into(database.place, folder / SQLITE)
    return _dump(make_url(url), folder / POSTGRES)


def _vacuum_into(place: str, target: Path) -> Path:
    raw = sqlite.driver().connect(place)
    try:
        raw.execute(f"PRAGMA busy_timeout = {sqlite.BUSY_MS}")
        raw.execute("VACUUM INTO ?", (str(target),))
    except Exception as error:
        told = worded(error, str(target))
        if told is None:
            raise
        raise told from error
    finally:
        raw.close()
    flush(target)
    return target


def _dump(url: URL, target: Path) -> Path:
    _run("pg_dump", url, "--format=custom", "--no-owner", f"--file={target}")
    flush(target)
    return target


def restore_dump(url: str, dump: Path) -> None:
    """Fill an empty PostgreSQL database from a dump, all of it or nothing."""
    _run(
        "pg_restore",
        make_url(url),
        "--no-owner",
        "--exit-on-error",
        "--single-transaction",
        str(dump),
    )


def _run(tool: str, url: URL, *arguments: str) -> None:
    """Run a tool of PostgreSQL; the password never stands among its arguments."""
    program = shutil.which(tool)
    if program is None:
        raise InputError(
            f"Für eine Sicherung von PostgreSQL fehlt das Programm {tool}. Installieren Sie die "
            "Werkzeuge der Server-Fassung (Debian: postgresql-client).",
            f"A backup of PostgreSQL needs the program {tool}. Install the tools of the server's "
            "version (Debian: postgresql-client).",
        )
    words = [program, f"--dbname={_address(url)}", *arguments]
    password = {} if url.password is None else {"PGPASSWORD": str(url.password)}
    done = subprocess.run(  # noqa: S603 - the program was found, the words are ours
        words, env={**os.environ, **password}, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        said = done.stderr.strip() or str(done.returncode)
        raise Unavailable(f"{tool} meldet: {said}", f"{tool} reports: {said}")


def _address(url: URL) -> str:
    bare = url.set(drivername="postgresql", password=None)
    return bare.render_as_string(hide_password=False)


def flush(path: Path) -> None:
    """Bring a file or a folder to disk; Windows can neither open nor flush a folder."""
    if os.name == "nt":
        return
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
