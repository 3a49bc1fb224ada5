"""A sealing that is killed at a named point: FOLDER POINT. A process of its own in tests."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from engine import crash
from engine.app import open_app
from engine.core.calendar import BERLIN
from engine.services.evidence import keys, sealing
from engine.store.global_log import GlobalLog
from tests.installation import MONDAY, TurnedClock

KILLED = -signal.SIGKILL


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _at(point: str) -> Callable[[], None]:
    """Return what makes this process die at a point that the source names (engine.crash)."""
    return lambda: crash.arm(point)


def _before(owner: Any, name: str, when: Callable[..., bool] = lambda *_: True) -> None:
    real = getattr(owner, name)

    def dying(*args: Any, **more: Any) -> Any:
        if when(*args):
            _die()
        return real(*args, **more)

    setattr(owner, name, dying)


def _after(owner: Any, name: str, when: Callable[..., bool] = lambda *_: True) -> None:
    real = getattr(owner, name)

    def dying(*args: Any, **more: Any) -> Any:
        result = real(*args, **more)
        if when(*args):
            _die()
        return result

    setattr(owner, name, dying)


def _to(name: str) -> Callable[..., bool]:
    """Return whether a file is renamed to this one."""
    return lambda _, target: Path(target).name == name


POINTS: dict[str, Callable[[], None]] = {
    "while places are given": lambda: _before(GlobalLog, "_keep_tiles"),
    "when places are kept": _at("after-places-commit"),
    "when the signature is made": _at("after-signature"),
    "before the file is renamed": lambda: _before(os, "replace", _to("last_checkpoint")),
    "when the file is renamed": _at("after-signature-remembered"),
    "before the database holds it": lambda: _before(GlobalLog, "add_checkpoint"),
    "before the database keeps it": _at("before-seal-commit"),
    "when the database has kept it": _at("after-seal-commit"),
}
"""Where a sealing can be killed, between any two of its steps."""

ROTATION: dict[str, Callable[[], None]] = {
    "before the new key is on disk": lambda: _before(os, "replace", _to("log.key.next")),
    "when the new key is on disk": lambda: _after(os, "replace", _to("log.key.next")),
    "when the log says so": lambda: _after(keys, "rotate"),
    "when both have signed": lambda: _before(sealing, "install"),
    "when the new key is in its place": lambda: _after(os, "replace", _to("log.key")),
    **{f"rotating, {name}": deed for name, deed in POINTS.items()},
}
"""Where a rotation can be killed."""


if __name__ == "__main__":
    folder, point = Path(sys.argv[1]), sys.argv[2]
    clock = TurnedClock(datetime.now(BERLIN))
    clock.turn(MONDAY, 13)
    opened = open_app(folder, clock)
    {**POINTS, **ROTATION}[point]()
    if point in ROTATION:
        keys.rotate(opened, "weber")
    sealing.seal_due(opened, at_once=True)
