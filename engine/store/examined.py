"""The log and the cases as they lie, for an examination: whole rows, many at a time, unread.

Nothing here is made into a value: what a row holds is what is to be examined. All of it is
read in one transaction that sees one instant, and nothing is written.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from operator import attrgetter
from typing import Any, NamedTuple

from sqlalchemy import (
    Connection,
    Integer,
    String,
    Table,
    bindparam,
    exists,
    func,
    literal_column,
    select,
    type_coerce,
)

from engine.store import values
from engine.store.batch import Batch
from engine.store.statement import Statement
from engine.store.tables import (
    CaseRow,
    CheckpointRow,
    CosignatureRow,
    DeadlineRow,
    DefinitionRow,
    DocumentRow,
    EntryBodyRow,
    EntryRow,
    FindingRow,
    LogLeafRow,
    LogQueueRow,
    LogStateRow,
    LogTileRow,
    MessageRow,
    ParticipationRow,
    RungRow,
    StrandRow,
)
from engine.store.tables.base import table

Raw = tuple[Any, ...]
"""A row as the driver hands it over."""

_CASE, _ENTRY, _BODY = table(CaseRow), table(EntryRow), table(EntryBodyRow)
_LEAF, _QUEUE, _STRAND = table(LogLeafRow), table(LogQueueRow), table(StrandRow)
_CHUNK = 5_000

CASE: tuple[str, ...] = ("id", "head", "next_day", *values.CASE, *values.MEASURE)
"""The columns of a case in the order in which `Rows.cases` gives them."""

COLUMNS = (
    "case_id",
    "stream",
    "seq",
    "uid",
    "type",
    "actor",
    "recorded_at",
    "happened_on",
    "key",
    "part",
)
"""The copies that a row of the log holds of its header."""


class StoredLine(NamedTuple):
    """A line of the log as it lies, in the order in which a driver hands it over.

    `bodied` and `queued` are the line's id where it has a row for its body, and where it waits
    for its place, else None; `place` is its leaf index and None without one, `prefix` what
    stands beside that of its leaf. `of` is the row of the case whose strand it is in, 0 where it is in no case's.
    """

    id: int
    case_id: Any
    stream: Any
    seq: Any
    uid: Any
    type: Any
    actor: Any
    recorded_at: Any
    happened_on: Any
    key: Any
    part: Any
    header: bytes
    leaf: bytes
    bodied: int | None
    salt: bytes | None
    body: bytes | None
    place: int | None
    prefix: bytes | None
    queued: int | None
    of: int

    @property
    def columns(self) -> Raw:
        """The copies of its header, as `COLUMNS` names them."""
        return self[1:11]


_make = StoredLine._make
_in_order = attrgetter("seq", "id")


@dataclass(frozen=True, slots=True)
class StoredCase:
    """A case as it lies: its row by the columns of `CASE`, the rows of its parts, its lines."""

    row: dict[str, Any]
    participations: list[Raw]
    deadlines: list[Raw]
    rungs: list[Raw]
    documents: list[Raw]
    findings: list[Raw]
    lines: list[StoredLine]


class StoredChain(NamedTuple):
    """The strand of a case as it lies: the case's row, uid and number, its head, its lines."""

    id: int
    uid: str
    number: str
    version: int
    head: bytes
    lines: list[StoredLine]


def _lines(of: Any) -> Any:
    e, b = _ENTRY.c, _BODY.c
    joined = (
        _ENTRY.outerjoin(_BODY, b.entry_id == e.id)
        .outerjoin(_LEAF, _LEAF.c.entry_id == e.id)
        .outerjoin(_QUEUE, _QUEUE.c.entry_id == e.id)
    )
    return (
        joined,
        [
            e.id,
            *(e[name] for name in COLUMNS),
            e.header,
            e.leaf,
            b.entry_id,
            b.salt,
            b.body,
            _LEAF.c.leaf_index,
            _LEAF.c.prefix,
            _QUEUE.c.entry_id,
            of,
        ],
    )


def _of_cases(_: Any) -> Any:
    joined, columns = _lines(_CASE.c.id)
    stream = literal_column("'case/'", String).op("||")(_CASE.c.uid)
    found = select(*columns).select_from(_CASE.join(joined, _ENTRY.c.stream == stream))
    return found.where(_CASE.c.id >= bindparam("first"), _CASE.c.id < bindparam("end"))


def _of_strand(_: Any) -> Any:
    joined, columns = _lines(literal_column("0"))
    found = select(*columns).select_from(joined)
    found = found.where(_ENTRY.c.stream == bindparam("stream"), _ENTRY.c.seq > bindparam("after"))
    found = found.order_by(_ENTRY.c.seq, _ENTRY.c.id).limit(literal_column(str(_CHUNK)))
    return found.offset(literal_column("0"))


