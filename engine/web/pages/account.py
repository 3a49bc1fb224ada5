"""Signing in and out, the links of letters, and what somebody keeps of her own account."""

from __future__ import annotations

import io

import segno
from fastapi import Request
from fastapi.responses import RedirectResponse, Response

from engine.errors import EngineError, Text
from engine.services import accounts
from engine.services.accounts import ConfirmFirst, DeadLink, NotSignedIn, Signed, TooOften
from engine.web.access import Action
from engine.web.admin import must_confirm
from engine.web.desk import AtDesk, Desk, Hidden, Sent, inside
from engine.web.refusals import refused
from engine.web.routes import Pages
from engine.web.security import cookie_name, drop_session, set_session

pages = Pages()

ACCOUNT = "/konto"
CONFIRM = "/konto/bestaetigen"
FACTOR = "/konto/code"

SVG = "image/svg+xml; charset=utf-8"

_DIFFERENT = Text(
    "Die beiden Kennwörter sind verschieden. Geben Sie dasselbe zweimal ein.",
    "The two passwords differ. Enter the same one twice.",
)


@pages.get("/anmelden", Action.PUBLIC)
def sign_in_form(desk: AtDesk, weiter: str = "/") -> Response:
    """Ask for name and password."""
    if desk.visitor is not None:
        return RedirectResponse(inside(weiter), 303)
    return desk.render("account/sign_in.html", onward=inside(weiter), login="", told=None)


@pages.post("/anmelden", Action.PUBLIC)
def sign_in(desk: AtDesk, sent: Sent) -> Response:
    """Let somebody in, or ask for the code that is still missing."""
    onward, login = inside(_said(sent, "weiter") or "/"), _said(sent, "name")
    password = str(sent.get("kennwort", ""))
    try:
        signed = accounts.sign_in(desk.app, login, password, **_from(desk.request))
    except EngineError as error:
        _tell(desk, error)
        page = {"onward": onward, "login": login, "told": error.text}
        return desk.render("account/sign_in.html", _status(error), **page)
    _leave(desk)
    if signed.needs_code:
        return _entering(desk, signed, f"/anmelden/code?weiter={onward}")
    return _entering(desk, signed, onward)


@pages.get("/anmelden/code", Action.PUBLIC)
def code_form(desk: AtDesk, weiter: str = "/") -> Response:
    """Ask for the code of somebody whose password was right."""
    if not accounts.waits_for_code(desk.app, _token(desk)):
        return RedirectResponse("/anmelden", 303)
    return desk.render("account/code.html", onward=inside(weiter), told=None)


@pages.post("/anmelden/code", Action.PUBLIC)
def sign_in_with_code(desk: AtDesk, sent: Sent) -> Response:
    """Let somebody in whose password was right and whose code is."""
    onward = inside(_said(sent, "weiter") or "/")
    if not accounts.waits_for_code(desk.app, _token(desk)):
        words = Text(
            "Die Anmeldung hat zu lange gedauert. Bitte beginnen Sie von vorn.",
            "Signing in took too long. Please begin anew.",
        )
        return desk.back("/anmelden", words)
    try:
        code = _said(sent, "code")
        signed = accounts.confirm_code(desk.app, _token(desk), code, **_from(desk.request))
    except EngineError as error:
        _tell(desk, error)
        return desk.render("account/code.html", _status(error), onward=onward, told=error.text)
    return _entering(desk, signed, onward)


@pages.post("/abmelden", Action.PUBLIC)
def sign_out(desk: AtDesk) -> Response:
    """End the session, and with it what its key opens."""
    _leave(desk)
    response = desk.back("/anmelden", Text("Sie sind abgemeldet.", "You are signed out."))
    drop_session(response, secure=desk.secure)
    return response


@pages.get("/einladung/{token}", Action.PUBLIC)
def invitation(desk: AtDesk, token: str) -> Response:
    """Show what an invitation offers; nothing changes by opening the link."""
    return _link(desk, token, accounts.INVITE)


@pages.post("/einladung/{token}", Action.PUBLIC)
def accept(desk: AtDesk, sent: Sent, token: str) -> Response:
    """Set the first password of somebody invited."""
    return _set(desk, sent, token, accounts.INVITE)


@pages.get("/kennwort/{token}", Action.PUBLIC)
def reset_form(desk: AtDesk, token: str) -> Response:
    """Show what a reset offers, and what it costs."""
    return _link(desk, token, accounts.RESET)


@pages.post("/kennwort/{token}", Action.PUBLIC)
def reset(desk: AtDesk, sent: Sent, token: str) -> Response:
    """Set a new password by the link of a mail."""
    return _set(desk, sent, token, accounts.RESET)


