"""Retention: what must be kept, what fell due, who releases it, and the erasing itself.

The clock finds what is due and says so in the log; nothing is ever erased by it. Somebody of
the legal office examines and proposes, another one releases, and only then it is gone. A hold
stops all of it.
"""

from engine.services.retention.deeds import Released, hold, lift, propose, release
from engine.services.retention.due import Looked, look, look_once_a_day
from engine.services.retention.files import compact, remove_erased
from engine.services.retention.showing import (
    DueLine,
    ErasedOf,
    Remains,
    count_open,
    due_lines,
    erased_of,
    remains,
)

__all__ = [
    "DueLine",
    "ErasedOf",
    "Looked",
    "Released",
    "Remains",
    "compact",
    "count_open",
    "due_lines",
    "erased_of",
    "hold",
    "lift",
    "look",
    "look_once_a_day",
    "propose",
    "release",
    "remains",
    "remove_erased",
]