def _parts(of: Table, columns: tuple[str, ...], order: str) -> Statement:
    def build(_: Any) -> Any:
        found = select(of.c.case_id, *(of.c[name] for name in columns))
        found = found.where(of.c.case_id >= bindparam("first"), of.c.case_id < bindparam("end"))
        return found.order_by(of.c.case_id, *(of.c[name] for name in order.split()))

    return Statement(build, "first", "end")


def _rows_of_cases(columns: tuple[str, ...]) -> Statement:
    def build(_: Any) -> Any:
        found = select(*(_CASE.c[name] for name in columns))
        found = found.where(_CASE.c.id >= bindparam("first"), _CASE.c.id < bindparam("end"))
        return found.order_by(_CASE.c.id)

    return Statement(build, "first", "end")


RUNG = ("place", "number", "due_at", "state", "fired_at", "late_by_us")
_CASES = _rows_of_cases(CASE)
_HEADS = _rows_of_cases(("id", "uid", "number", "version", "head"))
_OF_CASES = Statement(_of_cases, "first", "end")
_OF_STRAND = Statement(_of_strand, "stream", "after")
_PARTS = (
    _parts(table(ParticipationRow), ("place", *values.PARTICIPATION), "place"),
    _parts(table(DeadlineRow), ("place", *values.DEADLINE), "place"),
    _parts(table(RungRow), RUNG, "place number"),
    _parts(table(DocumentRow), ("place", *values.DOCUMENT), "place"),
    _parts(table(FindingRow), values.FINDING, "number"),
)
_OF_A_LINE = {of.name: of for of in (_BODY, _LEAF, _QUEUE)}
_OF_A_CASE = {
    of.name: of
    for of in (
        *(table(ParticipationRow), table(DeadlineRow), table(RungRow)),
        *(table(DocumentRow), table(FindingRow)),
    )
}
OF_A_LINE, OF_A_CASE = tuple(_OF_A_LINE), tuple(_OF_A_CASE)
"""The tables whose every row belongs to a line of the log, and those of parts of a case."""


