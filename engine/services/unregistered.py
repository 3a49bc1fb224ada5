"""What offices that are heard may have been left out of: agenda items without a case."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from engine.app import App
from engine.core.case import Case, Entry, Measure, Stage
from engine.core.meanings import OfficeMeans
from engine.core.radar import Known, Register, concerned, identity
from engine.core.workflow import Step
from engine.core.world import World
from engine.errors import EngineError, InputError, Text
from engine.services.cases import Deed, demand_participation, demanding_step
from engine.services.oparl_import import UNNAMED_KIND
from engine.services.radar import LETTER, sweep, vocabulary_of
from engine.store.chains import SYSTEM
from engine.store.store import Store

RECENT = 2_000
"""So many of the newest cases are asked whether an item has been registered since."""


@dataclass(frozen=True, slots=True)
class Unregistered:
    """An agenda item that seems to touch the field of an office and belonged to no case.

    `title` is empty for an item that is not public. `case` is the one that it belongs to by
    now, `demand` the one that the office itself has opened about it.
    """

    key: str
    office: str
    body: str
    day: date
    reference: str | None
    title: str
    public: bool
    hints: tuple[str, ...] = ()
    case: str | None = None
    demand: str | None = None

    @property
    def open(self) -> bool:
        """Whether nobody has done anything about it yet."""
        return self.case is None and self.demand is None


def unregistered(app: App, offices: Iterable[str], *, look: bool = True) -> list[Unregistered]:
    """Return the items of coming sittings for some offices, the next sitting first.

    They are those that an office was told of, and with `look` those that the agendas named
    in config.yaml hold today. What cannot be read there is left out; `trouble` says it.
    """
    mine = frozenset(offices)
    found = {row.key: row for row in _seen(app, mine)} if look else {}
    with app.database.read() as store:
        world = app.world(store)
        for row in _told(store, world, mine):
            found.setdefault(row.key, row)
        rows = list(_as_it_stands(app, store, found.values()))
    return sorted(rows, key=lambda r: (r.day, r.body, r.title))


def trouble(app: App) -> Text | None:
    """Return why the agendas named in config.yaml cannot be read, None where they can."""
    try:
        list(_seen(app, frozenset()))
    except EngineError as error:
        return error.text
    return None


def demand(app: App, person: str, office: str, wanted: Measure, deed: Deed) -> Case:
    """Open the file of a measure in which an office demands to take part.

    The fact that touches its field is taken to hold. Without a lead department the council
    office passes the demand on.
    """
    with app.database.read() as store:
        world = app.world(store)
    concern = world.roster.office(office).concern
    measure = replace(
        wanted,
        kind=wanted.kind or UNNAMED_KIND,
        lead=wanted.lead or council_office(world),
        municipality=wanted.municipality or next(iter(world.municipalities)),
        facts=wanted.facts or ({} if concern is None else {concern: True}),
    )
    return demand_participation(app, measure, replace(deed, person=person, office=office))


def step_of_demand(world: World, person: str, office: str) -> Step:
    """Return the step by which an office demands to take part; Refused where it has none."""
    return demanding_step(world, Deed("", person, office))


def council_office(world: World) -> str:
    """Return the office that passes on a demand of which nobody knows whose measure it is."""
    for office in world.roster.offices:
        if world.roster.means(office) is OfficeMeans.COUNCIL_OFFICE:
            return office
    raise InputError(
        "Es gibt keinen Sitzungsdienst, der das Verlangen weitergäbe: Wählen Sie die "
        "federführende Stelle.",
        "There is no council office to pass the demand on: choose the lead department.",
    )


def demand_key(item: str) -> str:
    """Return the key under which the demand about an item is kept, once."""
    return f"{item}:demand"


def as_measure(row: Unregistered) -> Mapping[str, Any]:
    """Return what an item says of the measure behind it."""
    return {"title": row.title, "reference": row.reference, "stages": (Stage(row.body, row.day),)}


def _told(store: Store, world: World, offices: frozenset[str]) -> Iterator[Unregistered]:
    for line in store.chains.typed(SYSTEM, LETTER):
        day = date.fromisoformat(line.plain["day"])
        if line.plain["told"] in offices and day >= world.today:
            yield _from_line(line, day)


def _from_line(line: Entry, day: date) -> Unregistered:
    title, reference = line.private.get("title"), line.private.get("reference")
    return Unregistered(
        key=line.key,
        office=line.plain["told"],
        body=line.plain["body"],
        day=day,
        reference=reference,
        title=title or "",
        public=title is not None,
    )


def _seen(app: App, offices: frozenset[str]) -> Iterator[Unregistered]:
    source = app.config.settings.agenda
    if source is None:
        return
    swept = sweep(app, str(app.config.path(source)))
    with app.database.read() as store:
        world = app.world(store)
    for sighting in swept.unmatched:
        item = sighting.item
        for office in concerned(sighting, world.roster, world.today):
            if office.id in offices:
                yield Unregistered(
                    key=f"{LETTER}:{office.id}:{identity(item, swept.vocabulary)}",
                    office=office.id,
                    body=item.body,
                    day=item.day,
                    reference=item.reference,
                    title=item.title if item.public else "",
                    public=item.public,
                    hints=tuple(dict.fromkeys(w for x in sighting.touches.values() for w in x)),
                )


def _as_it_stands(app: App, store: Store, rows: Iterable[Unregistered]) -> Iterator[Unregistered]:
    rows = list(rows)
    if not rows:
        return
    known = (Known(*row) for row in store.cases.references(newest=RECENT))
    register = Register(known, vocabulary_of(app, store))
    for row in rows:
        kept = store.chains.kept(demand_key(row.key))
        if kept is not None:
            number = store.cases.by_uid(kept[0].removeprefix("case/")).number
            yield replace(row, demand=number)
            continue
        match = register.match(row.reference, row.title) if row.public else None
        sure = match is not None and match.sure
        yield replace(row, case=match.case if match is not None and sure else None)
