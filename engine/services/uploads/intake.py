"""A file comes in: examined, scanned, written among the documents, or refused with a reason."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from engine.app import App
from engine.core.case import Document
from engine.errors import InputError, NotFound, Refused, Text
from engine.services.uploads.kinds import examined
from engine.services.uploads.scan import Verdict, scanned
from engine.store import documents
from engine.store.uploads import CLEAN, FOUND, UNSCANNED, UNSEEN, WAITING, RefusedUpload, Upload

KEPT_FOR = timedelta(days=7)
"""How long a file stays in quarantine that no scanner ever looked at."""

_MEGA = 1024 * 1024


class Quarantined(Refused):
    """A file that waits for the scanner; `uid` names it, so that it need not be sent again."""

    def __init__(self, upload: Upload) -> None:
        super().__init__(
            f"„{upload.name}“ liegt in Quarantäne: Der Virenscanner antwortet nicht. Der Schritt "
            "ist nicht eingetragen. Die Datei wird geprüft, sobald er wieder läuft; senden Sie "
            "das Formular dann noch einmal ab, oder tragen Sie den Schritt ohne Datei ein.",
            f"'{upload.name}' is in quarantine: the malware scanner does not answer. The step "
            "was not entered. The file is looked at as soon as it runs again; send the form "
            "again then, or enter the step without the file.",
        )
        self.uid = upload.uid


def taken(
    app: App, kind: str, name: str, declared: str, data: bytes, *, account: str = ""
) -> Document:
    """Write a file that came in among the documents; return how a case names it.

    Raises InputError for what is not taken at all, Quarantined where the scanner that is set
    up cannot be asked: the file waits then, and is no part of any case.
    """
    limits = app.config.settings.uploads
    plain, found = examined(name, declared, data, limits.largest * _MEGA)
    state = _state(app, data)
    if state is None:
        raise _infected(plain)
    filed = documents.put(app.config.documents, data)
    upload = Upload(
        filed.uid,
        account,
        plain,
        found.media,
        filed.size,
        filed.commitment,
        state,
        app.clock.now(),
    )
    with app.database.write() as store:
        store.uploads.add(upload)
    if state == WAITING:
        raise Quarantined(upload)
    return _document(upload, kind)


def accept(app: App, uid: str, kind: str, *, account: str | None = None) -> Document:
    """Return a file that has left quarantine as a document; Quarantined while it is there.

    Raises NotFound for one that is not there any more or, where an account is given, is not
    its own; Refused for one that a case has taken already.
    """
    with app.database.read() as store:
        upload, taken_already = store.uploads.get(uid), store.uploads.taken(uid)
    if upload is None or account not in (None, upload.account):
        raise NotFound(
            "Diese Datei liegt nicht (mehr) bereit. Bitte senden Sie sie noch einmal.",
            "This file is not here (any more). Please send it again.",
        )
    if taken_already:
        raise Refused(
            f"„{upload.name}“ gehört schon zu einem Vorgang. Senden Sie die Datei noch einmal, "
            "wenn sie auch hier gebraucht wird.",
            f"'{upload.name}' belongs to a case already. Send the file again if it is needed "
            "here, too.",
        )
    if upload.state == WAITING:
        raise Quarantined(upload)
    return _document(upload, kind)


def still_there(app: App, filed: Iterable[Document]) -> None:
    """Raise NotFound where a file that waits for its deed was forgotten meanwhile."""
    with app.database.read() as store:
        gone = [d.name for d in filed if store.uploads.get(d.uid) is None]
    if gone:
        names = ", ".join(gone)
        raise NotFound(
            f"Diese Dateien wurden lange nicht eingereicht und liegen nicht mehr bereit: {names}. "
            "Bitte entfernen Sie sie hier, und senden Sie sie noch einmal.",
            f"These files were not filed for long and are not here any more: {names}. Please "
            "remove them here and send them again.",
        )


def own(app: App, account: str) -> list[Upload]:
    """Return an account's files that no case has taken, in quarantine or out of it."""
    with app.database.read() as store:
        return store.uploads.of(account)


def refused(app: App, account: str) -> list[RefusedUpload]:
    """Return an account's files that were erased in quarantine, the latest first."""
    with app.database.read() as store:
        return store.uploads.refused(account)


def waiting(app: App) -> list[Upload]:
    """Return the files in quarantine, the oldest first."""
    with app.database.read() as store:
        return store.uploads.waiting()


def unscanned(app: App, uid: str) -> bool:
    """Return whether a document came in while no scanner was set up."""
    with app.database.read() as store:
        upload = store.uploads.get(uid)
    return upload is not None and upload.state == UNSCANNED


def rescan(app: App, account: str | None = None) -> tuple[int, int]:
    """Ask the scanner for every file in quarantine; return how many were clean, how many not.

    With an account only for its own. What the scanner finds is erased, and so is what nobody
    could look at for a week. Once it does not answer, the rest waits for the next time; where
    none is set up any more, all of it does.
    """
    clean = bad = 0
    silent = app.config.settings.uploads.scanner is None
    for upload in waiting(app):
        if account not in (None, upload.account):
            continue
        state: str | None = WAITING
        if not silent:
            try:
                with documents.open_document(app.config.documents, upload.uid) as file:
                    state = _state(app, file.read())
            except NotFound:
                # Somebody else asked at the same moment, and it is gone.
                continue
        silent = silent or state == WAITING
        if state == CLEAN:
            clean += _released(app, upload)
        elif state is None:
            bad += _erased(app, upload, FOUND)
        elif app.clock.now() - upload.received_at > KEPT_FOR:
            bad += _erased(app, upload, UNSEEN)
    return clean, bad


def _released(app: App, upload: Upload) -> bool:
    with app.database.write() as store:
        return store.uploads.settle(upload.uid, CLEAN)


def _erased(app: App, upload: Upload, why: str) -> bool:
    """Erase a file that nobody has taken into a case, and say why; the row goes first."""
    with app.database.write() as store:
        gone = store.uploads.refuse(upload, why, app.clock.now())
    documents.erase(app.config.documents, upload.uid)
    return gone


def warning(app: App) -> Text | None:
    """Return what pages must say while nobody looks for malware, None where somebody does."""
    if app.config.settings.uploads.scanner is not None:
        return None
    return Text(
        "Hochgeladene Dateien werden nicht auf Schadprogramme geprüft: In config.yaml ist kein "
        "Virenscanner eingetragen (uploads.scanner).",
        "Files that come in are not looked at for malware: config.yaml names no scanner "
        "(uploads.scanner).",
    )


def _state(app: App, data: bytes) -> str | None:
    """Return in which state a file is after the scanner was asked; None for a find."""
    scanner = app.config.settings.uploads.scanner
    if scanner is None:
        return UNSCANNED
    verdict = scanned(app.config, scanner, data)
    return {Verdict.CLEAN: CLEAN, Verdict.SILENT: WAITING, Verdict.FOUND: None}[verdict]


def _document(upload: Upload, kind: str) -> Document:
    return Document(upload.uid, kind, upload.commitment, upload.size, upload.media, 0, upload.name)


def _infected(name: str) -> InputError:
    return InputError(
        f"„{name}“ wurde nicht angenommen: Der Virenscanner hat etwas gefunden. Es ist nichts "
        "gespeichert. Wenden Sie sich an die Systemverwaltung, bevor Sie die Datei weitergeben.",
        f"'{name}' was not taken: the malware scanner has found something. Nothing was stored. "
        "Turn to your system administrator before you pass the file on.",
    )
