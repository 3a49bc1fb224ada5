"""Messages leave: claimed under a number, the phase before DATA committed, the end noted.

A mail that was certainly not sent is tried again; one refused for good is a dead letter,
which tells the legal office at once. Where the line broke after DATA nobody knows: that is
settled in `doubts`.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from engine import clock
from engine.app import App
from engine.crash import crashpoint
from engine.delivery import evidence
from engine.delivery.dead_letters import escalate
from engine.delivery.doubts import settle
from engine.delivery.envelopes import sender_of
from engine.delivery.pace import allowed, used
from engine.delivery.relays import Way, closed, open_ways, passed, tell_closed
from engine.process import has_died, this_process
from engine.store.outbox import GIVE_UP, LEASE, Claimed, Ending, Result
from notifications.channel import Kind, NotDelivered, Session
from notifications.message import Frozen

log = logging.getLogger("rechtzeitig")

PAUSES = tuple(timedelta(minutes=m) for m in (1, 5, 15, 30, 60))
"""Waits between tries; after the last of them hourly."""

CHUNK = 50

_NO_WAY = "the mail server gave no way before; it is tried again soon"

_STOPS = frozenset({Kind.RELAY_DOWN, Kind.OUR_FAULT})


class _Taken(Exception):
    """The lease ran out before DATA, so another worker has the message or may: leave it to that."""


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
    _take_back(app)
    _settle(app)
    done = Sent()
    worker = f"{this_process()}:{clock.token()}"
    if _ready(app):
        done.trouble = _NO_WAY
        for way in open_ways(app):
            done.trouble = asyncio.run(_by(app, way, worker, done))
            if not done.trouble:
                break
            closed(app, way, done.trouble)
    tell_closed(app)
    return done


def _settle(app: App) -> None:
    try:
        settle(app)
    except Exception:
        # What is in doubt waits; no other letter may wait for it.
        log.exception("doubts cannot be settled")


def _ready(app: App) -> bool:
    with app.database.read() as store:
        oldest = store.outbox.oldest_ready()
    return oldest is not None and oldest <= app.clock.now()


def _claim(app: App, worker: str) -> list[Claimed]:
    with app.database.write() as store:
        app.follow_clock(store)
        now = app.clock.now()
        most = allowed(app, store, now, CHUNK)
        claimed = store.outbox.claim(now, worker, now + LEASE, most) if most else []
        used(app, store, now, len(claimed))
        crashpoint("before-claim-commit")
    crashpoint("after-claim-commit")
    return claimed


def _take_back(app: App) -> None:
    """Take back what a dead worker held: at once where it died here, else when its lease ends."""
    with app.database.write() as store:
        app.follow_clock(store)
        dead = [w for w in store.outbox.workers() if has_died(w.partition(":")[0])]
        store.outbox.expire(app.clock.now(), dead)
        crashpoint("before-expire-commit")
    crashpoint("after-expire-commit")


async def _by(app: App, way: Way, worker: str, done: Sent) -> str:
    """Hand over what is ready by one way; return what closed it, empty for nothing.

    It is opened before anything is claimed: while there is no way, no try is counted.
    """
    async with way.channel.session() as session:
        try:
            await session.open()
        except NotDelivered as failure:
            return failure.text or failure.kind.value
        while claimed := _claim(app, worker):
            trouble = ""
            for message in claimed:
                if trouble:
                    _note(app, message, _untried(app, None, trouble))
                else:
                    trouble = await _one(app, session, message, done)
            if trouble:
                return trouble
            passed(app, way)
    return ""


async def _one(app: App, session: Session, message: Claimed, done: Sent) -> str:
    """Hand over one message; return what stops all others too, empty for nothing."""
    sender = sender_of(app, message.uid)
    copy_to = _copy_to(app, message)
    frozen = Frozen(message.message_id, sender, message.address, message.data, copy_to)

    def on_data() -> None:
        with app.database.write() as store:
            now = app.clock.now()
            if not store.outbox.mark_data(message.id, message.attempt, now, now + LEASE):
                raise _Taken
            crashpoint("before-data-commit")
        crashpoint("before-data")

    try:
        reply = await session.deliver(frozen, on_data)
    except _Taken:
        log.warning("the lease of message %s is over: it is left to the next worker", message.uid)
        return ""
    except NotDelivered as failure:
        return _failed(app, message, failure, done)
    crashpoint("after-250")
    done.accepted += 1
    _note(app, message, Result(Ending.ACCEPTED, app.clock.now(), reply.code, reply.text))
    return ""


def _copy_to(app: App, message: Claimed) -> str | None:
    """Return the journal of a letter to an office; what opens an account goes to nobody else."""
    journal = app.config.settings.mail.copies_to
    if journal is None:
        return None
    with app.database.read() as store:
        return journal if store.outbox.notices_of(message.id) else None


def _failed(app: App, message: Claimed, failure: NotDelivered, done: Sent) -> str:
    now = _now(app)
    if failure.kind in _STOPS:
        trouble = failure.text or failure.kind.value
        _note(app, message, _untried(app, failure.code, trouble))
        return trouble
    if failure.kind is Kind.UNSURE:
        done.unsure += 1
        _note(app, message, Result(Ending.UNSURE, now, failure.code, failure.text, now))
    elif failure.kind is Kind.REFUSED or now >= message.give_up_at:
        done.dead += 1
        _note(app, message, Result(Ending.DEAD, now, failure.code, failure.text), dead=True)
    else:
        done.retry += 1
        later = now + PAUSES[min(message.attempt, len(PAUSES)) - 1]
        end = min(message.give_up_at, now + GIVE_UP)
        _note(app, message, Result(Ending.RETRY, now, failure.code, failure.text, later, end))
    return ""


def _now(app: App) -> datetime:
    """Return the instant by what is known of the clock now: a server may take minutes to fail."""
    with app.database.read() as store:
        app.follow_clock(store)
    return app.clock.now()


def _untried(app: App, code: int | None, text: str) -> Result:
    """Return a try that ended by no fault of the message: it keeps its place in the queue."""
    return Result(Ending.RETRY, app.clock.now(), code, text)


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
