"""Calendars: which days count here, and which running deadlines a changed one moves.

Whoever administers brings a calendar and sees how much it moves; the legal office or the
council office, which can see the cases, takes it over.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

from fastapi.responses import RedirectResponse, Response
from starlette.datastructures import FormData

from engine.core.calendar import Calendar
from engine.core.visibility import sees
from engine.errors import EngineError, InputError, NotFound, Refused, Text
from engine.services import calendars
from engine.services.admin import proposals
from engine.services.calendars import Move, Preview
from engine.web.access import Action
from engine.web.admin import ROOT, discreet, rows_of, word
from engine.web.desk import AtDesk, Desk, Hidden, Sent
from engine.web.routes import Pages
from engine.web.shelf import drop, file_at, put_file

pages = Pages()

HERE = f"{ROOT}/kalender"
SUFFIXES = (".yaml", ".yml", ".csv", ".ics", ".ical")
_TABLES = (".csv", ".ics", ".ical")
_KINDS = (("schliessung", Text("Die Verwaltung ist geschlossen", "The office is closed")),
          ("feiertag", Text("Feiertag, auch örtlicher", "Public holiday, also a local one")))  # fmt: skip


@pages.get(HERE, Action.CALENDARS)
def list_(desk: AtDesk) -> Response:
    """Show the calendar of each municipality, and what waits to be taken over."""
    return _list(desk)


@pages.get(f"{HERE}/tage/{{id_}}", Action.CALENDARS)
def days(desk: AtDesk, id_: str, jahr: int | None = None) -> Response:
    """Show the holidays and closures of a year."""
    calendar = desk.world.calendars.get(id_)
    if calendar is None:
        raise Hidden
    year = desk.world.today.year if jahr is None else jahr
    first, last = calendar.first_year, calendar.last_year
    if not first <= year <= last:
        raise Hidden
    return desk.render(
        "admin/days.html",
        calendar=calendar,
        year=year,
        years=range(first, last + 1),
        rows=_days(calendar, year),
        path=f"{HERE}/tage/{id_}",
    )


def _days(calendar: Calendar, year: int) -> list[tuple[date, str, bool]]:
    rows = [(d, n, True) for d, n in calendar.holidays.items() if d.year == year]
    rows += [(d, n, False) for d, n in calendar.closures.items() if d.year == year]
    return sorted(rows)


@pages.post(f"{HERE}/einlesen", Action.CALENDARS)
def send(desk: AtDesk, sent: Sent) -> Response:
    """Take a file in for its preview: a whole calendar, or days that are added to one."""
    token = ""
    try:
        token = put_file(desk, sent, "datei", SUFFIXES)
        path = file_at(desk, token)
        if path.suffix.lower() in _TABLES:
            _into_calendar(desk, path, sent)
            path.unlink()
        calendars.preview(desk.app, file_at(desk, token))
    except EngineError as error:
        drop(desk, token)
        return _list(desk, error, sent)
    return RedirectResponse(f"{HERE}/vorschau/{token}", 303)


def _into_calendar(desk: Desk, path: Path, sent: FormData) -> None:
    """Write the calendar with the days of a table in the place of the table."""
    if not word(sent, "kalender"):
        raise InputError(
            "Wählen Sie den Kalender, zu dem die Tage kommen.",
            "Choose the calendar to which the days are added.",
        )
    done = calendars.import_days(
        desk.app,
        path,
        word(sent, "kalender"),
        kind=word(sent, "art") or "schliessung",
        cited=word(sent, "quelle"),
    )
    path.with_suffix(".yaml").write_bytes(done.source)


@pages.get(f"{HERE}/vorschau/{{token}}", Action.CALENDARS)
def preview(desk: AtDesk, token: str) -> Response:
    """Show which running deadlines a calendar would move; nothing is changed."""
    return _preview(desk, file_at(desk, token), f"{HERE}/vorschau/{token}")


@pages.post(f"{HERE}/vorschau/{{token}}", Action.CALENDARS)
def take(desk: AtDesk, sent: Sent, token: str) -> Response:
    """Put a calendar in force, or lay it before those who may."""
    path = file_at(desk, token)
    try:
        if _refused(desk) is None:
            response = _taken(desk, path)
        else:
            proposals.propose(desk.app, path.read_bytes(), desk.me)
            response = desk.back(HERE, _PROPOSED)
    except EngineError as error:
        return _preview(desk, path, f"{HERE}/vorschau/{token}", error.text)
    drop(desk, token)
    return response


_PROPOSED = Text(
    "Der Kalender liegt jetzt dem Rechtsamt und dem Sitzungsdienst zur Übernahme vor.",
    "The calendar now waits for the legal office and the council office to take it over.",
)


@pages.get(f"{HERE}/vorgelegt/{{token}}", Action.CALENDARS)
def proposal(desk: AtDesk, token: str) -> Response:
    """Show a calendar that waits, with what it would move."""
    return _preview(desk, _proposed(desk, token), f"{HERE}/vorgelegt/{token}", waits=True)


@pages.post(f"{HERE}/vorgelegt/{{token}}", Action.CALENDARS)
def take_proposal(desk: AtDesk, sent: Sent, token: str) -> Response:
    """Put a calendar in force that was laid before, or take it back."""
    path = _proposed(desk, token)
    if word(sent, "tun") == "zurueckziehen":
        proposals.withdraw(desk.app, token)
        return desk.back(HERE, Text("Die Vorlage ist zurückgezogen.", "It was taken back."))
    try:
        response = _taken(desk, path)
    except EngineError as error:
        return _preview(desk, path, f"{HERE}/vorgelegt/{token}", error.text, waits=True)
    proposals.withdraw(desk.app, token)
    return response


@pages.post(f"{HERE}/nachrechnen", Action.TAKE_CALENDARS)
def recount(desk: AtDesk, sent: Sent) -> Response:
    """Count again what an earlier activation left behind."""
    try:
        return _taken(desk, None)
    except EngineError as error:
        return _list(desk, error)


def _proposed(desk: Desk, token: str) -> Path:
    try:
        return proposals.file_of_proposal(desk.app, token)
    except NotFound:
        raise Hidden from None


def _taken(desk: Desk, path: Path | None) -> Response:
    refused = _refused(desk)
    if refused is not None:
        raise Refused(refused.de, refused.en)
    done = calendars.activate(desk.app, desk.me.person, path)
    count, failed = len(done.recounted), len(done.failed)
    return desk.back(
        HERE,
        Text(
            f"Übernommen und protokolliert. Neu gerechnete Vorgänge: {count}"
            + (f"; nicht neu gerechnet: {failed}." if failed else "."),
            f"Taken over, on record. Cases counted again: {count}"
            + (f"; not counted again: {failed}." if failed else "."),
        ),
    )


def _refused(desk: Desk) -> Text | None:
    """Return why the visitor cannot put a calendar in force herself, None where she can."""
    try:
        if desk.me.person:
            calendars.entitled(desk.world, desk.me.person)
            return None
    except Refused:
        pass
    names = ", ".join(proposals.who_may(desk.world)) or "–"
    return Text(
        "Ein Kalender ändert laufende Fristen. In Kraft setzt ihn deshalb, wer für das Rechtsamt "
        f"oder den Sitzungsdienst handelt, heute: {names}.",
        "A calendar changes deadlines that run. So it is put in force by those who act for the "
        f"legal office or the council office, today: {names}.",
    )


def _list(desk: Desk, error: EngineError | None = None, sent: FormData | None = None) -> Response:
    world = desk.world
    left = calendars.preview(desk.app)
    return desk.render(
        "admin/calendars.html",
        200 if error is None else 422,
        faults=[] if error is None else rows_of(error),
        places=[(p, world.calendars.get(p.calendar)) for p in world.municipalities.values()],
        known=[(c.id, f"{c.name} ({c.id})") for c in world.calendars.values()],
        kinds=_KINDS,
        waiting=proposals.proposals(desk.app),
        left=len(left.moves),
        refused=_refused(desk),
        words={n: "" if sent is None else word(sent, n) for n in ("kalender", "art", "quelle")},
        accept=",".join(SUFFIXES),
    )


def _preview(
    desk: Desk, path: Path, action: str, told: Text | None = None, *, waits: bool = False
) -> Response:
    try:
        found = calendars.preview(desk.app, path)
    except EngineError as error:
        return _list(desk, error)
    moves, hidden = _visible(desk, found)
    return desk.render(
        "admin/calendar_preview.html",
        200 if told is None else 422,
        found=found,
        moves=moves,
        hidden=hidden,
        stays=sum(1 for m in found.moves if m.after == m.before),
        changes=sum(1 for m in found.moves if m.after != m.before),
        failed=[discreet(text) for text in found.failed.values()],
        refused=_refused(desk),
        action=action,
        waits=waits,
        told=told,
    )


def _visible(desk: Desk, found: Preview) -> tuple[list[Move], int]:
    """Return the moves in cases that the visitor may see, and how many there are beyond them."""
    with desk.app.database.read() as store:
        cases = {n: store.cases.get(n) for n in {m.number for m in found.moves}}
    rows = [m for m in found.moves if sees(desk.acting, cases[m.number])]
    return rows, len(found.moves) - len(rows)
