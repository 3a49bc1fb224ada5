"""Files that came in and belong to no case yet, within one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, exists, insert, select, update

from engine.store.tables import DocumentRow, RefusedUploadRow, UploadRow
from engine.store.tables.base import table

_UPLOAD, _REFUSED = table(UploadRow), table(RefusedUploadRow)
_DOCUMENT = table(DocumentRow)

CLEAN, UNSCANNED, WAITING = "clean", "unscanned", "waiting"
FOUND, UNSEEN = "found", "unseen"
"""Why a file was erased in quarantine: something was found, or nobody could look at it."""

_TAKEN = exists().where(_DOCUMENT.c.uid == _UPLOAD.c.uid)
_AT_ONCE = 500
"""Names that one question asks for."""


@dataclass(frozen=True, slots=True)
class Upload:
    """A file among the documents; `waiting` means that no scanner has looked at it yet."""

    uid: str
    account: str
    name: str
    media: str
    size: int
    commitment: str
    state: str
    received_at: datetime


@dataclass(frozen=True, slots=True)
class RefusedUpload:
    """A file that was erased in quarantine; `why` is FOUND or UNSEEN."""

    uid: str
    account: str
    name: str
    why: str
    refused_at: datetime


class Uploads:
    """The files that came in, within one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, upload: Upload) -> None:
        """Keep a file that came in."""
        row = {name: getattr(upload, name) for name in Upload.__dataclass_fields__}
        self._connection.execute(insert(_UPLOAD).values(row))

    def get(self, uid: str) -> Upload | None:
        """Return a file that came in, or None."""
        row = self._connection.execute(select(*_columns()).where(_UPLOAD.c.uid == uid)).first()
        return None if row is None else Upload(*row)

    def waiting(self) -> list[Upload]:
        """Return the files in quarantine, the oldest first."""
        found = select(*_columns()).where(_UPLOAD.c.state == WAITING)
        rows = self._connection.execute(found.order_by(_UPLOAD.c.received_at, _UPLOAD.c.uid))
        return [Upload(*row) for row in rows]

    def of(self, account: str) -> list[Upload]:
        """Return an account's files that no case has taken, the oldest first."""
        found = select(*_columns()).where(_UPLOAD.c.account == account, ~_TAKEN)
        rows = self._connection.execute(found.order_by(_UPLOAD.c.received_at, _UPLOAD.c.uid))
        return [Upload(*row) for row in rows]

    def taken(self, uid: str) -> bool:
        """Return whether a case has taken a file."""
        found = select(_DOCUMENT.c.uid).where(_DOCUMENT.c.uid == uid)
        return self._connection.execute(found).first() is not None

    def named(self, uids: Sequence[str]) -> set[str]:
        """Return which of these names belong to a document of a case or to a file that came in."""
        known: set[str] = set()
        for start in range(0, len(uids), _AT_ONCE):
            some = uids[start : start + _AT_ONCE]
            for rows in (_DOCUMENT, _UPLOAD):
                found = select(rows.c.uid).where(rows.c.uid.in_(some))
                known |= set(self._connection.execute(found).scalars())
        return known

    def untaken(self, before: datetime) -> list[str]:
        """Return the uids of files that came in before then and that no case has taken."""
        found = select(_UPLOAD.c.uid).where(_UPLOAD.c.received_at < before, ~_TAKEN)
        return list(self._connection.execute(found).scalars())

    def drop_untaken(self, uid: str) -> bool:
        """Forget a file unless a case has taken it; return whether it was forgotten."""
        gone = delete(_UPLOAD).where(_UPLOAD.c.uid == uid, ~_TAKEN)
        return self._connection.execute(gone).rowcount == 1

    def refuse(self, upload: Upload, why: str, at: datetime) -> bool:
        """Forget a file in quarantine and remember why; return whether it was there."""
        if not self.drop(upload.uid):
            return False
        row = {"uid": upload.uid, "account": upload.account, "name": upload.name}
        self._connection.execute(insert(_REFUSED).values({**row, "why": why, "refused_at": at}))
        return True

    def refused(self, account: str) -> list[RefusedUpload]:
        """Return an account's files that were erased in quarantine, the latest first."""
        columns = [_REFUSED.c[name] for name in RefusedUpload.__dataclass_fields__]
        found = select(*columns).where(_REFUSED.c.account == account)
        rows = self._connection.execute(found.order_by(_REFUSED.c.refused_at.desc()))
        return [RefusedUpload(*row) for row in rows]

    def forget_refused(self, before: datetime) -> None:
        """Forget which files were erased in quarantine before then."""
        self._connection.execute(delete(_REFUSED).where(_REFUSED.c.refused_at < before))

    def settle(self, uid: str, state: str) -> bool:
        """Let a file out of quarantine; return whether it was there."""
        held = (_UPLOAD.c.uid == uid, _UPLOAD.c.state == WAITING)
        return (
            self._connection.execute(update(_UPLOAD).where(*held).values(state=state)).rowcount == 1
        )

    def drop(self, uid: str) -> bool:
        """Forget a file; its bytes are the caller's to erase. Return whether it was known."""
        gone = delete(_UPLOAD).where(_UPLOAD.c.uid == uid)
        return self._connection.execute(gone).rowcount == 1


def _columns() -> list[Any]:
    return [_UPLOAD.c[name] for name in Upload.__dataclass_fields__]
