"""The strands of the log that are no case, and reading every strand back as stored."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import orjson
from sqlalchemy import Connection, bindparam, func, literal_column, null, select, update

from engine.core.case import Entry
from engine.core.ledger import FIRST, Line
from engine.store.batch import Batch
from engine.store.errors import AlreadyKept
from engine.store.keep import kept_before, sealed, write_entry
from engine.store.statement import Insert, Statement
from engine.store.tables import EntryBodyRow, EntryRow, StrandRow
from engine.store.tables.base import table

OFFICES = "offices"
DEFINITIONS = "definitions"
CALENDAR = "calendar"
ACCOUNTS = "accounts"
ACCESS = "access"
"""How the strands of looks begin, one a month: see `store.grants`."""

MAIL = "mail"
"""How the strands of mails begin, one a month: see `delivery.evidence`."""

SYSTEM = "system"

_WATCHED = (OFFICES, DEFINITIONS, CALENDAR)
_ENTRY = table(EntryRow)
_BODY = table(EntryBodyRow)
_STRAND = table(StrandRow)
_CHUNK = 1000

# Making sure of the row and locking it is one statement, so two first lines cannot fork.
_HEAD = Statement(
    lambda insert: (
        insert(_STRAND)
        .values(name=bindparam("name"), seq=literal_column("0"), head=bindparam("first"))
        .on_conflict_do_update(index_elements=["name"], set_={"seq": _STRAND.c.seq})
        .returning(_STRAND.c.seq, _STRAND.c.head)
    ),
    "name",
    "first",
)


def _grown(_: Insert) -> Any:
    new: dict[str, Any] = {"seq": bindparam("new_seq"), "head": bindparam("new_head")}
    return update(_STRAND).values(new).where(_STRAND.c.name == bindparam("strand"))


_GROW = Statement(_grown, "new_seq", "new_head", "strand")


_WATCH = Statement(
    lambda _: select(_STRAND.c.name, _STRAND.c.seq).where(
        literal_column(f"strand.name IN ({', '.join(repr(name) for name in _WATCHED)})")
    )
)
_KEPT = Statement(
    lambda _: (
        select(_ENTRY.c.stream, _ENTRY.c.seq)
        .where(_ENTRY.c.key == bindparam("key"))
        .order_by(_ENTRY.c.part)
        .limit(literal_column("1"))
        .offset(literal_column("0"))
    ),
    "key",
)


@dataclass(frozen=True, slots=True)
class StoredEntry:
    """An entry as it lies in the database; salt and body are None once erased."""

    id: int
    stream: str
    seq: int
    header: bytes
    leaf: bytes
    salt: bytes | None
    body: bytes | None

    @property
    def entry(self) -> Entry:
        """The line as the core left it; an erased body is empty."""
        said = orjson.loads(self.header)
        seconds, micros = divmod(said["recorded_at"], 1_000_000)
        return Entry(
            stream=said["stream"],
            type=said["type"],
            actor=said["actor"],
            office=said["for"],
            recorded_at=datetime.fromtimestamp(seconds, UTC).replace(microsecond=micros),
            happened_on=date.fromisoformat(said["happened_on"]),
            key=said["key"],
            part=said["part"],
            plain=said["plain"],
            private=orjson.loads(self.body) if self.body else {},
        )


class Chains:
    """The log of the database, within one transaction."""

    def __init__(self, batch: Batch, connection: Connection, log: str) -> None:
        self._batch = batch
        self._connection = connection
        self._log = log

    def enter(self, line: Line) -> int:
        """Write a line into its strand, which is no case, and return its number there.

        Raises AlreadyKept where the line's key and part are in the log.
        """
        [(seq, head)] = self._batch.ask(_HEAD, (line.stream, FIRST)).fetchall()
        ready = sealed(line, self._log, seq + 1, bytes(head))
        try:
            with self._batch.together():
                write_entry(self._batch, None, ready)
                self._batch.run(_GROW, (seq + 1, ready[3].leaf, line.stream))
        except Exception as error:
            self._batch.spoiled = True
            if kept_before(error):
                raise AlreadyKept(line.key) from error
            raise
        return int(seq) + 1

    def position(self) -> tuple[int, int, int]:
        """Return how far the strands of offices, definitions and calendar have come.

        One cheap query that tells whether cached parts of the world are stale.
        """
        found = dict(self._batch.ask(_WATCH).fetchall())
        return found.get(OFFICES, 0), found.get(DEFINITIONS, 0), found.get(CALENDAR, 0)

    def kept(self, key: str) -> tuple[str, int] | None:
        """Return the strand and number of the first entry of an act, or None."""
        row = self._batch.ask(_KEPT, (key,)).fetchone()
        return None if row is None else (row[0], row[1])

    def line(self, key: str) -> StoredEntry | None:
        """Return the first entry of an act as it lies in the database, or None."""
        found = _stored().where(_ENTRY.c.key == key).order_by(_ENTRY.c.part).limit(1)
        row = self._connection.execute(found).first()
        return None if row is None else StoredEntry(*row)

    def of(self, ids: Iterable[int]) -> list[StoredEntry]:
        """Return the entries with these ids, the oldest first."""
        found = _stored().where(_ENTRY.c.id.in_(list(ids))).order_by(_ENTRY.c.id)
        return [StoredEntry(*row) for row in self._connection.execute(found)]

    def head(self, stream: str) -> tuple[int, bytes]:
        """Return the number and leaf of the last entry of a strand; (0, 32 zeros) if empty."""
        last = select(_ENTRY.c.seq, _ENTRY.c.leaf).where(_ENTRY.c.stream == stream)
        row = self._connection.execute(last.order_by(_ENTRY.c.seq.desc()).limit(1)).first()
        return (0, FIRST) if row is None else (row.seq, row.leaf)

    def streams(self) -> dict[str, int]:
        """Return the number of entries of each strand, cases included."""
        rows = select(_ENTRY.c.stream, func.count()).group_by(_ENTRY.c.stream)
        return {name: int(n) for name, n in self._connection.execute(rows)}

    def lines(self, stream: str) -> list[StoredEntry]:
        """Return the entries of a strand in their order."""
        found = _stored().where(_ENTRY.c.stream == stream).order_by(_ENTRY.c.seq)
        return [StoredEntry(*row) for row in self._connection.execute(found)]

    def until(self, stream: str, position: int) -> list[Entry]:
        """Return the entries of a strand up to and with the one of that number."""
        same = (_ENTRY.c.stream == stream, _ENTRY.c.seq <= position)
        found = _stored().where(*same).order_by(_ENTRY.c.seq)
        return [StoredEntry(*row).entry for row in self._connection.execute(found)]

    def typed(self, stream: str, type_: str) -> list[Entry]:
        """Return the entries of one type of a strand in their order."""
        same = (_ENTRY.c.stream == stream, _ENTRY.c.type == type_)
        found = _stored().where(*same).order_by(_ENTRY.c.seq)
        return [StoredEntry(*row).entry for row in self._connection.execute(found)]

    def all(self, after: int = 0) -> Iterator[StoredEntry]:
        """Yield every entry in the order of its row, beginning behind the id `after`."""
        while True:
            found = _stored().where(_ENTRY.c.id > after).order_by(_ENTRY.c.id).limit(_CHUNK)
            rows = [StoredEntry(*row) for row in self._connection.execute(found)]
            yield from rows
            if len(rows) < _CHUNK:
                return
            after = rows[-1].id

    def erase(self, stream: str, numbers: Iterable[int]) -> int:
        """Erase the bodies and salts of these entries for ever; return how many had one.

        The header stays, so chain and tree still verify. Say so in an entry of your own.
        """
        rows = select(_ENTRY.c.id).where(_ENTRY.c.stream == stream, _ENTRY.c.seq.in_(list(numbers)))
        erased = update(_BODY).values(salt=null(), body=null())
        held = _BODY.c.body.is_not(None)
        found = self._connection.execute(erased.where(_BODY.c.entry_id.in_(rows), held))
        return int(found.rowcount)


def _stored() -> Any:
    return select(
        _ENTRY.c.id,
        _ENTRY.c.stream,
        _ENTRY.c.seq,
        _ENTRY.c.header,
        _ENTRY.c.leaf,
        _BODY.c.salt,
        _BODY.c.body,
    ).outerjoin(_BODY, _BODY.c.entry_id == _ENTRY.c.id)
