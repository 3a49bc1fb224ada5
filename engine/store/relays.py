"""What is known of the mail servers: which cannot be reached, since when, and how fast mail leaves.

Kept in the database, so that all processes go by it and only one of them tries again.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, or_, select, update

from engine.core.ledger import microseconds
from engine.store.columns import instant
from engine.store.roster import put
from engine.store.tables import CounterRow
from engine.store.tables.base import table

_COUNTER = table(CounterRow)
_PACE = "mail pace"


@dataclass(frozen=True, slots=True)
class Blocked:
    """A mail server that gave no way: since when, how often it was tried, when it is tried next."""

    since: datetime
    tries: int
    next_at: datetime
    told: bool


def blocked(connection: Connection, name: str) -> Blocked | None:
    """Return how a mail server is blocked, None for one that is not."""
    found = {
        row.name: int(row.value)
        for row in connection.execute(select(_COUNTER).where(_COUNTER.c.name.in_(_names(name))))
    }
    since, tries, next_at, told = (found.get(key, 0) for key in _names(name))
    return Blocked(instant(since), tries, instant(next_at), bool(told)) if since else None


def block(connection: Connection, name: str, now: datetime, pauses: Iterable[timedelta]) -> None:
    """Note that a mail server gave no way: it is tried again after the next of the pauses."""
    before, steps = blocked(connection, name), list(pauses)
    tries = 0 if before is None else before.tries
    since = now if before is None else before.since
    pause = steps[min(tries, len(steps) - 1)]
    told = before is not None and before.told
    _keep(connection, name, Blocked(since, tries + 1, now + pause, told))


def probe(connection: Connection, name: str, now: datetime, until: datetime) -> bool:
    """Take the next try of a blocked server for this process; False before it is time."""
    lock = select(_COUNTER.c.value).where(_COUNTER.c.name == _names(name)[2]).with_for_update()
    at = connection.execute(lock).scalar()
    if at is not None and now < instant(int(at)):
        return False
    if at is not None:
        put(connection, _COUNTER, {"name": _names(name)[2]}, {"value": microseconds(until)})
    return True


def told(connection: Connection, name: str) -> None:
    """Note that people were told that a mail server is blocked."""
    put(connection, _COUNTER, {"name": _names(name)[3]}, {"value": 1})


def free(connection: Connection, name: str) -> None:
    """Note that a mail server gives way again."""
    connection.execute(delete(_COUNTER).where(_COUNTER.c.name.in_(_names(name))))


def pace(connection: Connection) -> datetime | None:
    """Return up to when the pace of mails is used up, locked until the end; None at the beginning."""
    lock = select(_COUNTER.c.value).where(_COUNTER.c.name == _PACE).with_for_update()
    found = connection.execute(lock).scalar()
    return None if found is None else instant(int(found))


def set_pace(connection: Connection, until: datetime) -> None:
    """Keep up to when the pace of mails is used up."""
    put(connection, _COUNTER, {"name": _PACE}, {"value": microseconds(until)})


def bring_back(connection: Connection, now: datetime) -> None:
    """Let no server be left alone, and no mail wait, for an instant that a wrong clock wrote."""
    c, at = _COUNTER.c, microseconds(now)
    times = (c.name.like(pattern) for pattern in ("relay % since", "relay % next"))
    late = update(_COUNTER).where(or_(c.name == _PACE, *times), c.value > at)
    connection.execute(late.values(value=at))


def _names(name: str) -> tuple[str, str, str, str]:
    said = f"relay {name}"
    return f"{said} since", f"{said} tries", f"{said} next", f"{said} told"


def _keep(connection: Connection, name: str, new: Blocked) -> None:
    values = (microseconds(new.since), new.tries, microseconds(new.next_at), int(new.told))
    for key, value in zip(_names(name), values, strict=True):
        put(connection, _COUNTER, {"name": key}, {"value": value})
