"""Mail: how it leaves the house, a test, and the outbox with what became of each letter."""

from __future__ import annotations

from fastapi.responses import Response

from engine.delivery.trial import Trial, send_test
from engine.errors import EngineError, InputError, Text
from engine.services.admin import post
from engine.store.outbox import Ending
from engine.web.access import Action
from engine.web.admin import ROOT, discreet, word
from engine.web.desk import AtDesk, Desk, Hidden, Sent
from engine.web.routes import Pages

pages = Pages()

HERE = f"{ROOT}/post"
FILTERS = {
    "wartet": "ready",
    "gesendet": "accepted",
    "gescheitert": "dead",
    "ungewiss": "unsure",
    "liegt": "cancelled",
}
"""How an address names the states of messages."""

SETTLED = {
    Ending.RETRY: Text("Die Nachricht geht noch einmal hinaus.", "The message goes out again."),
    Ending.ACCEPTED: Text("Die Nachricht gilt als gesendet.", "The message is taken as sent."),
}


@pages.get(HERE, Action.MAIL)
def settings(desk: AtDesk) -> Response:
    """Show how mail leaves the house, as config.yaml says it."""
    return _settings(desk)


@pages.post(HERE, Action.MAIL)
def test(desk: AtDesk, sent: Sent) -> Response:
    """Send a test mail at once and show what the other side answered."""
    address = word(sent, "an")
    try:
        return _settings(desk, address, send_test(desk.app, address))
    except EngineError as error:
        return _settings(desk, address, told=error.text)


def _settings(
    desk: Desk, address: str = "", trial: Trial | None = None, told: Text | None = None
) -> Response:
    return desk.render(
        "admin/mail.html",
        200 if told is None else 422,
        mail=desk.app.config.settings.mail,
        link=desk.app.config.settings.link,
        problem=post.settings_problem(desk.app),
        counts=post.counts(desk.app),
        address=address,
        trial=trial,
        told=told,
    )


@pages.get(f"{HERE}/ausgang", Action.MAIL)
def outbox(desk: AtDesk, stand: str = "", vor: int | None = None) -> Response:
    """Show the outbox, the newest first, of one state if that is asked for."""
    return _outbox(desk, stand, vor)


@pages.post(f"{HERE}/ausgang/{{message}}/erneut", Action.MAIL)
def resend(desk: AtDesk, sent: Sent, message: int) -> Response:
    """Let a mail that failed be tried again."""
    try:
        post.resend(desk.app, message, desk.me)
    except EngineError as error:
        return _outbox(desk, "", None, error.text)
    words = Text("Die Nachricht geht noch einmal hinaus.", "The message goes out again.")
    return desk.back(f"{HERE}/ausgang", words)


@pages.post(f"{HERE}/ausgang/{{message}}/liegenlassen", Action.MAIL)
def cancel(desk: AtDesk, sent: Sent, message: int) -> Response:
    """Never send a mail that nobody is sending."""
    try:
        post.cancel(desk.app, message, desk.me)
    except EngineError as error:
        return _outbox(desk, "", None, error.text)
    words = Text("Die Nachricht bleibt liegen.", "The message stays here.")
    return desk.back(f"{HERE}/ausgang", words)


@pages.get(f"{HERE}/ausgang/{{message}}/ungewiss", Action.MAIL)
def doubt(desk: AtDesk, message: int) -> Response:
    """Show a mail of which nobody knows whether it left, and ask what is to hold."""
    return _doubt(desk, message)


@pages.post(f"{HERE}/ausgang/{{message}}/ungewiss", Action.MAIL)
def settle(desk: AtDesk, sent: Sent, message: int) -> Response:
    """Settle it: send the mail again, or take it as sent, with the reason."""
    decision, reason = word(sent, "entscheidung"), word(sent, "grund")
    try:
        ending = post.settle(desk.app, message, decision, reason, desk.me)
    except InputError as error:
        return _doubt(desk, message, decision, reason, error.text)
    except EngineError as error:
        return _outbox(desk, "", None, error.text)
    return desk.back(f"{HERE}/ausgang", SETTLED[ending])


def _doubt(
    desk: Desk, message: int, decision: str = "", reason: str = "", told: Text | None = None
) -> Response:
    try:
        letter = post.letter(desk.app, message)
    except EngineError as error:
        return _outbox(desk, "", None, error.text)
    return desk.render(
        "admin/doubt.html",
        200 if told is None else 422,
        letter=letter,
        decision=decision,
        reason=reason,
        told=told,
        place="grund" if decision in post.DECISIONS else "entscheidung",
    )


def _outbox(desk: Desk, state: str, after: int | None, told: Text | None = None) -> Response:
    if state and state not in FILTERS:
        raise Hidden
    rows = post.letters(desk.app, FILTERS.get(state), after=after, limit=post.PAGE + 1)
    shown, more = rows[: post.PAGE], len(rows) > post.PAGE
    query = f"?stand={state}&vor=" if state else "?vor="
    return desk.render(
        "admin/outbox.html",
        200 if told is None else 409,
        rows=shown,
        next_url=f"{HERE}/ausgang{query}{shown[-1].id}" if more else None,
        state=state,
        filters=[(name, post.STATES[s]) for name, s in FILTERS.items()],
        counts=post.counts(desk.app),
        states=FILTERS,
        aside=[(n.office, n.what, discreet(Text(n.reason, n.reason)), n.held)
               for n in post.aside(desk.app)],
        told=told,
    )  # fmt: skip
