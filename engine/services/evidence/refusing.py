"""Whether the log may sign: what is about to be signed is compared with what was signed last.

A signature over two different logs of one length would be worth less than none. So nothing is
signed unless the database still holds, unchanged, everything that the checkpoint outside of it
covers, and the key is the one that signed it. A refusal is no fault of the program: somebody
has to look. It names what does not fit and what may be done.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from engine.core.merkle import root_by
from engine.core.notes import Checkpoint, Key, Note, NoteError, opened
from engine.errors import EngineError, Refused, Text
from engine.services.evidence import words
from engine.services.evidence.keys import LogKey, read_key
from engine.services.evidence.state import State
from engine.store.global_log import BrokenTree
from engine.store.store import Store

FORK = "fork"
"""The type of the entry by which two people begin a new branch of the log."""


class SealRefused(Refused):
    """The log does not sign. `kind` says why in a word, `mark` what it is about.

    The mark is the same however much is entered meanwhile: it is told once, and two people
    acknowledge the same thing.
    """

    def __init__(self, kind: str, said: Text, mark: str = "") -> None:
        super().__init__(said.de, said.en)
        self.kind = kind
        self.mark = mark


@dataclass(frozen=True, slots=True)
class Ready:
    """What may be signed next: by whom, under which name, behind what was signed last.

    `missing` is a checkpoint that was signed, but that the database never came to hold.
    """

    key: LogKey
    public: Key
    last: Checkpoint | None
    missing: str | None


def ready(store: Store, state: State) -> Ready:
    """Return what the log is ready to sign with; raises SealRefused where it must not sign."""
    try:
        return _compared(store, state, _Fork.of(store))
    except SealRefused as refused:
        refused.mark = mark(store, state)
        raise
    except EngineError as error:
        # A key or folder that cannot be used: nothing to acknowledge, yet somebody must look.
        raise SealRefused(words.UNUSABLE, error.text, mark(store, state)) from error


def mark(store: Store, state: State) -> str:
    """Return what tells this refusal from every other one."""
    newest = store.log.last()
    key = b""
    with suppress(EngineError):
        key = read_key(state.key).public("").public
    parts = [state.last() or "", "" if newest is None else newest.note, state.mark(), key.hex()]
    digests = (hashlib.sha256(part.encode(errors="surrogateescape")).digest() for part in parts)
    return hashlib.sha256(b"".join(digests)).hexdigest()


@dataclass(frozen=True, slots=True)
class _Fork:
    """The branch of the log that the database is on, and what was acknowledged for it."""

    origin: str
    said: Mapping[str, Any]
    begun: bool

    @classmethod
    def of(cls, store: Store) -> _Fork:
        origin, newest = store.log.origin(), store.log.last()
        begun = newest is not None and origin_of(newest.note) == origin
        line = None if store.log.branch() < 2 else store.chains.line(f"{FORK}:{origin}")
        return cls(origin, {} if line is None else line.entry.plain, begun)


def _compared(store: Store, state: State, fork: _Fork) -> Ready:
    if state.mark() and state.mark() != fork.said.get("restored"):
        raise SealRefused("restored", words.RESTORED)
    key = read_key(state.key)
    public = key.public(fork.origin)
    known = state.keys(fork.origin)
    if public not in known and public.vkey != fork.said.get("vkey"):
        raise SealRefused("key", words.key(public.vkey))
    written = state.last()
    if written is None:
        _refuse_unremembered(store, fork)
        return Ready(key, public, None, None)
    if origin_of(written) != fork.origin:
        if fork.begun or fork.said.get("remembered") != written:
            raise SealRefused("origin", words.origin(origin_of(written), fork.origin))
        return Ready(key, public, None, None)
    last = _opened(written, known)
    if not Note.read(written).signed_by(public):
        raise SealRefused("key", words.key(public.vkey))
    return Ready(key, public, last, _held(store, last, written))


def _refuse_unremembered(store: Store, fork: _Fork) -> None:
    """Raise where nothing is remembered outside although something was signed."""
    acknowledged = not fork.begun and fork.said.get("remembered") == ""
    if store.log.last() is not None and not acknowledged:
        raise SealRefused("forgotten", words.FORGOTTEN)


def _opened(written: str, known: list[Key]) -> Checkpoint:
    try:
        return opened(written, origin_of(written), known)
    except NoteError:
        raise SealRefused("unreadable", words.UNREADABLE) from None


def _held(store: Store, last: Checkpoint, written: str) -> str | None:
    """Compare the database with what was signed last; return what it has yet to take over."""
    size, newest = store.log.size(), store.log.last()
    if size < last.size:
        raise SealRefused("shorter", words.shorter(size, last.size))
    if root_at(store, last.size) != last.root:
        raise SealRefused("other", words.other(last.size))
    if newest is not None and newest.size > last.size:
        raise SealRefused("behind", words.behind(last.size, newest.size))
    if newest is None or newest.size < last.size:
        return written
    if newest.note != written:
        raise SealRefused("other", words.other(last.size))
    return None


def root_at(store: Store, size: int) -> bytes | None:
    """Return the root of the first `size` entries as the tree tells it, None if it is broken."""
    try:
        return root_by(store.log.nodes, size)
    except BrokenTree:
        return None


def broken(store: Store, state: State) -> SealRefused:
    """Return that the tree in the database is not what it should be."""
    return SealRefused("tree", words.TREE, mark(store, state))


def origin_of(note: str) -> str:
    """Return the first line of a checkpoint: of which log it is."""
    return note.split("\n", 1)[0]
