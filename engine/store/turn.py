"""Whose turn it is to write to a SQLite file: threads by a lock, processes by a file lock.

SQLite's own busy handler sleeps in growing steps; eight processes under it are slower than
one. A lock that is asked for before BEGIN keeps them all busy.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from engine.store.errors import Unavailable, on_disk
from engine.store.sqlite import BUSY_MS

try:
    import fcntl
except ImportError:  # pragma: no cover - no file locks of this kind on Windows
    fcntl = None  # type: ignore[assignment]

_FIRST_WAIT = 0.00005
_LONGEST_WAIT = 0.002


class Turn:
    """One writer at a time, in this process and beside others."""

    def __init__(self, database: Path) -> None:
        self._path = database.with_name(database.name + ".lock")
        self._lock = threading.Lock()
        self._file: int | None = None

    @contextmanager
    def taken(self) -> Iterator[None]:
        """Hold the turn.

        Raises Unavailable if nobody lets go of it within half a minute, or if the lock cannot be
        written: its folder is missing, or another account has made it.
        """
        if not self._lock.acquire(timeout=BUSY_MS / 1000):
            raise self._held()
        try:
            self._lock_file()
            try:
                yield
            finally:
                self._unlock_file()
        finally:
            self._lock.release()

    def forget(self) -> None:
        """Let a forked child have a lock of its own; the parent's file lock stays its own."""
        self._lock = threading.Lock()
        self._file = None

    def close(self) -> None:
        """Give the file back."""
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def _lock_file(self) -> None:
        if fcntl is None:
            return None
        if self._file is None:
            with on_disk(self._path):
                self._file = os.open(self._path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        wait, patience = _FIRST_WAIT, BUSY_MS / 1000
        while True:
            try:
                return fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if patience <= 0:
                    raise self._held() from None
            time.sleep(wait)
            patience -= wait
            wait = min(wait * 1.5, _LONGEST_WAIT)

    def _unlock_file(self) -> None:
        if fcntl is not None and self._file is not None:
            fcntl.flock(self._file, fcntl.LOCK_UN)

    def _held(self) -> Unavailable:
        return Unavailable(
            f"Datenbank {self._path.with_suffix('')}: Ein anderer Schreibvorgang hält sie seit "
            "30 Sekunden fest. Beenden Sie den hängenden Prozess und wiederholen Sie den Schritt.",
            f"Database {self._path.with_suffix('')}: another writer has held it for 30 seconds. "
            "End the process that hangs and repeat the step.",
        )
