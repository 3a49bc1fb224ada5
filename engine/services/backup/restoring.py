"""Restoring a backup into an empty folder, and showing step by step what of it holds.

For the signing of the log a restored backup is a rollback, however friendly: what was entered
and signed after it is gone here and remembered elsewhere. So the folder is marked as restored
(`state/restored`), and sealing refuses until two people have acknowledged the fork.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import orjson
import yaml

from engine import config
from engine.app import App, open_app
from engine.core.ledger import commitment
from engine.errors import EngineError, InputError, Text
from engine.services.backup.manifest import NAME, Manifest, differences, digest_of, read_manifest
from engine.services.evidence.faults import Layer
from engine.services.legal.verification import Verified, examine
from engine.store import documents, papers
from engine.store.copying import POSTGRES, SQLITE, restore_dump

RESTORED = "restored"
"""The mark in the folder `state`: this log was set back and must not simply go on signing."""

_DATABASE = "rechtzeitig.sqlite3"
_MOST = 20


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that was looked at: whether it holds, and in words."""

    name: str
    holds: bool
    text: Text


def restore(
    backup: Path, folder: Path, *, verify: bool = False, database: str | None = None
) -> Iterator[Step]:
    """Restore a backup into an empty folder; yield each step, ending at the first that fails.

    A dump of PostgreSQL needs the address of an empty `database`. With `verify` the log is
    read and every case told again, and each document is compared with what the log committed
    to. Raises InputError for a folder that is not empty or a backup that is none.
    """
    _empty(folder)
    manifest = read_manifest(backup)
    wrong = list(differences(backup, manifest))
    yield _files(manifest, wrong)
    if wrong:
        return
    _put(backup, folder, manifest, database)
    try:
        app = open_app(folder)
    except EngineError as error:
        yield Step("database", False, error.text)
        return
    try:
        yield _opened(app)
        if verify:
            yield _log(examine(app, replaying=True), manifest)
            yield _papers(app)
    finally:
        app.close()
    yield _next(manifest)


def _empty(folder: Path) -> None:
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise InputError(
            f"{folder} ist nicht leer. Eine Sicherung wird nur in einen leeren Ordner "
            "zurückgespielt, damit sie nichts überschreibt.",
            f"{folder} is not empty. A backup is restored into an empty folder only, so that it "
            "overwrites nothing.",
        )


def _files(manifest: Manifest, wrong: list[Text]) -> Step:
    if not wrong:
        count = len(manifest.files)
        words = Text(
            f"Sicherung vom {manifest.made_at}: {count} Dateien, alle unverändert",
            f"backup of {manifest.made_at}: {count} files, all unchanged",
        )
        return Step("files", True, words)
    return Step(
        "files",
        False,
        Text(
            f"Sicherung beschädigt, nichts wurde zurückgespielt: {_listed(wrong, 'de')}",
            f"backup damaged, nothing was restored: {_listed(wrong, 'en')}",
        ),
    )


def _listed(rows: list[Text], language: str) -> str:
    more = " …" if len(rows) > _MOST else ""
    return "; ".join(row.in_(language) for row in rows[:_MOST]) + more


def _put(backup: Path, folder: Path, manifest: Manifest, database: str | None) -> None:
    """Copy everything into the folder; the database goes in last of all."""
    dump = manifest.dialect == "postgresql"
    if dump and database is None:
        raise InputError(
            "Das ist die Sicherung einer PostgreSQL-Datenbank. Nennen Sie eine leere Datenbank: "
            "--database postgresql://konto@rechner/name.",
            "This is the backup of a PostgreSQL database. Name an empty database: --database "
            "postgresql://account@host/name.",
        )
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    for filed in manifest.files:
        if filed.path not in (SQLITE, POSTGRES):
            _copy(backup / filed.path, folder / filed.path)
    (folder / "documents").mkdir(exist_ok=True, mode=0o700)
    address = database if dump and database else f"sqlite:///{_DATABASE}"
    _point(folder, {"database": address, "documents": "documents"})
    _mark(backup, folder, manifest)
    if dump:
        restore_dump(address, backup / POSTGRES)
    else:
        _copy(backup / SQLITE, folder / _DATABASE)


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    shutil.copyfile(source, target)
    target.chmod(0o600)


def _point(folder: Path, places: dict[str, str]) -> None:
    """Let config.yaml name what lies in this folder: never the place it was copied from."""
    file = folder / config.NAME
    config.point(file, places)
    file.write_text(_EVIDENCE.sub(_here, file.read_text("utf-8")), encoding="utf-8")


