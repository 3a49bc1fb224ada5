"""The log: entries as sealed, bodies that can be erased, strands, and the global tree."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlmodel import Field

from engine.store.tables.base import Row, instant, local_day, octets, whole


class EntryRow(Row, table=True):
    """A line of the log; `header` decides, the other columns are copies for queries.

    Insert-only. `(key, part)` is unique over the whole log: it makes a retry safe.
    """

    __tablename__ = "entry"
    __table_args__ = (
        UniqueConstraint("stream", "seq"),
        UniqueConstraint("key", "part"),
        CheckConstraint("seq > 0", name="seq"),
    )

    id: int | None = whole(default=None, primary_key=True)
    case_id: int | None = whole(foreign_key="kase.id", nullable=True)
    stream: str
    seq: int
    uid: str
    type: str
    actor: str
    recorded_at: datetime = instant(nullable=False)
    happened_on: date = local_day(nullable=False)
    key: str
    part: int
    header: bytes = octets(nullable=False)
    leaf: bytes = octets(nullable=False)


class EntryBodyRow(Row, table=True):
    """The private part of an entry and its salt; both can be erased, and nothing else."""

    __tablename__ = "entry_body"

    entry_id: int | None = whole(default=None, primary_key=True, foreign_key="entry.id")
    salt: bytes | None = octets(nullable=True)
    body: bytes | None = octets(nullable=True)


class StrandRow(Row, table=True):
    """A strand of the log that is no case: how many lines it has, and its last leaf."""

    __tablename__ = "strand"

    name: str = Field(primary_key=True)
    seq: int
    head: bytes = octets(nullable=False)


class LogQueueRow(Row, table=True):
    """An entry that waits for its place in the global tree."""

    __tablename__ = "log_queue"

    entry_id: int | None = whole(default=None, primary_key=True, foreign_key="entry.id")


class LogLeafRow(Row, table=True):
    """The place of an entry in the global tree, counted from 0.

    `prefix` is the first 40 bits of its leaf hash, by which a printed code finds it.
    """

    __tablename__ = "log_leaf"
    __table_args__ = (UniqueConstraint("entry_id"), Index("log_leaf_prefix", "prefix"))

    leaf_index: int | None = whole(
        default=None, primary_key=True, sa_column_kwargs={"autoincrement": False}
    )
    entry_id: int = whole(nullable=False, foreign_key="entry.id")
    prefix: bytes = octets(nullable=False)


class LogStateRow(Row, table=True):
    """Where the sequencer stands: one row, locked by whoever fills the tree."""

    __tablename__ = "log_state"
    __table_args__ = (CheckConstraint("id = 1", name="one"),)

    id: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    size: int = whole(nullable=False)
    frontier: bytes = octets(nullable=False)
    last_signed_at: datetime | None = instant(nullable=True)


class LogTileRow(Row, table=True):
    """A full tile of 256 hashes of the global tree (C2SP tlog-tiles)."""

    __tablename__ = "log_tile"

    level: int = Field(primary_key=True)
    place: int = whole(primary_key=True)
    hashes: bytes = octets(nullable=False)


class CheckpointRow(Row, table=True):
    """A signed checkpoint (C2SP tlog-checkpoint), its note as signed."""

    __tablename__ = "checkpoint"

    size: int | None = whole(
        default=None, primary_key=True, sa_column_kwargs={"autoincrement": False}
    )
    root: bytes = octets(nullable=False)
    note: str
    signed_at: datetime = instant(nullable=False)


class CosignatureRow(Row, table=True):
    """What a witness signed under a checkpoint."""

    __tablename__ = "cosignature"

    size: int = whole(primary_key=True, foreign_key="checkpoint.size")
    witness: str = Field(primary_key=True)
    line: str
    at: datetime = instant(nullable=False)


class StampRow(Row, table=True):
    """What a time-stamp authority answered about a checkpoint (RFC 3161), as it came."""

    __tablename__ = "stamp"

    size: int | None = whole(
        default=None,
        primary_key=True,
        foreign_key="checkpoint.size",
        sa_column_kwargs={"autoincrement": False},
    )
    response: bytes = octets(nullable=False)
    at: datetime = instant(nullable=False)
