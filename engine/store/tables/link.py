"""Personal links of letters: by the hash of their token, each good once and for a time."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field

from engine.store.tables.base import Row, instant, octets, whole


class CaseLinkRow(Row, table=True):
    """A link into one case for one person, and the one visit that it opened.

    It belongs to a person and not to an account: who holds an honorary office may have none.
    `ended_at` says that a later link took its place; `visit` is the hash of the visit's token.
    """

    __tablename__ = "case_link"
    __table_args__ = (
        UniqueConstraint("visit"),
        Index("case_link_case", "case_id"),
        Index("case_link_message", "message_id"),
    )

    digest: bytes | None = octets(default=None, primary_key=True)
    case_id: int = whole(nullable=False, foreign_key="kase.id")
    participation: str
    office: str
    person: str = Field(foreign_key="person.uid")
    message_id: int = whole(nullable=False, foreign_key="message.id")
    made_at: datetime = instant(nullable=False)
    expires_at: datetime = instant(nullable=False)
    ended_at: datetime | None = instant(nullable=True)
    used_at: datetime | None = instant(nullable=True)
    visit: bytes | None = octets(nullable=True)
    visit_until: datetime | None = instant(nullable=True)
