"""The steps of a case: one form made from the definition, and the deed that it becomes."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi.responses import PlainTextResponse, Response
from starlette.datastructures import FormData

from engine import clock
from engine.core.case import Document, Participation, Seen
from engine.core.offers import Offer, offers
from engine.core.workflow import Step, Workflow
from engine.errors import EngineError, Refused, Text
from engine.services.cases import Deed, take, taken_in
from engine.services.reading import File
from engine.services.trying import tried
from engine.web import answers, confirming, drafts, files, forms, text_modules
from engine.web.access import Action
from engine.web.desk import AtDesk, Desk, Hidden, Sent
from engine.web.routes import Pages
from engine.web.views import key_of, url_key

pages = Pages()

INCOMPLETE = Text("Es fehlen noch Angaben.", "Something is still missing.")


@dataclass(frozen=True, slots=True)
class Asked:
    """A step that a visitor may take: on which file, in which participation, for which office."""

    file: File
    workflow: Workflow
    participation: Participation | None
    offer: Offer

    @property
    def step(self) -> Step:
        """The step itself."""
        return self.offer.step

    @property
    def about(self) -> forms.About:
        """What the form is about."""
        file = self.file
        return forms.About(file.case, file.world, self.workflow, self.participation, file.lines)

    @property
    def path(self) -> str:
        """The address of the form."""
        return step_path(self.file.case.number, self.offer)

    @property
    def draft(self) -> str:
        """Under which kind the draft of the form is kept."""
        return drafts.kind_of(self.step.id, self.offer.participation)


def step_path(number: str, offer: Offer) -> str:
    """Return the address of a step's form."""
    if not offer.participation:
        return f"/vorhaben/{number}/schritt/{offer.step.id}"
    key = url_key(offer.participation)
    return f"/vorhaben/{number}/beteiligung/{key}/schritt/{offer.step.id}"


@pages.get("/vorhaben/{number}/schritt/{step}", Action.CASE_STEP)
def case_form(desk: AtDesk, number: str, step: str) -> Response:
    """Show the form of a step of the case itself."""
    return _form(desk, _asked(desk, number, "-", step))


@pages.get("/vorhaben/{number}/beteiligung/{participation}/schritt/{step}", Action.CASE_STEP)
def form(desk: AtDesk, number: str, participation: str, step: str) -> Response:
    """Show the form of a step of a participation."""
    return _form(desk, _asked(desk, number, participation, step))


@pages.post("/vorhaben/{number}/schritt/{step}", Action.CASE_STEP)
def take_on_case(desk: AtDesk, sent: Sent, number: str, step: str) -> Response:
    """Take a step of the case."""
    return _again(desk, number, sent) or _take(desk, _asked(desk, number, "-", step), sent)


@pages.post("/vorhaben/{number}/beteiligung/{participation}/schritt/{step}", Action.CASE_STEP)
def take_on_participation(
    desk: AtDesk, sent: Sent, number: str, participation: str, step: str
) -> Response:
    """Take a step of a participation."""
    asked = _again(desk, number, sent) or _asked(desk, number, participation, step)
    return asked if isinstance(asked, Response) else _take(desk, asked, sent)


def _again(desk: Desk, number: str, sent: FormData) -> Response | None:
    """Return the way to what a form sent twice has done already, None for one sent once."""
    key = str(sent.get("key", ""))
    case = desk.file(number).case
    with desk.app.database.read() as store:
        kept = store.chains.kept(key) if key else None
    if kept is None or kept[0] != case.stream:
        return None
    return desk.back(f"/vorhaben/{number}", Text("Das ist schon eingetragen.", "It is entered."))


def _asked(desk: Desk, number: str, participation: str, step: str) -> Asked:
    """Return the step that is asked for, if it is offered to the visitor at all."""
    file = desk.file(number)
    key = key_of(participation)
    for offer in offers(file.case, file.world, desk.acting.offices):
        if offer.step.id == step and offer.participation == key:
            subject = file.case.participation(key)
            pin = file.case.workflow if subject is None else subject.workflow
            return Asked(file, file.world.library.workflow(pin), subject, offer)
    raise Hidden


def _form(
    desk: Desk, asked: Asked, sent: FormData | None = None, error: Text | None = None
) -> Response:
    office = None
    if asked.participation is not None:
        office = asked.file.world.roster.office(asked.participation.office).name
    revision = "" if asked.participation is None else str(asked.participation.revision)
    status = 200 if error is None else 422
    draft = None
    if sent is None and drafts.worth_it(asked.step):
        draft = sent = drafts.held(desk, asked.file.case.uid, asked.draft)
    rows = forms.controls(asked.step, asked.about, sent)
    return desk.render(
        "cases/step.html",
        status,
        asked=asked,
        case=asked.file.case,
        step=asked.step,
        office=office,
        acting=asked.file.world.roster.office(asked.offer.office).name,
        controls=rows,
        empty={} if error is None or sent is None else forms.left_empty(rows, sent),
        back_datable=forms.back_datable(asked.step),
        today=asked.file.world.today,
        sent=sent or {},
        told=error,
        missing=asked.offer.missing,
        hidden={
            "key": clock.new_uid() if sent is None else str(sent.get("key", "")) or clock.new_uid(),
            "seen_revision": revision,
            "seen_paper": str(asked.file.case.paper),
        },
        points=[c for c in asked.about.lines if c],
        draft=draft,
        keeps=drafts.worth_it(asked.step) and desk.me.key is not None,
        known=answers.said_on_form(asked.step),
        waiting=files.offered(desk, sent),
        modules=[(m.name, m.title) for m in text_modules.modules(desk)]
        if text_modules.takes_modules(rows)
        else [],
        own=answers.is_own(asked.step),
        stands_in=answers.stands_in(desk, asked.offer.office),
    )


