"""From notices to finished mails: one mail a person and round, its bytes frozen."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Iterator, Mapping, Set
from datetime import datetime
from typing import Any

from engine import clock
from engine.app import App
from engine.core.offices import Person
from engine.core.silence import can_be_quiet
from engine.core.wishes import CAN_WAIT
from engine.core.wording import day_text
from engine.core.world import World
from engine.crash import crashpoint
from engine.delivery import evidence
from engine.delivery.addressees import addressee_of, put_aside, release, unreachable
from engine.delivery.letters import facts, general
from engine.delivery.links import Personal, keep, personal_link
from engine.errors import Text
from engine.store.errors import Unavailable
from engine.store.outbox import NO_END_YET, NewMessage, Owed
from engine.store.store import Store
from engine.store.wishes import wishes_of
from notifications.message import Address, message_id
from notifications.message import compose as frozen
from notifications.render import Rendered

log = logging.getLogger("rechtzeitig")

DIGEST = "tagesueberblick"
CHUNK = 200

_Letters = Mapping[Person, list[tuple[Owed, Rendered]]]
_Links = dict[int, Personal]
"""The personal links that were made, by the notice whose letter brings them."""


def compose(app: App) -> int:
    """Turn all notices that may go out by now into messages; return how many messages.

    A notice that cannot be sent is held or dropped with the reason, and shown so. One whose
    letter cannot be written is logged, keeps no other one up, and is tried again next time.
    """
    made = 0
    release(app)
    apart: set[int] = set()
    while True:
        due: list[Owed] = []
        try:
            made += _composed(app, apart, due)
        except Unavailable:
            raise
        except Exception:
            # One of them spoils it for all: the transaction is forgotten, and each gets its own.
            if not due:
                raise
            made += _one_by_one(app, due, apart)
        if not due:
            return made


def _one_by_one(app: App, due: list[Owed], apart: set[int]) -> int:
    """Write each in a transaction of its own; log those that cannot be, and put them `apart`."""
    made = 0
    ids = {owed.id for owed in due}
    for owed in due:
        try:
            made += _composed(app, apart | ids - {owed.id}, [])
        except Unavailable:
            raise
        except Exception:
            log.exception("letter %s of notice %s cannot be written", owed.letter, owed.key)
            apart.add(owed.id)
        ids.discard(owed.id)
    return made


def _composed(app: App, apart: Set[int], due: list[Owed]) -> int:
    """Compose the first that are due, but for those `apart`; return how many messages.

    `due` names them even if that fails.
    """
    made = 0
    with app.database.write() as store:
        world = app.world(store)
        found = store.outbox.due(world.now, CHUNK + len(apart), held=_held(store))
        due += [owed for owed in found if owed.id not in apart][:CHUNK]
        links: _Links = {}
        for person, letters in _mails(_letters(app, store, world, due, links)):
            message = _message(app, world, person, letters, links)
            row = store.outbox.compose(message, [o.id for o, _ in letters])
            keep(store, (links[o.id] for o, _ in letters if o.id in links), row)
            store.enter(evidence.composed(message, [o for o, _ in letters]))
            made += 1
        crashpoint("before-compose-commit")
    crashpoint("after-compose-commit")
    return made


def _held(store: Store) -> bool:
    """Return whether letters of the clock wait, because the clock itself is doubted."""
    pulse = store.pulse.clock()
    return pulse is not None and pulse.held_since is not None


def _mails(letters: _Letters) -> Iterator[tuple[Person, list[tuple[Owed, Rendered]]]]:
    """Yield what goes into one mail each: a letter that quotes alone, the rest together."""
    for person, rows in letters.items():
        for row in rows:
            if row[1].quotes:
                yield person, [row]
        together = [row for row in rows if not row[1].quotes]
        if together:
            yield person, together


def _letters(app: App, store: Store, world: World, due: list[Owed], links: _Links) -> _Letters:
    found: dict[Person, list[tuple[Owed, Rendered]]] = defaultdict(list)
    for owed in due:
        addressee = addressee_of(world, owed)
        if isinstance(addressee, Text):
            put_aside(store, owed, addressee)
            continue
        person = world.roster.persons[addressee.person]
        no_way = unreachable(person.email)
        if no_way is not None:
            store.outbox.hold(owed.id, no_way.de)
            continue
        quiet = _quiet(store, world, owed)
        if quiet is not None:
            store.outbox.drop(owed.id, quiet.de)
            continue
        later = _wished(store, world, owed, person)
        if later is not None:
            store.outbox.postpone(owed.id, later)
            continue
        link = personal_link(app, store, world, owed, person)
        if link is not None:
            links[owed.id] = link
        told = facts(app, store, world, owed, person, addressee.deputy, link)
        found[person].append((owed, app.renderer.render(owed.letter, person.language, told)))
    return found


def _wished(store: Store, world: World, owed: Owed, person: Person) -> datetime | None:
    """Return when a letter goes out that its reader wants in her overview, None for at once.

    What sets somebody a period, and every rung, goes at once whatever she wishes.
    """
    wishes = wishes_of(store.connection, person.uid)
    if wishes is None or not owed.case or not _can_wait(store, world, owed):
        return None
    case = store.cases.by_uid(owed.case)
    calendar = world.calendar(case.measure.municipality)
    at = wishes.overview(owed.not_before, calendar)
    if at <= world.now and wishes.quiet_at(world.now):
        # Its overview was missed while nobody worked; that is no reason to write at night.
        at = wishes.overview(world.now, calendar)
    mine = [d for d in case.deadlines if d.open and d.owner == owed.office]
    return at if at > world.now and all(at < d.ends_at for d in mine) else None


def _quiet(store: Store, world: World, owed: Owed) -> Text | None:
    """Return that the office keeps this reminder quiet, None where it goes out."""
    if not owed.case or "rung" not in owed.facts:
        return None
    found = [s for s in store.silences.of(owed.case) if s.office == owed.office]
    held = next((s for s in found if s.stands(world.now)), None)
    if held is None:
        return None
    case = store.cases.by_uid(owed.case)
    deadline = next((d for d in case.deadlines if list(d.key) == owed.facts["deadline"]), None)
    if deadline is None or deadline.ladder is None:
        return None
    ladder = world.library.ladders[deadline.ladder]
    if not can_be_quiet(case, deadline, ladder, owed.facts["to"]):
        return None
    until = day_text(held.until)
    return Text(f"von der Stelle stumm geschaltet bis {until.de}", f"kept quiet until {until.en}")


def _can_wait(store: Store, world: World, owed: Owed) -> bool:
    step = owed.facts.get("step")
    if step is None or "rung" in owed.facts:
        return False
    case = store.cases.by_uid(owed.case)
    subject = case.participation(owed.participation)
    workflow = world.library.workflow(case.workflow if subject is None else subject.workflow)
    found = workflow.steps.get(step)
    return found is not None and found.means in CAN_WAIT


def _message(
    app: App, world: World, person: Person, letters: list[tuple[Owed, Rendered]], links: _Links
) -> NewMessage:
    """Return one mail: the letter itself, or a digest of several."""
    alone = len(letters) == 1
    rendered = letters[0][1] if alone else _digest(app, world, person, letters, links)
    return message_to(app, world.now, person, rendered)


def message_to(app: App, now: datetime, person: Person, rendered: Rendered) -> NewMessage:
    """Return the finished mail of a letter to a person, its bytes frozen."""
    uid = clock.new_uid()
    sender = app.config.settings.mail.sender
    mail = frozen(
        Address(sender.name, sender.email),
        Address(person.name, person.email),
        rendered.subject,
        rendered.text,
        rendered.html,
        message_id(uid, sender.email.rpartition("@")[2]),
        now,
        language=person.language,
    )
    return NewMessage(
        uid=uid,
        message_id=mail.message_id,
        person=person.uid,
        address=person.email,
        language=person.language,
        subject=rendered.subject,
        data=mail.data,
        created_at=now,
        next_at=now,
        give_up_at=NO_END_YET,
    )


def _digest(
    app: App, world: World, person: Person, letters: list[tuple[Owed, Rendered]], links: _Links
) -> Rendered:
    link = app.config.settings.link
    items = [
        {
            "reference": owed.number,
            "subject": rendered.title,
            "sentence": rendered.sentence,
            "link": f"{link.rstrip('/')}/vorhaben/{owed.number}" if link and owed.number else None,
            **_personal(links.get(owed.id)),
        }
        for owed, rendered in letters
    ]
    office = world.roster.office(letters[0][0].office).name
    told = general(app, office, person, items=items)
    return app.renderer.render(DIGEST, person.language, told)


def _personal(link: Personal | None) -> dict[str, Any]:
    """Return what a line of a digest says of the personal link that its letter brings."""
    if link is None:
        return {"personal": None}
    return {"personal": link.address, "until": link.until, "protected": link.protected}
