"""The seal of the log: how far it is signed, by which key, and who remembers it elsewhere."""

from __future__ import annotations

from fastapi.responses import Response

from engine.services.evidence.asking import PREFIX
from engine.services.evidence.overview import seal_of
from engine.services.evidence.telling import SUBJECT
from engine.services.evidence.witness import OLD
from engine.web.access import Action
from engine.web.desk import AtDesk, Desk
from engine.web.routes import Pages

pages = Pages()


@pages.get("/siegel", Action.SEAL)
def seal(desk: AtDesk) -> Response:
    """Show the seal, and where something is to be done: what."""
    found = seal_of(desk.app)
    stamp = found.standing.stamp
    return desk.render(
        "seal.html",
        seal=found,
        refused_title=SUBJECT,
        people={c.person: _person(desk, c.person) for c in found.changes},
        late=found.standing.late(desk.world.now),
        witnesses=[(w, w.late(desk.world.now)) for w in found.standing.witnesses],
        stamps=desk.app.config.settings.evidence.stamp is not None or stamp is not None,
        stamp_late=stamp is not None and desk.world.now - stamp.at > 2 * OLD,
        checkpoint=f"{PREFIX}/checkpoint",
    )


def _person(desk: Desk, uid: str) -> str:
    return desk.world.roster.name(uid) if uid in desk.world.roster.persons else ""
