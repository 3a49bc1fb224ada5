"""Proofs that must be refused: the published ones, spoilt in every way that was seen to pass.

Each is a name and the arguments of a verification that has to answer False.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from engine.core.merkle import EMPTY, leaf_hash, node_hash, root
from tests.core.published import CONSISTENCY, INCLUSION, LEAVES, ROOTS

Spoilt = tuple[str, tuple[Any, ...]]

OTHER = bytes.fromhex("abacaba000000000000000000000000000000000000000000060061e00123456")
_NO_HASHES = {
    "empty": b"",
    "12-bytes": bytes(12),
    "31-bytes": bytes(31),
    "33-bytes": bytes(33),
    "64-bytes": bytes(64),
    "text": "0" * 32,
    "none": None,
    "bytearray": bytearray(32),
}
_NO_SIZES = {
    "minus-1": -1,
    "true": True,
    "float": 1.0,
    "text": "1",
    "none": None,
    "nan": float("nan"),
}


def inclusion() -> Iterator[Spoilt]:
    """Yield (leaf hash, index, size, proof, root) that prove nothing."""
    for (index, size), proof in INCLUSION.items():
        name = f"inclusion {index} of {size}"
        leaf, top = LEAVES[index], ROOTS[size]
        for way, wrong in _proofs(proof, top):
            yield f"{name}: {way}", (leaf, index, size, wrong, top)
        for way, found in _NO_HASHES.items():
            yield f"{name}: leaf {way}", (found, index, size, proof, top)
            yield f"{name}: root {way}", (leaf, index, size, proof, found)
        for way, number in _NO_SIZES.items():
            yield f"{name}: index {way}", (leaf, number, size, proof, top)
            yield f"{name}: size {way}", (leaf, index, number, proof, top)
        yield f"{name}: another leaf", (OTHER, index, size, proof, top)
        yield f"{name}: another root", (leaf, index, size, proof, OTHER)
        yield f"{name}: the empty tree's root", (leaf, index, size, proof, EMPTY)
        yield f"{name}: index is size", (leaf, size, size, proof, top)
        yield f"{name}: index beyond size", (leaf, size + 1, size, proof, top)
        yield f"{name}: index ^ 2", (leaf, index ^ 2, size, proof, top)
        yield f"{name}: the next index", (leaf, index + 1, size, proof, top)
        yield f"{name}: size 0", (leaf, index, 0, proof, top)
        yield f"{name}: a bit more in size", (leaf, index, 2 * size, proof, top)
        yield f"{name}: a bit less in size", (leaf, index, size // 2, proof, top)
        yield f"{name}: 64 bits more in size", (leaf, index, size << 64, proof, top)
    both = LEAVES[0] + LEAVES[1]
    yield "a node as a leaf", (node_hash(*LEAVES[:2]), 0, 4, [root(LEAVES[2:4])], ROOTS[4])
    yield "a node's halves as a leaf", (leaf_hash(both), 0, 2, [root(LEAVES[2:4])], ROOTS[4])
    yield "a node as the only leaf", (ROOTS[8], 0, 8, [], ROOTS[8])
    yield "a leaf as its own root", (LEAVES[1], 1, 2, [], LEAVES[1])
    yield "a leaf in the empty tree", (LEAVES[0], 0, 0, [], EMPTY)
    yield "the empty tree in itself", (EMPTY, 0, 0, [], EMPTY)
    yield "equal roots of 12 bytes", (bytes(12), 0, 1, [], bytes(12))


def consistency() -> Iterator[Spoilt]:
    """Yield (first size, first root, second size, second root, proof) that prove nothing."""
    for (first, second), proof in CONSISTENCY.items():
        name = f"consistency {first} to {second}"
        one, two = ROOTS[first], ROOTS[second]
        for way, wrong in _proofs(proof, one, two):
            yield f"{name}: {way}", (first, one, second, two, wrong)
        for way, found in _NO_HASHES.items():
            yield f"{name}: first root {way}", (first, found, second, two, proof)
            yield f"{name}: second root {way}", (first, one, second, found, proof)
        for way, number in _NO_SIZES.items():
            yield f"{name}: first size {way}", (number, one, second, two, proof)
            yield f"{name}: second size {way}", (first, one, number, two, proof)
        yield f"{name}: another first root", (first, OTHER, second, two, proof)
        yield f"{name}: another second root", (first, one, second, OTHER, proof)
        yield f"{name}: back in time", (second + 1, two, first, one, proof)
        yield f"{name}: a bit more in size", (first, one, 2 * second, two, proof)
        yield f"{name}: from 0", (0, one, second, two, proof)
        yield f"{name}: from 0, to 0", (0, one, 0, two, proof)
        if first < second:
            yield f"{name}: roots swapped", (first, two, second, one, proof)
            yield f"{name}: sizes swapped", (second, one, first, two, proof)
            yield f"{name}: sizes equal", (second, one, second, two, proof)
            yield f"{name}: first size ^ 2", (first ^ 2, one, second, two, proof)
            yield f"{name}: a bit less in size", (first, one, second // 2, two, proof)
    yield "from 0 with a proof", (0, EMPTY, 1, LEAVES[0], [EMPTY])
    yield "from 0 to 0 with a proof", (0, EMPTY, 0, EMPTY, [EMPTY])
    yield "from 0 with another root", (0, OTHER, 8, ROOTS[8], [])
    yield "from 0 to 0 with another root", (0, EMPTY, 0, OTHER, [])
    yield "from 0 to 0 with equal wrong roots", (0, OTHER, 0, OTHER, [])
    yield "equal sizes, different roots", (8, ROOTS[8], 8, ROOTS[7], [])
    yield "equal sizes, equal roots, a proof", (8, ROOTS[8], 8, ROOTS[8], [ROOTS[8]])
    yield "equal roots of 12 bytes", (1, bytes(12), 1, bytes(12), [])
    yield "different sizes, equal roots, no proof", (4, ROOTS[4], 8, ROOTS[4], [])


def _proofs(proof: list[bytes], *roots: bytes) -> Iterator[tuple[str, Any]]:
    """Yield the ways to spoil the hashes of a proof."""
    for way, found in _NO_HASHES.items():
        yield f"{way} behind", [*proof, found]
        yield f"{way} before", [found, *proof]
    for n, found in enumerate(roots):
        yield f"root {n} behind", [*proof, found]
        yield f"root {n} before", [found, *proof]
    yield "no list", None
    yield "a set", set(proof)
    yield "one long string", b"".join(proof) or b"x"
    yield "a generator", iter(proof)
    yield "a thousand hashes", [*proof, *[OTHER] * 1000]
    for n, found in enumerate(proof):
        flipped = bytes([found[0] ^ 8]) + found[1:]
        yield f"bit flipped in {n}", [*proof[:n], flipped, *proof[n + 1 :]]
        yield f"{n} missing", [*proof[:n], *proof[n + 1 :]]
        yield f"{n} twice", [*proof[:n], found, *proof[n:]]
        yield f"{n} cut short", [*proof[:n], found[:31], *proof[n + 1 :]]
        yield f"another at {n}", [*proof[:n], OTHER, *proof[n:]]
    if proof:
        yield "no proof", []
    if len(proof) > 1:
        yield "backwards", proof[::-1]
        yield "two swapped", [proof[1], proof[0], *proof[2:]]
