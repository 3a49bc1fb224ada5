"""Early reminders of a case that an office keeps quiet: who, why, until when."""

from __future__ import annotations

from fastapi.responses import Response
from starlette.datastructures import FormData

from engine.core.case import Case
from engine.core.silence import LONGEST, reminded
from engine.errors import EngineError, Text
from engine.services import silences
from engine.web.access import Action
from engine.web.desk import AtDesk, Desk, Sent
from engine.web.forms import day_given
from engine.web.routes import Pages

pages = Pages()

_WHICH = Text(
    "Stelle: Wählen Sie eine Ihrer Stellen, die hier erinnert wird. Ihre Erinnerungen kann nur "
    "stumm schalten, wer heute für die Stelle handelt.",
    "Office: choose one of your offices that is reminded here. Only who acts for an office today "
    "can keep its reminders quiet.",
)


@pages.get("/vorhaben/{number}/erinnerungen", Action.CASE_SHOW)
def show(desk: AtDesk, number: str) -> Response:
    """Show what is quiet in a case, and let those keep reminders quiet whom they go to."""
    return _page(desk, number, {})


@pages.post("/vorhaben/{number}/erinnerungen", Action.CASE_SHOW)
def begin(desk: AtDesk, sent: Sent, number: str) -> Response:
    """Keep the early reminders to the office that the form names quiet, if it is the visitor's."""
    office = str(sent.get("stelle", ""))
    if office not in dict(_own(desk, desk.file(number).case)):
        return _page(desk, number, sent, _WHICH, at="stelle")
    try:
        until = day_given(str(sent.get("bis", "")).strip(), Text("bis", "until"))
        reason = str(sent.get("grund", ""))
        silences.silence(desk.app, number, office, until, reason, desk.me.person)
    except EngineError as error:
        return _page(desk, number, sent, error.text)
    words = Text("Die frühen Erinnerungen sind stumm.", "The early reminders are quiet.")
    return desk.back(_path(number), words)


@pages.post("/vorhaben/{number}/erinnerungen/{uid}/ende", Action.CASE_SHOW)
def end(desk: AtDesk, sent: Sent, number: str, uid: str) -> Response:
    """Let reminders go out again before the day."""
    desk.file(number)
    try:
        silences.end_silence(desk.app, number, uid, desk.me.person)
    except EngineError as error:
        return _page(desk, number, {}, error.text)
    return desk.back(_path(number), Text("Es wird wieder erinnert.", "Reminders go out again."))


def _path(number: str) -> str:
    return f"/vorhaben/{number}/erinnerungen"


def _own(desk: Desk, case: Case) -> list[tuple[str, str]]:
    """Return the visitor's offices that are reminded of something here, by id and name."""
    roster = desk.world.roster
    return [(o, roster.office(o).name) for o in desk.acting.offices if reminded(case, o)]


def _page(
    desk: Desk,
    number: str,
    sent: FormData | dict[str, str],
    told: Text | None = None,
    *,
    at: str = "",
) -> Response:
    """Return the page, with what was refused `told` at a field where one is to blame."""
    case, roster = desk.file(number).case, desk.world.roster
    found = silences.silences_of(desk.app, number)
    quiet = {s.office for s in found}
    return desk.render(
        "cases/silences.html",
        200 if told is None else 422,
        case=case,
        rows=[(s, roster.office(s.office).name, roster.name(s.person)) for s in found],
        own=[row for row in _own(desk, case) if row[0] not in quiet],
        mine=set(desk.acting.offices),
        quiet=bool(quiet & set(desk.acting.offices)),
        last=desk.world.today + LONGEST,
        most=silences.MOST_WORDS,
        sent=sent,
        told=told,
        at=at,
        path=_path(number),
    )
