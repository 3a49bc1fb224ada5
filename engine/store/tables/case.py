"""The case and its parts.

Parts lie under `(case_id, place)`, where `place` is their position in the case: one read
finds them side by side and in the order in which the core put them, on which the digest of
a case depends.
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKeyConstraint, Index, UniqueConstraint
from sqlmodel import Field

from engine.store.tables.base import (
    Row,
    instant,
    json_text,
    local_day,
    octets,
    one_of,
    partial,
    whole,
)

_CASE = {"foreign_key": "kase.id"}
_SIDE_BY_SIDE = {"sqlite_with_rowid": False}


class CounterRow(Row, table=True):
    """A running number, such as the last case number of a year."""

    __tablename__ = "counter"

    name: str = Field(primary_key=True)
    value: int = whole(nullable=False)


class CaseRow(Row, table=True):
    """One case; `version` counts its entries and `head` is the leaf hash of the last.

    `measure` holds the facts and stages that no list asks for; `next_day` is the earliest
    last day of an open deadline.
    """

    __tablename__ = "kase"
    __table_args__ = (
        UniqueConstraint("uid"),
        UniqueConstraint("number"),
        Index("kase_lead", "lead", "id"),
        partial("kase_next_day", "next_day", "id", where="next_day IS NOT NULL"),
    )

    id: int | None = whole(default=None, primary_key=True)
    uid: str
    number: str
    version: int
    head: bytes = octets(nullable=False)
    workflow: str
    state: str
    paper: int
    registered_on: date | None = local_day(nullable=True)
    next_day: date | None = local_day(nullable=True)
    title: str
    kind: str
    origin: str
    lead: str
    municipality: str
    confidentiality: str
    reference: str | None
    measure: str = json_text(nullable=False)
    given: str = json_text(nullable=False)


class ParticipationRow(Row, table=True):
    """One office takes part in one form and round."""

    __tablename__ = "participation"
    __table_args__ = (
        UniqueConstraint("case_id", "key"),
        Index("participation_office", "office", "state"),
        Index("participation_newest", "office", "case_id"),
        _SIDE_BY_SIDE,
    )

    case_id: int = whole(primary_key=True, **_CASE)
    place: int = Field(primary_key=True)
    key: str
    office: str
    form: str
    round: int
    workflow: str
    state: str
    revision: int
    provisions: str = json_text(nullable=False)
    given: str = json_text(nullable=False)


class DeadlineRow(Row, table=True):
    """A Frist; a new count is a new generation, and the old one stays as void."""

    __tablename__ = "deadline"
    __table_args__ = (
        UniqueConstraint("case_id", "participation", "name", "generation"),
        one_of("status", "running", "paused", "met", "lapsed", "void"),
        partial("deadline_due", "ends_at", "case_id", where="status = 'running'"),
        _SIDE_BY_SIDE,
    )

    case_id: int = whole(primary_key=True, **_CASE)
    place: int = Field(primary_key=True)
    participation: str
    name: str
    generation: int
    owner: str
    status: str
    last_day: date = local_day(nullable=False)
    ends_at: datetime = instant(nullable=False)
    closed_on: date | None = local_day(nullable=True)
    provision: str | None
    ladder: str | None
    finding: int
    derivation: str = json_text(nullable=False)


class RungRow(Row, table=True):
    """A rung of a deadline (by its place): a row before it is due, fired once or void."""

    __tablename__ = "rung"
    __table_args__ = (
        ForeignKeyConstraint(["case_id", "place"], ["deadline.case_id", "deadline.place"]),
        one_of("state", "waiting", "fired", "void"),
        partial("rung_due", "due_at", "case_id", where="state = 'waiting'"),
        _SIDE_BY_SIDE,
    )

    case_id: int = whole(primary_key=True)
    place: int = Field(primary_key=True)
    number: int = Field(primary_key=True)
    due_at: datetime = instant(nullable=False)
    state: str
    fired_at: datetime | None = instant(nullable=True)
    late_by_us: int | None = whole(nullable=True)


class DocumentRow(Row, table=True):
    """A document; its bytes lie under `uid` in the folder of documents."""

    __tablename__ = "document"
    __table_args__ = (
        UniqueConstraint("uid"),
        one_of("scan", "none", "clean", "quarantine", "refused"),
        _SIDE_BY_SIDE,
    )

    case_id: int = whole(primary_key=True, **_CASE)
    place: int = Field(primary_key=True)
    uid: str
    kind: str
    commitment: str
    size: int = whole(nullable=False)
    media: str
    paper: int
    name: str
    scan: str = Field(default="none")


class FindingRow(Row, table=True):
    """A recorded departure (Feststellung)."""

    __tablename__ = "finding"
    __table_args__ = (
        one_of("state", "open", "confirmed", "remedied", "unfounded"),
        partial("finding_open", "found_on", where="state = 'open'"),
        _SIDE_BY_SIDE,
    )

    case_id: int = whole(primary_key=True, **_CASE)
    number: int = Field(primary_key=True)
    kind: str
    participation: str
    provisions: str = json_text(nullable=False)
    rank: str | None
    found_on: date = local_day(nullable=False)
    state: str
    remedies: str = json_text(nullable=False)
