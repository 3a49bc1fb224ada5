"""The global tree is built anew from recomputed leaves, and compared with what is stored of it.

The leaves come from the headers' bytes, never from the column that holds their hash. From them
follow the tiles, the peaks of the frontier and the root of every checkpoint; a checkpoint whose
root comes out shows that the log up to there is what was signed.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from itertools import count

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from engine.core.merkle import HASH, Frontier
from engine.core.notes import COSIGNATURE, ED25519, Checkpoint, Key, Note, NoteError, Signature
from engine.errors import Text
from engine.services.evidence.faults import Fault, Layer
from engine.services.evidence.strands import Places
from engine.store.examined import Rows

DRIFT = 5 * 60 * 1_000_000
"""How many microseconds an entry may be recorded outside of its neighbouring checkpoints."""
_NONE = bytes(HASH)
_TWO = 2 * HASH
_HEIGHT = 8
_TILE_BYTES = 2**_HEIGHT * HASH

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
        self._levels: list[bytes | bytearray] = []
        self.sound = True

    def put(self, places: Places) -> None:
        """Take leaves at their places; two at one place are unsound.

        What got a place beyond the end meanwhile is left to the next examination.
        """
        self._levels = []
        held, recorded, new = self._hashes, self._recorded, bytes(places.leaves)
        for n, (index, at) in enumerate(zip(places.indexes, places.recorded, strict=True)):
            begin = index * HASH
            if index >= self.size:
                continue
            if index < 0 or held[begin : begin + HASH] != _NONE:
                self.sound = False
                continue
            held[begin : begin + HASH] = new[n * HASH : n * HASH + HASH]
            recorded[index] = at
            self._filled += 1

    @property
    def whole(self) -> bool:
        """Whether every place is taken once."""
        return self.sound and self._filled == self.size

    def recorded(self, first: int, end: int) -> Iterator[tuple[int, int]]:
        """Yield index and microsecond of recording of the leaves from `first` to `end - 1`."""
        return enumerate(self._recorded[first:end], start=first)

    def tiles(self, level: int) -> bytes | bytearray:
        """Return the hashes of a level of tiles: the leaves, then the roots of full tiles below."""
        if not self._levels:
            self._levels = list(_levels(self._hashes))
        return self._levels[level] if level < len(self._levels) else b""

    def tree(self, size: int) -> Frontier:
        """Return the tree of the first `size` leaves; raises ValueError if there are fewer."""
        if not 0 <= size <= self.size:
            raise ValueError(f"{self.size} leaves have no tree of {size}")
        peaks, begin = [], 0
        for number in reversed(range(size.bit_length())):
            if size >> number & 1:
                level, within = divmod(number, _HEIGHT)
                place = (begin >> level * _HEIGHT) * HASH
                peaks.append(_root(self.tiles(level)[place : place + (HASH << within)]))
                begin += 1 << number
        return Frontier(size, tuple(peaks))


def _levels(leaves: bytes | bytearray) -> Iterator[bytes | bytearray]:
    level = leaves
    while level:
        yield level
        full = len(level) // _TILE_BYTES
        tiles = (level[n * _TILE_BYTES : (n + 1) * _TILE_BYTES] for n in range(full))
        level = b"".join(map(_root, tiles))


def _root(hashes: bytes | bytearray) -> bytes:
    """Return the root over a power of two of hashes."""
    # A million calls of `node_hash`, whose checks these cannot fail, would cost half a second.
    while len(hashes) > HASH:
        pairs = [b"\x01" + hashes[n : n + _TWO] for n in range(0, len(hashes), _TWO)]
        hashes = b"".join([sha256(pair).digest() for pair in pairs])
    return bytes(hashes)


def tree_faults(rows: Rows, leaves: Leaves) -> Iterator[Fault]:
    """Yield what does not hold of places, state and tiles."""
    if not leaves.whole:
        yield _fault(Layer.PLACE, _GAP)
    stored = rows.states()
    if leaves.size or stored:
        tree = leaves.tree(leaves.size)
        if [row[:2] for row in stored] != [(tree.size, tree.stored)]:
            yield _fault(Layer.TREE, _STATE)
    if not _tiles_fit(rows, leaves):
        yield _fault(Layer.TILE, _TILE)


def _fault(layer: Layer, what: Text) -> Fault:
    return Fault("", 0, what, layer)


def _tiles_fit(rows: Rows, leaves: Leaves) -> bool:
    """Return whether the stored tiles are the full tiles of the tree, no more and no fewer."""
    stored = rows.tiles()
    for level in count():
        hashes = leaves.tiles(level)
        for n in range(len(hashes) // _TILE_BYTES):
            tile = hashes[n * _TILE_BYTES : (n + 1) * _TILE_BYTES]
            if next(stored, None) != (level, n, tile):
                return False
        if len(hashes) < _TILE_BYTES:
            return next(stored, None) is None
    raise AssertionError("there is no end to the levels of a tree")


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
