"""Somebody with every right over the database: no guard, no constraint, and no scruple.

For tests of the examination: a log that was played, sealed and witnessed, and the deeds of
whoever wants it to say something else.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from engine.app import App, open_app
from engine.core.ledger import FIRST, leaf
from engine.core.notes import COSIGNATURE, Key, Note, cosigned
from engine.services.evidence.examining import Examined, examine
from engine.services.evidence.sealing import seal_due
from engine.services.evidence.seals import Remembered
from engine.services.evidence.state import State
from engine.services.setup import by
from engine.store import sqlite
from engine.store.columns import instant

LOOKS = 120
"""Lines of a strand that is no case, so that the tree has full tiles."""

WITNESS_FILE = "zeuge.txt"


@dataclass
class Forged:
    """A copy of an installation, open to everything, and what a witness remembers of it."""

    app: App
    remembered: Remembered

    @contextmanager
    def rows(self) -> Iterator[Any]:
        """Open the tables with every guard and constraint off; what is done stays."""
        raw = sqlite.driver().connect(self.app.database.place, isolation_level=None)
        raw.execute("PRAGMA foreign_keys = OFF")
        raw.execute("PRAGMA ignore_check_constraints = ON")
        for (name,) in raw.execute(
            "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        ).fetchall():
            raw.execute(f"DROP TRIGGER {name}")
        try:
            yield raw
        finally:
            raw.close()

    def layers(self, *, witness: bool = True, replaying: bool = True) -> set[str]:
        """Return by which layers something is found."""
        return {f.layer.value for f in self.examined(witness=witness, replaying=replaying).faults}

    def examined(self, *, witness: bool = True, replaying: bool = True) -> Examined:
        """Return what the examination finds."""
        remembered = self.remembered if witness else None
        return examine(self.app, remembered=remembered, replaying=replaying)

    def forge(self, stream: str, seq: int, **changes: Any) -> None:
        """Change what a line says, and every chain and copy behind it, so that they fit again."""
        with self.rows() as raw:
            said = self.said(raw, stream, seq)
            said.update(changes)
            raw.execute(
                "UPDATE entry SET header = ? WHERE stream = ? AND seq = ?",
                (orjson.dumps(said, option=orjson.OPT_SORT_KEYS), stream, seq),
            )
            self.rechain(raw, stream)

    def said(self, raw: Any, stream: str, seq: int) -> dict[str, Any]:
        """Return what a line says."""
        found = raw.execute(
            "SELECT header FROM entry WHERE stream = ? AND seq = ?", (stream, seq)
        ).fetchone()
        said: dict[str, Any] = orjson.loads(found[0])
        return said

    def rechain(self, raw: Any, stream: str) -> None:
        """Let the lines of a strand follow one another again, with all copies beside them."""
        prev, seq = FIRST, 0
        rows = raw.execute("SELECT id, header FROM entry WHERE stream = ? ORDER BY seq", (stream,))
        for seq, (id_, header) in enumerate(rows.fetchall(), start=1):
            said = orjson.loads(header) | {"prev": prev.hex(), "seq": seq}
            data = orjson.dumps(said, option=orjson.OPT_SORT_KEYS)
            prev = leaf(data)
            raw.execute(
                "UPDATE entry SET seq = ?, type = ?, actor = ?, recorded_at = ?, happened_on = ?, "
                "key = ?, header = ?, leaf = ? WHERE id = ?",
                (
                    *(seq, said["type"], said["actor"], said["recorded_at"], said["happened_on"]),
                    *(said["key"], data, prev, id_),
                ),
            )
        raw.execute("UPDATE strand SET seq = ?, head = ? WHERE name = ?", (seq, prev, stream))
        raw.execute(
            "UPDATE kase SET version = ?, head = ? WHERE 'case/' || uid = ?", (seq, prev, stream)
        )

    def drop_case(self, number: str) -> None:
        """Let a case never have been."""
        with self.rows() as raw:
            row, uid = raw.execute(
                "SELECT id, uid FROM kase WHERE number = ?", (number,)
            ).fetchone()
            stream = f"case/{uid}"
            raw.execute(
                "DELETE FROM log_leaf WHERE entry_id IN (SELECT id FROM entry WHERE stream = ?)",
                (stream,),
            )
            raw.execute(
                "DELETE FROM entry_body WHERE entry_id IN (SELECT id FROM entry WHERE stream = ?)",
                (stream,),
            )
            raw.execute("DELETE FROM entry WHERE stream = ?", (stream,))
            for part in ("participation", "deadline", "rung", "document", "finding", "notice"):
                raw.execute(f"DELETE FROM {part} WHERE case_id = ?", (row,))
            raw.execute("DELETE FROM kase WHERE id = ?", (row,))

    def reseal(self) -> None:
        """Build the tree anew over what is there, and sign it with the key that lies there."""
        with self.rows() as raw:
            for name in ("log_tile", "checkpoint", "cosignature", "log_leaf", "log_queue"):
                raw.execute(f"DELETE FROM {name}")
            raw.execute("UPDATE log_state SET size = 0, frontier = X'', last_signed_at = NULL")
            raw.execute("INSERT INTO log_queue SELECT id FROM entry ORDER BY id")
        self.forget()
        seal_due(self.app, at_once=True)
        self.forget()

    def forget(self) -> None:
        """Take away what the folder beside the database remembers of the last checkpoint."""
        with suppress(FileNotFoundError):
            State(self.app.config).last_file.unlink()


class Watcher:
    """A witness that cosigns every checkpoint and remembers all of them."""

    def __init__(self) -> None:
        self._private = Ed25519PrivateKey.generate()
        raw = self._private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        self.key = Key("zeuge.example/rechtsamt", COSIGNATURE, raw)
        self.remembered: list[str] = []

    def visit(self, app: App) -> None:
        """Cosign and remember each checkpoint that was not seen yet."""
        State(app.config).add_key(self.key.vkey)
        with app.database.write() as store:
            for found in list(store.log.checkpoints())[len(self.remembered) :]:
                second = found.signed_at.timestamp().__floor__()
                note = Note.read(found.note)
                line = cosigned(note.text, self.key, second, self._private.sign)
                store.log.cosign(found.size, self.key.name, line, instant(second * 1_000_000))
                self.remembered.append(note.beside(line).written)


def witnessed(played: Path, folder: Path) -> None:
    """Make a copy of a played county with some lines more, sealed and witnessed to the end."""
    shutil.copytree(played, folder)
    app = open_app(folder)
    look(app, LOOKS)
    seal_due(app, at_once=True)
    watcher = Watcher()
    watcher.visit(app)
    (folder / WITNESS_FILE).write_text("\n".join(watcher.remembered))
    app.close()


def look(app: App, count: int) -> None:
    """Enter some lines into a strand that is no case, each with a body."""
    with app.database.write() as store:
        for n in range(count):
            line = by(app, "look").line("access/2026-11", "look", {"n": n}, {"who": f"Person {n}"})
            store.enter(line)


def forged(source: Path, folder: Path) -> Forged:
    """Return a copy of a witnessed installation to be forged."""
    shutil.copytree(source, folder)
    remembered = Remembered.read((folder / WITNESS_FILE).read_text())
    return Forged(open_app(folder), remembered)
