"""The bytes of documents: on disk before any transaction names them, never after.

A file holds 32 random bytes, the salt, and then the document. The commitment in the log is
that of `core.ledger`, so whoever has the file can check it, and once the file is gone nobody
can guess from the log what it held.
"""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from engine import clock
from engine.core.ledger import commitment
from engine.crash import crashpoint
from engine.errors import NotFound
from engine.store.errors import on_disk

SALT = 32
ONE_DAY = 86_400
_NAME = re.compile(r"[0-9a-f]{32}")
_TEMPORARY = ".part"


@dataclass(frozen=True, slots=True)
class Filed:
    """A document on disk: its random name, its salted commitment, its size in bytes."""

    uid: str
    commitment: str
    size: int


def put(folder: Path, data: bytes) -> Filed:
    """Write a document so that it survives a power cut, and return how to name it.

    Written under another name, flushed, renamed, and the folder flushed: a name that can be
    seen always has all its bytes. Raises Unavailable where the disk refuses them; what lies
    under the other name then is cleared away in time.
    """
    uid, salt = clock.new_uid(), clock.salt()
    partial = folder / (uid + _TEMPORARY)
    with on_disk(folder):
        folder.mkdir(parents=True, exist_ok=True)
        with open(partial, "xb") as file:
            file.write(salt)
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        crashpoint("before-document-renamed")
        os.replace(partial, folder / uid)
        _flush(folder)
    crashpoint("after-document-renamed")
    return Filed(uid, commitment(salt, data), len(data))


def open_document(folder: Path, uid: str) -> BinaryIO:
    """Return the document opened for reading at its first byte; raises NotFound."""
    path = _path(folder, uid)
    try:
        file = open(path, "rb")  # noqa: SIM115 - the caller reads and closes it
    except FileNotFoundError:
        raise _missing(folder, uid) from None
    file.seek(SALT)
    return file


def salt_of(folder: Path, uid: str) -> bytes:
    """Return the salt of a document; raises NotFound."""
    with open_document(folder, uid) as file:
        file.seek(0)
        return file.read(SALT)


def intact(folder: Path, uid: str, committed: str) -> bool:
    """Return whether the file still is what the log committed to; raises NotFound."""
    with open_document(folder, uid) as file:
        data = file.read()
    return commitment(salt_of(folder, uid), data) == committed


def lies(folder: Path, uid: str) -> bool:
    """Return whether a document lies in the folder."""
    return _NAME.fullmatch(uid) is not None and (folder / uid).exists()


def erase(folder: Path, uid: str) -> None:
    """Delete a document and its salt for ever; its commitment stays in the log."""
    _path(folder, uid).unlink(missing_ok=True)
    _flush(folder)


def sweep(
    folder: Path,
    known: Callable[[Sequence[str]], Collection[str]],
    now: float,
    age: float = ONE_DAY,
) -> list[str]:
    """Delete files that no transaction came to name, and return their names.

    `known` says which of some names belong to something; `now` and `age` are in seconds, since
    1970 and since the file was written. Younger files stay: their transaction may be under way.
    Whatever has no name of ours is left alone.
    """
    if not folder.is_dir():
        return []
    old = sorted(p for p in folder.iterdir() if _ours(p) and now - p.stat().st_mtime > age)
    kept = known([path.name for path in old])
    gone = [path for path in old if path.name not in kept]
    for path in gone:
        path.unlink(missing_ok=True)
    return [path.name for path in gone]


def touch(folder: Path, uid: str) -> None:
    """Let a document count as young once more, so that no sweep takes it soon."""
    with contextlib.suppress(FileNotFoundError):
        os.utime(_path(folder, uid))


def _ours(path: Path) -> bool:
    return _NAME.fullmatch(path.name.removesuffix(_TEMPORARY)) is not None


def _path(folder: Path, uid: str) -> Path:
    # Only names that we gave: nothing that came from outside reaches the file system.
    if _NAME.fullmatch(uid) is None:
        raise _missing(folder, uid)
    return folder / uid


def _missing(folder: Path, uid: str) -> NotFound:
    return NotFound(
        f"Das Dokument {uid} liegt nicht in {folder}. Spielen Sie den Ordner aus der Sicherung "
        "zurück, die zur Datenbank gehört.",
        f"The document {uid} is not in {folder}. Restore the folder from the backup that "
        "belongs to the database.",
    )


def _flush(folder: Path) -> None:
    # Windows can neither open nor flush a folder.
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
