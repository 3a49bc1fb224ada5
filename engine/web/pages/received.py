"""Mein Eingang: everything that an office which is heard has yet to do, by urgency."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from fastapi.responses import Response

from engine.core.absences import stands_in_for
from engine.core.case import Measure, Stage
from engine.core.obligations import Obligation, Urgency
from engine.core.phrases import norm
from engine.core.world import World
from engine.errors import Text
from engine.services.obligations import owed
from engine.services.record_words import deadline_title
from engine.services.unregistered import unregistered
from engine.web.access import HEARD, Action
from engine.web.desk import AtDesk, Desk
from engine.web.routes import Pages
from engine.web.views import days_left

pages = Pages()

GROUPS = {
    Urgency.TODAY: Text("Heute fällig", "due today"),
    Urgency.WEEK: Text("Diese Woche", "this week"),
    Urgency.LATER: Text("Später", "later"),
    Urgency.RESTING: Text("Ruht", "at rest"),
}


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the inbox; `left` are working days, `in_place_of` is told for a deputy."""

    number: str
    title: str
    what: Text
    until: date | None
    left: int | None
    resting: bool
    lead: str
    sitting: Stage | None
    state: Text
    norm: Text | None
    office: str
    in_place_of: str


@pages.get("/eingang", Action.INBOX)
def inbox(desk: AtDesk) -> Response:
    """Show what waits for the visitor's offices, nothing hidden behind a filter."""
    offices = heard_offices(desk)
    with desk.app.database.read() as store:
        world = desk.app.world(store)
        found = owed(store, world, offices)
    grouped: dict[Urgency, list[Row]] = {u: [] for u in Urgency}
    for one in found:
        grouped[one.urgency(world.today)].append(_row(one, world, desk))
    items = unregistered(desk.app, offices, look=False)
    return desk.render(
        "commissioner/inbox.html",
        groups=[(GROUPS[u], u.value, rows) for u, rows in grouped.items()],
        count=len(found),
        several=len(offices) > 1,
        unregistered=sum(1 for i in items if i.open),
        places=in_place_of(desk, offices),
    )


def heard_offices(desk: Desk) -> tuple[str, ...]:
    """Return the visitor's offices that take part in measures."""
    roster = desk.world.roster
    return tuple(o for o in desk.acting.offices if roster.means(o) in HEARD)


def in_place_of(desk: Desk, offices: tuple[str, ...]) -> list[tuple[str, str]]:
    """Return the offices that the visitor stands in for, each with its holders, by name."""
    roster, today = desk.world.roster, desk.world.today
    found = [(o, stands_in_for(roster, desk.me.person, o, today)) for o in offices]
    return [(roster.office(o).name, ", ".join(p.name for p in held)) for o, held in found if held]


def _row(one: Obligation, world: World, desk: Desk) -> Row:
    case, measure = one.case, one.case.measure
    p = case.participation(one.participation)
    workflow = world.library.workflow(case.workflow if p is None else p.workflow)
    state = workflow.states[case.state if p is None else p.state]
    cited = _provision(one) or (p.provisions[0] if p is not None and p.provisions else None)
    held = stands_in_for(world.roster, desk.me.person, one.office, world.today)
    return Row(
        number=case.number,
        title=measure.title,
        what=deadline_title(case, world, (one.participation, one.name))
        if one.name
        else workflow.title,
        until=one.until,
        left=days_left(one.until, world, world.calendar(measure.municipality)),
        resting=one.resting,
        lead=world.roster.office(measure.lead).name,
        sitting=next_stage(measure, world.today),
        state=state.title,
        norm=None if cited is None else norm(world.library.provision(cited)),
        office=world.roster.office(one.office).name,
        in_place_of=", ".join(person.name for person in held),
    )


def _provision(one: Obligation) -> str | None:
    if not one.name:
        return None
    found = one.case.deadline(one.participation, one.name)
    return None if found is None else found.provision


def next_stage(measure: Measure, today: date) -> Stage | None:
    """Return the next sitting that deals with a measure, else the last one that did."""
    dated = sorted((s for s in measure.stages if s.day is not None), key=lambda s: s.day or today)
    coming = [s for s in dated if s.day is not None and s.day >= today]
    return coming[0] if coming else dated[-1] if dated else None
