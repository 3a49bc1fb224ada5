"""Emergency access: an administrator opens one case that she can name, for an hour of reading."""

from __future__ import annotations

from fastapi.responses import RedirectResponse, Response

from engine.errors import EngineError, Text
from engine.services import accounts
from engine.services.accounts import ConfirmFirst
from engine.web.access import Action
from engine.web.admin import must_confirm, word
from engine.web.desk import AtDesk, Desk, Sent
from engine.web.looking import EMERGENCY_PAGE as HERE
from engine.web.pages.account import CONFIRM
from engine.web.routes import Pages

pages = Pages()


@pages.get(HERE, Action.EMERGENCY)
def show(desk: AtDesk) -> Response:
    """Ask for the case and the reason, and say who will be told."""
    if must_confirm(desk):
        return _confirm()
    return _show(desk)


@pages.post(HERE, Action.EMERGENCY)
def break_glass(desk: AtDesk, sent: Sent) -> Response:
    """Open the case; nothing of it is shown before the letters are owed."""
    number, reason = word(sent, "nummer"), word(sent, "grund")
    try:
        grant = accounts.break_glass(desk.app, desk.me, number, reason)
    except ConfirmFirst:
        return _confirm()
    except EngineError as error:
        return _show(desk, error, number, reason)
    return RedirectResponse(f"/vorhaben/{grant.cases[0].number}", 303)


@pages.post(f"{HERE}/beenden", Action.EMERGENCY)
def close(desk: AtDesk, sent: Sent) -> Response:
    """End one's own emergency access before the hour is over."""
    accounts.close_glass(desk.app, desk.me)
    words = Text("Der Notzugriff ist beendet.", "The emergency access has ended.")
    return desk.back(HERE, words)


def _confirm() -> Response:
    return RedirectResponse(f"{CONFIRM}?weiter={HERE}", 303)


def _show(
    desk: Desk, error: EngineError | None = None, number: str = "", reason: str = ""
) -> Response:
    return desk.render(
        "admin/emergency.html",
        200 if error is None else 422,
        told=None if error is None else error.text,
        number=number,
        reason=reason,
        running=accounts.running(desk.me),
    )
