"""A new link in the place of an old one: for its bearer, or for those who look after the case."""

from __future__ import annotations

from engine import clock
from engine.app import App
from engine.core.case import Case, Notice, Participation
from engine.core.meanings import OfficeMeans
from engine.core.visibility import Actor, sees
from engine.core.world import World
from engine.delivery.links import ASKED
from engine.errors import Refused
from engine.services import throttle
from engine.services.cases import participation_of
from engine.services.links.values import ASKED_AGAIN, LinkOver, SentLink
from engine.services.links.worth import asked_of, closed, good, is_over, note_guess, standing_of
from engine.services.vault import digest
from engine.store.grants import stream_of
from engine.store.links import Links
from engine.store.roster import By
from engine.store.store import Store

LETTER = "neuer_link"


def ask_again(app: App, token: str, address: str) -> None:
    """Send a new link to the person of one that was used or has expired; it ends the old.

    Raises LinkOver where the link is none that can be renewed. More than three an hour for
    one participation are not sent, and the bearer is not told.
    """
    throttle.admit_link(app, address)
    try:
        with app.database.write() as store:
            _ask_for_mine(app, store, token)
    except LinkOver as over:
        note_guess(app, over, address)
        raise


def send_again(app: App, number: str, participation: str, who: Actor) -> None:
    """Send the person who acts for an office a new link, on behalf of whoever looks after it.

    The lead department, the council office and the office itself may. Refused for others,
    where no letter has brought a link yet, and for more than three an hour.
    """
    with app.database.write() as store:
        case, world = store.cases.get(number), app.world(store)
        taking = participation_of(case, participation)
        office = renewer(who, case, world, taking)
        if office is None or not renewable(app, store, case, world, taking):
            raise _not_now()
        if not _ask(app, store, case, world, taking, _by(world, who.person, office)):
            raise _too_often()


def renewer(who: Actor, case: Case, world: World, taking: Participation) -> str | None:
    """Return the office for which somebody may have a link sent again, None for nobody."""
    if case.measure.lead in who.offices:
        return case.measure.lead
    if taking.office in who.offices:
        return taking.office
    council = OfficeMeans.COUNCIL_OFFICE
    mine = (o for o in who.offices if world.roster.means(o) is council)
    return next(mine, None) if sees(who, case) else None


def renewable(app: App, store: Store, case: Case, world: World, taking: Participation) -> bool:
    """Return whether a new link can be sent: one was before, and there is still a use for it."""
    sent = any(x.participation == taking.key for x in Links(store.connection).of_case(case.uid))
    return sent and app.config.settings.link is not None and not is_over(case, world, taking.key)


def sent_links(app: App, number: str, who: Actor) -> dict[str, SentLink]:
    """Return by participation the newest link that somebody may have sent again."""
    with app.database.read() as store:
        case, world = store.cases.get(number), app.world(store)
        newest = {x.participation: x for x in Links(store.connection).of_case(case.uid)}
        mine = {
            p.key: newest[p.key]
            for p in case.participations
            if p.key in newest
            and renewer(who, case, world, p) is not None
            and renewable(app, store, case, world, p)
        }
    return {
        key: SentLink(world.roster.name(x.person), x.made_at, x.expires_at, x.used_at)
        for key, x in mine.items()
    }


def _ask_for_mine(app: App, store: Store, token: str) -> None:
    try:
        standing = good(app, store, token)
    except LinkOver as over:
        if not over.again:
            raise
        link = Links(store.connection).get(digest(token))
        assert link is not None
        standing = standing_of(app, store, link)
        why = closed(app, store, standing)
        if why is not None:
            raise LinkOver(why, standing.language) from None
    link, world = standing.link, standing.world
    by = _by(world, link.person, link.office)
    _ask(app, store, standing.case, world, standing.participation, by, link.person)


def _ask(
    app: App,
    store: Store,
    case: Case,
    world: World,
    taking: Participation,
    by: By,
    person: str | None = None,
) -> bool:
    """Owe the letter with a new link and end the old; False where there were too many of late."""
    if not throttle.admit_letter(app, store, f"link:{case.uid}:{taking.key}"):
        return False
    Links(store.connection).end(case.uid, taking.key, world.now)
    days = [d.last_day for d in asked_of(case, taking)]
    facts = {ASKED: True, "day": min(days).isoformat() if days else None}
    facts |= {"person": person} if person else {}
    notice = Notice(by.key, taking.office, LETTER, taking.key, world.now, facts)
    store.outbox.owe(notice, case.uid)
    plain = {"case": case.uid, "participation": taking.key}
    store.enter(by.line(stream_of(world.today), ASKED_AGAIN, plain))
    return True


def _by(world: World, person: str, office: str) -> By:
    return By(person, office, world.now, world.today, f"link:{clock.new_uid()}")


def _not_now() -> Refused:
    return Refused(
        "Hier lässt sich kein neuer Link senden: Es wurde noch keiner versandt, die Beteiligung "
        "ist beendet, oder es ist nicht Ihre Aufgabe.",
        "No new link can be sent here: none was sent yet, the participation has ended, or it is "
        "not your task.",
    )


def _too_often() -> Refused:
    return Refused(
        "In der letzten Stunde sind schon drei neue Links verlangt worden. Versuchen Sie es "
        "später noch einmal.",
        "Three new links were asked for within the last hour. Try again later.",
    )
