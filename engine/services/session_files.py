"""Sittings as other programs keep them: CSV, iCalendar, OParl. Read whole or not at all."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from engine.core.world import Session, World
from engine.errors import InputError, NotFound, Text
from engine.oparl import MeetingRecord, read_meetings
from engine.services.ical import Event, read_events
from engine.services.tables import Table, known_only, yes

SESSION_COLUMNS = ("gremium", "tag", "koerperschaft", "kennung", "ausgefallen")
_NEEDED = frozenset({"gremium", "tag"})
_ICAL = (".ics", ".ical", ".ifb")
YEARS_BACK, YEARS_AHEAD = 1, 5
"""How far from today repeating events are unrolled."""


@dataclass(frozen=True, slots=True)
class Found:
    """The sittings that a file or folder names, and what of it could not be used."""

    sessions: tuple[Session, ...]
    problems: tuple[Text, ...] = ()


def read_sittings(
    source: str, world: World, *, municipality: str | None = None, body: str | None = None
) -> Found:
    """Return the sittings of a CSV table, an iCalendar file, or OParl meetings.

    `municipality` is whose body sits where the source does not say it, else the first;
    `body` names the body of all events of an iCalendar file, else their title does. Raises
    an error with every flaw of a table or calendar; of OParl, what is illegible is told
    and left out.
    """
    place = _place(world, municipality)
    path = Path(source)
    published = source.lower().startswith(("http://", "https://"))
    if published or path.is_dir() or path.suffix.lower() == ".json":
        found = _from_oparl(source, place)
    elif path.suffix.lower() in _ICAL:
        found = Found(tuple(_from_ical(path, world, place, body)))
    else:
        found = Found(tuple(_from_csv(path, world, place)))
    _refuse_contradictions(found.sessions)
    return found


def uid_of(place: str, body: str, day: date) -> str:
    """Return the uid of a sitting that nobody else has named."""
    return f"{place}/{body}/{day.isoformat()}"


def _place(world: World, municipality: str | None) -> str:
    known = world.municipalities
    if municipality is None:
        return next(iter(known))
    if municipality not in known:
        names = ", ".join(known)
        raise NotFound(
            f"Die Körperschaft „{municipality}“ ist nicht eingerichtet (eingerichtet: {names}).",
            f"The municipality '{municipality}' is not set up (set up: {names}).",
        )
    return municipality


def _from_csv(path: Path, world: World, place: str) -> list[Session]:
    table = Table(path, SESSION_COLUMNS, _NEEDED)
    found = []
    for line, cells in table.cells():
        known_only(table, line, cells, "koerperschaft", world.municipalities)
        day = table.day(line, cells, "tag")
        off = yes(table, line, cells, "ausgefallen")
        if day is None:
            continue
        where, body = cells.get("koerperschaft") or place, cells.get("gremium", "")
        uid = cells.get("kennung") or uid_of(where, body, day)
        found.append(Session(uid, body, day, where, off))
    table.done()
    return found


def _from_ical(path: Path, world: World, place: str, body: str | None) -> list[Session]:
    first = date(world.today.year - YEARS_BACK, 1, 1)
    last = date(world.today.year + YEARS_AHEAD, 12, 31)
    events = read_events(path, first, last)
    nameless = [e for e in events if not (body or e.title)]
    if nameless:
        number = nameless[0].number
        raise InputError(
            f"{path.name}, Termin {number}: Der Titel (SUMMARY) fehlt, also ist das Gremium "
            "unbekannt. Ergänzen Sie ihn, oder nennen Sie das Gremium aller Termine (--body).",
            f"{path.name}, event {number}: the title (SUMMARY) is missing, so the body is "
            "unknown. Add it, or name the body of all events (--body).",
        )
    return [Session(_ical_uid(e), body or e.title, e.first, place, e.cancelled) for e in events]


def _ical_uid(event: Event) -> str:
    """Return a short uid that is the same at every import and says nothing about people.

    A calendar's own UID may hold a name or an address; the log is kept for ever.
    """
    said = event.uid if event.original is None else f"{event.uid}/{event.original}"
    return f"ical-{hashlib.sha256(said.encode()).hexdigest()[:16]}"


def _from_oparl(source: str, place: str) -> Found:
    records, problems = read_meetings(source)
    told = [Text(f"{p.place}: {p.text.de}", f"{p.place}: {p.text.en}") for p in problems]
    sessions = []
    for record in records:
        flaw = _unusable(record)
        if flaw is not None:
            told.append(flaw)
            continue
        # Of a deleted meeting only its id is left: its day and body are those known here.
        day = record.day or date.max
        sessions.append(Session(record.id, record.body, day, place, record.cancelled))
    return Found(tuple(sessions), tuple(told))


def _unusable(record: MeetingRecord) -> Text | None:
    if record.cancelled:
        return None
    if record.day is None:
        return Text(
            f"{record.id}: Die Sitzung hat keinen lesbaren Beginn; sie bleibt außer Betracht.",
            f"{record.id}: the meeting has no legible start; it is left out.",
        )
    if not record.body:
        return Text(
            f"{record.id}: Die Sitzung nennt kein Gremium, dessen Name in den Daten steht; "
            "lesen Sie die Liste der Gremien (organizations) mit ein.",
            f"{record.id}: the meeting names no body whose name is among the records; read "
            "the list of bodies (organizations) along with it.",
        )
    return None


def _refuse_contradictions(sessions: Iterable[Session]) -> None:
    seen: dict[str, Session] = {}
    for session in sessions:
        first = seen.setdefault(session.uid, session)
        if first != session:
            raise InputError(
                f"Die Sitzung {session.uid} ({first.body}) steht zweimal darin, am "
                f"{first.day:%d.%m.%Y} und am {session.day:%d.%m.%Y}. Lassen Sie nur eine stehen.",
                f"The sitting {session.uid} ({first.body}) stands twice in it, on "
                f"{first.day:%d.%m.%Y} and on {session.day:%d.%m.%Y}. Leave only one.",
            )
