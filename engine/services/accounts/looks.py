"""Looks that only a grant allows: none without its entry in the strand of the month."""

from __future__ import annotations

from engine.app import App
from engine.core.case import Case
from engine.core.visibility import Actor, Look, granted
from engine.services.accounts.values import Visitor, by
from engine.store.grants import CaseGrant
from engine.store.store import Store


def look(app: App, visitor: Visitor, case: Case, what: str, **about: str) -> bool:
    """Enter that somebody looks at a case, and at what; return False where no grant allows it.

    Asked in the very transaction that writes, so a grant that was ended a moment ago opens
    nothing more. What is to be shown goes out only after this.
    """
    sort = Look.EXTRACT if what == Look.EXTRACT else Look.READ
    with app.database.write() as store:
        grant = _allowing(app, store, visitor, case, sort)
        if grant is None:
            return False
        store.grants.look(grant, case.uid, what, by(app, "look", visitor), **about)
    return True


def _allowing(app: App, store: Store, visitor: Visitor, case: Case, sort: Look) -> CaseGrant | None:
    live = store.grants.live(visitor.account, app.clock.now())
    return next((g for g in live if granted(_by(g), case, sort)), None)


def _by(grant: CaseGrant) -> Actor:
    return Actor("", grants=frozenset(grant.opens))
