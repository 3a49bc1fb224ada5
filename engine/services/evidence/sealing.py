"""The log is sealed: entries get their places, and a checkpoint over them is signed.

Three steps, each whole before the next begins, so that a crash between two of them loses
nothing and never leads to two signatures over different logs of one length:

1. the entries get their places, and the database has kept that;
2. a checkpoint over exactly these is signed, and the file beside the database remembers it;
3. the database takes the checkpoint over.

A crash after 2 leaves a checkpoint that the database does not hold: the next sealing takes it
over as it is, after comparing it. Were the file written last, a database that is set back in
between could sign another log of that length; were the places kept together with the
checkpoint, the file could remember entries whose places were never kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from engine.app import App
from engine.core.ledger import microseconds
from engine.core.merkle import Frontier
from engine.core.notes import Checkpoint, Key, Note, NoteError, Signature, signed
from engine.crash import crashpoint
from engine.services.evidence.keys import LogKey, install, replacing
from engine.services.evidence.rechecking import EVERY, root_recomputed
from engine.services.evidence.refusing import Ready, SealRefused, broken, ready, root_at
from engine.services.evidence.state import State
from engine.services.evidence.telling import tell
from engine.store.columns import instant
from engine.store.global_log import LIMIT, BrokenTree, Standing, StoredCheckpoint
from engine.store.store import Store

DELAY = timedelta(seconds=60)
"""How long an entry may stay outside a checkpoint while rounds run."""

AT_ONCE = 20_000
"""Entries that get their places before a checkpoint is signed over them in a long queue."""

_TIME = "time "


@dataclass(frozen=True, slots=True)
class Sealed:
    """A checkpoint that was signed: its log, how many entries it covers, its root, and when.

    `placed` counts the entries that got their places on the way; `note` is what was signed.
    """

    origin: str
    size: int
    root: bytes
    signed_at: datetime
    note: str
    placed: int


def seal_due(app: App, *, at_once: bool = False) -> Sealed | None:
    """Give waiting entries their places and sign where that is due; return the checkpoint.

    Due are 500 entries, or any once the last checkpoint is so old that another round would be
    too late; `at_once` signs whatever is not signed yet. None where nothing is due, another
    process is at it, or another host signs; idle it costs one look. Raises SealRefused where
    the log must not sign, which has been told to those who have to know.
    """
    found = None
    while True:
        try:
            placed = _place(app)
            found = _seal_if_due(app, placed, at_once) or found
        except (SealRefused, BrokenTree) as error:
            refused = _as_refused(app, error)
            tell(app, refused)
            raise refused from error
        if placed < AT_ONCE:
            return found


def _as_refused(app: App, error: SealRefused | BrokenTree) -> SealRefused:
    if isinstance(error, SealRefused):
        return error
    with app.database.read() as store:
        return broken(store, State(app.config))


def _place(app: App) -> int:
    with app.database.read() as store:
        if not store.log.standing().waits:
            return 0
    placed = 0
    while placed < AT_ONCE:
        with app.database.write() as store:
            count = store.log.sequence()
            crashpoint("before-places-commit")
        crashpoint("after-places-commit")
        placed += count
        if count < LIMIT:
            break
    return placed


def _seal_if_due(app: App, placed: int, at_once: bool) -> Sealed | None:
    evidence = app.config.settings.evidence
    with app.database.read() as store:
        standing = store.log.standing()
    if not evidence.signs or not due(standing, app.clock.now(), app.config.settings.every, at_once):
        return None
    return _seal(app, placed)


def due(standing: Standing, now: datetime, every: int, at_once: bool = False) -> bool:
    """Return whether a checkpoint is due at `now` if there is a round each `every` seconds."""
    new = standing.size - standing.signed
    if new <= 0 or at_once or new >= LIMIT or standing.signed_at is None:
        return new > 0
    # Two rounds early: nothing may get older than the delay, also where a round is a bit late.
    rest = DELAY - 2 * timedelta(seconds=every)
    return not timedelta(0) <= now - standing.signed_at < rest


def _seal(app: App, placed: int) -> Sealed | None:
    state = State(app.config)
    with state.turn() as mine:
        if not mine:
            return None
        _recheck(app, state)
        with app.database.write() as store:
            tree = store.log.claim(wait=True)
            sealed = None if tree is None else _signed(app, store, state, tree, placed)
            crashpoint("before-seal-commit")
        crashpoint("after-seal-commit")
        _finish_rotation(app, state)
    return sealed


def _recheck(app: App, state: State) -> None:
    """Recompute what will be signed before every tenth checkpoint; no lock is held meanwhile."""
    with app.database.read() as store:
        if store.log.seals() % EVERY:
            return
        tree = store.log.tree()
        if root_recomputed(store.log, tree.size) != tree.root:
            raise broken(store, state)


def _signed(app: App, store: Store, state: State, tree: Frontier, placed: int) -> Sealed | None:
    found = ready(store, state)
    if found.missing is not None:
        _take_over(store, found.missing)
    if found.last is not None and found.last.size == tree.size:
        return None
    if root_at(store, tree.size) != tree.root:
        raise broken(store, state)
    return _sign(app, store, state, tree, found, placed)


def _take_over(store: Store, written: str) -> None:
    """Keep a checkpoint that was signed before a crash, as the file remembers it."""
    said = Checkpoint.read(Note.read(written).text)
    store.log.add_checkpoint(StoredCheckpoint(said.size, said.root, written, time_of(said)))
    store.log.count_seal()


def _sign(app: App, store: Store, state: State, tree: Frontier, by: Ready, placed: int) -> Sealed:
    at = _not_before(app.clock.now(), store.log.standing().signed_at)
    origin = by.public.name
    text = Checkpoint(origin, tree.size, tree.root, (f"{_TIME}{microseconds(at)}",)).text
    note = Note(text, tuple(_signatures(text, origin, [by.key, *replacing(state, store)], state)))
    crashpoint("after-signature")
    state.write_last(note.written, store.log.branch())
    crashpoint("after-signature-remembered")
    if state.mark():
        # Only what two people have acknowledged gets this far.
        state.unmark()
    store.log.add_checkpoint(StoredCheckpoint(tree.size, tree.root, note.written, at))
    store.log.count_seal()
    return Sealed(origin, tree.size, tree.root, at, note.written, placed)


def _signatures(text: str, origin: str, keys: list[LogKey], state: State) -> list[Signature]:
    """Return the signatures of all keys, each verified by other code than made it."""
    found = []
    for key in keys:
        public = key.public(origin)
        state.add_key(public.vkey)
        one = signed(text, public, key.sign)
        if not Note(text, (one,)).signed_by(public):
            raise AssertionError("a key signs what it does not verify")
        found.append(one)
    return found


def _finish_rotation(app: App, state: State) -> None:
    """Put a new key in force once a checkpoint with both signatures is on disk."""
    if not state.next_key.exists():
        return
    with app.database.read() as store:
        for key in replacing(state, store):
            if _has_signed(state.last(), key.public(store.log.origin())):
                install(state)


def _has_signed(written: str | None, key: Key) -> bool:
    try:
        return written is not None and Note.read(written).signed_by(key)
    except NoteError:
        return False


def time_of(checkpoint: Checkpoint) -> datetime:
    """Return when a checkpoint says to have been signed; raises ValueError where it does not."""
    for line in checkpoint.more:
        if line.startswith(_TIME):
            return instant(int(line.removeprefix(_TIME)))
    raise ValueError("the checkpoint names no time")


def _not_before(now: datetime, last: datetime | None) -> datetime:
    """Return the time to sign at: the present, but never earlier than the last one."""
    return now if last is None else max(now, last)
