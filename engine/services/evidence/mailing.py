"""The checkpoint goes to the legal office's mailbox, where no administrator can take it back.

Once a day, and only when something has happened since. The mail brings the proof from the
checkpoint that was mailed before, so that a witness can be fed with nothing but these mails.

Every day also begins with a line of its own. Without it a log in which nothing happens over
the holidays could not be told from one of which newer checkpoints are kept back.
"""

from __future__ import annotations

from datetime import date
from threading import Lock
from weakref import WeakKeyDictionary

from engine.app import App
from engine.core.calendar import local_day
from engine.core.case import Notice
from engine.core.meanings import OfficeMeans
from engine.core.notes import Checkpoint
from engine.core.workflow import CLOCK
from engine.core.world import World
from engine.services.evidence.offering import offer
from engine.store.chains import SYSTEM
from engine.store.mailed import grew, mailed, set_mailed
from engine.store.roster import By
from engine.store.store import Store

DAY = "day"
"""The type of the line with which a day begins."""

LETTER = "pruefpunkt"

_BEGUN: WeakKeyDictionary[App, date] = WeakKeyDictionary()
_LOCK = Lock()


def begin_day(app: App) -> int:
    """Enter that a day began, and owe the legal office the newest checkpoint.

    Return how many letters that makes. Done once a day however many processes ask. A training log has no witness.
    """
    now = app.clock.now()
    today = local_day(now)
    with _LOCK:
        if app.training or _BEGUN.get(app) == today:
            return 0
    made = 0
    with app.database.write() as store:
        key = f"{DAY}:{today}"
        if store.chains.kept(key) is None:
            store.enter(By(CLOCK, "", now, today, key).line(SYSTEM, DAY, {}))
            made = _owe(store, app.world(store), today)
    with _LOCK:
        _BEGUN[app] = today
    return made


def _owe(store: Store, world: World, today: date) -> int:
    newest, before = store.log.newest(), mailed(store.connection)
    if newest is None:
        return 0
    size = Checkpoint.read(newest.text).size
    # After a fork the log may be shorter than what was mailed: then the proof begins anew.
    before = before if before <= size else 0
    if not grew(store.connection, before, size, DAY):
        return 0
    said = {"statement": offer(store, before).written}
    offices = [o for o in world.roster.offices if world.roster.means(o) is OfficeMeans.LEGAL]
    made = sum(
        store.outbox.owe(Notice(f"{LETTER}:{today}:{o}", o, LETTER, "", world.now, said))
        for o in offices
    )
    set_mailed(store.connection, size)
    return made
