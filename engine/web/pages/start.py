"""The first page after the log-in: what the visitor's offices are asked to do now."""

from __future__ import annotations

from fastapi.responses import RedirectResponse, Response

from engine.services import private
from engine.services.accounts import NoKey
from engine.web.access import HEARD, Action, may
from engine.web.desk import LANGUAGE, LANGUAGES, AtDesk, Desk, Hidden, inside
from engine.web.inbox import inbox
from engine.web.registration import ABOUT, KIND, Draft
from engine.web.routes import Pages

pages = Pages()


@pages.get("/", Action.PUBLIC)
def start(desk: AtDesk) -> Response:
    """Show what is to be done, or where to sign in."""
    if desk.actor is None:
        return RedirectResponse("/uebung" if desk.demo else "/anmelden", 303)
    if desk.me.outside:
        return RedirectResponse("/akteneinsicht", 303)
    if desk.acting.means and desk.acting.means <= HEARD:
        return RedirectResponse("/eingang", 303)
    found = inbox(desk.app, desk.acting)
    registers = may(desk.acting, Action.CASE_REGISTER)
    begun = _begun(desk) if registers else None
    return desk.render("start/index.html", inbox=found, registers=registers, begun=begun)


def _begun(desk: Desk) -> str | None:
    """Return the title of a registration that was left half done, None if there is none."""
    try:
        text = private.read(desk.app, desk.me, ABOUT, KIND)
    except NoKey:
        return None
    return None if text is None else Draft.read(text).text("titel")


@pages.get("/sprache/{language}", Action.PUBLIC)
def speak(desk: AtDesk, language: str, zurueck: str = "/") -> Response:
    """Show the pages in another language from now on; nothing else changes."""
    if language not in LANGUAGES:
        raise Hidden
    response = RedirectResponse(inside(zurueck), 303)
    response.set_cookie(LANGUAGE, language, max_age=31_536_000, httponly=True, samesite="lax")
    return response


@pages.get("/barrierefreiheit", Action.PUBLIC)
def accessibility(desk: AtDesk) -> Response:
    """Show the statement on accessibility."""
    statement = desk.app.config.settings.accessibility
    return desk.render("accessibility.html", statement=statement)


@pages.get("/vorgang/{number}", Action.CASE_SHOW)
def as_once_written(desk: AtDesk, number: str) -> Response:
    """Lead on from the address that letters of earlier versions carry."""
    return RedirectResponse(f"/vorhaben/{desk.file(number).case.number}", 303)
