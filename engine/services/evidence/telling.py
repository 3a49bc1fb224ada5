"""That the log does not sign is told once: in the log itself, and by mail to those concerned."""

from __future__ import annotations

from engine.app import App
from engine.core.case import Notice
from engine.core.meanings import OfficeMeans
from engine.delivery.personal import personal
from engine.errors import Text
from engine.services.evidence import words
from engine.services.evidence.refusing import SealRefused
from engine.services.itself import by
from engine.store.chains import SYSTEM
from engine.store.roster import By
from engine.store.store import Store

TYPE = "seal_refused"
LETTER = "siegel_verweigert"
SUBJECT = Text("Das Protokoll unterschreibt nicht mehr", "The log does not sign any more")


def tell(app: App, refused: SealRefused) -> bool:
    """Enter that the log does not sign, and write to administrators and legal office.

    Once for each thing that does not fit, however often it is met; return whether it was new.
    """
    act = by(app, TYPE)
    sort = words.UNUSABLE if refused.kind == words.UNUSABLE else "conflict"
    act = By(
        act.actor, act.office, act.recorded_at, act.happened_on, f"{TYPE}:{sort}:{refused.mark}"
    )
    with app.database.write() as store:
        if store.chains.kept(act.key) is not None:
            return False
        plain = {"kind": refused.kind, "mark": refused.mark}
        store.enter(act.line(SYSTEM, TYPE, plain, {"said": refused.text.de}))
        _write(app, store, act, refused)
    return True


def _write(app: App, store: Store, act: By, refused: SealRefused) -> None:
    said = {x: {"subject": SUBJECT.in_(x), "sentence": refused.text.in_(x)} for x in ("de", "en")}
    roster = app.world(store).roster
    for office in roster.offices:
        if roster.means(office) is OfficeMeans.LEGAL:
            key = f"{act.key}:{office}"
            store.outbox.owe(Notice(key, office, LETTER, "", act.recorded_at, {"items": [said]}))
    for account, _ in store.accounts.all():
        if account.administrator and account.state == "active":
            told = {"link": None, **said[account.language]}
            letter = personal(app, act.recorded_at, account, LETTER, items=[told])
            if letter is not None:
                store.outbox.put(letter)
