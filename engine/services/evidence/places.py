"""The global tree is built anew from recomputed leaves, and compared with what is stored of it.

The leaves come from the headers' bytes, never from the column that holds their hash. From them
follow the tiles, the peaks of the frontier and the root of every checkpoint; a checkpoint whose
root comes out shows that the log up to there is what was signed.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from engine.core.merkle import HASH, Frontier, node_hash
from engine.core.notes import COSIGNATURE, ED25519, Checkpoint, Key, Note, NoteError, Signature
from engine.errors import Text
from engine.services.evidence.faults import Fault, Layer
from engine.services.evidence.units import Place
from engine.store.examined import Rows

WIDTH = 256
"""How many hashes a tile holds (C2SP tlog-tiles)."""
DRIFT = 5 * 60 * 1_000_000
"""How many microseconds an entry may be recorded outside of its neighbouring checkpoints."""
_NONE = bytes(HASH)

_GAP = Text(
    "Im Gesamtprotokoll fehlen Einträge, oder zwei stehen am selben Platz.",
    "Entries are missing from the global log, or two stand in one place.",
)
_STATE = Text(
    "Der Stand des Gesamtprotokolls (log_state) passt nicht zu seinen Einträgen.",
    "The state of the global log (log_state) does not fit its entries.",
)
_TILE = Text(
    "Eine Kachel des Gesamtprotokolls passt nicht zu seinen Einträgen, fehlt oder ist zu viel.",
    "A tile of the global log does not fit its entries, is missing or is one too many.",
)


@dataclass(frozen=True, slots=True)
class Sealed:
    """A checkpoint that is signed and whose root was recomputed: its size and when signed."""

    size: int
    root: bytes
    signed_at: int
    text: str


class Leaves:
    """The leaves of the global tree by their index, 32 bytes each, and when each was recorded."""

    def __init__(self, count: int) -> None:
        self.size = count
        self._hashes = bytearray(HASH * count)
        self._recorded = array("q", bytes(8 * count))
        self._filled = 0
        self.sound = True

    def put(self, places: Iterable[Place]) -> None:
        """Take leaves at their places; two at one, or one beyond the end, is unsound."""
        for index, leaf, recorded in places:
            begin = index * HASH
            if not 0 <= index < self.size or self._hashes[begin : begin + HASH] != _NONE:
                self.sound = False
                continue
            self._hashes[begin : begin + HASH] = leaf
            self._recorded[index] = recorded
            self._filled += 1

    @property
    def whole(self) -> bool:
        """Whether every place is taken once."""
        return self.sound and self._filled == self.size

    def recorded(self, first: int, end: int) -> Iterator[tuple[int, int]]:
        """Yield index and microsecond of recording of the leaves from `first` to `end - 1`."""
        return enumerate(self._recorded[first:end], start=first)

    def hashes(self, first: int, end: int) -> Iterator[bytes]:
        """Yield the leaf hashes from `first` to `end - 1`."""
        held = bytes(self._hashes[first * HASH : end * HASH])
        return (held[i : i + HASH] for i in range(0, len(held), HASH))

    def bytes_of(self, tile: int) -> bytes:
        """Return the hashes of a full tile of leaves."""
        return bytes(self._hashes[tile * WIDTH * HASH : (tile + 1) * WIDTH * HASH])

    def roots(self, sizes: Sequence[int]) -> dict[int, Frontier]:
        """Return the tree at each of these sizes, which no larger one may exceed."""
        found, tree = {}, Frontier()
        for size in sorted({*sizes, self.size}):
            tree = tree.grown(self.hashes(tree.size, size))
            found[size] = tree
        return found


def tree_faults(rows: Rows, leaves: Leaves) -> Iterator[Fault]:
    """Yield what does not hold of places, state and tiles."""
    if not leaves.whole:
        yield _fault(Layer.PLACE, _GAP)
    stored = rows.states()
    if leaves.size or stored:
        tree = leaves.roots(())[leaves.size]
        if [row[:2] for row in stored] != [(tree.size, tree.stored)]:
            yield _fault(Layer.TREE, _STATE)
    if not _tiles_fit(rows, leaves):
        yield _fault(Layer.TILE, _TILE)


def _fault(layer: Layer, what: Text) -> Fault:
    return Fault("", 0, what, layer)


def _tiles_fit(rows: Rows, leaves: Leaves) -> bool:
    """Return whether the stored tiles are the full tiles of the tree, no more and no fewer."""
    stored = rows.tiles()
    level, count = 0, leaves.size
    tile: Callable[[int], bytes] = leaves.bytes_of
    while count >= WIDTH:
        above = []
        for n in range(count // WIDTH):
            hashes = tile(n)
            if next(stored, None) != (level, n, hashes):
                return False
            above.append(_root([hashes[i : i + HASH] for i in range(0, len(hashes), HASH)]))
        level, count = level + 1, len(above)
        tile = partial(_cut, b"".join(above))
    return next(stored, None) is None


def _cut(joined: bytes, tile: int) -> bytes:
    return joined[tile * WIDTH * HASH : (tile + 1) * WIDTH * HASH]


def _root(hashes: list[bytes]) -> bytes:
    while len(hashes) > 1:
        pairs = zip(hashes[::2], hashes[1::2], strict=True)
        hashes = [node_hash(left, right) for left, right in pairs]
    return hashes[0]


class Checks:
    """Signatures are checked here, by a library that is a hundred times as fast as our own."""

    def __init__(self, keys: Iterable[Key]) -> None:
        self._keys = {(k.name, k.identifier): k for k in keys}

    def of(self, signature: Signature) -> Key | None:
        """Return the known key that a signature names, or None."""
        return self._keys.get((signature.name, signature.identifier))

    def sound(self, text: str, signature: Signature) -> bool:
        """Return whether a known key has made this signature over a note's text."""
        key = self.of(signature)
        if key is None:
            return False
        said, data = text.encode(), signature.data
        if key.algorithm == COSIGNATURE:
            second, data = int.from_bytes(data[:8]), data[8:]
            said = f"cosignature/v1\ntime {second}\n{text}".encode()
        try:
            Ed25519PublicKey.from_public_bytes(key.public).verify(data, said)
        except (InvalidSignature, ValueError):
            return False
        return True

    def opened(self, written: str) -> Checkpoint | None:
        """Return the checkpoint of a note that a key of its log has signed, else None.

        A false signature of a known key spoils the note, however many sound ones there are.
        """
        try:
            note = Note.read(written)
            found = Checkpoint.read(note.text)
        except (NoteError, ValueError, TypeError, AttributeError):
            return None
        known = [s for s in note.signatures if self.of(s) is not None]
        ours = [s for s in known if s.name == found.origin and _algorithm(self, s) == ED25519]
        sound = all(self.sound(note.text, s) for s in known)
        return found if ours and sound else None


def _algorithm(checks: Checks, signature: Signature) -> int:
    key = checks.of(signature)
    return 0 if key is None else key.algorithm


def root_at(leaves: Leaves, size: int) -> bytes:
    """Return the root of the first `size` leaves."""
    tree = Frontier().grown(leaves.hashes(0, size))
    return tree.root
