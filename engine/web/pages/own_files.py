"""The visitor's own files that no case has taken: in quarantine, or ready to be filed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fastapi.responses import Response

from engine.core.calendar import local_day
from engine.core.wording import day_text
from engine.errors import NotFound, Text
from engine.services import uploads
from engine.store.uploads import FOUND, UNSCANNED, WAITING, Upload
from engine.web import files
from engine.web.access import Action
from engine.web.desk import AtDesk, Hidden, Sent
from engine.web.routes import Pages

pages = Pages()

PLACE = "/dateien"

STATES = {
    WAITING: (Text("in Quarantäne", "in quarantine"), "warning"),
    UNSCANNED: (Text("bereit, ungeprüft", "ready, not examined"), "info"),
}
READY = (Text("geprüft und bereit", "examined and ready"), "success")
REFUSED = {
    FOUND: Text(
        "Der Virenscanner hat etwas gefunden. Die Datei ist gelöscht. Wenden Sie sich an die "
        "Systemverwaltung, bevor Sie die Datei weitergeben.",
        "The malware scanner has found something. The file is erased. Turn to your system "
        "administrator before you pass the file on.",
    ),
}
UNSEEN = Text(
    "Eine Woche lang hat kein Virenscanner geantwortet. Die Datei ist gelöscht; bitte senden Sie "
    "sie noch einmal.",
    "For a week no malware scanner answered. The file is erased; please send it again.",
)


@pages.get(PLACE, Action.PRIVATE)
def own(desk: AtDesk) -> Response:
    """Show what became of the files that the visitor has sent and that no case has taken."""
    drafted = files.in_drafts(desk)
    held = uploads.own(desk.app, desk.me.account)
    return desk.render(
        "account/files.html",
        rows=[_row(upload, upload.uid in drafted) for upload in held],
        waits=any(u.state == WAITING for u in held),
        refused=[
            {"name": r.name, "at": r.refused_at, "why": REFUSED.get(r.why, UNSEEN)}
            for r in uploads.refused(desk.app, desk.me.account)
        ],
    )


def _row(upload: Upload, drafted: bool) -> dict[str, Any]:
    state = STATES.get(upload.state, READY)
    return {
        "uid": upload.uid,
        "name": upload.name,
        "at": upload.received_at,
        "state": state,
        "what": Text(
            " ".join(t.de for t in _told(upload, drafted)),
            " ".join(t.en for t in _told(upload, drafted)),
        ),
        "drafted": drafted,
    }


def _told(upload: Upload, drafted: bool) -> Iterator[Text]:
    """Yield what happened to a file, and what can be done with it."""
    if upload.state == WAITING:
        last = day_text(local_day(upload.received_at + uploads.KEPT_FOR))
        yield Text(
            "Der Virenscanner hat nicht geantwortet. Die Datei gehört noch zu keinem Vorgang; "
            f"geprüft wird immer wieder bis {last.de}, danach wird sie gelöscht.",
            "The malware scanner did not answer. The file belongs to no case yet; it is tried "
            f"again and again until {last.en}, after that it is erased.",
        )
        return
    last = day_text(local_day(upload.received_at + uploads.UNTAKEN_FOR))
    if drafted:
        yield Text("Liegt in einem Ihrer Entwürfe.", "Lies in one of your drafts.")
    else:
        yield Text(
            "Jedes Ihrer Formulare mit Unterlagen bietet sie jetzt zur Auswahl an.",
            "Every form of yours that takes documents now offers it for choice.",
        )
    yield Text(
        f"Bis {last.de} eingereicht, bleibt sie beim Vorgang; sonst wird sie gelöscht.",
        f"Filed by {last.en} it stays with the case; otherwise it is erased.",
    )


@pages.post(f"{PLACE}/pruefen", Action.PRIVATE)
def again(desk: AtDesk) -> Response:
    """Ask the scanner once more for the visitor's own files in quarantine."""
    return desk.back(PLACE, files.looked_again(desk))


@pages.post(f"{PLACE}/{{uid}}/loeschen", Action.PRIVATE)
def discard(desk: AtDesk, sent: Sent, uid: str) -> Response:
    """Forget a file of the visitor's own that no case has taken."""
    try:
        gone = uploads.discard(desk.app, uid, desk.me.account)
    except NotFound:
        raise Hidden from None
    return desk.back(
        PLACE,
        Text(
            f"„{gone.name}“ ist verworfen und verschwindet binnen {uploads.STRAY_FOR.days} Tagen "
            "auch vom Datenträger.",
            f"'{gone.name}' is discarded and leaves the disk within {uploads.STRAY_FOR.days} days.",
        ),
    )
