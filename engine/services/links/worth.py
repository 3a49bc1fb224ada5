"""What a personal link is worth at this instant, to whom it leads and to what."""

from __future__ import annotations

import re
from dataclasses import dataclass

from engine.app import App
from engine.core.case import BY_LINK, Case, Deadline, Participation
from engine.core.draft import Draft
from engine.core.meanings import StateMeans, StepMeans
from engine.core.offers import offers
from engine.core.visibility import actor, sees
from engine.core.workflow import Step
from engine.core.world import World
from engine.delivery.links import LENGTH
from engine.services import throttle
from engine.services.accounts.values import DISABLED
from engine.services.cases import participation_of
from engine.services.links.values import LinkOver, Why, no_visit
from engine.services.vault import digest
from engine.store.grants import stream_of
from engine.store.links import Link, Links
from engine.store.roster import By
from engine.store.store import Store

_TOKEN = re.compile(rf"[0-9a-f]{{{LENGTH}}}")


@dataclass(frozen=True, slots=True)
class Standing:
    """A link with the case and the world it stands in at this instant."""

    link: Link
    case: Case
    world: World

    @property
    def participation(self) -> Participation:
        """The participation to which the link belongs."""
        return participation_of(self.case, self.link.participation)

    @property
    def language(self) -> str:
        """The language of the person it was sent to."""
        return self.world.roster.persons[self.link.person].language


def good(app: App, store: Store, token: str) -> Standing:
    """Return where a link leads that is good now; raises LinkOver."""
    link = None if not _TOKEN.fullmatch(token) else Links(store.connection).get(digest(token))
    if link is None:
        raise LinkOver(Why.UNKNOWN)
    standing = standing_of(app, store, link)
    why = _spent(app, link) or closed(app, store, standing)
    if why is not None:
        raise LinkOver(why, standing.language)
    return standing


def visiting(app: App, store: Store, token: str) -> Standing:
    """Return the standing of a visit that lasts; raises NotFound, or LinkOver with the reason."""
    known = _TOKEN.fullmatch(token)
    link = Links(store.connection).of_visit(digest(token)) if known else None
    if link is None or link.visit_until is None or link.visit_until <= app.clock.now():
        raise no_visit()
    standing = standing_of(app, store, link)
    why = closed(app, store, standing)
    if why is not None:
        raise LinkOver(why, standing.language)
    return standing


def standing_of(app: App, store: Store, link: Link) -> Standing:
    """Return the standing of a link, whatever it is worth."""
    return Standing(link, store.cases.by_uid(link.case), app.world(store))


def _spent(app: App, link: Link) -> Why | None:
    if link.ended_at is not None:
        return Why.REPLACED
    if link.used_at is not None:
        return Why.USED
    return Why.EXPIRED if link.expires_at <= app.clock.now() else None


def closed(app: App, store: Store, standing: Standing) -> Why | None:
    """Return why what a link leads to is closed: to this person, or to everybody."""
    link, case, world = standing.link, standing.case, standing.world
    account = store.accounts.by_person(link.person)
    who = actor(world.roster, link.person, world.today)
    barred = any(
        r.person == link.person and r.case == case.uid and r.since <= world.today
        for r in world.roster.recusals
    )
    shut = account is not None and account.state == DISABLED
    if shut or barred or link.office not in who.offices or not sees(who, case):
        return Why.AWAY
    return Why.OVER if is_over(case, world, link.participation) else None


def is_over(case: Case, world: World, participation: str) -> bool:
    """Return whether nothing is asked of a participation any more, nor will be."""
    workflow = world.library.workflow(case.workflow)
    final = workflow.meaning(case.state) is StateMeans.FINAL
    return final or participation not in {p.key for p in Draft(case, world).current()}


def receipt_of(standing: Standing) -> Step | None:
    """Return the step by which this person confirms the receipt today, None where there is none.

    One that asks for more than a click is not for a link.
    """
    link, world = standing.link, standing.world
    if world.roster.tenure(link.person, link.office, world.today, link.case) is None:
        return None
    for offer in offers(standing.case, world, (link.office,)):
        mine = offer.participation == link.participation and offer.open
        plain = all(wanted.optional for wanted in offer.step.takes)
        if mine and plain and offer.step.means is StepMeans.RECEIPT:
            return offer.step
    return None


def asked_of(case: Case, taking: Participation) -> list[Deadline]:
    """Return the deadlines that run for an office in its participation, the first one first."""
    found = [d for d in case.deadlines if d.participation == taking.key and d.open]
    return sorted((d for d in found if d.owner == taking.office), key=lambda d: d.last_day)


def enter(store: Store, standing: Standing, type_: str, key: str, **plain: object) -> None:
    """Enter a look by a link: which case, which participation, and at what of it."""
    link, world = standing.link, standing.world
    by = By(link.person, link.office, world.now, world.today, f"{type_}:{key}")
    said = {"case": link.case, "participation": link.participation, "way": BY_LINK, **plain}
    store.enter(by.line(stream_of(world.today), type_, said))


def note_guess(app: App, over: LinkOver, address: str) -> None:
    """Count a link that never was against the place that tried it."""
    if over.why is Why.UNKNOWN:
        throttle.count_link(app, address)
