"""The Merkle tree of the global log, exactly as RFC 6962, 2.1 and RFC 9162, 2.1 describe it.

The tree over the inputs d(0) .. d(n-1) has the root

    MTH({})         = SHA-256()
    MTH({d(0)})     = SHA-256(0x00 || d(0))                        a leaf
    MTH(D[n])       = SHA-256(0x01 || MTH(D[0:k]) || MTH(D[k:n]))  a node

where k is the largest power of two smaller than n. An *inclusion proof* of the leaf at an
index is the list of sibling hashes on its way to the root, the deepest first; a
*consistency proof* of two sizes is the list of hashes that lead to both roots. Indexes
count from 0, sizes are numbers of leaves, every hash has 32 bytes.

What makes a proof raises ValueError where it is asked for something that does not exist.
What verifies one answers True or False, and False also to whatever is not even well
formed: a wrong length, a negative number, a hash too many. A proof never raises.

`Nodes` is how proofs read a tree that is too large to hold: a function of (level, place)
that gives the root of the complete subtree over the leaves
`place * 2**level .. (place + 1) * 2**level - 1`; so proofs cost O(log n) hashes.

Standard library only: the verifier that goes to court has nothing else.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

HASH = 32
"""The length of every hash in bytes."""

EMPTY = hashlib.sha256().digest()
"""The root of the tree without leaves."""

Nodes = Callable[[int, int], bytes]


def leaf_hash(data: bytes) -> bytes:
    """Return the hash of a leaf."""
    return hashlib.sha256(b"\0" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of the node above two hashes."""
    return hashlib.sha256(b"\1" + left + right).digest()


def root(leaf_hashes: Sequence[bytes]) -> bytes:
    """Return the root of the tree over leaf hashes; of none, SHA-256 of nothing."""
    return root_by(nodes_of(leaf_hashes), len(leaf_hashes))


def inclusion_proof(leaf_hashes: Sequence[bytes], index: int) -> list[bytes]:
    """Return the proof that the leaf at `index` stands in the tree over all of them.

    Raises ValueError where there is no such leaf.
    """
    return inclusion_by(nodes_of(leaf_hashes), index, len(leaf_hashes))


def consistency_proof(leaf_hashes: Sequence[bytes], first_size: int) -> list[bytes]:
    """Return the proof that the tree over the first leaves is the beginning of the whole tree.

    The proof from the empty tree, and from the whole one, is empty. Raises ValueError where
    there are fewer leaves than `first_size`, or it is negative.
    """
    return consistency_by(nodes_of(leaf_hashes), first_size, len(leaf_hashes))


def verify_inclusion(
    leaf_hash: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes
) -> bool:
    """Return whether the proof leads from the leaf at `index` to the root of `size` leaves.

    RFC 9162, 2.1.3.2. Size and root must come from one signed checkpoint: sizes at which the
    way from the leaf to the root has the same turns are not told apart by the proof.
    """
    if not (_count(index) and _count(size) and _hashes([leaf_hash, root]) and _hashes(proof)):
        return False
    if index >= size:
        return False
    place, last, found = index, size - 1, leaf_hash
    for sibling in proof:
        if last == 0:
            return False
        if place & 1 or place == last:
            found = node_hash(sibling, found)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            found = node_hash(found, sibling)
        place, last = place >> 1, last >> 1
    return last == 0 and found == root


def verify_consistency(
    first_size: int,
    first_root: bytes,
    second_size: int,
    second_root: bytes,
    proof: Sequence[bytes],
) -> bool:
    """Return whether the first tree is the beginning of the second.

    RFC 9162, 2.1.4.2. From the empty tree only the empty proof is right, and only with the
    root of the empty tree.
    """
    if not (_count(first_size) and _count(second_size) and first_size <= second_size):
        return False
    if not (_hashes([first_root, second_root]) and _hashes(proof)):
        return False
    if first_size == 0:
        return not proof and first_root == EMPTY and (second_size > 0 or second_root == EMPTY)
    if first_size == second_size:
        return not proof and first_root == second_root
    return _leads_to_both(first_size, first_root, second_size, second_root, proof)


def _leads_to_both(
    first_size: int,
    first_root: bytes,
    second_size: int,
    second_root: bytes,
    proof: Sequence[bytes],
) -> bool:
    path = list(proof)
    if first_size & (first_size - 1) == 0:
        path.insert(0, first_root)
    if not path:
        return False
    place, last = first_size - 1, second_size - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    first = second = path[0]
    for sibling in path[1:]:
        if last == 0:
            return False
        if place & 1 or place == last:
            first, second = node_hash(sibling, first), node_hash(sibling, second)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            second = node_hash(second, sibling)
        place, last = place >> 1, last >> 1
    return last == 0 and first == first_root and second == second_root


