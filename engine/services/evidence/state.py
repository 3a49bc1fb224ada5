"""What the log keeps outside the database: its key, and the checkpoint it signed last.

A database can be set back, by a backup or by somebody; this folder remembers how far the log
had come. Every file is written under another name, flushed, renamed, and the folder flushed.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from engine.config import Config
from engine.core.notes import Key, NoteError
from engine.errors import EngineError
from engine.store.copying import flush
from engine.store.errors import of_disk

try:
    import fcntl
except ImportError:  # Windows: one process at a time writes there anyway.
    fcntl = None  # type: ignore[assignment]

PRIVATE, PUBLIC = 0o600, 0o644


class StateProblem(EngineError):
    """The folder of the log's state cannot be read or written."""


class State:
    """The folder in which the log remembers what the database might forget."""

    def __init__(self, config: Config) -> None:
        self.folder = config.state
        self.last_file = self.folder / "last_checkpoint"
        self.keys_file = self.folder / "keys"
        self.restored_file = self.folder / "restored"
        self.next_key = self.folder / "log.key.next"
        self.key = _key_file(config, self.folder / "log.key")

    def last(self) -> str | None:
        """Return the checkpoint that was signed last, as it was written, or None."""
        return _read(self.last_file)

    def write_last(self, note: str, branch: int) -> None:
        """Remember a checkpoint; of an earlier branch of the log the last one is kept beside."""
        before = self.last()
        if before is not None and before.split("\n", 1)[0] != note.split("\n", 1)[0]:
            write(self.folder / f"last_checkpoint.before-log-{branch}", before, PUBLIC)
        write(self.last_file, note, PUBLIC)

    def vkeys(self) -> list[str]:
        """Return the public keys that are known here, a line each; none where there is no file."""
        return [line for line in (_read(self.keys_file) or "").splitlines() if line.strip()]

    def keys(self, name: str) -> list[Key]:
        """Return the known public keys of that name, the oldest first."""
        found = []
        for line in self.vkeys():
            with suppress(NoteError):
                found.append(Key.read(line))
        return [key for key in found if key.name == name]

    def add_key(self, vkey: str) -> None:
        """Add a public key at the end, unless it is there."""
        known = self.vkeys()
        if vkey not in known:
            write(self.keys_file, "".join(f"{line}\n" for line in [*known, vkey]), PUBLIC)

    def mark(self) -> str:
        """Return the digest of the mark of a restored backup; empty where there is none."""
        found = _read(self.restored_file)
        return "" if found is None else hashlib.sha256(found.encode()).hexdigest()

    def unmark(self) -> None:
        """Take the mark of a restored backup away."""
        with guarded(self.restored_file):
            self.restored_file.unlink(missing_ok=True)

    @contextmanager
    def turn(self) -> Iterator[bool]:
        """Hold the folder for one signing; the value is False where another process does.

        It keeps apart also processes on different databases, as after a copy that both run.
        """
        with held(self.folder / ".turn", wait=False) as mine:
            yield mine


def _key_file(config: Config, usual: Path) -> Path:
    """Return where the private key lies: as config.yaml says, in the folder, or by systemd."""
    named = config.settings.evidence.key
    if named is not None:
        return config.path(named)
    credentials = os.environ.get("CREDENTIALS_DIRECTORY")
    handed = Path(credentials, "log.key") if credentials else None
    return handed if handed is not None and not usual.exists() and handed.exists() else usual


@contextmanager
def held(path: Path, *, wait: bool) -> Iterator[bool]:
    """Hold a file that stands for something one process at a time may do.

    The value is False where another one does it; with `wait` its end is waited for.
    """
    if fcntl is None:
        yield True
        return
    with guarded(path.parent):
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(path, os.O_RDWR | os.O_CREAT, PRIVATE)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            yield False
            return
        yield True
    finally:
        os.close(handle)


def write(path: Path, text: str, mode: int) -> None:
    """Write a file so that after a power cut the old or the new one is there, whole."""
    partial = path.with_name(path.name + ".part")
    with guarded(path):
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        partial.unlink(missing_ok=True)
        handle = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
        with open(handle, "w", encoding="utf-8", newline="") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.replace(partial, path)
        flush(path.parent)


def _read(path: Path) -> str | None:
    with guarded(path):
        try:
            return path.read_bytes().decode(errors="surrogateescape")
        except FileNotFoundError:
            return None


@contextmanager
def guarded(path: Path) -> Iterator[None]:
    """Raise StateProblem where the system denies a file, with its words."""
    try:
        yield
    except OSError as error:
        told = of_disk(path, error)
        raise StateProblem(told.de, told.en) from error
