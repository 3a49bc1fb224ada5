"""What the offices of a visitor are asked to do, the most urgent first, and what others do.

The same sentences as on the page of a case (`core.next_steps`), over all cases that are not
over and in which one of her offices has a part or the lead.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from engine.app import App
from engine.core.case import Case
from engine.core.next_steps import NextStep, next_steps, owner_name
from engine.core.phrases import norm
from engine.core.visibility import Actor
from engine.core.world import World
from engine.errors import Text
from engine.services.obligations import open_cases, running_states
from engine.store.cases import Filter
from engine.web.views import days_left


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that an office is asked to do, or waits for."""

    number: str
    title: str
    what: Text
    who: Text
    until: date | None
    left: int | None
    norm: Text | None
    lead: str
    sitting: date | None
    state: Text
    resting: bool
    mine: bool


@dataclass(frozen=True, slots=True)
class Inbox:
    """What is up to the visitor, by urgency, what is up to others, and what is over."""

    mine: tuple[Item, ...]
    others: tuple[Item, ...]
    over: tuple[Item, ...]
    more_over: bool


OVER = 10
"""How many cases that are over the first page shows; the list has them all."""


def inbox(app: App, actor: Actor) -> Inbox:
    """Return what is to be done in the cases in which the actor's offices take part."""
    offices = frozenset(actor.offices)
    with app.database.read() as store:
        world = app.world(store)
        items = [
            item
            for case in open_cases(store, world, offices)
            for item in _items(case, world, offices)
        ]
        last = store.cases.list(Filter(states=_ended(world), offices=offices), limit=OVER + 1)
        rows = [_over(store.cases.get(row.number), world) for row in last[:OVER]]
    items.sort(key=lambda i: (i.until or date.max, i.number))
    mine = tuple(i for i in items if i.mine)
    return Inbox(mine, tuple(i for i in items if not i.mine), tuple(rows), len(last) > OVER)


def _ended(world: World) -> frozenset[str]:
    """Return the states of a case, of any version of its workflow, that are its end."""
    flows = (w for w in world.library.workflows.values() if w.form is None)
    return frozenset(s for w in flows for s in w.states) - running_states(world)


def _items(case: Case, world: World, offices: frozenset[str]) -> Iterator[Item]:
    led = case.measure.lead in offices
    for step in next_steps(case, world):
        p = case.participation(step.participation)
        concerned = led or (p is not None and p.office in offices) or step.who in offices
        if concerned:
            yield _item(case, step, world, mine=step.who in offices)


def _item(case: Case, step: NextStep, world: World, *, mine: bool) -> Item:
    measure = case.measure
    calendar = world.calendar(measure.municipality)
    p = case.participation(step.participation)
    workflow = world.library.workflow(case.workflow if p is None else p.workflow)
    resting = any(
        d.participation == step.participation and d.status.value == "paused" and d.open
        for d in case.deadlines
    )
    return Item(
        number=case.number,
        title=measure.title,
        what=step.what,
        who=owner_name(world, step.who),
        until=step.until,
        left=days_left(step.until, world, calendar),
        norm=norm(world.library.provision(step.norms[0])) if step.norms else None,
        lead=world.roster.office(measure.lead).name,
        sitting=measure.first_day,
        state=workflow.states[case.state if p is None else p.state].title,
        resting=resting,
        mine=mine,
    )


def _over(case: Case, world: World) -> Item:
    measure = case.measure
    state = world.library.workflow(case.workflow).states[case.state].title
    lead = world.roster.office(measure.lead).name
    return Item(
        case.number,
        measure.title,
        state,
        Text(lead, lead),
        None,
        None,
        None,
        lead,
        measure.first_day,
        state,
        False,
        False,
    )
