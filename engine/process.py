"""Which process this is, so that another one on the same machine can tell that it has died.

A number alone would not do: it is given anew, and a container counts its own. So it stands
beside the start of the machine, the space in which it was counted, and the moment at which the
process began (proc_pid_stat(5), field 22, in clock ticks since the start of the machine).
"""

from __future__ import annotations

import os
import platform
from contextlib import suppress
from pathlib import Path

_PROC = Path("/proc")
_START, _STATE = 21, 2
"""Where in `stat` they stand, counted from 0."""


def this_process() -> str:
    """Return the name of this process: host, start and space of its machine, number, beginning.

    Where the system does not say these things, a name of which nobody can tell that it died.
    """
    pid = os.getpid()
    said = _stat(pid)
    return "/".join((platform.node(), machine(), str(pid), said[_START] if said else ""))


def machine() -> str:
    """Return which start of this machine it is, and in which space its processes are counted."""
    with suppress(OSError):
        boot = (_PROC / "sys/kernel/random/boot_id").read_text("ascii").strip()
        return f"{boot}.{(_PROC / 'self/ns/pid').stat().st_ino}"
    return ""


def has_died(process: str) -> bool:
    """Return whether a process so named is certainly gone; of another machine nobody knows.

    >>> has_died(this_process())
    False
    """
    host, here, number, began = (process.split("/") + [""] * 4)[:4]
    if (host, here) != (platform.node(), machine()) or not (here and began):
        return False
    if not number.isdecimal():
        return False
    try:
        os.kill(int(number), 0)
    except ProcessLookupError:
        return True
    except OSError:
        return False
    said = _stat(int(number))
    return bool(said) and (said[_START] != began or said[_STATE] == "Z")


def _stat(pid: int) -> list[str]:
    """Return the fields of `stat`; the second, a name, may hold spaces and brackets itself."""
    with suppress(OSError):
        head, _, rest = (_PROC / str(pid) / "stat").read_text("utf-8", "replace").rpartition(")")
        return [*head.split(" (", 1), *rest.split()]
    return []