_EVIDENCE = re.compile(r"(?m)^evidence:.*(?:(?:\n(?:#.*)?)*\n[ \t]+.*)*")
"""The section `evidence` of config.yaml with its indented lines."""


def _here(section: re.Match[str]) -> str:
    """Return the section without its places: key and checkpoint lie in this folder."""
    said = yaml.safe_load(section[0])["evidence"] or {}
    kept = {key: value for key, value in said.items() if key not in ("state", "key")}
    return yaml.safe_dump({"evidence": {"state": "state", **kept}}).rstrip()


def _mark(backup: Path, folder: Path, manifest: Manifest) -> None:
    state = folder / "state"
    state.mkdir(exist_ok=True, mode=0o700)
    said = {"made_at": manifest.made_at, "entries": manifest.entries, "log": manifest.log}
    said["manifest"] = digest_of(backup / NAME)
    (state / RESTORED).write_bytes(orjson.dumps(said, option=orjson.OPT_INDENT_2) + b"\n")


def _opened(app: App) -> Step:
    with app.database.read() as store:
        app.world(store)
    words = Text(
        f"Datenbank geöffnet: {app.database.place}", f"database opened: {app.database.place}"
    )
    return Step("database", True, words)


def _log(found: Verified, manifest: Manifest) -> Step:
    holds = all(f.layer is Layer.DOCUMENT for f in found.faults) and not found.differing
    if holds and found.entries >= manifest.entries:
        words = Text(
            f"Protokoll: {found.entries} Einträge in {found.streams} Strängen folgen lückenlos "
            f"aufeinander, {found.replayed} Vorgänge führen nachgerechnet zum selben Stand, "
            f"{found.erased} Texte sind gelöscht",
            f"log: {found.entries} entries of {found.streams} strands follow one another without "
            f"a gap, {found.replayed} cases told again lead to the same state, {found.erased} "
            "texts have been erased",
        )
        return Step("log", True, words)
    # Of the documents the next step speaks.
    faults = [f.text for f in found.faults if f.layer is not Layer.DOCUMENT]
    faults += [
        Text(f"{n}: anderer Stand nachgerechnet", f"{n}: counted again, another state")
        for n in found.differing
    ]
    if found.entries < manifest.entries:
        faults.append(
            Text(
                f"{found.entries} statt mindestens {manifest.entries} Einträgen",
                f"{found.entries} instead of at least {manifest.entries} entries",
            )
        )
    return Step(
        "log",
        False,
        Text(f"Protokoll: {_listed(faults, 'de')}", f"log: {_listed(faults, 'en')}"),
    )


def _papers(app: App) -> Step:
    with app.database.read() as store:
        committed = papers.committed(store.connection)
    wrong = [Text(uid, uid) for uid, digest in committed.items() if not _holds(app, uid, digest)]
    if wrong:
        return Step(
            "documents",
            False,
            Text(
                f"Unterlagen fehlen oder sind verändert: {_listed(wrong, 'de')}",
                f"documents are missing or were changed: {_listed(wrong, 'en')}",
            ),
        )
    count = len(committed)
    words = Text(
        f"Unterlagen: {count}, alle wie im Protokoll", f"documents: {count}, all as the log says"
    )
    return Step("documents", True, words)


def _holds(app: App, uid: str, committed: str) -> bool:
    path = app.config.documents / uid
    if not documents.lies(app.config.documents, uid):
        return False
    data = path.read_bytes()
    return commitment(data[: documents.SALT], data[documents.SALT :]) == committed


def _next(manifest: Manifest) -> Step:
    """Say what comes next: whoever signs must first acknowledge that the log was set back."""
    return Step(
        "next",
        True,
        Text(
            "Als Nächstes: Das Protokoll steht wieder auf dem Stand der Sicherung. Was danach "
            "eingetragen und bezeugt wurde, fehlt hier. Versiegelt wird erst wieder, wenn zwei "
            "Personen das festgehalten haben: log fork-acknowledge. Was seither gelöscht wurde, "
            "ist zurück und steht wieder unter: retention due. Briefe, die seither hinausgingen, "
            "gehen noch einmal hinaus.",
            "Next: the log is back at the state of the backup. What was entered and witnessed "
            "since is missing here. Sealing goes on only after two people have recorded that: "
            "log fork-acknowledge. What was erased since is back and stands again under: "
            "retention due. Letters that left since leave once more.",
        ),
    )
