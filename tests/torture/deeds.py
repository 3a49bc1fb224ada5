"""What workers and people do in a town, people under keys of their own, so that it can be redone."""

from __future__ import annotations

import os
import time
from datetime import date
from pathlib import Path

from engine.app import App
from engine.core.calendar import local_day
from engine.core.case import Notice
from engine.services.cases import Deed, register_measure, take
from engine.services.definitions import activate_files
from engine.worker import one_round
from tests.torture.town import DAY, FIRST, TO_RUNGS, at, days_of, measure

ACTIVATES = "activates"
"""Lies in the folder of a town in which definitions are put in force, which takes its time."""

PROGRESS = "progress"
"""Holds which round each of the workers that race has finished, four bytes each."""

_OFFERED = """
id: zusatz
version: "2026-{n:02}"
title: {{de: Zusatzleiter, en: further ladder}}
norm: Messwert (Leiter)
hour: 8
rungs:
  - title: {{de: Erinnerung, en: reminder}}
    before: {{count: {n}, unit: day}}
    tells: {{owner: erinnerung}}
"""


def keys(n: int) -> tuple[str, str]:
    """Return the keys under which the n-th case is registered and finished."""
    return f"angemeldet:{n}", f"erledigt:{n}"


def everything(app: App, n: int) -> None:
    """Register a case with a paper, finish it, put a definition in force: each once for an n."""
    paper = _file(app, "vorlage.txt", "Entwurf")
    born, done = keys(n)
    case = register_measure(app, measure(0), Deed("", "p0", files=(("vorlage", paper),), key=born))
    take(app, case.number, Deed("erledigen", "p0", key=done))
    if (app.config.folder / ACTIVATES).exists():
        activate_files(app, [_file(app, "zusatz.yaml", _OFFERED.format(n=n + 1))])


def days(app: App, count: int) -> None:
    """Live through so many days, each with deeds and rounds, or catch up with what is left."""
    for n, day in enumerate(days_of(app, count)):
        if app.clock.now() < at(day + TO_RUNGS[0]):
            app.clock.turn(at(day + TO_RUNGS[0]))  # type: ignore[attr-defined]
        everything(app, n)
        round_of(app)
        round_of(app)


def round_of(app: App) -> bool:
    """Do a round as a worker does; return whether there was anything to do."""
    done = one_round(app)
    sent = done.delivered.sent
    return bool(
        done.ticked.cases
        or done.delivered.composed
        or sent.accepted + sent.retry + sent.dead + sent.unsure
    )


def race_day(n: int) -> date:
    """Return the day of the n-th round, counted from 0: the first on which a rung is due is 0."""
    return FIRST + TO_RUNGS[0] + n * DAY


def race(app: App, me: int, rounds: int) -> None:
    """Begin each round at the same moment as the others: when the rungs of its day are due.

    Besides what the clock finds, each asks for one and the same further letter.
    """
    progress = os.open(app.config.folder / PROGRESS, os.O_WRONLY)
    for n in range(rounds):
        due = at(race_day(n))
        while app.clock.now() < due:
            time.sleep(0.0005)
        asked = Notice(f"asked:{n}", "amt-0", "nicht_zustellbar", "", due, {"day": local_day(due)})
        with app.database.write() as store:
            store.outbox.owe(asked)
        one_round(app)
        os.pwrite(progress, (n + 1).to_bytes(4, "little"), 4 * me)


def _file(app: App, name: str, text: str) -> Path:
    path = app.config.folder / name
    path.write_text(text)
    return path
