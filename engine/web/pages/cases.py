"""The file of a case: the list, the page, each date's derivation, and each document."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated
from urllib.parse import quote

from fastapi import Query
from fastapi.responses import Response, StreamingResponse

from engine.core.calendar import Calendar, local_day
from engine.core.case import Deadline
from engine.core.explanation import Step, explain, sentence
from engine.core.next_steps import owner_name
from engine.core.phrases import norm
from engine.definitions.commentary.norms import force
from engine.errors import EngineError, NotFound
from engine.services.legal.files import calendar_of
from engine.services.links import sent_links
from engine.services.planning import plan_of
from engine.services.reading import File
from engine.services.record_words import deadline_title
from engine.services.retention import erased_of
from engine.store import documents
from engine.store.cases import PAGE, Filter
from engine.web.access import Action, Decision, authorize, may
from engine.web.answers import deputised
from engine.web.beside import Beside, beside
from engine.web.desk import AtDesk, Hidden
from engine.web.routes import Pages
from engine.web.security import attachment
from engine.web.strips import strip
from engine.web.views import case_page, days_left, key_of

pages = Pages()

Page = Annotated[str | None, Query(max_length=40)]


@pages.get("/vorhaben", Action.CASE_LIST)
def list_(desk: AtDesk, nach: Page = None, suche: str = "") -> Response:
    """Show the cases that the visitor may see, the newest first."""
    with desk.app.database.read() as store:
        wanted = Filter(title=suche.strip(), seen_by=desk.acting)
        rows = store.cases.list(wanted, after=nach, limit=PAGE + 1)
        world = desk.app.world(store)
    workflow = world.library.case_workflow()
    more = rows[PAGE - 1].number if len(rows) > PAGE else None
    shown = [
        {
            "number": row.number,
            "title": row.title,
            "lead": world.roster.office(row.lead).name,
            "state": workflow.states[row.state].title
            if row.state in workflow.states
            else row.state,
            "day": row.next_day,
            "left": days_left(row.next_day, world, world.calendar(row.municipality)),
        }
        for row in rows[:PAGE]
    ]
    search = f"&suche={quote(suche)}" if suche else ""
    following = None if more is None else f"/vorhaben?nach={more}{search}"
    return desk.render("cases/list.html", rows=shown, next_url=following, search=suche)


@pages.get("/vorhaben/{number}", Action.CASE_READ)
def show(desk: AtDesk, number: str) -> Response:
    """Show a case: what comes next, who takes part, the plan, the deadlines, the history.

    Whom a grant lets read it sees the same without anything that could be done.
    """
    file = desk.opened(number)
    by_grant = desk.by_grant(file.case)
    reader = replace(desk.acting, offices=()) if by_grant else desk.acting
    page = case_page(file, plan_of(desk.app, file.case.number), reader)
    response = desk.render(
        "cases/show.html",
        page=replace(page, options=()) if by_grant else page,
        case=page.case,
        world=file.world,
        by_grant=by_grant,
        may_take=authorize(desk.actor, Action.CASE_EXTRACT, file.case) is Decision.ALLOWED,
        beside=Beside(opens=False) if by_grant else beside(desk, file.case),
        may_examine=may(desk.actor, Action.OVERVIEW) and not by_grant,
        stands_in="" if by_grant else deputised(desk, file.case),
        left=erased_of(desk.app, file.case.uid),
        links=sent_links(desk.app, file.case.number, reader),
    )
    desk.looked(file.case, "case")
    return response


@pages.get("/vorhaben/{number}/frist/{participation}/{name}/{generation}", Action.CASE_READ)
def deadline(desk: AtDesk, number: str, participation: str, name: str, generation: int) -> Response:
    """Show how a date was counted, step by step, each with its norm."""
    file = desk.opened(number)
    key = (key_of(participation), name, generation)
    found = next((d for d in file.case.deadlines if d.key == key), None)
    if found is None:
        raise Hidden
    world, measure = file.world, file.case.measure
    calendar = world.calendar(measure.municipality)
    steps = _explained(found, calendar, file)
    again = bool(steps)
    if not again:
        # Counted with an older calendar: its day stands, and the log knows by which it was.
        then = calendar_of(desk.app, file.case, found)
        calendar = then or calendar
        steps = () if then is None else _explained(found, then, file)
    provision = None if found.provision is None else world.library.provision(found.provision)
    response = desk.render(
        "cases/deadline.html",
        case=file.case,
        title=deadline_title(file.case, world, found.key),
        deadline=found,
        owner=owner_name(world, found.owner),
        steps=steps,
        told=sentence(steps) if steps else None,
        again=again,
        calendar=calendar,
        strip=strip(found.derivation, calendar),
        law=None
        if provision is None
        else {
            "norm": norm(provision),
            "title": provision.title,
            "in_force": force(provision),
            "url": provision.url or None,
        },
        ends_on=local_day(found.ends_at),
        by_grant=desk.by_grant(file.case),
    )
    desk.looked(file.case, "deadline", deadline="/".join(map(str, found.key)))
    return response


def _explained(deadline: Deadline, calendar: Calendar, file: File) -> tuple[Step, ...]:
    """Return how a deadline was counted; nothing where this calendar leads elsewhere."""
    try:
        return explain(deadline.derivation, calendar, norms=_cited(deadline, file))
    except EngineError:
        return ()


def _cited(deadline: Deadline, file: File) -> dict[str, str]:
    if deadline.provision is None:
        return {}
    return {"period": file.world.library.provision(deadline.provision).norm}


@pages.get("/vorhaben/{number}/unterlage/{uid}", Action.CASE_READ)
def document(desk: AtDesk, number: str, uid: str) -> Response:
    """Hand out a document of the case, as an attachment that no browser runs."""
    file = desk.opened(number)
    found = next((d for d in file.case.documents if d.uid == uid), None)
    if found is None:
        raise Hidden
    if erased_of(desk.app, file.case.uid).papers_gone:
        raise NotFound(
            "Dieses Dokument wurde nach Ablauf seiner Aufbewahrungsfrist gelöscht.",
            "This document was erased after its retention period had ended.",
        )
    stream = documents.open_document(desk.app.config.documents, uid)
    name = found.name or f"{found.kind}-{uid[:8]}"
    desk.looked(file.case, "document", document=uid)
    return StreamingResponse(stream, headers=attachment(name, found.media))
