"""Whether the installation does what it is there for: for monitoring, which looks from outside.

Nothing in it tells of a case. `doctor` says what an administrator should mend some day; here
stands only what must wake somebody.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from engine.app import App
from engine.core.clock_steps import length
from engine.core.wording import moment_text
from engine.errors import Text
from engine.services.evidence.standing import LogStanding
from engine.services.evidence.standing import standing_in as log_standing
from engine.services.timekeeping import ClockStanding
from engine.services.timekeeping import standing_in as clock_standing
from engine.store.vital import Waiting, waiting

SILENT, ROUNDS = timedelta(seconds=60), 4
"""The clock may be silent for a minute, or for four rounds where these lie further apart."""

DUE, MAIL = timedelta(minutes=5), timedelta(minutes=15)
LITTLE = 500 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that monitoring asks: its name, whether it is well, and the words for people."""

    name: str
    well: bool
    text: Text


@dataclass(frozen=True, slots=True)
class Health:
    """How the installation is at an instant; ages are in whole seconds, 0 for nothing old."""

    at: datetime
    checks: tuple[Check, ...]
    last_tick: datetime | None
    due_age: int
    mail_age: int
    unsigned_age: int
    entries: int
    free: int
    clock: ClockStanding
    waiting: Waiting

    @property
    def well(self) -> bool:
        """Whether nobody needs to be woken."""
        return all(check.well for check in self.checks)

    @property
    def plain(self) -> dict[str, object]:
        """What programs read."""
        return {
            "status": "ok" if self.well else "failing",
            "at": self.at.isoformat(),
            "checks": [
                {"check": c.name, "ok": c.well, "de": c.text.de, "en": c.text.en}
                for c in self.checks
            ],
        }


def health(app: App) -> Health:
    """Return how the installation is. Raises Unavailable where the database does not answer."""
    with app.database.read() as store:
        app.follow_clock(store)
        now = app.clock.now()
        pulse = store.pulse.clock()
        clock, log = clock_standing(app, store), log_standing(app, store)
        waits = waiting(store.connection, now, held=clock.held_since is not None)
    last = None if pulse is None else pulse.last_tick
    free = free_space(app)
    every = timedelta(seconds=app.config.settings.every)
    checks = (
        _tick(now, last, max(SILENT, ROUNDS * every)),
        *_waiting(now, waits),
        _log(now, log),
        _disk(free),
        _clock(clock),
    )
    return Health(
        at=now,
        checks=checks,
        last_tick=last,
        due_age=_age(now, waits.due),
        mail_age=_age(now, waits.mail),
        unsigned_age=_age(now, log.unsigned_since),
        entries=log.size + log.waiting,
        free=free,
        clock=clock,
        waiting=waits,
    )


def free_space(app: App) -> int:
    """Return the free bytes of the fullest disk that the installation writes to."""
    config = app.config
    places = {config.folder, config.documents, config.state}
    if app.database.is_sqlite:
        places.add(Path(app.database.place).parent)
    return min(shutil.disk_usage(place).free for place in places if place.exists())


def _age(now: datetime, since: datetime | None) -> int:
    return 0 if since is None else max(0, int((now - since).total_seconds()))


def _tick(now: datetime, last: datetime | None, most: timedelta) -> Check:
    if last is None:
        words = Text("Der Fristenlauf ist noch nie gelaufen.", "The clock has never run.")
        return Check("tick", False, words)
    silent = length(max(now - last, timedelta()))
    words = Text(
        f"Der Fristenlauf lief zuletzt vor {_dative(silent.de)}.", f"The clock ran {silent.en} ago."
    )
    return Check("tick", now - last <= most, words)


def _waiting(now: datetime, waits: Waiting) -> Iterator[Check]:
    due = _since(waits.due)
    yield Check(
        "due",
        waits.due is None or now - waits.due <= DUE,
        Text(f"Älteste unerledigte Fälligkeit: {due.de}.", f"Oldest thing due: {due.en}."),
    )
    mail = _since(waits.mail)
    yield Check(
        "mail",
        waits.mail is None or now - waits.mail <= MAIL,
        Text(f"Älteste Post, die hinausmuss: {mail.de}.", f"Oldest mail to leave: {mail.en}."),
    )


def _since(at: datetime | None) -> Text:
    return Text("keine", "none") if at is None else moment_text(at)


def _log(now: datetime, log: LogStanding) -> Check:
    if log.refused is not None:
        return Check("log", False, log.refused.text)
    since = _since(log.unsigned_since)
    words = Text(
        f"Ältester Eintrag ohne Prüfpunkt: {_masculine(since.de)}.",
        f"Oldest entry without a checkpoint: {since.en}.",
    )
    return Check("log", not log.late(now), words)


def _disk(free: int) -> Check:
    words = Text(f"{free // 2**20} MB frei.", f"{free // 2**20} MB free.")
    return Check("disk", free >= LITTLE, words)


def _clock(clock: ClockStanding) -> Check:
    if not clock.doubted and clock.held_since is None:
        return Check("clock", True, Text("Der Uhr wird geglaubt.", "The clock is believed."))
    words = Text(
        "Die Uhr ist im Zweifel; bestätigen oder richtigstellen.",
        "The clock is doubted; confirm it or put it right.",
    )
    return Check("clock", False, words)


def _dative(words: str) -> str:
    return words.replace("Tage", "Tagen")


def _masculine(words: str) -> str:
    return words.replace("keine", "keiner")


def beat(app: App) -> None:
    """Leave the time of this round in a file that anything can look at, if only at its age.

    A disk on which that fails is told by other checks.
    """
    path = app.config.heartbeat
    with suppress(OSError):
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        fresh = path.with_name(f"{path.name}.new")
        fresh.write_text(f"{app.clock.now().isoformat()}\n")
        fresh.replace(path)
