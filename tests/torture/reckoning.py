"""What is left after the torture, counted from the rows and the server's own memory."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import text

from engine.app import App
from engine.services.evidence.examining import examine
from tests.torture.sink import Sink


@dataclass(frozen=True, slots=True)
class Reckoning:
    """What was found, against the number of rungs that had to act.

    `lost` are rungs without entry or without a mail that the server took; `second` are entries,
    notices, messages or Message-IDs that there ought to be once; `extra` are further copies of
    one message, `differing` those of them that are not byte for byte the first.
    """

    rungs: int
    lost: tuple[str, ...]
    second: tuple[str, ...]
    messages: int
    extra: int
    differing: int
    faults: tuple[str, ...]

    @property
    def sound(self) -> bool:
        """Whether nothing was lost, nothing happened twice, and the log is intact."""
        return not (self.lost or self.second or self.differing or self.faults)


def reckon(
    app: App, sink: Sink, rungs: int, *, keys: Iterable[str] = (), replaying: bool = True
) -> Reckoning:
    """Return what became of so many rungs that are due, and of the acts under these keys."""
    rows = _Rows(app)
    with app.database.read() as store:
        gone = [key for key in keys if store.chains.kept(key) is None]
    lost = [
        *gone,
        *rows.lost(rungs),
        *(f"no copy of {m}" for m in rows.accepted if m not in sink.copies),
    ]
    strangers = [f"nobody's: {m}" for m in sink.copies if m not in rows.message_ids]
    spread = [m for m, found in sink.copies.items() if len({c.recipient for c in found}) != 1]
    differing = sum(len({c.digest for c in found}) != 1 for found in sink.copies.values())
    examined = examine(app, replaying=replaying)
    faults = [f"{fault}" for fault in examined.faults] + rows.integrity()
    return Reckoning(
        rungs,
        tuple(lost),
        (*rows.second(), *strangers, *spread),
        len(rows.message_ids),
        sink.extra,
        differing,
        tuple(faults),
    )


class _Rows:
    """The rows of a database that say what happened."""

    def __init__(self, app: App) -> None:
        self._app = app
        with app.database.read() as store:
            ask = store.connection.execute
            self.rungs = ask(text("SELECT case_id, place, number, state FROM rung")).all()
            self.due = ask(
                text("SELECT count(*) FROM rung WHERE state = 'waiting' AND due_at <= :now"),
                {"now": _micros(app.clock.now())},
            ).scalar_one()
            headers = ask(text("SELECT header FROM entry")).scalars()
            self.entries = [row for h in headers for row in _rungs_of(orjson.loads(bytes(h)))]
            self.notices = ask(text("SELECT id, key, state FROM notice")).all()
            self.links = ask(text("SELECT notice_id, message_id FROM message_notice")).all()
            self.messages = ask(text("SELECT id, message_id, state FROM message")).all()
        self.message_ids = {row.message_id for row in self.messages}
        self.accepted = [row.message_id for row in self.messages if row.state == "accepted"]

    def lost(self, rungs: int) -> list[str]:
        fired = [r for r in self.rungs if r.state == "fired"]
        found = []
        if self.due or len(fired) != rungs:
            found.append(f"{len(fired)} of {rungs} rungs acted, {self.due} are due")
        if len(set(self.entries)) != rungs:
            found.append(f"{len(set(self.entries))} of {rungs} rungs are in the log")
        linked = {link.notice_id for link in self.links}
        found += [f"no mail for {n.key}" for n in self.notices if n.id not in linked]
        return found + [
            f"{m.message_id} is {m.state}" for m in self.messages if m.state != "accepted"
        ]

    def second(self) -> list[str]:
        found = []
        if len(self.entries) != len(set(self.entries)):
            found.append("a rung is in the log twice")
        if len({n.key for n in self.notices}) != len(self.notices):
            found.append("a notice is owed twice")
        if len({link.notice_id for link in self.links}) != len(self.links):
            found.append("a notice is in two messages")
        if len(self.message_ids) != len(self.messages):
            found.append("a Message-ID was given twice")
        return found

    def integrity(self) -> list[str]:
        if not self._app.database.is_sqlite:
            return []
        with self._app.database.read() as store:
            said = store.connection.execute(text("PRAGMA integrity_check")).scalars().all()
        return [] if said == ["ok"] else [str(line) for line in said]


def _rungs_of(header: dict[str, Any]) -> list[tuple[str, ...]]:
    """Return the rung that a line of the log says to have acted, if it is such a line."""
    if header["type"] != "rung":
        return []
    said = header["plain"]
    return [(header["stream"], *map(str, said["deadline"]), str(said["rung"]))]


def _micros(instant: datetime) -> int:
    return int(instant.timestamp() * 1_000_000)
