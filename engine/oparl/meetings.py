"""The meetings that a council information system publishes, each with its leading body and day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from engine.core.calendar import local_day
from engine.oparl.fetch import pages
from engine.oparl.models import Meeting
from engine.oparl.papers import CANCELLED
from engine.oparl.pool import Pool
from engine.oparl.records import RecordProblem


@dataclass(frozen=True, slots=True)
class MeetingRecord:
    """A meeting as published; body and day are empty where the records do not tell them."""

    id: str
    body: str
    day: date | None
    cancelled: bool


def read_meetings(source: str | Path) -> tuple[tuple[MeetingRecord, ...], list[RecordProblem]]:
    """Return the meetings of a folder, a file or an address, and what cannot be used.

    Of a joint meeting the leading body counts, which OParl puts first. A meeting that the
    source has deleted takes place no more.
    """
    pool = Pool()
    for page in pages(source):
        for pointer, thing in page.entries:
            pool.take(thing, page.source, pointer)
    return tuple(_record(meeting, pool) for meeting in pool.meetings()), pool.problems


def _record(meeting: Meeting, pool: Pool) -> MeetingRecord:
    body = pool.name(meeting.organization[0]) if meeting.organization else None
    gone = bool(meeting.cancelled or meeting.deleted)
    state = (meeting.state or "").casefold()
    day = None if meeting.start is None else local_day(meeting.start)
    return MeetingRecord(meeting.id, body or "", day, gone or state in CANCELLED)
