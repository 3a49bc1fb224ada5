"""A measure is registered: one page, a few questions, and the plan before anything is done.

What was typed lies in the private drafts of whoever registers, and every page of the
registration reads it there; only *Anmelden* opens a file, and informs at once if so wished.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from fastapi.responses import PlainTextResponse, Response
from starlette.datastructures import FormData

from engine.core.bystanders import Bystander, bystanders
from engine.core.calendar import BERLIN
from engine.core.case import Case, Measure
from engine.core.duties import called_for
from engine.core.options import options
from engine.core.phrases import norm
from engine.core.radar import Match
from engine.core.standing import light_of, standings
from engine.core.visibility import sees
from engine.core.world import World
from engine.delivery.preview import Letter, letters_of
from engine.errors import EngineError, InputError, NotFound, Text
from engine.services import uploads
from engine.services.cases import Deed, opened_in
from engine.services.planning import CasePlan
from engine.services.radar import alike
from engine.services.registering import (
    Registered,
    acting_office,
    informed_in,
    leads_for,
    register_and_inform,
    registered_by,
)
from engine.services.trying import tried
from engine.store.cases import Filter
from engine.store.store import Store
from engine.web import files, forms, register_choices, register_drafts
from engine.web.access import Action
from engine.web.completeness import Complete, completeness
from engine.web.desk import AtDesk, Desk, Sent
from engine.web.register_drafts import path
from engine.web.registration import Draft, questions, tables_of
from engine.web.routes import Pages
from engine.web.sent_words import told_words
from engine.web.views import PlanPart, plan_parts

pages = Pages()

EARLIER = 30
"""How many earlier measures are offered as a pattern."""

GOES_ON = frozenset({"weiter", "eingabetaste"})
"""The names of the button that goes on, and of the one that Enter in a field presses."""

KNOWN = 20
"""In how many of them further bodies are looked for."""


@pages.get("/vorhaben/neu", Action.CASE_REGISTER)
def first(desk: AtDesk, entwurf: str = "") -> Response:
    """Show the form, with the draft that is named or was left last, if any."""
    return _first(desk, register_drafts.asked_for(desk, entwurf))


@pages.post("/vorhaben/neu", Action.CASE_REGISTER)
def go_on(desk: AtDesk, sent: Sent) -> Response:
    """Keep what was typed; go on to the questions, or stay."""
    draft = _draft(desk, sent).with_sent(sent)
    if "verwerfen" in sent:
        register_drafts.drop(desk, draft)
        return desk.back("/vorhaben/neu", Text("Der Entwurf ist verworfen.", "Draft discarded."))
    register_drafts.keep(desk, draft)
    if files.AGAIN in sent:
        return _first(desk, draft, sent=sent)
    try:
        draft = _with_files(desk, draft, sent)
    except EngineError as error:
        return _first(desk, draft, {"unterlagen": error.text}, sent)
    register_drafts.keep(desk, draft)
    if not GOES_ON & set(sent):
        return desk.back(path(draft), _saved(desk))
    faults = dict(draft.faults(desk.world))
    if faults:
        return _first(desk, draft, faults)
    return desk.back(path(draft, "/betroffenheit"))


@pages.post("/vorhaben/neu/entwurf", Action.CASE_REGISTER)
def autosave(desk: AtDesk, sent: Sent) -> Response:
    """Keep what was typed so far, and say when in a short sentence."""
    register_drafts.keep(desk, _draft(desk, sent).with_sent(sent))
    return PlainTextResponse(desk.say(_saved(desk)))


@pages.post("/vorhaben/neu/wie", Action.CASE_REGISTER)
def like(desk: AtDesk, sent: Sent) -> Response:
    """Begin a further draft with what an earlier measure said."""
    file = desk.file(str(sent.get("vorgang", "")))
    draft = Draft.like(file.case)
    register_drafts.keep(desk, draft)
    words = Text(
        f"Übernommen aus {file.case.number}. Tag und Unterlagen fehlen noch.",
        f"Taken over from {file.case.number}. Its day and documents are still missing.",
    )
    return desk.back(path(draft), words)


@pages.get("/vorhaben/neu/betroffenheit", Action.CASE_REGISTER)
def concern(desk: AtDesk, entwurf: str = "") -> Response:
    """Ask the few questions that say whom the measure touches."""
    draft = register_drafts.asked_for(desk, entwurf)
    if next(draft.faults(desk.world), None):
        return desk.back(path(draft) if entwurf else "/vorhaben/neu")
    return _concern(desk, draft)


@pages.post("/vorhaben/neu/betroffenheit", Action.CASE_REGISTER)
def answered(desk: AtDesk, sent: Sent) -> Response:
    """Keep the answers; go on to the result once every question has one."""
    draft = _draft(desk, sent)
    answers = forms.facts_given(sent, desk.world, "frage")
    draft = replace(draft, answers=answers, without=(), besides=(), reason="")
    register_drafts.keep(desk, draft)
    if "zurueck" in sent:
        return desk.back(path(draft))
    asked = questions(desk.world, _place(desk, draft))
    open_ = {
        f"frage.{name}": Text(f"Noch offen: {q.de}", f"Still open: {q.en}")
        for name, q in asked
        if name not in answers
    }
    return _concern(desk, draft, open_) if open_ else desk.back(path(draft, "/anmelden"))


@pages.get("/vorhaben/neu/anmelden", Action.CASE_REGISTER)
def result(desk: AtDesk, entwurf: str = "") -> Response:
    """Show who takes part, the plan, and the letters, before anything is done."""
    draft = register_drafts.asked_for(desk, entwurf)
    if next(draft.faults(desk.world), None):
        return desk.back(path(draft) if entwurf else "/vorhaben/neu")
    return _result(desk, draft)


@pages.post("/vorhaben/neu/anders", Action.CASE_REGISTER)
def otherwise(desk: AtDesk, sent: Sent) -> Response:
    """Take another view than a table; to leave an office out needs a reason that it will read."""
    without = tuple(str(x) for x in sent.getlist("ohne"))
    besides = tuple(str(x) for x in sent.getlist("auch"))
    reason = str(sent.get("begruendung", "")).strip()
    draft = replace(_draft(desk, sent), without=without, besides=besides, reason=reason)
    if without and not reason:
        words = Text(
            "Begründen Sie, warum die Stelle nicht beteiligt wird. Sie liest die Begründung.",
            "Say why the office is left out. It will read the reasons.",
        )
        return _result(desk, draft, words, field="begruendung")
    register_drafts.keep(desk, draft)
    return desk.back(path(draft, "/anmelden"))


@pages.post("/vorhaben/neu/anmelden", Action.CASE_REGISTER)
def register(desk: AtDesk, sent: Sent) -> Response:
    """Register the measure, and inform at once if that was chosen."""
    draft, key = _draft(desk, sent), str(sent.get("key", ""))
    before = registered_by(desk.app, key)
    if before is not None and sees(desk.acting, before):
        # Sent twice: the file is open already.
        return desk.back(f"/vorhaben/{before.number}")
    if draft.key != key or next(draft.faults(desk.world), None):
        return desk.back(path(draft) if draft.fields else "/vorhaben/neu", _CHANGED)
    telling = draft.telling(desk.world) if sent.get("tun") == "informieren" else None
    try:
        _refuse_twin(desk, draft)
        uploads.still_there(desk.app, draft.documents)
        measure = _measure(desk, draft)
        deed = _deed(desk, draft, telling=telling is not None)
        done = register_and_inform(desk.app, measure, deed, telling)
    except EngineError as error:
        return _result(desk, draft, error.text)
    register_drafts.drop(desk, draft)
    return desk.back(f"/vorhaben/{done.case.number}", _done_words(desk, done))


_CHANGED = Text(
    "Der Entwurf hat sich inzwischen geändert. Bitte sehen Sie ihn noch einmal an.",
    "The draft has changed meanwhile. Please look at it again.",
)


def _done_words(desk: Desk, done: Registered) -> Text:
    number = done.case.number
    words = Text(f"Angemeldet als {number}.", f"Registered as {number}.")
    if not done.informed:
        return words
    rest = told_words(done.case, done.informed, desk.world)
    return Text(f"{words.de} {rest.de}", f"{words.en} {rest.en}")


# --- the draft


def _draft(desk: Desk, sent: FormData) -> Draft:
    return register_drafts.sent_for(desk, str(sent.get(register_drafts.FIELD, "")))


def _saved(desk: Desk) -> Text:
    at = f"{desk.app.clock.now().astimezone(BERLIN):%H:%M}"
    return Text(f"Entwurf gespeichert um {at} Uhr.", f"Draft saved at {at}.")


def _with_files(desk: Desk, draft: Draft, sent: FormData) -> Draft:
    gone = {str(x) for x in sent.getlist("entfernen")}
    kept = tuple(d for d in draft.documents if d.uid not in gone)
    register_drafts.forget_files(desk, (d for d in draft.documents if d.uid in gone))
    return replace(draft, documents=(*kept, *files.came(desk, sent, "unterlagen")))


def _place(desk: Desk, draft: Draft) -> str:
    decider, sitting = draft.text("entscheidet"), draft.text("sitzung")
    return register_choices.place_of(decider, sitting, desk.world)


def _deed(desk: Desk, draft: Draft, *, telling: bool) -> Deed:
    lead = _lead(desk, draft)
    return Deed(
        step="",
        person=desk.me.person,
        office=acting_office(desk.world, desk.acting.offices, lead),
        fields=draft.told(desk.world, telling=telling),
        documents=draft.documents,
        key=draft.key,
    )


def _measure(desk: Desk, draft: Draft) -> Measure:
    return replace(draft.measure(desk.world), lead=_lead(desk, draft))


def _lead(desk: Desk, draft: Draft) -> str:
    """Return the lead department: the one that was chosen, else the only one there is."""
    allowed = [o.id for o in leads_for(desk.world, desk.acting.offices)]
    chosen = draft.text("federfuehrung")
    if chosen in allowed:
        return chosen
    if len(allowed) == 1:
        return allowed[0]
    raise InputError(
        "Wählen Sie, welche Stelle federführend ist.", "Choose which office has the lead."
    )


# --- the pages


def _first(
    desk: Desk,
    draft: Draft,
    faults: dict[str, Text] | None = None,
    sent: FormData | None = None,
) -> Response:
    world = desk.world
    leads = leads_for(world, desk.acting.offices)
    own = len(leads) == 1
    with desk.app.database.read() as store:
        rows = store.cases.list(Filter(seen_by=desk.acting), limit=EARLIER)
        earlier = [store.cases.get(r.number) for r in rows[:KNOWN]]
    place = _place(desk, draft)
    return desk.render(
        "register/first.html",
        200 if not faults else 422,
        draft=draft,
        faults=faults or {},
        kinds=register_choices.kinds(world),
        deciders=register_choices.deciders(world, [c for c in earlier if sees(desk.acting, c)]),
        sittings=[
            (s.uid, register_choices.sitting_text(s, world)) for s in register_choices.coming(world)
        ],
        firm=register_choices.firm_choice(world) if own else None,
        leads=None if own else [(o.id, o.name) for o in leads],
        origins=None if own else register_choices.ORIGINS,
        secrecy=register_choices.SECRECY,
        document_kinds=list(forms.document_kinds(world, place)),
        earlier=[(r.number, f"{r.number} {r.title}") for r in rows],
        waiting=files.offered(desk, sent),
        others=[
            (d.text("titel"), path(d)) for d in register_drafts.begun(desk) if d.name != draft.name
        ],
    )


def _concern(desk: Desk, draft: Draft, faults: dict[str, Text] | None = None) -> Response:
    return desk.render(
        "register/concern.html",
        200 if not faults else 422,
        draft=draft,
        faults=faults or {},
        questions=questions(desk.world, _place(desk, draft)),
    )


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What registering would bring about: plan, completeness, letters, and who must wait."""

    plan: tuple[PlanPart, ...]
    light: str | None
    options: tuple[Any, ...]
    complete: tuple[Complete, ...]
    letters: tuple[Letter, ...]
    lacking: tuple[Text, ...]
    can_inform: bool


