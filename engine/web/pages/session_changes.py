"""A sitting is moved, cancelled or added: first every case, then the deed, then what came of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from fastapi.responses import RedirectResponse, Response
from starlette.datastructures import FormData

from engine.core.world import Session
from engine.errors import EngineError, InputError, Text
from engine.services import sessions, sittings
from engine.services.session_words import headline
from engine.services.sessions import Change
from engine.web.access import Action
from engine.web.desk import AtDesk, Desk, Hidden, Sent
from engine.web.forms import day_given
from engine.web.routes import Pages
from engine.web.shelf import put_words
from engine.web.sittings import (
    Word,
    fingerprint,
    path_of,
    places,
    plain_done,
    shown,
    sitting_from,
    title_of,
)

pages = Pages()

MOVE, CANCEL, ADD = "verlegen", "absagen", "ergaenzen"
_DAY = Text("neuer Tag", "new day")
CHANGED = Text(
    "Die Liste der betroffenen Vorhaben hat sich inzwischen geändert. Sehen Sie sie noch einmal "
    "an und bestätigen Sie dann.",
    "The list of affected measures has changed in the meantime. Look at it again and confirm then.",
)


@pages.get("/sitzungen/verlegen", Action.SESSIONS)
def move_form(
    desk: AtDesk, ort: Word = "", gremium: Word = "", tag: Word = "", neu: Word = ""
) -> Response:
    """Ask for the new day of a sitting, then show what that means for its cases."""
    at = _entered(desk, ort, gremium, tag)
    return _page(desk, MOVE, at, {"neu": neu}, bool(neu))


@pages.get("/sitzungen/absagen", Action.SESSIONS)
def cancel_form(
    desk: AtDesk, ort: Word = "", gremium: Word = "", tag: Word = "", statt: Word | None = None
) -> Response:
    """Ask where the cases of a cancelled sitting go, then show what that means for them."""
    at = _entered(desk, ort, gremium, tag)
    return _page(desk, CANCEL, at, {"statt": statt or ""}, statt is not None)


@pages.get("/sitzungen/ergaenzen", Action.SESSIONS)
def add_form(desk: AtDesk, ort: Word = "", gremium: Word = "", neu: Word = "") -> Response:
    """Ask for an additional sitting, then show which cases it is for."""
    words = {"ort": ort, "gremium": gremium, "neu": neu}
    return _page(desk, ADD, None, words, bool(gremium and neu))


@pages.post("/sitzungen/verlegen", Action.SESSIONS)
def move(desk: AtDesk, sent: Sent) -> Response:
    """Move a sitting and plan each of its cases anew."""
    return _do(desk, sent, MOVE, _entered(desk, *_at(sent)), {"neu": _word(sent, "neu")})


@pages.post("/sitzungen/absagen", Action.SESSIONS)
def cancel(desk: AtDesk, sent: Sent) -> Response:
    """Cancel a sitting and plan each of its cases anew."""
    return _do(desk, sent, CANCEL, _entered(desk, *_at(sent)), {"statt": _word(sent, "statt")})


@pages.post("/sitzungen/ergaenzen", Action.SESSIONS)
def add(desk: AtDesk, sent: Sent) -> Response:
    """Add a sitting and give it to the cases that wait for one."""
    words = {name: _word(sent, name) for name in ("ort", "gremium", "neu")}
    return _do(desk, sent, ADD, None, words)


def _entered(desk: Desk, ort: str, gremium: str, tag: str) -> sittings.Sitting:
    """Return a sitting that the calendar names; only such a one can be moved."""
    at = sitting_from(desk, ort, gremium, tag)
    if at.session is None:
        raise Hidden
    return at


def _change(desk: Desk, what: str, at: sittings.Sitting | None, words: dict[str, str]) -> Change:
    made: dict[str, Callable[[], Change]] = {
        MOVE: lambda: sessions.moving(desk.world, _session(at), day_given(words["neu"], _DAY)),
        CANCEL: lambda: sessions.cancelling(desk.world, _session(at), words["statt"] or None),
        ADD: lambda: _added(desk, words),
    }
    return made[what]()


def _added(desk: Desk, words: dict[str, str]) -> Change:
    if not words["gremium"].strip():
        raise InputError("Nennen Sie das Gremium.", "Name the body.")
    day = day_given(words["neu"], Text("Tag", "day"))
    return sessions.supplementing(desk.world, words["gremium"].strip(), day, words["ort"] or None)


def _session(at: sittings.Sitting | None) -> Session:
    assert at is not None
    assert at.session is not None
    return at.session


def _page(
    desk: Desk,
    what: str,
    at: sittings.Sitting | None,
    words: dict[str, str],
    asked: bool,
    told: Text | None = None,
) -> Response:
    """Return the form, and with it the affected cases once it is clear what is meant."""
    found, seen = None, ""
    if asked:
        try:
            change = _change(desk, what, at, words)
            cases = sessions.touched(desk.app, change)
            found, seen = shown(desk, change, cases), fingerprint([(change, cases)])
        except EngineError as error:
            told = error.text
    world = desk.world
    return desk.render(
        "sessions/change.html",
        200 if told is None else 422,
        what=what,
        named={}
        if at is None
        else {"ort": at.municipality, "gremium": at.body, "tag": at.day.isoformat()},
        title=None if at is None else title_of(at, world),
        back=None if at is None else path_of(at),
        words={**words, "neu": _iso(words.get("neu", ""))},
        found=found,
        seen=seen,
        told=told,
        instead=[] if at is None else _instead(desk, at),
        places=places(world),
        bodies=sittings.bodies(world),
    )


def _iso(words: str) -> str:
    """Return a day as a date field takes it back; what is no day leaves the field empty."""
    try:
        return day_given(words, _DAY).isoformat()
    except InputError:
        return ""


def _instead(desk: Desk, at: sittings.Sitting) -> list[tuple[str, date]]:
    """Return the other coming sittings of the same body."""
    rows = desk.world.sessions.values()
    days = sorted(
        s.day
        for s in rows
        if (s.body, s.municipality) == (at.body, at.municipality)
        and not s.cancelled
        and s.day >= desk.world.today
        and s.day != at.day
    )
    return [(day.isoformat(), day) for day in days]


def _do(
    desk: Desk, sent: FormData, what: str, at: sittings.Sitting | None, words: dict[str, str]
) -> Response:
    try:
        change = _change(desk, what, at, words)
        cases = sessions.touched(desk.app, change)
        if fingerprint([(change, cases)]) != _word(sent, "gesehen"):
            return _page(desk, what, at, words, True, CHANGED)
        done = sessions.apply(desk.app, change, desk.me.person)
    except EngineError as error:
        return _page(desk, what, at, words, False, error.text)
    said = plain_done(desk, done, headline(change))
    after = sittings.sitting_of(change.after)
    token = put_words(desk, {"changes": [said], "back": path_of(after)})
    return RedirectResponse(f"/sitzungen/getan/{token}", 303)


def _at(sent: FormData) -> tuple[str, str, str]:
    return _word(sent, "ort"), _word(sent, "gremium"), _word(sent, "tag")


def _word(sent: FormData, name: str) -> str:
    return str(sent.get(name, "")).strip()
