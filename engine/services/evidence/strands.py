"""A strand is read: every line recomputed from its stored bytes, behind the line before it.

For each line: the header's leaf hash, that its bytes are canonical, that it names the line
before, that the columns beside it are copies, that the body fits its commitment or was erased
on purpose, and that it has one place in the global log or waits for one.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from operator import itemgetter
from typing import Any

import orjson

from engine.core.case import Entry
from engine.core.codes import PREFIX
from engine.core.ledger import FIRST, VERSION, commitment
from engine.errors import Text
from engine.services.evidence import faults as words
from engine.services.evidence.faults import Fault, Layer
from engine.store.examined import COLUMNS, StoredLine

_COPIES = itemgetter(*COLUMNS[1:])
_SHAPE: dict[str, type] = {
    **dict.fromkeys(("actor", "for", "happened_on", "key", "log", "prev", "private"), str),
    **dict.fromkeys(("stream", "type", "uid"), str),
    **dict.fromkeys(("part", "recorded_at", "semantics", "seq", "v"), int),
    "plain": dict,
}
_SHAPE = dict(sorted(_SHAPE.items()))
_NAMES, _TYPES = tuple(_SHAPE), tuple(_SHAPE.values())
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SORTED = orjson.OPT_SORT_KEYS
_NEVER = 1 << 62
Said = dict[str, Any]


class Places:
    """Indexes of leaves with the recomputed hashes and the microseconds of recording."""

    def __init__(self) -> None:
        self.indexes = array("q")
        self.leaves = bytearray()
        self.recorded = array("q")

    def add(self, index: int, leaf: bytes, recorded: int) -> None:
        """Take a leaf; a time that no clock shows counts as none."""
        self.indexes.append(index)
        self.leaves += leaf
        self.recorded.append(recorded if 0 <= recorded < _NEVER else 0)

    def extend(self, more: Places) -> None:
        """Take the leaves of another strand."""
        self.indexes += more.indexes
        self.leaves += more.leaves
        self.recorded += more.recorded


@dataclass(slots=True)
class Read:
    """What a strand turned out to be.

    `said` are the headers that were opened and could be read, and `bodies` what their erasable
    parts say; `erased` are the numbers of those that were erased, `waiting` counts the lines
    without a place, `bodied` those that have a row for a body.
    """

    stream: str
    said: list[Said] = field(default_factory=list)
    bodies: list[Said] = field(default_factory=list)
    places: Places = field(default_factory=Places)
    faults: list[Fault] = field(default_factory=list)
    count: int = 0
    bodied: int = 0
    erased: list[int] = field(default_factory=list)
    waiting: int = 0
    head: tuple[int, bytes] = (0, FIRST)

    def fault(self, layer: Layer, what: Text, seq: int) -> None:
        """Note what does not hold; of each layer the first is enough."""
        if all(f.layer is not layer for f in self.faults):
            self.faults.append(Fault(self.stream, seq, what, layer))


def read(
    stream: str, lines: Iterable[StoredLine], *, logs: frozenset[str], case: int | None = None
) -> Read:
    """Return what the lines of a strand are, in their order, every one of them opened.

    `logs` are the names that this log has had; `case` is the row of the case they belong to.
    """
    found = Read(stream)
    for line in lines:
        read_line(found, line, logs, case)
    return found


def read_line(found: Read, line: StoredLine, logs: frozenset[str], case: int | None) -> None:
    """Open the next line of a strand, and note what it says and what does not hold of it."""
    found.count += 1
    found.bodied += line.bodied is not None
    number, prev = found.head
    seq = number + 1
    header = line.header
    if type(header) is not bytes:
        found.fault(Layer.HEADER, words.HEADER, seq)
        header = b""
    leaf = sha256(b"\0" + header).digest()
    said = _said(header)
    found.head = (seq, leaf)
    _place(found, line, leaf, said, seq)
    if said is None:
        found.fault(Layer.HEADER, words.HEADER, seq)
        return
    if leaf != line.leaf or said["prev"] != prev.hex() or said["seq"] != seq:
        found.fault(Layer.CHAIN, words.CHAIN, seq)
    if orjson.dumps(said, option=_SORTED) != header:
        found.fault(Layer.HEADER, words.CANONICAL, seq)
    if said["log"] not in logs or said["v"] != VERSION:
        found.fault(Layer.HEADER, words.OTHER_LOG, seq)
    if said["stream"] != found.stream or (case, *_COPIES(said)) != line.columns:
        found.fault(Layer.COLUMNS, words.COLUMNS, seq)
    found.said.append(said)
    found.bodies.append(_body(found, line, said["private"], seq))


def _place(found: Read, line: StoredLine, leaf: bytes, said: Said | None, seq: int) -> None:
    if line.place is not None:
        found.places.add(line.place, leaf, 0 if said is None else said["recorded_at"])
        if line.prefix != leaf[:PREFIX]:
            found.fault(Layer.PLACE, words.PREFIX, seq)
        if line.queued is not None:
            found.fault(Layer.PLACE, words.TWICE, seq)
    elif line.queued is not None:
        found.waiting += 1
    else:
        found.fault(Layer.PLACE, words.UNPLACED, seq)


def _said(header: bytes) -> Said | None:
    """Return what a header says, None where it is no header at all."""
    try:
        said = orjson.loads(header)
    except orjson.JSONDecodeError:
        return None
    # The keys of canonical bytes are sorted; whatever is not in that order is not ours.
    fits = isinstance(said, dict) and tuple(said) == _NAMES
    return said if fits and tuple(map(type, said.values())) == _TYPES else None


def _body(found: Read, line: StoredLine, committed: Any, seq: int) -> Said:
    """Return the erasable part of a line, empty where it has none or it is gone."""
    if committed == "":
        if line.bodied is not None:
            found.fault(Layer.BODY, words.EXTRA_BODY, seq)
        return {}
    if line.bodied is None:
        found.fault(Layer.BODY, words.NO_BODY, seq)
        return {}
    salt, body = line.salt, line.body
    if body is None and salt is None:
        found.erased.append(seq)
        return {}
    if type(salt) is not bytes or type(body) is not bytes or commitment(salt, body) != committed:
        found.fault(Layer.BODY, words.BODY, seq)
        return {}
    parsed = orjson.loads(body)
    return parsed if isinstance(parsed, dict) else {}


def entry_of(said: Said, body: Said) -> Entry:
    """Return a line as the core left it."""
    return Entry(
        said["stream"],
        said["type"],
        said["actor"],
        said["for"],
        _EPOCH + timedelta(microseconds=said["recorded_at"]),
        date.fromisoformat(said["happened_on"]),
        said["key"],
        said["part"],
        said["plain"],
        body,
    )
