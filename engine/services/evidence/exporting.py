"""The file of a case for somebody who has nothing but Python: `akte-<reference>.zip`.

It holds what people read, every entry as stored, what the entries commit to, a proof for each
entry, the checkpoint, the keys, and the program that checks all that (`pruefen.py`). The form is
described field by field in docs/evidence-file.md. Drafts and private notes are no part of a case
and never enter; of a mail that also carries letters of other cases no word does.
"""

from __future__ import annotations

import hashlib
import shutil
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, Any

import orjson

from engine.app import App
from engine.core.calendar import BERLIN
from engine.core.next_steps import next_steps
from engine.core.notes import Checkpoint, Note
from engine.definitions.pages import as_html
from engine.errors import EngineError, NotFound, Text
from engine.services.evidence import guide
from engine.services.evidence.enclosures import Held, definitions_of, mails_of, names, related
from engine.services.evidence.inclusion import Proven, keys_of, proven, ways
from engine.services.evidence.readable import Sealing, page_of
from engine.services.evidence.sealing import seal_due
from engine.services.reading import File
from engine.store import documents
from engine.store.chains import StoredEntry
from engine.store.stamps import newest_stamp
from engine.store.store import Store

FORMAT = "rechtzeitig/akte/v1"
VERIFIER = Path(__file__).with_name("pruefen.py")
_TRIES = 3


@dataclass(frozen=True, slots=True)
class Exported:
    """What was written: the name it should be given, how much it holds, and the seal.

    `contents` is the SHA-256 of its table of contents, which names every other file with its
    own. `sealed_at` is None, and `unsealed` says why, where an entry could not be proven.
    """

    name: str
    case: str
    entries: int
    documents: int
    mails: int
    contents: str
    sealed_at: datetime | None
    unsealed: Text | None


def export(app: App, number: str, into: IO[bytes]) -> Exported:
    """Write the file of a case; NotFound where there is none of that number.

    The log is sealed first. Where it must not be, the file says so and leaves out the proofs.
    """
    refused: Text | None = None
    for _ in range(_TRIES):
        try:
            seal_due(app, at_once=True)
        except EngineError as error:
            refused = error.text
        with app.database.read() as store:
            found = _Found.of(app, store, number)
            # Somebody may have entered something between the seal and this look.
            if refused is not None or found.proven.whole or not app.config.settings.evidence.signs:
                return _written(app, store, found, refused, into)
    with app.database.read() as store:
        return _written(app, store, _Found.of(app, store, number), None, into)


@dataclass(frozen=True, slots=True)
class _Found:
    """A case as one look at the database shows it, with what stands beside it in the log."""

    file: File
    lines: list[StoredEntry]
    mails: list[Held]
    beside: list[StoredEntry]
    proven: Proven

    @classmethod
    def of(cls, app: App, store: Store, number: str) -> _Found:
        case, world = store.cases.get(number), app.world(store)
        lines = store.chains.lines(case.stream)
        mails = mails_of(store, case, world.now)
        beside = related(store, case, lines, mails)
        told = tuple(line.entry for line in lines)
        file = File(case, world, told, next_steps(case, world), ())
        return cls(file, lines, mails, beside, proven(store, [*lines, *beside]))


def _written(
    app: App, store: Store, found: _Found, refused: Text | None, into: IO[bytes]
) -> Exported:
    case, note = found.file.case, found.proven.note
    sealing = Sealing(found.proven.sealed_at, _why(found, refused), note)
    with zipfile.ZipFile(into, "w") as pack:
        out = _Pack(pack, found.file.world.now)
        held = _documents(app, out, found.file) | _mails(out, found.mails)
        _entries(out, "protokoll", found.lines, found.proven, withheld=frozenset())
        closed = {m.line.id for m in found.mails if m.line is not None and not m.open}
        _entries(out, "umfeld", found.beside, found.proven, withheld=closed)
        for name, data in definitions_of(store, found.lines):
            out.add(f"definitionen/{name}", data)
        _seal(app, store, out, note)
        for language, name in (("de", "akte.html"), ("en", "file.html")):
            out.add(name, as_html(page_of(found.file, found.mails, sealing), language).encode())
        for name, text in guide.texts(case.number, found.file.world.now, sealing.why):
            out.add(name, text.encode())
        out.add("pruefen.py", VERIFIER.read_bytes())
        contents = _contents(found, held, sealing, out)
        out.add("inhalt.json", contents)
    return Exported(
        f"akte-{case.number}.zip",
        case.uid,
        len(found.lines),
        sum(name.startswith("dokumente/") for name in out.digests),
        sum(name.startswith("nachrichten/") for name in out.digests),
        hashlib.sha256(contents).hexdigest(),
        sealing.at if sealing.why is None else None,
        sealing.why,
    )


