"""Sign-off by name: a lawyer of the house confirms a rule pack as it stands, byte for byte."""

from __future__ import annotations

from datetime import date

from engine.app import App
from engine.core.meanings import OfficeMeans
from engine.core.rules import RulePack
from engine.core.wording import day_text
from engine.core.world import World
from engine.errors import InputError, NotFound, Refused
from engine.services.cases import person_of
from engine.services.free_text import legible
from engine.services.setup import by
from engine.store.house import Definition
from engine.store.roster import By
from engine.store.store import Store


def confirm(app: App, pack: str, person: str, note: str, on: date | None = None) -> RulePack:
    """Enter that `person` compared the pack in force with its source; return it as confirmed.

    She must act for an office of the legal kind on that day. The entry names the digest, so
    a new version of the pack is unconfirmed again. Raises NotFound, InputError for a day in
    the future or without a note, Refused for anybody else.
    """
    with app.database.write() as store:
        world = app.world(store)
        row = _in_force(store, pack)
        day = on or world.today
        _check(world, day, note)
        who = person_of(world, person)
        store.house.confirm(row, _signing(app, world, who, day), legible(note))
    with app.database.read() as store:
        packs = app.definitions(store).library.packs
    return next(p for p in packs if p.digest == row.digest)


def _in_force(store: Store, pack: str) -> Definition:
    rows = {d.id: d for d in store.definitions() if d.kind == "pack" and d.current}
    if pack not in rows:
        known = ", ".join(sorted(rows))
        raise NotFound(
            f"Das Regelpaket „{pack}“ ist nicht in Kraft. Bekannt sind: {known}.",
            f"The rule pack '{pack}' is not in force. Known are: {known}.",
        )
    return rows[pack]


def _check(world: World, day: date, note: str) -> None:
    if day > world.today:
        raise InputError(
            f"{day_text(day).de} liegt in der Zukunft; heute ist {day_text(world.today).de}.",
            f"{day_text(day).en} lies in the future; today is {day_text(world.today).en}.",
        )
    if not note.strip():
        raise InputError(
            "Zur Bestätigung gehört eine Bemerkung: Womit ist verglichen worden?",
            "A confirmation needs a note: what was the pack compared with?",
        )


def _signing(app: App, world: World, person: str, day: date) -> By:
    """Return who signs, for the legal office she acts for; refuse anybody else."""
    legal = [o for o in world.roster.offices if world.roster.means(o) is OfficeMeans.LEGAL]
    office = next((o for o in legal if world.roster.tenure(person, o, day)), None)
    if office is None:
        name = world.roster.name(person)
        raise Refused(
            f"{name} handelt am {day_text(day).de} nicht für das Rechtsamt; nur wer dafür "
            "bestellt ist, bestätigt ein Regelpaket. Bestellungen zeigt: office list.",
            f"{name} does not act for the legal office on {day_text(day).en}; only who is "
            "appointed to it confirms a rule pack. 'office list' shows the appointments.",
        )
    made = by(app, "confirmation")
    return By(person, office, made.recorded_at, day, made.key)