class Rows:
    """Reads for an examination, within one transaction."""

    def __init__(self, batch: Batch, connection: Connection) -> None:
        self._batch = batch
        self._connection = connection

    def count(self) -> int:
        """Return how many lines there are."""
        return int(self._connection.execute(select(func.count()).select_from(_ENTRY)).scalar_one())

    def case_ids(self) -> list[int]:
        """Return the ids of the rows of all cases, in order."""
        return list(self._connection.execute(select(_CASE.c.id).order_by(_CASE.c.id)).scalars())

    def case_id(self, number: str) -> int | None:
        """Return the id of the row of a case, or None."""
        found = select(_CASE.c.id).where(_CASE.c.number == number)
        return self._connection.execute(found).scalar()

    def strands(self) -> list[tuple[str, int, bytes]]:
        """Return name, number of lines and last leaf of every strand that is no case."""
        found = select(_STRAND.c.name, _STRAND.c.seq, _STRAND.c.head).order_by(_STRAND.c.name)
        return [(r[0], int(r[1]), bytes(r[2])) for r in self._connection.execute(found)]

    def cases(self, first: int, end: int) -> Iterator[StoredCase]:
        """Yield the cases whose row's id lies in `first .. end - 1`, with all that is theirs."""
        bound = (first, end)
        ask = self._batch.ask
        rows = ask(_CASES, bound).fetchall()
        parts: list[dict[int, list[Raw]]] = [
            _grouped(ask(statement, bound).fetchall()) for statement in _PARTS
        ]
        lines = self._lines(first, end)
        for row in rows:
            mine = sorted(lines.get(row[0], ()), key=_in_order)
            named = dict(zip(CASE, row, strict=True))
            one, two, three, four, five = (p.get(row[0], []) for p in parts)
            yield StoredCase(named, one, two, three, four, five, mine)

    def chains(self, first: int, end: int) -> Iterator[StoredChain]:
        """Yield the strands of these cases, with nothing of the cases but what heads a strand."""
        lines = self._lines(first, end)
        for row in self._batch.ask(_HEADS, (first, end)).fetchall():
            id_, uid, number, version, head = row
            mine = sorted(lines.get(id_, ()), key=_in_order)
            yield StoredChain(id_, uid, number, version, head, mine)

    def _lines(self, first: int, end: int) -> dict[int, list[StoredLine]]:
        found: dict[int, list[StoredLine]] = defaultdict(list)
        for line in map(_make, self._batch.ask(_OF_CASES, (first, end))):
            found[line[-1]].append(line)
        return found

    def lines(self, stream: str) -> Iterator[StoredLine]:
        """Yield the lines of a strand in their order."""
        after = 0
        while True:
            rows = self._batch.ask(_OF_STRAND, (stream, after)).fetchall()
            yield from map(_make, rows)
            if len(rows) < _CHUNK:
                return
            # Lines of one number, which must not be, are never parted.
            after = int(rows[-1][3])

    def strays(self) -> list[tuple[str, int]]:
        """Return the strands that no case and no row of strands names, with their lines."""
        stream = literal_column("'case/'", String).op("||")(_CASE.c.uid)
        known = exists().where(stream == _ENTRY.c.stream)
        named = exists().where(_STRAND.c.name == _ENTRY.c.stream)
        found = select(_ENTRY.c.stream, func.count()).where(~known, ~named)
        found = found.group_by(_ENTRY.c.stream).order_by(_ENTRY.c.stream)
        return [(r[0], int(r[1])) for r in self._connection.execute(found)]

    def counts(self) -> tuple[int, ...]:
        """Return how many rows each table of `OF_A_LINE` has, whoever they belong to."""
        found = [select(func.count()).select_from(of) for of in _OF_A_LINE.values()]
        return tuple(int(self._connection.execute(f).scalar_one()) for f in found)

    def orphans(self, name: str) -> int:
        """Return how many rows of such a table belong to no line, or to no case."""
        of = (_OF_A_LINE | _OF_A_CASE)[name]
        mine = _ENTRY.c.id == of.c.entry_id if name in _OF_A_LINE else _CASE.c.id == of.c.case_id
        rows = select(func.count()).select_from(of).where(~exists().where(mine))
        return int(self._connection.execute(rows).scalar_one())

    def leaves(self) -> tuple[int, int]:
        """Return how many places of the tree are given, and the highest of them (-1: none)."""
        found = select(func.count(), func.max(_LEAF.c.leaf_index))
        count, last = self._connection.execute(found).one()
        return int(count), -1 if last is None else int(last)

    def states(self) -> list[Raw]:
        """Return the rows that say where the sequencer stands: size, peaks, last signature."""
        c = table(LogStateRow).c
        rows = self._connection.execute(select(c.size, c.frontier, c.last_signed_at))
        return [(int(r[0]), bytes(r[1]), r[2]) for r in rows]

    def tiles(self) -> Iterator[tuple[int, int, bytes]]:
        """Yield the tiles of the tree: level, place, hashes."""
        c = table(LogTileRow).c
        found = select(c.level, c.place, c.hashes).order_by(c.level, c.place)
        for row in self._connection.execute(found):
            yield int(row[0]), int(row[1]), bytes(row[2])

    def checkpoints(self) -> Iterator[Raw]:
        """Yield the checkpoints by size: size, root, note, when signed."""
        c = table(CheckpointRow).c
        found = select(c.size, c.root, c.note, c.signed_at).order_by(c.size)
        for row in self._connection.execute(found):
            yield int(row[0]), bytes(row[1]), row[2], row[3]

    def cosignatures(self) -> Iterator[Raw]:
        """Yield what witnesses signed: size, witness, line, when."""
        c = table(CosignatureRow).c
        found = select(c.size, c.witness, c.line, c.at).order_by(c.size, c.witness)
        for row in self._connection.execute(found):
            yield int(row[0]), row[1], row[2], row[3]

    def definitions(self) -> Iterator[Raw]:
        """Yield every definition: digest, kind, id, version, bytes, times, whether current."""
        c = table(DefinitionRow).c
        # Whatever lies in the column, not what a driver would make true or false of it.
        current = type_coerce(c.is_current, Integer)
        found = select(
            c.digest, c.kind, c.id, c.version, c.data, c.activated_at, c.valid_from, current
        )
        yield from (tuple(row) for row in self._connection.execute(found.order_by(c.digest)))

    def mails(self) -> Iterator[tuple[str, bytes]]:
        """Yield uid and bytes of every finished mail; those of an emptied one are empty."""
        c = table(MessageRow).c
        found = select(c.uid, c.data).order_by(c.id)
        for row in self._connection.execute(found):
            yield row[0], bytes(row[1])


def _grouped(rows: list[Raw]) -> dict[int, list[Raw]]:
    found: dict[int, list[Raw]] = {}
    for row in rows:
        found.setdefault(row[0], []).append(row[1:])
    return found
