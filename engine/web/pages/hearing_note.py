"""The Prüfvermerk of a case: as the file stands, as it was issued, and whether that still holds."""

from __future__ import annotations

from fastapi.responses import Response

from engine.errors import EngineError, Text
from engine.services.evidence.code_words import standing_words
from engine.services.evidence.noted import IssuedNote, notes_of
from engine.services.evidence.noting import issue, may_issue
from engine.web.access import Action
from engine.web.desk import AtDesk, Desk, Sent
from engine.web.routes import Pages

pages = Pages()


@pages.get("/vorhaben/{number}/pruefvermerk", Action.CASE_SHOW)
def show(desk: AtDesk, number: str) -> Response:
    """Show the note as one pastes it, with its code once it was issued, and earlier ones."""
    return _show(desk, number)


@pages.post("/vorhaben/{number}/pruefvermerk", Action.CASE_NOTE)
def give_out(desk: AtDesk, sent: Sent, number: str) -> Response:
    """Issue the note; one that still says what the file says is shown again."""
    desk.file(number)
    try:
        issued = issue(desk.app, number, desk.me.person)
    except EngineError as error:
        return _show(desk, number, error.text)
    words = Text(f"Ausgestellt: Prüfcode {issued.code}.", f"Issued: code {issued.code}.")
    return desk.back(f"/vorhaben/{number}/pruefvermerk", words)


def _show(desk: Desk, number: str, told: Text | None = None) -> Response:
    case = desk.file(number).case
    found = notes_of(desk.app, number)
    current = found.current
    note = found.now if current is None else current.note
    return desk.render(
        "cases/hearing_note.html",
        200 if told is None else 422,
        case=case,
        note=note,
        issued=current is not None,
        earlier=[_earlier(desk, n) for n in found.issued if n is not current],
        may=may_issue(desk.acting, case),
        told=told,
    )


def _earlier(desk: Desk, note: IssuedNote) -> dict[str, object]:
    return {
        "code": note.code,
        "at": note.at,
        "by": desk.world.roster.office(note.office).name,
        "paper": note.paper,
        "outdated": note.outdated is not None,
        "words": standing_words(note),
    }
