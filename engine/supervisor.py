"""A word to systemd, which started us and waits for signs of life (sd_notify(3)).

Nobody listens where no socket is named. A word that is not heard is none that matters: without
it the process is restarted, and that does no harm.
"""

from __future__ import annotations

import os
import socket
from contextlib import suppress

ALIVE = "READY=1\nWATCHDOG=1"
"""A round is over: the first says that we are ready, each later one that we have not got stuck."""

STOPPING = "STOPPING=1"


def tell(state: str) -> None:
    """Tell the supervisor something, if there is one."""
    place = os.environ.get("NOTIFY_SOCKET", "")
    if not place:
        return
    address = f"\0{place[1:]}" if place.startswith("@") else place
    with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
        line.sendto(state.encode(), address)
