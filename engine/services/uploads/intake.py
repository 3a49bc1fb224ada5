"""A file comes in: examined, scanned, written among the documents, or refused with a reason."""

from __future__ import annotations

from datetime import timedelta

from engine.app import App
from engine.core.case import Document
from engine.errors import InputError, NotFound, Refused, Text
from engine.services.uploads.kinds import examined
from engine.services.uploads.scan import Verdict, scanned
from engine.store import documents
from engine.store.uploads import CLEAN, UNSCANNED, WAITING, Upload

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


def accept(app: App, uid: str, kind: str) -> Document:
    """Return a file that has left quarantine as a document; Quarantined while it is there."""
    with app.database.read() as store:
        upload = store.uploads.get(uid)
    if upload is None:
        raise NotFound(
            "Diese Datei liegt nicht (mehr) bereit. Bitte senden Sie sie noch einmal.",
            "This file is not here (any more). Please send it again.",
        )
    if upload.state == WAITING:
        raise Quarantined(upload)
    return _document(upload, kind)


def waiting(app: App) -> list[Upload]:
    """Return the files in quarantine, the oldest first."""
    with app.database.read() as store:
        return store.uploads.waiting()


def unscanned(app: App, uid: str) -> bool:
    """Return whether a document came in while no scanner was set up."""
    with app.database.read() as store:
        upload = store.uploads.get(uid)
    return upload is not None and upload.state == UNSCANNED


def rescan(app: App) -> tuple[int, int]:
    """Ask the scanner for every file in quarantine; return how many were clean, how many not.

    What it finds is erased, and so is what nobody could look at for a week. Once it does not
    answer, the rest waits for the next time; where none is set up any more, all of it does.
    """
    clean = bad = 0
    silent = app.config.settings.uploads.scanner is None
    for upload in waiting(app):
        state: str | None = WAITING
        if not silent:
            with documents.open_document(app.config.documents, upload.uid) as file:
                state = _state(app, file.read())
        silent = silent or state == WAITING
        if state == CLEAN:
            clean += _released(app, upload)
        elif state is None or app.clock.now() - upload.received_at > KEPT_FOR:
            bad += _erased(app, upload)
    return clean, bad


def _released(app: App, upload: Upload) -> bool:
    with app.database.write() as store:
        return store.uploads.settle(upload.uid, CLEAN)


def _erased(app: App, upload: Upload) -> bool:
    """Erase a file that nobody has taken into a case; the row goes first."""
    with app.database.write() as store:
        gone = store.uploads.drop(upload.uid)
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
