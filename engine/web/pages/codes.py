"""A short code looked up: which line of the log it is, and whether that line holds."""

from __future__ import annotations

from typing import Any

from fastapi.responses import Response

from engine.core.meanings import OfficeMeans
from engine.errors import EngineError, Text
from engine.services.evidence.code_words import ALTERED, FITS, UNKNOWN, sealed_words, standing_words
from engine.services.evidence.codes import Line, lines_of
from engine.web.access import Action, Decision, authorize
from engine.web.desk import AtDesk, Desk, Hidden
from engine.web.routes import Pages

pages = Pages()

_LONGEST = 60
_ENTRY = Text("Eintrag des Protokolls", "entry of the log")


@pages.get("/pruefcode", Action.CODES)
def look_up(desk: AtDesk, code: str = "") -> Response:
    """Show what a code leads to, as far as the visitor may know of it."""
    words = code.strip()[:_LONGEST]
    try:
        found = lines_of(desk.app, words) if words else []
    except EngineError as error:
        return _show(desk, words, [], error.text)
    return _show(desk, words, found, UNKNOWN if words and not found else None)


def _show(desk: Desk, words: str, found: list[Line], told: Text | None) -> Response:
    shown = [_shown(desk, line) for line in found]
    return desk.render("codes.html", code=words, lines=shown, told=told)


def _shown(desk: Desk, line: Line) -> dict[str, Any]:
    """Return a line for the page; of a case that is none of hers, only that there is a line."""
    hers = _hers(desk, line)
    note = line.note if hers else None
    roster = desk.world.roster
    return {
        "code": line.code,
        "kind": line.kind if hers or line.note is not None or not line.fits else _ENTRY,
        "case": line.case if hers else None,
        "strand": f"{line.stream}, Nr. {line.seq}" if hers else None,
        "at": line.at,
        "sound": line.sound,
        "fits": FITS if line.fits else ALTERED,
        "sealed": line.sealed is not None,
        "seal": sealed_words(line),
        "leaf": line.leaf,
        "note": note,
        "issuer": None if note is None else roster.office(note.office).name,
        "standing": None if note is None else standing_words(note),
    }


def _hers(desk: Desk, line: Line) -> bool:
    """Return whether she may know what a line is about; a look by a grant is entered first."""
    if line.case is None:
        return OfficeMeans.LEGAL in desk.acting.means
    if authorize(desk.actor, Action.CASE_READ, line.case) is not Decision.ALLOWED:
        return False
    try:
        desk.looked(line.case, "code")
    except Hidden:
        return False
    return True
