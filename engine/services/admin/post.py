"""The outbox: what became of each mail, told without what stands in it.

Subjects name measures, and nobody sees a case by being an administrator. So a line says to
whom, which letter, and what the other side answered.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from engine.app import App, smtp_settings
from engine.delivery.doubts import decide
from engine.delivery.titles import letter_titles
from engine.errors import EngineError, InputError, Refused, Text
from engine.services.accounts import Visitor
from engine.services.admin.people import as_admin
from engine.services.itself import by
from engine.services.timekeeping import person_or_administrator
from engine.store.chains import SYSTEM
from engine.store.outbox import Ending, MessageLine
from engine.store.store import Store

PAGE = 50

STATES: Mapping[str, Text] = {
    "ready": Text("wartet", "waiting"),
    "sending": Text("wird gesendet", "being sent"),
    "unsure": Text("ungewiss", "in doubt"),
    "accepted": Text("gesendet", "sent"),
    "dead": Text("endgültig gescheitert", "failed for good"),
    "cancelled": Text("bleibt liegen", "kept back"),
}
"""What the states of a message are called."""

DECISIONS = {"erneut": Ending.RETRY, "gesendet": Ending.ACCEPTED}
"""What can be decided on a mail of which nobody knows whether it left."""

REJECTED = Text("zurückgewiesen, wird erneut versucht", "rejected, will be tried again")
PRESUMED = Text("gilt als gesendet", "taken as sent")
_PERSONAL = Text("zum Konto", "about the account")


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail in the outbox: which letters it carries, never what they say."""

    id: int
    address: str
    what: tuple[Text, ...]
    state: str
    said: Text
    attempts: int
    created_at: datetime
    next_at: datetime
    answer: str


@dataclass(frozen=True, slots=True)
class Aside:
    """A notice for which no mail was made, and why."""

    id: int
    office: str
    what: Text
    reason: str
    held: bool


def letters(
    app: App, state: str | None = None, *, after: int | None = None, limit: int = PAGE
) -> list[Letter]:
    """Return a page of the outbox, the newest first; `after` is the id of the line before it."""
    titles = letter_titles()
    with app.database.read() as store:
        rows = store.outbox.messages(state, after=after, limit=limit)
        return [_letter(store, row, titles) for row in rows]


def _letter(store: Store, row: MessageLine, titles: Mapping[str, Text]) -> Letter:
    carried = dict.fromkeys(n.letter for n in store.outbox.notices_of(row.id))
    what = tuple(titles.get(x, Text(x, x)) for x in carried) or (_PERSONAL,)
    return Letter(
        row.id,
        row.address,
        what,
        row.state,
        _said(row),
        row.attempts,
        row.created_at,
        row.next_at,
        _answer(row),
    )


def _said(row: MessageLine) -> Text:
    if row.state == "ready" and row.last_code is not None:
        return REJECTED
    if row.state == "accepted" and row.accepted_at is None:
        return PRESUMED
    return STATES[row.state]


def _answer(row: MessageLine) -> str:
    """Return what the other side answered; of a mail that was taken only the code.

    A folder answers with the name of the file, and that is made of the subject.
    """
    if row.state == "accepted":
        return str(row.last_code or "")
    return f"{row.last_code or ''} {row.last_text or ''}".strip()


def aside(app: App) -> list[Aside]:
    """Return the notices that are held back or were dropped, with the reason."""
    titles = letter_titles()
    with app.database.read() as store:
        world = app.world(store)
        rows = [*store.outbox.notices("held"), *store.outbox.notices("dropped")]
    return [
        Aside(
            n.id,
            world.roster.office(n.office).name if n.office in world.roster.offices else n.office,
            titles.get(n.letter, Text(n.letter, n.letter)),
            n.reason or "",
            n.state == "held",
        )
        for n in rows
    ]


def counts(app: App) -> dict[str, int]:
    """Return how many messages and notices are in each state, as `message.dead`."""
    with app.database.read() as store:
        return store.outbox.counts()


def resend(app: App, message: int, who: Visitor) -> None:
    """Let a mail that failed be tried again, the same bytes; Refused in any other state."""
    with app.database.write() as store:
        if not store.outbox.resend(message, app.clock.now()):
            raise _not_so()
        _enter(app, store, "mail_resent", message, who)


def cancel(app: App, message: int, who: Visitor) -> None:
    """Never send a mail that nobody is sending; Refused in any other state."""
    with app.database.write() as store:
        if not store.outbox.cancel(message):
            raise _not_so()
        _enter(app, store, "mail_cancelled", message, who)


def letter(app: App, message: int) -> Letter:
    """Return a mail of the outbox that is in doubt; Refused in any other state."""
    titles = letter_titles()
    with app.database.read() as store:
        rows = store.outbox.messages("unsure", after=message + 1, limit=1)
        found = [_letter(store, row, titles) for row in rows if row.id == message]
    if not found:
        raise _not_so()
    return found[0]


def settle(app: App, message: int, decision: str, reason: str, who: Visitor) -> Ending:
    """Settle whether a mail has left, as an administrator decided; return what holds now.

    Raises InputError without decision or reason, Refused where the mail is not in doubt.
    """
    ending = decision_of(decision)
    decide(app, message, ending, as_admin(app, "mail_settled", who), reason)
    return ending


def settle_as(app: App, message: int, decision: str, reason: str, words: str) -> Ending:
    """Settle the same on the word of a person of the roster, or of an administrator by login."""
    ending = decision_of(decision)
    with app.database.read() as store:
        actor = person_or_administrator(app, store, words)
    decide(app, message, ending, replace(by(app, "mail_settled"), actor=actor), reason)
    return ending


def decision_of(word: str) -> Ending:
    """Return what a word decides; raises InputError for any but those of `DECISIONS`."""
    found = DECISIONS.get(word)
    if found is None:
        raise InputError(
            "Entscheiden Sie: erneut senden (erneut) oder gilt als gesendet (gesendet).",
            "Decide: send it again (erneut) or take it as sent (gesendet).",
        )
    return found


def _enter(app: App, store: Store, what: str, message: int, who: Visitor) -> None:
    store.enter(as_admin(app, what, who).line(SYSTEM, what, {"message": message}))


def settings_problem(app: App) -> Text | None:
    """Return what is wrong with the mail settings as far as can be seen without sending."""
    try:
        app.channels()
        smtp = app.config.settings.mail.smtp
        settings = None if smtp is None else smtp_settings(app.config, smtp)
    except EngineError as error:
        return error.text
    if settings is not None and settings.ca_file is not None and not settings.ca_file.is_file():
        return Text(
            f"config.yaml, mail.smtp.ca_file: {settings.ca_file} gibt es nicht.",
            f"config.yaml, mail.smtp.ca_file: there is no {settings.ca_file}.",
        )
    return None


def _not_so() -> Refused:
    return Refused(
        "Das geht in diesem Stand nicht: Die Nachricht ist inzwischen unterwegs, gesendet oder "
        "bleibt schon liegen. Laden Sie den Postausgang neu.",
        "Its state does not allow it: the message is under way, sent, or kept back already. "
        "Reload the outbox.",
    )
