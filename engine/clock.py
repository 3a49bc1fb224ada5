"""The only reader of clock and randomness (DESIGN 9)."""

from __future__ import annotations

import ctypes
import os
import time
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Protocol

from engine.core.steady import Reading, believed

_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
_TOGETHER = timedelta(milliseconds=100)
_FRESH = 5.0
"""Seconds for which a process need not ask again what is known of this machine's clock."""


class Clock(Protocol):
    """What tells the engine the time; tests and the backtest bring their own."""

    def now(self) -> datetime:
        """Return the present instant, aware, in UTC."""
        ...


class Machine(Protocol):
    """What tells the time and how long it has been running; tests bring their own."""

    def read(self) -> Reading:
        """Return wall clock and uptime of one moment."""
        ...

    def synchronised(self) -> bool | None:
        """Return whether a time service vouches for the clock, None where nobody can say."""
        ...


class SystemClock:
    """The clock of this machine."""

    def now(self) -> datetime:
        """Return the present instant, aware, in UTC."""
        return datetime.now(UTC)

    def read(self) -> Reading:
        """Return wall clock and uptime of one moment, also if the process was halted between."""
        while True:
            before, wall, after = _uptime(), self.now(), _uptime()
            if after - before < _TOGETHER:
                return Reading(wall, after, _boot_id())

    def synchronised(self) -> bool | None:
        """Return whether the kernel takes its clock for synchronised, None where it won't say.

        Setting a clock by hand ends it, until a time service has looked again (adjtimex(2)).
        """
        return _synchronised()


class SteadyClock:
    """The clock of a machine, believed as far as the machine's uptime bears it out.

    Until `follow` has told what was known of this start of the machine, all is believed.
    """

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self._anchor: Reading | None = None
        self._floor: datetime | None = None
        self._followed_at = -_FRESH

    def now(self) -> datetime:
        """Return the instant that counts; it never lies before the latest that was kept."""
        shown = believed(self._anchor, self.machine.read())
        return shown if self._floor is None else max(shown, self._floor)

    def boot(self) -> str:
        """Return which start of the machine this is."""
        return self.machine.read().boot

    def stale(self) -> bool:
        """Return whether it is time to look again at what is known."""
        return monotonic() - self._followed_at >= _FRESH

    def follow(self, anchor: Reading | None, floor: datetime | None) -> None:
        """Go by the last reading that was believed, and by the latest instant that was kept."""
        self._anchor, self._floor = anchor, floor
        self._followed_at = monotonic()


def _uptime() -> timedelta:
    """Return how long the machine has run, asleep or awake; without Linux, awake alone."""
    which = getattr(time, "CLOCK_BOOTTIME", None)
    seconds = time.monotonic() if which is None else time.clock_gettime(which)
    return timedelta(seconds=seconds)


class _Timex(ctypes.Structure):
    """The beginning of the kernel's `struct timex`, and room for the rest."""

    _fields_ = (
        ("modes", ctypes.c_uint),
        ("offset", ctypes.c_long),
        ("freq", ctypes.c_long),
        ("maxerror", ctypes.c_long),
        ("esterror", ctypes.c_long),
        ("status", ctypes.c_int),
        ("rest", ctypes.c_byte * 512),
    )


_REFUSED, _TIME_ERROR, _UNSYNCHRONISED = -1, 5, 0x40


def _synchronised() -> bool | None:
    try:
        told = _Timex()
        state = ctypes.CDLL(None).adjtimex(ctypes.byref(told))
    except (OSError, AttributeError):
        return None
    if state == _REFUSED:
        return None
    return bool(state != _TIME_ERROR and not told.status & _UNSYNCHRONISED)


@cache
def _boot_id() -> str:
    """Return what is told of each start of the machine anew; else of each process."""
    try:
        return _BOOT_ID.read_text().strip()
    except OSError:
        return f"process-{os.getpid()}-{token()}"


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
