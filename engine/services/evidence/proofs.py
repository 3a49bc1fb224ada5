"""That an entry stands in the log, for somebody who has neither the log nor this program.

The text is a proof as c2sp.org/tlog-proof describes it: the entry's place, the sibling hashes
on its way to the root, and the checkpoint with that root. A proof shows that the entry was in
the log when the checkpoint was signed, and not that what it says is true.
"""

from __future__ import annotations

import base64

from engine.core.merkle import Nodes, inclusion_by
from engine.core.notes import Checkpoint, Note
from engine.errors import Refused
from engine.store.store import Store

HEADER = "c2sp.org/tlog-proof@v1"


def proof_of(store: Store, entry_id: int) -> str:
    """Return the proof that an entry stands in the log of the newest checkpoint.

    Raises Refused while no checkpoint covers it.
    """
    [proof] = proofs_of(store, [entry_id])
    return proof


def proofs_of(store: Store, entry_ids: list[int]) -> list[str]:
    """Return the proofs of entries, all against the newest checkpoint; raises as `proof_of`."""
    note, nodes = store.log.newest(), store.log.nodes
    size = 0 if note is None else Checkpoint.read(note.text).size
    found = []
    for entry_id in entry_ids:
        index = store.log.index_of(entry_id)
        if note is None or index is None or index >= size:
            raise _not_yet()
        found.append(written(index, note, nodes))
    return found


def written(index: int, note: Note, nodes: Nodes) -> str:
    """Return the text of a proof of the entry at `index` against a checkpoint."""
    size = Checkpoint.read(note.text).size
    path = (base64.b64encode(one).decode() for one in inclusion_by(nodes, index, size))
    lines = "".join(f"{line}\n" for line in (HEADER, f"index {index}", *path))
    return f"{lines}\n{note.written}"


def _not_yet() -> Refused:
    return Refused(
        "Diesen Eintrag deckt noch kein Prüfpunkt. Beim Fristenlauf dauert das höchstens eine "
        "Minute; sofort geht es mit: rechtzeitig log seal.",
        "No checkpoint covers this entry yet. While the clock runs that takes a minute at most; "
        "at once by: rechtzeitig log seal.",
    )
