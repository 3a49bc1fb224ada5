"""How SQLite is used so that it neither loses nor doubles anything (RELIABILITY 2.4)."""

from __future__ import annotations

import importlib
import platform
import sys
from collections.abc import Iterable
from pathlib import Path
from types import ModuleType
from typing import Any

from engine.store.errors import Unavailable

BUSY_MS = 30_000
CACHE_KIB = 32_768
CHECKPOINT_PAGES = 4_000
"""After how much is copied from the log into the file: 16 MB. A quarter of the copying of
SQLite's own 1,000 pages, and of its flushes; what is kept is as durable either way."""

_NETWORK = frozenset(
    {
        *("nfs", "nfs4", "cifs", "smb", "smb2", "smb3", "smbfs", "9p", "afs", "ncpfs", "davfs"),
        *("ceph", "glusterfs", "lustre", "gfs", "gfs2", "ocfs2", "beegfs", "fuse.sshfs"),
        *("fuse.glusterfs", "fuse.ceph", "fuse.s3fs", "fuse.rclone", "fuse.davfs"),
    }
)


def driver() -> ModuleType:
    """Return the SQLite driver: pysqlite3 on Linux x86_64 if it is there, else Python's own."""
    if sys.platform == "linux" and platform.machine() == "x86_64":
        try:
            return importlib.import_module("pysqlite3")
        except ImportError:
            pass
    return importlib.import_module("sqlite3")


def wal_is_safe(version: tuple[int, ...]) -> bool:
    """Return whether that SQLite may be trusted with WAL and several connections.

    3.7.0 to 3.51.2 can corrupt the file when two connections write and checkpoint at the
    same instant (the WAL-reset bug); 3.51.3 mends it, and so does 3.50.7 in its own line.
    """
    return version >= (3, 51, 3) or (3, 50, 7) <= version < (3, 51, 0)


def journal_for(version: tuple[int, ...]) -> str:
    """Return the journal mode to use with that SQLite."""
    return "wal" if wal_is_safe(version) else "delete"


def prepare(raw: Any, journal: str) -> None:
    """Give a new connection its durable settings.

    FULL in WAL: with NORMAL five of five mails left the house before their commit was on
    disk. EXTRA in DELETE: the folder is flushed too. Recursive triggers let the guards see
    the deletions of INSERT OR REPLACE.
    """
    raw.isolation_level = None
    for pragma in (
        f"busy_timeout = {BUSY_MS}",
        f"journal_mode = {journal}",
        f"synchronous = {'FULL' if journal == 'wal' else 'EXTRA'}",
        f"cache_size = -{CACHE_KIB}",
        f"wal_autocheckpoint = {CHECKPOINT_PAGES}",
        "foreign_keys = ON",
        "recursive_triggers = ON",
    ):
        raw.execute(f"PRAGMA {pragma}")


def refuse_network(path: Path, mounts: str) -> None:
    """Raise Unavailable if `path` lies on a network file system.

    `mounts` is the text of /proc/mounts. Locks over a network are not to be relied on, and
    two hosts that believe to hold one corrupt the file.
    """
    kind = _kind_at(path, mounts)
    if kind in _NETWORK:
        raise Unavailable(
            f"Die Datenbank {path} liegt auf einem Netzlaufwerk ({kind}). SQLite kann dort "
            "Daten verlieren. Legen Sie die Datei auf einen Datenträger dieses Rechners oder "
            "verwenden Sie PostgreSQL (config.yaml: database).",
            f"The database {path} lies on a network drive ({kind}). SQLite may lose data there. "
            "Put the file on a disk of this machine, or use PostgreSQL (config.yaml: database).",
        )


def _kind_at(path: Path, mounts: str) -> str:
    """Return the file system type of the innermost mount that holds `path`."""
    best, kind = -1, ""
    for point, type_ in _mounts(mounts.splitlines()):
        if path.is_relative_to(point) and len(point.parts) >= best:
            best, kind = len(point.parts), type_
    return kind


def _mounts(lines: Iterable[str]) -> Iterable[tuple[Path, str]]:
    for line in lines:
        parts = line.split()
        if len(parts) >= 3:
            # /proc/mounts writes blanks as octal escapes.
            yield Path(parts[1].encode().decode("unicode_escape")), parts[2]


def mounts() -> str:
    """Return the mounted file systems of this machine, empty where it does not tell."""
    try:
        return Path("/proc/mounts").read_text(encoding="utf-8")
    except OSError:
        return ""
