"""A file of a case as it is handed out, and the ways in which people may tamper with it."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from engine.core.ledger import broken, commitment
from engine.core.merkle import leaf_hash, verify_inclusion
from engine.core.notes import COSIGNATURE, Checkpoint, Key, Note, NoteError, cosigned, opened
from engine.delivery import deliver
from engine.services.evidence import pruefen
from engine.services.evidence.exporting import export
from engine.services.evidence.keys import make_first_key
from engine.services.evidence.offering import take_back, take_on
from engine.services.evidence.sealing import seal_due
from tests.installation import House

VERIFIER = Path(pruefen.__file__)
Files = dict[str, bytes]


@dataclass
class HandedOut:
    """A file of a case, the key on paper, a checkpoint remembered before it, and the witness."""

    data: bytes
    vkey: str
    witness: str
    remembered: str
    number: str

    @property
    def files(self) -> Files:
        """The files in it."""
        with zipfile.ZipFile(io.BytesIO(self.data)) as pack:
            return {name: pack.read(name) for name in pack.namelist()}


def public(private: Ed25519PrivateKey) -> bytes:
    """Return the 32 bytes of the public key."""
    return private.public_key().public_bytes_raw()


def play(house: House, **changes: Any) -> str:
    """Play a case with two documents, mails, free texts and a decision to stop; its number."""
    number = house.register(**changes).number
    house.take(number, "informieren", "weber", participation="integration")
    deliver(house.app)
    house.clock.on(1)
    house.take(number, "zurueckziehen", "weber", fields={"grund": "Die Förderung entfällt."})
    deliver(house.app)
    return number


def hand_out(house: House) -> HandedOut:
    """Play a case, let a witness cosign the log, and write the file."""
    make_first_key(house.app)
    sealed = seal_due(house.app, at_once=True)
    assert sealed is not None
    number = play(house)
    private = Ed25519PrivateKey.generate()
    key = Key("zeuge.example/rechtsamt", COSIGNATURE, public(private))
    take_on(house.app, key.vkey)
    newest = seal_due(house.app, at_once=True)
    assert newest is not None
    note = Note.read(newest.note)
    second = int(house.clock.now().timestamp())
    note = note.beside(cosigned(note.text, key, second, private.sign))
    take_back(house.app, note.written)
    into = io.BytesIO()
    done = export(house.app, number, into)
    assert done.unsealed is None
    vkey = (house.folder / "state" / "keys").read_text().splitlines()[0]
    return HandedOut(into.getvalue(), vkey, key.vkey, sealed.note, number)


def zipped(files: Mapping[str, bytes]) -> bytes:
    """Return a ZIP of these files."""
    into = io.BytesIO()
    with zipfile.ZipFile(into, "w", zipfile.ZIP_DEFLATED) as pack:
        for name, data in files.items():
            pack.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)
    return into.getvalue()


def informed(files: Files) -> None:
    """Bring the table of contents up to date, as somebody who knows the form would."""
    toc = json.loads(files["inhalt.json"])
    toc["files"] = {
        name: hashlib.sha256(data).hexdigest()
        for name, data in files.items()
        if name != "inhalt.json"
    }
    files["inhalt.json"] = json.dumps(toc).encode()


@lru_cache(maxsize=1)
def alone() -> tuple[str, ...]:
    """Return what keeps a command from every network, nothing where that is not allowed here."""
    try:
        found = subprocess.run(["unshare", "-rn", "true"], capture_output=True, check=False)
    except OSError:
        return ()
    return ("unshare", "-rn") if found.returncode == 0 else ()


def run(folder: Path, data: bytes, *options: str, python: str = sys.executable) -> tuple[int, str]:
    """Run the verifier out of the file's reach of anything: no packages, no network, no settings.

    Returns its exit code and what it says.
    """
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "pruefen.py").write_bytes(VERIFIER.read_bytes())
    (folder / "akte.zip").write_bytes(data)
    command = [*alone(), python, "-I", "-S", "pruefen.py", "akte.zip", *options]
    kept = {"PATH": os.environ["PATH"], "PYTHONUTF8": "1"}
    done = subprocess.run(command, cwd=folder, env=kept, capture_output=True, check=False)
    assert not done.stderr, done.stderr.decode()
    return done.returncode, done.stdout.decode()


def based(data: bytes) -> str:
    return base64.b64encode(data).decode()


def rows(files: Files, name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in files[name].splitlines()]


def put_rows(files: Files, name: str, said: list[dict[str, Any]]) -> None:
    files[name] = b"".join(json.dumps(x).encode() + b"\n" for x in said)


def header(row: dict[str, Any]) -> dict[str, Any]:
    said: dict[str, Any] = json.loads(base64.b64decode(row["header"]))
    return said


def rewrite(row: dict[str, Any], change: Callable[[dict[str, Any]], None]) -> None:
    """Change a header and put its leaf right, so that only chain and tree can tell."""
    said = header(row)
    change(said)
    raw = json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    row["header"], row["leaf"] = based(raw), leaf_hash(raw).hex()


def rechain(said: list[dict[str, Any]]) -> None:
    """Put the whole chain right after a change."""
    prev = "00" * 32
    for row in said:

        def follow(x: dict[str, Any], prev: str = prev) -> None:
            x["prev"] = prev

        rewrite(row, follow)
        prev = row["leaf"]


# What the package's own functions say of a file


def unchanged(data: bytes, vkeys: list[str]) -> bool:
    """Return whether the core's functions find everything as it was, without the verifier."""
    try:
        return _unchanged(data, [Key.read(v) for v in vkeys])
    except (
        KeyError,
        RecursionError,
        ValueError,
        TypeError,
        NoteError,
        zipfile.BadZipFile,
        AttributeError,
        IndexError,
    ):
        return False


