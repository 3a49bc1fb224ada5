"""An installation is born: settings, database, definitions, Körperschaften."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from engine import config, shipped
from engine.app import App
from engine.clock import Clock, SystemClock
from engine.config import Place
from engine.definitions.calendars import unknown_land
from engine.definitions.library import Definition, compile_all, offered
from engine.errors import InputError, Text
from engine.services.evidence.keys import make_first_key
from engine.services.itself import SETUP, by
from engine.store import house
from engine.store.database import bring_up_to_date, open_database
from engine.store.errors import on_disk
from engine.store.roster import By
from engine.store.store import Store

__all__ = ["SETUP", "by", "init", "put_in_force", "take_places", "upgrade"]


def init(folder: Path, *, training: bool, clock_: Clock | None = None) -> App:
    """Return a fresh installation in `folder`: settings, database, shipped definitions.

    A config.yaml that lies there already is taken as it is; a database that lies there
    already is refused, because its log must not begin twice. Raises Unavailable where the
    folder cannot be made or written to.
    """
    _furnish(folder)
    settings = config.load(folder)
    path = settings.database.removeprefix("sqlite:///")
    if path != settings.database and Path(path).exists():
        raise _there_already(path)
    definitions = offered(shipped.workflows(), shipped.rules())
    _refuse_unknown(settings.settings.municipalities, compile_all(definitions).calendars)
    database = open_database(settings.database, create=True, training=training)
    app = App(settings, database, clock_ or SystemClock())
    with database.read() as store:
        if store.definitions():
            raise _there_already(settings.database.rpartition("@")[2])
    _save_places(app)
    with database.write() as store:
        put_in_force(app, store, definitions)
    make_first_key(app)
    return app


def _furnish(folder: Path) -> None:
    """Make the folder and put the example's settings there, unless it has some."""
    if folder.is_file():
        raise InputError(
            f"{folder} ist eine Datei. Nennen Sie mit --data einen Ordner.",
            f"{folder} is a file. Name a folder with --data.",
        )
    file = folder / config.NAME
    with on_disk(folder):
        folder.mkdir(parents=True, exist_ok=True)
        if not file.exists():
            file.write_bytes(shipped.example_config().read_bytes())


def _there_already(place: str) -> InputError:
    return InputError(
        f"In {place} liegt bereits eine Datenbank. Eine zweite braucht einen anderen Ordner.",
        f"There already is a database in {place}. A second one needs another folder.",
    )


def take_places(app: App) -> None:
    """Take over Körperschaften that config.yaml names or changes; none is ever dropped.

    Raises InputError for a new or changed one whose Land or calendar nobody knows. What was
    taken over in earlier days does not stop the clock; `doctor` tells of it.
    """
    with app.database.read() as store:
        known = store.municipalities()
        new = [
            place
            for place in app.config.settings.municipalities
            if known.get(place.id) != place.municipality
        ]
        if not new:
            return
        _refuse_unknown(new, app.definitions(store).calendars)
    _save_places(app)


def _refuse_unknown(places: Iterable[Place], calendars: Iterable[str]) -> None:
    """Raise InputError for a Land or calendar that nobody knows.

    No statute would bind in such a Land, and nobody could count a period without a calendar.
    """
    for place in places:
        told = unknown_land(place.land) or _unknown_calendar(place.calendar, calendars)
        if told is not None:
            where = f"config.yaml, municipalities, {place.id}"
            raise InputError(f"{where}: {told.de}", f"{where}: {told.en}")


def _unknown_calendar(calendar: str, calendars: Iterable[str]) -> Text | None:
    known = sorted(calendars)
    if calendar in known:
        return None
    return Text(
        f"Den Kalender „{calendar}“ gibt es nicht. Bekannt sind: {', '.join(known)}. Einen eigenen "
        "nimmt zuvor auf: calendar activate.",
        f"There is no calendar '{calendar}'. Known are: {', '.join(known)}. 'calendar activate' "
        "takes one of your own before.",
    )


def _save_places(app: App) -> None:
    with app.database.write() as store:
        known = store.municipalities()
        for place in app.config.settings.municipalities:
            if known.get(place.id) != place.municipality:
                store.save_municipality(place.municipality, by(app, f"place:{place.id}"))


def upgrade(folder: Path) -> None:
    """Bring an installation to what this program needs: its tables, and a key for its log.

    Makes none: raises Unavailable or SchemaProblem where config.yaml names no database.
    """
    settings = config.load(folder)
    app = App(settings, bring_up_to_date(settings.database), SystemClock())
    make_first_key(app)
    app.close()


def put_in_force(
    app: App, store: Store, definitions: Sequence[Definition], who: By | None = None
) -> None:
    """Store the bytes of definitions that compile together, as one act of the log."""
    act = who or by(app, "definitions")
    for part, row in enumerate(definitions):
        kept = house.Definition(row.kind, row.id, row.version, row.source)
        store.activate(kept, act, part)
