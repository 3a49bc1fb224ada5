"""The register of findings, each with its rule, its cause, and what was done about it."""

from __future__ import annotations

from datetime import date
from typing import Any

from fastapi.responses import Response
from starlette.datastructures import FormData

from engine import clock
from engine.core.calendar import local_day
from engine.core.case import Entry, Seen
from engine.core.offers import Offer
from engine.core.phrases import norm
from engine.core.rules import Provision
from engine.definitions.commentary.norms import force
from engine.errors import EngineError, NotFound, Text
from engine.services.cases import Deed, take
from engine.services.legal.findings import FindingFile, finding_of, register, step_of_line
from engine.services.record_words import FINDINGS, finding_title, line_office, line_title
from engine.web import files, forms
from engine.web.access import Action
from engine.web.desk import AtDesk, Desk, Hidden, Sent
from engine.web.pages.steps import filed
from engine.web.routes import Pages
from engine.web.views import term

pages = Pages()

VIEWS = {"alle": (), "offen": ("open",), "bewertet": ("confirmed", "remedied", "unfounded")}
KINDS = {"open": "danger", "confirmed": "warning", "remedied": "success", "unfounded": "neutral"}


@pages.get("/feststellungen", Action.FINDINGS)
def list_(desk: AtDesk, stand: str = "alle", nach: str | None = None) -> Response:
    """Show the register, the latest found first."""
    if stand not in VIEWS:
        raise Hidden
    found = register(desk.app, VIEWS[stand], _place(nach))
    after = None
    if found.after is not None:
        day, row, number = found.after
        after = f"/feststellungen?stand={stand}&nach={day.isoformat()}_{row}_{number}"
    return desk.render(
        "legal/findings.html",
        rows=found.rows,
        counts=found.counts,
        view=stand,
        next_url=after,
        states=FINDINGS,
        kinds=KINDS,
    )


def _place(words: str | None) -> tuple[date, int, int] | None:
    if words is None:
        return None
    try:
        day, row, number = words.split("_")
        return date.fromisoformat(day), int(row), int(number)
    except ValueError:
        raise Hidden from None


@pages.get("/feststellungen/{number}/{finding}", Action.FINDINGS)
def show(desk: AtDesk, number: str, finding: int) -> Response:
    """Show one finding."""
    found = _found(desk, number, finding)
    file, about = found.file, found.finding
    return desk.render(
        "legal/finding.html",
        case=file.case,
        finding=about,
        title=finding_title(file.case, file.world, about),
        state=FINDINGS[about.state.value],
        kind=KINDS[about.state.value],
        norms=[_law(p) for p in found.provisions],
        remedies=[_law(p) for p in found.remedies],
        owed=[term(d, file.case, file.world) for d in found.owed],
        cause=None if found.cause is None else _line(found, found.cause),
        about=[_line(found, line) for line in found.about],
        deeds=found.deeds,
        lead=file.world.roster.office(file.case.measure.lead).name,
    )


def _found(desk: Desk, number: str, finding: int) -> FindingFile:
    try:
        found = finding_of(desk.app, number, finding, desk.acting.offices)
    except NotFound:
        raise Hidden from None
    desk.must_see(found.file.case)
    return found


def _law(p: Provision) -> dict[str, Any]:
    return {
        "norm": norm(p),
        "title": p.title,
        "in_force": force(p),
        "url": p.url or None,
        "unchecked": False,
    }


def _line(found: FindingFile, line: Entry) -> dict[str, Any]:
    file = found.file
    step = step_of_line(file.world, line)
    rows: list[tuple[Text, str]] = []
    if step is not None:
        fields = file.world.library.workflow(line.plain["definition"]).fields
        takes = [f for f in step.takes if f.type != "finding"]
        rows = list(forms.said_of(line, takes, fields))
    return {
        "title": line_title(file.case, file.world, line),
        "office": line_office(file.world, line),
        "day": line.happened_on,
        "recorded": local_day(line.recorded_at),
        "rows": rows,
    }


@pages.get("/feststellungen/{number}/{finding}/{step}", Action.FINDINGS)
def form(desk: AtDesk, number: str, finding: int, step: str) -> Response:
    """Show the form of a step that judges findings, on this one."""
    found = _found(desk, number, finding)
    return _form(desk, found, _offer(found, step))


@pages.post("/feststellungen/{number}/{finding}/{step}", Action.FINDINGS)
def judge(desk: AtDesk, sent: Sent, number: str, finding: int, step: str) -> Response:
    """Take a step that judges findings; the finding itself stays for ever."""
    found = _found(desk, number, finding)
    offer = _offer(found, step)
    if files.AGAIN in sent:
        return _form(desk, found, offer, sent)
    try:
        take(desk.app, number, _deed(desk, found, offer, sent))
    except EngineError as error:
        return _form(desk, found, offer, sent, error.text)
    title = offer.step.title
    words = Text(f"Eingetragen: {title.de}.", f"Entered: {title.en}.")
    return desk.back(f"/feststellungen/{number}/{finding}", words)


def _offer(found: FindingFile, step: str) -> Offer:
    for offer in found.deeds:
        if offer.step.id == step:
            return offer
    raise Hidden


def _about(found: FindingFile) -> forms.About:
    case, world = found.file.case, found.file.world
    return forms.About(case, world, world.library.workflow(case.workflow), None, found.file.lines)


def _form(
    desk: Desk,
    found: FindingFile,
    offer: Offer,
    sent: FormData | None = None,
    told: Text | None = None,
) -> Response:
    case, world = found.file.case, found.file.world
    controls = forms.controls(offer.step, _about(found), sent)
    controls = [c for c in controls if c.type != "finding"]
    return desk.render(
        "legal/judge.html",
        200 if told is None else 422,
        case=case,
        finding=found.finding,
        title=finding_title(case, world, found.finding),
        step=offer.step,
        acting=world.roster.office(offer.office).name,
        missing=offer.missing,
        controls=controls,
        empty={} if told is None or sent is None else forms.left_empty(controls, sent),
        today=world.today,
        told=told,
        waiting=files.offered(desk, sent),
        hidden={
            "key": clock.new_uid() if sent is None else str(sent.get("key", "")),
            "seen_paper": str(case.paper),
        },
    )


def _deed(desk: Desk, found: FindingFile, offer: Offer, sent: FormData) -> Deed:
    assert offer.step.judges is not None
    paper = str(sent.get("seen_paper", ""))
    fields = forms.given(offer.step, sent, _about(found))
    return Deed(
        step=offer.step.id,
        person=desk.me.person,
        office=offer.office,
        fields={**fields, offer.step.judges.finding: found.finding.number},
        documents=filed(desk, offer.step, sent),
        seen=Seen(None, int(paper) if paper.isdecimal() else None),
        key=str(sent.get("key", "")) or None,
    )
