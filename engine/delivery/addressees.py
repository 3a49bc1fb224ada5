"""Who a letter goes to: whoever acts for the office today, as far as a mail reaches her."""

from __future__ import annotations

from contextlib import suppress

from engine.app import App, takes_mail
from engine.core.offices import Tenure
from engine.core.world import World
from engine.crash import crashpoint
from engine.errors import NotFound, Text
from engine.store.outbox import Owed
from engine.store.store import Store

_AT_ONCE = 200

_NOBODY = Text("niemand ist für die Stelle bestellt", "nobody is appointed to the office")
_NO_DEPUTY = Text("die Stelle hat keine Vertretung", "the office has no deputy")
_TOLD = Text("die Vertretung handelt bereits selbst", "the deputy already acts herself")
_CONCERNED = Text("wer sie erhielte, ist in der Sache befangen", "who would get it is concerned")
_NO_ADDRESS = Text("keine E-Mail-Adresse: auf Papier mitteilen", "no address: tell on paper")
_BAD_ADDRESS = Text(
    "diese E-Mail-Adresse nimmt kein Mailserver an: berichtigen", "no server takes this address"
)


def addressee_of(world: World, owed: Owed) -> Tenure | Text:
    """Return who is told: who acts for the office today, or the deputy beside her.

    Never somebody who is concerned in the case: there the letter waits for another one.
    """
    acting = world.roster.acting(owed.office, world.today, owed.case)
    holders = world.roster.unbiased(owed.office, world.today, owed.case)
    nobody = _CONCERNED if world.roster.holders(owed.office, world.today) else _NOBODY
    if "person" in owed.facts:
        # She asked for it herself, so it goes to her as long as she holds the office at all.
        asked = (t for t in holders if t.person == owed.facts["person"])
        return next(asked, None) or next(iter(acting or holders), nobody)
    if owed.facts.get("to") != "deputy":
        # Where everybody is away the letter waits in the holder's mailbox, not with us.
        return next(iter(acting or holders), nobody)
    if any(t.deputy for t in acting) and not any(not t.deputy for t in acting):
        return _TOLD
    return next((t for t in holders if t.deputy), _NO_DEPUTY)


def unreachable(email: str) -> Text | None:
    """Return why no mail goes to an address, None where one does."""
    if not email:
        return _NO_ADDRESS
    return None if takes_mail(email) else _BAD_ADDRESS


def put_aside(store: Store, owed: Owed, why: Text) -> None:
    """A duty without addressee waits for one; a copy for a deputy falls away."""
    waits = why in (_NOBODY, _CONCERNED)
    (store.outbox.hold if waits else store.outbox.drop)(owed.id, why.de)


def release(app: App) -> None:
    """Let notices go that were held, once somebody with an address is there to be told."""
    last = 0
    while True:
        with app.database.write() as store:
            world = app.world(store)
            held = store.outbox.notices("held", after=last, limit=_AT_ONCE)
            for owed in held:
                addressee = addressee_of(world, owed)
                if isinstance(addressee, Tenure) and takes_mail(_address(world, addressee)):
                    # Another worker may have let it go at the same moment.
                    with suppress(NotFound):
                        store.outbox.release(owed.id)
            crashpoint("before-release-commit")
        crashpoint("after-release-commit")
        if len(held) < _AT_ONCE:
            return
        last = held[-1].id


def _address(world: World, addressee: Tenure) -> str:
    return world.roster.persons[addressee.person].email
