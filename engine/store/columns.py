"""How values lie in columns, alike on SQLite and PostgreSQL.

Instants are BIGINT microseconds since 1970 in UTC, days are ISO text, JSON-plain parts are
text that orjson wrote, hashes and log headers are bytes. Nothing depends on what a driver
makes of a time zone: an engine that stored the wall time once lost an hour every autumn.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, Dialect, Integer, LargeBinary, String, Text
from sqlalchemy.types import TypeDecorator

from engine.core.ledger import microseconds

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def instant(micros: int) -> datetime:
    """Return the instant in UTC that lies `micros` microseconds after the start of 1970."""
    return EPOCH + timedelta(microseconds=micros)


class UtcMicros(TypeDecorator[datetime]):
    """An instant as BIGINT microseconds; a naive datetime raises ValueError."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        """Return what is stored of an aware datetime."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a naive time names no instant: {value.isoformat()}")
        return microseconds(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """Return the instant in UTC."""
        return None if value is None else instant(value)


class Day(TypeDecorator[date]):
    """A local calendar day as ISO text, which sorts as days do."""

    impl = String(10)
    cache_ok = True

    def process_bind_param(self, value: date | None, dialect: Dialect) -> str | None:
        """Return what is stored of a day; a datetime is no day and raises ValueError."""
        if isinstance(value, datetime):
            raise ValueError(f"an instant is no day: {value.isoformat()}")
        return None if value is None else value.isoformat()

    def process_result_value(self, value: Any, dialect: Dialect) -> date | None:
        """Return the day."""
        return None if value is None else date.fromisoformat(value)


# SQLite numbers rows by itself only in a column called INTEGER.
BIG = BigInteger().with_variant(Integer(), "sqlite")
BLOB = LargeBinary()
JSON = Text()
