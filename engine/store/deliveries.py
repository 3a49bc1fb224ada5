"""Statutory mails with their proof: what was sent to whom, and what the other side said.

Letters of the accounts carry no notice and are left out: their links are nobody's business.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, exists, select

from engine.errors import NotFound
from engine.store.tables import AttemptRow, CaseRow, MessageNoticeRow, MessageRow, NoticeRow
from engine.store.tables.base import table

_MESSAGE = table(MessageRow)
_LINK = table(MessageNoticeRow)
_NOTICE = table(NoticeRow)
_ATTEMPT = table(AttemptRow)
_CASE = table(CaseRow)

_SHOWN = (
    "id",
    "uid",
    "message_id",
    "person",
    "address",
    "subject",
    "created_at",
    "state",
    "attempts",
    "last_code",
    "last_text",
    "accepted_at",
)


@dataclass(frozen=True, slots=True)
class Carried:
    """A notice that a mail carries: which letter, to which office, in which participation."""

    letter: str
    office: str
    number: str
    uid: str
    participation: str


@dataclass(frozen=True, slots=True)
class Delivery:
    """A mail to one person with the last answer of the server, and the notices it carries."""

    id: int
    uid: str
    message_id: str
    person: str
    address: str
    subject: str
    created_at: datetime
    state: str
    attempts: int
    last_code: int | None
    last_text: str | None
    accepted_at: datetime | None
    carries: tuple[Carried, ...] = ()

    @property
    def standing(self) -> str:
        """Its state; `presumed` where nobody but a person says that it has left."""
        taken = self.state == "accepted" and self.accepted_at is None
        return "presumed" if taken else self.state


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try to hand a mail over, and what the other side said."""

    number: int
    started_at: datetime
    ended_at: datetime | None
    outcome: str | None
    code: int | None
    text: str | None


@dataclass(frozen=True, slots=True)
class Proof:
    """Everything about one mail; `digest` is the SHA-256 of its bytes, None once emptied."""

    delivery: Delivery
    attempts: tuple[Attempt, ...]
    digest: str | None
    data: bytes


class Deliveries:
    """Reads of mails that carry notices, within one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def page(
        self, *, case: str | None = None, after: int | None = None, limit: int = 50
    ) -> list[Delivery]:
        """Return a page of mails, the newest first, of all cases or of one by its number."""
        found = _mails().order_by(_MESSAGE.c.id.desc()).limit(limit)
        if case is not None:
            row = select(_CASE.c.id).where(_CASE.c.number == case).scalar_subquery()
            link = _LINK.join(_NOTICE, _NOTICE.c.id == _LINK.c.notice_id)
            mine = select(_LINK.c.message_id).select_from(link).where(_NOTICE.c.case_id == row)
            found = found.where(_MESSAGE.c.id.in_(mine))
        if after is not None:
            found = found.where(_MESSAGE.c.id < after)
        rows = [tuple(row) for row in self._connection.execute(found)]
        carried = self._carried(row[0] for row in rows)
        return [_delivery(row, carried.get(row[0], [])) for row in rows]

    def proof(self, message: int) -> Proof:
        """Return everything about one mail; NotFound for one that carries no notice."""
        row = self._connection.execute(_mails().where(_MESSAGE.c.id == message)).first()
        if row is None:
            raise NotFound(
                f"Einen Zustellnachweis {message} gibt es nicht.",
                f"There is no proof of delivery {message}.",
            )
        carried = self._carried([message]).get(message, [])
        data = bytes(
            self._connection.execute(
                select(_MESSAGE.c.data).where(_MESSAGE.c.id == message)
            ).scalar_one()
        )
        digest = hashlib.sha256(data).hexdigest() if data else None
        return Proof(_delivery(row, carried), self._attempts(message), digest, data)

    def _attempts(self, message: int) -> tuple[Attempt, ...]:
        columns = (_ATTEMPT.c[name] for name in Attempt.__dataclass_fields__)
        found = select(*columns).where(_ATTEMPT.c.message_id == message)
        rows = self._connection.execute(found.order_by(_ATTEMPT.c.number))
        return tuple(Attempt(*row) for row in rows)

    def _carried(self, messages: Iterable[int]) -> dict[int, Any]:
        c = _NOTICE.c
        found = select(
            _LINK.c.message_id, c.letter, c.office, _CASE.c.number, _CASE.c.uid, c.participation
        )
        found = found.select_from(
            _LINK.join(_NOTICE, _LINK.c.notice_id == c.id).outerjoin(_CASE, _CASE.c.id == c.case_id)
        )
        found = found.where(_LINK.c.message_id.in_(list(messages))).order_by(c.id)
        carried: dict[int, Any] = {}
        for id_, letter, office, number, uid, part in self._connection.execute(found):
            row = Carried(letter, office, number or "", uid or "", part)
            carried.setdefault(id_, []).append(row)
        return carried


def _delivery(row: Any, carried: list[Carried]) -> Delivery:
    named = dict(zip(_SHOWN, row, strict=True))
    return Delivery(**named, carries=tuple(carried))


def _mails() -> Any:
    found = select(*(_MESSAGE.c[name] for name in _SHOWN))
    return found.where(exists().where(_LINK.c.message_id == _MESSAGE.c.id))
