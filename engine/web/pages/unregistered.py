"""On one's own initiative: what was not registered, who is not heard and why, and the demand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from fastapi.responses import PlainTextResponse, Response
from starlette.datastructures import FormData

from engine import clock
from engine.core.case import Case, Measure, Stage
from engine.core.meanings import OfficeMeans
from engine.core.offices import Office
from engine.core.procedure import unborn
from engine.core.workflow import Step
from engine.errors import EngineError, InputError, Text
from engine.services.cases import Deed
from engine.services.reading import unheard_cases
from engine.services.unregistered import (
    demand,
    demand_key,
    step_of_demand,
    trouble,
    unregistered,
)
from engine.web import answers, drafts, files
from engine.web.access import HEARD, Action
from engine.web.desk import AtDesk, Desk, Hidden, Sent
from engine.web.forms import About, Control, controls, day_given, given
from engine.web.pages.received import heard_offices, next_stage
from engine.web.pages.steps import filed
from engine.web.routes import Pages

pages = Pages()

SKIPPED = "unterblieben"
"""What the form says of a measure that was decided or carried out already."""

_SKIPPED_WORDS = {
    "de": "Die Beteiligung ist unterblieben: Es ist schon entschieden oder umgesetzt.",
    "en": "The participation was skipped: it is decided or carried out already.",
}
_NEW = "new"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a demand is about, as far as it is known when the form is opened."""

    office: str
    key: str
    title: str = ""
    reference: str = ""
    body: str = ""
    day: str = ""
    lead: str = ""
    public: bool = True
    reasons: str = ""


@pages.get("/nicht-gemeldet", Action.RADAR)
def show(desk: AtDesk) -> Response:
    """Show agenda items without a case, and cases in which the visitor takes no part."""
    mine = heard_offices(desk)
    offices = mine or tuple(o.id for o in _heard(desk))
    roster = desk.world.roster
    rows = unregistered(desk.app, offices)
    others = [
        (roster.office(office).name, office, case, row.because, row.against)
        for office in mine
        for case, row in unheard_cases(desk.app, office)
    ]
    return desk.render(
        "commissioner/unregistered.html",
        rows=[(row, roster.office(row.office).name) for row in rows],
        others=others,
        mine=bool(mine),
        several=len(offices) > 1,
        trouble=trouble(desk.app),
    )


def _heard(desk: Desk) -> list[Office]:
    roster = desk.world.roster
    return [o for o in roster.offices.values() if roster.means(o.id) in HEARD]


@pages.get("/nicht-gemeldet/verlangen", Action.CASE_DEMAND)
def form(desk: AtDesk, punkt: str = "", vorgang: str = "", stelle: str = "") -> Response:
    """Show the form by which an office demands to take part."""
    wanted = _wanted(desk, punkt, vorgang, stelle)
    draft = drafts.held(desk, _NEW, _kind(punkt, vorgang))
    return _form(desk, wanted, punkt, vorgang, sent=draft, draft=draft is not None)


@pages.post("/nicht-gemeldet/verlangen", Action.CASE_DEMAND)
def take(desk: AtDesk, sent: Sent) -> Response:
    """Open the file of the measure in which the office demands to take part."""
    item, number = str(sent.get("punkt", "")), str(sent.get("vorgang", ""))
    wanted = _wanted(desk, item, number, str(sent.get("stelle", "")))
    if files.AGAIN in sent:
        return _form(desk, wanted, item, number, sent=sent)
    if drafts.SAVE in sent:
        drafts.keep(desk, _NEW, _kind(item, number), sent)
        return _form(desk, wanted, item, number, sent=sent, draft=True)
    try:
        case, key = _demanded(desk, wanted, sent)
    except EngineError as error:
        return _form(desk, wanted, item, number, sent=sent, error=error.text)
    drafts.forget(desk, _NEW, _kind(item, number))
    return desk.back(f"/vorhaben/{case.number}/beleg/{answers.line_of(desk, case, key)}")


@pages.post("/nicht-gemeldet/verlangen/entwurf", Action.CASE_DEMAND)
def autosave(desk: AtDesk, sent: Sent) -> Response:
    """Keep the draft of a demand, as a script sends it."""
    kind = _kind(str(sent.get("punkt", "")), str(sent.get("vorgang", "")))
    return PlainTextResponse(desk.say(drafts.keep(desk, _NEW, kind, sent)))


def _kind(item: str, number: str) -> str:
    return drafts.kind_of("demand", item or number)


def _wanted(desk: Desk, item: str, number: str, office: str) -> Wanted:
    """Return what is known of the measure from an agenda item, or from the case of another."""
    mine = heard_offices(desk)
    if not mine or (office and office not in mine):
        raise Hidden
    office = office or mine[0]
    if item:
        return _of_item(desk, item, mine)
    if number:
        return _of_case(desk, number, mine)
    return Wanted(office, clock.new_uid())


