"""Points at which a process can be made to die, so that tests can show what a crash leaves.

Power fails between any two statements, and always between the two that nobody thought of. So
the places where it matters have names, and a test lets a worker die at each of them and looks
at what the next one finds. In real life the environment names no point, and reaching one costs
a look at a variable.

The process ends by SIGKILL: nothing is flushed, closed or rolled back, as when the power goes.
"""

from __future__ import annotations

import os
import signal
from dataclasses import dataclass

VARIABLE = "RECHTZEITIG_CRASH"
"""Names the point and at which passing of it to die, as `after-claim:3`."""


@dataclass
class _Wish:
    """At which point to die, and how often it is still to be passed."""

    point: str = ""
    left: int = 0


_WISH = _Wish()


def arm(wish: str) -> None:
    """Die at the point and passing that `wish` names, as `after-claim:3`; never where it is empty.

    Raises ValueError where the passing is no number.
    """
    _WISH.point, _, passing = wish.partition(":")
    _WISH.left = int(passing or 1)


def crashpoint(name: str) -> None:
    """Die here if this is the point, and the passing of it, that the environment names."""
    if name != _WISH.point:
        return
    _WISH.left -= 1
    if _WISH.left == 0:
        os.kill(os.getpid(), signal.SIGKILL)


arm(os.environ.get(VARIABLE, ""))
