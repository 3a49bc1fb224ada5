"""How fast mail leaves: never more than so many in any minute, whoever sends them.

The allowance grows evenly and is spent in rounds, so a round may send what has grown since the
last one. That alone would let a round send on top of a full minute; so it grows a little slower.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from engine.app import App
from engine.store.relays import pace, set_pace
from engine.store.store import Store

_MINUTE = timedelta(minutes=1)


def allowed(app: App, store: Store, now: datetime, most: int) -> int:
    """Return how many mails may leave now, at most so many."""
    mail = app.config.settings.mail
    if mail.per_minute is None:
        return most
    window, each = growth(mail.per_minute, timedelta(seconds=app.config.settings.every))
    # Where another host's clock is some seconds ahead of ours, nothing has grown yet.
    return min(most, max(0, (now - _since(store, now, window)) // each))


def used(app: App, store: Store, now: datetime, count: int) -> None:
    """Note that so many leave now."""
    mail = app.config.settings.mail
    if mail.per_minute is None or not count:
        return
    window, each = growth(mail.per_minute, timedelta(seconds=app.config.settings.every))
    set_pace(store.connection, _since(store, now, window) + count * each)


def growth(per_minute: int, every: timedelta) -> tuple[timedelta, timedelta]:
    """Return how long the allowance grows at most, and what time one mail takes of it.

    Within any minute `60 s + window` of it can be spent, and that is worth `per_minute` mails.

    >>> window, each = growth(60, timedelta(seconds=15))
    >>> (_MINUTE + window) / each
    60.0
    """
    if per_minute == 1:
        return _MINUTE, _MINUTE
    window = max(every, _MINUTE / (per_minute - 1))
    return window, min(window, (_MINUTE + window) / per_minute)


def _since(store: Store, now: datetime, window: timedelta) -> datetime:
    """Return from when on the allowance has grown; it fills no further than a window.

    One that lies more than a window ahead was kept by a clock that was wrong: it begins anew.
    """
    kept = pace(store.connection)
    if kept is not None and kept > now + window:
        set_pace(store.connection, now)
        return now
    return max(kept or now - window, now - window)
