"""A whole installation for tests: its own folder, database, offices, and a clock to turn."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from engine import shipped
from engine.app import App, open_app
from engine.core.calendar import BERLIN, in_utc
from engine.core.case import Case, Measure, Stage
from engine.services import setup, tables
from engine.services.cases import Deed, person_of, register_measure, take
from engine.services.demo import FOLDER
from engine.services.reading import house_of

MONDAY = date(2026, 3, 23)


@dataclass
class TurnedClock:
    """A clock that a test turns."""

    instant: datetime

    def now(self) -> datetime:
        """Return the instant to which it was turned."""
        return self.instant

    def turn(self, day: date, hour: int = 12) -> None:
        """Show the full hour of a local day."""
        self.instant = in_utc(datetime.combine(day, time(hour), BERLIN))

    def on(self, days: int) -> date:
        """Go on by days; return the local day it then is."""
        local = self.instant.astimezone(BERLIN) + timedelta(days=days)
        self.turn(local.date())
        return local.date()


@dataclass
class House:
    """An installation with its clock."""

    app: App
    clock: TurnedClock
    folder: Path
    paper: Path

    def register(self, **changes: Any) -> Case:
        """Register the measure that most tests speak of; return its case."""
        key = changes.pop("key", None)
        facts = dict.fromkeys(setup_facts(), False) | {"betrifft_integration": True}
        usual: dict[str, Any] = {
            "title": "Neubau eines Begegnungszentrums",
            "kind": "beschlussvorlage",
            "origin": "administration",
            "lead": "fb-soziales",
            "municipality": "musterheide",
            "facts": facts,
            "stages": (
                Stage("Sozialausschuss", date(2026, 5, 12)),
                Stage("Kreistag", date(2026, 6, 11), "entscheidung"),
            ),
        }
        deed = Deed("", "weber", files=(("vorlage", self.paper),), key=key)
        return register_measure(self.app, Measure(**(usual | changes)), deed)

    def person(self, name: str) -> str:
        """Return the opaque uid of a person by the first part of her address."""
        return person_of(house_of(self.app), name)

    def take(self, number: str, step: str, person: str, **rest: Any) -> Case:
        """Take a deed into the file of a case."""
        return take(self.app, number, Deed(step, person, **rest))


def setup_facts() -> tuple[str, ...]:
    """Return the facts that the shipped rules ask for."""
    from tests.musterheide import library

    return tuple(library().facts)


def local_today() -> date:
    """Return the day in Berlin, which late in the evening is not that of a machine in UTC."""
    return datetime.now(BERLIN).date()


def house(
    folder: Path,
    url: str | None = None,
    *,
    training: bool = True,
    anew: bool = False,
    **mail: Any,
) -> House:
    """Return an installation on Monday noon in which nothing was done; `mail` changes its settings.

    Without `url` it is a copy of one that is set up once in a process: they have one name of the
    log, one key and the same uids, unless it is set up `anew`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    settings = yaml.safe_load(shipped.example_config().read_text())
    copied = url is None and not anew
    if copied:
        shutil.copytree(_prepared(training), folder, dirs_exist_ok=True)
    if url is not None:
        settings["database"] = url
    settings["mail"] |= mail
    (folder / "config.yaml").write_text(yaml.safe_dump(settings, allow_unicode=True))
    clock = TurnedClock(datetime.now(BERLIN))
    clock.turn(MONDAY)
    app = open_app(folder, clock) if copied else _set_up(folder, training, clock)
    paper = folder / "Vorlage.txt"
    paper.write_text("Entwurf einer Beschlussvorlage")
    return House(app, clock, folder, paper)


def _set_up(folder: Path, training: bool, clock: TurnedClock) -> App:
    app = setup.init(folder, training=training, clock_=clock)
    tables.import_offices(app, FOLDER / "stellen.csv")
    return app


@cache
def _prepared(training: bool) -> Path:
    folder = Path(tempfile.mkdtemp(prefix="haus-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    clock = TurnedClock(datetime.now(BERLIN))
    clock.turn(MONDAY)
    _set_up(folder, training, clock).close()
    return folder
