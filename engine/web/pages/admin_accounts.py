"""Accounts: who may sign in. Invite, set anew, shut; what is private in them stays so."""

from __future__ import annotations

from fastapi.responses import RedirectResponse, Response

from engine.errors import EngineError, InputError, Text
from engine.services import accounts
from engine.services.accounts import INVITE, PATHS, RESET, Line
from engine.services.admin import people
from engine.services.admin.people import OpenDuties
from engine.web.access import Action
from engine.web.admin import ROOT, discreet, must_confirm, word
from engine.web.desk import AtDesk, Desk, Hidden, Sent
from engine.web.pages.account import CONFIRM
from engine.web.routes import Pages

pages = Pages()

HERE = f"{ROOT}/konten"
STATES = {
    "invited": (Text("eingeladen", "invited"), "info"),
    "active": (Text("in Gebrauch", "in use"), "success"),
    "disabled": (Text("stillgelegt", "shut"), "neutral"),
}


@pages.get(HERE, Action.PERSONS)
def list_(desk: AtDesk) -> Response:
    """Show every account, and ask whom to invite."""
    return _list(desk)


@pages.post(HERE, Action.PERSONS)
def invite(desk: AtDesk, sent: Sent) -> Response:
    """Invite somebody; the link goes to her alone where there is an address."""
    if must_confirm(desk):
        return _confirm()
    words = {n: word(sent, n) for n in ("person", "login", "name", "verwaltet")}
    admin = words["verwaltet"] == "ja"
    try:
        if not words["person"] and not admin:
            raise InputError(
                "Wer keine Person der Stellenliste ist, kann nur verwalten: Wählen Sie die Person, "
                "oder kreuzen Sie „darf verwalten“ an.",
                "Who is no person of the roster can only administer: choose the person, or tick "
                "'may administer'.",
            )
        token = accounts.invite(
            desk.app,
            words["person"],
            words["login"] or _address(desk, words["person"]),
            admin,
            who=desk.me,
            name=words["name"],
        )
    except EngineError as error:
        return _list(desk, error.text, words)
    return _linked(desk, PATHS[INVITE] + token, words["person"], words["login"])


@pages.get(f"{HERE}/konto/{{uid}}", Action.PERSONS)
def show(desk: AtDesk, uid: str) -> Response:
    """Show one account, and what can be done about it."""
    return _show(desk, uid)


@pages.post(f"{HERE}/konto/{{uid}}/kennwort", Action.PERSONS)
def reset(desk: AtDesk, sent: Sent, uid: str) -> Response:
    """Send a link for a new password; the second factor goes off too if that is asked for."""
    line = _line(desk, uid)
    if must_confirm(desk):
        return _confirm()
    try:
        token = accounts.offer_reset(
            desk.app, uid, second_factor=word(sent, "code") == "ja", who=desk.me
        )
    except EngineError as error:
        return _show(desk, uid, error)
    return _linked(desk, PATHS[RESET] + token, line.account.person, line.login)


@pages.post(f"{HERE}/konto/{{uid}}/stilllegen", Action.PERSONS)
def shut(desk: AtDesk, sent: Sent, uid: str) -> Response:
    """Shut an account; refused while its person has open duties, unless it has to be at once."""
    line = _line(desk, uid)
    if must_confirm(desk):
        return _confirm()
    try:
        people.shut(desk.app, line.account, desk.me, at_once=word(sent, "sofort") == "ja")
    except EngineError as error:
        return _show(desk, uid, error)
    words = Text(
        "Das Konto ist stillgelegt; alle Sitzungen sind beendet.",
        "The account is shut; all its sessions have ended.",
    )
    return desk.back(HERE, words)


def _confirm() -> Response:
    return RedirectResponse(f"{CONFIRM}?weiter={HERE}", 303)


def _line(desk: Desk, uid: str) -> Line:
    found = next((x for x in accounts.accounts_of(desk.app) if x.account.uid == uid), None)
    if found is None:
        raise Hidden
    return found


def _name(desk: Desk, line: Line) -> str:
    return desk.world.roster.name(line.account.person) if line.account.person else line.account.name


def _address(desk: Desk, person: str) -> str:
    known = desk.world.roster.persons.get(person)
    return known.email if known is not None else ""


def _list(desk: Desk, told: Text | None = None, words: dict[str, str] | None = None) -> Response:
    rows = accounts.accounts_of(desk.app)
    there = {x.account.person for x in rows if x.account.state != "disabled"}
    people_ = sorted(desk.world.roster.persons.values(), key=lambda p: p.name)
    return desk.render(
        "admin/accounts.html",
        200 if told is None else 422,
        told=told,
        words=words or {"person": "", "login": "", "name": "", "verwaltet": ""},
        rows=[(x, _name(desk, x), STATES[x.account.state]) for x in rows],
        persons=[(p.uid, f"{p.name} ({p.email})") for p in people_ if p.uid not in there],
    )


def _show(desk: Desk, uid: str, error: EngineError | None = None) -> Response:
    line = _line(desk, uid)
    duties = error.duties if isinstance(error, OpenDuties) else ()
    return desk.render(
        "admin/account.html",
        200 if error is None else 422,
        line=line,
        name=_name(desk, line),
        state=STATES[line.account.state],
        told=None if error is None else error.text,
        duties=[(d.office, discreet(d.what), d.until) for d in duties],
        here_=f"{HERE}/konto/{uid}",
        own=line.account.uid == desk.me.account,
    )


def _linked(desk: Desk, path: str, person: str, login: str) -> Response:
    """Say that the link is on its way; it is shown only where no mail can carry it.

    Who sees the link could use it, so nobody but its addressee should.
    """
    base = (desk.app.config.settings.link or "").rstrip("/")
    address = _address(desk, person) or (login if "@" in login else "")
    if base and address:
        return desk.back(HERE, Text(f"Der Link geht an {address}.", f"The link goes to {address}."))
    return desk.render("admin/link.html", link=f"{base}{path}")
