"""What all tables share: one metadata, named constraints, and short words for columns."""

from __future__ import annotations

from typing import Any

from sqlalchemy import CheckConstraint, Index, MetaData, Table, text
from sqlmodel import Field, SQLModel

from engine.store.columns import BIG, BLOB, JSON, Day, UtcMicros

METADATA = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    }
)


class Row(SQLModel):
    """The base of every table row; rows never leave `engine.store`."""

    metadata = METADATA


def table(row: type[SQLModel]) -> Table:
    """Return the table that a row class describes."""
    found: Table = row.__table__  # type: ignore[attr-defined]
    return found


def whole(**more: Any) -> Any:
    """A column of a number that may grow beyond 32 bits."""
    return Field(sa_type=BIG, **more)


def instant(**more: Any) -> Any:
    """A column of an instant."""
    return Field(sa_type=UtcMicros, **more)


def local_day(**more: Any) -> Any:
    """A column of a local day."""
    return Field(sa_type=Day, **more)


def json_text(**more: Any) -> Any:
    """A column of JSON text."""
    return Field(sa_type=JSON, **more)


def octets(**more: Any) -> Any:
    """A column of bytes kept as they are."""
    return Field(sa_type=BLOB, **more)


def one_of(column: str, *values: str) -> CheckConstraint:
    """Return the constraint that a column holds one of these words."""
    words = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({words})", name=column)


def partial(name: str, *columns: str, where: str, unique: bool = False) -> Index:
    """Return an index over the rows that `where` picks.

    `where` is literal text: bound to a parameter, SQLite would have to plan each statement
    anew to prove that the index may be used.
    """
    return Index(
        name, *columns, unique=unique, sqlite_where=text(where), postgresql_where=text(where)
    )
