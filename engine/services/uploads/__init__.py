"""Files come in: only kinds that we know, only what they say they are, and scanned if one can.

A file that no scanner could look at, although one is set up, waits in quarantine and is no
part of any case. Nothing of what comes in is ever shown in place: it is only handed out.
"""

from engine.services.uploads.clearing import (
    STRAY_FOR,
    UNTAKEN_FOR,
    clear,
    clear_once_a_day,
    discard,
)
from engine.services.uploads.intake import (
    KEPT_FOR,
    Quarantined,
    accept,
    own,
    refused,
    rescan,
    still_there,
    taken,
    unscanned,
    waiting,
    warning,
)
from engine.services.uploads.kinds import KINDS, Kind, examined

__all__ = [
    "KEPT_FOR",
    "KINDS",
    "STRAY_FOR",
    "UNTAKEN_FOR",
    "Kind",
    "Quarantined",
    "accept",
    "clear",
    "clear_once_a_day",
    "discard",
    "examined",
    "own",
    "refused",
    "rescan",
    "still_there",
    "taken",
    "unscanned",
    "waiting",
    "warning",
]
