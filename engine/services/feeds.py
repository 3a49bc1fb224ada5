"""What goes to somebody beside letters: when she wants them, and her calendar of deadlines."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from icalendar import Alarm, Calendar, Event

from engine import clock
from engine.app import App
from engine.core.calendar import ONE_DAY
from engine.core.obligations import Obligation
from engine.core.visibility import actor
from engine.core.wishes import Wishes
from engine.core.world import World
from engine.errors import InputError, NotFound
from engine.services.accounts import Visitor
from engine.services.obligations import owed
from engine.services.record_words import deadline_title
from engine.services.vault import digest
from engine.store.accounts import Token
from engine.store.wishes import set_wishes, wishes_of

FEED = "feed"
FEED_FOR = timedelta(days=400)
"""How long the address of a calendar is good; a new one ends the old."""

ALARMS = (timedelta(hours=-15), timedelta(days=-3, hours=9))
"""At nine o'clock on the day before, and three days before: told from the start of the day."""


def wishes(app: App, visitor: Visitor) -> Wishes:
    """Return when somebody wants to be written to."""
    with app.database.read() as store:
        return wishes_of(store.connection, visitor.person) or Wishes()


def wish(app: App, visitor: Visitor, wanted: Wishes) -> None:
    """Keep when somebody wants to be written to; InputError for what cannot be kept."""
    if not wanted.sound:
        raise InputError(
            "Wählen Sie mindestens einen Arbeitstag und eine Uhrzeit des Tagesüberblicks "
            "außerhalb der Ruhezeit.",
            "Choose at least one office day, and an hour of the overview outside the quiet hours.",
        )
    with app.database.write() as store:
        set_wishes(store.connection, visitor.person, wanted)


def open_feed(app: App, visitor: Visitor) -> str:
    """Return the token of a new calendar address; the one before is good no more.

    Only its hash is kept, so it can be shown this once.
    """
    token, now = clock.token(64), app.clock.now()
    with app.database.write() as store:
        made = Token(visitor.account, FEED, now + FEED_FOR, None)
        store.accounts.add_token(digest(token), made, now, None)
    return token


def close_feed(app: App, visitor: Visitor) -> None:
    """End the calendar address of somebody."""
    with app.database.write() as store:
        store.accounts.end_tokens(visitor.account, FEED, app.clock.now())


def feed(app: App, token: str, language: str | None = None) -> bytes:
    """Return the calendar of deadlines behind an address (RFC 5545); NotFound for a dead one."""
    with app.database.read() as store:
        found = store.accounts.token(digest(token))
        now = app.clock.now()
        if found is None or found.purpose != FEED or found.used_at or found.expires_at <= now:
            raise NotFound("Dieses Kalender-Abo gibt es nicht.", "There is no such calendar.")
        account = store.accounts.get(found.account)
        if account is None or account.state != "active" or not account.person:
            raise NotFound("Dieses Kalender-Abo gibt es nicht.", "There is no such calendar.")
        world = app.world(store)
        offices = actor(world.roster, account.person, world.today).offices
        rows = owed(store, world, offices)
    return _calendar(app, rows, world, language or account.language, now)


def _calendar(
    app: App, rows: Iterable[Obligation], world: World, language: str, now: datetime
) -> bytes:
    calendar = Calendar()
    calendar.add("prodid", "-//Rechtzeitig//Fristen//DE")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", "Fristen (Rechtzeitig)")
    for row in rows:
        if row.until is not None:
            calendar.add_component(_event(app, row, world, language, now))
    return bytes(calendar.to_ical())


def _event(app: App, row: Obligation, world: World, language: str, now: datetime) -> Event:
    assert row.until is not None
    case, link = row.case, app.config.settings.link
    title = deadline_title(case, world, (row.participation, row.name)).in_(language)
    # What is no public matter leaves the house by its number alone, as in letters.
    about = case.number if case.confidential else f"{case.number} {case.measure.title}"
    event = Event()
    event.add("uid", f"{case.uid}-{row.participation.replace('/', '-')}-{row.name}@rechtzeitig")
    event.add("dtstamp", now)
    event.add("dtstart", row.until)
    event.add("dtend", row.until + ONE_DAY)
    event.add("summary", f"{title}: {about}")
    if link is not None:
        event.add("url", f"{link.rstrip('/')}/vorhaben/{case.number}")
    for before in ALARMS:
        alarm = Alarm()
        alarm.add("action", "DISPLAY")
        alarm.add("trigger", before)
        alarm.add("description", f"{title}: {about}")
        event.add_component(alarm)
    return event
