"""Erasing: every place where the names and texts of a case or a person lie, emptied for good.

Headers stay, so chains, tree and replay hold; what they commit to is gone with its salt. What
is emptied lies in freed pages until the database is written anew (`Database.compact`).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import Connection, Table, and_, delete, exists, null, or_, select, update
from sqlalchemy.sql.elements import ColumnElement

from engine.core.meanings import FileClass
from engine.core.retention import ERASED
from engine.store.chains import MAIL, OFFICES, SYSTEM
from engine.store.outbox import REPORTS, SETTLING
from engine.store.tables import (
    AccountRow,
    AccountTokenRow,
    AttemptRow,
    CaseGrantRow,
    CaseRow,
    DocumentRow,
    EntryBodyRow,
    EntryRow,
    ErasureRow,
    GrantedCaseRow,
    HoldRow,
    IdentityRow,
    MessageNoticeRow,
    MessageRow,
    NoticeRow,
    PasswordRow,
    PersonRow,
    PrivateTextRow,
    RecoveryCodeRow,
    RefusedUploadRow,
    SecondFactorRow,
    SilenceRow,
    UploadRow,
    WebSessionRow,
    WishRow,
)
from engine.store.tables.base import table

_CASE, _ENTRY, _BODY = table(CaseRow), table(EntryRow), table(EntryBodyRow)
_DOCUMENT, _HOLD, _ERASURE = table(DocumentRow), table(HoldRow), table(ErasureRow)
_SILENCE = table(SilenceRow)
_NOTICE, _LINK, _MESSAGE = table(NoticeRow), table(MessageNoticeRow), table(MessageRow)
_ATTEMPT, _GRANT, _GRANTED = table(AttemptRow), table(CaseGrantRow), table(GrantedCaseRow)
_PERSON, _ACCOUNT, _UPLOAD = table(PersonRow), table(AccountRow), table(UploadRow)
_OF_ACCOUNT = tuple(
    table(row)
    for row in (
        IdentityRow,
        PasswordRow,
        SecondFactorRow,
        RecoveryCodeRow,
        AccountTokenRow,
        WebSessionRow,
        PrivateTextRow,
        RefusedUploadRow,
    )
)
_MANY = 400
_UNDER_WAY = ("ready", "sending")


@dataclass(frozen=True, slots=True)
class Letters:
    """The mails of a case or a person that were emptied, by Message-ID, and how many stay.

    A mail that also carries letters of a case still kept stays until that case is released;
    one that has not left yet stays too.
    """

    emptied: tuple[str, ...]
    kept: int


class Erasing:
    """Empties what lies in the database, within one transaction; says nothing in the log."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def texts(self, case: str) -> int:
        """Erase title, reference, names and free texts of a case; return how many bodies.

        Besides the strand of the case these are the lines of other strands that name it, and
        those of the radar that told of the same item.
        """
        title, reference = self._connection.execute(
            select(_CASE.c.title, _CASE.c.reference).where(_CASE.c.uid == case)
        ).one()
        mine = select(_ENTRY.c.id).where(_ENTRY.c.stream == f"case/{case}")
        count = self._bodies(_BODY.c.entry_id.in_(mine))
        count += self._ids(self._elsewhere(case, title, reference))
        row = _row_of(case)
        self._set(_CASE, _CASE.c.uid == case, title=ERASED, reference=None)
        filed = select(_DOCUMENT.c.uid).where(_DOCUMENT.c.case_id == row)
        self._connection.execute(delete(_UPLOAD).where(_UPLOAD.c.uid.in_(filed)))
        self._set(_DOCUMENT, _DOCUMENT.c.case_id == row, name="")
        self._set(_NOTICE, _NOTICE.c.case_id == row, facts="{}", reason=None)
        lifted = and_(_HOLD.c.case_id == row, _HOLD.c.lifted_at.is_not(None))
        self._set(_HOLD, lifted, reason="", lifted_reason="")
        self._set(_SILENCE, _SILENCE.c.case_id == row, reason="")
        self._grants(case)
        return count

    def documents(self, case: str) -> list[str]:
        """Return the names of the files in which the documents of a case lie."""
        found = select(_DOCUMENT.c.uid).where(_DOCUMENT.c.case_id == _row_of(case))
        return list(self._connection.execute(found).scalars())

    def letters(self, case: str) -> Letters:
        """Empty the mails of a case with their answers and lines, as far as they are its own."""
        row = _row_of(case)
        joined = _LINK.join(_NOTICE, _NOTICE.c.id == _LINK.c.notice_id)
        mine = select(_LINK.c.message_id).select_from(joined).where(_NOTICE.c.case_id == row)
        found = self._empty(_MESSAGE.c.id.in_(mine), case)
        self._set(_NOTICE, _NOTICE.c.case_id == row, facts="{}", reason=None)
        return found

    def person(self, person: str) -> Letters:
        """Take a person's name and address out of roster, account and log.

        Her mails are emptied where no case that is still kept needs them as a proof.
        """
        self._set(_PERSON, _PERSON.c.uid == person, name="", email="")
        account = select(_ACCOUNT.c.uid).where(_ACCOUNT.c.person == person)
        for of in _OF_ACCOUNT:
            self._connection.execute(delete(of).where(of.c.account.in_(account)))
        wish = table(WishRow)
        self._connection.execute(delete(wish).where(wish.c.person == person))
        self._set(
            _ACCOUNT,
            _ACCOUNT.c.person == person,
            name="",
            email="",
            state="disabled",
            administrator=False,
        )
        same = and_(_ENTRY.c.stream == OFFICES, _ENTRY.c.type == "person")
        self._ids([id_ for id_, header, _ in self._held(same) if person.encode() in header])
        return self._empty(_MESSAGE.c.person == person, None)

    def _elsewhere(self, case: str, title: str, reference: str | None) -> list[int]:
        outside = ~or_(_ENTRY.c.stream.like("case/%"), _ENTRY.c.stream.like(f"{MAIL}/%"))
        return [
            id_
            for id_, header, body in self._held(outside)
            if case.encode() in header or _tells_of(header, body, title, reference)
        ]

    def _held(self, where: ColumnElement[bool]) -> Any:
        """Yield id, header and body of the lines that still have a body."""
        found = select(_ENTRY.c.id, _ENTRY.c.header, _BODY.c.body)
        found = found.join(_BODY, _BODY.c.entry_id == _ENTRY.c.id)
        for id_, header, body in self._connection.execute(
            found.where(where, _BODY.c.body.is_not(None))
        ):
            yield id_, bytes(header), bytes(body)

    def _empty(self, which: ColumnElement[bool], case: str | None) -> Letters:
        """Empty mails that have left and that no case still kept needs."""
        c = _MESSAGE.c
        found = select(c.id, c.uid, c.message_id, c.attempts).where(which, c.address != "")
        rows = list(self._connection.execute(found))
        free = found.where(c.state.not_in(_UNDER_WAY), ~_needed(case))
        going = list(self._connection.execute(free))
        for some in _chunks([row.id for row in going]):
            new = {"data": b"", "subject": "", "address": "", "last_text": None}
            self._set(_MESSAGE, c.id.in_(some), **new)
            self._set(_ATTEMPT, _ATTEMPT.c.message_id.in_(some), text=None)
        keys = [f"message:{m.uid}" for m in going]
        tried = [f"message:{m.uid}:{n + 1}" for m in going for n in range(m.attempts)]
        keys += [*tried, *(f"{key}:{report}" for key in tried for report in (*REPORTS, SETTLING))]
        for names in _chunks(keys):
            lines = select(_ENTRY.c.id).where(_ENTRY.c.key.in_(names))
            self._bodies(_BODY.c.entry_id.in_(lines))
        return Letters(tuple(m.message_id for m in going), len(rows) - len(going))

    def _grants(self, case: str) -> None:
        """Empty the reasons of grants that are over and open no case that is still kept."""
        kept = exists().where(
            _GRANTED.c.grant_uid == _GRANT.c.uid,
            _GRANTED.c.case_id == _CASE.c.id,
            _CASE.c.title != ERASED,
        )
        mine = exists().where(
            _GRANTED.c.grant_uid == _GRANT.c.uid, _GRANTED.c.case_id == _row_of(case)
        )
        self._set(_GRANT, and_(mine, ~kept), reason="")

    def _ids(self, ids: list[int]) -> int:
        return sum(self._bodies(_BODY.c.entry_id.in_(some)) for some in _chunks(ids))

    def _bodies(self, where: ColumnElement[bool]) -> int:
        erased = update(_BODY).values(salt=null(), body=null())
        return int(
            self._connection.execute(erased.where(where, _BODY.c.body.is_not(None))).rowcount
        )

    def _set(self, of: Table, where: ColumnElement[bool], **new: Any) -> None:
        self._connection.execute(update(of).where(where).values(new))


