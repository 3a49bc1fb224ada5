"""A link is opened: the receipt stands in the file, and one case can be read for an hour."""

from __future__ import annotations

from collections.abc import Iterator

from engine import clock
from engine.app import App
from engine.core.absences import stands_in_for
from engine.core.case import BY_LINK, Document
from engine.core.meanings import OfficeMeans
from engine.core.workflow import Step
from engine.core.world import World
from engine.delivery.links import LENGTH
from engine.services import throttle
from engine.services.cases import Deed, taken_in
from engine.services.links.values import (
    FETCHED,
    OPENED,
    VISIT_FOR,
    LinkOver,
    Offered,
    Opened,
    Visit,
    Why,
    no_visit,
)
from engine.services.links.worth import (
    Standing,
    asked_of,
    enter,
    good,
    note_guess,
    receipt_of,
    visiting,
)
from engine.services.vault import digest
from engine.store.links import Link, Links
from engine.store.store import Store


def offered(app: App, token: str, address: str) -> Offered:
    """Return what a link offers; changes nothing, so whoever looks ahead confirms nothing.

    Raises LinkOver where it opens nothing, TooOften for a place that guesses.
    """
    throttle.admit_link(app, address)
    try:
        with app.database.read() as store:
            standing = good(app, store, token)
    except LinkOver as over:
        note_guess(app, over, address)
        raise
    confirms = receipt_of(standing) is not None
    return Offered(standing.language, standing.case.confidential, confirms)


def open_visit(app: App, token: str, address: str) -> Opened:
    """Use a link up: confirm the receipt where that is still to be done, and open a visit.

    Both or nothing. Where the receipt stands already, or is not hers to confirm today, the
    link just opens. Raises LinkOver, TooOften.
    """
    throttle.admit_link(app, address)
    try:
        with app.database.write() as store:
            return _opened(app, store, good(app, store, token))
    except LinkOver as over:
        note_guess(app, over, address)
        raise


def visit(app: App, token: str) -> Visit:
    """Return what a visit shows; raises NotFound for one that is over, LinkOver for a reason."""
    with app.database.read() as store:
        return _shown(visiting(app, store, token))


def document(app: App, token: str, uid: str) -> Document:
    """Return a document that a visit may fetch, and enter that it did; NotFound otherwise."""
    with app.database.write() as store:
        standing = visiting(app, store, token)
        found = next((d for d in _shown(standing).documents if d.uid == uid), None)
        if found is None:
            raise no_visit()
        enter(store, standing, FETCHED, clock.new_uid(), document=uid)
        return found


def leave(app: App, token: str) -> None:
    """End a visit before its time."""
    with app.database.write() as store:
        Links(store.connection).leave(digest(token))


def _opened(app: App, store: Store, standing: Standing) -> Opened:
    link, token = standing.link, clock.token(LENGTH)
    until = standing.world.now + VISIT_FOR
    if not Links(store.connection).use(link.digest, standing.world.now, digest(token), until):
        raise LinkOver(Why.USED, standing.language)
    step = receipt_of(standing)
    if step is not None:
        taken_in(app, store, standing.case.number, _deed(link, step), ())
    enter(store, standing, OPENED, link.digest.hex()[:32], receipt=step is not None)
    return Opened(token, until, step is not None)


def _deed(link: Link, step: Step) -> Deed:
    return Deed(
        step.id,
        link.person,
        link.office,
        participation=link.participation,
        key=f"link:{link.digest.hex()[:32]}",
        way=BY_LINK,
    )


def _shown(standing: Standing) -> Visit:
    case, world, link = standing.case, standing.world, standing.link
    assert link.visit_until is not None
    holders = stands_in_for(world.roster, link.person, link.office, world.today)
    return Visit(
        case=case,
        world=world,
        participation=standing.participation,
        language=standing.language,
        until=link.visit_until,
        documents=() if case.confidential else case.documents,
        deadlines=tuple(asked_of(case, standing.participation)),
        in_place_of=tuple(person.name for person in holders),
        help_from=tuple(_council_offices(world)),
    )


def _council_offices(world: World) -> Iterator[str]:
    roster = world.roster
    council = OfficeMeans.COUNCIL_OFFICE
    return (o.name for o in roster.offices.values() if roster.means(o.id) is council)
