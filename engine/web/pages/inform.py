"""Offices are informed: the check list, the letters in their very words, then *Jetzt informieren*."""

from __future__ import annotations

from fastapi.responses import Response

from engine import clock
from engine.core.offers import offers
from engine.delivery.preview import Letter, letters_of
from engine.errors import EngineError, Text
from engine.services import uploads
from engine.services.cases import Deed, take, taken_in
from engine.services.reading import File
from engine.services.registering import Registered, inform, informed_in, informing
from engine.services.trying import tried
from engine.store.store import Store
from engine.web import confirming
from engine.web.access import Action
from engine.web.completeness import completeness
from engine.web.desk import AtDesk, Desk, Hidden, Sent
from engine.web.register_choices import firm_choice
from engine.web.routes import Pages
from engine.web.sent_words import told_words
from engine.web.views import key_of

pages = Pages()

_STEP = "/vorhaben/{number}/beteiligung/{participation}/schritt/{step}/vorschau"


@pages.get("/vorhaben/{number}/informieren", Action.CASE_STEP)
def everybody(desk: AtDesk, number: str) -> Response:
    """Show whom one would inform now, by which letters, and who must wait."""
    return _everybody(desk, desk.file(number))


@pages.post("/vorhaben/{number}/informieren", Action.CASE_STEP)
def inform_everybody(desk: AtDesk, sent: Sent, number: str) -> Response:
    """Inform everybody who can be."""
    file = desk.file(number)
    if not any(informing(file.case, file.world, o) for o in desk.acting.offices):
        # Sent twice, or somebody else was faster: everybody is informed already.
        return desk.back(f"/vorhaben/{number}")
    deed = _deed(desk, file, str(sent.get("key", "")))
    try:
        done = inform(desk.app, number, deed, _telling(desk, str(sent.get("fest", ""))))
    except EngineError as error:
        return _everybody(desk, file, error.text)
    return desk.back(f"/vorhaben/{number}", told_words(done.case, done.informed, desk.world))


@pages.get(_STEP, Action.CASE_STEP)
def preview(desk: AtDesk, number: str, participation: str, step: str) -> Response:
    """Show what a step will send, before it is taken."""
    file = desk.file(number)
    deed = _waiting(desk, file, participation, step)
    return _preview(desk, file, deed)


@pages.post(_STEP, Action.CASE_STEP)
def confirm(desk: AtDesk, number: str, participation: str, step: str) -> Response:
    """Take the step that was shown."""
    file = desk.file(number)
    deed = _waiting(desk, file, participation, step)
    try:
        uploads.still_there(desk.app, deed.documents)
        case = take(desk.app, number, deed)
    except EngineError as error:
        return _preview(desk, file, deed, error.text)
    confirming.forget(desk, file.case, deed)
    return desk.back(f"/vorhaben/{number}", told_words(case, [deed.participation], desk.world))


def _waiting(desk: Desk, file: File, participation: str, step: str) -> Deed:
    """Return the deed that waits, if its step is still offered; Hidden otherwise."""
    key = key_of(participation)
    held = confirming.waiting(desk, file.case, step, key)
    there = offers(file.case, file.world, desk.acting.offices)
    if held is None or not any((o.step.id, o.participation) == (step, key) for o in there):
        raise Hidden
    return held


def _preview(desk: Desk, file: File, deed: Deed, told: Text | None = None) -> Response:
    subject = file.case.participation(deed.participation)
    assert subject is not None, "only participations have a preview"
    workflow = file.world.library.workflow(subject.workflow)
    letters: list[Letter] = []

    def look(store: Store) -> list[Letter]:
        outcome = taken_in(desk.app, store, file.case.number, deed, deed.documents)
        return letters_of(desk.app, store, outcome.case, str(deed.key))

    try:
        letters = tried(desk.app, look)
    except EngineError as error:
        told = told or error.text
    return desk.render(
        "register/preview.html",
        200 if told is None else 422,
        case=file.case,
        step=workflow.steps[deed.step],
        told=told,
        complete=completeness(file.case, file.world, subject),
        letters=letters,
        form=desk.request.url.path.removesuffix("/vorschau"),
    )


# --- everybody at once


def _everybody(desk: Desk, file: File, told: Text | None = None) -> Response:
    deed = _deed(desk, file, clock.new_uid())
    if not informing(file.case, file.world, deed.office):
        raise Hidden

    def look(store: Store) -> tuple[Registered, list[Letter]]:
        case = store.cases.get(file.case.number)
        done = informed_in(desk.app, store, case, deed, {})
        return done, letters_of(desk.app, store, done.case, str(deed.key))

    done, letters = tried(desk.app, look)
    return desk.render(
        "register/inform.html",
        200 if told is None else 422,
        case=file.case,
        told=told,
        key=deed.key,
        complete=completeness(file.case, file.world),
        letters=letters,
        lacking=[o.missing for o in done.lacking],
        can_inform=bool(done.informed),
        firm=firm_choice(file.world),
    )


def _deed(desk: Desk, file: File, key: str) -> Deed:
    """Return the deed of informing, for the first of the visitor's offices that may inform."""
    mine = desk.acting.offices
    office = next((o for o in mine if informing(file.case, file.world, o)), None)
    if office is None:
        raise Hidden
    return Deed(step="", person=desk.me.person, office=office, key=key or clock.new_uid())


def _telling(desk: Desk, said: str) -> dict[str, str]:
    choice = firm_choice(desk.world)
    return {choice.name: said} if choice is not None and said in choice.options else {}
