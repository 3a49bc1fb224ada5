"""What the worker remembers of mails: checkpoints sent, bounces read; in one transaction."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Connection, delete, select

from engine.store.roster import put
from engine.store.tables import CounterRow
from engine.store.tables.base import table

_COUNTER = table(CounterRow)
_SIZE, _DAY = "log mailed", "log mailed on"
_LOOKED = "bounces read"
_ALIVE = "sign of life"


def mailed(connection: Connection) -> int:
    """Return the size of the log of which the last checkpoint was mailed, 0 before the first."""
    return _value(connection, _SIZE)


def mailed_by(connection: Connection, day: date) -> bool:
    """Return whether the checkpoint of a day, or of a later one, was mailed."""
    return _value(connection, _DAY) >= day.toordinal()


def set_mailed(connection: Connection, size: int, day: date) -> None:
    """Keep the size of the log of which a checkpoint is mailed, and on which day."""
    put(connection, _COUNTER, {"name": _SIZE}, {"value": size})
    put(connection, _COUNTER, {"name": _DAY}, {"value": day.toordinal()})


def looked(connection: Connection) -> int:
    """Return when the mailbox of bounces was read last, in seconds since 1970; 0 for never."""
    return _value(connection, _LOOKED)


def set_looked(connection: Connection, second: int) -> None:
    """Keep when the mailbox of bounces was read last."""
    put(connection, _COUNTER, {"name": _LOOKED}, {"value": second})


def alive_on(connection: Connection) -> int:
    """Return the day of the last sign of life, as its ordinal; 0 before the first."""
    return _value(connection, _ALIVE)


def set_alive(connection: Connection, day: date) -> None:
    """Keep the day for which a sign of life was written."""
    put(connection, _COUNTER, {"name": _ALIVE}, {"value": day.toordinal()})


def bring_back(connection: Connection, today: date) -> None:
    """Forget the days to come for which a wrong clock has written: today's mails are due anew.

    One may so be written twice; one left out would be taken for an alarm, or would be none.
    """
    days = (_COUNTER.c.name.in_((_ALIVE, _DAY)), _COUNTER.c.value > today.toordinal())
    connection.execute(delete(_COUNTER).where(*days))


def _value(connection: Connection, name: str) -> int:
    found = select(_COUNTER.c.value).where(_COUNTER.c.name == name)
    return int(connection.execute(found).scalar() or 0)
