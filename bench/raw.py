"""The limit: the same rows by the driver alone, written as tightly as one can by hand.

An act reads the file, checks the guard, moves it under its version, adds an event that is
chained by SHA-256, ends one deadline, opens the next, and leaves one letter: one
transaction, one flush. No library of rules, no roles, no calendar.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson

from bench.installation import STEPS
from engine.store import sqlite

DAYS = (14, 7, 30, 42, 60, 14, 90, None)
FACTS = orjson.dumps({"quorum": 500, "unterschriften": 731, "bezirk": "Nord"}).decode()
LETTER = "Guten Tag,\n\n" + "das Vorhaben, dem Sie folgen, ist einen Schritt weiter. " * 6
NO_HEAD = bytes(32)

_TABLES = """
CREATE TABLE file (id INTEGER PRIMARY KEY, title TEXT NOT NULL, state TEXT NOT NULL,
  version INTEGER NOT NULL, head BLOB NOT NULL, facts TEXT NOT NULL, moved_at TEXT NOT NULL);
CREATE INDEX file_state ON file (state);
CREATE TABLE event (id INTEGER PRIMARY KEY, file_id INTEGER NOT NULL REFERENCES file (id),
  seq INTEGER NOT NULL, step TEXT NOT NULL, line TEXT NOT NULL, prev BLOB NOT NULL,
  hash BLOB NOT NULL, UNIQUE (file_id, seq));
CREATE TABLE term (id INTEGER PRIMARY KEY, file_id INTEGER NOT NULL REFERENCES file (id),
  name TEXT NOT NULL, due INTEGER NOT NULL, done INTEGER NOT NULL);
CREATE INDEX term_due ON term (due) WHERE done = 0;
CREATE INDEX term_file ON term (file_id) WHERE done = 0;
CREATE TABLE letter (id INTEGER PRIMARY KEY, file_id INTEGER NOT NULL REFERENCES file (id),
  seq INTEGER NOT NULL, rcpt TEXT NOT NULL, subject TEXT NOT NULL, body TEXT NOT NULL,
  sent INTEGER NOT NULL);
CREATE INDEX letter_open ON letter (id) WHERE sent = 0;
"""

READ = "SELECT state, version, head, facts FROM file WHERE id = ?"
MOVE = "UPDATE file SET state = ?, version = ?, head = ?, moved_at = ? WHERE id = ? AND version = ?"
EVENT = "INSERT INTO event (file_id, seq, step, line, prev, hash) VALUES (?, ?, ?, ?, ?, ?)"
END = "UPDATE term SET done = 1 WHERE file_id = ? AND done = 0"
OPEN = "INSERT INTO term (file_id, name, due, done) VALUES (?, ?, ?, 0)"
TELL = "INSERT INTO letter (file_id, seq, rcpt, subject, body, sent) VALUES (?, ?, 'amt@x.example', ?, ?, 0)"
DUE = """SELECT term.id, file.id, file.state, file.version, file.head FROM term
  JOIN file ON file.id = term.file_id WHERE term.done = 0 AND term.due <= ?
  ORDER BY term.due LIMIT ?"""
NEW = "INSERT INTO file (title, state, version, head, facts, moved_at) VALUES (?, 'entwurf', 0, ?, ?, ?) RETURNING id"


def line(file: int, seq: int, step: str, state: str, at: str, prev: bytes) -> bytes:
    """Return the canonical bytes of an event."""
    said = {
        "actor": "messer",
        "at": at,
        "data": {"unterschriften": 731, "weg": "portal"},
        "file": file,
        "from": state,
        "prev": prev.hex(),
        "seq": seq,
        "step": step,
        "to": step,
    }
    return orjson.dumps(said, option=orjson.OPT_SORT_KEYS)


def open_sqlite(path: Path) -> Any:
    """Return a connection to a fresh file, with the product's own library and settings."""
    raw = sqlite.driver().connect(str(path), cached_statements=256)
    sqlite.prepare(raw, "wal")
    raw.executescript(_TABLES)
    return raw


