"""The verifier in the file of a case names what was changed, and needs nothing but Python."""

from __future__ import annotations

import ast
import base64
import hashlib
import io
import json
import random
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.core import ed25519, ledger, merkle
from engine.core.notes import ED25519, Checkpoint, Key, Note, signed
from engine.services.evidence import pruefen
from tests.handing_out import (
    VERIFIER,
    Files,
    HandedOut,
    alone,
    based,
    hand_out,
    header,
    informed,
    public,
    put_rows,
    rechain,
    rewrite,
    rows,
    run,
    unchanged,
    zipped,
)
from tests.installation import house

HASHES = st.binary(min_size=32, max_size=32)


@pytest.fixture(scope="module")
def given_out(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HandedOut]:
    made = house(tmp_path_factory.mktemp("ausgabe") / "haus")
    yield hand_out(made)
    made.app.close()


# An unchanged file


def test_an_unchanged_file_is_said_to_be_so_in_an_empty_environment(
    given_out: HandedOut, tmp_path: Path
) -> None:
    code, said = run(tmp_path, given_out.data, "--schluessel", given_out.vkey)
    assert code == 0, said
    first, *rest = said.splitlines()
    assert first.startswith("Unversehrt. ")
    assert first.endswith(" Siegel vom 24.03.2026 stimmt.")
    assert "Schwächer" not in said
    assert any(line.startswith("Vollständig bis Eintrag ") for line in rest)
    assert unchanged(given_out.data, [given_out.vkey, given_out.witness])


def test_a_key_out_of_the_file_itself_is_said_to_be_weaker(
    given_out: HandedOut, tmp_path: Path
) -> None:
    code, said = run(tmp_path, given_out.data)
    assert code == 0
    assert f"Schwächer: Der Schlüssel {given_out.vkey} stammt aus der Akte selbst" in said
    assert "Mitgezeichnet von zeuge.example/rechtsamt am 24.03.2026." in said


def test_it_speaks_english(given_out: HandedOut, tmp_path: Path) -> None:
    code, said = run(tmp_path, given_out.data, "--schluessel", given_out.vkey, "--en")
    assert code == 0
    assert said.startswith("Intact. ")
    assert "Vollständig" not in said


def test_a_remembered_checkpoint_shows_that_the_log_only_grew(
    given_out: HandedOut, tmp_path: Path
) -> None:
    tmp_path.joinpath("alt.txt").write_text(given_out.remembered)
    options = ("--schluessel", given_out.vkey, "--pruefpunkt", "alt.txt")
    code, said = run(tmp_path, given_out.data, *options)
    assert code == 0
    size = Checkpoint.read(Note.read(given_out.remembered).text).size
    assert f"Der mitgebrachte Prüfpunkt ({size} Einträge) passt." in said
    tmp_path.joinpath("alt.txt").write_bytes(given_out.files["pruefpunkt.txt"])
    assert run(tmp_path, given_out.data, *options)[0] == 0


def test_without_a_way_to_the_remembered_checkpoint_nothing_is_claimed(
    given_out: HandedOut, tmp_path: Path
) -> None:
    files = given_out.files
    files["konsistenz.txt"] = b""
    informed(files)
    tmp_path.joinpath("alt.txt").write_text(given_out.remembered)
    code, said = run(
        tmp_path, zipped(files), "--schluessel", given_out.vkey, "--pruefpunkt", "alt.txt"
    )
    assert code == 2
    assert "Unversehrt" not in said
    assert "führt diese Akte nicht" in said


def test_a_log_that_was_rewritten_does_not_fit_what_somebody_remembers(tmp_path: Path) -> None:
    """The key was stolen and everything made anew: only who remembers can tell."""
    made = house(tmp_path / "haus")
    found = hand_out(made)
    made.app.close()
    key, private = Key.read(found.vkey), _stolen(tmp_path / "haus")
    other = Checkpoint(key.name, 7, hashlib.sha256(b"another log").digest(), ("time 1",)).text
    note = Note(other, (signed(other, key, private.sign),)).written
    files = found.files
    size = Checkpoint.read(Note.read(files["pruefpunkt.txt"].decode()).text).size
    leaves = [hashlib.sha256(str(n).encode()).digest() for n in range(size)]
    way = merkle.consistency_proof(leaves, 7)
    files["konsistenz.txt"] = f"7 {' '.join(map(based, way))}\n".encode()
    informed(files)
    (tmp_path / "alt.txt").write_text(note)
    code, said = run(tmp_path, zipped(files), "--schluessel", found.vkey, "--pruefpunkt", "alt.txt")
    assert code == 1
    assert "umgeschrieben" in said


