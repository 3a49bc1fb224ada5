"""What was brought to the head of administration or the chair, and one page to act on it."""

from __future__ import annotations

from collections.abc import Iterator

from fastapi.responses import Response

from engine.core.next_steps import owner_name
from engine.core.offers import offers
from engine.core.phrases import norm
from engine.core.visibility import sees
from engine.errors import Text
from engine.services.escalated import Brought, Escalated, escalated, escalated_case
from engine.web.access import Action
from engine.web.desk import AtDesk, Desk, Hidden
from engine.web.forms import said_of
from engine.web.routes import Pages
from engine.web.views import days_left

pages = Pages()


@pages.get("/eskaliert", Action.ESCALATED)
def list_(desk: AtDesk) -> Response:
    """Show the cases of which the visitor's office was told, what is still open first."""
    found = escalated(desk.app, desk.acting.offices)
    rows = [
        {
            "number": e.file.case.number,
            "title": _title(desk, e),
            "lead": e.file.world.roster.office(e.file.case.measure.lead).name,
            "what": e.brought[0].what,
            "on": e.brought[0].on,
            "still": e.still,
        }
        for e in found
    ]
    return desk.render("escalated/list.html", rows=rows)


@pages.get("/eskaliert/{number}", Action.ESCALATED)
def show(desk: AtDesk, number: str) -> Response:
    """Show what was brought to the visitor's office in a case, and what she can do about it."""
    found = escalated_case(desk.app, desk.acting.offices, number)
    if found is None:
        raise Hidden
    file = found.file
    whole = sees(desk.acting, file.case)
    open_ = offers(file.case, file.world, desk.acting.offices) if whole else []
    return desk.render(
        "escalated/show.html",
        case=file.case,
        title=_title(desk, found),
        whole=whole,
        lead=file.world.roster.office(file.case.measure.lead).name,
        brought=[(b, list(_words(desk, b, found))) for b in found.brought],
        next=_next(found) if whole or not file.case.confidential else [],
        offers=open_,
    )


def _title(desk: Desk, found: Escalated) -> Text:
    """Return what the case is about, as far as this office may know.

    Letters about what is no public matter carry reference and date alone; so does this page.
    """
    case = found.file.case
    if case.confidential and not sees(desk.acting, case):
        return Text("nichtöffentlich", "not public")
    return Text(case.measure.title, case.measure.title)


def _words(desk: Desk, brought: Brought, found: Escalated) -> Iterator[tuple[Text, str]]:
    """Yield what was said with it in writing, as the letter says it."""
    file, line = found.file, brought.line
    hidden = file.case.confidential and not sees(desk.acting, file.case)
    if line is None or hidden or "definition" not in line.plain:
        return
    workflow = file.world.library.workflow(line.plain["definition"])
    step = workflow.steps.get(line.type)
    if step is not None:
        yield from said_of(line, step.takes, workflow.fields)


def _next(found: Escalated) -> list[dict[str, object]]:
    world = found.file.world
    calendar = world.calendar(found.file.case.measure.municipality)
    return [
        {
            "what": n.what,
            "until": n.until,
            "days_left": days_left(n.until, world, calendar),
            "who": owner_name(world, n.who),
            "norm": norm(world.library.provision(n.norms[0])) if n.norms else None,
        }
        for n in found.file.next
    ]