@pages.get("/kennwort-vergessen", Action.PUBLIC)
def forgotten(desk: AtDesk) -> Response:
    """Ask for whom a new password is wanted."""
    return desk.render("account/forgotten.html")


@pages.post("/kennwort-vergessen", Action.PUBLIC)
def ask_reset(desk: AtDesk, sent: Sent) -> Response:
    """Send a link, and say the same whether there is such an account or not."""
    accounts.ask_reset(desk.app, _said(sent, "name"))
    words = Text(
        "Wenn es dieses Konto gibt, ist ein Link unterwegs. Er gilt eine Stunde.",
        "If there is such an account, a link is on its way. It is good for an hour.",
    )
    return desk.back("/anmelden", words)


@pages.get("/konto", Action.OWN_ACCOUNT)
def account(desk: AtDesk) -> Response:
    """Show one's own account: sessions, second factor, codes, language."""
    return desk.render(
        "account/account.html",
        sessions=accounts.sessions_of(desk.app, desk.me),
        protection=accounts.protection(desk.app, desk.me),
    )


@pages.post("/konto/sprache", Action.OWN_ACCOUNT)
def language(desk: AtDesk, sent: Sent) -> Response:
    """Speak to somebody in another language from now on."""
    chosen = _said(sent, "sprache")
    accounts.set_language(desk.app, desk.me, chosen)
    words = Text("Seiten und Nachrichten sprechen jetzt Deutsch.", "Pages and letters are English.")
    response = desk.back(ACCOUNT, words)
    desk.choose(response, chosen)
    return response


@pages.post("/konto/sitzungen", Action.OWN_ACCOUNT)
def end_sessions(desk: AtDesk, sent: Sent) -> Response:
    """End one other session, or all others."""
    if must_confirm(desk):
        return RedirectResponse(f"{CONFIRM}?weiter={ACCOUNT}", 303)
    chosen = _said(sent, "sitzung")
    if chosen:
        accounts.end_session(desk.app, desk.me, chosen)
    else:
        accounts.end_sessions(desk.app, desk.me)
    return desk.back(ACCOUNT, Text("Beendet.", "Ended."))


@pages.get("/konto/bestaetigen", Action.OWN_ACCOUNT)
def confirm_form(desk: AtDesk, weiter: str = ACCOUNT) -> Response:
    """Ask once more who it is, before something important changes."""
    return _confirm(desk, inside(weiter))


@pages.post("/konto/bestaetigen", Action.OWN_ACCOUNT)
def confirm(desk: AtDesk, sent: Sent) -> Response:
    """Take the proof, and go on under a new session."""
    onward = inside(_said(sent, "weiter") or ACCOUNT)
    proof = str(sent.get("kennwort", "")), _said(sent, "code")
    try:
        signed = accounts.confirm(desk.app, desk.me, *proof, **_from(desk.request))
    except EngineError as error:
        return _confirm(desk, onward, error)
    return _entering(desk, signed, onward)


@pages.get("/konto/kennwort", Action.OWN_ACCOUNT)
def password_form(desk: AtDesk) -> Response:
    """Ask for the old and the new password."""
    return desk.render("account/password.html", told=None)


@pages.post("/konto/kennwort", Action.OWN_ACCOUNT)
def change_password(desk: AtDesk, sent: Sent) -> Response:
    """Change one's own password."""
    try:
        new = _twice(sent)
        accounts.change_password(desk.app, desk.me, str(sent.get("kennwort", "")), new)
    except EngineError as error:
        return desk.render("account/password.html", _status(error), told=error.text)
    words = Text(
        "Ihr Kennwort ist geändert; andere Sitzungen sind beendet.",
        "Your password is changed; other sessions have ended.",
    )
    return desk.back(ACCOUNT, words)


@pages.get("/konto/code", Action.OWN_ACCOUNT)
def factor(desk: AtDesk) -> Response:
    """Show the second factor: that it is on, or how to set it up."""
    return _factor(desk)


@pages.post("/konto/code", Action.OWN_ACCOUNT)
def change_factor(desk: AtDesk, sent: Sent) -> Response:
    """Begin to set up the second factor, switch it on, or off."""
    code = _said(sent, "code")
    try:
        match _said(sent, "tun"):
            case "beginnen":
                accounts.enrol_totp(desk.app, desk.me)
                return RedirectResponse(FACTOR, 303)
            case "einschalten":
                accounts.confirm_totp(desk.app, desk.me, code)
                return desk.back(ACCOUNT, Text("Anmeldung mit Code ist an.", "Codes are on."))
            case "abschalten":
                accounts.drop_totp(desk.app, desk.me, code)
                return desk.back(ACCOUNT, Text("Anmeldung mit Code ist aus.", "Codes are off."))
    except ConfirmFirst:
        return RedirectResponse(f"{CONFIRM}?weiter={FACTOR}", 303)
    except EngineError as error:
        return _factor(desk, error)
    raise Hidden


