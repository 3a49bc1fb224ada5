"""Messages leave: claimed under a number, the phase before DATA committed, the end noted.

A mail that was certainly not sent is tried again; one refused for good is a dead letter,
which tells the legal office at once. Where the line broke after DATA nobody knows: the
same bytes go out once more under the same Message-ID, so that two copies are recognised.
"""

from __future__ import annotations

import asyncio
import logging
import socket
from dataclasses import dataclass
from datetime import datetime, timedelta

from engine import clock
from engine.app import App
from engine.core.case import Notice
from engine.core.meanings import OfficeMeans
from engine.core.world import World
from engine.crash import crashpoint
from engine.delivery import evidence
from engine.delivery.envelopes import sender_of
from engine.store.outbox import Accepted, Claimed, Ending, Result
from engine.store.store import Store
from notifications.channel import Channel, Kind, NotDelivered, Session
from notifications.message import Frozen

log = logging.getLogger("rechtzeitig")

LEASE = timedelta(minutes=12)
"""Longer than a server may take to answer after the final dot (RFC 5321, 4.5.3.2.6)."""

PAUSES = tuple(timedelta(minutes=m) for m in (1, 5, 15, 30, 60))
"""Waits between tries; after the last of them hourly."""

CHUNK = 50

DEAD_LETTER = "nicht_zustellbar"

_STOPS = frozenset({Kind.RELAY_DOWN, Kind.OUR_FAULT})


class _Taken(Exception):
    """The lease ran out before DATA, and another worker has the message: leave it to that one."""


@dataclass(slots=True)
class Sent:
    """How many messages ended how in one round; `trouble` says why the round was broken off."""

    accepted: int = 0
    retry: int = 0
    dead: int = 0
    unsure: int = 0
    trouble: str = ""


def send(app: App) -> Sent:
    """Hand over every message that is ready; return how they ended."""
    _settle_unsure(app)
    done = Sent()
    worker = f"{socket.gethostname()}:{clock.token()}"
    while not done.trouble:
        claimed = _claim(app, worker)
        if not claimed:
            break
        asyncio.run(_hand_over(app, app.channel(), claimed, done))
    return done


def _claim(app: App, worker: str) -> list[Claimed]:
    with app.database.write() as store:
        now = app.clock.now()
        claimed = store.outbox.claim(now, worker, now + LEASE, CHUNK)
        crashpoint("before-claim-commit")
    crashpoint("after-claim-commit")
    return claimed


def _settle_unsure(app: App) -> None:
    """Take back what a dead worker held; send the unsure once more, recognisably."""
    with app.database.write() as store:
        now = app.clock.now()
        store.outbox.expire(now)
        for message in store.outbox.messages("unsure"):
            store.outbox.settle_unsure(message.id, Ending.RETRY, now)
        crashpoint("before-expire-commit")
    crashpoint("after-expire-commit")


async def _hand_over(app: App, channel: Channel, claimed: list[Claimed], done: Sent) -> None:
    async with channel.session() as session:
        for message in claimed:
            if done.trouble:
                _note(app, message, _later(app, message, None, done.trouble, counted=False))
            else:
                await _one(app, session, message, done)


async def _one(app: App, session: Session, message: Claimed, done: Sent) -> None:
    sender = sender_of(app, message.uid)
    frozen = Frozen(message.message_id, sender, message.address, message.data)

    def on_data() -> None:
        with app.database.write() as store:
            if not store.outbox.mark_data(message.id, message.attempt):
                raise _Taken
            crashpoint("before-data-commit")
        crashpoint("before-data")

    try:
        reply = await session.deliver(frozen, on_data)
    except _Taken:
        log.warning("message %s belongs to another worker by now", message.uid)
        return
    except NotDelivered as failure:
        _failed(app, message, failure, done)
        return
    crashpoint("after-250")
    done.accepted += 1
    _note(app, message, Result(Ending.ACCEPTED, app.clock.now(), reply.code, reply.text))


def _failed(app: App, message: Claimed, failure: NotDelivered, done: Sent) -> None:
    now = app.clock.now()
    if failure.kind in _STOPS:
        done.trouble = failure.text or failure.kind.value
        _note(app, message, _later(app, message, failure.code, done.trouble, counted=False))
    elif failure.kind is Kind.UNSURE:
        done.unsure += 1
        _note(app, message, Result(Ending.UNSURE, now, failure.code, failure.text))
    elif failure.kind is Kind.REFUSED or now >= message.give_up_at:
        done.dead += 1
        _note(app, message, Result(Ending.DEAD, now, failure.code, failure.text), dead=True)
    else:
        done.retry += 1
        _note(app, message, _later(app, message, failure.code, failure.text, counted=True))


def _later(app: App, message: Claimed, code: int | None, text: str, *, counted: bool) -> Result:
    """Return a try again later; trouble that is not the message's own waits the shortest."""
    now = app.clock.now()
    tries = min(message.attempt, len(PAUSES)) if counted else 1
    return Result(Ending.RETRY, now, code, text, now + PAUSES[tries - 1])


def _note(app: App, message: Claimed, result: Result, *, dead: bool = False) -> None:
    with app.database.write() as store:
        if not store.outbox.finish(message.id, message.attempt, result):
            return
        line = evidence.ended(message, result)
        if line is not None and store.outbox.notices_of(message.id):
            store.enter(line)
        if dead:
            escalate(store, app.world(store), message, result.at)
        crashpoint("before-ending-commit")
    crashpoint("after-ending-commit")


def escalate(store: Store, world: World, message: Claimed | Accepted, at: datetime) -> None:
    """A mail that nobody will get is told to the legal office in the same transaction."""
    for owed in store.outbox.notices_of(message.id):
        if owed.letter == DEAD_LETTER:
            continue
        for office in world.roster.offices.values():
            if world.roster.means(office.id) is OfficeMeans.LEGAL:
                key = f"dead:{message.uid}:{owed.id}:{office.id}"
                day = {"day": owed.facts.get("day")}
                told = Notice(key, office.id, DEAD_LETTER, owed.participation, at, day)
                store.outbox.owe(told, owed.case or None)
