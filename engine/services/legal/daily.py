"""The Fristenprotokoll of a day, and its countersignature as an entry of the log."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from engine.app import App
from engine.core.calendar import end_of
from engine.core.daily_record import Happened, Row, rows, seal_of
from engine.core.world import World
from engine.errors import Refused, Text
from engine.services.legal.signing import signing
from engine.services.legal.titles import deadline_name
from engine.store.audit import Audit, Subject
from engine.store.chains import SYSTEM
from engine.store.store import Store

TYPE = "day_countersigned"
_DEED = Text("das Fristenprotokoll gegenzeichnen", "countersign the record of deadlines")
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class DayLine:
    """One line of the record in words; `path` leads to how the date was counted."""

    happened: Happened
    number: str
    title: str
    deadline: Text
    office: str
    last_day: date
    on: date
    detail: str
    path: str


@dataclass(frozen=True, slots=True)
class Signature:
    """Who countersigned the record of a day, when; `fits` says that it is still the same."""

    name: str
    at: datetime
    fits: bool


@dataclass(frozen=True, slots=True)
class DayRecord:
    """The record of a day; `seal` is the digest over the lines of the log it was read from."""

    day: date
    lines: tuple[DayLine, ...]
    entries: int
    seal: str
    signatures: tuple[Signature, ...]
    over: bool


def record_of(app: App, day: date) -> DayRecord:
    """Return what the log entered, changed, met and missed on a day."""
    with app.database.read() as store:
        return _record(store, app.world(store), day)


def countersign(app: App, day: date, person: str) -> DayRecord:
    """Enter that somebody of the legal office has examined the record of a day that is over.

    The entry names the seal of the day. Signing twice changes nothing. Refused for a day
    that is not over, and for anybody else.
    """
    with app.database.write() as store:
        world = app.world(store)
        by = signing(app, world, person, TYPE, _DEED)
        record = _record(store, world, day)
        if not record.over:
            raise Refused(
                "Der Tag ist noch nicht vorbei: Bis Mitternacht kommen Einträge hinzu. Zeichnen "
                "Sie ihn morgen gegen.",
                "The day is not over: entries may follow until midnight. Countersign it tomorrow.",
            )
        if not any(s.fits and s.name == world.roster.name(person) for s in record.signatures):
            plain = {"day": day.isoformat(), "entries": record.entries, "seal": record.seal}
            store.enter(by.line(SYSTEM, TYPE, plain))
        return _record(store, world, day)


def _record(store: Store, world: World, day: date) -> DayRecord:
    audit = Audit(store.connection)
    read = list(audit.recorded(end_of(day - _DAY), end_of(day)))
    # What is signed is the cases' part of the day: a signature must not change what it signs.
    read = [(leaf, line) for leaf, line in read if line["stream"].startswith("case/")]
    seal = seal_of(leaf for leaf, _ in read)
    found = list(rows(line for _, line in read))
    subjects = audit.subjects({_uid(row) for row in found})
    lines = [_line(row, subjects[_uid(row)], world) for row in found if _uid(row) in subjects]
    return DayRecord(
        day=day,
        lines=tuple(sorted(lines, key=lambda x: (x.last_day, x.number))),
        entries=len(read),
        seal=seal,
        signatures=tuple(_signatures(store, world, day, seal)),
        over=day < world.today,
    )


def _signatures(store: Store, world: World, day: date, seal: str) -> list[Signature]:
    return [
        Signature(world.roster.name(x.actor), x.recorded_at, x.plain["seal"] == seal)
        for x in store.chains.typed(SYSTEM, TYPE)
        if x.plain["day"] == day.isoformat()
    ]


def _uid(row: Row) -> str:
    return row.stream.removeprefix("case/")


def _line(row: Row, subject: Subject, world: World) -> DayLine:
    office, pin = subject.parts.get(row.participation, subject.parts[""])
    name = world.roster.offices.get(office or subject.lead)
    part = row.participation.replace("/", "~") or "-"
    return DayLine(
        happened=row.happened,
        number=subject.number,
        title=subject.title,
        deadline=deadline_name(world.library, pin, row.name),
        office=(office or subject.lead) if name is None else name.name,
        last_day=row.last_day,
        on=row.on,
        detail=row.detail,
        path=f"/vorhaben/{subject.number}/frist/{part}/{row.name}/{row.generation}",
    )
