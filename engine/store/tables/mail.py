"""What is owed, the finished letters, their attempts; the clock and the workers."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlmodel import Field

from engine.store.tables.base import Row, instant, json_text, octets, one_of, partial, whole


class NoticeRow(Row, table=True):
    """A letter owed to an office; its key is unique for ever."""

    __tablename__ = "notice"
    __table_args__ = (
        UniqueConstraint("key"),
        one_of("state", "open", "composed", "held", "dropped"),
        partial("notice_due", "not_before", "id", where="state = 'open'"),
        Index("notice_case", "case_id"),
    )

    id: int | None = whole(default=None, primary_key=True)
    case_id: int | None = whole(foreign_key="kase.id", nullable=True)
    key: str
    office: str
    letter: str
    participation: str
    not_before: datetime = instant(nullable=False)
    facts: str = json_text(nullable=False)
    state: str
    reason: str | None


class MessageRow(Row, table=True):
    """A finished mail to one person; `data` never changes, so each try is the same mail.

    Only a letter with a link into an account is emptied once it has left or its link is dead.
    `attempts` is the fencing number: only the worker that holds the newest may finish.
    """

    __tablename__ = "message"
    __table_args__ = (
        UniqueConstraint("uid"),
        UniqueConstraint("message_id"),
        one_of("state", "ready", "sending", "unsure", "accepted", "dead", "cancelled"),
        CheckConstraint("phase IS NULL OR phase IN ('claimed', 'data')", name="phase"),
        partial("message_due", "next_at", "id", where="state = 'ready'"),
        partial("message_lease", "lease_until", where="state = 'sending'"),
        partial("message_open", "state", where="state IN ('sending', 'unsure', 'dead')"),
    )

    id: int | None = whole(default=None, primary_key=True)
    uid: str
    message_id: str
    person: str
    address: str
    language: str
    subject: str
    data: bytes = octets(nullable=False)
    created_at: datetime = instant(nullable=False)
    state: str
    phase: str | None
    attempts: int
    next_at: datetime = instant(nullable=False)
    lease_until: datetime | None = instant(nullable=True)
    worker: str | None
    give_up_at: datetime = instant(nullable=False)
    last_code: int | None
    last_text: str | None
    accepted_at: datetime | None = instant(nullable=True)


class MessageNoticeRow(Row, table=True):
    """Which message carries a notice: exactly one."""

    __tablename__ = "message_notice"
    __table_args__ = (Index("message_notice_message", "message_id"),)

    notice_id: int | None = whole(default=None, primary_key=True, foreign_key="notice.id")
    message_id: int = whole(nullable=False, foreign_key="message.id")


class AttemptRow(Row, table=True):
    """One try to hand a message over, and what the other side said."""

    __tablename__ = "attempt"

    message_id: int = whole(primary_key=True, foreign_key="message.id")
    number: int = Field(primary_key=True)
    started_at: datetime = instant(nullable=False)
    ended_at: datetime | None = instant(nullable=True)
    phase: str
    outcome: str | None
    code: int | None
    text: str | None


class EngineClockRow(Row, table=True):
    """The latest instant this database has seen, and whether mail is held for a clock."""

    __tablename__ = "engine_clock"
    __table_args__ = (CheckConstraint("id = 1", name="one"),)

    id: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    high_water: datetime = instant(nullable=False)
    last_tick: datetime | None = instant(nullable=True)
    held_since: datetime | None = instant(nullable=True)
    reason: str | None


class HostClockRow(Row, table=True):
    """What was last believed of the clock of one start of a machine, and by what it is doubted.

    `uptime` and `step` are microseconds; `step` is NULL while the clock is believed.
    """

    __tablename__ = "host_clock"

    boot: str = Field(primary_key=True)
    wall: datetime = instant(nullable=False)
    uptime: int = whole(nullable=False)
    step: int | None = whole(nullable=True)


class WorkerRow(Row, table=True):
    """A running process and its last sign of life."""

    __tablename__ = "worker"

    uid: str = Field(primary_key=True)
    host: str
    boot_id: str
    pid: int = whole(nullable=False)
    started_at: datetime = instant(nullable=False)
    beat_at: datetime = instant(nullable=False)
    version: str
