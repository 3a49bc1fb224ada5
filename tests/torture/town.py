"""An administration under torture: many departments, a ladder of three rungs, a clock to turn.

Its cases are decided by the core and kept by the real `keep`; its workers are the engine's own
rounds; its clock runs as fast as the machine's and is turned for all processes at once.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy import text

from bench.installation import DEFINITIONS
from engine import clock, shipped
from engine.app import App
from engine.config import load
from engine.core.calendar import BERLIN, local_day
from engine.core.case import Act, Measure
from engine.core.offices import Office, Person, Tenure
from engine.core.procedure import register
from engine.definitions.library import Definition, compile_all, offered
from engine.services.evidence.keys import make_first_key
from engine.services.setup import by, put_in_force
from engine.services.ticks import tick
from engine.store.database import open_database

FIRST = date(2026, 4, 6)
"""The day on which the first cases are registered."""

TO_RUNGS = (timedelta(days=28), timedelta(days=41), timedelta(days=49))
"""From registration to the day of each rung (`leiter.yaml`, 42 days of waiting)."""

LEASE = timedelta(minutes=13)
"""A bit more than `delivery.send.LEASE`: what a dead worker held is free after it."""

DAY = timedelta(days=1)
_PERIOD = timedelta(days=42)
_HOUR = time(8, 0, 1)
_JOURNAL = "journal"


class SharedClock:
    """This machine's clock with an offset that all processes of a town read from one file."""

    def __init__(self, folder: Path) -> None:
        self._file = os.open(folder / "offset", os.O_RDWR | os.O_CREAT, 0o600)

    def now(self) -> datetime:
        """Return the instant in the town."""
        micros = int.from_bytes(os.pread(self._file, 8, 0), "little", signed=True)
        return datetime.now(UTC) + timedelta(microseconds=micros)

    def turn(self, instant: datetime) -> None:
        """Show this instant now, and go on from it."""
        micros = (instant - datetime.now(UTC)) // timedelta(microseconds=1)
        os.pwrite(self._file, micros.to_bytes(8, "little", signed=True), 0)

    def on(self, by_: timedelta) -> None:
        """Go on at once."""
        self.turn(self.now() + by_)


def days_of(app: App, count: int) -> list[date]:
    """Return so many days on which a case can be registered whose period ends on a working day.

    Only then does no end roll on, and each rung acts `TO_RUNGS` after the registration.
    """
    found: list[date] = []
    day = FIRST
    while len(found) < count:
        if ends_on_a_working_day(app, day):
            found.append(day)
        day += DAY
    return found


def ends_on_a_working_day(app: App, day: date) -> bool:
    """Return whether the period of a case that is registered on a day ends on a working day."""
    with app.database.read() as store:
        calendar = app.world(store).calendar("messstelle")
    return calendar.is_working_day(day + _PERIOD)


def due_by(days: Iterable[date], now: datetime) -> int:
    """Return how many rungs of cases that were registered on these days act by `now`."""
    return sum(at(day + after) <= now for day in days for after in TO_RUNGS)


def at(day: date, hour: time = _HOUR) -> datetime:
    """Return an hour of a local day: a second after that at which rungs act."""
    return datetime.combine(day, hour, BERLIN).astimezone(UTC)


def found(
    folder: Path,
    port: int,
    *,
    url: str | None = None,
    offices: int = 20,
    journal: str | None = "wal",
) -> App:
    """Return a new administration whose mail goes to a server on this port of loopback."""
    folder.mkdir(parents=True)
    keep_journal(folder, journal)
    write_settings(folder, port, url or "sqlite:///db.sqlite3")
    watch = SharedClock(folder)
    watch.turn(at(FIRST))
    settings = load(folder)
    database = open_database(settings.database, create=True, journal=_journal(folder))
    app = App(settings, database, watch)
    with app.database.write() as store:
        for place in app.config.settings.municipalities:
            store.save_municipality(place.municipality, by(app, f"place:{place.id}"))
        definitions = [*_definitions()]
        compile_all(definitions)
        put_in_force(app, store, definitions)
        for n in range(offices):
            store.save_office(Office(_office(n), "fachbereich", f"Amt {n}"), by(app, f"o{n}"))
            store.save_person(Person(f"p{n}", f"Person {n}", f"p{n}@a.example"), by(app, f"p{n}"))
            store.save_tenure(Tenure(_office(n), f"p{n}"), by(app, f"t{n}"))
    make_first_key(app)
    tick(app)
    return app


def write_settings(folder: Path, port: int, url: str, **mail: Any) -> None:
    """Write the settings of a town in `folder`; `mail` adds to those of mail."""
    settings: dict[str, Any] = {
        "administration": "Prüfstelle",
        "municipalities": [
            {"id": "messstelle", "name": "Prüfstelle", "land": "BB", "calendar": "BB"}
        ],
        "database": url,
        "mail": {
            "sender": {"name": "Prüfstelle", "email": "amt@pruefstelle.example"},
            "channel": "smtp",
            "smtp": {"host": "127.0.0.1", "port": port, "tls": "off"},
            **mail,
        },
    }
    (folder / "config.yaml").write_text(yaml.safe_dump(settings))


def open_town(folder: Path) -> App:
    """Return the town in `folder` as another process of it would open it."""
    settings = load(folder)
    database = open_database(settings.database, journal=_journal(folder))
    return App(settings, database, SharedClock(folder))


def keep_journal(folder: Path, journal: str | None) -> None:
    """Remember in which journal mode every process opens the town's file; None is the engine's."""
    (folder / _JOURNAL).write_text(journal or "")


def _journal(folder: Path) -> str | None:
    return (folder / _JOURNAL).read_text() or None


def _office(n: int) -> str:
    return f"amt-{n}"


def _definitions() -> list[Definition]:
    calendar = shipped.rules() / "calendars" / "bb.yaml"
    ladder = Path(__file__).with_name("leiter.yaml")
    plain = offered(DEFINITIONS / "sweep", DEFINITIONS / "rules")
    return [
        *(replace(d, source=ladder.read_bytes()) if d.id == "leiter" else d for d in plain),
        Definition("calendar", "BB", "bench", calendar.name, calendar.read_bytes()),
    ]


def measure(office: int) -> Measure:
    """Return the measure of a department."""
    return Measure(
        title="Bebauungsplan 12-34, Teil B",
        kind="beschlussvorlage",
        origin="administration",
        lead=_office(office),
        municipality="messstelle",
        facts={"quorum": 500, "unterschriften": 731},
    )


def settle_in(app: App, days: list[date]) -> None:
    """Register one case on each of these days, with one department after the other."""
    with app.database.read() as store:
        world = app.world(store)
    offices = len(world.roster.offices)
    with app.database.write() as store:
        known = store.connection.execute(text("SELECT count(*) FROM kase")).scalar_one()
        for n, day in enumerate(days, start=known + 1):
            now = at(day)
            uid = clock.new_uid()
            act = Act(f"seed:{n}", "anmelden", f"p{n % offices}", _office(n % offices), day, now)
            there = world.at(now, local_day(now))
            store.keep(register(uid, f"V-2026-{n:06}", measure(n % offices), act, there))
