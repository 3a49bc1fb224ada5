"""A log as it was stored, in a file of its own: written once at a release, read for ever.

JSON lines, bytes in base64, no SQL: definitions, entries with their erasable parts, checkpoints
and public keys. Reading puts them into a fresh database of today's program, so what is shown is
that today's program still tells the cases of then as they were told then.

    python -m tests.akten.recording        # at each release, then commit the new file
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import orjson
from sqlalchemy import insert

from engine import shipped
from engine.app import App, open_app
from engine.core.ledger import SEMANTICS, leaf
from engine.services.demo import Play, StagedClock
from engine.services.evidence.sealing import seal_due
from engine.services.evidence.state import State
from engine.store.columns import instant
from engine.store.database import open_database
from engine.store.tables import DefinitionRow, EntryBodyRow, EntryRow, StrandRow
from engine.store.tables.base import table
from engine.worker import one_round

FOLDER = Path(__file__).parent
RELEASE = version("rechtzeitig")
DAY = datetime(2026, 11, 23, 12, tzinfo=UTC)
"""The day on which every recorded demo was played: the same at each release."""

ERASED = 3
"""Of this case, counted from 1, the bodies are left out, as if they had been erased."""


@dataclass(frozen=True, slots=True)
class Recording:
    """What a recorded file holds, its bytes as they were stored."""

    release: str
    log: str
    semantics: int
    definitions: list[dict[str, Any]]
    entries: list[dict[str, Any]]
    checkpoints: list[str]
    keys: list[str]


def files() -> list[Path]:
    """Return the recorded files, the oldest release first."""
    return sorted(FOLDER.glob("*.jsonl.gz"))


def record(app: App) -> Iterator[dict[str, Any]]:
    """Yield the lines of a recorded file."""
    with app.database.read() as store:
        log = store.house.meta().log
        yield {"release": RELEASE, "log": log, "semantics": SEMANTICS}
        yield from ({"key": vkey} for vkey in State(app.config).vkeys())
        for d in store.definitions():
            since = None if d.valid_from is None else d.valid_from.isoformat()
            named = {"kind": d.kind, "id": d.id, "version": d.version, "current": d.current}
            at = None if d.activated_at is None else d.activated_at.isoformat()
            yield {"definition": named | {"since": since, "at": at, "data": _text(d.data)}}
        gone = store.cases.get(sorted(c.number for c in store.cases.list())[ERASED - 1]).stream
        for line in store.chains.all():
            kept = line.body is not None and line.stream != gone
            said = {"header": _text(line.header), "stream": line.stream, "seq": line.seq}
            body = {"salt": _text(line.salt), "body": _text(line.body)} if kept else {}
            yield {"entry": said | body}
        for checkpoint in store.log.checkpoints():
            yield {"checkpoint": checkpoint.note}


def _text(data: bytes | None) -> str:
    return base64.b64encode(data or b"").decode()


def read(path: Path) -> Recording:
    """Return what a recorded file holds."""
    rows = [json.loads(line) for line in gzip.decompress(path.read_bytes()).splitlines()]
    first, *rest = rows
    return Recording(
        **first,
        keys=[r["key"] for r in rest if "key" in r],
        definitions=[r["definition"] for r in rest if "definition" in r],
        entries=[_entry(r["entry"]) for r in rest if "entry" in r],
        checkpoints=[r["checkpoint"] for r in rest if "checkpoint" in r],
    )


def _entry(row: dict[str, Any]) -> dict[str, Any]:
    found = {
        name: base64.b64decode(row[name]) for name in ("header", "salt", "body") if name in row
    }
    return {"stream": row["stream"], "seq": row["seq"], "salt": None, "body": None} | found


def open_again(found: Recording, folder: Path) -> App:
    """Return an installation of today's program over the log of then."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.yaml").write_bytes(shipped.example_config().read_bytes())
    app = open_app_of(folder, found.log)
    with app.database.write() as store:
        run = store.connection.execute
        run(insert(table(DefinitionRow)), [_definition(d) for d in found.definitions])
        run(insert(table(EntryRow)), [_row(n, e) for n, e in enumerate(found.entries, start=1)])
        bodies = [
            {"entry_id": n, "salt": e["salt"], "body": e["body"]}
            for n, e in enumerate(found.entries, start=1)
        ]
        run(insert(table(EntryBodyRow)), bodies)
        ends = {e["stream"]: (e["seq"], leaf(e["header"])) for e in found.entries}
        others = [(s, *end) for s, end in ends.items() if not s.startswith("case/")]
        names = ("name", "seq", "head")
        run(insert(table(StrandRow)), [dict(zip(names, row, strict=True)) for row in others])
    return app


def open_app_of(folder: Path, log: str) -> App:
    """Return a fresh installation whose log has that name."""
    open_database(f"sqlite:///{folder / 'rechtzeitig.sqlite3'}", create=True, log=log).close()
    return open_app(folder)


def _definition(row: dict[str, Any]) -> dict[str, Any]:
    data = base64.b64decode(row["data"])
    return {
        "digest": hashlib.sha256(data).hexdigest(),
        "kind": row["kind"],
        "id": row["id"],
        "version": row["version"],
        "data": data,
        "activated_at": datetime.fromisoformat(row["at"]),
        "valid_from": None if row["since"] is None else date.fromisoformat(row["since"]),
        "is_current": row["current"],
    }


def _row(number: int, row: dict[str, Any]) -> dict[str, Any]:
    said = orjson.loads(row["header"])
    copied = ("stream", "seq", "uid", "type", "actor", "key", "part")
    return {name: said[name] for name in copied} | {
        "id": number,
        "case_id": None,
        "recorded_at": instant(said["recorded_at"]),
        "happened_on": date.fromisoformat(said["happened_on"]),
        "header": row["header"],
        "leaf": leaf(row["header"]),
    }


def main(folder: Path = FOLDER) -> Path:
    """Play the demo and record its log; return the file."""
    with TemporaryDirectory() as place:
        play = Play(Path(place), StagedClock(DAY))
        for scene in play.scenes():
            if isinstance(scene, date):
                one_round(play.app)
        seal_due(play.app, at_once=True)
        lines = b"".join(orjson.dumps(line) + b"\n" for line in record(play.app))
        play.app.close()
    path = folder / f"{RELEASE}.jsonl.gz"
    path.write_bytes(gzip.compress(lines, mtime=0))
    return path


if __name__ == "__main__":
    sys.stdout.write(f"{main()}\n")