def _take(desk: Desk, asked: Asked, sent: FormData) -> Response:
    if "mehr" in sent or answers.BACK in sent or files.AGAIN in sent:
        return _form(desk, asked, sent)
    if text_modules.wanted(sent):
        rows = forms.controls(asked.step, asked.about, sent)
        return _form(desk, asked, text_modules.taken_in(desk, sent, rows))
    number = asked.file.case.number
    own = answers.is_own(asked.step)
    try:
        if drafts.SAVE in sent:
            return _keep(desk, asked, sent)
        deed = _deed(desk, asked, sent)
        if own and answers.CONFIRMED not in sent:
            return _read_again(desk, asked, sent, deed)
        if confirming.previewed(asked.step) and _incomplete(asked, sent):
            return _form(desk, asked, sent, INCOMPLETE)
        if confirming.previewed(asked.step) and confirming.put_aside(desk, asked.file.case, deed):
            return desk.back(f"{asked.path}/vorschau")
        case = take(desk.app, number, deed)
    except EngineError as error:
        return _form(desk, asked, sent, _in_plain_words(asked, sent, error))
    drafts.forget(desk, case.uid, asked.draft)
    title = asked.step.title
    if own and deed.key is not None:
        line = answers.line_of(desk, case, deed.key)
        return desk.back(f"/vorhaben/{number}/beleg/{line}")
    return desk.back(
        f"/vorhaben/{number}",
        Text(f"Eingetragen: {title.de}.", f"Entered: {title.en}."),
    )


def _incomplete(asked: Asked, sent: FormData) -> bool:
    return bool(forms.left_empty(forms.controls(asked.step, asked.about, sent), sent))


def _keep(desk: Desk, asked: Asked, sent: FormData) -> Response:
    """Keep a draft where no script does, and show the form with it again."""
    drafts.keep(desk, asked.file.case.uid, asked.draft, sent)
    return desk.back(asked.path, Text("Der Entwurf ist gespeichert.", "The draft is saved."))


def _read_again(desk: Desk, asked: Asked, sent: FormData, deed: Deed) -> Response:
    """Show what is going to be filed, and whom it will tell; nothing is entered yet."""
    number = asked.file.case.number
    foreseen = tried(
        desk.app, lambda store: taken_in(desk.app, store, number, deed, deed.documents)
    )
    return desk.render(
        "cases/read_again.html",
        asked=asked,
        case=asked.file.case,
        step=asked.step,
        acting=asked.file.world.roster.office(asked.offer.office).name,
        stands_in=answers.stands_in(desk, asked.offer.office),
        rows=answers.read_again(asked.step, asked.about, sent),
        says=answers.said_before(asked.step),
        tells=answers.told_by(foreseen, asked.file.world, deed.key or ""),
        fields=answers.sent_fields(sent),
        sent=sent,
    )


@pages.post("/vorhaben/{number}/schritt/{step}/entwurf", Action.CASE_STEP)
def autosave_on_case(desk: AtDesk, sent: Sent, number: str, step: str) -> Response:
    """Keep the draft of a step of the case, as a script sends it."""
    return _autosave(desk, _asked(desk, number, "-", step), sent)


@pages.post(
    "/vorhaben/{number}/beteiligung/{participation}/schritt/{step}/entwurf", Action.CASE_STEP
)
def autosave(desk: AtDesk, sent: Sent, number: str, participation: str, step: str) -> Response:
    """Keep the draft of a step of a participation, as a script sends it."""
    return _autosave(desk, _asked(desk, number, participation, step), sent)


def _autosave(desk: Desk, asked: Asked, sent: FormData) -> Response:
    kept = drafts.keep(desk, asked.file.case.uid, asked.draft, sent)
    return PlainTextResponse(desk.say(kept))


def _in_plain_words(asked: Asked, sent: FormData, error: EngineError) -> Text:
    """Return what a refusal means for the form: of points without reasons, which they are."""
    bare = forms.unreasoned(asked.step, sent) if isinstance(error, Refused) else None
    if bare is None:
        return error.text
    return Text(f"{bare.de} {error.text.de}", f"{bare.en} {error.text.en}")


def _deed(desk: Desk, asked: Asked, sent: FormData) -> Deed:
    day = str(sent.get("geschehen_am", "")).strip()
    label = Text("Tag", "day")
    return Deed(
        step=asked.step.id,
        person=desk.me.person,
        office=asked.offer.office,
        participation=asked.offer.participation,
        fields=forms.given(asked.step, sent, asked.about),
        documents=filed(desk, asked.step, sent),
        happened_on=forms.day_given(day, label) if day else None,
        reason=str(sent.get("grund_der_nacherfassung", "")).strip() or None,
        seen=Seen(_number(sent, "seen_revision"), _number(sent, "seen_paper")),
        key=str(sent.get("key", "")) or None,
    )


def filed(desk: Desk, step: Step, sent: FormData) -> tuple[Document, ...]:
    """Return the files that a form has sent or chosen, examined and kept."""
    fields = [f.name for f in step.takes if f.type == "documents"]
    return tuple(document for name in fields for document in files.came(desk, sent, name))


def _number(sent: FormData, name: str) -> int | None:
    raw = str(sent.get(name, ""))
    return int(raw) if raw.isdecimal() else None