def _result(desk: Desk, draft: Draft, told: Text | None = None, field: str = "") -> Response:
    world = desk.world
    measure = draft.concern(world)
    foreseen, refused = None, told
    try:
        foreseen = tried(desk.app, lambda store: _foreseen(desk, draft, store))
    except EngineError as error:
        refused = told or error.text
    return desk.render(
        "register/result.html",
        200 if told is None else 422,
        draft=draft,
        told=refused,
        field=field,
        called=_called(measure, world),
        others=list(bystanders(measure, world, world.today)),
        may_differ=_tables_saying(draft, measure, world, answer=True),
        may_add=_tables_saying(draft, measure, world, answer=False),
        foreseen=foreseen,
        twin=_twin(desk, draft),
        because=_because,
    )


def _because(row: Bystander) -> Text:
    """Return why an office takes no part, with the norm whose table says so."""
    if row.provision is None:
        return row.because
    cited = norm(row.provision)
    return Text(f"{row.because.de} – {cited.de}", f"{row.because.en} – {cited.en}")


def _foreseen(desk: Desk, draft: Draft, store: Store) -> Foreseen:
    app, world = desk.app, desk.world
    telling = draft.telling(world)
    deed = _deed(desk, draft, telling=True)
    case = opened_in(app, store, _measure(desk, draft), deed, deed.documents)
    parts = standings(case, world)
    plan = CasePlan(case, world, parts, options(case, world))
    done = informed_in(app, store, case, deed, telling)
    return Foreseen(
        plan=tuple(plan_parts(plan)),
        light=light_of(parts),
        options=plan.options,
        complete=tuple(completeness(case, world)),
        letters=tuple(letters_of(app, store, done.case, str(deed.key))),
        lacking=tuple(o.missing for o in done.lacking if o.missing is not None),
        can_inform=bool(done.informed),
    )


