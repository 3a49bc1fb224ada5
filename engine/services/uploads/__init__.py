"""Files come in: only kinds that we know, only what they say they are, and scanned if one can.

A file that no scanner could look at, although one is set up, waits in quarantine and is no
part of any case. Nothing of what comes in is ever shown in place: it is only handed out.
"""

from engine.services.uploads.intake import (
    KEPT_FOR,
    Quarantined,
    accept,
    rescan,
    taken,
    unscanned,
    waiting,
    warning,
)
from engine.services.uploads.kinds import KINDS, Kind, examined

__all__ = [
    "KEPT_FOR",
    "KINDS",
    "Kind",
    "Quarantined",
    "accept",
    "examined",
    "rescan",
    "taken",
    "unscanned",
    "waiting",
    "warning",
]
