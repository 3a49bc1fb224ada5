"""The global log: every entry of every strand gets its place in one tree (RFC 6962).

Writers only queue. A sequencer, whichever process comes first, holds the row `log_state` and
gives the waiting entries the next places, so that places are contiguous and none is given
twice. It takes what is queued, never what is "newer than the last": of transactions that
commit out of order, whoever asks for newer ids loses some for ever.

A tile is 256 hashes of one level (c2sp.org/tlog-tiles): tile n of level 0 holds the leaves
256n to 256n + 255, and every tile of level L + 1 the roots of 256 tiles of level L. Only full
tiles are stored; what is not full yet is read from the entries. So a proof costs few rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, delete, exists, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError

from engine.core.codes import PREFIX
from engine.core.merkle import HASH, Frontier, Nodes, leaf_hash, node_hash
from engine.core.notes import Note, Signature
from engine.store.tables import (
    CheckpointRow,
    CosignatureRow,
    CounterRow,
    EntryRow,
    LogLeafRow,
    LogQueueRow,
    LogStateRow,
    LogTileRow,
)
from engine.store.tables.base import table

LIMIT = 500
"""Entries that one transaction gives their places: some milliseconds under the lock."""

WIDTH = 256
"""Hashes of a full tile."""

_LEVELS = 8
_CHUNK = 2_000
_ENTRY = table(EntryRow)
_QUEUE = table(LogQueueRow)
_LEAF = table(LogLeafRow)
_STATE = table(LogStateRow)
_TILE = table(LogTileRow)
_CHECKPOINT = table(CheckpointRow)
_COSIGNATURE = table(CosignatureRow)
_COUNTER = table(CounterRow)

_ORIGINS, _SEALS = "log origins", "log seals"


class BrokenTree(ValueError):
    """The rows of the tree do not fit together: damaged, or changed by somebody."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How far the log is: entries that have a place, how many of them are signed and since when.

    `waits` says whether entries wait for a place.
    """

    size: int
    waits: bool
    signed: int
    signed_at: datetime | None


@dataclass(frozen=True, slots=True)
class StoredCheckpoint:
    """A checkpoint as it lies in the database; `note` is what was signed."""

    size: int
    root: bytes
    note: str
    signed_at: datetime


class GlobalLog:
    """The global log of the database, within one transaction; `name` is its first origin."""

    def __init__(self, connection: Connection, name: str) -> None:
        self._connection = connection
        self.name = name

    # The sequencer

    def sequence(self, limit: int = LIMIT) -> int:
        """Give up to `limit` waiting entries their places; return how many there were.

        None while another process does the same: it will take them. Raises BrokenTree.
        """
        held = self.claim()
        if held is None:
            return 0
        rows = self._connection.execute(_waiting(limit)).all()
        if not rows:
            return 0
        leaves = [leaf_hash(bytes(r[1])) for r in rows]
        places = [
            {"leaf_index": held.size + n, "entry_id": row[0], "prefix": leaf[:PREFIX]}
            for n, (row, leaf) in enumerate(zip(rows, leaves, strict=True))
        ]
        try:
            self._connection.execute(insert(_LEAF), places)
        except IntegrityError as error:
            raise BrokenTree("a place is taken, or an entry has one") from error
        grown = held.grown(leaves)
        self._keep_tiles(held.size, grown.size)
        self._connection.execute(delete(_QUEUE).where(_QUEUE.c.entry_id.in_([r[0] for r in rows])))
        new = {"size": grown.size, "frontier": grown.stored}
        self._connection.execute(update(_STATE).values(new))
        return len(rows)

    def claim(self, *, wait: bool = False) -> Frontier | None:
        """Take the lock of the log and return the tree; None where another process holds it."""
        held = self._connection.execute(_claim(wait)).first()
        if held is None:
            first = {"id": 1, "size": 0, "frontier": b""}
            new = self._insert(_STATE).values(first).on_conflict_do_nothing()
            self._connection.execute(new)
            held = self._connection.execute(_claim(wait)).first()
        return None if held is None else _frontier(held)

    def _keep_tiles(self, before: int, after: int) -> None:
        """Store the tiles that became full when the tree grew from `before` to `after`."""
        level, first, end = 0, before // WIDTH, after // WIDTH
        while first < end:
            for place in range(first, end):
                hashes = self._hashes(level, place * WIDTH, (place + 1) * WIDTH)
                row = {"level": level, "place": place, "hashes": b"".join(hashes)}
                self._connection.execute(insert(_TILE).values(row))
            level, first, end = level + 1, first // WIDTH, end // WIDTH

    # Reading the tree

    def standing(self) -> Standing:
        """Return how far the log is; cheap."""
        signed = select(func.coalesce(func.max(_CHECKPOINT.c.size), 0)).scalar_subquery()
        waits = select(exists(select(_QUEUE.c.entry_id))).scalar_subquery()
        row = self._connection.execute(select(signed, waits)).one()
        state = self._connection.execute(select(_STATE)).first()
        if state is None:
            return Standing(0, bool(row[1]), int(row[0]), None)
        return Standing(state.size, bool(row[1]), int(row[0]), state.last_signed_at)

    def waiting(self) -> int:
        """Return how many entries wait for their place."""
        count = select(func.count()).select_from(_QUEUE)
        return int(self._connection.execute(count).scalar_one())

    def unsigned_since(self, signed: int) -> datetime | None:
        """Return when the first entry was recorded that no checkpoint covers, None without one."""
        placed = select(_ENTRY.c.recorded_at).join(_LEAF, _LEAF.c.entry_id == _ENTRY.c.id)
        placed = placed.where(_LEAF.c.leaf_index == signed)
        waits = select(_ENTRY.c.recorded_at).join(_QUEUE, _QUEUE.c.entry_id == _ENTRY.c.id)
        found: datetime | None = self._connection.execute(placed).scalar()
        if found is None:
            oldest = waits.order_by(_QUEUE.c.entry_id).limit(1)
            found = self._connection.execute(oldest).scalar()
        return found

    def size(self) -> int:
        """Return how many entries have a place."""
        return self.tree().size

    def tree(self) -> Frontier:
        """Return the tree as the sequencer left it."""
        row = self._connection.execute(select(_STATE.c.size, _STATE.c.frontier)).first()
        return Frontier() if row is None else _frontier(row)

    def index_of(self, entry_id: int) -> int | None:
        """Return the place of an entry, counted from 0, or None while it waits."""
        found = select(_LEAF.c.leaf_index).where(_LEAF.c.entry_id == entry_id)
        index: int | None = self._connection.execute(found).scalar()
        return index

    def coded(self, prefix: bytes) -> list[int]:
        """Return the entries whose leaf begins with these 5 bytes: one, or by chance several.

        Those that wait for a place are few, and are looked through.
        """
        placed = select(_LEAF.c.entry_id).where(_LEAF.c.prefix == prefix)
        waiting = select(_QUEUE.c.entry_id).join(_ENTRY, _ENTRY.c.id == _QUEUE.c.entry_id)
        waiting = waiting.where(func.substr(_ENTRY.c.leaf, 1, PREFIX) == prefix)
        found = [*self._connection.execute(placed), *self._connection.execute(waiting)]
        return sorted({int(row[0]) for row in found})

    def headers(self, first: int, end: int) -> Iterator[bytes]:
        """Yield the stored headers at the places `first` to `end - 1`, in their order.

        Behind a stretch in which one is missing none follow.
        """
        for begin in range(first, end, _CHUNK):
            until = min(end, begin + _CHUNK)
            rows = self._connection.execute(_headers(begin, until)).all()
            yield from (bytes(row.header) for row in rows)
            if len(rows) < until - begin:
                return

    def leaves(self, first: int, end: int) -> Iterator[bytes]:
        """Yield the leaf hashes at these places, computed from the stored headers."""
        return map(leaf_hash, self.headers(first, end))

    def tiles(self, level: int, first: int, end: int) -> Iterator[bytes]:
        """Yield the full tiles `first` to `end - 1` of a level, 8 KB each, in their order."""
        c = _TILE.c
        found = select(c.hashes).where(c.level == level, c.place >= first, c.place < end)
        for row in self._connection.execute(found.order_by(c.place)):
            yield bytes(row.hashes)

    @property
    def nodes(self) -> Nodes:
        """The nodes of the tree as proofs read them; tiles that were read once are kept."""
        held: dict[tuple[int, int], bytes] = {}

        def tile(level: int, place: int) -> bytes:
            if (level, place) not in held:
                held[level, place] = next(self.tiles(level, place, place + 1), b"")
            return held[level, place]

        def node(level: int, place: int) -> bytes:
            above, within = divmod(level, _LEVELS)
            first, count = place << within, 1 << within
            stored, begin = tile(above, first // WIDTH), first % WIDTH * HASH
            found = stored[begin : begin + count * HASH]
            if not found:
                found = b"".join(self._hashes(above, first, first + count))
            if len(found) != count * HASH:
                raise BrokenTree(f"there is no node {place} of level {level}")
            return folded(found)

        return node

    def _hashes(self, level: int, first: int, end: int) -> list[bytes]:
        """Return hashes of a level that need not be in a tile yet, from what lies below."""
        if level == 0:
            return list(self.leaves(first, end))
        return [folded(tile) for tile in self.tiles(level - 1, first, end)]

    # Checkpoints

    def checkpoints(self) -> Iterator[StoredCheckpoint]:
        """Yield every checkpoint, the shortest log first."""
        for row in self._connection.execute(select(_CHECKPOINT).order_by(_CHECKPOINT.c.size)):
            yield _checkpoint(row)

    def last(self) -> StoredCheckpoint | None:
        """Return the newest checkpoint as it lies, or None."""
        newest = select(_CHECKPOINT).order_by(_CHECKPOINT.c.size.desc()).limit(1)
        row = self._connection.execute(newest).first()
        return None if row is None else _checkpoint(row)

    def newest(self) -> Note | None:
        """Return the newest checkpoint with its cosignatures, or None."""
        found = self.last()
        return None if found is None else self._cosigned(found)

    def checkpoint_of(self, size: int) -> Note | None:
        """Return the checkpoint of a log of that size with its cosignatures, or None."""
        row = self._connection.execute(select(_CHECKPOINT).where(_CHECKPOINT.c.size == size))
        found = row.first()
        return None if found is None else self._cosigned(_checkpoint(found))

    def covering(self, index: int) -> StoredCheckpoint | None:
        """Return the first checkpoint that covers a place, or None while there is none."""
        c = _CHECKPOINT.c
        row = self._connection.execute(select(_CHECKPOINT).where(c.size > index).order_by(c.size))
        found = row.first()
        return None if found is None else _checkpoint(found)

    def add_checkpoint(self, new: StoredCheckpoint) -> None:
        """Keep a checkpoint that was signed."""
        row = {name: getattr(new, name) for name in StoredCheckpoint.__dataclass_fields__}
        self._connection.execute(insert(_CHECKPOINT).values(row))
        self._connection.execute(update(_STATE).values(last_signed_at=new.signed_at))

    def cosign(self, size: int, witness: str, signature: Signature, at: datetime) -> bool:
        """Keep what a witness signed under the checkpoint of that size; False if it had before.

        Whether the signature holds the caller has seen to.
        """
        row = {"size": size, "witness": witness, "line": signature.line, "at": at}
        new = self._insert(_COSIGNATURE).values(row).on_conflict_do_nothing()
        return self._connection.execute(new).rowcount == 1

    def last_cosigned(self) -> dict[str, tuple[int, datetime]]:
        """Return for each witness the longest log that it has cosigned, and when it did."""
        c = _COSIGNATURE.c
        last = select(c.witness, func.max(c.size).label("size")).group_by(c.witness).subquery()
        here = (last.c.witness == c.witness) & (last.c.size == c.size)
        found = select(c.witness, c.size, c.at).join_from(_COSIGNATURE, last, here)
        return {row.witness: (row.size, row.at) for row in self._connection.execute(found)}

    def _cosigned(self, found: StoredCheckpoint) -> Note:
        note = Note.read(found.note)
        lines = select(_COSIGNATURE.c.line).where(_COSIGNATURE.c.size == found.size)
        for row in self._connection.execute(lines.order_by(_COSIGNATURE.c.witness)):
            note = note.beside(Signature.read(row.line.removesuffix("\n")))
        return note

    # Names, and how often it was signed

    def origin(self) -> str:
        """Return the name under which checkpoints are signed now."""
        return origin_of(self.name, self.branch())

    def branch(self) -> int:
        """Return the number of that name: 1, and one more after each fork that was acknowledged."""
        return max(1, self._counted(_ORIGINS))

    def set_branch(self, number: int) -> None:
        """Sign from now on under the name of that number."""
        self._count(_ORIGINS, number)

    def seals(self) -> int:
        """Return how many checkpoints this database has signed."""
        return self._counted(_SEALS)

    def count_seal(self) -> None:
        """Count a checkpoint."""
        self._count(_SEALS, self.seals() + 1)

    def _counted(self, name: str) -> int:
        found = select(_COUNTER.c.value).where(_COUNTER.c.name == name)
        return int(self._connection.execute(found).scalar() or 0)

    def _count(self, name: str, value: int) -> None:
        new = self._insert(_COUNTER).values(name=name, value=value)
        new = new.on_conflict_do_update(index_elements=["name"], set_={"value": value})
        self._connection.execute(new)

    def _insert(self, into: Any) -> Any:
        dialect = postgresql if self._connection.dialect.name == "postgresql" else sqlite
        return dialect.insert(into)


def origin_of(name: str, branch: int) -> str:
    """Return the origin of a log's branch, counted from 1: its name, then `name/log-2`."""
    return name if branch < 2 else f"{name}/log-{branch}"


