"""Persons, offices and who fills them; a table of all of it; and people who leave."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

from fastapi.responses import RedirectResponse, Response

from engine.core.offices import Office, Person, Tenure
from engine.errors import EngineError, Text
from engine.services.admin import people
from engine.services.admin.people import OpenDuties, as_admin
from engine.services.tables import OFFICE_COLUMNS, OfficeRows, import_offices, read_offices
from engine.web.access import Action
from engine.web.admin import ROOT, day_or_none, discreet, must_confirm, rows_of, word
from engine.web.desk import AtDesk, Desk, Hidden, Sent
from engine.web.forms import day_given
from engine.web.pages.account import CONFIRM
from engine.web.routes import Pages
from engine.web.shelf import drop, file_at, put_file

pages = Pages()

HERE = f"{ROOT}/personen"
_LAST = Text("letzter Tag", "last day")
_CHOOSE = Text("Wählen Sie die Stelle und die Person.", "Choose the office and the person.")
_SINCE, _UNTIL = Text("von", "from"), Text("bis", "to")
CHANGED = Text(
    "Personen und Stellen haben sich inzwischen geändert. Sehen Sie die Vorschau noch einmal an.",
    "Persons and offices have changed meanwhile. Look at the preview once more.",
)


@pages.get(HERE, Action.PERSONS)
def list_(desk: AtDesk) -> Response:
    """Show the offices with who fills them, and the persons."""
    world = desk.world
    roster, today = world.roster, world.today
    offices = [
        (o, roster.kinds[o.kind].title, [_tenure(desk, t) for t in roster.holders(o.id, today)])
        for o in roster.offices.values()
    ]
    held = {t.person for t in roster.tenures if t.until is None or t.until >= today}
    return desk.render(
        "admin/persons.html",
        offices=offices,
        persons=sorted(roster.persons.values(), key=lambda p: p.name),
        held=held,
        unfilled=people.unfilled(world),
    )


def _tenure(desk: Desk, tenure: Tenure) -> tuple[str, str, Tenure, bool]:
    roster = desk.world.roster
    away = not roster.present(tenure.person, desk.world.today)
    return tenure.person, roster.name(tenure.person), tenure, away


@pages.get(f"{HERE}/einlesen", Action.PERSONS)
def form(desk: AtDesk) -> Response:
    """Ask for a table of offices and persons."""
    return _form(desk)


@pages.post(f"{HERE}/einlesen", Action.PERSONS)
def send(desk: AtDesk, sent: Sent) -> Response:
    """Take a table in for its preview, or say everything that is wrong with it."""
    token = ""
    try:
        token = put_file(desk, sent, "datei", (".csv",))
        read_offices(desk.app, file_at(desk, token))
    except EngineError as error:
        drop(desk, token)
        return _form(desk, error)
    return RedirectResponse(f"{HERE}/einlesen/{token}", 303)


@pages.get(f"{HERE}/einlesen/{{token}}", Action.PERSONS)
def preview(desk: AtDesk, token: str) -> Response:
    """Show what a table would change; nothing is taken."""
    return _preview(desk, token)


@pages.post(f"{HERE}/einlesen/{{token}}", Action.PERSONS)
def take(desk: AtDesk, sent: Sent, token: str) -> Response:
    """Take what the preview showed, all of it or nothing."""
    path = file_at(desk, token)
    # A table changes addresses, and links for a new password go to them.
    if must_confirm(desk):
        return RedirectResponse(f"{CONFIRM}?weiter={HERE}/einlesen/{token}", 303)
    if _seen(desk, path) != word(sent, "gesehen"):
        return _preview(desk, token, CHANGED)
    try:
        done = import_offices(desk.app, path, as_admin(desk.app, "offices", desk.me))
    except EngineError as error:
        return _form(desk, error)
    drop(desk, token)
    return desk.back(
        HERE,
        Text(
            f"Übernommen: {done.offices} Stellen, {done.persons} Personen, {done.tenures} "
            "Bestellungen.",
            f"Taken: {done.offices} offices, {done.persons} persons, {done.tenures} appointments.",
        ),
    )


def _form(desk: Desk, error: EngineError | None = None) -> Response:
    return desk.render(
        "admin/persons_upload.html",
        200 if error is None else 422,
        faults=[] if error is None else rows_of(error),
        columns=OFFICE_COLUMNS,
        kinds=[(k.id, k.title) for k in desk.world.roster.kinds.values()],
    )


def _preview(desk: Desk, token: str, told: Text | None = None) -> Response:
    path = file_at(desk, token)
    try:
        rows = read_offices(desk.app, path)
    except EngineError as error:
        return _form(desk, error)
    roster = desk.world.roster
    new = [t for t in rows.tenures if t not in roster.tenures]
    names = {p.uid: p.name for p in rows.persons}
    return desk.render(
        "admin/persons_preview.html",
        200 if told is None else 422,
        told=told,
        offices=[(o, _change(roster.offices.get(o.id), o)) for o in rows.offices],
        persons=[(p, _change(roster.persons.get(p.uid), p)) for p in rows.persons],
        tenures=[(t, _office_name(desk, rows, t.office), names[t.person]) for t in new],
        known=len(rows.tenures) - len(new),
        action=f"{HERE}/einlesen/{token}",
        seen=_seen(desk, path),
    )


def _office_name(desk: Desk, rows: OfficeRows, office: str) -> str:
    return next(o.name for o in rows.offices if o.id == office)


def _change(old: Office | Person | None, new: Office | Person) -> str:
    return "new" if old is None else "same" if old == new else "changed"


def _seen(desk: Desk, path: Path) -> str:
    """Return what a preview is recognised by: the file, and the roster it was held against."""
    position = desk.world.roster.position
    return sha256(path.read_bytes() + str(position).encode()).hexdigest()


@pages.get(f"{HERE}/bestellung", Action.PERSONS)
def appointment(desk: AtDesk, stelle: str = "", person: str = "") -> Response:
    """Ask who holds or deputises an office from when."""
    return _appointment(desk, {"stelle": stelle, "person": person, "art": "inhaberschaft"})


@pages.post(f"{HERE}/bestellung", Action.PERSONS)
def appoint(desk: AtDesk, sent: Sent) -> Response:
    """Let somebody hold or deputise an office."""
    words = {n: word(sent, n) for n in ("stelle", "person", "art", "von", "bis")}
    if not (words["stelle"] and words["person"]):
        return _appointment(desk, words, _CHOOSE)
    try:
        tenure = Tenure(
            words["stelle"],
            words["person"],
            words["art"] == "vertretung",
            day_or_none(sent, "von", _SINCE),
            day_or_none(sent, "bis", _UNTIL),
        )
        people.appoint(desk.app, tenure, desk.me)
    except EngineError as error:
        return _appointment(desk, words, error.text)
    return desk.back(HERE, Text("Die Bestellung ist eingetragen.", "The appointment is entered."))


def _appointment(desk: Desk, words: dict[str, str], told: Text | None = None) -> Response:
    roster = desk.world.roster
    return desk.render(
        "admin/appointment.html",
        200 if told is None else 422,
        told=told,
        words=words,
        offices=[(o.id, o.name) for o in roster.offices.values()],
        persons=sorted(((p.uid, p.name) for p in roster.persons.values()), key=lambda x: x[1]),
    )


@pages.get(f"{HERE}/person/{{uid}}", Action.PERSONS)
def person(desk: AtDesk, uid: str) -> Response:
    """Show what somebody holds, and what is open for her offices."""
    return _person(desk, uid)


@pages.post(f"{HERE}/person/{{uid}}", Action.PERSONS)
def leave(desk: AtDesk, sent: Sent, uid: str) -> Response:
    """Let somebody go, once others hold what she held."""
    _known(desk, uid)
    try:
        last = day_given(word(sent, "tag"), _LAST)
        people.leave(desk.app, uid, last, desk.me)
    except EngineError as error:
        return _person(desk, uid, error, word(sent, "tag"))
    name = desk.world.roster.name(uid)
    return desk.back(
        HERE,
        Text(
            f"{name} scheidet aus: Die Bestellungen enden, das Konto ist ab dann stillgelegt.",
            f"{name} leaves: the appointments end, and the account is shut from then on.",
        ),
    )


def _person(
    desk: Desk, uid: str, error: EngineError | None = None, day: str | None = None
) -> Response:
    known = _known(desk, uid)
    roster, today = desk.world.roster, desk.world.today
    rows = [
        (roster.office(t.office).name, t)
        for t in roster.tenures
        if t.person == uid and (t.until is None or t.until >= today)
    ]
    duties = error.duties if isinstance(error, OpenDuties) else people.duties(desk.app, uid)
    return desk.render(
        "admin/person.html",
        200 if error is None else 422,
        person=known,
        tenures=rows,
        duties=[(d.office, discreet(d.what), d.until) for d in duties],
        told=None if error is None else error.text,
        refused=isinstance(error, OpenDuties),
        day=today.isoformat() if day is None else day,
    )


def _known(desk: Desk, uid: str) -> Person:
    found = desk.world.roster.persons.get(uid)
    if found is None:
        raise Hidden
    return found
