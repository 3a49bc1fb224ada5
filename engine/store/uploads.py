"""Files that came in and belong to no case yet, within one transaction."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from engine.store.tables import UploadRow
from engine.store.tables.base import table

_UPLOAD = table(UploadRow)

CLEAN, UNSCANNED, WAITING = "clean", "unscanned", "waiting"


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
