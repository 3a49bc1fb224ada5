"""Once a day a time-stamp authority says when a checkpoint was there (RFC 3161), where one is named.

A witness shows that a checkpoint was not exchanged, the authority when it existed at the latest,
by the law of qualified time stamps and for decades. It learns a digest and nothing else. It is
asked outside of every transaction, after the checkpoint was signed; whatever it does or fails to
do, the log goes on being sealed. A failure is tried again a quarter of an hour later.
"""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock
from weakref import WeakKeyDictionary

import httpx2

from engine.app import App
from engine.clock import monotonic
from engine.config import Stamp
from engine.core.calendar import local_day
from engine.errors import EngineError, Text
from engine.services.evidence.stamp_checks import DRIFT, StampRefused, authority_of, checked
from engine.store.errors import Unavailable
from engine.store.global_log import StoredCheckpoint
from engine.store.stamps import add_stamp, newest_stamp

AGAIN = timedelta(minutes=15)
LARGEST = 100_000
"""The longest answer that is read, in bytes."""

_NEXT: WeakKeyDictionary[App, datetime] = WeakKeyDictionary()
_LOCK = Lock()


@dataclass(frozen=True, slots=True)
class Stamped:
    """The size of the log whose checkpoint was stamped, and the authority's time."""

    size: int
    at: datetime


def stamp_due(app: App, *, at_once: bool = False) -> Stamped | None:
    """Have the checkpoint of the day stamped unless one was; return what came of it.

    None where no authority is named, the day has no checkpoint yet, or it is too early to try
    again; `at_once` stamps the newest checkpoint of whatever day and waits for nothing. Raises
    StampRefused or Unavailable.
    """
    settings = app.config.settings.evidence.stamp
    if settings is None or app.training or not app.config.settings.evidence.signs:
        return None
    now = app.clock.now()
    with _LOCK:
        if not at_once and now < _NEXT.get(app, now):
            return None
    found = _due(app, now, at_once)
    if found is None:
        return None
    with _LOCK:
        _NEXT[app] = now + AGAIN
    response, at = _fetched(app, settings, found)
    with app.database.write() as store:
        add_stamp(store.connection, found.size, response, at)
    return Stamped(found.size, at)


def _due(app: App, now: datetime, at_once: bool) -> StoredCheckpoint | None:
    with app.database.read() as store:
        newest, last = store.log.last(), newest_stamp(store.connection)
    if newest is None or (last is not None and last.size >= newest.size):
        return None
    if at_once:
        return newest
    today = local_day(now)
    done = last is not None and last.signed_at is not None and local_day(last.signed_at) >= today
    return None if done or local_day(newest.signed_at) < today else newest


def _fetched(app: App, settings: Stamp, found: StoredCheckpoint) -> tuple[bytes, datetime]:
    """Return the authority's answer about a checkpoint, and its time; nothing unchecked."""
    authority = authority_of(app)
    asked = authority.request(found.note.encode())
    response = _asked(settings, asked.as_bytes())
    at = checked(authority, found.note, response, nonce=asked.nonce)
    if at < found.signed_at - DRIFT:
        raise StampRefused(_EARLY)
    return response, at


def _asked(settings: Stamp, query: bytes) -> bytes:
    headers = {
        "Content-Type": "application/timestamp-query",
        "Accept": "application/timestamp-reply",
    }
    said, end = bytearray(), monotonic() + settings.timeout
    context = ssl.create_default_context()
    try:
        with (
            httpx2.Client(timeout=settings.timeout, verify=context) as client,
            client.stream("POST", settings.url, content=query, headers=headers) as answer,
        ):
            answer.raise_for_status()
            for part in answer.iter_bytes():
                said += part
                if len(said) > LARGEST or monotonic() > end:
                    raise _unreachable(settings.url, _ENDLESS)
    except httpx2.TimeoutException:
        raise _unreachable(settings.url, _SILENT) from None
    except httpx2.HTTPStatusError as error:
        code = error.response.status_code
        raise _unreachable(settings.url, Text(f"Antwort {code}", f"answer {code}")) from None
    except (httpx2.HTTPError, httpx2.InvalidURL) as error:
        why = str(error) or type(error).__name__
        raise _unreachable(settings.url, Text(why, why)) from error
    return bytes(said)


_SILENT = Text("sie antwortet nicht", "it does not answer")
_ENDLESS = Text("ihre Antwort nimmt kein Ende", "its answer does not end")
_EARLY = Text(
    "Die Zeit des Stempels liegt vor der Unterschrift unter den Prüfpunkt; eine der Uhren geht "
    "falsch",
    "the time of the stamp lies before the signature under the checkpoint; one of the clocks is "
    "wrong",
)


def _unreachable(url: str, why: Text) -> EngineError:
    return Unavailable(
        f"Die Zeitstempelstelle {url} war nicht zu befragen ({why.de}). Das Protokoll wird trotzdem "
        "versiegelt; in einer Viertelstunde wird es wieder versucht.",
        f"The time-stamp authority {url} could not be asked ({why.en}). The log is sealed all the "
        "same; in a quarter of an hour it is tried again.",
    )