class _Pack:
    """A ZIP being written, which remembers the digest of each file."""

    def __init__(self, pack: zipfile.ZipFile, now: datetime) -> None:
        self._pack = pack
        self._time = now.astimezone(BERLIN).timetuple()[:6]
        self.digests: dict[str, str] = {}

    def add(self, name: str, data: bytes) -> None:
        """Write a file of text, compressed."""
        self._pack.writestr(self._info(name), data, zipfile.ZIP_DEFLATED)
        self.digests[name] = hashlib.sha256(data).hexdigest()

    def copy(self, name: str, source: IO[bytes]) -> None:
        """Write a file as it is: what was submitted is not squeezed a second time."""
        digest = hashlib.sha256()
        with self._pack.open(self._info(name), "w", force_zip64=True) as target:
            shutil.copyfileobj(source, _Both(target, digest))
        self.digests[name] = digest.hexdigest()

    def _info(self, name: str) -> zipfile.ZipInfo:
        info = zipfile.ZipInfo(name, self._time)
        info.external_attr = 0o100644 << 16
        return info


class _Both:
    """Writes to a file and into its digest."""

    def __init__(self, target: IO[bytes], digest: Any) -> None:
        self._target, self._digest = target, digest

    def write(self, data: bytes) -> int:
        self._digest.update(data)
        return self._target.write(data)


def _documents(app: App, out: _Pack, file: File) -> dict[str, Any]:
    held: dict[str, Any] = {}
    rows = file.case.documents
    for name, document in zip(names(rows), rows, strict=True):
        place = f"dokumente/{name}"
        try:
            salt = documents.salt_of(app.config.documents, document.uid)
            with documents.open_document(app.config.documents, document.uid) as source:
                out.copy(place, source)
        except NotFound:
            held[document.uid] = {"file": None, "why": "erased or missing"}
        else:
            held[document.uid] = {"file": place, "salt": guide.plain(salt)}
    return held


def _mails(out: _Pack, mails: Iterable[Held]) -> dict[str, Any]:
    held: dict[str, Any] = {}
    for mail in mails:
        place = f"nachrichten/{len(held) + 1:03}-{mail.uid}.eml"
        if mail.data is None:
            held[mail.uid] = {"file": None, "why": mail.why}
        else:
            out.add(place, mail.data)
            held[mail.uid] = {"file": place, "salt": guide.plain(mail.salt)}
    out.add("nachrichten.jsonl", b"".join(orjson.dumps(m.told) + b"\n" for m in mails))
    return held


def _entries(
    out: _Pack,
    name: str,
    lines: Iterable[StoredEntry],
    proven_: Proven,
    withheld: Iterable[int],
) -> None:
    told = []
    for number, line in enumerate(lines, start=1):
        body = line.body if line.salt and line.id not in withheld else None
        said = {
            "header": guide.plain(line.header),
            "leaf": line.leaf.hex(),
            "salt": None if body is None else guide.plain(line.salt or b""),
            "body": None if body is None else guide.plain(body),
        }
        told.append(orjson.dumps(said) + b"\n")
        if line.id in proven_.proofs:
            place = f"beweise/{name}-{number:04}.tlog-proof"
            out.add(place, proven_.proofs[line.id].encode())
    out.add(f"{name}.jsonl", b"".join(told))


def _seal(app: App, store: Store, out: _Pack, note: Note | None) -> None:
    if note is not None:
        out.add("pruefpunkt.txt", note.written.encode())
        _stamp(store, out, note)
    out.add("schluessel.txt", "".join(f"{k.vkey}\n" for k in keys_of(app, note)).encode())
    out.add("konsistenz.txt", ways(store, note).encode())


def _stamp(store: Store, out: _Pack, note: Note) -> None:
    """Write the newest time stamp up to the checkpoint, with the very bytes that were stamped."""
    stamp = newest_stamp(store.connection, Checkpoint.read(note.text).size)
    if stamp is not None and stamp.note is not None:
        out.add("zeitstempel.txt", stamp.note.encode())
        out.add("zeitstempel.tsr", stamp.response)


def _why(found: _Found, refused: Text | None) -> Text | None:
    """Return why something is not sealed, None where everything is."""
    return None if found.proven.whole else refused or guide.NOT_YET


def _contents(found: _Found, held: dict[str, Any], sealing: Sealing, out: _Pack) -> bytes:
    case = found.file.case
    said = {
        "format": FORMAT,
        "case": case.number,
        "stream": case.stream,
        "exported_at": found.file.world.now.isoformat(),
        "entries": len(found.lines),
        "head": found.lines[-1].leaf.hex(),
        "sealed_at": None if sealing.at is None else sealing.at.isoformat(),
        "unsealed": None if sealing.why is None else sealing.why.de,
        "held": held,
        "files": out.digests,
    }
    return orjson.dumps(said, option=orjson.OPT_INDENT_2) + b"\n"
