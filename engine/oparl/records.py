"""What is read from OParl records: papers, their stages, and what is odd about them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from engine.errors import Text

DECIDES = "entscheidung"
"""The role, in small letters, of a consultation that decides. `authoritative` does not say
so: systems in use set it on consultations that only take note, and leave it out on others."""


class Origin(StrEnum):
    """Who brings a paper in."""

    ADMINISTRATION = "administration"
    FRACTION = "fraction"
    AMENDMENT = "amendment"
    OTHER = "other"


class Remark(StrEnum):
    """Something odd about a paper that its reader must know; nothing is mended by guessing."""

    CREATED_AFTER_DECISION = "created_after_decision"
    DATED_AFTER_DECISION = "dated_after_decision"
    DATE_CONTRADICTS_CREATED = "date_contradicts_created"
    CREATED_MISSING = "created_missing"
    TITLE_MISSING = "title_missing"
    SEVERAL_DECISIONS = "several_decisions"
    MOVED = "moved"
    CONSULTATION_MISSING = "consultation_missing"
    MEETING_MISSING = "meeting_missing"
    MEETING_WITHOUT_DATE = "meeting_without_date"
    MEETING_CANCELLED = "meeting_cancelled"
    UNKNOWN_BODY = "unknown_body"
    UNKNOWN_DEPARTMENT = "unknown_department"

    @property
    def text(self) -> Text:
        """Return the remark as a sentence for people."""
        return REMARKS[self]


REMARKS = {
    Remark.CREATED_AFTER_DECISION: Text(
        "Die Vorlage wurde erst nach dem Tag ihrer Entscheidung angelegt.",
        "The paper was created only after the day of its decision.",
    ),
    Remark.DATED_AFTER_DECISION: Text(
        "Die Vorlage trägt ein Datum nach dem Tag ihrer Entscheidung.",
        "The paper bears a date after the day of its decision.",
    ),
    Remark.DATE_CONTRADICTS_CREATED: Text(
        "Das Datum der Vorlage liegt mehr als einen Tag vor oder nach dem Tag, an dem sie "
        "angelegt wurde.",
        "The date of the paper lies more than a day before or after the day of its creation.",
    ),
    Remark.CREATED_MISSING: Text(
        "Wann die Vorlage angelegt wurde, ist nicht oder nicht lesbar angegeben.",
        "When the paper was created is not given, or not legibly.",
    ),
    Remark.TITLE_MISSING: Text("Die Vorlage hat keinen Titel.", "The paper has no title."),
    Remark.SEVERAL_DECISIONS: Text(
        "Mehrere Sitzungen sind als Entscheidung angegeben; es zählt die früheste.",
        "Several meetings are given as the decision; the earliest counts.",
    ),
    Remark.MOVED: Text(
        "Dasselbe Gremium hat die Vorlage in derselben Rolle mehrmals, oder die Sitzung gilt "
        "als verlegt: vertagt, verlegt oder wieder aufgenommen.",
        "The same body has the paper more than once in the same role, or the meeting is given "
        "as moved: adjourned, moved or taken up again.",
    ),
    Remark.CONSULTATION_MISSING: Text(
        "Die Vorlage nennt eine Beratung, die in den Daten fehlt.",
        "The paper names a consultation that is not among the records.",
    ),
    Remark.MEETING_MISSING: Text(
        "Eine Beratung nennt keine Sitzung, oder eine, die in den Daten fehlt.",
        "A consultation names no meeting, or one that is not among the records.",
    ),
    Remark.MEETING_WITHOUT_DATE: Text(
        "Eine Sitzung hat keinen lesbaren Beginn.", "A meeting has no legible start."
    ),
    Remark.MEETING_CANCELLED: Text(
        "Eine Sitzung ist ausgefallen; ihr Tag zählt nicht.",
        "A meeting was cancelled; its day does not count.",
    ),
    Remark.UNKNOWN_BODY: Text(
        "Eine Beratung nennt kein Gremium, oder eines, dessen Name in den Daten fehlt.",
        "A consultation names no body, or one whose name is not among the records.",
    ),
    Remark.UNKNOWN_DEPARTMENT: Text(
        "Die Vorlage nennt kein federführendes Amt, oder eines, dessen Name in den Daten fehlt.",
        "The paper names no lead department, or one whose name is not among the records.",
    ),
}


@dataclass(frozen=True, slots=True)
class Stage:
    """One body's dealing with a paper (an OParl consultation and its meeting).

    `body` is the name of the leading body, empty where the records do not tell it;
    `meeting` is the OParl id of the meeting, empty where none is named. `day` is the local
    day on which the meeting begins.
    """

    body: str
    role: str
    day: date | None
    meeting: str
    cancelled: bool
    result: str | None
    public: bool | None

    @property
    def decides(self) -> bool:
        """Return whether the paper is to be decided here; a cancelled meeting decides nothing."""
        return self.role.casefold() == DECIDES and not self.cancelled


@dataclass(frozen=True, slots=True)
class PaperRecord:
    """A paper as published, with its stages in order of meeting start, undated ones last."""

    id: str
    reference: str | None
    title: str
    kind: str | None
    origin: Origin
    departments: tuple[str, ...]
    created: date | None
    paper_date: date | None
    stages: tuple[Stage, ...]
    remarks: tuple[Remark, ...]

    @property
    def department(self) -> str | None:
        """Return the name of the lead department, if its name is known."""
        return self.departments[0] if self.departments else None

    @property
    def decisions(self) -> tuple[date, ...]:
        """Return the days of the meetings that are to decide, each once, ascending."""
        return tuple(sorted({s.day for s in self.stages if s.decides and s.day}))

    @property
    def decision(self) -> date | None:
        """Return the day of the earliest meeting that is to decide."""
        return min(self.decisions, default=None)

    @property
    def first_body(self) -> date | None:
        """Return the earliest day on which any body deals with the paper."""
        first = self._first_stage()
        return first.day if first else None

    @property
    def first_body_name(self) -> str | None:
        """Return the body that deals with the paper first, if its name is known."""
        first = self._first_stage()
        return (first.body or None) if first else None

    def _first_stage(self) -> Stage | None:
        held = (stage for stage in self.stages if stage.day and not stage.cancelled)
        return next(held, None)


@dataclass(frozen=True, slots=True)
class RecordProblem:
    """A value or object that cannot be used, with its file or page and its JSON pointer."""

    source: str
    pointer: str
    text: Text

    @property
    def place(self) -> str:
        """Return the place in one word, such as `papers.json#/data/17/created`."""
        return f"{self.source}#{self.pointer}"


@dataclass(frozen=True, slots=True)
class Records:
    """All papers in the order read, what could not be used, and the ids of deleted papers."""

    papers: tuple[PaperRecord, ...]
    problems: tuple[RecordProblem, ...]
    deleted: tuple[str, ...] = ()