def nodes_of(leaf_hashes: Sequence[bytes]) -> Nodes:
    """Return the nodes over leaf hashes held in memory; raises ValueError at a bad hash."""
    if not _hashes(leaf_hashes):
        raise ValueError("every leaf hash is 32 bytes")
    levels = [list(leaf_hashes)]
    while len(levels[-1]) > 1:
        below = levels[-1]
        pairs = zip(below[0::2], below[1::2], strict=False)
        levels.append([node_hash(left, right) for left, right in pairs])
    return lambda level, place: levels[level][place]


def root_by(nodes: Nodes, size: int) -> bytes:
    """Return the root of the first `size` leaves."""
    return _over(nodes, 0, size) if size else EMPTY


def inclusion_by(nodes: Nodes, index: int, size: int) -> list[bytes]:
    """Return the inclusion proof of a leaf among the first `size`; ValueError without it."""
    if not (_count(index) and _count(size) and index < size):
        raise ValueError(f"there is no leaf {index} in a tree of {size}")
    path, begin, end = [], 0, size
    while end - begin > 1:
        middle = begin + _split(end - begin)
        if index < middle:
            path.append(_over(nodes, middle, end))
            end = middle
        else:
            path.append(_over(nodes, begin, middle))
            begin = middle
    return path[::-1]


def consistency_by(nodes: Nodes, first_size: int, second_size: int) -> list[bytes]:
    """Return the consistency proof of two sizes; ValueError where the first is the larger."""
    if not (_count(first_size) and _count(second_size) and first_size <= second_size):
        raise ValueError(f"a tree of {second_size} has none of {first_size} as its beginning")
    path: list[bytes] = []
    begin, end = 0, second_size
    if first_size in (0, second_size):
        return path
    while first_size != end:
        middle = begin + _split(end - begin)
        if first_size <= middle:
            path.append(_over(nodes, middle, end))
            end = middle
        else:
            path.append(_over(nodes, begin, middle))
            begin = middle
    if begin:
        # The verifier cannot know this subtree; the one from 0 it knows as the first root.
        path.append(_over(nodes, begin, end))
    return path[::-1]


@dataclass(frozen=True, slots=True)
class Frontier:
    """A tree that only grows: its size and the roots of its complete subtrees, largest first.

    There is one for each bit set in `size`; no more is needed to go on and to tell the root.
    """

    size: int = 0
    peaks: tuple[bytes, ...] = ()

    @classmethod
    def read(cls, size: int, stored: bytes) -> Frontier:
        """Return the frontier whose peaks were stored one behind the other."""
        if size < 0 or len(stored) != HASH * size.bit_count():
            raise ValueError(f"{len(stored)} bytes are no frontier of {size} leaves")
        peaks = (stored[i : i + HASH] for i in range(0, len(stored), HASH))
        return cls(size, tuple(peaks))

    @property
    def stored(self) -> bytes:
        """The peaks one behind the other."""
        return b"".join(self.peaks)

    @property
    def root(self) -> bytes:
        """The root of the tree."""
        return _folded(self.peaks) if self.peaks else EMPTY

    def grown(self, leaf_hashes: Iterable[bytes]) -> Frontier:
        """Return the tree after these leaves."""
        size, peaks = self.size, list(self.peaks)
        for found in leaf_hashes:
            joined, full = found, size
            while full & 1:
                joined, full = node_hash(peaks.pop(), joined), full >> 1
            peaks.append(joined)
            size += 1
        return Frontier(size, tuple(peaks))


def _over(nodes: Nodes, begin: int, end: int) -> bytes:
    """Return the root over leaves from a `begin` that divides by the largest subtree."""
    peaks = []
    while begin < end:
        level = (end - begin).bit_length() - 1
        peaks.append(nodes(level, begin >> level))
        begin += 1 << level
    return _folded(peaks)


def _folded(peaks: Sequence[bytes]) -> bytes:
    found = peaks[-1]
    for peak in reversed(peaks[:-1]):
        found = node_hash(peak, found)
    return found


def _split(size: int) -> int:
    """Return the largest power of two smaller than `size`, which is 2 or more."""
    return 1 << ((size - 1).bit_length() - 1)


def _count(number: object) -> bool:
    return isinstance(number, int) and not isinstance(number, bool) and number >= 0


def _hashes(found: Sequence[object]) -> bool:
    return isinstance(found, (list, tuple)) and all(
        isinstance(one, bytes) and len(one) == HASH for one in found
    )
