"""The personal link of a letter: one button, then one case to read for an hour, and no more.

Opening the link only shows a page: mail scanners follow links, and must confirm nothing. Its
button uses the link up. The visit has a cookie of its own, apart from anybody's log-in: it
opens these pages and no others, and none of them looks at a log-in.
"""

from __future__ import annotations

from dataclasses import replace

from fastapi.responses import Response, StreamingResponse

from engine.core.checks import provisions_of
from engine.core.draft import Draft
from engine.core.phrases import norm
from engine.delivery.links import PATH
from engine.errors import NotFound, Text
from engine.services import links
from engine.services.accounts import TooOften
from engine.services.links import LinkOver, Visit
from engine.services.record_words import deadline_title
from engine.store import documents
from engine.web.access import Action
from engine.web.desk import AtDesk, Desk, Hidden, Sent
from engine.web.routes import Pages
from engine.web.security import attachment, drop_visit, set_visit, visit_name
from engine.web.views import days_left, key_of

pages = Pages()

VISIT = PATH.rstrip("/")

_CONFIRMED = Text(
    "Der Eingang ist bestätigt und steht in der Akte.",
    "The receipt is confirmed and stands in the file.",
)
_ON_ITS_WAY = Text(
    "Ein neuer Link geht an die Adresse, die für Sie hinterlegt ist.",
    "A new link goes to the address that is kept for you.",
)
_LEFT = Text("Der Besuch ist beendet.", "The visit has ended.")
_SENT = Text(
    "Ein neuer persönlicher Link ist auf dem Weg; der frühere gilt nicht mehr.",
    "A new personal link is on its way; the earlier one is no longer good.",
)


@pages.get(VISIT, Action.LETTER)
def visit(desk: AtDesk) -> Response:
    """Show the case of an open visit."""
    try:
        found = links.visit(desk.app, _token(desk))
    except (NotFound, LinkOver) as error:
        return _nothing(desk, error)
    return _stranger(desk, found.language).render("link/visit.html", **_shown(found))


@pages.get(f"{PATH}unterlage/{{uid}}", Action.LETTER)
def document(desk: AtDesk, uid: str) -> Response:
    """Hand out a document of the case of an open visit; that it was fetched is entered."""
    try:
        found = links.document(desk.app, _token(desk), uid)
        stream = documents.open_document(desk.app.config.documents, uid)
    except (NotFound, LinkOver) as error:
        return _nothing(desk, error)
    name = found.name or f"{found.kind}-{uid[:8]}"
    return StreamingResponse(stream, headers=attachment(name, found.media))


@pages.post(f"{PATH}besuch/ende", Action.LETTER)
def leave(desk: AtDesk, sent: Sent) -> Response:
    """End a visit before its hour is over."""
    links.leave(desk.app, _token(desk))
    response = desk.back("/anmelden", _LEFT)
    drop_visit(response, secure=desk.secure)
    return response


@pages.get(f"{PATH}{{token}}", Action.LETTER)
def letter(desk: AtDesk, token: str) -> Response:
    """Show what a link is for, with the button that uses it up; nothing changes by looking."""
    try:
        found = links.offered(desk.app, token, _address(desk))
    except (LinkOver, TooOften) as error:
        return _over(desk, token, error)
    return _stranger(desk, found.language).render("link/open.html", offered=found)


@pages.post(f"{PATH}{{token}}", Action.LETTER)
def open_letter(desk: AtDesk, sent: Sent, token: str) -> Response:
    """Use a link up: confirm the receipt and open the visit."""
    try:
        opened = links.open_visit(desk.app, token, _address(desk))
    except (LinkOver, TooOften) as error:
        return _over(desk, token, error)
    response = desk.back(VISIT, _CONFIRMED if opened.receipt else None)
    set_visit(response, opened.token, secure=desk.secure)
    return response


@pages.post(f"{PATH}{{token}}/neu", Action.LETTER)
def ask_again(desk: AtDesk, sent: Sent, token: str) -> Response:
    """Send the person of a link that is spent a new one."""
    try:
        links.ask_again(desk.app, token, _address(desk))
    except (LinkOver, TooOften) as error:
        return _over(desk, token, error)
    return desk.back("/anmelden", _ON_ITS_WAY)


@pages.post("/vorhaben/{number}/beteiligung/{participation}/link", Action.CASE_STEP)
def send_again(desk: AtDesk, sent: Sent, number: str, participation: str) -> Response:
    """Have the person of an office sent a new link."""
    case = desk.file(number).case
    if case.participation(key_of(participation)) is None:
        raise Hidden
    links.send_again(desk.app, number, key_of(participation), desk.acting)
    return desk.back(f"/vorhaben/{number}", _SENT)


def _shown(found: Visit) -> dict[str, object]:
    """Return what the page of a visit says; of a case that is no public matter the bare frame."""
    case, world = found.case, found.world
    calendar = world.calendar(case.measure.municipality)
    provisions = provisions_of(Draft(case, world), found.participation, world.today)
    workflow = world.library.workflow(found.participation.workflow)
    terms = [
        (
            deadline_title(case, world, d.key),
            days_left(d.last_day, world, calendar),
            d.last_day,
            d.status.value,
        )
        for d in found.deadlines
    ]
    return {
        "visit": found,
        "case": case,
        "office": world.roster.office(found.participation.office).name,
        "state": workflow.states[found.participation.state].title,
        "lead": world.roster.office(case.measure.lead).name,
        "norms": [norm(p) for p in provisions],
        "terms": terms,
    }


def _stranger(desk: Desk, language: str | None = None) -> Desk:
    """Return the desk of somebody without a log-in, whoever is signed in in this browser.

    It speaks her language unless the browser has chosen another.
    """
    spoken = desk.chosen or language or desk.language
    return replace(desk, visitor=None, actor=None, language=spoken)


def _over(desk: Desk, token: str, error: LinkOver | TooOften) -> Response:
    """Say politely that a link opens nothing: one answer for all that are dead or never were."""
    if isinstance(error, TooOften):
        return _stranger(desk).render("error.html", 429, status=429, told=None)
    again = token if error.again else None
    page = _stranger(desk, error.language)
    return page.render("link/over.html", 404, told=error.text, again=again)


def _nothing(desk: Desk, error: NotFound | LinkOver) -> Response:
    """Say that no visit is open, and take its cookie away."""
    language = error.language if isinstance(error, LinkOver) else None
    page = _stranger(desk, language)
    response = page.render("link/over.html", 404, told=error.text, again=None)
    if _token(desk):
        drop_visit(response, secure=desk.secure)
    return response


def _token(desk: Desk) -> str:
    return desk.request.cookies.get(visit_name(desk.secure), "")


def _address(desk: Desk) -> str:
    client = desk.request.client
    return "" if client is None else client.host
