"""Zustellnachweise: every statutory mail with the server's answer and what was confirmed."""

from __future__ import annotations

from urllib.parse import quote

from fastapi.responses import Response

from engine.delivery.titles import letter_titles
from engine.errors import NotFound, Text
from engine.services.legal.deliveries import deliveries, proof_of
from engine.web.access import Action
from engine.web.desk import AtDesk, Hidden
from engine.web.routes import Pages

pages = Pages()

STATES = {
    "ready": (Text("wartet", "waiting"), "clock"),
    "sending": (Text("wird übergeben", "being handed over"), "clock"),
    "unsure": (Text("Übergabe ungewiss", "hand-over uncertain"), "warning"),
    "accepted": (Text("vom Server angenommen", "accepted by the server"), "success"),
    "presumed": (Text("gilt als gesendet", "taken as sent"), "warning"),
    "dead": (Text("endgültig gescheitert", "failed for good"), "danger"),
    "cancelled": (Text("zurückgezogen", "withdrawn"), "neutral"),
}


@pages.get("/zustellnachweise", Action.OVERVIEW)
def list_(desk: AtDesk, vorgang: str = "", nach: int | None = None) -> Response:
    """Show the mails, the newest first, of all cases or of one."""
    number = vorgang.strip()
    if number:
        desk.file(number)
    rows, after = deliveries(desk.app, number or None, nach)
    only = f"&vorgang={quote(number)}" if number else ""
    return desk.render(
        "legal/deliveries.html",
        rows=rows,
        number=number,
        letters=letter_titles(),
        states=STATES,
        next_url=None if after is None else f"/zustellnachweise?nach={after}{only}",
    )


@pages.get("/zustellnachweise/{message}", Action.OVERVIEW)
def show(desk: AtDesk, message: int) -> Response:
    """Show one mail: its text and digest, every try, and what was confirmed."""
    try:
        proof = proof_of(desk.app, message)
    except NotFound:
        raise Hidden from None
    return desk.render("legal/delivery.html", proof=proof, letters=letter_titles(), states=STATES)
