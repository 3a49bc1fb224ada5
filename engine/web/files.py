"""Files of a form: those that come with it, and those that came before and wait to be filed.

A file that was in quarantine when its form was sent need not come twice: once it is out, every
form that takes documents offers it to whoever had sent it, and to nobody else.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePath

from starlette.datastructures import FormData

from engine.core.case import Document
from engine.errors import Text
from engine.services import private, uploads
from engine.store.uploads import WAITING, Upload
from engine.web import confirming
from engine.web.desk import Desk
from engine.web.forms import READY, uploads_of
from engine.web.registration import KIND, Draft

AGAIN = "pruefen"
"""The name of the button that asks the scanner once more and files nothing."""


def came(desk: Desk, sent: FormData, field: str) -> tuple[Document, ...]:
    """Return the documents that a field of a form has sent or chosen, examined and kept.

    Raises as `uploads.taken` and `uploads.accept`.
    """
    kind = str(sent.get(f"{field}.art", "")) or "vorlage"
    chosen = dict.fromkeys(str(uid) for uid in sent.getlist(f"{field}.{READY}"))
    whose = desk.me.account
    before = [uploads.accept(desk.app, uid, kind, account=whose) for uid in chosen]
    new = []
    for said, file in uploads_of(sent, field):
        name = PurePath(str(file.filename).replace("\\", "/")).name
        media, data = file.content_type or "", file.file.read()
        new.append(uploads.taken(desk.app, said, name, media, data, account=whose))
    return (*before, *new)


@dataclass(frozen=True, slots=True)
class Offered:
    """Files that can be chosen, those still in quarantine, and the names of those chosen.

    `told` is what has just come of asking the scanner once more.
    """

    ready: tuple[Upload, ...]
    quarantined: tuple[Upload, ...]
    chosen: frozenset[str]
    told: Text | None = None


def offered(desk: Desk, sent: FormData | None = None) -> Offered:
    """Return the files that a form offers; asks the scanner first if the form says so.

    What lies in a draft of hers is not offered: it is filed with the draft.
    """
    told = looked_again(desk) if sent is not None and AGAIN in sent else None
    drafted = in_drafts(desk)
    rows = [u for u in uploads.own(desk.app, desk.me.account) if u.uid not in drafted]
    ready = tuple(u for u in rows if u.state != WAITING)
    held = () if sent is None else sent.multi_items()
    chosen = frozenset(str(v) for name, v in held if name.endswith(f".{READY}"))
    return Offered(ready, tuple(u for u in rows if u.state == WAITING), chosen, told)


def looked_again(desk: Desk) -> Text:
    """Ask the scanner once more; return what came of it in words."""
    clean, bad = uploads.rescan(desk.app, desk.me.account)
    waits = sum(u.state == WAITING for u in uploads.own(desk.app, desk.me.account))
    if not (clean or bad):
        return Text(
            f"Der Virenscanner antwortet noch nicht. Dateien in Quarantäne: {waits}.",
            f"The malware scanner does not answer yet. Files in quarantine: {waits}.",
        )
    return Text(
        f"Geprüft: {clean + bad}. Bereit: {clean}, gelöscht: {bad}, noch in Quarantäne: {waits}.",
        f"Examined: {clean + bad}. Ready: {clean}, erased: {bad}, still in quarantine: {waits}.",
    )


def in_drafts(desk: Desk) -> set[str]:
    """Return the names of the files that lie in the visitor's own drafts."""
    found: set[str] = set()
    for row in private.all_of(desk.app, desk.me):
        if row.kind.startswith(KIND):
            found |= {d.uid for d in Draft.read(row.text).documents}
        elif row.kind.startswith(confirming.PREFIX):
            found |= set(confirming.files_in(row.text))
    return found
