"""When people want to be written to, within one transaction."""

from __future__ import annotations

from sqlalchemy import Connection, select

from engine.core.wishes import Wishes
from engine.store.roster import put
from engine.store.tables import WishRow
from engine.store.tables.base import table

_WISH = table(WishRow)


def wishes_of(connection: Connection, person: str) -> Wishes | None:
    """Return what a person wishes, or None where she never said."""
    c = _WISH.c
    found = select(c.digest, c.quiet_from, c.quiet_until, c.days).where(c.person == person)
    row = connection.execute(found).first()
    return None if row is None else Wishes(row[0], row[1], row[2], frozenset(map(int, row[3])))


def set_wishes(connection: Connection, person: str, wishes: Wishes) -> None:
    """Keep what a person wishes in the place of what she wished before."""
    row = {
        "digest": wishes.digest,
        "quiet_from": wishes.quiet_from,
        "quiet_until": wishes.quiet_until,
        "days": "".join(map(str, sorted(wishes.days))),
    }
    put(connection, _WISH, {"person": person}, row)
