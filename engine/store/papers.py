"""Which documents the database names, and what the log committed to of each."""

from __future__ import annotations

from sqlalchemy import Connection, and_, exists, select

from engine.core.meanings import FileClass
from engine.store.tables import CaseRow, DocumentRow, ErasureRow, UploadRow
from engine.store.tables.base import table

_DOCUMENT, _UPLOAD = table(DocumentRow), table(UploadRow)
_CASE, _ERASURE = table(CaseRow), table(ErasureRow)
_ERASED = exists().where(
    and_(
        _ERASURE.c.subject == _CASE.c.uid,
        _ERASURE.c.state == "erased",
        _ERASURE.c.file_class.in_([FileClass.DOCUMENTS.value, FileClass.FILE.value]),
    )
)


def committed(connection: Connection) -> dict[str, str]:
    """Return the commitment of every document that was not erased, by its uid."""
    found = select(_DOCUMENT.c.uid, _DOCUMENT.c.commitment)
    found = found.join(_CASE, _CASE.c.id == _DOCUMENT.c.case_id).where(~_ERASED)
    return {row.uid: row.commitment for row in connection.execute(found)}


def uploaded(connection: Connection) -> list[str]:
    """Return the uids of files that came in and belong to no case yet."""
    return list(connection.execute(select(_UPLOAD.c.uid)).scalars())


def erased(connection: Connection) -> list[str]:
    """Return the uids of the documents that were erased."""
    found = select(_DOCUMENT.c.uid).join(_CASE, _CASE.c.id == _DOCUMENT.c.case_id)
    return list(connection.execute(found.where(_ERASED)).scalars())
