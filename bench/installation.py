"""An installation to be measured: real settings, a real database, and the bench's own rules."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import yaml

from engine import shipped
from engine.app import App, open_app
from engine.clock import Clock
from engine.core.case import Measure
from engine.core.offices import Office, Person, Tenure
from engine.definitions.library import Definition, compile_all, offered
from engine.services.setup import by, put_in_force
from engine.store.database import open_database

DEFINITIONS = Path(__file__).with_name("definitions")
OFFICE = "fb-messung"
PERSON = "messer"
STEPS = (
    "einreichen",
    "zulassen",
    "bekanntmachen",
    "auslegen",
    "auslegung_beenden",
    "entscheiden",
    "bekanntgeben",
    "archivieren",
)
"""The eight acts that lead from draft to archive."""

_SETTINGS = {
    "administration": "Messstelle",
    "municipalities": [{"id": "messstelle", "name": "Messstelle", "land": "BB", "calendar": "BB"}],
    "mail": {"sender": {"name": "Messstelle", "email": "mess@stelle.example"}},
}


@dataclass
class SetClock:
    """A clock that shows what it was set to."""

    instant: datetime

    def now(self) -> datetime:
        """Return the instant to which it was set."""
        return self.instant


def measured_case() -> Measure:
    """Return the measure that every benchmark registers."""
    return Measure(
        title="Bebauungsplan 12-34, Teil B",
        kind="beschlussvorlage",
        origin="administration",
        lead=OFFICE,
        municipality="messstelle",
        facts={"quorum": 500, "unterschriften": 731},
    )


def definitions(name: str, *, laddered: bool = False) -> tuple[Definition, ...]:
    """Return the bench's rules with the case workflow of the folder `name`.

    `laddered` hangs the one-rung ladder on each of its deadlines.
    """
    calendar = shipped.rules() / "calendars" / "bb.yaml"
    found = [
        *offered(DEFINITIONS / name, DEFINITIONS / "rules"),
        Definition("calendar", "BB", "bench", calendar.name, calendar.read_bytes()),
    ]
    if not laddered:
        return tuple(found)
    return tuple(_with_ladder(d) if d.kind == "workflow" else d for d in found)


def _with_ladder(plain: Definition) -> Definition:
    source = plain.source.replace(b"period: value,", b"period: value, ladder: leiter,")
    return Definition(plain.kind, plain.id, plain.version, plain.name, source)


def install(
    folder: Path,
    name: str,
    *,
    url: str | None = None,
    laddered: bool = False,
    clock: Clock | None = None,
) -> App:
    """Return a fresh installation in `folder` with one department of one person.

    `url` is that of an empty database; left out, a SQLite file is made in the folder.
    """
    folder.mkdir(parents=True, exist_ok=True)
    url = url or f"sqlite:///{folder / 'bench.sqlite3'}"
    (folder / "config.yaml").write_text(yaml.safe_dump({**_SETTINGS, "database": url}))
    open_database(url, create=True, training=True).close()
    app = open_app(folder, clock)
    with app.database.write() as store:
        for place in app.config.settings.municipalities:
            store.save_municipality(place.municipality, by(app, f"place:{place.id}"))
        found = definitions(name, laddered=laddered)
        compile_all(found)
        put_in_force(app, store, found)
        store.save_office(Office(OFFICE, "fachbereich", "Fachbereich Messung"), by(app, "office"))
        store.save_person(Person(PERSON, "Anna Messer", "messer@stelle.example"), by(app, "person"))
        store.save_tenure(Tenure(OFFICE, PERSON), by(app, "tenure"))
    return app
