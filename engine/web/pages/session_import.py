"""Sittings from a file or from the council information system: seen first, then taken."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from urllib.parse import urlencode

from fastapi.responses import RedirectResponse, Response

from engine.errors import EngineError, Text
from engine.services import sessions, sittings
from engine.services.ical import IcalError
from engine.services.session_files import SESSION_COLUMNS, Found, read_sittings
from engine.services.session_words import headline
from engine.services.sessions import Change, Compared, Touched
from engine.services.tables import TableError
from engine.web.access import Action
from engine.web.desk import AtDesk, Desk, Hidden, Sent
from engine.web.pages.session_changes import CHANGED
from engine.web.routes import Pages
from engine.web.shelf import drop, file_at, put_file, put_words
from engine.web.sittings import ROOT, Word, fingerprint, places, plain_done, shown

pages = Pages()

SUFFIXES = (".csv", ".ics", ".ical", ".ifb", ".json")
CONFIGURED = "ratsinfo"
"""What stands in an address for the source that config.yaml names."""


@dataclass(frozen=True, slots=True)
class Read:
    """What a source holds, what taking it would change, and whom that touches."""

    found: Found
    compared: Compared
    rows: tuple[tuple[Change, list[Touched]], ...]


@pages.get("/sitzungen/einlesen", Action.SESSIONS)
def form(desk: AtDesk) -> Response:
    """Ask for a file of sittings."""
    return _form(desk)


@pages.post("/sitzungen/einlesen", Action.SESSIONS)
def send(desk: AtDesk, sent: Sent) -> Response:
    """Take a file in for its preview, or say everything that is wrong with it."""
    words = {"ort": str(sent.get("ort", "")), "gremium": str(sent.get("gremium", "")).strip()}
    token = ""
    try:
        token = put_file(desk, sent, "datei", SUFFIXES)
        _read(desk, str(file_at(desk, token)), words)
    except EngineError as error:
        drop(desk, token)
        return _form(desk, error, words)
    return RedirectResponse(_preview_path(token, words), 303)


@pages.get("/sitzungen/einlesen/{token}", Action.SESSIONS)
def preview(desk: AtDesk, token: str, ort: Word = "", gremium: Word = "") -> Response:
    """Show what a file would change; nothing is taken."""
    return _preview(desk, token, {"ort": ort, "gremium": gremium})


@pages.post("/sitzungen/einlesen/{token}", Action.SESSIONS)
def take(desk: AtDesk, sent: Sent, token: str) -> Response:
    """Take what the preview showed: the new sittings, and each change with its cases."""
    words = {"ort": str(sent.get("ort", "")), "gremium": str(sent.get("gremium", ""))}
    try:
        read = _read(desk, _source(desk, token), words)
        if _seen(read) != str(sent.get("gesehen", "")):
            return _preview(desk, token, words, CHANGED)
        said = _taken(desk, read)
    except EngineError as error:
        return _form(desk, error, words)
    drop(desk, token)
    return RedirectResponse(f"{ROOT}/getan/{put_words(desk, said)}", 303)


def _taken(desk: Desk, read: Read) -> dict[str, Any]:
    person = desk.me.person
    new = sessions.save_new(desk.app, read.compared.new, person)
    done = [(change, sessions.apply(desk.app, change, person)) for change, _ in read.rows]
    changes = [plain_done(desk, d, headline(change)) for change, d in done]
    return {"new": new, "known": read.compared.known, "changes": changes, "back": ROOT}


def _read(desk: Desk, source: str, words: dict[str, str]) -> Read:
    world = desk.world
    found = read_sittings(
        source, world, municipality=words["ort"] or None, body=words["gremium"] or None
    )
    compared = sessions.compared(world, found.sessions)
    rows = tuple((change, sessions.touched(desk.app, change)) for change in compared.changes)
    return Read(found, compared, rows)


def _source(desk: Desk, token: str) -> str:
    """Return the file behind a token, or the source that config.yaml names; never another."""
    if token != CONFIGURED:
        return str(file_at(desk, token))
    configured = desk.app.config.settings.oparl
    if configured is None:
        raise Hidden
    published = configured.lower().startswith(("http://", "https://"))
    return configured if published else str(desk.app.config.path(configured))


def _preview(desk: Desk, token: str, words: dict[str, str], told: Text | None = None) -> Response:
    try:
        read = _read(desk, _source(desk, token), words)
    except EngineError as error:
        return _form(desk, error, words)
    compared = read.compared
    return desk.render(
        "sessions/import_preview.html",
        200 if told is None else 422,
        new=[(s, desk.world.place(s.municipality).name) for s in compared.new],
        known=compared.known,
        missing=compared.missing,
        problems=read.found.problems,
        changes=[shown(desk, change, cases) for change, cases in read.rows],
        several=len(desk.world.municipalities) > 1,
        action=f"{ROOT}/einlesen/{token}",
        hidden={**words, "gesehen": _seen(read)},
        anything=bool(compared.new or compared.changes),
        told=told,
    )


def _seen(read: Read) -> str:
    """Return what the preview is recognised by when it is confirmed."""
    new = sorted(f"{s.uid}|{s.body}|{s.day}" for s in read.compared.new)
    return sha256("\n".join([fingerprint(read.rows), *new]).encode()).hexdigest()


def _form(
    desk: Desk, error: EngineError | None = None, words: dict[str, str] | None = None
) -> Response:
    return desk.render(
        "sessions/import.html",
        200 if error is None else 422,
        faults=[] if error is None else list(faults(error)),
        words=words or {"ort": "", "gremium": ""},
        places=places(desk.world),
        bodies=sittings.bodies(desk.world),
        columns=SESSION_COLUMNS,
        configured=f"{ROOT}/einlesen/{CONFIGURED}" if desk.app.config.settings.oparl else None,
        accept=",".join(SUFFIXES),
    )


def faults(error: EngineError) -> Iterable[tuple[str, str, Text]]:
    """Yield what is wrong with a file: line or event, column or property, and what to do."""
    if isinstance(error, TableError):
        for fault in error.faults:
            yield str(fault.line), str(fault.column), fault.text
    elif isinstance(error, IcalError):
        for flaw in error.flaws:
            yield f"{flaw.number} {flaw.title}".strip(), flaw.part, flaw.text
    else:
        yield "", "", error.text


def _preview_path(token: str, words: dict[str, str]) -> str:
    return f"{ROOT}/einlesen/{token}?{urlencode(words)}"
