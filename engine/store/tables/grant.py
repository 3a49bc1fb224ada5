"""Who may read which single cases until when, although no office shows them to her."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index
from sqlmodel import Field

from engine.store.tables.base import Row, instant, one_of, whole


class CaseGrantRow(Row, table=True):
    """A grant to an account: why, by whom, and its end; `authority` is whom a reader comes from."""

    __tablename__ = "case_grant"
    __table_args__ = (
        one_of("kind", "inspection", "emergency"),
        Index("case_grant_account", "account", "ends_at"),
    )

    uid: str = Field(primary_key=True)
    account: str = Field(foreign_key="account.uid")
    kind: str
    authority: str
    reason: str
    extract: bool
    given_by: str
    given_at: datetime = instant(nullable=False)
    ends_at: datetime = instant(nullable=False)
    ended_at: datetime | None = instant(nullable=True)


class GrantedCaseRow(Row, table=True):
    """A case of a grant; `personnel` says that it was named although it is a personnel matter."""

    __tablename__ = "granted_case"

    grant_uid: str = Field(primary_key=True, foreign_key="case_grant.uid")
    case_id: int | None = whole(default=None, primary_key=True, foreign_key="kase.id")
    personnel: bool
