"""Where the entries of a file stand in the log: their proofs, the keys, and the ways between."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from engine.app import App
from engine.core.merkle import consistency_by
from engine.core.notes import Checkpoint, Key, Note, NoteError
from engine.services.evidence.proofs import written
from engine.services.evidence.sealing import time_of
from engine.services.evidence.state import State
from engine.store.chains import StoredEntry
from engine.store.store import Store

WAYS = 1000
"""To how many earlier checkpoints a file leads, the newest ones."""


@dataclass(frozen=True, slots=True)
class Proven:
    """The proofs of entries by their row, all against one checkpoint; `whole` if none lacks."""

    note: Note | None
    sealed_at: datetime | None
    proofs: Mapping[int, str]
    whole: bool


def proven(store: Store, lines: Iterable[StoredEntry]) -> Proven:
    """Return the proofs of entries against the newest checkpoint, as far as it covers them."""
    rows, note = [line.id for line in lines], store.log.newest()
    if note is None:
        return Proven(None, None, {}, whole=False)
    said, nodes, proofs = Checkpoint.read(note.text), store.log.nodes, {}
    for row in rows:
        index = store.log.index_of(row)
        if index is not None and index < said.size:
            proofs[row] = written(index, note, nodes)
    return Proven(note, time_of(said), proofs, whole=len(proofs) == len(set(rows)))


def keys_of(app: App, note: Note | None) -> list[Key]:
    """Return the public keys that are known here, those that signed the checkpoint first."""
    found: list[Key] = []
    for vkey in State(app.config).vkeys():
        with suppress(NoteError):
            found.append(Key.read(vkey))
    signers = set() if note is None else {(s.name, s.identifier) for s in note.signatures}
    return sorted(found, key=lambda k: ((k.name, k.identifier) not in signers, k.algorithm))


def ways(store: Store, note: Note | None) -> str:
    """Return the consistency proofs from earlier checkpoints to this one, a line each.

    A line is the earlier size and the hashes of the proof, so that whoever remembers one of
    these checkpoints can see that the log only grew since.
    """
    if note is None:
        return ""
    size, nodes = Checkpoint.read(note.text).size, store.log.nodes
    earlier = [c.size for c in store.log.checkpoints() if c.size < size][-WAYS:]
    rows = ([str(n), *map(_based, consistency_by(nodes, n, size))] for n in earlier)
    return "".join(f"{' '.join(row)}\n" for row in rows)


def _based(data: bytes) -> str:
    return base64.b64encode(data).decode()
