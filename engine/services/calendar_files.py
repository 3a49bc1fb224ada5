"""Days that a place adds to a calendar, from CSV tables and iCalendar files, each with its source."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from engine.app import App, stored
from engine.core.calendar import ONE_DAY, Calendar
from engine.definitions.calendars import Addition, read_calendar, with_additions
from engine.errors import InputError, NotFound, Text
from engine.services.ical import Flaw, IcalError, read_events
from engine.services.tables import Table

DAY_COLUMNS = ("tag", "bis", "name", "art", "quelle")
KINDS = {"feiertag": "holiday", "schliessung": "closure", "schließung": "closure"}
"""How a table names the kinds of day; the words of the definition do as well."""


@dataclass(frozen=True, slots=True)
class Added:
    """A calendar file with further days: those added, and how many it listed already."""

    source: bytes
    new: tuple[Addition, ...]
    known: int


def import_days(
    app: App,
    path: Path,
    into: str,
    *,
    kind: str = "closure",
    cited: str = "",
    id: str = "",
    name: str = "",
) -> Added:
    """Return the calendar `into` with the days of a CSV table or an iCalendar file.

    `kind` and `cited` (the source that says so) hold where the file does not say it. With
    an `id` and `name` it becomes the calendar of another place.
    """
    base = _source_of(app, into)
    calendar = read_calendar(base, into)
    if path.suffix.lower() in (".ics", ".ical"):
        days = list(_from_ical(path, calendar, _kind(kind), cited))
    else:
        days = list(_from_csv(path, kind, cited))
    source = with_additions(base, days, id=id, name=name)
    new = [d for d in days if d.day not in {**calendar.holidays, **calendar.closures}]
    unique = tuple({d.day: d for d in new}.values())
    return Added(source, unique, len({d.day for d in days}) - len(unique))


def _source_of(app: App, id: str) -> bytes:
    with app.database.read() as store:
        rows = [d for d in stored(store) if d.kind == "calendar" and d.current]
    for row in rows:
        if row.id == id:
            return row.source
    known = ", ".join(row.id for row in rows)
    raise NotFound(
        f"Einen Kalender „{id}“ gibt es hier nicht (in Kraft: {known}).",
        f"There is no calendar '{id}' here (in force: {known}).",
    )


def _kind(word: str) -> str:
    kind = KINDS.get(word.casefold(), word.casefold())
    if kind not in KINDS.values():
        raise InputError(
            f"„{word}“ ist keine Art von Tag. Gemeint ist feiertag (gesetzlich, auch örtlich) "
            "oder schliessung (die Verwaltung ist geschlossen).",
            f"'{word}' is no kind of day. Write holiday (statutory, also local) or closure "
            "(the office is shut).",
        )
    return kind


def _from_ical(path: Path, calendar: Calendar, kind: str, cited: str) -> Iterator[Addition]:
    if not cited:
        raise InputError(
            "Nennen Sie mit --source, woraus die Tage folgen, etwa die Norm oder die Verfügung "
            "über die Schließung. Ohne Quelle wird kein Tag eingetragen.",
            "Name with --source what the days follow from, such as the norm or the order to "
            "close. No day is entered without its source.",
        )
    first, last = date(calendar.first_year, 1, 1), date(calendar.last_year, 12, 31)
    events = [e for e in read_events(path, first, last) if not e.cancelled]
    flaws = {e.number: Flaw(e.number, e.title, "DTSTART", _PART) for e in events if not e.all_day}
    if flaws:
        raise IcalError(path.name, list(flaws.values()))
    for event in events:
        for day in event.days:
            if day <= last:
                yield Addition(day=day, name=event.title or "–", kind=kind, source=cited)  # type: ignore[arg-type]


_PART = Text(
    "Der Termin dauert nicht den ganzen Tag. Ein Tag zählt ganz oder nicht: Tragen Sie ihn "
    "ganztägig ein, oder lassen Sie ihn weg.",
    "The event does not take the whole day. A day counts or does not: make it an all-day "
    "event, or leave it out.",
)


def _from_csv(path: Path, kind: str, cited: str) -> Iterator[Addition]:
    table = Table(path, DAY_COLUMNS, frozenset({"tag", "name"}))
    found = []
    for line, cells in table.cells():
        first = table.day(line, cells, "tag")
        last = table.day(line, cells, "bis") or first
        try:
            what = _kind(cells.get("art") or kind)
        except InputError as error:
            table.fault(line, table.at("art"), error.text.de, error.text.en)
            continue
        source = cells.get("quelle") or cited
        if not source:
            table.fault(
                line,
                table.at("quelle"),
                "Die Quelle fehlt: Tragen Sie in der Spalte „quelle“ die Norm oder Verfügung ein.",
                "The source is missing: enter the norm or order in the column 'quelle'.",
            )
        elif first is not None and last is not None and cells.get("name"):
            found += _run(first, last, cells["name"], what, source)
    table.done()
    yield from found


def _run(first: date, last: date, name: str, kind: str, source: str) -> list[Addition]:
    days = [first + n * ONE_DAY for n in range((last - first).days + 1)]
    return [Addition(day=d, name=name, kind=kind, source=source) for d in days]  # type: ignore[arg-type]
