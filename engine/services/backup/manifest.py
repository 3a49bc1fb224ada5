"""What a backup says of itself: when and of what it was made, and each file with its digest."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import orjson

from engine.errors import InputError, Text

NAME = "manifest.json"
FORMAT = 1
_PIECE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Filed:
    """A file of a backup: its path inside, its size in bytes, its SHA-256."""

    path: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup holds; `entries` is how many entries the log had at least.

    `missing` are documents that the database names and the folder did not have.
    """

    made_at: str
    program: str
    log: str
    training: bool
    dialect: str
    schema: str
    entries: int
    keys: bool
    files: tuple[Filed, ...]
    missing: tuple[str, ...] = ()
    format: int = FORMAT

    def written(self) -> bytes:
        """Return the bytes of the file."""
        return orjson.dumps(asdict(self), option=orjson.OPT_INDENT_2) + b"\n"


def read_manifest(backup: Path) -> Manifest:
    """Return what a backup says of itself; InputError where it says nothing we understand."""
    try:
        said = orjson.loads((backup / NAME).read_bytes())
        files = tuple(Filed(**row) for row in said.pop("files"))
        found = Manifest(files=files, **{**said, "missing": tuple(said["missing"])})
    except (OSError, orjson.JSONDecodeError, KeyError, TypeError, AttributeError):
        raise _unreadable(backup) from None
    if found.format != FORMAT or not all(_inside(f.path) for f in found.files):
        raise _unreadable(backup)
    return found


def differences(backup: Path, manifest: Manifest) -> Iterator[Text]:
    """Yield each file that is missing, is another one, or was not there when it was made."""
    for filed in manifest.files:
        path = backup / filed.path
        if not path.is_file() or path.is_symlink():
            yield Text(f"{filed.path} fehlt", f"{filed.path} is missing")
        elif path.stat().st_size != filed.size or digest_of(path) != filed.sha256:
            yield Text(f"{filed.path} wurde verändert", f"{filed.path} was changed")
    known = {f.path for f in manifest.files} | {NAME}
    for path in sorted(p for p in backup.rglob("*") if not p.is_dir()):
        name = path.relative_to(backup).as_posix()
        if name not in known:
            yield Text(f"{name} gehört nicht dazu", f"{name} does not belong to it")


def digest_of(path: Path) -> str:
    """Return the SHA-256 of a file, read piece by piece."""
    found = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            found.update(piece)
    return found.hexdigest()


def _inside(path: str) -> bool:
    """Return whether a path of a manifest leads to a place inside the backup."""
    parts = Path(path).parts
    return bool(parts) and not Path(path).is_absolute() and ".." not in parts


def _unreadable(backup: Path) -> InputError:
    return InputError(
        f"{backup} ist keine Sicherung, die dieses Programm lesen kann: {NAME} fehlt, ist "
        "beschädigt oder stammt von einer anderen Fassung.",
        f"{backup} is no backup that this program can read: {NAME} is missing, damaged or of "
        "another version.",
    )
