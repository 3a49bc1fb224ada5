"""Mails that came back: each report is an entry, and what nobody will get is told at once.

The reports lie in a mailbox of their own, or are piped to `rechtzeitig mail bounce` by the
mail server. Nothing is deleted there: what was looked at is marked as seen.
"""

from __future__ import annotations

import logging
from datetime import datetime

from engine.app import App
from engine.config_mail import Bounces
from engine.core.calendar import local_day
from engine.core.ledger import Line
from engine.core.workflow import CLOCK
from engine.delivery.dead_letters import escalate
from engine.delivery.envelopes import key_of
from engine.delivery.evidence import stream_of
from engine.delivery.mailbox import fetched, mailbox, mark_seen, unseen
from engine.errors import InputError, Text
from engine.store.errors import Unavailable
from engine.store.mailed import looked, set_looked
from notifications.bounces import LARGEST, Bounce, BounceKind, bounced

log = logging.getLogger("rechtzeitig")

TYPE = "message_bounced"

_NAME = Text("Das Postfach der Rückläufer", "the mailbox of bounces")

_PAUSE = 300
_MOST = 200  # reports a round; the rest comes with the next one

KINDS = {
    BounceKind.FAILED: Text("endgültig nicht zugestellt", "given up for good"),
    BounceKind.DELAYED: Text("verzögert, wird weiter versucht", "delayed, still tried"),
    BounceKind.DELIVERED: Text("zugestellt oder weitergegeben", "delivered or handed on"),
    BounceKind.UNCLEAR: Text("zurückgekommen, ohne lesbaren Grund", "came back without a reason"),
}
"""What each kind of report means, in words."""

_GONE = frozenset({BounceKind.FAILED, BounceKind.UNCLEAR})


def take_in(app: App, data: bytes) -> Bounce | None:
    """Enter what a mail reports of one of ours; return it, None where it reports nothing.

    A message given up for good is a dead letter, told like one that was refused at the door.
    The same report a second time changes nothing. Raises InputError where config.yaml names no
    address for bounces.
    """
    settings = _settings(app)
    copies_to = app.config.settings.mail.copies_to
    found = bounced(data, settings.address, key_of(app.config.state), copies_to)
    if found is None:
        return None
    with app.database.write() as store:
        now = app.clock.now()
        message = store.outbox.accepted(found.uid)
        if message is None:
            return None
        line = _line(found, message.attempt, now)
        if store.chains.kept(line.key) is not None:
            return found
        if store.outbox.notices_of(message.id):
            store.enter(line)
        if found.kind in _GONE:
            store.outbox.come_back(message.id, f"{found.status} {found.text}".strip())
            escalate(store, app.world(store), message, now)
    return found


def collect_due(app: App) -> int:
    """Read the mailbox if nobody has for five minutes; a mailbox that is out is only logged."""
    if app.config.settings.mail.bounces is None:
        return 0
    with app.database.write() as store:
        now = int(app.clock.now().timestamp())
        if 0 <= now - looked(store.connection) < _PAUSE:
            return 0
        set_looked(store.connection, now)
    try:
        return collect(app)
    except Unavailable as error:
        log.error("%s", error.text.de)
        return 0


def collect(app: App) -> int:
    """Read the mailbox of bounces; return how many of our messages came back.

    Raises Unavailable where it cannot be read; nothing is lost then, for what was entered is
    marked and what was not comes again.
    """
    settings = app.config.settings.mail.bounces
    if settings is None or settings.imap is None:
        return 0
    count = 0
    with mailbox(app, settings.imap, _NAME, "mail: bounces: imap") as box:
        for number in unseen(box, _MOST):
            count += take_in(app, fetched(box, number, LARGEST)) is not None
            mark_seen(box, number)
    return count


def _settings(app: App) -> Bounces:
    found = app.config.settings.mail.bounces
    if found is None:
        raise InputError(
            "config.yaml, mail: Es ist keine Adresse für Rückläufer eingetragen. Tragen Sie sie "
            "ein unter bounces: address.",
            "config.yaml, mail: there is no address for bounces. Name it under bounces: address.",
        )
    return found


def _line(found: Bounce, attempt: int, now: datetime) -> Line:
    plain = {
        "message": found.uid,
        "attempt": attempt,
        "kind": found.kind.value,
        "status": found.status,
    }
    private = {"text": found.text} if found.text else {}
    key = f"message:{found.uid}:{attempt}:{found.kind}"
    return Line(stream_of(now), TYPE, CLOCK, "", now, local_day(now), key, 0, plain, private)
