"""The first page after the log-in: what the visitor's offices are asked to do now."""

from __future__ import annotations

from urllib.parse import urlsplit

from fastapi.responses import RedirectResponse, Response

from engine.errors import EngineError, Text
from engine.services import barriers
from engine.services.barriers import Barrier
from engine.web import register_drafts
from engine.web.access import HEARD, Action, may
from engine.web.desk import LANGUAGES, AtDesk, Desk, FactorFirst, Hidden, Sent, inside
from engine.web.inbox import inbox
from engine.web.register_drafts import path
from engine.web.routes import Pages

pages = Pages()


@pages.get("/", Action.PUBLIC)
def start(desk: AtDesk) -> Response:
    """Show what is to be done, or where to sign in."""
    if desk.actor is None:
        return RedirectResponse("/uebung" if desk.demo else "/anmelden", 303)
    if desk.lacks_factor:
        raise FactorFirst
    if desk.me.outside:
        return RedirectResponse("/akteneinsicht", 303)
    if desk.acting.means and desk.acting.means <= HEARD:
        return RedirectResponse("/eingang", 303)
    found = inbox(desk.app, desk.acting)
    registers = may(desk.acting, Action.CASE_REGISTER)
    begun = [(d.text("titel"), path(d)) for d in register_drafts.begun(desk)] if registers else []
    return desk.render("start/index.html", inbox=found, registers=registers, begun=begun)


@pages.get("/sprache/{language}", Action.PUBLIC)
def speak(desk: AtDesk, language: str, zurueck: str = "/") -> Response:
    """Show the pages in another language from now on; nothing else changes."""
    if language not in LANGUAGES:
        raise Hidden
    response = RedirectResponse(inside(zurueck), 303)
    desk.choose(response, language)
    return response


@pages.get("/barrierefreiheit", Action.PUBLIC)
def accessibility(desk: AtDesk) -> Response:
    """Show the statement on accessibility, with a way to report a barrier."""
    return _accessibility(desk, {"seite": _from_here(desk)})


@pages.post("/barrierefreiheit", Action.PUBLIC)
def report(desk: AtDesk, sent: Sent) -> Response:
    """Send the report of a barrier to the contact that the statement names."""
    said = {name: str(sent.get(name, "")).strip() for name in ("was", "seite", "antwort")}
    try:
        barriers.report(
            desk.app, Barrier(said["was"], said["seite"], said["antwort"]), _place(desk)
        )
    except EngineError as error:
        return _accessibility(desk, said, error.text)
    words = Text(
        "Danke. Ihre Meldung geht an die Ansprechstelle.",
        "Thank you. Your report goes to the contact.",
    )
    return desk.back("/barrierefreiheit", words)


def _accessibility(desk: Desk, said: dict[str, str], told: Text | None = None) -> Response:
    statement = desk.app.config.settings.accessibility
    return desk.render(
        "accessibility.html",
        200 if told is None else 422,
        statement=statement,
        said=said,
        told=told,
        longest=barriers.LONGEST,
    )


def _from_here(desk: Desk) -> str:
    """Return the page that somebody came from, if it is one of ours."""
    came = urlsplit(desk.request.headers.get("referer", ""))
    return came.path if came.netloc == desk.request.url.netloc else ""


def _place(desk: Desk) -> str:
    return desk.request.client.host if desk.request.client else ""


@pages.get("/vorgang/{number}", Action.CASE_SHOW)
def as_once_written(desk: AtDesk, number: str) -> Response:
    """Lead on from the address that letters of earlier versions carry."""
    return RedirectResponse(f"/vorhaben/{desk.file(number).case.number}", 303)
