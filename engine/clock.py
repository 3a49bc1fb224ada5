"""The only reader of clock and randomness (DESIGN 9)."""

from __future__ import annotations

import os
import time
import uuid
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """What tells the engine the time; tests and the backtest bring their own."""

    def now(self) -> datetime:
        """Return the present instant, aware, in UTC."""
        ...


class SystemClock:
    """The clock of this machine."""

    def now(self) -> datetime:
        """Return the present instant, aware, in UTC."""
        return datetime.now(UTC)


def monotonic() -> float:
    """Return seconds that never run backwards, for the watchdog alone."""
    return time.monotonic()


def new_uid() -> str:
    """Return a fresh random identifier of 32 hexadecimal digits."""
    return uuid.uuid4().hex


def salt() -> bytes:
    """Return 32 random bytes for a commitment."""
    return os.urandom(32)
