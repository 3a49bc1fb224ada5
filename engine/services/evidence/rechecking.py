"""The stored log is recomputed from its bytes before every tenth checkpoint is signed.

Disks flip bits, and a log that signs what it never looks at would sign them too (two public
certificate logs ended so). A short log is recomputed whole; of a long one what is new and a
stretch of what is old, so that after some rounds every entry has been read again.
"""

from __future__ import annotations

from engine.core.merkle import HASH, root_by
from engine.store.global_log import WIDTH, GlobalLog, folded

EVERY = 10
STRETCH = 50_000 // WIDTH
"""Tiles of 256 entries that one round reads: a second, under no lock."""


def root_recomputed(log: GlobalLog, size: int) -> bytes | None:
    """Return the root of the first `size` entries by their headers, None where tiles do not fit.

    What of a long log is not read this time is taken from its tiles.
    """
    full = size // WIDTH
    rounds = max(1, -(-full // STRETCH))
    first = log.seals() // EVERY % rounds * STRETCH
    newest = max(0, full - STRETCH)
    stretches = {(first, min(full, first + STRETCH)), (newest, full)}
    if not all(_leaves_fit(log, *stretch) for stretch in stretches):
        return None
    return root_by(log.nodes, size) if _levels_fit(log, full) else None


def _leaves_fit(log: GlobalLog, first: int, end: int) -> bool:
    """Return whether tiles of the lowest level hold what the headers hash to."""
    leaves = log.leaves(first * WIDTH, end * WIDTH)
    count = 0
    for tile in log.tiles(0, first, end):
        count += 1
        if tile != b"".join(next(leaves, b"") for _ in range(WIDTH)):
            return False
    return count == end - first


def _levels_fit(log: GlobalLog, full: int) -> bool:
    """Return whether every tile above the lowest level holds the roots of those below it."""
    level = 0
    while full:
        below, above = log.tiles(level, 0, full), log.tiles(level + 1, 0, full // WIDTH)
        for tile in above:
            roots = b"".join(folded(next(below, b"")) for _ in range(WIDTH))
            if len(tile) != WIDTH * HASH or tile != roots:
                return False
        level, full = level + 1, full // WIDTH
    return True
