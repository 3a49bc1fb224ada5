"""Puts agendas together: the items of each meeting, with the papers they are about."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from engine.core.calendar import local_day
from engine.oparl.models import AgendaItem, Meeting, Paper
from engine.oparl.papers import CANCELLED, Progress, pooled
from engine.oparl.pool import Pool
from engine.oparl.records import RecordProblem


@dataclass(frozen=True, slots=True)
class AgendaRecord:
    """An item on the agenda of a meeting that takes place, with the number of its paper.

    `public` is as published; None where the records do not say. `paper` is its OParl id,
    `result` what came of the item in the words of the house, None before the meeting.
    """

    id: str
    body: str
    day: date
    number: str
    title: str
    reference: str | None
    paper: str | None
    public: bool | None
    result: str | None = None


Agendas = tuple[tuple[AgendaRecord, ...], tuple[RecordProblem, ...]]


def read_agendas(source: str | Path, *, progress: Progress | None = None) -> Agendas:
    """Return the agenda items of a folder, a file or an http(s) address, and what is unusable.

    See `engine.oparl.read` for what a source may be. Meetings that are cancelled or have no
    legible start are left out, and so are items with neither title nor paper.
    """
    pool = pooled(source, progress)
    papers = _papers(pool)
    found = (item for meeting in pool.meetings() for item in _items(meeting, pool, papers))
    return tuple(found), tuple(pool.problems)


def _papers(pool: Pool) -> dict[str, Paper]:
    """Return the papers by the ids of their consultations and of the agenda items named there."""
    found: dict[str, Paper] = {}
    for paper in pool.papers():
        for consultation in pool.consultations(paper):
            if consultation is not None:
                for name in (consultation.id, consultation.agenda_item):
                    if name:
                        found.setdefault(name, paper)
    return found


def _items(meeting: Meeting, pool: Pool, papers: dict[str, Paper]) -> Iterator[AgendaRecord]:
    off = meeting.cancelled or (meeting.state or "").casefold() in CANCELLED
    if meeting.start is None or meeting.deleted or off:
        return
    bodies = (pool.name(reference) for reference in meeting.organization)
    body = next((name for name in bodies if name), "")
    for item in pool.agenda(meeting):
        paper = papers.get(item.consultation or "") or papers.get(item.id or "")
        record = _record(item, paper, meeting, body)
        if record.title or record.reference:
            yield record


def _record(item: AgendaItem, paper: Paper | None, meeting: Meeting, body: str) -> AgendaRecord:
    assert meeting.start is not None
    return AgendaRecord(
        id=item.id or "",
        body=body,
        day=local_day(meeting.start),
        number=item.number or "",
        title=item.name or (paper.name if paper else None) or "",
        reference=paper.reference if paper else None,
        paper=paper.id if paper else None,
        public=item.public,
        result=item.result,
    )
