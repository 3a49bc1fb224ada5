"""What time-stamp authorities answered about checkpoints, within one transaction."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, insert, select

from engine.store.tables import CheckpointRow, StampRow
from engine.store.tables.base import table

_CHECKPOINT, _STAMP = table(CheckpointRow), table(StampRow)


@dataclass(frozen=True, slots=True)
class StoredStamp:
    """A stamp as it lies: `note` is the checkpoint of `size` as it was signed at `signed_at`.

    `response` is the whole answer (DER), `at` the authority's time. Note and time of signing are
    None where the checkpoint is missing.
    """

    size: int
    response: bytes
    at: datetime
    note: str | None
    signed_at: datetime | None


def stamps(connection: Connection) -> Iterator[StoredStamp]:
    """Yield every stamp, that of the shortest log first."""
    for row in connection.execute(_stamps().order_by(_STAMP.c.size)):
        yield _stamp(row)


def newest_stamp(connection: Connection, most: int | None = None) -> StoredStamp | None:
    """Return the stamp of the longest log, of at most `most` entries, or None."""
    found = _stamps().order_by(_STAMP.c.size.desc()).limit(1)
    row = connection.execute(found if most is None else found.where(_STAMP.c.size <= most)).first()
    return None if row is None else _stamp(row)


def add_stamp(connection: Connection, size: int, response: bytes, at: datetime) -> bool:
    """Keep a stamp; False where that checkpoint has one, as when two hosts asked at once."""
    if connection.execute(select(_STAMP.c.size).where(_STAMP.c.size == size)).first():
        return False
    connection.execute(insert(_STAMP).values(size=size, response=response, at=at))
    return True


def _stamps() -> Select[Any]:
    c = _CHECKPOINT.c
    joined = _STAMP.outerjoin(_CHECKPOINT, c.size == _STAMP.c.size)
    columns = (_STAMP.c.size, _STAMP.c.response, _STAMP.c.at, c.note, c.signed_at)
    return select(*columns).select_from(joined)


def _stamp(row: Any) -> StoredStamp:
    size, response, at, note, signed_at = row
    return StoredStamp(size, bytes(response), at, note, signed_at)
