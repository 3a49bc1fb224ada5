"""When to believe a clock: what it shows, held against how long the machine has run since.

A machine's uptime runs on through a suspend and cannot be set. So of two looks at one start of
a machine the difference in uptime says how much time went by, and whatever the wall clock went
on by beyond that is a step: somebody or something has set it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

NOISE = timedelta(seconds=60)
"""Steps up to this are corrections as any time service makes them."""

AHEAD = timedelta(minutes=10)
"""How far a clock may jump ahead and still be believed."""

BACK = timedelta(minutes=5)
"""How far a clock may fall back and still be believed."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What a machine shows at one moment: its wall clock, its uptime, and which start it is."""

    wall: datetime
    uptime: timedelta
    boot: str


def step(anchor: Reading, seen: Reading) -> timedelta:
    """Return by how much a clock was set between two readings of one start of a machine."""
    return (seen.wall - anchor.wall) - (seen.uptime - anchor.uptime)


def doubtful(by: timedelta) -> bool:
    """Return whether a clock that was set by so much needs somebody's word before it counts.

    >>> doubtful(timedelta(minutes=11)), doubtful(timedelta(minutes=-6)), doubtful(-NOISE)
    (True, True, False)
    """
    return by > AHEAD or by < -BACK


def believed(anchor: Reading | None, seen: Reading) -> datetime:
    """Return the time that counts: what the clock shows, unless it was set by too much.

    Then time goes on from where it was last believed, as long as the machine has run since.
    """
    if anchor is None or anchor.boot != seen.boot or not doubtful(step(anchor, seen)):
        return seen.wall
    return anchor.wall + (seen.uptime - anchor.uptime)
