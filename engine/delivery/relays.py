"""The ways out of the house: the mail server, a second one where the first gives no way.

A server that cannot be reached, or does not take what we say, is left alone for a while that
grows (a breaker): all processes go by one row, and one of them tries again. Meanwhile nothing is
claimed, so no try counts against a mail and their order stays.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from engine.app import App
from engine.core.wording import moment_text
from engine.errors import Text
from engine.services.itself import by
from engine.services.timekeeping import tell_administrators
from engine.store import relays
from engine.store.chains import SYSTEM
from engine.store.store import Store
from notifications.channel import Channel

log = logging.getLogger("rechtzeitig")

PAUSES = tuple(timedelta(seconds=s) for s in (60, 120, 360, 570))
"""Waits between tries of a server that gives no way; the last one again and again.

Forty tries in six hours, and whatever waits is out ten minutes after the server is back.
"""

TOLD_AFTER = timedelta(minutes=10)
"""A server that gives no way for so long is told of: well within a quarter of an hour."""

DOWN, BACK = "relay_blocked", "relay_free"
LETTER = "mailserver"

FIRST, SECOND = "first", "second"
_NAMES = {
    FIRST: Text("Der Mailserver", "The mail server"),
    SECOND: Text("Der zweite Mailserver", "The second mail server"),
}
_SUBJECT = Text("Der Mailserver nimmt keine Post an", "The mail server takes no mail")


@dataclass(frozen=True, slots=True)
class Way:
    """A way out that may be tried now."""

    name: str
    channel: Channel


def open_ways(app: App) -> Iterator[Way]:
    """Yield the ways that may be tried now, the first before the second."""
    for name, channel in zip((FIRST, SECOND), app.channels(), strict=False):
        with app.database.write() as store:
            app.follow_clock(store)
            now = app.clock.now()
            may = relays.probe(store.connection, name, now, now + PAUSES[0])
        if may:
            yield Way(name, channel)


def closed(app: App, way: Way, why: str) -> None:
    """Note that a way is closed, for a while that grows."""
    with app.database.write() as store:
        app.follow_clock(store)
        relays.block(store.connection, way.name, app.clock.now(), PAUSES)
    log.warning("mail: %s relay: %s", way.name, why)


def passed(app: App, way: Way) -> None:
    """Note that a mail has passed; if the way was told to be closed, that it is open again."""
    with app.database.read() as store:
        if relays.blocked(store.connection, way.name) is None:
            return
    with app.database.write() as store:
        before = relays.blocked(store.connection, way.name)
        relays.free(store.connection, way.name)
        if before is not None and before.told:
            store.enter(by(app, BACK).line(SYSTEM, BACK, _plain(way.name, before)))


def tell_closed(app: App) -> int:
    """Enter and tell which way has been closed for ten minutes, once; return how many are new."""
    with app.database.read() as store:
        new = list(_untold(store, app.clock.now()))
    if not new:
        return 0
    with app.database.write() as store:
        for name, found in (new := list(_untold(store, app.clock.now()))):
            relays.told(store.connection, name)
            store.enter(by(app, DOWN).line(SYSTEM, DOWN, _plain(name, found)))
            tell_administrators(app, store, LETTER, _SUBJECT, _words(name, found.since))
            log.critical("%s", _words(name, found.since).de)
    return len(new)


def _untold(store: Store, now: datetime) -> Iterator[tuple[str, relays.Blocked]]:
    for name in (FIRST, SECOND):
        found = relays.blocked(store.connection, name)
        if found is not None and not found.told and now - found.since >= TOLD_AFTER:
            yield name, found


def _plain(name: str, found: relays.Blocked) -> dict[str, object]:
    return {"relay": name, "since": found.since.isoformat(), "tries": found.tries}


def _words(name: str, since: datetime) -> Text:
    at = moment_text(since)
    return Text(
        f"{_NAMES[name].de} nimmt seit {at.de} keine Post an.",
        f"{_NAMES[name].en} has taken no mail since {at.en}.",
    )
