"""The training county: enter as anybody, and let days go by. Only where the demo is served."""

from __future__ import annotations

from email.utils import parseaddr, parsedate_to_datetime
from typing import Any

from fastapi.responses import RedirectResponse, Response

from engine.core.calendar import local_day
from engine.core.offices import Person
from engine.core.wording import day_text
from engine.errors import Text
from engine.services import accounts
from engine.services.training_clock import TrainingClock, let_days_go_by
from engine.web.access import Action
from engine.web.desk import AtDesk, Sent, inside
from engine.web.routes import Pages
from engine.web.security import set_session
from engine.worker import one_round

pages = Pages()

ADMINISTRATOR = "administrator"
"""Who runs the training installation and holds no office."""

SPANS = {"tag": 1, "woche": 7}


@pages.get("/uebung", Action.DEMO)
def people(desk: AtDesk) -> Response:
    """Show whom one can be."""
    roster = desk.world.roster
    held: dict[str, list[str]] = {}
    for tenure in roster.tenures:
        name = roster.office(tenure.office).name
        held.setdefault(tenure.person, []).append(
            desk.t(f"Vertretung: {name}", f"deputy: {name}") if tenure.deputy else name
        )
    rows = [(_short(p), p, ", ".join(held.get(p.uid, []))) for p in roster.persons.values()]
    return desk.render("demo/people.html", people=rows)


def _short(person: Person) -> str:
    return person.email.partition("@")[0]


@pages.post("/uebung", Action.DEMO)
def enter(desk: AtDesk, sent: Sent) -> Response:
    """Begin a session as one of the demo's people."""
    signed = accounts.enter_demo(desk.app, str(sent.get("person", "")))
    response = RedirectResponse("/", 303)
    set_session(response, signed.token, secure=desk.secure)
    return response


@pages.post("/uebung/zeit", Action.DEMO)
def go_on(desk: AtDesk, sent: Sent) -> Response:
    """Let a day or a week go by: the clock acts on every day of it, and mails are written."""
    clock = desk.app.clock
    assert isinstance(clock, TrainingClock)
    days = SPANS.get(str(sent.get("spanne")), 1)
    let_days_go_by(desk.app, clock, days, one_round)
    today = day_text(local_day(clock.now()))
    path = inside(str(sent.get("zurueck", "/")))
    response = desk.back(path, Text(f"Es ist jetzt {today.de}.", f"It is now {today.en}."))
    if desk.visitor is not None:
        # A session would not outlive the days that went by; training should.
        signed = accounts.enter_demo(desk.app, desk.visitor.person or ADMINISTRATOR)
        set_session(response, signed.token, secure=desk.secure)
    return response


@pages.get("/uebung/post", Action.DEMO)
def tray(desk: AtDesk) -> Response:
    """Show the mails that would have been sent, the newest first."""
    files = sorted(desk.app.config.mails.glob("*.txt"), reverse=True)[:200]
    rows = [f.read_text("utf-8").partition("\n\n") for f in files]
    return desk.render("demo/tray.html", mails=[(_head(head), body) for head, _, body in rows])


def _head(lines: str) -> dict[str, Any]:
    """Return to whom a mail went, when, and its subject, out of the lines above its text."""
    said = {name: words for name, _, words in (x.partition(": ") for x in lines.splitlines())}
    name, address = parseaddr(said.get("To", ""))
    at = parsedate_to_datetime(said["Date"]) if "Date" in said else None
    return {"to": name or address, "at": at, "subject": said.get("Subject", "")}