def folded(hashes: bytes) -> bytes:
    """Return the root over a power of two of hashes that lie one behind the other."""
    while len(hashes) > HASH:
        step = 2 * HASH
        pairs: Iterable[int] = range(0, len(hashes), step)
        hashes = b"".join(
            node_hash(hashes[i : i + HASH], hashes[i + HASH : i + step]) for i in pairs
        )
    return hashes


def _frontier(row: Any) -> Frontier:
    try:
        return Frontier.read(row.size, bytes(row.frontier))
    except ValueError as error:
        raise BrokenTree(str(error)) from error


def _claim(wait: bool) -> Select[Any]:
    """Return the statement that takes the lock; SQLite has it from the transaction's begin."""
    found = select(_STATE.c.size, _STATE.c.frontier).where(_STATE.c.id == 1)
    return found.with_for_update(skip_locked=not wait)


def _waiting(limit: int) -> Select[Any]:
    found = select(_QUEUE.c.entry_id, _ENTRY.c.header).join_from(
        _QUEUE, _ENTRY, _ENTRY.c.id == _QUEUE.c.entry_id
    )
    return found.order_by(_QUEUE.c.entry_id).limit(limit)


def _headers(first: int, end: int) -> Select[Any]:
    found = select(_ENTRY.c.header).join_from(_LEAF, _ENTRY, _ENTRY.c.id == _LEAF.c.entry_id)
    here = (_LEAF.c.leaf_index >= first, _LEAF.c.leaf_index < end)
    return found.where(*here).order_by(_LEAF.c.leaf_index)


def _checkpoint(row: Sequence[Any]) -> StoredCheckpoint:
    size, root, note, signed_at = row
    return StoredCheckpoint(size, bytes(root), note, signed_at)
