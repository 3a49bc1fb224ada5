"""The watchdog of the deadlines: it names every obligation that is due and has no outcome.

Each round does what is due. This looks afterwards, by a query of its own over the rows of
deadlines and rungs, whether anything was left, and names each such row once: in the log, and
to the administrators, who are told how many, never in which case.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import islice

from engine.app import App
from engine.core.ledger import microseconds
from engine.errors import Text
from engine.services.itself import by
from engine.services.timekeeping import tell_administrators
from engine.store.chains import SYSTEM
from engine.store.roster import By
from engine.store.store import Store
from engine.store.vital import Overdue, overdue

log = logging.getLogger("rechtzeitig")

TYPE = "obligation_overlooked"
LETTER = "unerledigt"
LATE = timedelta(minutes=5)
"""How long something may be due without an outcome before it is named."""

AT_ONCE = 200
"""How much is named in one round; the rest comes with the next ones."""


def name_overlooked(app: App) -> int:
    """Enter and tell what is due for minutes although a round has just run; return how much is new.

    Idle it costs one look, which finds nothing by the index of what is due.
    """
    now = app.clock.now()
    with app.database.read() as store:
        if not _unnamed(store, now, 1):
            return 0
    with app.database.write() as store:
        # Another worker may have done it, or named it, since.
        left = _unnamed(store, now, AT_ONCE)
        for row in left:
            _enter(app, store, row, now)
        if left:
            tell_administrators(app, store, LETTER, _SUBJECT, _words(len(left)))
    return len(left)


def _unnamed(store: Store, now: datetime, most: int) -> list[Overdue]:
    """Return so many that nobody has named; those that were named hide none behind them."""
    late = overdue(store.connection, now - LATE)
    return list(islice((row for row in late if store.chains.kept(_key(row)) is None), most))


def _key(row: Overdue) -> str:
    """Return what is the same for this obligation, however often it is looked at."""
    return f"overlooked:{row.case}:{row.name}:{row.rung or 'end'}:{microseconds(row.due)}"


def _enter(app: App, store: Store, row: Overdue, now: datetime) -> None:
    act: By = replace(by(app, TYPE), key=_key(row))
    plain = {
        "case": row.case,
        "deadline": row.name,
        "rung": row.rung,
        "due": row.due.isoformat(),
        "seen": now.isoformat(),
    }
    store.enter(act.line(SYSTEM, TYPE, plain))
    log.error("overlooked in case %s: %s, rung %s, due %s", row.case, row.name, row.rung, row.due)


_SUBJECT = Text("Fälliges wurde nicht erledigt", "Something due was left undone")


def _words(count: int) -> Text:
    one = count == 1
    return Text(
        f"{'Eine Fälligkeit ist' if one else f'{count} Fälligkeiten sind'} seit mehr als fünf Minuten "
        "ohne Ergebnis, obwohl der Fristenlauf läuft. Das Protokoll nennt jede einzeln (Strang system).",
        f"{'One obligation has' if one else f'{count} obligations have'} been without an outcome for "
        "more than five minutes although rounds run. The log names each one (strand system).",
    )
