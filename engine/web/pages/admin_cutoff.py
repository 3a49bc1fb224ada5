"""Stichtag: measures from before the software came, shown as Altfall and never counted."""

from __future__ import annotations

from datetime import date

from fastapi.responses import RedirectResponse, Response

from engine.errors import EngineError, Text
from engine.services.admin.earlier import (
    COLUMNS,
    NEVER_COUNTED,
    Cutoff,
    cutoff_of,
    read_earlier,
    set_cutoff,
)
from engine.web.access import Action
from engine.web.admin import ROOT, Row, rows_of, word
from engine.web.desk import AtDesk, Desk, Hidden, Sent
from engine.web.forms import day_given
from engine.web.routes import Pages
from engine.web.shelf import drop, file_at, put_file

pages = Pages()

HERE = f"{ROOT}/stichtag"
SHOWN = "/altfaelle"
_DAY = Text("Stichtag", "cutoff day")


@pages.get(HERE, Action.PERSONS)
def form(desk: AtDesk) -> Response:
    """Show the day that was set, and ask for a day and a list."""
    return _form(desk)


@pages.post(HERE, Action.PERSONS)
def send(desk: AtDesk, sent: Sent) -> Response:
    """Take the list in for its preview, or say everything that is wrong with it."""
    token = ""
    try:
        day = day_given(word(sent, "tag"), _DAY)
        token = put_file(desk, sent, "datei", (".csv",))
        read_earlier(file_at(desk, token), day)
    except EngineError as error:
        drop(desk, token)
        return _form(desk, rows_of(error), word(sent, "tag"))
    return RedirectResponse(f"{HERE}/{token}?tag={day.isoformat()}", 303)


@pages.get(f"{HERE}/{{token}}", Action.PERSONS)
def preview(desk: AtDesk, token: str, tag: str = "") -> Response:
    """Show the list before it is taken."""
    found = _read(desk, token, tag)
    return desk.render(
        "admin/cutoff_preview.html",
        found=found,
        before=cutoff_of(desk.app),
        action=f"{HERE}/{token}",
    )


@pages.post(f"{HERE}/{{token}}", Action.PERSONS)
def take(desk: AtDesk, sent: Sent, token: str) -> Response:
    """Set the day and the list, in the place of what was there."""
    found = _read(desk, token, word(sent, "tag"))
    set_cutoff(desk.app, found, desk.me)
    drop(desk, token)
    count = len(found.rows)
    words = Text(
        f"Der Stichtag ist gesetzt; {count} Altfälle werden gezeigt und nie gezählt.",
        f"The cutoff day is set; {count} earlier measures are shown and never counted.",
    )
    return desk.back(HERE, words)


@pages.get(SHOWN, Action.CASE_LIST)
def shown(desk: AtDesk) -> Response:
    """Show the measures from before the day to everybody who may list measures."""
    return desk.render("admin/earlier.html", found=cutoff_of(desk.app), note=NEVER_COUNTED)


def _read(desk: Desk, token: str, day: str) -> Cutoff:
    try:
        return read_earlier(file_at(desk, token), date.fromisoformat(day))
    except ValueError:
        raise Hidden from None


def _form(desk: Desk, faults: list[Row] | None = None, day: str = "") -> Response:
    return desk.render(
        "admin/cutoff.html",
        422 if faults else 200,
        faults=faults or [],
        found=cutoff_of(desk.app),
        columns=COLUMNS,
        day=day,
        note=NEVER_COUNTED,
        shown=SHOWN,
    )
