"""A look of a witness that is killed at a named point: STATE POINT. A process of its own in tests."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from typing import Any

from engine.cli import witness as command
from engine.cli.app import main
from engine.services.evidence import state


def _die(*_: Any) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _half_written() -> None:
    """Let only the first half of the file come to disk."""
    real = os.fsync

    def cut(handle: int) -> None:
        os.ftruncate(handle, os.fstat(handle).st_size // 2)
        real(handle)
        _die()

    os.fsync = cut


def _after(owner: Any, name: str) -> None:
    real = getattr(owner, name)

    def dying(*args: Any) -> None:
        real(*args)
        _die()

    setattr(owner, name, dying)


POINTS: dict[str, Callable[[], None]] = {
    "when half of it is written": _half_written,
    "before it is on disk": lambda: setattr(os, "fsync", _die),
    "before it is renamed": lambda: setattr(os, "replace", _die),
    "when it is renamed": lambda: _after(os, "replace"),
    "before the folder is on disk": lambda: setattr(state, "flush", _die),
    "before the cosignature is handed out": lambda: setattr(command, "_hand_out", _die),
}
"""Where a look can be killed while it remembers what it saw."""


if __name__ == "__main__":
    file, point = sys.argv[1:]
    POINTS[point]()
    main(["witness", "look", "--state", file])
