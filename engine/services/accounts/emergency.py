"""Emergency access: an administrator reads one case she names, for an hour and before witnesses."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from engine import clock
from engine.app import App
from engine.core.case import Case, Notice
from engine.core.meanings import OfficeMeans
from engine.core.visibility import PERSONNEL
from engine.core.wording import moment_text
from engine.core.world import World
from engine.errors import InputError, NotFound, Refused
from engine.services.accounts.values import Visitor, by, must_be_fresh
from engine.services.free_text import legible
from engine.store.grants import EMERGENCY, CaseGrant, GrantedCase
from engine.store.store import Store

LASTS = timedelta(minutes=60)
LETTER = "notzugriff"


def break_glass(app: App, visitor: Visitor, number: str, reason: str) -> CaseGrant:
    """Open one case to an administrator for an hour of reading, and tell those concerned.

    The offices that take part and the legal office are owed a letter in the transaction that
    opens it. Refused for anybody else, while another emergency access runs, and where there is
    nobody to tell; InputError without a reason, and for a number that names no case or a
    personnel matter, which of the two is not said. Raises ConfirmFirst.
    """
    if not legible(reason):
        raise InputError(
            "Ein Notzugriff braucht eine Begründung.", "An emergency access needs a reason."
        )
    must_be_fresh(app, visitor)
    if not visitor.administrator:
        raise Refused(
            "Einen Notzugriff öffnet nur die Systemverwaltung.",
            "Only the system administration opens an emergency access.",
        )
    with app.database.write() as store:
        _refuse_a_second(app, store, visitor)
        case = _case(store, number)
        act = by(app, "break-glass", visitor)
        grant = CaseGrant(
            uid=clock.new_uid(),
            account=visitor.account,
            kind=EMERGENCY,
            authority="",
            reason=reason.strip(),
            extract=False,
            given_by=visitor.account,
            given_at=act.recorded_at,
            ends_at=act.recorded_at + LASTS,
            ended_at=None,
            cases=(GrantedCase(case.uid, case.number, personnel=False),),
        )
        store.accounts.enter_with_reason(
            act, "break_glass", visitor.account, grant.reason, case=case.uid, grant=grant.uid
        )
        store.grants.add(grant, by(app, "grant", visitor))
        for office in _told(app.world(store), case):
            key = f"{act.key}:{office}"
            store.outbox.owe(Notice(key, office, LETTER, "", act.recorded_at, {}), case.uid)
    return grant


def running(visitor: Visitor) -> CaseGrant | None:
    """Return the emergency access that a visitor has open, or None."""
    return next((g for g in visitor.grants if g.kind == EMERGENCY), None)


def close_glass(app: App, visitor: Visitor) -> None:
    """End one's own emergency access before its time; nothing happens where none is open."""
    with app.database.write() as store:
        for grant in store.grants.live(visitor.account, app.clock.now()):
            if grant.kind == EMERGENCY:
                store.grants.end(grant, "", by(app, "grant-end", visitor))


def _refuse_a_second(app: App, store: Store, visitor: Visitor) -> None:
    for grant in store.grants.live(visitor.account, app.clock.now()):
        if grant.kind == EMERGENCY:
            until = moment_text(grant.ends_at)
            raise Refused(
                f"Es läuft schon ein Notzugriff, bis {until.de}. Beenden Sie ihn, bevor Sie "
                "einen anderen Vorgang öffnen.",
                f"An emergency access is open already, until {until.en}. End it before you open "
                "another case.",
            )


def _case(store: Store, number: str) -> Case:
    try:
        case = store.cases.get(number.strip())
    except NotFound:
        raise _no_such(number) from None
    if case.measure.confidentiality == PERSONNEL:
        raise _no_such(number)
    return case


def _no_such(number: str) -> InputError:
    return InputError(
        f"Unter der Nummer „{number.strip()}“ öffnet der Notzugriff nichts: Es gibt keinen "
        "solchen Vorgang, oder er ist eine Personalsache. Prüfen Sie die Nummer, oder wenden "
        "Sie sich an das Rechtsamt.",
        f"Emergency access opens nothing under the number '{number.strip()}': there is no such "
        "case, or it is a personnel matter. Check the number, or turn to the legal office.",
    )


def _told(world: World, case: Case) -> Iterable[str]:
    """Return the offices that learn of it; Refused where there are none."""
    legal = (o for o in world.roster.offices if world.roster.means(o) is OfficeMeans.LEGAL)
    told = dict.fromkeys([*(p.office for p in case.participations), *legal])
    if not told:
        raise Refused(
            "An diesem Vorgang ist niemand beteiligt, und ein Rechtsamt ist nicht eingetragen: "
            "Niemand erführe vom Notzugriff. Tragen Sie zuerst das Rechtsamt als Stelle ein.",
            "Nobody takes part in this case, and no legal office is entered: nobody would learn "
            "of the emergency access. Enter the legal office first.",
        )
    return told