def open_postgres(uri: str) -> Any:
    """Return a connection to an empty PostgreSQL database, with tables made."""
    import psycopg

    raw = psycopg.connect(uri, autocommit=True, prepare_threshold=1)
    tables = _TABLES.replace("id INTEGER PRIMARY KEY", "id BIGSERIAL PRIMARY KEY")
    raw.execute(tables.replace("BLOB", "BYTEA").replace("_id INTEGER", "_id BIGINT"))
    return raw


def lives(raw: Any, *, postgres: bool = False) -> Callable[[int], None]:
    """Return what lives so many cases from draft to archive on a connection."""
    dialect = _for_postgres if postgres else str
    read = dialect(READ) + (" FOR UPDATE" if postgres else "")
    new, move, event, end, opening, tell = map(dialect, (NEW, MOVE, EVENT, END, OPEN, TELL))
    begin = "BEGIN" if postgres else "BEGIN IMMEDIATE"
    ask: Any = raw.cursor().execute

    def life() -> None:
        at = _now()
        file = ask(new, ("Bebauungsplan 12-34, Teil B", NO_HEAD, FACTS, at)).fetchone()[0]
        for step, days in zip(STEPS, DAYS, strict=True):
            at = _now()
            ask(begin)
            state, version, head, facts = ask(read, (file,)).fetchone()
            known = orjson.loads(facts)
            if known["unterschriften"] < known["quorum"]:
                raise RuntimeError("guard")
            seq = version + 1
            said = line(file, seq, step, state, at, head)
            leaf = hashlib.sha256(said).digest()
            if ask(move, (step, seq, leaf, at, file, version)).rowcount != 1:
                raise RuntimeError("overtaken")
            ask(event, (file, seq, step, said.decode(), head, leaf))
            ask(end, (file,))
            if days is not None:
                ask(opening, (file, step, int(time.time()) + days * 86_400))
            ask(tell, (file, seq, f"Vorgang {file}: {step}", LETTER))
            ask("COMMIT")

    def run(cases: int) -> None:
        for _ in range(cases):
            life()

    return run


def swept(raw: Any, now: int, chunk: int) -> int:
    """Escalate every term that is due by `now`, `chunk` a transaction; return how many."""
    run = raw.cursor()
    done = 0
    while True:
        run.execute("BEGIN IMMEDIATE")
        due = run.execute(DUE, (now, chunk)).fetchall()
        at = _now()
        moves, events, letters = [], [], []
        for _, file, state, version, head in due:
            said = line(file, version + 1, "mahnung", state, at, head)
            leaf = hashlib.sha256(said).digest()
            moves.append((state, version + 1, leaf, at, file, version))
            events.append((file, version + 1, "mahnung", said.decode(), head, leaf))
            letters.append((file, version + 1, f"Vorgang {file}: überfällig", LETTER))
        run.executemany(MOVE, moves)
        run.executemany(EVENT, events)
        run.executemany(
            "UPDATE term SET done = 2 WHERE id = ? AND done = 0", [row[:1] for row in due]
        )
        run.executemany(TELL, letters)
        run.execute("COMMIT")
        done += len(due)
        if not due:
            return done


def broken(raw: Any) -> int:
    """Return how many events do not follow the one before, recomputed from stored bytes."""
    heads: dict[int, bytes] = {}
    wrong = 0
    rows: Iterator[Any] = raw.execute("SELECT file_id, line, prev, hash FROM event ORDER BY id")
    for file, said, prev, leaf in rows:
        follows = heads.get(file, NO_HEAD) == bytes(prev)
        wrong += not follows or hashlib.sha256(said.encode()).digest() != bytes(leaf)
        heads[file] = bytes(leaf)
    return wrong


def _for_postgres(text: str) -> str:
    return text.replace("?", "%s")


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="microseconds")