def _row_of(case: str) -> Any:
    return select(_CASE.c.id).where(_CASE.c.uid == case).scalar_subquery()


def _needed(case: str | None) -> ColumnElement[bool]:
    """Return whether a mail carries a letter of another case whose letters are still kept."""
    released = exists().where(
        _ERASURE.c.subject == _CASE.c.uid,
        _ERASURE.c.state == "erased",
        _ERASURE.c.file_class.in_([FileClass.LETTERS.value, FileClass.FILE.value]),
    )
    carried = [
        _LINK.c.message_id == _MESSAGE.c.id,
        _LINK.c.notice_id == _NOTICE.c.id,
        _NOTICE.c.case_id == _CASE.c.id,
        ~released,
    ]
    if case is not None:
        carried.append(_CASE.c.uid != case)
    return exists().where(*carried)


def _tells_of(header: bytes, body: bytes, title: str, reference: str | None) -> bool:
    """Return whether a line of the strand `system` is about an item of that title or number."""
    said = orjson.loads(body)
    if orjson.loads(header)["stream"] != SYSTEM or title == ERASED:
        return False
    return said.get("title") == title or (bool(reference) and said.get("reference") == reference)


def _chunks(names: Collection[Any]) -> list[list[Any]]:
    rows = list(names)
    return [rows[i : i + _MANY] for i in range(0, len(rows), _MANY)]
