"""A mail that nobody will get is an escalation of its own: the legal office is told at once."""

from __future__ import annotations

from datetime import datetime

from engine.core.case import Notice
from engine.core.meanings import OfficeMeans
from engine.core.world import World
from engine.store.outbox import Accepted, Claimed
from engine.store.store import Store

DEAD_LETTER = "nicht_zustellbar"


def escalate(store: Store, world: World, message: Claimed | Accepted, at: datetime) -> None:
    """A mail that nobody will get is told to the legal office in the same transaction.

    One that was sent once more and came to nothing again is told again.
    """
    for owed in store.outbox.notices_of(message.id):
        if owed.letter == DEAD_LETTER:
            continue
        for office in world.roster.offices.values():
            if world.roster.means(office.id) is OfficeMeans.LEGAL:
                key = f"dead:{message.uid}:{message.attempt}:{owed.id}:{office.id}"
                day = {"day": owed.facts.get("day")}
                told = Notice(key, office.id, DEAD_LETTER, owed.participation, at, day)
                store.outbox.owe(told, owed.case or None)
