"""What witnesses are shown, and what they hand back; nothing here tells of any case.

A checkpoint and the proof that leads to it are what anybody may know: how many entries there
are, and numbers that say nothing of what stands in them. The entries themselves are not
handed out.
"""

from __future__ import annotations

from engine.app import App
from engine.core.merkle import consistency_by
from engine.core.notes import COSIGNATURE, Checkpoint, Key, Note, NoteError
from engine.core.witness import Offer
from engine.errors import InputError, NotFound, Refused
from engine.services.evidence.state import State
from engine.services.itself import by
from engine.store.chains import SYSTEM
from engine.store.columns import instant
from engine.store.global_log import WIDTH
from engine.store.store import Store

TYPE = "witness"
"""The type of the entry by which a witness is taken on."""

_LEVELS = 8
_LATEST = 253_402_300_799
"""The last second that a date can name, of the year 9999."""


class Ahead(Refused):
    """The witness remembers a longer log than there is; `size` is how long this one is."""

    def __init__(self, size: int) -> None:
        super().__init__(
            f"Der Zeuge kennt ein längeres Protokoll als dieses mit {size} Einträgen.",
            f"The witness knows a longer log than this one of {size} entries.",
        )
        self.size = size


def newest(store: Store) -> Note:
    """Return the newest checkpoint with its cosignatures; NotFound while there is none."""
    found = store.log.newest()
    if found is None:
        raise NotFound(
            "Das Protokoll hat noch keinen Prüfpunkt. Sofort einen macht: rechtzeitig log seal.",
            "The log has no checkpoint yet. To make one at once: rechtzeitig log seal.",
        )
    return found


def offer(store: Store, old: int) -> Offer:
    """Return the newest checkpoint and the proof that leads to it from a log of `old` entries.

    Raises NotFound while there is no checkpoint, Ahead where `old` is beyond it.
    """
    note = newest(store)
    size = Checkpoint.read(note.text).size
    if old > size:
        raise Ahead(size)
    return Offer(old, tuple(consistency_by(store.log.nodes, old, size)), note)


def tile(store: Store, level: int, place: int, width: int = WIDTH) -> bytes:
    """Return a tile of the tree below the newest checkpoint (c2sp.org/tlog-tiles).

    `width` is how many hashes a partial one has. Raises NotFound where there is no such tile.
    """
    size = Checkpoint.read(newest(store).text).size >> _LEVELS * level
    first = place * WIDTH
    if first + width > size:
        raise NotFound("Diese Kachel gibt es nicht.", "There is no such tile.")
    nodes = store.log.nodes
    return b"".join(nodes(_LEVELS * level, first + n) for n in range(width))


def take_on(app: App, vkey: str, person: str = "") -> Key:
    """Take on a witness by its public key; return it. Entered, and harmless a second time."""
    try:
        key = Key.read(vkey)
    except NoteError:
        key = None
    if key is None or key.algorithm != COSIGNATURE:
        raise InputError(
            "Das ist nicht der Schlüssel eines Zeugen. Ihn zeigt beim Zeugen: rechtzeitig "
            "witness show.",
            "This is not the key of a witness. On the witness's side it is shown by: rechtzeitig "
            "witness show.",
        )
    state = State(app.config)
    if key in state.keys(key.name):
        return key
    with app.database.write() as store:
        act = by(app, TYPE)
        store.enter(act.line(SYSTEM, TYPE, {"vkey": key.vkey}, {"by": person} if person else {}))
    state.add_key(key.vkey)
    return key


def take_back(app: App, written: str) -> tuple[int, list[str]]:
    """Keep the cosignatures under a checkpoint that a witness hands back.

    Return the size of its log and the names of those that are new. Raises InputError where it
    is none of our checkpoints, or no witness that is known here has cosigned it soundly.
    """
    try:
        note = Note.read(written)
        size = Checkpoint.read(note.text).size
    except NoteError as error:
        raise _unusable("Die Datei ist kein Prüfpunkt", "The file is no checkpoint") from error
    with app.database.write() as store:
        ours = store.log.checkpoint_of(size)
        if ours is None or ours.text != note.text:
            raise _unusable(
                "Dieser Prüfpunkt ist nicht von diesem Protokoll",
                "This checkpoint is not of this log",
            )
        return size, _kept(State(app.config), store, note, size)


def _kept(state: State, store: Store, note: Note, size: int) -> list[str]:
    new, known = [], False
    for signature in note.signatures:
        for key in state.keys(signature.name):
            if key.algorithm != COSIGNATURE or key.identifier != signature.identifier:
                continue
            second = _seen(Note(note.text, (signature,)), key)
            known = True
            if store.log.cosign(size, key.name, signature, instant(second * 1_000_000)):
                new.append(key.name)
    if not known:
        raise _unusable(
            "Kein bekannter Zeuge hat ihn mitunterschrieben. Nehmen Sie den Zeugen auf mit "
            "rechtzeitig log cosign --witness SCHLÜSSEL",
            "No known witness has cosigned it. Take the witness on by rechtzeitig log cosign "
            "--witness KEY",
        )
    return new


def _seen(note: Note, key: Key) -> int:
    try:
        second = note.seen_at(key)
    except NoteError:
        second = None
    if second is None or second > _LATEST:
        raise _unusable(
            f"Die Unterschrift von {key.name} stimmt nicht", f"The signature of {key.name} is wrong"
        )
    return second


def _unusable(de: str, en: str) -> InputError:
    return InputError(f"{de}. Es wurde nichts übernommen.", f"{en}. Nothing was taken over.")
