"""Messages of which nobody knows whether they left: settled by the journal, again, or by a person.

The line broke between the final dot and the answer, or the process died there (RFC 1047).
The bytes and the Message-ID of a further try are the same, so a second copy is recognised.
`journal` asks the mailbox that was named in the same SMTP transaction: what lies there has
left, what does not after a while has not. `resend` sends once more. `ask` leaves it to a person;
so do the other two where they cannot get any further.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import datetime, timedelta

from engine.app import App
from engine.config_mail import Journal, Unsure
from engine.delivery import evidence
from engine.delivery.mailbox import holds, mailbox
from engine.errors import InputError, Refused, Text
from engine.store.chains import SYSTEM
from engine.store.errors import Unavailable
from engine.store.outbox import Doubt, Ending
from engine.store.roster import By
from engine.store.store import Store

log = logging.getLogger("rechtzeitig")

GRACE = timedelta(minutes=5)
"""How long a copy may take into the journal, before its absence says that nothing left."""

PATIENCE = timedelta(hours=1)
"""How long a journal that cannot be read is waited for: a second copy is better than none."""

HANG_UPS: dict[Unsure, int] = {"resend": 1, "journal": 5, "ask": 0}
"""How often a server may hang up on one message after the dot, before that is left to a person."""

MOST = 5
"""The same for doubts of any cause: a worker may have died at it more often than a server lost it."""

AT_ONCE = 200
"""How many doubts are looked at in one round; those left to a person only where there is room."""

_NAME = Text("Das Postfach des Journals", "the mailbox of the journal")
_FOUND = Text("im Journal gefunden", "found in the journal")


def settle(app: App) -> None:
    """Settle the doubts that can be settled by now; a journal that is out is logged and waits."""
    mail = app.config.settings.mail
    journal = mail.journal if mail.policy == "journal" else None
    now = app.clock.now()
    with app.database.read() as store:
        before = now if journal is None else now - GRACE
        doubts = store.outbox.doubtful(before, HANG_UPS[mail.policy], MOST, AT_ONCE)
    there = _lying_in(app, journal, doubts) if journal and doubts else None
    for doubt in doubts:
        ending = _ending(doubt, mail.policy, there, now)
        if ending is not None:
            _settle(app, doubt, ending, "resend" if there is None else "journal")


def _ending(doubt: Doubt, policy: Unsure, there: set[str] | None, now: datetime) -> Ending | None:
    """Return what became of a message, None where that waits for the journal or for a person.

    One that is past its last day is tried like a new one: nobody has refused it.
    """
    if there is not None and doubt.message_id in there:
        return Ending.ACCEPTED
    if policy == "journal" and there is None and now - doubt.since < PATIENCE:
        return None
    often = doubt.hang_ups > HANG_UPS[policy] or doubt.doubts > MOST
    return None if policy == "ask" or often else Ending.RETRY


def decide(app: App, message: int, ending: Ending, by: By, reason: str) -> None:
    """Let a person settle a doubt: sent once more, or taken to have been sent, and why.

    Raises InputError without a reason, Refused where the message is not in doubt. It is only the
    handing over that is settled: that anybody got it follows from nothing here.
    """
    if not reason.strip():
        raise InputError(
            "Nennen Sie den Grund der Entscheidung.", "Give the reason for the decision."
        )
    with app.database.write() as store:
        doubt = store.outbox.doubt(message)
        if doubt is None:
            raise Refused(
                f"Bei der Nachricht {message} ist nichts zu entscheiden: Sie ist nicht ungewiss.",
                f"There is nothing to decide on message {message}: it is not in doubt.",
            )
        if not _write(app, store, doubt, ending, "person", by, reason.strip()):
            raise Refused(
                f"Der Inhalt der Nachricht {message} ist gelöscht; sie kann nicht noch einmal "
                "hinausgehen.",
                f"The content of message {message} was erased; it cannot go out again.",
            )


def _lying_in(app: App, journal: Journal, doubts: Iterable[Doubt]) -> set[str] | None:
    """Return which Message-IDs lie in the journal, None where it cannot be read."""
    try:
        with mailbox(app, journal.imap, _NAME, "mail: journal: imap", readonly=True) as box:
            return {d.message_id for d in doubts if holds(box, d.message_id)}
    except Unavailable as error:
        log.error("%s", error.text.de)
        return None


def _settle(app: App, doubt: Doubt, ending: Ending, how: str) -> None:
    with app.database.write() as store:
        _write(app, store, doubt, ending, how)
    if ending is Ending.RETRY and how != "journal":
        log.warning("message %s leaves once more: possibly a second copy", doubt.uid)


def _write(
    app: App,
    store: Store,
    doubt: Doubt,
    ending: Ending,
    how: str,
    by: By | None = None,
    reason: str = "",
) -> bool:
    now: datetime = app.clock.now()
    text = _FOUND.de if how == "journal" and ending is Ending.ACCEPTED else None
    if not store.outbox.settle_unsure(doubt.id, ending, now, text, seen=by is None):
        return False  # another worker was first
    if store.outbox.notices_of(doubt.id):
        store.enter(evidence.settled(doubt, ending, how, by, reason, now))
    elif by is not None:
        plain = {"message": doubt.id, "ending": ending.value}
        store.enter(by.line(SYSTEM, evidence.SETTLED, plain, {"reason": reason}))
    return True
