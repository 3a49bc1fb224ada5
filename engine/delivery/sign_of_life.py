"""A mail that says that all is running: its absence is the alarm that nothing here can give.

Written once a day or week at an hour, also late after an absence; like every mail it goes by the
outbox, so it arrives only where rounds are done and mail leaves. It tells of no case.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from engine.app import App
from engine.config_mail import SignOfLife
from engine.core.calendar import BERLIN, local_day
from engine.core.offices import Person
from engine.core.wording import moment_text
from engine.delivery.personal import addressed
from engine.errors import Text
from engine.services.health import Health, health
from engine.store.mailed import alive_on, set_alive

LETTER = "lebenszeichen"

_WELL = Text("In Ordnung", "Well")
_BAD = Text("Zu beheben", "To be mended")
_NEXT = Text("Die nächste Nachricht", "The next message")


def write_sign_of_life(app: App) -> bool:
    """Write the sign of life that is due by now, once; return whether one was written.

    A training installation sends nothing, so nobody waits for it.
    """
    wish = app.config.settings.mail.sign_of_life
    if wish is None or app.training:
        return False
    now = app.clock.now()
    day = _due_on(wish, now)
    with app.database.read() as store:
        if alive_on(store.connection) >= day.toordinal():
            return False
    found = health(app)
    with app.database.write() as store:
        if alive_on(store.connection) >= day.toordinal():
            return False  # another worker has just written it
        letter = addressed(
            app,
            now,
            Person("", wish.to, wish.to, wish.language),
            LETTER,
            link=None,
            items=_items(found, _at(wish, day + _length(wish)), wish.language),
        )
        if letter is not None:
            store.outbox.put(letter)
        set_alive(store.connection, day)
    return True


def _length(wish: SignOfLife) -> timedelta:
    return timedelta(days=1 if wish.every == "day" else 7)


def _at(wish: SignOfLife, day: date) -> datetime:
    return datetime.combine(day, time(wish.hour), BERLIN)


def _due_on(wish: SignOfLife, now: datetime) -> date:
    """Return the last day whose hour has come; of a week that is its Monday."""
    today = local_day(now)
    day = today if wish.every == "day" else today - timedelta(days=today.weekday())
    return day if _at(wish, day) <= now else day - _length(wish)


def _items(found: Health, following: datetime, language: str) -> list[dict[str, str | None]]:
    rows = [(_WELL if c.well else _BAD, c.text) for c in found.checks]
    at = moment_text(following)
    rows.append((_NEXT, Text(f"{at.de}.", f"{at.en}.")))
    return [
        {"link": None, "subject": a.in_(language), "sentence": b.in_(language)} for a, b in rows
    ]