@pages.get("/konto/code/bild", Action.OWN_ACCOUNT)
def picture(desk: AtDesk) -> Response:
    """Show the secret of the second factor to a camera, while it is being set up."""
    pending = _pending(desk)
    if pending is None:
        raise Hidden
    drawn = io.BytesIO()
    segno.make(pending.uri, error="m").save(
        drawn, kind="svg", scale=5, border=4, dark="#000", light="#fff", xmldecl=False
    )
    return Response(drawn.getvalue(), media_type=SVG)


@pages.post("/konto/wiederherstellung", Action.OWN_ACCOUNT)
def recovery_codes(desk: AtDesk) -> Response:
    """Make new recovery codes and show them: this once, so there is no page to come back to."""
    try:
        codes = accounts.recovery_codes(desk.app, desk.me)
    except ConfirmFirst:
        return RedirectResponse(f"{CONFIRM}?weiter={ACCOUNT}", 303)
    except EngineError as error:
        return desk.back(ACCOUNT, error.text)
    return desk.render("account/codes.html", codes=codes)


def _link(desk: Desk, token: str, purpose: str, error: EngineError | None = None) -> Response:
    try:
        given = accounts.offer(desk.app, token, purpose)
    except DeadLink as dead:
        return desk.render("account/dead_link.html", 410, told=dead.text)
    return desk.render(
        "account/set_password.html",
        200 if error is None else _status(error),
        offer=given,
        invited=purpose == accounts.INVITE,
        told=None if error is None else error.text,
    )


def _set(desk: Desk, sent: Sent, token: str, purpose: str) -> Response:
    try:
        new = _twice(sent)
        if purpose == accounts.INVITE:
            accounts.accept(desk.app, token, new)
        else:
            accounts.reset(desk.app, token, new, _said(sent, "wiederherstellung") or None)
    except EngineError as error:
        return _link(desk, token, purpose, error)
    words = Text(
        "Ihr Kennwort ist gesetzt. Melden Sie sich jetzt damit an.",
        "Your password is set. Sign in with it now.",
    )
    return desk.back("/anmelden", words)


def _confirm(desk: Desk, onward: str, error: EngineError | None = None) -> Response:
    return desk.render(
        "account/confirm.html",
        200 if error is None else _status(error),
        onward=onward,
        with_code=accounts.protection(desk.app, desk.me).second_factor,
        told=None if error is None else error.text,
    )


def _factor(desk: Desk, error: EngineError | None = None) -> Response:
    return desk.render(
        "account/factor.html",
        200 if error is None else _status(error),
        on=accounts.protection(desk.app, desk.me).second_factor,
        pending=_pending(desk),
        told=None if error is None else error.text,
    )


def _pending(desk: Desk) -> accounts.Enrolment | None:
    """Return the second factor being set up; shown only to somebody who proved herself lately."""
    if not accounts.fresh(desk.app, desk.me):
        return None
    return accounts.pending_totp(desk.app, desk.me)


def _entering(desk: Desk, signed: Signed, path: str) -> Response:
    response = RedirectResponse(path, 303)
    set_session(response, signed.token, secure=desk.secure)
    return response


def _leave(desk: Desk) -> None:
    token = _token(desk)
    if token:
        accounts.sign_out(desk.app, token)


def _token(desk: Desk) -> str:
    return desk.request.cookies.get(cookie_name(desk.secure), "")


def _from(request: Request) -> dict[str, str]:
    """Return from where a request comes, for the brakes and the list of sessions."""
    client = request.client
    agent = request.headers.get("user-agent", "")
    return {"address": "" if client is None else client.host, "agent": agent}


def _twice(sent: Sent) -> str:
    new = str(sent.get("neu", ""))
    if new != str(sent.get("noch_einmal", "")):
        raise EngineError(_DIFFERENT.de, _DIFFERENT.en)
    return new


def _said(sent: Sent, name: str) -> str:
    return str(sent.get(name, "")).strip()


def _tell(desk: Desk, error: EngineError) -> None:
    """Tell the operator of a sign-in that was refused; whoever must wait is told of no more."""
    if isinstance(error, NotSignedIn):
        refused("sign-in", desk.request.scope)


def _status(error: EngineError) -> int:
    return 429 if isinstance(error, TooOften) else 422
