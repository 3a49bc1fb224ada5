"""What is due for erasure, released by two people; and what of a case is held, kept or gone."""

from __future__ import annotations

from collections.abc import Callable

from fastapi.responses import Response

from engine.core.wording import moment_text
from engine.errors import EngineError, Text
from engine.services import retention
from engine.services.retention import DueLine
from engine.web.access import Action
from engine.web.desk import AtDesk, Desk, Hidden, Sent
from engine.web.routes import Pages

pages = Pages()

STATES = {
    "due": (Text("fällig", "due"), "warning"),
    "proposed": (Text("vorgeschlagen", "proposed"), "info"),
    "held": (Text("gesperrt", "on hold"), "neutral"),
}
_LOOK = Text(
    "Bitte bestätigen Sie, dass Sie geprüft haben, was gelöscht wird.",
    "Please confirm that you have looked at what will be erased.",
)


@pages.get("/loeschfristen", Action.RETENTION)
def list_(desk: AtDesk) -> Response:
    """Show what need not be kept any more, the longest due first."""
    rows = retention.due_lines(desk.app)
    return desk.render(
        "legal/retention.html",
        rows=[(row, *STATES["held" if row.held else row.state]) for row in rows],
        path=_path,
    )


@pages.get("/loeschfristen/{subject}", Action.RETENTION)
def subject(desk: AtDesk, subject: str) -> Response:
    """Show what of one case or person would be erased, and who has to say so."""
    return _subject(desk, subject)


@pages.post("/loeschfristen/{subject}/vorschlag", Action.RETENTION)
def propose(desk: AtDesk, sent: Sent, subject: str) -> Response:
    """Propose to erase what is due of one case or person."""
    words = Text(
        "Vorgeschlagen. Freigeben muss es eine zweite Person des Rechtsamts.",
        "Proposed. A second person of the legal office has to release it.",
    )
    return _done(desk, sent, subject, retention.propose, words)


@pages.post("/loeschfristen/{subject}/freigabe", Action.RETENTION)
def release(desk: AtDesk, sent: Sent, subject: str) -> Response:
    """Erase for good what somebody else proposed."""
    words = Text("Gelöscht. Das Protokoll vermerkt es.", "Erased. The log says so.")
    return _done(desk, sent, subject, retention.release, words)


def _done(
    desk: Desk, sent: Sent, subject: str, deed: Callable[..., object], words: Text
) -> Response:
    first = _of(desk, subject)[0]
    if sent.get("geprueft") != "ja":
        return _subject(desk, subject, _LOOK)
    try:
        deed(desk.app, [first.subject if first.of_person else first.name], desk.me.person)
    except EngineError as error:
        return _subject(desk, subject, error.text)
    return desk.back("/loeschfristen", words)


def _subject(desk: Desk, subject: str, told: Text | None = None) -> Response:
    rows = _of(desk, subject)
    state = "held" if rows[0].held else rows[0].state
    return desk.render(
        "legal/erasure.html",
        200 if told is None else 422,
        rows=rows,
        first=rows[0],
        state=state,
        told=told,
    )


def _of(desk: Desk, subject: str) -> list[DueLine]:
    rows = [row for row in retention.due_lines(desk.app) if row.subject == subject]
    if not rows:
        raise Hidden
    return rows


def _path(row: DueLine) -> str:
    return f"/loeschfristen/{row.subject}"


@pages.get("/vorhaben/{number}/aufbewahrung", Action.RETENTION)
def case(desk: AtDesk, number: str) -> Response:
    """Show what of a case is kept until when, what is gone, and the holds on it."""
    return _case(desk, number)


@pages.post("/vorhaben/{number}/sperre", Action.RETENTION)
def hold(desk: AtDesk, sent: Sent, number: str) -> Response:
    """Set a legal hold: nothing of the case is erased until it is lifted."""
    words = Text(
        "Gesperrt. Nichts aus diesem Vorgang wird gelöscht, bis die Sperre aufgehoben ist.",
        "On hold. Nothing of this case is erased until the hold is lifted.",
    )
    return _held(desk, sent, number, retention.hold, words)


@pages.post("/vorhaben/{number}/sperre/aufheben", Action.RETENTION)
def lift(desk: AtDesk, sent: Sent, number: str) -> Response:
    """Lift the legal holds on a case."""
    words = Text("Die Sperre ist aufgehoben.", "The hold has been lifted.")
    return _held(desk, sent, number, retention.lift, words)


def _held(
    desk: Desk, sent: Sent, number: str, deed: Callable[..., object], words: Text
) -> Response:
    desk.file(number)
    try:
        deed(desk.app, number, desk.me.person, str(sent.get("grund", "")))
    except EngineError as error:
        return _case(desk, number, error.text, str(sent.get("grund", "")))
    return desk.back(f"/vorhaben/{number}/aufbewahrung", words)


def _case(desk: Desk, number: str, told: Text | None = None, reason: str = "") -> Response:
    file = desk.file(number)
    return desk.render(
        "legal/kept.html",
        200 if told is None else 422,
        case=file.case,
        left=retention.remains(desk.app, file.case.uid),
        moment=moment_text,
        reason=reason,
        told=told,
    )
