"""What belongs to one visitor alone: her notes and drafts; and receipts of what was filed."""

from __future__ import annotations

from fastapi.responses import PlainTextResponse, Response
from starlette.datastructures import FormData

from engine.core.case import Case
from engine.core.visibility import sees
from engine.errors import EngineError, NotFound, Text
from engine.services import private
from engine.services.private import Private
from engine.web import answers, drafts, register_drafts
from engine.web.access import Action
from engine.web.desk import AtDesk, Desk, Sent
from engine.web.forms import said_of
from engine.web.register_drafts import path
from engine.web.registration import KIND, Draft
from engine.web.routes import Pages
from engine.web.views import url_key

pages = Pages()

SAVED = Text("Die Notiz ist gespeichert.", "The note is saved.")


@pages.post("/vorhaben/{number}/notiz", Action.CASE_SHOW)
def note(desk: AtDesk, sent: Sent, number: str) -> Response:
    """Keep the visitor's own note on a case."""
    _keep_note(desk, number, sent)
    return desk.back(f"/vorhaben/{number}", SAVED)


@pages.post("/vorhaben/{number}/notiz/entwurf", Action.CASE_SHOW)
def note_autosave(desk: AtDesk, sent: Sent, number: str) -> Response:
    """Keep the note as a script sends it."""
    _keep_note(desk, number, sent)
    return PlainTextResponse(desk.say(drafts.saved_at(desk)))


def _keep_note(desk: Desk, number: str, sent: FormData) -> None:
    about = desk.file(number).case.uid
    words = str(sent.get("notiz", "")).replace("\r\n", "\n")
    if words.strip():
        private.keep(desk.app, desk.me, about, drafts.NOTE, words)
    else:
        private.drop(desk.app, desk.me, about, drafts.NOTE)


@pages.get("/vorhaben/{number}/beleg/{line}", Action.CASE_SHOW)
def receipt(desk: AtDesk, number: str, line: int) -> Response:
    """Show that something stands in the file, with its time and code."""
    case = desk.file(number).case
    found = answers.receipt(desk, case, line)
    rows = list(said_of(found.line, found.takes, found.workflow.fields))
    return desk.render("cases/receipt.html", case=case, receipt=found, rows=rows)


@pages.get("/entwuerfe", Action.PRIVATE)
def own(desk: AtDesk) -> Response:
    """Show the visitor's own drafts and notes."""
    rows = [_line(desk, name, row) for name, row in drafts.own(desk)]
    opens = desk.me.key is not None
    return desk.render("commissioner/drafts.html", rows=rows, opens=opens)


@pages.get("/entwuerfe/{name}", Action.PRIVATE)
def one(desk: AtDesk, name: str) -> Response:
    """Show one of the visitor's own drafts or notes; there is none for anybody else."""
    row = drafts.one(desk, name)
    return desk.render("commissioner/draft.html", row=_line(desk, name, row), words=_words(row))


def _words(row: Private) -> list[str]:
    """Return what was typed, one line a field."""
    if row.kind == drafts.NOTE:
        return [row.text]
    if _begun(row):
        draft = Draft.read(row.text)
        return [draft.text(name) for name in ("titel", "beschreibung") if draft.text(name)]
    return [str(v) for _, v in drafts.as_form(row.text).multi_items() if len(str(v)) > 1]


@pages.post("/entwuerfe/{name}/loeschen", Action.PRIVATE)
def forget(desk: AtDesk, sent: Sent, name: str) -> Response:
    """Forget one of the visitor's own drafts or notes."""
    row = drafts.one(desk, name)
    private.drop(desk.app, desk.me, row.about, row.kind)
    if _begun(row):
        register_drafts.forget_files(desk, Draft.read(row.text).documents)
    return desk.back("/entwuerfe", Text("Gelöscht.", "Deleted."))


def _line(desk: Desk, name: str, row: Private) -> dict[str, object]:
    case = _case(desk, row.about)
    known = case is not None and desk.actor is not None and sees(desk.actor, case)
    title = case.measure.title if known and case is not None else ""
    title = Draft.read(row.text).text("titel") if _begun(row) else title
    number = case.number if known and case is not None else ""
    return {
        "name": name,
        "number": number,
        "title": title,
        "what": _what(desk, row, case),
        "at": row.changed_at,
        "href": _place(row, number) if known or _begun(row) else f"/entwuerfe/{name}",
    }


def _begun(row: Private) -> bool:
    """Return whether a text is the draft of a registration."""
    return row.kind.startswith(f"{KIND}:")


def _case(desk: Desk, about: str) -> Case | None:
    try:
        with desk.app.database.read() as store:
            return store.cases.by_uid(about)
    except NotFound:
        return None


def _what(desk: Desk, row: Private, case: Case | None) -> Text:
    if row.kind == drafts.NOTE:
        return Text("Notiz", "note")
    if _begun(row):
        return Text("Entwurf: Anmeldung eines Vorhabens", "draft: registration of a measure")
    step, _, participation = row.kind.removeprefix(f"{drafts.DRAFT}:").partition(":")
    title = None if case is None else _title(desk, case, participation, step)
    name = title or Text("Formular", "form")
    return Text(f"Entwurf: {name.de}", f"draft: {name.en}")


def _title(desk: Desk, case: Case, participation: str, step: str) -> Text | None:
    subject = case.participation(participation)
    pin = case.workflow if subject is None else subject.workflow
    try:
        found = desk.world.library.workflow(pin).steps.get(step)
    except EngineError:
        return None
    return None if found is None else found.title


def _place(row: Private, number: str) -> str:
    """Return where a draft or note is gone on with."""
    if _begun(row):
        return path(Draft.read(row.text))
    case = f"/vorhaben/{number}"
    if not row.kind.startswith(f"{drafts.DRAFT}:"):
        return f"{case}#notizen"
    step, _, participation = row.kind.removeprefix(f"{drafts.DRAFT}:").partition(":")
    if not participation:
        return f"{case}/schritt/{step}"
    return f"{case}/beteiligung/{url_key(participation)}/schritt/{step}"
