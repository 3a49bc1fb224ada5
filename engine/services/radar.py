"""The radar at work: agendas are held against the files, and whom they may touch is told once.

What an office was told is a line of the log in the strand `system`, one for each item, so
nobody is told of an item twice and it can be shown when she learned of it. The letter is
owed in the same transaction.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from engine.app import App
from engine.core.case import Measure, Notice
from engine.core.ledger import Line
from engine.core.offices import Office
from engine.core.radar import (
    AgendaItem,
    Because,
    Known,
    Match,
    Register,
    Sighting,
    Vocabulary,
    concerned,
    identity,
    sightings,
    standing,
)
from engine.core.wording import day_text
from engine.core.world import World
from engine.errors import InputError, Text
from engine.services.agendas import agenda_items
from engine.services.cases import person_of
from engine.store.chains import SYSTEM
from engine.store.store import Store

LETTER = "radar"


@dataclass(frozen=True, slots=True)
class Sweep:
    """What the radar saw on a day in agendas, and by which words it looked."""

    on: date
    seen: tuple[Sighting, ...]
    vocabulary: Vocabulary

    @property
    def unmatched(self) -> tuple[Sighting, ...]:
        """The items that belong to no case and seem to touch somebody's field."""
        return tuple(s for s in self.seen if s.match is None and s.touches)


@dataclass(slots=True)
class Told:
    """How many items each office was told of, and how many it had been told of before."""

    new: dict[str, int] = field(default_factory=dict)
    before: dict[str, int] = field(default_factory=dict)


def sweep(app: App, source: str, *, since: date | None = None) -> Sweep:
    """Return what the radar makes of the sittings from `since` (else today) on."""
    items = agenda_items(source)
    with app.database.read() as store:
        world, words = app.world(store), vocabulary_of(app, store)
        first = since or world.today
        coming = [item for item in items if item.day >= first]
        found = sightings(coming, _register(store, words), words)
        seen = tuple(_with_standing(store, world, s) for s in found)
    return Sweep(world.today, seen, words)


def tell(app: App, swept: Sweep, person: str, office: str | None = None) -> Told:
    """Owe each office whose field an unmatched item seems to touch one letter about them.

    `office` limits it to one office. Items that it was told of before are left out; an
    office with nothing new gets no letter.
    """
    told = Told()
    with app.database.write() as store:
        world = app.world(store)
        teller = person_of(world, person)
        for addressee, rows in _by_office(world, swept, office).items():
            new = {k: s for k, s in rows.items() if store.chains.kept(k) is None}
            told.before[addressee] = len(rows) - len(new)
            told.new[addressee] = len(new)
            if new:
                _tell_one(store, world, teller, addressee, new)
    return told


def alike(app: App, measure: Measure) -> Match | None:
    """Return the case that a measure to be registered belongs to, or seems to, or None."""
    with app.database.read() as store:
        words = vocabulary_of(app, store)
        return _register(store, words).match(measure.reference, measure.title)


def vocabulary_of(app: App, store: Store) -> Vocabulary:
    """Return the words of the radar in force; InputError says how to get them there."""
    words = app.definitions(store).radar
    if words is None:
        raise InputError(
            "Für das Radar fehlen die Stichwörter. Setzen Sie rules/radar.yaml in Kraft: "
            "rules activate rules/radar.yaml.",
            "The radar has no words. Put rules/radar.yaml in force: "
            "rules activate rules/radar.yaml.",
        )
    return words


def label(sighting: Sighting) -> Text:
    """Return sitting and numbers of an item, all that may be said of one that is not public."""
    item = sighting.item
    day, top = day_text(item.day), f", TOP {item.number}" if item.number else ""
    return Text(f"{item.body}, {day.de}{top}", f"{item.body}, {day.en}{top}")


def about(item: AgendaItem) -> Text:
    """Return number and title of an item, or that it is not public."""
    number = item.reference or ""
    if item.public:
        words = f"{number} {item.title}".strip()
        return Text(words, words)
    return Text(f"{number} (nichtöffentlich)".strip(), f"{number} (not public)".strip())


def _register(store: Store, words: Vocabulary) -> Register:
    return Register((Known(*row) for row in store.cases.references()), words)


def _with_standing(store: Store, world: World, sighting: Sighting) -> Sighting:
    match = sighting.match
    if match is None or match.because is not Because.NUMBER:
        return sighting
    case = store.cases.get(match.case)
    return Sighting(sighting.item, match, standing(case, world, sighting.item.day))


def _by_office(world: World, swept: Sweep, only: str | None) -> dict[str, dict[str, Sighting]]:
    """Return by office what it may be told of, each item once under what it is remembered by."""
    if only is not None:
        world.roster.office(only)
    found: dict[str, dict[str, Sighting]] = {}
    for sighting in swept.unmatched:
        for office in concerned(sighting, world.roster, world.today):
            if only in (None, office.id):
                key = f"radar:{office.id}:{identity(sighting.item, swept.vocabulary)}"
                found.setdefault(office.id, {}).setdefault(key, sighting)
    return found


def offices_of(world: World, sighting: Sighting) -> list[Office]:
    """Return the offices whose field an unmatched item seems to touch today."""
    return [] if sighting.match else concerned(sighting, world.roster, world.today)


def _tell_one(
    store: Store, world: World, teller: str, office: str, new: dict[str, Sighting]
) -> None:
    for key, sighting in new.items():
        store.enter(_line(world, teller, office, key, sighting.item))
    letter = hashlib.sha256("\n".join(new).encode()).hexdigest()[:32]
    items = [_as_item(sighting) for sighting in new.values()]
    facts = {"to": "office", "items": items}
    store.outbox.owe(Notice(f"radar:{office}:{letter}", office, LETTER, "", world.now, facts))


def _line(world: World, teller: str, office: str, key: str, item: AgendaItem) -> Line:
    private = {"reference": item.reference, "title": item.title} if item.public else {}
    return Line(
        stream=SYSTEM,
        type=LETTER,
        actor=teller,
        for_="",
        recorded_at=world.now,
        happened_on=world.today,
        key=key,
        part=0,
        plain={"told": office, "body": item.body, "day": item.day.isoformat()},
        private=private,
    )


def _as_item(sighting: Sighting) -> dict[str, dict[str, str]]:
    """Return an item as the letter lists it, in both languages."""
    head, words = label(sighting), about(sighting.item)
    hints = ", ".join(_hints(sighting.touches.values()))
    de = f"{words.de}{f' (Stichwort: {hints})' if hints else ''}"
    en = f"{words.en}{f' (keyword: {hints})' if hints else ''}"
    return {
        "de": {"subject": head.de, "sentence": de},
        "en": {"subject": head.en, "sentence": en},
    }


def _hints(rows: Iterable[tuple[str, ...]]) -> list[str]:
    return list(dict.fromkeys(word for row in rows for word in row))
