"""What an administrator should know before trusting the installation."""

from __future__ import annotations

import platform
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Literal

from engine import config
from engine.app import App, open_app
from engine.core.layers import findings
from engine.core.staleness import stale_packs, stale_text
from engine.core.wording import moment_text
from engine.core.world import World
from engine.definitions.calendars import unknown_land
from engine.errors import EngineError, Text
from engine.services.evidence.standing import standing_in
from engine.services.planning import lights
from engine.services.ticks import SILENT
from engine.services.uploads import warning
from engine.store.store import Store

LITTLE = 500 * 1024 * 1024
LOOKED_AT, NAMED = 500, 5

State = Literal["ok", "note", "bad"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at: fine, worth a note, or bad, with what to do about it."""

    name: str
    state: State
    text: Text


def examine(folder: Path) -> list[Finding]:
    """Return what there is to say about the installation in `folder`."""
    try:
        config.load(folder)
    except EngineError as error:
        return [Finding("config", "bad", error.text)]
    found = [Finding("config", "ok", Text("Einstellungen gelesen", "settings read"))]
    try:
        app = open_app(folder)
    except EngineError as error:
        return [*found, Finding("database", "bad", error.text)]
    return [*found, *examine_app(app)]


def examine_app(app: App) -> list[Finding]:
    """Return what there is to say about an installation that is at work."""
    found: list[Finding] = []
    with app.database.read() as store:
        try:
            world = app.world(store)
        except EngineError as error:
            return [Finding("definitions", "bad", error.text)]
        for check in _CHECKS:
            found += check(app, store, world)
    found += _disk(app.config.folder)
    return found


def _database(app: App, store: Store, world: World) -> Iterator[Finding]:
    where = store.connection.engine.url.render_as_string(hide_password=True)
    words = f"{where} ({store.connection.dialect.name}, Python {platform.python_version()})"
    yield Finding("database", "ok", Text(f"Datenbank {words}", f"database {words}"))
    if app.training:
        yield Finding(
            "training",
            "note",
            Text("Übungsdatenbank: versendet nichts", "training database: sends nothing"),
        )
    yield from _sqlite(store) if app.database.is_sqlite else _postgres(store)


def _sqlite(store: Store) -> Iterator[Finding]:
    def pragma(name: str) -> object:
        return store.connection.exec_driver_sql(f"PRAGMA {name}").scalar()

    mode, sync = pragma("journal_mode"), pragma("synchronous")
    version = store.connection.exec_driver_sql("SELECT sqlite_version()").scalar()
    words = f"SQLite {version}, journal_mode {mode}, synchronous {sync}"
    state: State = "ok" if sync in (2, 3) else "bad"
    yield Finding("sqlite", state, Text(words, words))


def _readable(app: App, store: Store, world: World) -> Iterator[Finding]:
    """Warn where other accounts of this machine can open the file with every word in it."""
    if not app.database.is_sqlite:
        return
    path = Path(app.database.place)
    # Whoever may read the file reaches it only where he may enter its folder.
    if path.stat().st_mode >> 2 & path.parent.stat().st_mode & 0o011:
        words = Text(
            f"{path}: Andere Konten dieses Rechners können die Datenbank lesen; "
            f"chmod 600 {path}* ändert das.",
            f"{path}: other accounts of this machine can read the database; "
            f"chmod 600 {path}* mends it.",
        )
        yield Finding("readable", "note", words)


def _postgres(store: Store) -> Iterator[Finding]:
    """Say whether what was committed is on disk: the log signs only what is."""
    found = store.connection.exec_driver_sql("SHOW synchronous_commit").scalar()
    words = f"PostgreSQL, synchronous_commit {found}"
    yield Finding("postgres", "bad" if found == "off" else "ok", Text(words, words))


def _clock(app: App, store: Store, world: World) -> Iterator[Finding]:
    pulse = store.pulse.clock()
    if pulse is None or pulse.last_tick is None:
        yield Finding(
            "clock",
            "note",
            Text(
                "Fristenlauf: noch nie gelaufen; starten Sie: rechtzeitig work",
                "the clock has never run; start: rechtzeitig work",
            ),
        )
        return
    silent = world.now - pulse.last_tick
    words = Text(
        f"Fristenlauf: zuletzt vor {int(silent.total_seconds())} s",
        f"the clock ran {int(silent.total_seconds())} s ago",
    )
    yield Finding("clock", "ok" if silent < SILENT else "bad", words)


def _lands(app: App, store: Store, world: World) -> Iterator[Finding]:
    """Name each Land that nobody knows: its statutes would be missing without a word."""
    named = {p.id: p.municipality for p in app.config.settings.municipalities}
    for place in {**world.municipalities, **named}.values():
        if (told := unknown_land(place.land)) is not None:
            where = f"config.yaml, municipalities, {place.id}"
            words = Text(f"{where}: {told.de}", f"{where}: {told.en}")
            yield Finding("land", "bad", words)


def _calendars(app: App, store: Store, world: World) -> Iterator[Finding]:
    for place in world.municipalities.values():
        calendar = world.calendars.get(place.calendar)
        if calendar is None:
            yield Finding(
                "calendar",
                "bad",
                Text(
                    f"{place.name}: Der Kalender {place.calendar} fehlt.",
                    f"{place.name}: the calendar {place.calendar} is missing.",
                ),
            )
            continue
        enough = calendar.last_year >= world.today.year + 2
        words = Text(
            f"Feiertage {place.calendar} bis {calendar.last_year}",
            f"holidays {place.calendar} until {calendar.last_year}",
        )
        yield Finding("calendar", "ok" if enough else "bad", words)


def _rules(app: App, store: Store, world: World) -> Iterator[Finding]:
    for place in world.municipalities.values():
        rows = world.library.in_force(world.today, place)
        unsure = [p for p in rows if p.unchecked]
        words = Text(
            f"{place.name}: {len(rows)} Vorschriften in Kraft, {len(unsure)} ungeprüft",
            f"{place.name}: {len(rows)} provisions in force, {len(unsure)} unchecked",
        )
        yield Finding("rules", "note" if unsure else "ok", words)
    for doubt in findings(world.library.packs):
        p = doubt.provision
        here = any(p.binds(m.land, m.id) for m in world.municipalities.values())
        if here and doubt.on(world.today):
            yield Finding("layers", "note", doubt.text)
    old = stale_text(stale_packs(world.library.packs, world.today))
    if old is not None:
        yield Finding("staleness", "note", old)


def _offices(app: App, store: Store, world: World) -> Iterator[Finding]:
    vacant = [
        o.name for o in world.roster.offices.values() if not world.roster.holders(o.id, world.today)
    ]
    if not world.roster.offices:
        words = Text("Noch keine Stellen: office import", "no offices yet: office import")
        yield Finding("offices", "note", words)
    elif vacant:
        names = ", ".join(vacant)
        yield Finding("offices", "note", Text(f"Nicht besetzt: {names}", f"vacant: {names}"))
    else:
        count = len(world.roster.offices)
        yield Finding("offices", "ok", Text(f"{count} Stellen besetzt", f"{count} offices filled"))


def _plans(app: App, store: Store, world: World) -> Iterator[Finding]:
    """Say which of the most urgent cases can no longer meet their sitting in time (I12)."""
    rows = store.cases.upcoming(limit=LOOKED_AT)
    found = lights(store, world, (row.number for row in rows))
    red = [number for number, light in found.items() if light == "red"]
    if red:
        named = ", ".join(red[:NAMED]) + (" …" if len(red) > NAMED else "")
        words = Text(
            f"Nicht mehr rechtzeitig (rot): {named}; Möglichkeiten zeigt: plan show",
            f"no longer in time (red): {named}; 'plan show' says what can be done",
        )
        yield Finding("plans", "note", words)
    elif rows:
        words = Text("Kein Zeitplan ist rot", "no plan is red")
        yield Finding("plans", "ok", words)


def _mail(app: App, store: Store, world: World) -> Iterator[Finding]:
    counts = store.outbox.counts()
    dead, held = counts.get("message.dead", 0), counts.get("notice.held", 0)
    oldest = store.outbox.oldest_ready()
    late = oldest is not None and world.now - oldest > timedelta(minutes=15)
    try:
        channel = app.channel().name
    except EngineError as error:
        yield Finding("mail", "bad", error.text)
        return
    unsure = counts.get("message.unsure", 0)
    words = Text(
        f"Post über {channel}: {dead} gescheitert, {held} zurückgehalten"
        + (f", {unsure} ungewiss (mail decide)" if unsure else ""),
        f"mail by {channel}: {dead} failed, {held} held back"
        + (f", {unsure} in doubt (mail decide)" if unsure else ""),
    )
    bad = late or dead or unsure
    yield Finding("mail", "bad" if bad else "note" if held else "ok", words)


def _accounts(app: App, store: Store, world: World) -> Iterator[Finding]:
    """Say whether somebody can administer, and who does so with a password alone."""
    active = [a for a, _ in store.accounts.all() if a.state == "active" and a.administrator]
    factors = (store.accounts.factor(a.uid) for a in active)
    bare = sum(1 for f in factors if f is None or f.confirmed_at is None)
    if not active:
        words = Text(
            "Noch niemand kann verwalten: account invite LOGIN --admin",
            "nobody can administer yet: account invite LOGIN --admin",
        )
        yield Finding("accounts", "note", words)
    elif bare:
        words = Text(
            f"{bare} von {len(active)} Verwaltungskonten ohne Anmeldung mit Code",
            f"{bare} of {len(active)} administrators sign in without a code",
        )
        yield Finding("accounts", "note", words)
    else:
        words = Text(f"{len(active)} Verwaltungskonten", f"{len(active)} administrators")
        yield Finding("accounts", "ok", words)


def _uploads(app: App, store: Store, world: World) -> Iterator[Finding]:
    """Say whether somebody looks for malware, and what waits for it."""
    told, waits = warning(app), len(store.uploads.waiting())
    if told is not None:
        yield Finding("uploads", "note", told)
        if not waits:
            return
    words = Text(f"{waits} Dateien in Quarantäne", f"{waits} files in quarantine")
    yield Finding("uploads", "note" if waits else "ok", words)


def _log(app: App, store: Store, world: World) -> Iterator[Finding]:
    """Say whether the log is signed, by now and at all."""
    found = standing_in(app, store)
    if found.refused is not None:
        yield Finding("log", "bad", found.refused.text)
        return
    at = None if found.signed_at is None else moment_text(found.signed_at)
    signed = Text(
        f"unterschrieben bis {found.signed}" + (f", zuletzt {at.de}" if at else ""),
        f"signed up to {found.signed}" + (f", last {at.en}" if at else ""),
    )
    words = Text(
        f"Protokoll: {found.size + found.waiting} Einträge, {signed.de}",
        f"log: {found.size + found.waiting} entries, {signed.en}",
    )
    yield Finding("log", "bad" if found.late(world.now) else "ok", words)


_CHECKS: tuple[Callable[[App, Store, World], Iterator[Finding]], ...] = (
    _database,
    _readable,
    _log,
    _clock,
    _lands,
    _calendars,
    _rules,
    _offices,
    _plans,
    _mail,
    _accounts,
    _uploads,
)


def _disk(folder: Path) -> Iterator[Finding]:
    free = shutil.disk_usage(folder).free
    words = Text(f"{free // 2**20} MB frei", f"{free // 2**20} MB free")
    yield Finding("disk", "ok" if free > LITTLE else "bad", words)
