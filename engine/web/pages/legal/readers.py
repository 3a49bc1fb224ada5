"""Who looks in from outside: the legal office sets it up, sees every look, extends and ends it."""

from __future__ import annotations

import re
from typing import Any

from fastapi.responses import RedirectResponse, Response
from starlette.datastructures import FormData

from engine.core.case import Entry
from engine.errors import EngineError, NotFound, Text
from engine.services.accounts import INVITE, PATHS, ConfirmFirst
from engine.services.legal import readers
from engine.services.legal.readers import Line, Wanted
from engine.services.legal.report import draw
from engine.web.access import Action
from engine.web.admin import must_confirm, word
from engine.web.desk import AtDesk, Desk, Hidden, Sent
from engine.web.forms import day_given
from engine.web.pages.account import CONFIRM
from engine.web.pages.legal.report import asked, size_of
from engine.web.routes import Pages

pages = Pages()

HERE = "/pruefzugang"
NEW = f"{HERE}/neu"
FIELDS = (
    "name", "behoerde", "email", "vorgaenge", "personalsachen", "personalgrund", "bis", "grund",
    "auszug",
)  # fmt: skip
UNTIL = Text("Letzter Tag", "last day")
WHAT = {
    "case": Text("Vorgang", "case"),
    "deadline": Text("So wurde gerechnet", "how a date was counted"),
    "document": Text("Unterlage", "document"),
    "code": Text("Prüfcode", "code"),
    "extract": Text("Auszug mitgenommen", "extract taken away"),
}
SHOWN = 500
"""Looks on one page at most; the newest ones."""


@pages.get(HERE, Action.READERS)
def list_(desk: AtDesk) -> Response:
    """Show everybody who could or can look in from outside, and every emergency access."""
    return desk.render("legal/readers.html", rows=readers.readers(desk.app), last=readers.last_day)


@pages.get(NEW, Action.READERS)
def form(desk: AtDesk, von: str = "", bis: str = "", n: str = "", startwert: str = "") -> Response:
    """Ask who shall read what until when; a drawn sample fills the cases in."""
    if must_confirm(desk):
        return RedirectResponse(f"{CONFIRM}?weiter={NEW}", 303)
    words = dict.fromkeys(FIELDS, "")
    told, note = None, None
    if startwert.strip():
        try:
            words["vorgaenge"], note = _drawn(desk, von, bis, n, startwert)
        except EngineError as error:
            told = error.text
    return _form(desk, words, told, note)


@pages.post(NEW, Action.READERS)
def set_up(desk: AtDesk, sent: Sent) -> Response:
    """Set somebody up and invite her; the link goes to her alone where mail can carry it."""
    words = {name: word(sent, name) for name in FIELDS}
    try:
        if must_confirm(desk):
            raise ConfirmFirst
        made = readers.set_up(desk.app, _wanted(sent, words), desk.me.person)
    except EngineError as error:
        return _form(desk, words, error.text)
    if made.token is not None:
        return _invited(desk, made.grant.uid, made.token, words["email"])
    done = Text(
        f"Eingerichtet. {words['name']} hat schon ein Kennwort und ist benachrichtigt.",
        f"Set up. {words['name']} has a password already and has been told.",
    )
    return desk.back(f"{HERE}/zugang/{made.grant.uid}", done)


@pages.get(f"{HERE}/zugang/{{uid}}", Action.READERS)
def show(desk: AtDesk, uid: str) -> Response:
    """Show one access: its cases, and who looked at what and when."""
    return _show(desk, uid)


@pages.post(f"{HERE}/zugang/{{uid}}/verlaengern", Action.READERS)
def extend(desk: AtDesk, sent: Sent, uid: str) -> Response:
    """Let it last until a later day."""
    line = _line(desk, uid)
    try:
        until = day_given(word(sent, "bis"), UNTIL)
        readers.extend(desk.app, line.grant.uid, until, word(sent, "grund"), desk.me.person)
    except EngineError as error:
        return _show(desk, uid, error, "bis")
    return desk.back(f"{HERE}/zugang/{uid}", Text("Verlängert.", "Extended."))


@pages.post(f"{HERE}/zugang/{{uid}}/beenden", Action.READERS)
def end(desk: AtDesk, sent: Sent, uid: str) -> Response:
    """End it at once."""
    line = _line(desk, uid)
    try:
        readers.end(desk.app, line.grant.uid, word(sent, "grund"), desk.me.person)
    except EngineError as error:
        return _show(desk, uid, error, "ende-grund")
    return desk.back(f"{HERE}/zugang/{uid}", Text("Der Zugang ist beendet.", "It has ended."))


