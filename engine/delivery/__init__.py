"""Notices become messages, and messages leave the house: each notice once, or with a reason.

With an event only the notice was written. Here an office is resolved to the person who acts
for it on the day of release, one message is composed for all that one person is owed, its
bytes are frozen, and it is handed to the channel.
"""

from __future__ import annotations

from dataclasses import dataclass

from engine.app import App
from engine.delivery.compose import compose
from engine.delivery.send import Sent, send

__all__ = ["Delivered", "deliver"]


@dataclass(frozen=True, slots=True)
class Delivered:
    """What one round of delivery did: messages composed, and what became of those sent."""

    composed: int
    sent: Sent


def deliver(app: App) -> Delivered:
    """Compose what is owed by now and send what is ready."""
    try:
        composed = compose(app)
    except Exception:
        # What was finished before waits for nothing that is not.
        send(app)
        raise
    done = Delivered(composed, send(app))
    with app.database.write() as store:
        store.accounts.forget_letters(app.clock.now())
    return done
