"""The checkpoint goes to the legal office's mailbox, where no administrator can take it back.

Once a day, also when nothing happened. The mail brings the proof from the checkpoint that was
mailed before, so that a witness can be fed with nothing but these mails.

For that every day begins with a line of its own. Without it a log in which nothing happens over
the holidays could not be told from one of which newer checkpoints are kept back. The mail waits
for a checkpoint of the day: with an older one a witness would be alarmed each quiet morning.
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
from engine.store.errors import AlreadyKept
from engine.store.global_log import BrokenTree
from engine.store.mailed import mailed, mailed_by, set_mailed
from engine.store.roster import By
from engine.store.store import Store

DAY = "day"
"""The type of the line with which a day begins."""

LETTER = "pruefpunkt"

_BEGUN: WeakKeyDictionary[App, date] = WeakKeyDictionary()
_LOCK = Lock()


def begin_day(app: App) -> int:
    """Enter that a day began and, once it is sealed, owe the legal office the checkpoint.

    Return how many letters that makes. Done once a day however many processes ask. A training
    log has no witness.
    """
    now = app.clock.now()
    today = local_day(now)
    with _LOCK:
        if app.training or _BEGUN.get(app) == today:
            return 0
    key = f"{DAY}:{today}"
    with app.database.read() as store:
        begun, sealed = store.chains.kept(key) is not None, _sealed(store, today)
    if begun and not sealed:
        return 0
    try:
        with app.database.write() as store:
            if store.chains.kept(key) is None:
                store.enter(By(CLOCK, "", now, today, key).line(SYSTEM, DAY, {}))
            made = _owe(store, app.world(store), today) if sealed else 0
    except AlreadyKept:
        # Another worker began the day at the same moment, and does the rest as well.
        return 0
    if sealed:
        with _LOCK:
            _BEGUN[app] = today
    return made


def _sealed(store: Store, today: date) -> bool:
    newest = store.log.last()
    return newest is not None and local_day(newest.signed_at) >= today


def _owe(store: Store, world: World, today: date) -> int:
    newest, before = store.log.newest(), mailed(store.connection)
    if newest is None or mailed_by(store.connection, today):
        return 0
    size = Checkpoint.read(newest.text).size
    try:
        # After a fork the log may be shorter than what was mailed: then the proof begins anew.
        said = {"statement": offer(store, before if before <= size else 0).written}
    except BrokenTree:
        # There is no proof to be mailed; that the log is broken is told by who seals it.
        return 0
    offices = [o for o in world.roster.offices if world.roster.means(o) is OfficeMeans.LEGAL]
    made = sum(
        store.outbox.owe(Notice(f"{LETTER}:{today}:{o}", o, LETTER, "", world.now, said))
        for o in offices
    )
    set_mailed(store.connection, size, today)
    return made