def _stolen(folder: Path) -> Ed25519PrivateKey:
    from engine.services.evidence.keys import read_key

    return read_key(folder / "state" / "log.key").private


# Every kind of change


def first_with(files: Files, name: str) -> str:
    return next(n for n in sorted(files) if n.startswith(name))


def flipped(name: str) -> Callable[[Files], None]:
    def change(files: Files) -> None:
        found = first_with(files, name)
        data = bytearray(files[found])
        data[len(data) // 2] ^= 1
        files[found] = bytes(data)

    return change


def longer(name: str) -> Callable[[Files], None]:
    def change(files: Files) -> None:
        files[first_with(files, name)] += b" "

    return change


def removed(name: str) -> Callable[[Files], None]:
    def change(files: Files) -> None:
        del files[first_with(files, name)]

    return change


def added(name: str) -> Callable[[Files], None]:
    def change(files: Files) -> None:
        files[name] = b"fremd"

    return change


def swapped(one: str, other: str) -> Callable[[Files], None]:
    def change(files: Files) -> None:
        files[one], files[other] = files[other], files[one]

    return change


def row(name: str, number: int, key: str, value: object) -> Callable[[Files], None]:
    def change(files: Files) -> None:
        said = rows(files, name)
        said[number - 1][key] = value
        put_rows(files, name, said)

    return change


def in_header(name: str, number: int, key: str, value: object) -> Callable[[Files], None]:
    def change(files: Files) -> None:
        said = rows(files, name)
        rewrite(said[number - 1], lambda x: x.__setitem__(key, value))
        put_rows(files, name, said)

    return change


def chained(files: Files) -> None:
    said = rows(files, "protokoll.jsonl")
    rewrite(said[1], lambda x: x.__setitem__("happened_on", "2026-01-01"))
    rechain(said)
    put_rows(files, "protokoll.jsonl", said)


def order(files: Files) -> None:
    said = rows(files, "protokoll.jsonl")
    said[1], said[2] = said[2], said[1]
    put_rows(files, "protokoll.jsonl", said)


def order_with_proofs(files: Files) -> None:
    order(files)
    swapped("beweise/protokoll-0002.tlog-proof", "beweise/protokoll-0003.tlog-proof")(files)


def dropped(number: int) -> Callable[[Files], None]:
    """Take an entry out, close the gap among the proofs, and put the chain right."""

    def change(files: Files) -> None:
        said = rows(files, "protokoll.jsonl")
        last = len(said)
        del said[number - 1]
        for n in range(number, last):
            here, next_ = (f"beweise/protokoll-{m:04}.tlog-proof" for m in (n, n + 1))
            files[here] = files[next_]
        del files[f"beweise/protokoll-{last:04}.tlog-proof"]
        put_rows(files, "protokoll.jsonl", said)

    return change


def cut(files: Files) -> None:
    dropped(len(rows(files, "protokoll.jsonl")))(files)


def doubled(files: Files) -> None:
    files["protokoll.jsonl"] += files["protokoll.jsonl"].splitlines(keepends=True)[0]


def body(files: Files) -> None:
    said = rows(files, "protokoll.jsonl")
    said[0]["body"] = based(base64.b64decode(said[0]["body"]).replace(b"Neubau", b"Umbau "))
    put_rows(files, "protokoll.jsonl", said)


def moved_salt(files: Files) -> None:
    """The same bytes under the digest, but the border between salt and body is another one."""
    said = rows(files, "protokoll.jsonl")
    salt, text = (base64.b64decode(said[0][k]) for k in ("salt", "body"))
    said[0]["salt"], said[0]["body"] = based(salt + text[:5]), based(text[5:])
    put_rows(files, "protokoll.jsonl", said)


def foreign_body(files: Files) -> None:
    """An entry without a private part is given one."""
    said = rows(files, "protokoll.jsonl")
    mine = next(r for r in said if not header(r)["private"])
    mine["salt"], mine["body"] = "", based(b'{"reason":"erfunden"}')
    put_rows(files, "protokoll.jsonl", said)


def no_body(files: Files) -> None:
    row("protokoll.jsonl", 1, "body", None)(files)


def proof_line(
    change: Callable[[list[str]], None], name: str = "protokoll-0002"
) -> Callable[[Files], None]:
    def changed(files: Files) -> None:
        place = f"beweise/{name}.tlog-proof"
        way, gap, note = files[place].decode().partition("\n\n")
        lines = way.split("\n")
        change(lines)
        files[place] = ("\n".join(lines) + gap + note).encode()

    return changed


def note_line(number: int, words: str) -> Callable[[Files], None]:
    """Change a line of the checkpoint, in every proof too."""

    def change(files: Files) -> None:
        old = files["pruefpunkt.txt"].decode()
        lines = old.split("\n")
        lines[number] = words
        new = "\n".join(lines)
        for name in [n for n in files if n.startswith("beweise/")] + ["pruefpunkt.txt"]:
            files[name] = files[name].decode().replace(old, new).encode()

    return change


def own_seal(files: Files) -> None:
    """Everything is sealed anew with a key of one's own, which the file then names."""
    old = files["pruefpunkt.txt"].decode()
    private = Ed25519PrivateKey.generate()
    text = Note.read(old).text
    key = Key(text.split("\n")[0], ED25519, public(private))
    new = Note(text, (signed(text, key, private.sign),)).written
    for name in [n for n in files if n.startswith("beweise/")] + ["pruefpunkt.txt"]:
        files[name] = files[name].decode().replace(old, new).encode()
    files["schluessel.txt"] = f"{key.vkey}\n".encode()


def forged_signature(files: Files) -> None:
    old = files["pruefpunkt.txt"].decode()
    note = Note.read(old)
    forged = note.signatures[0].__class__(
        note.signatures[0].name, note.signatures[0].identifier, bytes(64)
    )
    note_line(len(old.split("\n\n")[0].split("\n")) + 1, forged.line.rstrip("\n"))(files)


def held(uid_of: str, key: str, value: object) -> Callable[[Files], None]:
    def change(files: Files) -> None:
        toc = json.loads(files["inhalt.json"])
        mine = next(x for x in toc["held"].values() if (x["file"] or "").startswith(uid_of))
        if key == "file":
            del files[mine["file"]]
        mine[key] = value
        files["inhalt.json"] = json.dumps(toc).encode()

    return change


def toc(key: str, value: object) -> Callable[[Files], None]:
    def change(files: Files) -> None:
        said = json.loads(files["inhalt.json"])
        said[key] = value
        files["inhalt.json"] = json.dumps(said).encode()

    return change


def law(files: Files) -> None:
    """A definition is changed and renamed to the digest that its bytes now have."""
    name = first_with(files, "definitionen/workflow")
    data = files.pop(name) + b"# eine Zeile mehr\n"
    stem = name.rpartition("-")[0]
    files[f"{stem}-{hashlib.sha256(data).hexdigest()[:16]}.yaml"] = data


def law_with_activation(files: Files) -> None:
    """As before, and the entry of its activation is changed to fit."""
    name = first_with(files, "definitionen/workflow")
    old = hashlib.sha256(files[name]).hexdigest()
    files[name] += b"# eine Zeile mehr\n"
    new = hashlib.sha256(files[name]).hexdigest()
    said = rows(files, "umfeld.jsonl")
    for one in said:
        if header(one)["plain"].get("digest") == old:
            rewrite(one, lambda x: x["plain"].__setitem__("digest", new))
    put_rows(files, "umfeld.jsonl", said)


P, U = "protokoll.jsonl", "umfeld.jsonl"
ENTRY, BESIDE = "Eintrag {} wurde verändert.", "Begleiteintrag {} wurde verändert."
LIST = "fehlt oder ist zu viel"

# What is done, and what somebody who also mends the table of contents is told (code and words);
# None where only such a table can tell: those files are copies that nothing in the log names.
CHANGES: dict[str, tuple[Callable[[Files], None], int | None, str]] = {
    "a header's byte": (in_header(P, 3, "actor", "jemand"), 1, ENTRY.format(3)),
    "a header's day": (in_header(P, 2, "happened_on", "2026-01-01"), 1, ENTRY.format(2)),
    "a header's time": (in_header(P, 2, "recorded_at", 1), 1, ENTRY.format(2)),
    "a header's type": (in_header(P, 4, "type", "eingang"), 1, ENTRY.format(4)),
    "a header's plain part": (in_header(P, 4, "plain", {}), 1, ENTRY.format(4)),
    "a header's log": (in_header(P, 1, "log", "rechtzeitig/other"), 1, ENTRY.format(1)),
    "a header's number": (in_header(P, 2, "seq", 9), 1, ENTRY.format(2)),
    "a header's strand": (in_header(P, 2, "stream", "case/0"), 1, ENTRY.format(2)),
    "a header's prev": (in_header(P, 3, "prev", "00" * 32), 1, ENTRY.format(3)),
    "a header's version": (in_header(P, 1, "v", 2), 1, ENTRY.format(1)),
    "a header's commitment": (in_header(P, 1, "private", "00" * 32), 1, ENTRY.format(1)),
    "a header that is no header": (row(P, 2, "header", based(b"{}")), 1, ENTRY.format(2)),
    "a header that is no JSON": (row(P, 2, "header", based(b"x")), 1, ENTRY.format(2)),
    "a header that is no base64": (row(P, 2, "header", "!"), 1, ENTRY.format(2)),
    "a header that nests too deep": (row(P, 2, "header", based(b"[" * 100_000)), 1, ENTRY.format(2)),
    "the whole chain recomputed": (chained, 1, ENTRY.format(2)),
    "a leaf": (row(P, 3, "leaf", "00" * 32), 1, ENTRY.format(3)),
    "no leaf": (row(P, 3, "leaf", None), 1, ENTRY.format(3)),
    "a body": (body, 1, ENTRY.format(1)),
    "a body that is no base64": (row(P, 1, "body", "!!"), 1, ENTRY.format(1)),
    "a body taken away": (no_body, 1, "ohne Löschung"),
    "a body for an entry without one": (foreign_body, 1, "wurde verändert."),
    "a salt": (row(P, 1, "salt", based(bytes(32))), 1, ENTRY.format(1)),
    "a salt that takes from the body": (moved_salt, 1, ENTRY.format(1)),
    "entries in another order": (order, 1, ENTRY.format(2)),
    "entries and proofs in another order": (order_with_proofs, 1, ENTRY.format(2)),
    "the first entry taken out": (dropped(1), 1, ENTRY.format(1)),
    "an entry taken out": (dropped(2), 1, ENTRY.format(2)),
    "the last entry taken out": (cut, 1, "fehlt."),
    "an entry twice": (doubled, 1, "wurde verändert."),
    "a line that is no JSON": (lambda f: f.__setitem__(P, f[P] + b"x\n"), 1, "wurde verändert."),
    "a proof's index": (proof_line(lambda x: x.__setitem__(1, "index 1")), 1, ENTRY.format(2)),
    "a proof's index far out": (proof_line(lambda x: x.__setitem__(1, "index 99999999")), 1, ENTRY.format(2)),
    "a proof's index below zero": (proof_line(lambda x: x.__setitem__(1, "index -1")), 1, ENTRY.format(2)),
    "a proof's index in another form": (proof_line(lambda x: x.__setitem__(1, x[1].replace(" ", " 0"))), 1, ENTRY.format(2)),
    "a proof's hash": (proof_line(lambda x: x.__setitem__(2, based(bytes(32)))), 1, ENTRY.format(2)),
    "a proof's hash too short": (proof_line(lambda x: x.__setitem__(2, based(bytes(31)))), 1, ENTRY.format(2)),
    "a proof without a hash": (proof_line(lambda x: x.pop()), 1, ENTRY.format(2)),
    "a proof with a hash more": (proof_line(lambda x: x.append(based(bytes(32)))), 1, ENTRY.format(2)),
    "a proof of another version": (proof_line(lambda x: x.__setitem__(0, "c2sp.org/tlog-proof@v2")), 1, ENTRY.format(2)),
    "a proof's checkpoint": (longer("beweise/protokoll-0002"), 1, ENTRY.format(2)),
    "a proof emptied": (lambda f: f.__setitem__("beweise/protokoll-0002.tlog-proof", b""), 2, "ohne Siegel"),
    "proofs exchanged": (swapped("beweise/protokoll-0001.tlog-proof", "beweise/protokoll-0002.tlog-proof"), 1, ENTRY.format(1)),
    "a proof exchanged with another strand's": (swapped("beweise/protokoll-0001.tlog-proof", "beweise/umfeld-0001.tlog-proof"), 1, ENTRY.format(1)),
    "a proof taken away": (removed("beweise/protokoll-0002"), 2, "ohne Siegel"),
    "a proof of no entry": (added("beweise/protokoll-9999.tlog-proof"), 1, "gehört nicht zur Akte"),
    "all proofs and the seal taken away": (lambda f: [f.pop(n) for n in list(f) if n.startswith(("beweise/", "pruefpunkt"))] and None, 2, "ohne Siegel"),
    "an accompanying entry": (in_header(U, 2, "actor", "jemand"), 1, BESIDE.format(2)),
    "an accompanying proof": (proof_line(lambda x: x.pop(), "umfeld-0003"), 1, BESIDE.format(3)),
    "accompanying entries in another order": (lambda f: put_rows(f, U, rows(f, U)[::-1]), 1, BESIDE.format(1)),
    "the accompanying entries taken away": (lambda f: f.__setitem__(U, b""), 1, ""),
    "the seal's size": (note_line(1, "12345"), 1, "Unterschrift"),
    "the seal's root": (note_line(2, based(bytes(32))), 1, "Unterschrift"),
    "the seal's time": (note_line(3, "time 1"), 1, "Unterschrift"),
    "the seal's log": (note_line(0, "rechtzeitig/other"), 1, "Unterschrift"),
    "the seal's signature": (forged_signature, 1, "Unterschrift"),
    "the seal taken away": (removed("pruefpunkt.txt"), 1, ""),
    "the seal emptied": (lambda f: f.__setitem__("pruefpunkt.txt", b""), 1, ""),
    "another seal": (lambda f: f.__setitem__("pruefpunkt.txt", b"x\n1\n\n-\n"), 2, "Nicht prüfbar"),
    "a seal and key of one's own": (own_seal, 2, "Kein bekannter Schlüssel"),
    "a document's byte": (flipped("dokumente/"), 1, "dokumente/001-Vorlage.txt fehlt oder wurde verändert."),
    "a document made longer": (longer("dokumente/"), 1, "dokumente/"),
    "a document taken away": (removed("dokumente/"), 2, "Nicht prüfbar"),
    "a document taken away and disowned": (held("dokumente/", "file", None), 1, "ohne Löschung"),
    "a document's salt": (held("dokumente/", "salt", based(bytes(32))), 1, "dokumente/"),
    "a document more": (added("dokumente/999-mehr.txt"), 1, "gehört nicht zur Akte"),
    "a mail's byte": (flipped("nachrichten/"), 1, "nachrichten/0"),
    "a mail made longer": (longer("nachrichten/"), 1, "nachrichten/0"),
    "a mail's salt": (held("nachrichten/", "salt", based(bytes(31))), 1, "nachrichten/"),
    "a mail more": (added("nachrichten/999-mehr.eml"), 1, "gehört nicht zur Akte"),
    "a mail taken away": (removed("nachrichten/"), 2, "Nicht prüfbar"),
    "a definition's byte": (flipped("definitionen/workflow"), 1, "Die Definition"),
    "a definition under a new name": (law, 1, "Die Definition"),
    "a definition and its activation": (law_with_activation, 1, "Begleiteintrag"),
    "a definition taken away": (removed("definitionen/workflow"), 1, "Die Definition"),
    "a definition more": (added("definitionen/pack-fremd-0.yaml"), 1, "gehört nicht zur Akte"),
    "the number of entries": (toc("entries", 99), 1, "fehlt."),
    "the strand's name": (toc("stream", "case/0"), 1, ENTRY.format(1)),
    "no list of files": (toc("files", []), 2, "Nicht prüfbar"),
    "nothing held": (toc("held", {}), 1, "ohne Löschung"),
    "no table of contents": (removed("inhalt.json"), 2, "Nicht prüfbar"),
    "a table that is no JSON": (lambda f: f.__setitem__("inhalt.json", b"x"), 2, "Nicht prüfbar"),
    "no entries": (lambda f: f.__setitem__(P, b""), 1, "Eintrag 1 fehlt."),
    "the readable copy": (flipped("akte.html"), None, "akte.html wurde verändert; das Protokoll selbst"),
    "the English copy": (longer("file.html"), None, "file.html wurde verändert; das Protokoll selbst"),
    "the guide": (longer("LIESMICH.txt"), None, "LIESMICH.txt wurde verändert"),
    "the answers of the servers": (longer("nachrichten.jsonl"), None, "nachrichten.jsonl wurde verändert"),
    "the verifier inside": (longer("pruefen.py"), None, "pruefen.py wurde verändert"),
    "the list of keys": (longer("schluessel.txt"), None, "schluessel.txt wurde verändert"),
    "the ways": (longer("konsistenz.txt"), None, "konsistenz.txt wurde verändert"),
}  # fmt: skip


def test_the_table_has_every_kind_of_change() -> None:
    assert len(CHANGES) >= 60


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_is_named(given_out: HandedOut, tmp_path: Path, name: str) -> None:
    change, code, words = CHANGES[name]
    key, keys = ("--schluessel", given_out.vkey), [given_out.vkey]
    files = given_out.files
    change(files)
    simple = zipped(files)
    assert simple != zipped(given_out.files)
    found, said = run(tmp_path / "a", simple, *key)
    assert found != 0, said
    assert "Unversehrt" not in said
    assert not unchanged(simple, keys)
    if code is None:
        assert (found, words in said) == (1, True), said
    if "inhalt.json" not in files or name in ("no list of files", "a table that is no JSON"):
        return
    informed(files)
    clever = zipped(files)
    found, said = run(tmp_path / "b", clever, *key)
    assert unchanged(clever, keys) is (found == 0), said
    if code is None:
        # The log names none of these; what the table of contents says is all there is.
        assert found == 0, said
    elif (code, words) == (2, "Nicht prüfbar") and name.endswith("taken away"):
        assert found == 1, said
    else:
        assert (found, words in said) == (code, True), said


def test_with_only_the_key_in_the_file_a_forger_gets_no_more_than_the_weaker_words(
    given_out: HandedOut, tmp_path: Path
) -> None:
    """The honest limit: who makes everything anew also exchanges the key."""
    files = given_out.files
    own_seal(files)
    informed(files)
    code, said = run(tmp_path, zipped(files))
    assert code == 0
    assert "Schwächer" in said
    assert run(tmp_path, zipped(files), "--schluessel", given_out.vkey)[0] == 2


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_no_single_byte_of_what_counts_can_be_changed(
    given_out: HandedOut, data: st.DataObject
) -> None:
    files = given_out.files
    counts = [
        n
        for n in sorted(files)
        if n.startswith(
            (
                "protokoll",
                "umfeld",
                "beweise/",
                "dokumente/",
                "nachrichten/",
                "definitionen/",
                "pruefpunkt",
            )
        )
    ]
    name = data.draw(st.sampled_from(counts))
    place = data.draw(st.integers(0, len(files[name]) - 1))
    changed = bytearray(files[name])
    changed[place] ^= data.draw(st.integers(1, 255))
    files[name] = bytes(changed)
    informed(files)
    keys = [given_out.vkey, given_out.witness]
    assert _in_process(zipped(files), keys) == unchanged(zipped(files), keys)


@pytest.mark.parametrize("end", [b"\x0b", b"\x0c", b"\x1c", b"\xc2\x85", b"\xe2\x80\xa8"], ids=str)
def test_a_line_ends_with_nothing_but_a_line_feed(given_out: HandedOut, end: bytes) -> None:
    """Python takes more for the end of a line than JSON Lines do; an altered byte is one."""
    files = given_out.files
    files["umfeld.jsonl"] = files["umfeld.jsonl"].removesuffix(b"\n") + end
    informed(files)
    assert not _in_process(zipped(files), [given_out.vkey, given_out.witness])


def _in_process(data: bytes, keys: list[str]) -> bool:
    """Return whether the verifier finds a file unchanged, without a process of its own."""
    try:
        return bool(list(pruefen.check(pruefen.files(io.BytesIO(data)), keys, None)))
    except Exception:
        return False


# Files that are no files of a case


def hostile(names: list[str], **info: int) -> bytes:
    into = io.BytesIO()
    with zipfile.ZipFile(into, "w") as pack:
        for name in names:
            one = zipfile.ZipInfo(name)
            for key, value in info.items():
                setattr(one, key, value)
            pack.writestr(one, b"x")
    return into.getvalue()


def bomb(files: Files) -> bytes:
    return zipped({**files, "dokumente/002-null.bin": bytes(40 << 20)})


NO_FILES = {
    "a way out": lambda f: hostile(["../pruefen.py"]),
    "a way out with a folder of ours": lambda f: hostile(["dokumente/../../x"]),
    "an absolute name": lambda f: hostile(["/etc/passwd"]),
    "a name of Windows": lambda f: hostile(["C:x"]),
    "a backslash": lambda f: hostile(["dokumente\\..\\x"]),
    "a name of dots": lambda f: hostile(["dokumente/.."]),
    "a folder": lambda f: hostile(["dokumente/"]),
    "a folder in a folder": lambda f: hostile(["dokumente/a/b"]),
    "another folder": lambda f: hostile(["engine/x"]),
    "a control character": lambda f: hostile(["a\nb"]),
    "the same name twice": lambda f: hostile(["a", "a"]),
    "the same name in capitals": lambda f: hostile(["a", "A"]),
    "a symbolic link": lambda f: hostile(["a"], external_attr=0o120777 << 16),
    "a device": lambda f: hostile(["a"], external_attr=0o020666 << 16),
    "a bomb": bomb,
    "no ZIP": lambda f: b"no zip at all",
    "nothing": lambda f: b"",
    "an empty ZIP": lambda f: hostile([]),
    "half a ZIP": lambda f: zipped(f)[: len(zipped(f)) // 2],
    "another ZIP": lambda f: hostile(["a.txt"]),
    "a table of contents alone": lambda f: zipped({"inhalt.json": b"{}"}),
    "a table of contents that is a list": lambda f: zipped({"inhalt.json": b"[]"}),
}


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("name", NO_FILES)
def test_what_is_no_file_of_a_case_is_refused_with_a_sentence(
    given_out: HandedOut, tmp_path: Path, name: str
) -> None:
    code, said = run(tmp_path, NO_FILES[name](given_out.files), "--schluessel", given_out.vkey)
    assert code == 2, said
    assert said.startswith("Nicht prüfbar: ")
    assert len(said.splitlines()) == 1
    assert sorted(p.name for p in tmp_path.iterdir()) == ["akte.zip", "pruefen.py"]


def test_bytes_that_do_not_fit_their_checksum_in_the_zip_are_refused(
    given_out: HandedOut, tmp_path: Path
) -> None:
    with zipfile.ZipFile(io.BytesIO(given_out.data)) as pack:
        info = next(i for i in pack.infolist() if i.filename.startswith("dokumente/"))
    place = info.header_offset + 30 + len(info.filename.encode()) + 40
    data = bytearray(given_out.data)
    data[place] ^= 1
    code, said = run(tmp_path, bytes(data), "--schluessel", given_out.vkey)
    assert (code, said.startswith("Nicht prüfbar: ")) == (2, True)


@pytest.mark.parametrize("option", ["--schluessel", "--pruefpunkt"])
def test_what_somebody_brings_must_be_readable(
    given_out: HandedOut, tmp_path: Path, option: str
) -> None:
    tmp_path.joinpath("krumm").write_text("kein Prüfpunkt")
    code, said = run(tmp_path, given_out.data, option, "krumm")
    assert code == 2
    assert said.startswith("Nicht prüfbar: ")


# The program


def test_the_verifier_has_fewer_than_200_lines_and_python_38_can_read_it() -> None:
    source = VERIFIER.read_text()
    assert len(source.splitlines()) < 200
    tree = ast.parse(source, feature_version=(3, 8))
    found = {a.name for n in ast.walk(tree) if isinstance(n, ast.Import) for a in n.names}
    assert found <= set(sys.stdlib_module_names)
    assert not any(isinstance(n, ast.ImportFrom) for n in ast.walk(tree))


def test_the_verifier_never_loads_what_reaches_a_network(
    given_out: HandedOut, tmp_path: Path
) -> None:
    run(tmp_path, given_out.data)
    watch = (
        "import runpy, sys\nsys.argv = ['pruefen.py', 'akte.zip']\n"
        "try: runpy.run_path('pruefen.py', run_name='__main__')\n"
        "except SystemExit as end: assert end.code == 0\n"
        "assert not {'socket', '_socket', 'ssl', 'urllib.request', 'engine'} & set(sys.modules)"
    )
    command = [*alone(), sys.executable, "-I", "-S", "-c", watch]
    done = subprocess.run(command, cwd=tmp_path, env={}, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()


OTHERS = sorted(
    {
        str(Path(found).resolve())
        for minor in range(8, 16)
        if (
            found := shutil.which(
                f"python3.{minor}", path="/usr/bin:/usr/local/bin:/opt/python/bin"
            )
        )
    }
)


@pytest.mark.parametrize("python", OTHERS)
def test_another_python_of_this_machine_says_the_same(
    given_out: HandedOut, tmp_path: Path, python: str
) -> None:
    code, said = run(tmp_path, given_out.data, "--schluessel", given_out.vkey, python=python)
    assert (code, said.startswith("Unversehrt. ")) == (0, True)


# Its pieces are those of the core


@given(st.lists(HASHES, min_size=1, max_size=40), st.data())
def test_it_accepts_the_inclusion_proofs_that_the_core_accepts(
    leaves: list[bytes], data: st.DataObject
) -> None:
    index = data.draw(st.integers(-2, len(leaves) + 3))
    size = data.draw(st.integers(-1, len(leaves) + 3))
    path = merkle.inclusion_proof(leaves, data.draw(st.integers(0, len(leaves) - 1)))
    path = _bent(path, data)
    leaf, root = data.draw(st.sampled_from(leaves)), merkle.root(leaves)
    wanted = merkle.verify_inclusion(leaf, index, size, path, root) if index >= 0 else False
    assert _included(leaf, index, size, path, root) is wanted


@given(st.lists(HASHES, min_size=1, max_size=70), st.data())
def test_the_proofs_that_the_core_makes_lead_to_the_root(
    leaves: list[bytes], data: st.DataObject
) -> None:
    index = data.draw(st.integers(0, len(leaves) - 1))
    path = merkle.inclusion_proof(leaves, index)
    assert pruefen.included(leaves[index], index, len(leaves), path) == merkle.root(leaves)
    first = data.draw(st.integers(1, len(leaves)))
    before, way = merkle.root(leaves[:first]), merkle.consistency_proof(leaves, first)
    assert pruefen.continued(first, len(leaves), way, before) == (before, merkle.root(leaves))


@given(st.lists(HASHES, min_size=1, max_size=40), st.data())
def test_it_accepts_the_consistency_proofs_that_the_core_accepts(
    leaves: list[bytes], data: st.DataObject
) -> None:
    first = data.draw(st.integers(1, len(leaves) + 2))
    made = data.draw(st.integers(1, len(leaves)))
    before = merkle.root(leaves[: data.draw(st.integers(1, len(leaves)))])
    path, root = _bent(merkle.consistency_proof(leaves, made), data), merkle.root(leaves)
    wanted = merkle.verify_consistency(first, before, len(leaves), root, path)
    assert _continued(first, before, len(leaves), root, path) is wanted


def _bent(path: list[bytes], data: st.DataObject) -> list[bytes]:
    how = data.draw(st.sampled_from(["same", "same", "shorter", "longer", "other", "turned"]))
    if how == "shorter":
        return path[:-1]
    if how == "longer":
        return [*path, bytes(32)]
    if how == "other" and path:
        return [bytes(32), *path[1:]]
    return path[::-1] if how == "turned" else path


def _included(leaf: bytes, index: int, size: int, path: list[bytes], root: bytes) -> bool:
    try:
        return bool(pruefen.included(leaf, index, size, path) == root)
    except (KeyError, IndexError, ValueError):
        return False


def _continued(first: int, before: bytes, size: int, root: bytes, path: list[bytes]) -> bool:
    try:
        return bool(pruefen.continued(first, size, path, before) == (before, root))
    except (KeyError, IndexError, ValueError):
        return False


@pytest.mark.parametrize("size", [0, 31, 33, 64])
def test_a_hash_of_another_length_is_none(size: int) -> None:
    with pytest.raises(KeyError):
        pruefen.hashes([based(bytes(size))])


def test_it_accepts_the_signatures_that_the_core_accepts() -> None:
    chance = random.Random(20260409)
    for number in range(40):
        private = Ed25519PrivateKey.from_private_bytes(chance.randbytes(32))
        message, key = chance.randbytes(number), public(private)
        good = private.sign(message)
        parts = bytearray(key + good)
        parts[chance.randrange(96)] ^= 1 << chance.randrange(8)
        for one, other in ((key, good), (bytes(parts[:32]), bytes(parts[32:]))):
            wanted = ed25519.verified(one, message, other)
            assert pruefen.signed(one, message, other) is wanted
            assert wanted is ((one, other) == (key, good))


LOW = 2**255 - 19
SMALL_ORDER = [0, 1, LOW - 1, LOW, LOW + 1, 2**255 - 1, 2**255, 1 + 2**255]


@pytest.mark.parametrize("number", SMALL_ORDER)
def test_a_key_of_small_order_signs_nothing(number: int) -> None:
    key = number.to_bytes(32, "little")
    for signature in (bytes(64), key + bytes(32), (1).to_bytes(32, "little") + bytes(32)):
        assert pruefen.signed(key, b"x", signature) is False
        assert ed25519.verified(key, b"x", signature) is False


@given(st.binary(min_size=32, max_size=32), st.binary(max_size=200))
def test_it_commits_to_bytes_as_the_core_does(salt: bytes, data: bytes) -> None:
    assert pruefen.commitment(salt, data) == ledger.commitment(salt, data)
    assert pruefen.sha(b"\0", data) == merkle.leaf_hash(data)


def test_it_reads_the_keys_that_the_core_writes() -> None:
    for algorithm in (1, 4):
        key = Key("log.example/1", algorithm, bytes(range(32)))
        assert pruefen.key_of(key.vkey) == (key.name, key.identifier, algorithm, key.public)
    with pytest.raises(pruefen.Found):
        pruefen.key_of(key.vkey.replace("log.example", "log.invalid"))
