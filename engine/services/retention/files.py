"""What lies outside the tables: documents, mails in a folder, and the pages that were freed."""

from __future__ import annotations

from collections.abc import Collection
from email.parser import BytesHeaderParser
from pathlib import Path

from engine.app import App
from engine.store import documents, papers

_FORMS = (".eml", ".txt", ".html")


def remove_erased(app: App) -> int:
    """Delete the files of erased documents that still lie there; return how many did.

    They go after the transaction that says so. Whatever a crash left between the two, this
    finds again.
    """
    with app.database.read() as store:
        gone = papers.erased(store.connection)
    folder = app.config.documents
    lying = [uid for uid in gone if documents.lies(folder, uid)]
    for uid in lying:
        documents.erase(folder, uid)
    return len(lying)


def remove_mails(folder: Path, message_ids: Collection[str]) -> int:
    """Delete the mails of these Message-IDs that were written into a folder, in each form."""
    wanted = set(message_ids)
    count = 0
    for path in sorted(folder.glob("*.eml")) if wanted and folder.is_dir() else []:
        with path.open("rb") as file:
            head = BytesHeaderParser().parse(file)
        if str(head["Message-ID"] or "").strip() in wanted:
            count += 1
            for form in _FORMS:
                path.with_suffix(form).unlink(missing_ok=True)
    return count


def compact(app: App) -> int:
    """Write the database anew, so that nothing erased is left in its files.

    Deletes what is left of erased documents, too; returns how many those were. Takes as long
    as copying the database, and holds other writers up meanwhile.
    """
    count = remove_erased(app)
    app.database.compact()
    return count
