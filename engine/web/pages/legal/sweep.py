"""The Durchsicht: what is wrong with open cases, and where to see to it."""

from __future__ import annotations

from fastapi.responses import Response

from engine.core.sweep import TITLES, Flaw
from engine.services.legal.sweep import MENDS, Line, sweep
from engine.web.access import Action, may
from engine.web.desk import AtDesk, Desk
from engine.web.routes import Pages

pages = Pages()

MOST = 500
"""Open cases that one visit reads; the command reads all of them."""
_SHOWN = 50
_FOR_ADMINISTRATORS = "/verwaltung"


@pages.get("/durchsicht", Action.OVERVIEW)
def show(desk: AtDesk) -> Response:
    """Show each flaw with the cases that have it, the most urgent first."""
    found = sweep(desk.app, limit=MOST, seen_by=desk.acting)
    groups = [
        (flaw.value, TITLES[flaw], MENDS[flaw].how, found.counts[flaw], found.of(flaw))
        for flaw in Flaw
        if found.counts[flaw]
    ]
    return desk.render(
        "legal/sweep.html",
        found=found,
        groups=groups,
        shown=_SHOWN,
        mended=lambda line: _place(desk, line),
    )


def _place(desk: Desk, line: Line) -> str | None:
    """Return the page where a flaw is mended, None where that is for administrators alone."""
    closed = line.page.startswith(_FOR_ADMINISTRATORS) and not may(desk.actor, Action.PERSONS)
    return None if closed else line.page
