"""What may not be erased yet, and what is to be or was: the retention of files and persons."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Index
from sqlmodel import Field

from engine.store.tables.base import Row, instant, local_day, one_of, partial, whole


class HoldRow(Row, table=True):
    """A legal hold (Aufbewahrungssperre) on a case: nothing of it is erased while it stands."""

    __tablename__ = "hold"
    __table_args__ = (Index("hold_case", "case_id"),)

    uid: str = Field(primary_key=True)
    case_id: int = whole(nullable=False, foreign_key="kase.id")
    reason: str
    set_by: str
    set_at: datetime = instant(nullable=False)
    lifted_by: str | None
    lifted_at: datetime | None = instant(nullable=True)
    lifted_reason: str | None


class ErasureRow(Row, table=True):
    """What fell due for erasure, of a case or a person, and how far it has come.

    `subject` is the uid of the one or the other; which, the class says. `provision` sets the
    period, and `kept_until` is its last day.
    """

    __tablename__ = "erasure"
    __table_args__ = (
        one_of("state", "due", "proposed", "erased"),
        partial("erasure_open", "kept_until", where="state <> 'erased'"),
    )

    subject: str = Field(primary_key=True)
    file_class: str = Field(primary_key=True)
    state: str
    provision: str
    kept_until: date = local_day(nullable=False)
    due_since: datetime = instant(nullable=False)
    proposed_by: str | None
    proposed_at: datetime | None = instant(nullable=True)
    released_by: str | None
    erased_at: datetime | None = instant(nullable=True)
