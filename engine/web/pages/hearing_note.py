"""The Prüfvermerk of a case, to be copied into the paper."""

from __future__ import annotations

from fastapi.responses import Response

from engine.core.hearing_note import hearing_note
from engine.web.access import Action
from engine.web.desk import AtDesk
from engine.web.routes import Pages

pages = Pages()


@pages.get("/vorhaben/{number}/pruefvermerk", Action.CASE_SHOW)
def show(desk: AtDesk, number: str) -> Response:
    """Show the note as one pastes it: formatted, and as plain text."""
    file = desk.file(number)
    note = hearing_note(file.case, file.world, file.lines)
    return desk.render("cases/hearing_note.html", case=file.case, note=note)
