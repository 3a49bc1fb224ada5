"""How much of the log was sent to its witnesses by mail, within one transaction."""

from __future__ import annotations

from sqlalchemy import Connection, exists, select

from engine.store.chains import MAIL
from engine.store.roster import put
from engine.store.tables import CounterRow, EntryRow, LogLeafRow
from engine.store.tables.base import table

_COUNTER = table(CounterRow)
_ENTRY = table(EntryRow)
_LEAF = table(LogLeafRow)
_NAME = "log mailed"


def mailed(connection: Connection) -> int:
    """Return the size of the log of which the last checkpoint was mailed, 0 before the first."""
    found = select(_COUNTER.c.value).where(_COUNTER.c.name == _NAME)
    return int(connection.execute(found).scalar() or 0)


def set_mailed(connection: Connection, size: int) -> None:
    """Keep the size of the log of which a checkpoint is mailed."""
    put(connection, _COUNTER, {"name": _NAME}, {"value": size})


def grew(connection: Connection, first: int, end: int, beside: str) -> bool:
    """Return whether anything happened in the places `first` to `end - 1`.

    Lines about mails, and those of the type `beside`, count for nothing: each checkpoint that
    is mailed would else be the reason for the next.
    """
    here = (_LEAF.c.leaf_index >= first, _LEAF.c.leaf_index < end)
    counts = (~_ENTRY.c.stream.startswith(f"{MAIL}/"), _ENTRY.c.type != beside)
    joined = _LEAF.join(_ENTRY, _ENTRY.c.id == _LEAF.c.entry_id)
    found = exists(select(_LEAF.c.leaf_index).select_from(joined).where(*here, *counts))
    return bool(connection.execute(select(found)).scalar())
