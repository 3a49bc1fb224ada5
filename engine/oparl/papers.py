"""Puts papers together from the objects of the lists: stages, days, and what is odd."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

from engine.core.calendar import local_day
from engine.oparl.fetch import pages
from engine.oparl.models import Consultation, Meeting, Paper
from engine.oparl.pool import Pool
from engine.oparl.records import Origin, PaperRecord, Records, Remark, Stage

ORIGINS = {
    Origin.ADMINISTRATION: (
        "beschlussvorlage",
        "informationsvorlage",
        "verwaltungsvorlage",
        "mitteilungsvorlage",
        "berichtsvorlage",
        "sitzungsvorlage",
        "vorlage",
        "mitteilung",
    ),
    Origin.FRACTION: ("antrag", "anfrage", "fraktionsantrag", "kleine anfrage", "große anfrage"),
    Origin.AMENDMENT: (
        "änderungs-/ergänzungsantrag",
        "änderungs- und ergänzungsantrag",
        "änderungsantrag",
        "ergänzungsantrag",
    ),
}
"""Who brings in a paper of which `paperType` (in small letters). OParl leaves the words to
each town; a word that is not here, such as "Einwohnerantrag", has the origin `other`."""

CANCELLED = frozenset({"abgesagt", "ausgefallen", "entfallen", "entfällt", "fällt aus"})
MOVED = frozenset({"verschoben", "verlegt", "vertagt"})
"""Words of `meetingState` beside the three that OParl recommends (terminiert, eingeladen,
durchgeführt)."""

Progress = Callable[[int, int | None], None]
Dated = tuple[datetime | None, Stage]


def read(source: str | Path, *, progress: Progress | None = None) -> Records:
    """Return the papers of a folder, a file or an http(s) address, and what cannot be used.

    An address may be that of a list, of an OParl body (its organizations, meetings and
    papers are read) or of a system. `progress` is told, after each file or page, how many
    objects of the list in hand are read and how many the source says it has. What is no
    JSON or no OParl at all, and a server that fails, is an InputError.
    """
    pool = pooled(source, progress)
    papers = tuple(paper_record(paper, pool) for paper in pool.papers())
    return Records(papers, tuple(pool.problems), pool.deleted_papers())


def pooled(source: str | Path, progress: Progress | None = None) -> Pool:
    """Return all objects of a source by their ids; see `read`."""
    pool = Pool()
    for page in pages(source):
        for pointer, thing in page.entries:
            pool.take(thing, page.source, pointer)
        if progress:
            progress(page.read, page.total)
    return pool


def origin(paper_type: str | None) -> Origin:
    """Return who brings in papers of this type, as the table of words says.

    >>> str(origin("Änderungs-/Ergänzungsantrag")), str(origin("Petition"))
    ('amendment', 'other')
    """
    word = unicodedata.normalize("NFC", paper_type or "").casefold()
    return next((who for who, words in ORIGINS.items() if word in words), Origin.OTHER)


def paper_record(paper: Paper, pool: Pool) -> PaperRecord:
    """Return the paper with its stages in order and its remarks."""
    consultations = pool.consultations(paper)
    departments = [pool.name(reference) for reference in paper.departments]
    record = PaperRecord(
        id=paper.id,
        reference=paper.reference,
        title=paper.name or "",
        kind=paper.kind,
        origin=origin(paper.kind),
        departments=tuple(name for name in departments if name),
        created=_day(paper.created),
        paper_date=_day(paper.date),
        stages=_in_order([_stage(c, pool) for c in consultations if c]),
        remarks=(),
    )
    signs = {
        Remark.TITLE_MISSING: not record.title,
        Remark.CONSULTATION_MISSING: None in consultations,
        Remark.UNKNOWN_DEPARTMENT: not departments or None in departments,
        **_signs_in_time(record),
        **_signs_in_stages(record.stages, pool),
    }
    return replace(record, remarks=tuple(remark for remark in Remark if signs[remark]))


def _signs_in_time(record: PaperRecord) -> dict[Remark, bool]:
    """Return which remarks the days of a paper call for.

    Days are compared, not hours: on the day of the meeting nobody can tell from the
    records whether a paper came before its item was called. The date that a paper bears
    may differ from its creation by a day (written in the evening, entered the next
    morning); more says that one of the two does not tell when the paper was there.
    """
    created, dated, decided = record.created, record.paper_date, record.decision
    deciding = {stage.meeting for stage in record.stages if stage.decides and stage.day}
    return {
        Remark.CREATED_MISSING: created is None,
        Remark.CREATED_AFTER_DECISION: bool(created and decided and created > decided),
        Remark.DATED_AFTER_DECISION: bool(dated and decided and dated > decided),
        Remark.DATE_CONTRADICTS_CREATED: bool(
            created and dated and abs(dated - created) > timedelta(days=1)
        ),
        Remark.SEVERAL_DECISIONS: len(deciding) > 1,
    }


def _signs_in_stages(stages: tuple[Stage, ...], pool: Pool) -> dict[Remark, bool]:
    meetings = [pool.meeting(stage.meeting) for stage in stages]
    turns = {(s.body, s.role, s.meeting) for s in stages if s.body and s.role}
    again = len({(body, role) for body, role, _ in turns}) < len(turns)
    return {
        Remark.MOVED: again or any(_says(meeting, MOVED) for meeting in meetings),
        Remark.MEETING_MISSING: None in meetings,
        Remark.MEETING_WITHOUT_DATE: any(m is not None and m.start is None for m in meetings),
        Remark.MEETING_CANCELLED: any(stage.cancelled for stage in stages),
        Remark.UNKNOWN_BODY: any(not stage.body for stage in stages),
    }


def _stage(consultation: Consultation, pool: Pool) -> Dated:
    """Return the stage that a consultation is, with the instant it begins."""
    item = pool.agenda_item(consultation)
    reference = consultation.meeting or (item.meeting if item else None)
    meeting = pool.meeting(reference)
    start = meeting.start if meeting else None
    return start, Stage(
        body=_leading_body(consultation, meeting, pool),
        role=consultation.role or "",
        day=_day(start),
        meeting=reference or "",
        cancelled=bool(meeting and meeting.cancelled) or _says(meeting, CANCELLED),
        result=item.result if item else None,
        public=item.public if item else None,
    )


def _leading_body(consultation: Consultation, meeting: Meeting | None, pool: Pool) -> str:
    """Return the name of the body in the lead, which OParl puts first; "" if it has none here."""
    bodies = consultation.organization or (meeting.organization if meeting else ())
    return (pool.name(bodies[0]) or "") if bodies else ""


def _in_order(dated: list[Dated]) -> tuple[Stage, ...]:
    """Return the stages by the instant they begin; those without one last, as they were read."""
    in_time = sorted((d for d in dated if d[0]), key=lambda d: d[0] or datetime.max)
    return tuple(stage for _, stage in [*in_time, *(d for d in dated if not d[0])])


def _says(meeting: Meeting | None, words: frozenset[str]) -> bool:
    return bool(meeting and meeting.state and meeting.state.casefold() in words)


def _day(instant: datetime | None) -> date | None:
    return local_day(instant) if instant else None