def _unchanged(data: bytes, keys: list[Key]) -> bool:
    with zipfile.ZipFile(io.BytesIO(data)) as pack:
        if len(set(pack.namelist())) != len(pack.namelist()):
            return False
        files = {name: pack.read(name) for name in pack.namelist()}
    toc = json.loads(files["inhalt.json"])
    listed = {n: hashlib.sha256(d).hexdigest() for n, d in files.items() if n != "inhalt.json"}
    if listed != toc["files"]:
        return False
    note = files["pruefpunkt.txt"].decode()
    seal = opened(note, note.split("\n")[0], keys)
    case, beside = rows(files, "protokoll.jsonl"), rows(files, "umfeld.jsonl")
    headers = [base64.b64decode(r["header"]) for r in case]
    if len(case) != toc["entries"] or {header(r)["stream"] for r in case} != {toc["stream"]}:
        return False
    if broken(headers, [bytes.fromhex(r["leaf"]) for r in case]) is not None:
        return False
    for name, lines in (("protokoll", case), ("umfeld", beside)):
        for number, row in enumerate(lines, 1):
            proof = files[f"beweise/{name}-{number:04}.tlog-proof"].decode()
            if not (_proven(row, proof, note, seal) and _body_fits(row)):
                return False
    return _enclosed(files, toc, case, beside)


def _proven(row: dict[str, Any], proof: str, note: str, seal: Checkpoint) -> bool:
    way, _, below = proof.partition("\n\n")
    first, index, *path = way.split("\n")
    raw = base64.b64decode(row["header"])
    return (
        first == "c2sp.org/tlog-proof@v1"
        and index == f"index {int(index.removeprefix('index '))}"
        and below == note
        and leaf_hash(raw).hex() == row["leaf"]
        and verify_inclusion(
            leaf_hash(raw),
            int(index.removeprefix("index ")),
            seal.size,
            [base64.b64decode(p) for p in path],
            seal.root,
        )
    )


def _body_fits(row: dict[str, Any]) -> bool:
    if row["body"] is None:
        return True
    salt, body = base64.b64decode(row["salt"]), base64.b64decode(row["body"])
    return len(salt) == 32 and commitment(salt, body) == header(row)["private"]


def _enclosed(files: Files, toc: dict[str, Any], case: Any, beside: Any) -> bool:
    said = [header(r) for r in beside]
    erased = any(s["stream"] == "retention" and s["type"] == "erased" for s in said)
    if any(r["body"] is None and header(r)["private"] for r in case) and not erased:
        return False
    papers = {
        d["uid"]: d["commitment"] for r in case for d in header(r)["plain"].get("documents", ())
    }
    sent = {s["plain"]["message"]: s["plain"]["commitment"] for s in said if s["type"] == "message"}
    used = set()
    for uid, committed in {**papers, **sent}.items():
        held = toc["held"].get(uid, {"file": None})
        if held["file"] is None:
            if uid in papers and not erased:
                return False
            continue
        salt = base64.b64decode(held["salt"])
        if len(salt) != 32 or commitment(salt, files[held["file"]]) != committed:
            return False
        used.add(held["file"])
    active = {s["plain"]["digest"] for s in said if s["type"] == "activation"}
    laws = {n for n in files if n.startswith("definitionen/")}
    digests = {hashlib.sha256(files[n]).hexdigest() for n in laws}
    pins = {
        pin.rpartition("@")[2]
        for p in (header(r)["plain"] for r in case)
        for pin in (p.get("calendar"), p.get("ladder"), p.get("definition"), *p.get("law", ()))
        if pin
    }
    loose = {n for n in files if n.startswith(("dokumente/", "nachrichten/"))} - used
    proofs = sum(n.startswith("beweise/") for n in files)
    return (
        not loose
        and digests <= active
        and all(any(d.startswith(pin) for d in digests) for pin in pins)
        and proofs == len(case) + len(beside)
    )
