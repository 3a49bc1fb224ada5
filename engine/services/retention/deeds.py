"""What the legal office does: hold and lift, propose, release. Each is an entry."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from engine import clock
from engine.app import App
from engine.core.meanings import FileClass, OfficeMeans
from engine.core.world import World
from engine.errors import InputError, NotFound, Refused, Text
from engine.services.free_text import legible
from engine.services.legal.signing import signing
from engine.services.retention.due import due
from engine.services.retention.files import remove_erased, remove_mails
from engine.store.erasing import Letters
from engine.store.retention import Erasure, Hold
from engine.store.store import Store

HOLD = "retention-hold"
LIFT = "retention-lift"
PROPOSE = "retention-propose"
RELEASE = "retention-release"
_HOLDS = Text("Aufbewahrungssperren setzen und aufheben", "set and lift legal holds")
_PROPOSES = Text("Löschungen vorschlagen", "propose erasures")
_RELEASES = Text("Löschungen freigeben", "release erasures")
LONGEST = 2000


@dataclass(frozen=True, slots=True)
class Released:
    """What an erasure took away: bodies of entries, documents, mails; and mails that stay.

    A mail stays that also carries a letter of a case still kept.
    """

    subject: str
    what: FileClass
    entries: int
    documents: int
    letters: int
    letters_kept: int


def hold(app: App, number: str, person: str, reason: str) -> Hold:
    """Set a legal hold on a case: from now on nothing of it is erased.

    For the legal office alone; a reason is owed. What was proposed waits until it is lifted.
    """
    with app.database.write() as store:
        world = app.world(store)
        made = signing(app, world, person, HOLD, _HOLDS)
        case = store.cases.get(number)
        words = _reasoned(reason)
        found = Hold(clock.new_uid(), case.uid, case.number, words, made.actor, made.recorded_at)
        store.retention.lock(case.uid)
        store.retention.set_hold(found, made)
    return found


def lift(app: App, number: str, person: str, reason: str) -> int:
    """Lift every hold that stands on a case; return how many. A reason is owed."""
    with app.database.write() as store:
        world = app.world(store)
        case = store.cases.get(number)
        standing = [h for h in store.retention.holds(case.uid) if h.stands]
        words = _reasoned(reason)
        if not standing:
            raise Refused(
                f"Für den Vorgang {number} besteht keine Aufbewahrungssperre.",
                f"There is no legal hold on case {number}.",
            )
        for one in standing:
            made = signing(app, world, person, LIFT, _HOLDS)
            store.retention.lift(one, words, made)
    return len(standing)


def _reasoned(reason: str) -> str:
    words = legible(reason)
    if not words:
        raise InputError(
            "Bitte nennen Sie den Grund der Aufbewahrungssperre oder ihrer Aufhebung.",
            "Please give the reason for the legal hold, or for lifting it.",
        )
    if len(words) > LONGEST:
        raise InputError(
            f"Der Grund ist länger als {LONGEST} Zeichen. Bitte kürzen Sie ihn.",
            f"The reason is longer than {LONGEST} characters. Please shorten it.",
        )
    return words


def propose(app: App, subjects: Iterable[str], person: str) -> int:
    """Propose to erase what is due of some subjects, cases or persons; return how much.

    A subject is the number of a case, or the uid of a person.
    """
    with app.database.write() as store:
        world = app.world(store)
        made = signing(app, world, person, PROPOSE, _PROPOSES)
        rows = [e for name in subjects for e in _ready(store, world, name, "due")]
        for part, erasure in enumerate(rows):
            store.retention.propose(erasure, made, part)
    return len(rows)


def release(app: App, subjects: Iterable[str], person: str) -> list[Released]:
    """Erase for good what was proposed of some subjects; return what went.

    Another person than the one who proposed it has to release it (four eyes). Where only one
    person acts or stands in for the legal office she may do both, and the entry says `alone`.
    """
    found: list[Released] = []
    mails: list[str] = []
    with app.database.write() as store:
        world = app.world(store)
        made = signing(app, world, person, RELEASE, _RELEASES)
        alone = len(_lawyers(world)) < 2
        rows = [e for name in subjects for e in _ready(store, world, name, "proposed")]
        for part, erasure in enumerate(rows):
            same = erasure.proposed_by == person
            if same and not alone:
                raise _four_eyes()
            released, ids, plain = _erase(store, erasure)
            store.retention.erased(erasure, made, plain | ({"alone": True} if same else {}), part)
            found.append(released)
            mails += ids
        for part, erasure in enumerate(rows, start=len(rows)):
            if erasure.what is FileClass.PERSONS:
                store.rosters.forget(erasure.subject, made, part)
    # The files go once the log says so: see `files.remove_erased`.
    remove_erased(app)
    remove_mails(app.config.mails, mails)
    return found


def _ready(store: Store, world: World, name: str, state: str) -> list[Erasure]:
    """Return what of a subject is in a state, is still due and not on hold; Refused else."""
    uid = subject_of(store, world, name)
    store.retention.lock(uid)
    if any(h.stands for h in store.retention.holds(uid)):
        raise Refused(
            f"{name}: Es besteht eine Aufbewahrungssperre. Heben Sie sie zuerst auf: retention "
            "lift.",
            f"{name}: there is a legal hold. Lift it first: retention lift.",
        )
    over = due(store, world, (uid,))
    order = list(FileClass)
    rows = [e for e in store.retention.erasures(uid) if e.state == state]
    rows = [e for e in rows if (uid, e.what) in over]
    if not rows:
        raise _nothing(name, state)
    # The file goes last: it takes with it what the others left.
    return sorted(rows, key=lambda e: order.index(e.what), reverse=True)


def _nothing(name: str, state: str) -> Refused:
    if state == "due":
        return Refused(
            f"{name}: Es ist nichts zu löschen, was nicht schon vorgeschlagen wäre. Was fällig "
            "ist, zeigt: retention due.",
            f"{name}: there is nothing to erase that is not proposed already. 'retention due' "
            "shows what is due.",
        )
    return Refused(
        f"{name}: Es ist keine Löschung vorgeschlagen. Schlagen Sie sie zuerst vor: retention "
        "propose.",
        f"{name}: no erasure is proposed. Propose it first: retention propose.",
    )


def _four_eyes() -> Refused:
    return Refused(
        "Wer eine Löschung vorgeschlagen hat, gibt sie nicht selbst frei. Bitten Sie eine zweite "
        "Person des Rechtsamts.",
        "Whoever proposed an erasure does not release it herself. Ask a second person of the "
        "legal office.",
    )


def subject_of(store: Store, world: World, name: str) -> str:
    """Return the uid of the case of that number, or of that person; NotFound for neither."""
    if name in world.roster.persons:
        return name
    try:
        return store.cases.get(name).uid
    except NotFound:
        mine = [p.uid for p in world.roster.persons.values() if _login(p.email) == name]
        if len(mine) == 1:
            return mine[0]
        raise


def _login(email: str) -> str:
    return email.partition("@")[0]


def _lawyers(world: World) -> set[str]:
    """Return who holds or deputises a legal office today."""
    roster = world.roster
    legal = [o for o in roster.offices if roster.means(o) is OfficeMeans.LEGAL]
    return {t.person for o in legal for t in roster.holders(o, world.today)}


def _erase(store: Store, erasure: Erasure) -> tuple[Released, tuple[str, ...], dict[str, Any]]:
    subject, what, erasing = erasure.subject, erasure.what, store.erasing
    entries, papers, mails = 0, 0, Letters((), 0)
    if what is FileClass.PERSONS:
        mails = erasing.person(subject)
    if what in (FileClass.LETTERS, FileClass.FILE):
        mails = erasing.letters(subject)
    if what in (FileClass.DOCUMENTS, FileClass.FILE):
        papers = len(erasing.documents(subject))
    if what is FileClass.FILE:
        entries = erasing.texts(subject)
    plain = {
        "entries": entries,
        "documents": papers,
        "letters": len(mails.emptied),
        "letters_kept": mails.kept,
    }
    return Released(subject, what, **plain), mails.emptied, plain