def _called(measure: Measure, world: World) -> list[tuple[str, Text, list[Text]]]:
    """Return who is to take part, in which form, and by which norms."""
    called = called_for(measure, world, world.today)
    return [
        (
            world.roster.office(office).name,
            world.library.for_form(form).title,
            list(dict.fromkeys(norm(p) for p in rows)),
        )
        for (office, form), rows in sorted(called.items())
    ]


def _tables_saying(
    draft: Draft, measure: Measure, world: World, *, answer: bool
) -> list[tuple[str, Text, Text]]:
    """Return the facts that tables answer so, with the offices whom they call and the norm."""
    found = []
    for provision in tables_of(world, measure.municipality):
        table = provision.table
        row = None if table is None else table.row(draft.answers)
        if table is None or row is None or row.answer is not answer:
            continue
        names = [o.name for o in world.roster.offices.values() if o.concern == table.answers]
        if names:
            words = ", ".join(names)
            found.append((table.answers, Text(words, words), norm(provision)))
    return found


# --- twins


def _twin(desk: Desk, draft: Draft) -> tuple[Match, Case | None] | None:
    """Return the case that seems to be the same measure; its file only if she may see it."""
    try:
        match = alike(desk.app, draft.measure(desk.world))
    except EngineError:
        return None
    if match is None:
        return None
    with desk.app.database.read() as store:
        try:
            case = store.cases.get(match.case)
        except NotFound:
            return None
    seen = case if sees(desk.acting, case) else None
    return (match, seen) if seen is not None or match.sure else None


def _refuse_twin(desk: Desk, draft: Draft) -> None:
    """Refuse to open a second file for the same number."""
    twin = _twin(desk, draft)
    if twin is None or not twin[0].sure:
        return
    number = draft.text("nummer")
    where = "" if twin[1] is None else f" {twin[1].number}"
    raise InputError(
        f"Zur Vorlagen-Nr. {number} gibt es schon den Vorgang{where}. Arbeiten Sie dort weiter; "
        "ein Vorhaben wird nicht zweimal geführt.",
        f"There already is the case{where} for the paper number {number}. Go on there; no "
        "measure is kept twice.",
    )
