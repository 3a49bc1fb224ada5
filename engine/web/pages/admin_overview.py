"""The administrator's first page and the clock: is the installation well, and what waits."""

from __future__ import annotations

from fastapi.responses import Response

from engine.errors import EngineError, Text
from engine.services import timekeeping
from engine.services.admin import people, post
from engine.services.admin.schedule import schedule
from engine.services.doctor import examine_app
from engine.web.access import Action
from engine.web.admin import ROOT, discreet
from engine.web.desk import AtDesk, Desk, Sent
from engine.web.routes import Pages

pages = Pages()

STATES = {
    "ok": (Text("in Ordnung", "fine"), "success"),
    "note": (Text("Hinweis", "note"), "warning"),
    "bad": (Text("zu beheben", "to be mended"), "danger"),
}
"""What the findings of doctor are called, and how they look."""

_PLANS = "plans"
"""The finding that names measures; it is the business of those who see them."""


@pages.get("/verwaltung", Action.HEALTH)
def overview(desk: AtDesk) -> Response:
    """Show how the installation is: what doctor finds, the clock, the post."""
    findings = [f for f in examine_app(desk.app) if f.name != _PLANS]
    return desk.render(
        "admin/overview.html",
        findings=[(STATES[f.state], discreet(f.text)) for f in findings],
        bad=sum(1 for f in findings if f.state == "bad"),
        clock=schedule(desk.app),
        counts=post.counts(desk.app),
        unfilled=people.unfilled(desk.world),
    )


@pages.get("/verwaltung/fristenlauf", Action.HEALTH)
def run(desk: AtDesk) -> Response:
    """Show the last and next run of the clock, when it stood still, and what runs."""
    return _run(desk)


@pages.post(f"{ROOT}/fristenlauf", Action.HEALTH)
def confirm(desk: AtDesk, sent: Sent) -> Response:
    """Believe the server's clock on the word of the administrator who is signed in."""
    try:
        timekeeping.confirm(desk.app, desk.me.account)
    except EngineError as error:
        return _run(desk, error.text)
    words = Text(
        "Die Uhr ist bestätigt. Was wartete, geht mit dem nächsten Lauf hinaus.",
        "The clock is confirmed. What waited goes out with the next run.",
    )
    return desk.back(f"{ROOT}/fristenlauf", words)


def _run(desk: Desk, told: Text | None = None) -> Response:
    return desk.render(
        "admin/clock.html",
        200 if told is None else 409,
        clock=schedule(desk.app),
        server=timekeeping.standing(desk.app),
        command="rechtzeitig health",
        told=told,
    )