def _of_item(desk: Desk, item: str, mine: tuple[str, ...]) -> Wanted:
    row = next((r for r in unregistered(desk.app, mine) if r.key == item), None)
    if row is None or row.demand is not None:
        raise Hidden
    hints = ", ".join(row.hints)
    said = desk.t(f"Stichwort in der Tagesordnung: {hints}", f"keyword on the agenda: {hints}")
    return Wanted(
        office=row.office,
        key=demand_key(row.key),
        title=row.title,
        reference=row.reference or "",
        body=row.body,
        day=row.day.isoformat(),
        public=row.public,
        reasons=said if hints else "",
    )


def _of_case(desk: Desk, number: str, mine: tuple[str, ...]) -> Wanted:
    for office in mine:
        for case, row in unheard_cases(desk.app, office):
            if case.number == number:
                stage = next_stage(case.measure, desk.world.today)
                because = row.because
                return Wanted(
                    office=office,
                    key=clock.new_uid(),
                    title=case.measure.title,
                    reference=case.measure.reference or "",
                    body="" if stage is None else stage.body,
                    day="" if stage is None or stage.day is None else stage.day.isoformat(),
                    lead=case.measure.lead,
                    reasons=desk.t(
                        f"Zum Vorgang {number}; dort steht: {because.de}.",
                        f"About case {number}; it says: {because.en}.",
                    ),
                )
    raise Hidden


def _demanded(desk: Desk, wanted: Wanted, sent: FormData) -> tuple[Case, str]:
    title = str(sent.get("titel", "")).strip()
    if not title:
        raise InputError(
            "Schreiben Sie in einer Zeile, worum es geht.", "Write in one line what it is about."
        )
    step, about = _step(desk, wanted)
    fields = _reasoned(desk, step, given(step, sent, about), sent)
    key = wanted.key if str(sent.get("punkt", "")) else str(sent.get("key", "")) or wanted.key
    deed = Deed(step.id, desk.me.person, fields=fields, documents=filed(desk, step, sent), key=key)
    measure = _measure(wanted, title, sent)
    return demand(desk.app, desk.me.person, wanted.office, measure, deed), key


def _reasoned(desk: Desk, step: Step, fields: dict[str, Any], sent: FormData) -> dict[str, Any]:
    """Return the fields, and in the first of words that the participation was skipped."""
    name = next((f.name for f in step.takes if f.private), None)
    if sent.get("stand") != SKIPPED or name is None:
        return fields
    head = _SKIPPED_WORDS["en" if desk.language == "en" else "de"]
    return fields | {name: "\n".join(filter(None, [head, fields.get(name)]))}


def _measure(wanted: Wanted, title: str, sent: FormData) -> Measure:
    body, day = (str(sent.get(n, "")).strip() for n in ("gremium", "sitzungstag"))
    on = day_given(day, Text("Sitzungstag", "day of the sitting")) if day else None
    return Measure(
        title=title,
        kind="",
        origin="administration",
        lead=str(sent.get("federfuehrend", "")),
        municipality="",
        stages=(Stage(body, on),) if body else (),
        carried_out_on=None if body else on,
        confidentiality="public" if wanted.public else "non_public",
        reference=str(sent.get("vorlage", "")).strip() or None,
    )


def _step(desk: Desk, wanted: Wanted) -> tuple[Step, About]:
    world = desk.world
    step = step_of_demand(world, desk.me.person, wanted.office)
    workflow = world.library.case_workflow()
    place = next(iter(world.municipalities))
    bare = Measure("", "", "administration", wanted.office, place)
    return step, About(unborn("", "", bare, workflow), world, workflow, None)


def _form(
    desk: Desk,
    wanted: Wanted,
    item: str,
    number: str,
    *,
    sent: FormData | None = None,
    draft: bool = False,
    error: Text | None = None,
) -> Response:
    step, about = _step(desk, wanted)
    roster = desk.world.roster
    leads = [
        (o.id, o.name)
        for o in roster.offices.values()
        if roster.means(o.id) in (OfficeMeans.DEPARTMENT, OfficeMeans.HEAD)
    ]
    held = {} if sent is None else dict(sent)
    return desk.render(
        "commissioner/demand.html",
        200 if error is None else 422,
        wanted=wanted,
        held=held,
        controls=_prefilled(controls(step, about, sent), wanted, sent),
        leads=leads,
        offices=[(o, roster.office(o).name) for o in heard_offices(desk)],
        acting=roster.office(wanted.office).name,
        stands_in=answers.stands_in(desk, wanted.office),
        bodies=sorted({s.body for s in desk.world.sessions.values()}),
        today=desk.world.today,
        told=error,
        waiting=files.offered(desk, sent),
        draft=draft,
        keeps=desk.me.key is not None,
        hidden={
            "key": str(held.get("key", "")) or clock.new_uid(),
            "punkt": item,
            "vorgang": number,
        },
    )


def _prefilled(rows: list[Control], wanted: Wanted, sent: FormData | None) -> list[Control]:
    """Return the controls with the reasons that are known, where nothing was written yet."""
    if sent is not None or not wanted.reasons:
        return rows
    first = next((c for c in rows if c.type in ("text", "wording")), None)
    return [_with(c, wanted.reasons) if c is first else c for c in rows]


def _with(control: Control, value: str) -> Control:
    return Control(control.name, control.type, control.label, control.required, value=value)
