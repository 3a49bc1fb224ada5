"""Which office wants no early reminders in which case, until when, and why."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Index
from sqlmodel import Field

from engine.store.tables.base import Row, instant, local_day, whole


class SilenceRow(Row, table=True):
    """Reminders of a case that an office keeps quiet; `until` is the last day of it."""

    __tablename__ = "silence"
    __table_args__ = (Index("silence_case", "case_id"),)

    uid: str = Field(primary_key=True)
    case_id: int = whole(nullable=False, foreign_key="kase.id")
    office: str
    reason: str
    person: str
    since: datetime = instant(nullable=False)
    until: date = local_day(nullable=False)
    ended_at: datetime | None = instant(nullable=True)
