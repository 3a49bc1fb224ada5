"""Who signs for the legal office, and when: nobody else does."""

from __future__ import annotations

from engine.app import App
from engine.core.meanings import OfficeMeans
from engine.core.world import World
from engine.errors import Refused, Text
from engine.services.setup import by
from engine.store.roster import By


def signing(app: App, world: World, person: str, what: str, deed: Text) -> By:
    """Return who signs today for the legal office she acts for; Refused for anybody else.

    `what` begins the key of the entry, `deed` says what only that office does.
    """
    legal = [o for o in world.roster.offices if world.roster.means(o) is OfficeMeans.LEGAL]
    office = next((o for o in legal if world.roster.tenure(person, o, world.today)), None)
    if office is None:
        name = world.roster.name(person)
        raise Refused(
            f"{name} handelt heute nicht für das Rechtsamt; {deed.de} kann nur, wer dafür bestellt "
            "ist.",
            f"{name} does not act for the legal office today; only who is appointed to it may "
            f"{deed.en}.",
        )
    made = by(app, what)
    return By(person, office, made.recorded_at, made.happened_on, made.key)
