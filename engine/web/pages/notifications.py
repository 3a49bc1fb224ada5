"""When somebody wants to be written to, and her deadlines as a calendar to subscribe to."""

from __future__ import annotations

from fastapi.responses import Response

from engine.core.wishes import Wishes
from engine.errors import EngineError, NotFound, Text
from engine.services import feeds
from engine.web.access import Action
from engine.web.desk import AtDesk, Desk, Hidden, Sent
from engine.web.routes import Pages

pages = Pages()

DAYS = (
    Text("Montag", "Monday"),
    Text("Dienstag", "Tuesday"),
    Text("Mittwoch", "Wednesday"),
    Text("Donnerstag", "Thursday"),
    Text("Freitag", "Friday"),
)


@pages.get("/benachrichtigungen", Action.ABSENCE)
def show(desk: AtDesk) -> Response:
    """Show when the visitor wants to be written to."""
    return _page(desk, feeds.wishes(desk.app, desk.me))


@pages.post("/benachrichtigungen", Action.ABSENCE)
def save(desk: AtDesk, sent: Sent) -> Response:
    """Keep when the visitor wants to be written to."""
    days = frozenset(
        int(d) for d in map(str, sent.getlist("tage")) if d in {"0", "1", "2", "3", "4"}
    )
    hours = [_hour(str(sent.get(n, ""))) for n in ("ueberblick", "ruhe_von", "ruhe_bis")]
    wanted = Wishes(hours[0], hours[1], hours[2], days)
    try:
        feeds.wish(desk.app, desk.me, wanted)
    except EngineError as error:
        return _page(desk, wanted, error=error.text)
    return desk.back("/benachrichtigungen", Text("Gespeichert.", "Saved."))


def _hour(words: str) -> int:
    return int(words) if words.isdecimal() and len(words) < 3 else -1


@pages.post("/benachrichtigungen/kalender", Action.ABSENCE)
def subscribe(desk: AtDesk, sent: Sent) -> Response:
    """Make a new address of the calendar, shown this once, or end the present one."""
    if "beenden" in sent:
        feeds.close_feed(desk.app, desk.me)
        ended = Text("Das Kalender-Abo ist beendet.", "The calendar feed has ended.")
        return desk.back("/benachrichtigungen", ended)
    token = feeds.open_feed(desk.app, desk.me)
    base = desk.app.config.settings.link or str(desk.request.base_url)
    address = f"{base.rstrip('/')}/kalender/{token}.ics"
    return _page(desk, feeds.wishes(desk.app, desk.me), address=address)


@pages.get("/kalender/{name}", Action.PUBLIC)
def calendar(desk: AtDesk, name: str) -> Response:
    """Hand out the calendar behind a secret address; nobody signs in for it."""
    token, dot, ending = name.partition(".")
    if (dot, ending) != (".", "ics"):
        raise Hidden
    try:
        told = feeds.feed(desk.app, token)
    except NotFound:
        raise Hidden from None
    return Response(told, media_type="text/calendar; charset=utf-8")


def _page(
    desk: Desk, wanted: Wishes, *, address: str | None = None, error: Text | None = None
) -> Response:
    return desk.render(
        "commissioner/notifications.html",
        200 if error is None else 422,
        wishes=wanted,
        hours=[(h, f"{h:02}:00") for h in range(24)],
        days=[(n, day) for n, day in enumerate(DAYS)],
        address=address,
        told=error,
    )
