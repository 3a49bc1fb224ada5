"""The Fristenprotokoll: which deadlines the log entered, changed, met and missed on a day.

It is read from the log alone: every line says which deadlines it moved. A day is the day on
which a line was recorded, so the record of a day that is over never changes; what happened
on an earlier day says so.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any


class Happened(StrEnum):
    """What became of a deadline by a line of the log."""

    ENTERED = "entered"
    CHANGED = "changed"
    MET = "met"
    MISSED = "missed"


@dataclass(frozen=True, slots=True)
class Row:
    """What one line of the log did to one deadline.

    `participation`, `name` and `generation` are its key in the case of `stream`. `detail` is
    what a change was: paused, dropped, counted (again), done_late.
    """

    stream: str
    happened: Happened
    participation: str
    name: str
    generation: int
    last_day: date
    on: date
    detail: str = ""


def rows(lines: Iterable[Mapping[str, Any]]) -> Iterator[Row]:
    """Yield what lines of the log, given as their headers say it, did to deadlines."""
    for line in lines:
        moved = line["plain"].get("deadlines", ())
        replaced = {(p, n) for p, n, _, _, status in moved if status == "void"}
        renewed = {(p, n) for p, n, _, _, status in moved if status == "running"}
        for participation, name, generation, last_day, status in moved:
            key = (participation, name)
            if status == "void" and key in renewed:
                continue
            happened, detail = _said(line, [participation, name, generation], status)
            if happened is Happened.ENTERED and key in replaced:
                happened, detail = Happened.CHANGED, "counted"
            day, on = date.fromisoformat(last_day), date.fromisoformat(line["happened_on"])
            stream = line["stream"]
            yield Row(stream, happened, participation, name, generation, day, on, detail)


def _said(line: Mapping[str, Any], key: list[Any], status: str) -> tuple[Happened, str]:
    match status:
        case "running":
            return Happened.ENTERED, ""
        case "met":
            return Happened.MET, ""
        case "paused" | "void":
            return Happened.CHANGED, "paused" if status == "paused" else "dropped"
    # A deadline lapses by a line about itself; any other line closes it after its end.
    if line["plain"].get("deadline") == key:
        return Happened.MISSED, ""
    return Happened.CHANGED, "done_late"


def seal_of(leaves: Iterable[bytes]) -> str:
    """Return the SHA-256 over the leaves of the lines of a day, in hexadecimal."""
    told = hashlib.sha256(b"rechtzeitig/day/v1\0")
    for leaf in leaves:
        told.update(leaf)
    return told.hexdigest()
