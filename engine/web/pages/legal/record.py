"""The Fristenprotokoll of a day, to read, to print and to countersign."""

from __future__ import annotations

from datetime import date, timedelta

from fastapi.responses import Response

from engine.errors import EngineError, Text
from engine.services.legal.daily import countersign, record_of
from engine.services.record_words import DETAILS, HAPPENED
from engine.web.access import Action
from engine.web.desk import AtDesk, Desk, Hidden, Sent
from engine.web.forms import day_given
from engine.web.routes import Pages

pages = Pages()

_DAY = timedelta(days=1)
LABEL = Text("Tag", "day")


@pages.get("/fristenprotokoll", Action.OVERVIEW)
def record(desk: AtDesk, tag: str = "") -> Response:
    """Show what became of deadlines on a day, by default on the day before."""
    try:
        day = day_given(tag, LABEL) if tag.strip() else desk.world.today - _DAY
    except EngineError as error:
        return _show(desk, desk.world.today - _DAY, error.text)
    return _show(desk, day)


@pages.post("/fristenprotokoll/{tag}/gegenzeichnung", Action.OVERVIEW)
def sign(desk: AtDesk, sent: Sent, tag: str) -> Response:
    """Enter that the record of a day was examined."""
    try:
        day = date.fromisoformat(tag)
    except ValueError:
        raise Hidden from None
    try:
        countersign(desk.app, day, desk.me.person)
    except EngineError as error:
        return _show(desk, day, error.text)
    words = Text("Gegengezeichnet.", "Countersigned.")
    return desk.back(f"/fristenprotokoll?tag={day.isoformat()}", words)


def _show(desk: Desk, day: date, told: Text | None = None) -> Response:
    record = record_of(desk.app, day)
    groups = [
        (kind.value, label, [x for x in record.lines if x.happened is kind])
        for kind, label in HAPPENED.items()
    ]
    return desk.render(
        "legal/record.html",
        200 if told is None else 422,
        record=record,
        groups=groups,
        details=DETAILS,
        before=(day - _DAY).isoformat(),
        after=(day + _DAY).isoformat() if day < desk.world.today else None,
        told=told,
    )
