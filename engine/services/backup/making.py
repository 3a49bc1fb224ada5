"""Making a backup: the database first, then the documents, then settings and checkpoint.

A document is on disk before the database names it, so a later copy of the folder has all
that the earlier copy of the database names. Everything is written under another name and
appears whole or not at all.
"""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from engine import clock, config
from engine.app import App
from engine.errors import InputError
from engine.services.backup.manifest import NAME, Filed, Manifest, digest_of
from engine.services.evidence.state import State
from engine.store import papers
from engine.store.copying import copy, flush
from engine.store.errors import Unavailable
from engine.store.schema import revision

_PIECE = 1024 * 1024
_PRIVATE = 0o700

KEYS = ("log.key", "bounce.key")
"""What would let whoever has the backup sign for the log, or forge bounces: only if asked for."""


@dataclass(frozen=True, slots=True)
class Backup:
    """A finished backup: where it lies, what it says of itself, how many bytes it has."""

    folder: Path
    manifest: Manifest
    size: int


def back_up(app: App, target: Path, *, with_keys: bool = False) -> Backup:
    """Write a backup of an installation at work into a folder that does not exist yet.

    The private key of the log comes along only `with_keys`. Raises InputError for a place
    that cannot be used, Unavailable where database or disk do not allow it; nothing is left
    of a backup that was not finished.
    """
    target = target.absolute()
    _usable(app, target)
    with _made_whole(target) as folder:
        about = _about(app)
        filed = [_of(folder, copy(app.database, app.config.database, folder))]
        copied, missing = _papers(app, folder)
        filed += copied
        filed += _settings(app, folder, with_keys)
        manifest = Manifest(
            made_at=app.clock.now().isoformat(),
            log=app.database.meta.log,
            training=app.training,
            dialect="sqlite" if app.database.is_sqlite else "postgresql",
            keys=any(f.path.endswith(KEYS) for f in filed),
            files=tuple(filed),
            missing=tuple(missing),
            **about,
        )
        _write(folder / NAME, manifest.written())
    return Backup(target, manifest, sum(f.size for f in filed))


def _usable(app: App, target: Path) -> None:
    if target.exists() or target.is_symlink():
        raise InputError(
            f"{target} gibt es schon. Nennen Sie einen Ordner, den es noch nicht gibt; eine "
            "Sicherung überschreibt keine andere.",
            f"{target} exists already. Name a folder that does not exist yet; a backup never "
            "overwrites another.",
        )
    if not target.parent.is_dir():
        raise InputError(
            f"{target.parent} gibt es nicht. Legen Sie den Ordner für Sicherungen zuerst an.",
            f"There is no {target.parent}. Make the folder for backups first.",
        )
    if target.is_relative_to(app.config.documents):
        raise InputError(
            f"{target} liegt im Ordner der Unterlagen. Nennen Sie einen anderen Ort, am besten "
            "auf einem anderen Datenträger.",
            f"{target} lies in the folder of the documents. Name another place, best on another "
            "disk.",
        )


@contextmanager
def _made_whole(target: Path) -> Iterator[Path]:
    """Yield a folder to fill; it gets its name at the end, or is gone after an error."""
    folder = target.with_name(f".{target.name}.{clock.token()}.part")
    try:
        folder.mkdir(mode=_PRIVATE)
        yield folder
        for path in (*(p for p in folder.rglob("*") if p.is_dir()), folder):
            flush(path)
        if target.exists():
            raise FileExistsError(errno.EEXIST, "exists", str(target))
        os.rename(folder, target)
        flush(target.parent)
    except OSError as error:
        shutil.rmtree(folder, ignore_errors=True)
        raise _unwritable(target, error) from error
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def _unwritable(target: Path, error: OSError) -> Unavailable:
    return Unavailable(
        f"Die Sicherung nach {target} ist nicht gelungen: {error.strerror or error}. Es ist "
        "nichts davon stehen geblieben. Schaffen Sie Platz oder nennen Sie einen anderen Ort.",
        f"The backup to {target} did not succeed: {error.strerror or error}. Nothing of it was "
        "left. Make room or name another place.",
    )


def _about(app: App) -> dict[str, Any]:
    """Return what the manifest says of the database, read before it is copied."""
    with app.database.read() as store:
        return {
            "program": version("rechtzeitig"),
            "schema": revision(store.connection) or "",
            "entries": sum(store.chains.streams().values()),
        }


def _papers(app: App, folder: Path) -> tuple[list[Filed], list[str]]:
    """Copy the documents that the database names; return them, and those that are not there.

    What was erased since the database was copied is neither: it is to be gone. Files that came
    in and belong to no case yet come along as far as they still lie there.
    """
    inside, source = folder / "documents", app.config.documents
    inside.mkdir(mode=_PRIVATE)
    filed, absent = [], []
    with app.database.read() as store:
        named = {*papers.committed(store.connection), *papers.uploaded(store.connection)}
    for uid in sorted(named):
        try:
            filed.append(_copied(source / uid, inside / uid, folder))
        except FileNotFoundError:
            absent.append(uid)
    with app.database.read() as store:
        still = papers.committed(store.connection)
    return filed, [uid for uid in absent if uid in still]


def _settings(app: App, folder: Path, with_keys: bool) -> Iterator[Filed]:
    yield _copied(app.config.folder / config.NAME, folder / config.NAME, folder)
    state = State(app.config)
    kept = [state.last_file, state.keys_file]
    names = [file.name for file in kept]
    if with_keys:
        # Wherever config.yaml keeps the key, in the backup it lies beside the rest.
        kept, names = [*kept, state.key, state.folder / KEYS[1]], [*names, *KEYS]
    for file, name in zip(kept, names, strict=True):
        if file.is_file():
            (folder / "state").mkdir(mode=_PRIVATE, exist_ok=True)
            yield _copied(file, folder / "state" / name, folder)


def _copied(source: Path, target: Path, folder: Path) -> Filed:
    """Copy a file piece by piece, flushed, and return it with the digest of what was read."""
    digest, size = hashlib.sha256(), 0
    with source.open("rb") as read, _private(target) as written:
        while piece := read.read(_PIECE):
            digest.update(piece)
            size += len(piece)
            written.write(piece)
        written.flush()
        os.fsync(written.fileno())
    return Filed(target.relative_to(folder).as_posix(), size, digest.hexdigest())


def _of(folder: Path, path: Path) -> Filed:
    path.chmod(0o600)
    return Filed(path.relative_to(folder).as_posix(), path.stat().st_size, digest_of(path))


def _write(path: Path, data: bytes) -> None:
    with _private(path) as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _private(path: Path) -> Any:
    """Return a new file that only its owner can read, opened for writing."""
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")
