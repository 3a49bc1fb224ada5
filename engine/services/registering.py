"""A measure is registered, and whoever can be informed at once is: one deed, one transaction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from engine.app import App
from engine.core.case import Case, Measure
from engine.core.meanings import OfficeMeans, StepMeans
from engine.core.offers import Offer, offers
from engine.core.offices import Office
from engine.core.workflow import Step
from engine.core.world import World
from engine.errors import Refused
from engine.services.cases import Deed, opened_in, taken_in
from engine.store.store import Store

_PLAN = (OfficeMeans.DEPARTMENT, OfficeMeans.HEAD)


@dataclass(frozen=True, slots=True)
class Registered:
    """The case, the participations informed with it, and those that still lack something."""

    case: Case
    informed: tuple[str, ...]
    lacking: tuple[Offer, ...]


def registration(world: World) -> Step:
    """Return the step by which a measure is registered today."""
    return next(world.library.case_workflow().steps_meaning(StepMeans.REGISTRATION))


def leads_for(world: World, offices: tuple[str, ...]) -> list[Office]:
    """Return the departments for which somebody who acts for these offices may register.

    A department registers its own measures; whoever the step names by kind, those of all.
    """
    by, roster = registration(world).by, world.roster
    if any(roster.office(o).kind in by for o in offices):
        return sorted(_departments(world), key=lambda o: o.name)
    own = [roster.office(o) for o in offices]
    return [o for o in own if "lead" in by and o in _departments(world)]


def _departments(world: World) -> list[Office]:
    """Return the offices that plan measures: the departments, and the head of administration."""
    roster = world.roster
    return [o for o in roster.offices.values() if roster.means(o.id) in _PLAN]


def acting_office(world: World, offices: tuple[str, ...], lead: str) -> str | None:
    """Return for which of her offices somebody registers a measure of that lead department."""
    if lead in offices:
        return lead
    by = registration(world).by
    return next((o for o in offices if world.roster.office(o).kind in by), None)


def registered_by(app: App, key: str) -> Case | None:
    """Return the case that the deed of a key has opened already, or None."""
    with app.database.read() as store:
        found = store.chains.kept(key) if key else None
        return None if found is None else store.cases.by_uid(found[0].removeprefix("case/"))


def register_and_inform(
    app: App, measure: Measure, deed: Deed, telling: Mapping[str, Any] | None
) -> Registered:
    """Open the file of a measure and inform everybody who can be; return what became of it.

    `telling` are the fields of the information, of which each form takes those it knows; None
    informs nobody yet. The same key a second time changes nothing.
    """
    with app.database.write() as store:
        return registered_in(app, store, measure, deed, telling)


def inform(app: App, number: str, deed: Deed, telling: Mapping[str, Any]) -> Registered:
    """Inform everybody in a case who can be now; return what became of it."""
    with app.database.write() as store:
        return informed_in(app, store, store.cases.get(number), deed, telling)


def registered_in(
    app: App, store: Store, measure: Measure, deed: Deed, telling: Mapping[str, Any] | None
) -> Registered:
    """Do the same within a transaction."""
    again = deed.key is not None and store.chains.kept(deed.key) is not None
    case = opened_in(app, store, measure, deed, deed.documents)
    if again or telling is None:
        return Registered(case, (), ())
    return informed_in(app, store, case, deed, telling)


def informed_in(
    app: App, store: Store, case: Case, deed: Deed, telling: Mapping[str, Any]
) -> Registered:
    """Inform everybody in a case who can be, within a transaction.

    Whoever cannot be is left as she is, with the reason, such as documents that are missing.
    """
    informed, lacking = [], []
    for offer in informing(case, app.world(store), deed.office):
        if not offer.open:
            lacking.append(offer)
            continue
        step = _telling(deed, offer, telling)
        try:
            case = taken_in(app, store, case.number, step, ()).case
        except Refused as refusal:
            lacking.append(replace(offer, missing=refusal.text))
            continue
        informed.append(offer.participation)
    return Registered(case, tuple(informed), tuple(lacking))


def _telling(deed: Deed, offer: Offer, telling: Mapping[str, Any]) -> Deed:
    known = {f.name for f in offer.step.takes}
    return Deed(
        step=offer.step.id,
        person=deed.person,
        office=offer.office,
        participation=offer.participation,
        fields={k: v for k, v in telling.items() if k in known},
        key=f"{deed.key}:{offer.participation}",
    )


def informing(case: Case, world: World, office: str | None) -> list[Offer]:
    """Return for each participation the step by which an office informs it, open or not."""
    found: dict[str, Offer] = {}
    for offer in offers(case, world, () if office is None else (office,)):
        if offer.participation and offer.step.means is StepMeans.INFORMATION:
            known = found.get(offer.participation)
            if known is None or (offer.open and not known.open):
                found[offer.participation] = offer
    return list(found.values())