@pages.post(f"{HERE}/zugang/{{uid}}/einladen", Action.READERS)
def invite_again(desk: AtDesk, sent: Sent, uid: str) -> Response:
    """Send a new link to somebody who has not set her password yet."""
    line = _line(desk, uid)
    try:
        token = readers.invite_again(desk.app, line.grant.uid, desk.me.person)
    except EngineError as error:
        return _show(desk, uid, error, "")
    return _invited(desk, uid, token, line.account.email)


def _line(desk: Desk, uid: str) -> Line:
    try:
        return readers.reader(desk.app, uid)
    except NotFound:
        raise Hidden from None


def _drawn(desk: Desk, von: str, bis: str, n: str, seed: str) -> tuple[str, Text | None]:
    """Return the numbers of a sample without its personnel matters, and words on those."""
    time = asked(desk, von, bis)
    rows = tuple(r.number for r in draw(desk.app, time.since, time.until, size_of(n), seed))
    plain, left_out = readers.without_personnel(desk.app, rows)
    note = Text(
        f"Nicht übernommen, weil Personalsachen: {left_out}. Sollen sie dazugehören, nennen Sie "
        "sie eigens.",
        f"Left out as personnel matters: {left_out}. If they belong to it, name them as such.",
    )
    return "\n".join(plain), note if left_out else None


def numbers_in(words: str) -> tuple[str, ...]:
    """Return the numbers of cases in some words, one a line or with commas between.

    >>> numbers_in("V-2026-0001, V-2026-0002")
    ('V-2026-0001', 'V-2026-0002')
    """
    return tuple(n for n in re.split(r"[\s,;]+", words) if n)


def _wanted(sent: FormData, words: dict[str, str]) -> Wanted:
    return Wanted(
        name=words["name"],
        authority=words["behoerde"],
        email=words["email"],
        numbers=numbers_in(words["vorgaenge"]),
        until=day_given(words["bis"], UNTIL),
        reason=words["grund"],
        personnel=numbers_in(words["personalsachen"]),
        personnel_reason=words["personalgrund"],
        extract=words["auszug"] == "ja",
    )


def _form(
    desk: Desk, words: dict[str, str], told: Text | None = None, note: Text | None = None
) -> Response:
    return desk.render(
        "legal/reader_new.html",
        200 if told is None else 422,
        words=words,
        told=told,
        note=note,
        longest=readers.longest(desk.world.today),
    )


def _show(desk: Desk, uid: str, error: EngineError | None = None, at: str = "") -> Response:
    line = _line(desk, uid)
    return desk.render(
        "legal/reader.html",
        200 if error is None else 422,
        line=line,
        grant=line.grant,
        last=readers.last_day(line.grant),
        looks=[_look(line, entry, desk) for entry in line.looks[:SHOWN]],
        count=len(line.looks),
        told=None if error is None else error.text,
        at=at,
        here_=f"{HERE}/zugang/{uid}",
    )


def _look(line: Line, entry: Entry, desk: Desk) -> dict[str, Any]:
    number = next((c.number for c in line.grant.cases if c.uid == entry.plain["case"]), "–")
    which = entry.plain.get("document", "")
    name = _document(desk, entry.plain["case"], which) if which else ""
    return {"at": entry.recorded_at, "what": WHAT[entry.plain["what"]], "number": number,
            "name": name}  # fmt: skip


def _document(desk: Desk, case: str, uid: str) -> str:
    with desk.app.database.read() as store:
        rows = store.cases.by_uid(case).documents
    return next((d.name or d.kind for d in rows if d.uid == uid), "")


def _invited(desk: Desk, uid: str, token: str, address: str) -> Response:
    """Say that the link is on its way; it is shown only where no mail can carry it."""
    base = (desk.app.config.settings.link or "").rstrip("/")
    if base:
        words = Text(f"Die Einladung geht an {address}.", f"The invitation goes to {address}.")
        return desk.back(f"{HERE}/zugang/{uid}", words)
    link = f"{PATHS[INVITE]}{token}"
    return desk.render("legal/reader_link.html", link=link, back=f"{HERE}/zugang/{uid}")
