"""What to do when the log must not sign: two people acknowledge it, and a new branch begins.

Nothing is mended by it, and nothing hidden. The entries stay in the tree that the database
holds; from now on it is signed under another name (`.../log-2`), so that there never are two
signatures over different logs of one name and length. What had been signed last under the
old name is kept beside, word for word: in the entry, and in the folder of the log.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from engine.app import App
from engine.core.meanings import OfficeMeans
from engine.core.offices import Roster
from engine.core.world import World
from engine.errors import InputError, NotFound, Refused
from engine.services.cases import person_of
from engine.services.evidence import words
from engine.services.evidence.keys import LogKey, enter_key, new_key, read_key
from engine.services.evidence.refusing import (
    FORK,
    SealRefused,
    broken,
    origin_of,
    ready,
    root_at,
)
from engine.services.evidence.sealing import Sealed, seal_due
from engine.services.evidence.state import PRIVATE, State, write
from engine.services.itself import by
from engine.store.chains import SYSTEM
from engine.store.global_log import BrokenTree
from engine.store.global_log import origin_of as branch_name
from engine.store.roster import By
from engine.store.store import Store

PROPOSED = "fork_proposed"
"""The type of the entry by which the first of two people acknowledges a refusal."""


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """What acknowledging led to: nothing yet but one of two voices, or a new branch.

    `origin` is empty while a second person is missing; `sealed` is the branch's first
    checkpoint, None where another process is to sign it.
    """

    origin: str
    first: str
    sealed: Sealed | None = None


def refusal(app: App, store: Store) -> SealRefused | None:
    """Return why the log would not sign now, or None."""
    state = State(app.config)
    try:
        ready(store, state)
        tree = store.log.tree()
    except SealRefused as refused:
        return refused
    except BrokenTree:
        return broken(store, state)
    return None if root_at(store, tree.size) == tree.root else broken(store, state)


def acknowledge(app: App, person: str, reason: str) -> Acknowledged:
    """Acknowledge for one person that the log does not sign; the second begins a new branch.

    Both acknowledge the very same thing, and one of them acts for the legal office where
    somebody does. Refused where the log would sign, and for the same person twice; InputError
    without a reason.
    """
    if not reason.strip():
        raise InputError(
            "Schreiben Sie, was geschah und warum es hingenommen wird: --reason.",
            "Write what happened and why it is accepted: --reason.",
        )
    state = State(app.config)
    with app.database.write() as store:
        refused = _refused(store, state)
        world = app.world(store)
        uid = _person(store, world, person)
        first = _first(store, refused.mark)
        if first is None:
            _propose(app, store, refused, uid, reason)
            return Acknowledged("", uid)
        _refuse_alone(world, first, uid)
        origin = _begin(app, store, state, refused, (first, uid), reason)
    sealed = seal_due(app, at_once=True)
    return Acknowledged(origin, first, sealed)


def _refused(store: Store, state: State) -> SealRefused:
    try:
        ready(store, state)
    except SealRefused as refused:
        if refused.kind == words.UNUSABLE and state.key.exists():
            raise
        return refused
    raise Refused(
        "Das Protokoll unterschreibt; es gibt nichts zu erklären. Den Stand zeigt: rechtzeitig log "
        "status.",
        "The log signs; there is nothing to acknowledge. 'rechtzeitig log status' shows how far it "
        "is.",
    )


def _person(store: Store, world: World, words_: str) -> str:
    """Return the uid of a person of the roster, or of an administrator's account by its login."""
    try:
        return person_of(world, words_)
    except NotFound:
        for account, login in store.accounts.all():
            if login == words_ and account.administrator and account.state == "active":
                return account.person or account.uid
        raise


def _first(store: Store, mark: str) -> str | None:
    """Return who has acknowledged this very refusal, or None."""
    lines = (x for x in store.chains.typed(SYSTEM, PROPOSED) if x.plain["mark"] == mark)
    return next((line.actor for line in lines), None)


def _propose(app: App, store: Store, refused: SealRefused, person: str, reason: str) -> None:
    act = _by(app, person, f"{PROPOSED}:{refused.mark}")
    plain = {"kind": refused.kind, "mark": refused.mark}
    store.enter(act.line(SYSTEM, PROPOSED, plain, {"reason": reason.strip()}))


def _refuse_alone(world: World, first: str, second: str) -> None:
    if first == second:
        raise Refused(
            "Das haben Sie schon erklärt. Es fehlt eine zweite Person.",
            "You have acknowledged this already. A second person is missing.",
        )
    legal = _legal(world.roster, world)
    if legal and not legal & {first, second}:
        raise Refused(
            "Eine der beiden Personen muss für das Rechtsamt handeln.",
            "One of the two people must act for the legal office.",
        )


def _legal(roster: Roster, world: World) -> set[str]:
    offices = (o for o in roster.offices if roster.means(o) is OfficeMeans.LEGAL)
    return {t.person for o in offices for t in roster.acting(o, world.today)}


def _begin(
    app: App,
    store: Store,
    state: State,
    refused: SealRefused,
    people: tuple[str, str],
    reason: str,
) -> str:
    """Begin the next branch; return its name. What follows in files the sealing does."""
    tree = store.log.claim(wait=True)
    written = state.last() or ""
    branch = max(store.log.branch(), _branch(written, store.log.name)) + 1
    origin, before = branch_name(store.log.name, branch), store.log.origin()
    key = _key(state)
    plain: dict[str, Any] = {
        "origin": origin,
        "before": before,
        "kind": refused.kind,
        "mark": refused.mark,
        "remembered": written,
        "restored": state.mark(),
        "size": 0 if tree is None else tree.size,
        "root": "" if tree is None else tree.root.hex(),
        "vkey": key.public(origin).vkey,
        "with": people[0],
    }
    act = _by(app, people[1], f"{FORK}:{origin}")
    store.enter(act.line(SYSTEM, FORK, plain, {"reason": reason.strip()}))
    key_act = _by(app, people[1], f"log_key:{origin}")
    enter_key(store, key_act, key.public(origin), "fork")
    store.log.set_branch(branch)
    return origin


def _key(state: State) -> LogKey:
    """Return the key that lies there, or a new one in the place of one that is lost."""
    if not state.key.exists():
        write(state.key, new_key().pem, PRIVATE)
    return read_key(state.key)


def _branch(note: str, name: str) -> int:
    """Return the number of the branch of which a checkpoint is, 1 where it says nothing else."""
    told = origin_of(note).removeprefix(f"{name}/log-")
    return int(told) if told.isdecimal() and len(told) < 10 else 1


def _by(app: App, person: str, key: str) -> By:
    act = by(app, FORK)
    return By(person, "", act.recorded_at, act.happened_on, key)
