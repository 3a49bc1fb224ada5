"""Published papers are taken into the files: registered once, matched ever after."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date

from engine.app import App
from engine.core.case import Measure
from engine.core.meanings import OfficeMeans
from engine.core.offices import Office
from engine.core.world import World
from engine.errors import InputError, Text
from engine.oparl import PaperRecord, Records
from engine.services.cases import Deed, register_measure
from engine.services.oparl_import import Known, Unusable, matches, measure_of
from engine.services.reading import house_of
from engine.services.setup import by


@dataclass(slots=True)
class Taken:
    """What became of the papers, by their OParl id."""

    registered: dict[str, str] = field(default_factory=dict)
    matched: dict[str, str] = field(default_factory=dict)
    proposed: dict[str, str] = field(default_factory=dict)
    past: list[str] = field(default_factory=list)
    undecided: list[str] = field(default_factory=list)
    unusable: dict[str, Text] = field(default_factory=dict)


def take_records(
    app: App,
    records: Records,
    person: str,
    *,
    office: str | None = None,
    municipality: str | None = None,
    since: date | None = None,
    new_offices: bool = False,
    progress: Callable[[], None] = lambda: None,
) -> Taken:
    """Register the papers whose decision is still to come, or find their cases by number.

    `since` sets the day from which a decision counts as coming, else today. With
    `new_offices` an unknown department becomes an office, as published. Taking the same
    records twice changes nothing: the paper's OParl id is the key of the act.
    """
    done = Taken()
    world = house_of(app)
    place = municipality or next(iter(world.municipalities))
    first = since or world.today
    coming = [r for r in records.papers if _coming(r, first, done)]
    if new_offices:
        _open_offices(app, world, coming)
        world = house_of(app)
    offices = {o.name: o.id for o in world.roster.offices.values()}
    known = _known(app)
    for record in coming:
        progress()
        _take(app, record, measure_of(record, place, offices), person, office, known, done)
    return done


def _coming(record: PaperRecord, first: date, done: Taken) -> bool:
    if record.decision is None:
        done.undecided.append(record.id)
    elif record.decisions[-1] < first:
        done.past.append(record.id)
    else:
        return True
    return False


def _known(app: App) -> list[tuple[str, str | None, str]]:
    with app.database.read() as store:
        return store.cases.references()


def _take(
    app: App,
    record: PaperRecord,
    measure: Measure | Unusable,
    person: str,
    office: str | None,
    known: Known,
    done: Taken,
) -> None:
    match = matches(record, known)
    if match is not None and not match.proposed:
        done.matched[record.id] = match.number
        return
    if isinstance(measure, Unusable):
        done.unusable[record.id] = measure.reason
        return
    deed = Deed(step="", person=person, office=office, key=f"oparl:{record.id}")
    done.registered[record.id] = register_measure(app, measure, deed).number
    if match is not None:
        done.proposed[record.id] = match.number


def _open_offices(app: App, world: World, records: list[PaperRecord]) -> None:
    kinds = world.roster.kinds.values()
    department = next((k.id for k in kinds if k.means is OfficeMeans.DEPARTMENT), None)
    if department is None:
        raise InputError(
            "rules/offices.yaml nennt keine Art von Stelle mit means: department.",
            "rules/offices.yaml names no kind of office with means: department.",
        )
    there = {o.name for o in world.roster.offices.values()}
    with app.database.write() as store:
        for name in sorted({r.department for r in records if r.department} - there):
            office = Office(_id(name), department, name)
            store.save_office(office, by(app, f"office:{office.id}"))


def _id(name: str) -> str:
    """Return an id for a department as published: its name in small ASCII letters."""
    plain = name.casefold()
    for old, new in (("ä", "ae"), ("ö", "oe"), ("ü", "ue"), ("ß", "ss")):
        plain = plain.replace(old, new)
    words = "".join(c if c.isascii() and c.isalnum() else " " for c in plain).split()
    return "-".join(words) or "stelle"
