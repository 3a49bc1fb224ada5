"""Statements of the hot path: built from the tables once, then plain text with parameters.

Written through the ORM's unit of work a durable step costs twelve times what the driver
needs; rendered once and handed to the driver it costs little more than the driver itself.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from sqlalchemy import BigInteger, Dialect, Table, bindparam
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import GenericFunction

Insert = Callable[[Table], Any]
Build = Callable[[Insert], Any]
"""A Core statement, given the dialect's own `insert`, which knows ON CONFLICT."""

_PYFORMAT = re.compile(r"%\((\w+)\)s")


class Statement:
    """A Core statement with the order in which its parameters are handed over."""

    def __init__(self, build: Build, *names: str) -> None:
        self._build = build
        self.names = names

    def render(self, dialect: Dialect) -> str:
        """Return the statement's text with positional parameters in the driver's style."""
        insert = postgresql.insert if dialect.name == "postgresql" else sqlite.insert
        compiled = self._build(insert).compile(dialect=dialect)
        text = str(compiled)
        if dialect.name == "postgresql":
            order = tuple(_PYFORMAT.findall(text))
            text = _PYFORMAT.sub("%s", text)
        else:
            order = tuple(compiled.positiontup or ())
        if order != self.names:
            raise AssertionError(f"parameters in the order {order}, not {self.names}: {text}")
        return text


class last_entry_id(GenericFunction[int]):  # noqa: N801 - a name in SQL
    """The id of the entry that this connection inserted last."""

    type = BigInteger()
    inherit_cache = True


@compiles(last_entry_id, "sqlite")
def _sqlite_last(element: Any, compiler: Any, **kw: Any) -> str:
    return "last_insert_rowid()"


@compiles(last_entry_id, "postgresql")
def _postgres_last(element: Any, compiler: Any, **kw: Any) -> str:
    return "currval('entry_id_seq')"


def inserting(table: Table, *columns: str, **fixed: Any) -> Statement:
    """Return the statement that inserts these columns, bound, and the `fixed` ones."""
    return Statement(
        lambda insert: insert(table).inline().values(_values(table, columns, fixed)), *columns
    )


def inserting_once(table: Table, *columns: str, **fixed: Any) -> Statement:
    """Return the same that inserts nothing where a unique column holds such a value already."""

    def build(insert: Insert) -> Any:
        new = insert(table).inline().values(_values(table, columns, fixed))
        return new.on_conflict_do_nothing()

    return Statement(build, *columns)


def upserting(table: Table, columns: tuple[str, ...], changing: tuple[str, ...]) -> Statement:
    """Return the statement that inserts a row, or changes the one that holds its primary key.

    Of that one only the `changing` columns take new values.
    """

    def build(insert: Insert) -> Any:
        new = insert(table).inline().values(_values(table, columns, {}))
        return new.on_conflict_do_update(
            index_elements=list(table.primary_key.columns),
            set_={name: new.excluded[name] for name in changing},
        )

    return Statement(build, *columns)


def _values(table: Table, columns: tuple[str, ...], fixed: dict[str, Any]) -> dict[str, Any]:
    return {name: bindparam(name, type_=table.c[name].type) for name in columns} | fixed
