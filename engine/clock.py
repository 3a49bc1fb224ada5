"""The only reader of clock and randomness (DESIGN 9)."""

from __future__ import annotations

import os
import time
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


def file_time() -> float:
    """Return seconds since 1970 by the machine's own clock, to compare with the age of files."""
    return time.time()


def new_uid() -> str:
    """Return a fresh identifier of 32 hexadecimal digits.

    The first twelve are the time in milliseconds, so that new rows lie together in an
    index (the idea of RFC 9562, UUID version 7); the other twenty are random.
    """
    return f"{time.time_ns() // 1_000_000:012x}{os.urandom(10).hex()}"


def token(length: int = 12) -> str:
    """Return that many random hexadecimal digits, an even number, which say nothing."""
    return os.urandom(length // 2).hex()


def salt() -> bytes:
    """Return 32 random bytes for a commitment."""
    return os.urandom(32)
