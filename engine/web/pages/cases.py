"""The file of a case: the list, the page, each date's derivation, and each document."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import quote

from fastapi import Query
from fastapi.responses import Response, StreamingResponse

from engine.core.calendar import Calendar, local_day
from engine.core.case import Deadline
from engine.core.explanation import Step, explain, sentence
from engine.core.phrases import norm
from engine.definitions.commentary.norms import force
from engine.errors import EngineError
from engine.services.legal.files import calendar_of
from engine.services.planning import plan_of
from engine.services.reading import File
from engine.services.record_words import deadline_title
from engine.store import documents
from engine.store.cases import PAGE, Filter
from engine.web.access import Action, may
from engine.web.answers import deputised
from engine.web.beside import beside
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


@pages.get("/vorhaben/{number}", Action.CASE_SHOW)
def show(desk: AtDesk, number: str) -> Response:
    """Show a case: what comes next, who takes part, the plan, the deadlines, the history."""
    file = desk.file(number)
    page = case_page(file, plan_of(desk.app, number), desk.acting)
    return desk.render(
        "cases/show.html",
        page=page,
        case=page.case,
        world=file.world,
        beside=beside(desk, file.case),
        may_examine=may(desk.actor, Action.OVERVIEW),
        stands_in=deputised(desk, file.case),
    )


@pages.get("/vorhaben/{number}/frist/{participation}/{name}/{generation}", Action.CASE_SHOW)
def deadline(desk: AtDesk, number: str, participation: str, name: str, generation: int) -> Response:
    """Show how a date was counted, step by step, each with its norm."""
    file = desk.file(number)
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
    return desk.render(
        "cases/deadline.html",
        case=file.case,
        title=deadline_title(file.case, world, found.key),
        deadline=found,
        owner=world.roster.office(found.owner).name,
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
    )


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


@pages.get("/vorhaben/{number}/unterlage/{uid}", Action.CASE_SHOW)
def document(desk: AtDesk, number: str, uid: str) -> Response:
    """Hand out a document of the case, as an attachment that no browser runs."""
    file = desk.file(number)
    found = next((d for d in file.case.documents if d.uid == uid), None)
    if found is None:
        raise Hidden
    stream = documents.open_document(desk.app.config.documents, uid)
    name = found.name or f"{found.kind}-{uid[:8]}"
    return StreamingResponse(stream, headers=attachment(name, found.media))
