"""What nobody took into a case does not stay for ever: the row goes first, the bytes later.

Nothing that a case has taken is touched. A file is forgotten only while no case names it, and its
bytes go a month after that, once again only if nothing names them: whoever is filing it at that
very moment loses nothing.
"""

from __future__ import annotations

from datetime import date, timedelta
from threading import Lock
from weakref import WeakKeyDictionary

from engine import clock
from engine.app import App
from engine.core.calendar import local_day
from engine.errors import NotFound
from engine.store import documents
from engine.store.uploads import Upload

UNTAKEN_FOR = timedelta(days=90)
"""How long a file waits to be filed, be it in a draft."""

REMEMBERED_FOR = timedelta(days=30)
"""How long is told that a file was erased in quarantine."""

STRAY_FOR = timedelta(days=30)
"""How old a file is that nothing names before it goes: long enough to notice that an older
database has been put beside a newer folder."""

_CLEARED: WeakKeyDictionary[App, date] = WeakKeyDictionary()
_LOCK = Lock()


def clear_once_a_day(app: App) -> list[str]:
    """Clear away what nobody took, unless this process has done so today."""
    today = local_day(app.clock.now())
    with _LOCK:
        if _CLEARED.get(app) == today:
            return []
        _CLEARED[app] = today
    return clear(app)


def clear(app: App) -> list[str]:
    """Erase files that nothing names, forget those that nobody took; return what was erased."""
    gone = documents.sweep(
        app.config.documents,
        lambda names: _named(app, [*names]),
        clock.file_time(),
        STRAY_FOR.total_seconds(),
    )
    now = app.clock.now()
    with app.database.read() as store:
        untaken = store.uploads.untaken(now - UNTAKEN_FOR)
    for uid in untaken:
        forget(app, uid)
    with app.database.write() as store:
        store.uploads.forget_refused(now - REMEMBERED_FOR)
    return gone


def forget(app: App, uid: str) -> bool:
    """Forget a file that no case has taken; return whether it was there. Its bytes stay a while."""
    documents.touch(app.config.documents, uid)
    with app.database.write() as store:
        return store.uploads.drop_untaken(uid)


def discard(app: App, uid: str, account: str) -> Upload:
    """Forget a file of one's own that no case has taken; NotFound where there is none."""
    with app.database.read() as store:
        upload = next((u for u in store.uploads.of(account) if u.uid == uid), None)
    if upload is None or not forget(app, uid):
        raise NotFound(
            "Diese Datei liegt nicht (mehr) bereit.", "This file is not here (any more)."
        )
    return upload


def _named(app: App, names: list[str]) -> set[str]:
    with app.database.read() as store:
        return store.uploads.named(names)
