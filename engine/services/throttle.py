"""Brakes against guessing: each try costs more time, and nobody is ever locked out.

A try is counted before the password is looked at, so tries sent at once cannot slip through.
Brakes hold for one account from one place: whoever guesses elsewhere does not keep her out.
"""

from __future__ import annotations

import hashlib
import ipaddress
from datetime import datetime, timedelta

from engine.app import App
from engine.core.wording import moment_text
from engine.errors import Refused
from engine.store.accounts import Brake
from engine.store.store import Store

FREE = 4
"""Tries from one place for one account before the first wait."""

WAITS = tuple(timedelta(minutes=m) for m in (2, 8, 30))
"""How long to wait after the fourth, fifth and every later try that failed."""

FORGOTTEN = timedelta(hours=1)
"""Time without a try after which the tries before it do not count any more."""

PER_PLACE, WINDOW = 30, timedelta(minutes=1)
"""Tries from one place for whatever accounts within a minute."""

LETTERS, LETTERS_WINDOW = 3, timedelta(hours=1)
"""Letters for a new password to one account within an hour."""


REPORTS, ALL_REPORTS, REPORTS_WINDOW = 5, 60, timedelta(hours=1)
"""Reports of a barrier within an hour, from one place and from all of them."""


class TooOften(Refused):
    """Tried too often of late; `until` is when the next try counts."""

    def __init__(self, until: datetime) -> None:
        when = moment_text(until)
        super().__init__(
            f"Zu viele Versuche. Der nächste ist möglich ab: {when.de}. Ihr Konto ist nicht "
            "gesperrt; von einem anderen Arbeitsplatz aus können Sie sich weiter anmelden.",
            f"Too many tries. The next one is possible from: {when.en}. Your account is not "
            "locked; from another place you can still sign in.",
        )
        self.until = until


def admit(app: App, login: str, address: str) -> int:
    """Count a try to sign in and return how many there were from this place of late.

    Raises TooOften where it must wait; such a try costs no write, and is not counted.
    """
    pair, place = pair_of(app, login, address), _name(app, "place", _place(address))
    with app.database.read() as store:
        _refuse(store, pair, place, app.clock.now())
    with app.database.write() as store:
        now = app.clock.now()
        _refuse(store, pair, place, now)
        _count_place(store, place, now)
        return _count_pair(store, pair, now)


def forgive(app: App, store: Store, login: str, address: str) -> None:
    """Forget the tries of somebody who has proved herself, and that she came by this place."""
    store.accounts.set_brake(pair_of(app, login, address), None)
    place = _name(app, "place", _place(address))
    held = store.accounts.brake(place)
    if held is not None:
        less = Brake(held.count - 1, held.since, held.last_at, held.until)
        store.accounts.set_brake(place, less if less.count else None)


def admit_letter(app: App, store: Store, login: str) -> bool:
    """Count a letter to an account; return whether it may go out."""
    return _within(app, store, "letter", login, LETTERS, LETTERS_WINDOW)


def admit_report(app: App, store: Store, address: str) -> bool:
    """Count the report of a barrier; return whether it may go out."""
    here = _within(app, store, "barrier", _place(address), REPORTS, REPORTS_WINDOW)
    return here and _within(app, store, "barriers", "", ALL_REPORTS, REPORTS_WINDOW)


def admit_link(app: App, address: str) -> None:
    """Refuse a place that has tried too many links of late which never were; raises TooOften."""
    with app.database.read() as store:
        held = store.accounts.brake(_name(app, "link", _place(address)))
    if held is not None and held.count >= PER_PLACE and app.clock.now() < held.since + WINDOW:
        raise TooOften(held.since + WINDOW)


def count_link(app: App, address: str) -> None:
    """Count a link that never was against the place that tried it; good links cost nothing."""
    with app.database.write() as store:
        _count_place(store, _name(app, "link", _place(address)), app.clock.now())


def first_alarm(app: App, store: Store, account: str) -> bool:
    """Return whether failed tries are to be entered in the log: once an hour for an account.

    Whoever guesses from a thousand places must not be able to flood the log.
    """
    return _within(app, store, "alarm", account, 1, FORGOTTEN)


def pair_of(app: App, login: str, address: str) -> str:
    """Return the name of the brake for an account and a place."""
    return _name(app, "pair", login, _place(address))


def _within(app: App, store: Store, what: str, whom: str, most: int, window: timedelta) -> bool:
    name, now = _name(app, what, whom), app.clock.now()
    held = store.accounts.brake(name)
    if held is None or now >= held.since + window:
        held = Brake(0, now, now, now)
    if held.count >= most:
        return False
    store.accounts.set_brake(name, Brake(held.count + 1, held.since, now, now))
    return True


def _refuse(store: Store, pair: str, place: str, now: datetime) -> None:
    mine, all_ = store.accounts.brake(pair), store.accounts.brake(place)
    if mine is not None and now < mine.until:
        raise TooOften(mine.until)
    if all_ is not None and all_.count >= PER_PLACE and now < all_.since + WINDOW:
        raise TooOften(all_.since + WINDOW)


def _count_place(store: Store, name: str, now: datetime) -> None:
    held = store.accounts.brake(name)
    if held is None or now >= held.since + WINDOW:
        held = Brake(0, now, now, now)
    store.accounts.set_brake(name, Brake(held.count + 1, held.since, now, held.until))


def _count_pair(store: Store, name: str, now: datetime) -> int:
    held = store.accounts.brake(name)
    if held is None or now >= held.last_at + FORGOTTEN:
        held = Brake(0, now, now, now)
    count = held.count + 1
    over = count - FREE
    until = now if over < 0 else now + WAITS[min(over, len(WAITS) - 1)]
    store.accounts.set_brake(name, Brake(count, held.since, now, until))
    return count


def _place(address: str) -> str:
    """Return the place that an address stands for: of IPv6 the network of a household."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv6Address):
        mapped = parsed.ipv4_mapped
        if mapped is not None:
            return str(mapped)
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return str(parsed)


def _name(app: App, *parts: str) -> str:
    said = "\0".join((app.database.meta.uid, *parts)).encode()
    return hashlib.sha256(said).hexdigest()
