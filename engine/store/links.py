"""Personal links of letters and the visits that they open, within one transaction.

Tokens never come here: a link and a visit are known by their hashes.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, exists, insert, null, select, update

from engine.store.tables import CaseLinkRow, CaseRow
from engine.store.tables.base import table

_LINK = table(CaseLinkRow)
_CASE = table(CaseRow)


@dataclass(frozen=True, slots=True)
class NewLink:
    """A link that a message is about to carry, by the hash of its token; `case` is a uid."""

    digest: bytes
    case: str
    participation: str
    office: str
    person: str
    made_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Link:
    """A link as it is kept; `case` is the uid of its case, `message` the mail that carries it."""

    digest: bytes
    case: str
    participation: str
    office: str
    person: str
    message: int
    made_at: datetime
    expires_at: datetime
    ended_at: datetime | None
    used_at: datetime | None
    visit_until: datetime | None


class Links:
    """The links of the database."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, links: Iterable[NewLink], message: int) -> None:
        """Keep the links that a message carries; each ends the earlier ones in its place."""
        for link in links:
            self.end(link.case, link.participation, link.made_at)
            row = {name: getattr(link, name) for name in NewLink.__dataclass_fields__}
            row["case_id"] = select(_CASE.c.id).where(_CASE.c.uid == row.pop("case"))
            row["case_id"] = row["case_id"].scalar_subquery()
            self._connection.execute(insert(_LINK).values(**row, message_id=message))

    def get(self, digest: bytes) -> Link | None:
        """Return a link, whatever its state, or None."""
        return self._one(_links().where(_LINK.c.digest == digest))

    def of_visit(self, visit: bytes) -> Link | None:
        """Return the link that opened a visit, or None; whether it still lasts is not asked."""
        return self._one(_links().where(_LINK.c.visit == visit))

    def of_case(self, case: str) -> list[Link]:
        """Return the links of a case, the newest last."""
        found = _links().where(_CASE.c.uid == case)
        rows = self._connection.execute(found.order_by(_LINK.c.made_at, _LINK.c.digest))
        return [_as_link(row) for row in rows]

    def use(self, digest: bytes, at: datetime, visit: bytes, until: datetime) -> bool:
        """Use a link up and open its visit; False if it was used, has expired or was replaced."""
        good = (
            _LINK.c.digest == digest,
            _LINK.c.used_at.is_(None),
            _LINK.c.ended_at.is_(None),
            _LINK.c.expires_at > at,
        )
        new = {"used_at": at, "visit": visit, "visit_until": until}
        return self._connection.execute(update(_LINK).where(*good).values(new)).rowcount == 1

    def end(self, case: str, participation: str, at: datetime) -> int:
        """End the links of a participation and the visits they opened; return how many."""
        row = select(_CASE.c.id).where(_CASE.c.uid == case).scalar_subquery()
        mine = (_LINK.c.case_id == row, _LINK.c.participation == participation)
        still = update(_LINK).where(*mine, _LINK.c.ended_at.is_(None))
        return int(self._connection.execute(still.values(ended_at=at, visit=null())).rowcount)

    def leave(self, visit: bytes) -> None:
        """End a visit before its time."""
        self._connection.execute(
            update(_LINK).where(_LINK.c.visit == visit).values(visit=null(), visit_until=null())
        )

    def live_in(self, message: int, now: datetime) -> bool:
        """Return whether a message carries a link that would still open something."""
        good = and_(
            _LINK.c.message_id == message,
            _LINK.c.used_at.is_(None),
            _LINK.c.ended_at.is_(None),
            _LINK.c.expires_at > now,
        )
        return bool(self._connection.execute(select(exists().where(good))).scalar())

    def _one(self, found: Any) -> Link | None:
        row = self._connection.execute(found).first()
        return None if row is None else _as_link(row)


def _links() -> Any:
    c = _LINK.c
    return select(
        c.digest,
        _CASE.c.uid,
        c.participation,
        c.office,
        c.person,
        c.message_id,
        c.made_at,
        c.expires_at,
        c.ended_at,
        c.used_at,
        c.visit_until,
    ).select_from(_LINK.join(_CASE, _CASE.c.id == c.case_id))


def _as_link(row: Any) -> Link:
    return Link(bytes(row[0]), *row[1:])
