"""The log is examined on demand: chains, bodies and heads, and on request every case anew.

What was found is itself an entry of the log, so that everybody sees when it was last
examined. It shows that the record is unchanged since it was written, not that it is true.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from engine.app import App
from engine.core.case import Case, Entry
from engine.core.ledger import FIRST, commitment, leaf
from engine.core.replay import Differs, replay
from engine.errors import Text
from engine.services.legal.signing import signing
from engine.services.verify import Past
from engine.store.audit import Audit
from engine.store.chains import SYSTEM, StoredEntry
from engine.store.store import Store

TYPE = "verification"
_DEED = Text("das Protokoll prüfen", "examine the log")
_MOST = 20
"""How many faults are named; more of them say no more."""


@dataclass(frozen=True, slots=True)
class Fault:
    """A strand that does not hold, from which line on."""

    stream: str
    seq: int
    what: Text


@dataclass(frozen=True, slots=True)
class Verified:
    """What an examination found: how much was read, what does not hold, what differs.

    `replayed` counts the cases told again from their entries, `differing` names those that
    came out otherwise. `erased` counts entries whose body was lawfully erased.
    """

    at: datetime
    by: str
    entries: int
    streams: int
    erased: int
    replayed: int
    faults: tuple[Fault, ...] = ()
    differing: tuple[str, ...] = ()

    @property
    def intact(self) -> bool:
        """Whether nothing was found."""
        return not self.faults and not self.differing


@dataclass(frozen=True, slots=True)
class LastTime:
    """The last examination as the log tells it; `faults` counts what did not hold."""

    at: datetime
    by: str
    entries: int
    replayed: int
    faults: int


def verify(app: App, person: str, *, replaying: bool = False) -> Verified:
    """Examine the whole log for somebody of the legal office, and enter what was found.

    Reads every entry; with `replaying` every case is also told again. Refused for others.
    """
    with app.database.read() as store:
        signing(app, app.world(store), person, TYPE, _DEED)
        reading = _Reading()
        for stored in store.chains.all():
            reading.read(stored)
        reading.compare(Audit(store.connection).heads())
        replayed, differing = _replayed(app, store) if replaying else (0, ())
    found = Verified(
        at=app.clock.now(),
        by=person,
        entries=reading.count,
        streams=len(reading.heads),
        erased=reading.erased,
        replayed=replayed,
        faults=tuple(reading.faults),
        differing=differing,
    )
    _enter(app, found)
    return found


def last_time(store: Store) -> LastTime | None:
    """Return when the log was last examined, by whom and with what result, or None."""
    lines = store.chains.typed(SYSTEM, TYPE)
    if not lines:
        return None
    said = lines[-1].plain
    return LastTime(
        lines[-1].recorded_at, lines[-1].actor, said["entries"], said["replayed"], said["faults"]
    )


class _Reading:
    """The strands as they have been read so far, all of them side by side."""

    def __init__(self) -> None:
        self.heads: dict[str, tuple[int, bytes]] = {}
        self.faults: list[Fault] = []
        self.count = 0
        self.erased = 0
        self._broken: set[str] = set()

    def read(self, stored: StoredEntry) -> None:
        """Recompute one line from its stored bytes, behind the line before it."""
        self.count += 1
        seq, prev = self.heads.get(stored.stream, (0, FIRST))
        said = _said(stored.header)
        follows = (said.get("seq"), said.get("prev"), said.get("stream"), stored.seq) == (
            seq + 1,
            prev.hex(),
            stored.stream,
            seq + 1,
        )
        if leaf(stored.header) != stored.leaf or not follows:
            self._fault(stored.stream, seq + 1, _CHANGED)
        self._read_body(stored, str(said.get("private", "")))
        self.heads[stored.stream] = (stored.seq, stored.leaf)

    def _read_body(self, stored: StoredEntry, committed: str) -> None:
        if not committed:
            return
        if stored.body is None or stored.salt is None:
            self.erased += 1
        elif commitment(stored.salt, stored.body) != committed:
            self._fault(stored.stream, stored.seq, _BODY)

    def compare(self, heads: dict[str, tuple[int, bytes]]) -> None:
        """Compare the ends of the strands with what the rows beside the log remember."""
        for stream, end in heads.items():
            if self.heads.get(stream, (0, FIRST)) != end:
                self._fault(stream, self.heads.get(stream, (0, FIRST))[0] + 1, _END)
        for stream in self.heads.keys() - heads.keys():
            self._fault(stream, 1, _UNKNOWN)

    def _fault(self, stream: str, seq: int, what: Text) -> None:
        if stream not in self._broken and len(self.faults) < _MOST:
            self.faults.append(Fault(stream, seq, what))
        self._broken.add(stream)


def _said(header: bytes) -> dict[str, Any]:
    """Return what a header says; nothing where somebody made it unreadable."""
    try:
        said = orjson.loads(header)
    except orjson.JSONDecodeError:
        return {}
    return said if isinstance(said, dict) else {}


_CHANGED = Text(
    "Der Eintrag wurde verändert, entfernt, eingefügt oder umgestellt.",
    "The entry was changed, removed, inserted or moved.",
)
_BODY = Text(
    "Der Text des Eintrags passt nicht zu seiner Prüfsumme.",
    "The text of the entry does not fit its checksum.",
)
_END = Text(
    "Das Ende des Strangs fehlt oder passt nicht zum Vorgang.",
    "The end of the strand is missing or does not fit the case.",
)
_UNKNOWN = Text("Zu diesem Strang gibt es keinen Vorgang.", "No case belongs to this strand.")


def _replayed(app: App, store: Store) -> tuple[int, tuple[str, ...]]:
    past, count, differing = Past(app, store), 0, []
    for case, entries in _files(store):
        count += 1
        if isinstance(replay(case.uid, case.number, entries, past.world), Differs):
            differing.append(case.number)
    return count, tuple(differing)


def _files(store: Store) -> Iterator[tuple[Case, list[Entry]]]:
    for number in Audit(store.connection).numbers():
        case = store.cases.get(number)
        yield case, [line.entry for line in store.chains.lines(case.stream)]


def _enter(app: App, found: Verified) -> None:
    with app.database.write() as store:
        by = signing(app, app.world(store), found.by, TYPE, _DEED)
        plain = {
            "entries": found.entries,
            "streams": found.streams,
            "erased": found.erased,
            "replayed": found.replayed,
            "faults": len(found.faults) + len(found.differing),
            "broken": [[f.stream, f.seq] for f in found.faults],
            "differing": list(found.differing)[:_MOST],
        }
        store.enter(by.line(SYSTEM, TYPE, plain))
