"""What is handed out of a case: everything that counts, and nothing that is nobody's business."""

from __future__ import annotations

import base64
import io
import json
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
from typer.testing import CliRunner

from engine.cli import console
from engine.cli.app import build
from engine.core.codes import code_of
from engine.core.merkle import Frontier, inclusion_by
from engine.core.notes import ED25519, Checkpoint, Key, Note, Signature
from engine.delivery import deliver
from engine.errors import InputError, NotFound, Refused
from engine.services.evidence import exporting
from engine.services.evidence.enclosures import LIVE_LINK, names
from engine.services.evidence.exporting import Exported, export
from engine.services.evidence.noting import issue
from engine.services.evidence.proofs import written
from engine.services.evidence.sealing import seal_due
from engine.services.legal.files import hand_out
from engine.services.reading import file_of
from engine.store.deliveries import Deliveries
from engine.store.links import Links
from engine.store.store import Store
from tests.handing_out import header, play, rows, run, zipped
from tests.installation import House, house
from tests.test_retention import closed, erase, later

KB = 1024


@pytest.fixture
def county(tmp_path: Path) -> Iterator[House]:
    made = house(tmp_path / "haus")
    yield made
    made.app.close()


def taken(county: House, number: str) -> tuple[Exported, dict[str, bytes]]:
    into = io.BytesIO()
    done = export(county.app, number, into)
    with zipfile.ZipFile(into) as pack:
        return done, {name: pack.read(name) for name in pack.namelist()}


def checked(county: House, number: str, folder: Path) -> tuple[int, str]:
    into = io.BytesIO()
    export(county.app, number, into)
    return run(folder, into.getvalue())


# What is in it


def test_every_entry_is_there_as_it_is_stored_with_its_proof(county: House) -> None:
    number = play(county)
    done, files = taken(county, number)
    with county.app.database.read() as store:
        stored = store.chains.lines(file_of(county.app, number).case.stream)
    told = rows(files, "protokoll.jsonl")
    assert [base64.b64decode(x["header"]) for x in told] == [s.header for s in stored]
    assert [x["leaf"] for x in told] == [s.leaf.hex() for s in stored]
    assert [x["body"] and base64.b64decode(x["body"]) for x in told] == [
        s.body or None for s in stored
    ]
    assert done.entries == len(told) == sum(n.startswith("beweise/protokoll-") for n in files)
    assert done.name == f"akte-{number}.zip"


def test_documents_and_mails_are_the_very_bytes(county: House) -> None:
    number = play(county)
    done, files = taken(county, number)
    assert files["dokumente/001-Vorlage.txt"] == county.paper.read_bytes()
    with county.app.database.read() as store:
        sent = {bytes(data) for _, data in store.rows.mails()}
    mine = {d for n, d in files.items() if n.startswith("nachrichten/")}
    assert mine
    assert mine <= sent
    assert (done.documents, done.mails) == (1, len(mine))


def test_what_became_of_each_mail_is_told_with_the_servers_answer(county: House) -> None:
    _, files = taken(county, play(county))
    told = [json.loads(x) for x in files["nachrichten.jsonl"].splitlines()]
    assert {x["state"] for x in told} == {"accepted"}
    assert all(x["attempts"][0]["outcome"] == "accepted" for x in told)
    assert all("@musterheide.example" in x["address"] for x in told)
    ended = [header(x) for x in rows(files, "umfeld.jsonl") if header(x)["type"] == "message_ended"]
    assert len(ended) == len(told)


def test_the_notes_for_the_paper_are_there_with_their_words(county: House) -> None:
    number = play(county)
    note = issue(county.app, number, county.person("neumann"))
    _, files = taken(county, number)
    [line] = [x for x in rows(files, "umfeld.jsonl") if header(x)["type"] == "hearing_note"]
    assert code_of(bytes.fromhex(line["leaf"])) == note.code
    assert line["body"], "its words are the case's own"
    assert run(county.folder / "leer", zipped(files))[0] == 0


def test_the_definitions_that_were_counted_with_are_there_by_their_digests(county: House) -> None:
    number = play(county)
    _, files = taken(county, number)
    pinned = {
        header(x)["plain"]["definition"].partition("@")[2]
        for x in rows(files, "protokoll.jsonl")
        if "definition" in header(x)["plain"]
    }
    there = {
        n.rpartition("-")[2].removesuffix(".yaml") for n in files if n.startswith("definitionen/")
    }
    assert pinned <= there
    with county.app.database.read() as store:
        kept = {d.digest[:16]: d.data for d in store.definitions()}
    for name in files:
        if name.startswith("definitionen/"):
            assert files[name] == kept[name.rpartition("-")[2].removesuffix(".yaml")]


def test_the_readable_copies_say_what_they_are_and_stand_alone(county: House) -> None:
    _, files = taken(county, play(county))
    german, english = files["akte.html"].decode(), files["file.html"].decode()
    assert '<html lang="de">' in german
    assert "Dies ist eine Abschrift zum Lesen." in german
    assert "Versiegelt am" in german
    assert "Die Förderung entfällt." in german
    assert '<html lang="en">' in english
    assert "This is a copy for reading." in english
    for page in (german, english):
        assert "<script" not in page
        assert "http://" not in page
        assert "@page" in page


def test_the_guide_fits_one_page_and_names_the_limits(county: House) -> None:
    _, files = taken(county, play(county))
    guide = files["LIESMICH.txt"].decode()
    assert len(guide.splitlines()) <= 72
    assert max(map(len, guide.splitlines())) <= 100
    for words in ("pruefen.py", "rückdatiert", "nächsten Prüfpunkt", "auf Papier"):
        assert words in guide
    assert "manipulationssicher" not in guide
    assert "OHNE SIEGEL" not in guide


def test_no_name_of_a_document_leads_out_of_the_file(county: House) -> None:
    number = county.register().number
    [document, *_] = file_of(county.app, number).case.documents
    for bad in ("../../etc/passwd", "/etc/passwd", "..\\x", "a/b", "..", "", "a\nb", "x" * 500):
        [name] = names((replace(document, name=bad),))
        assert name.startswith("001-")
        assert not set(name) & set('/\\:*?"<>|\n')
        assert len(name) <= 110


def test_documents_of_odd_names_still_verify(county: House, tmp_path: Path) -> None:
    county.paper = county.folder / "Plan: „Ärztehaus“ (§ 3) 100 %.txt"
    county.paper.write_bytes(bytes(3 * KB * KB))
    number = county.register().number
    code, said = checked(county, number, tmp_path / "leer")
    assert (code, said.startswith("Unversehrt. ")) == (0, True), said


# What must stay out


def test_a_mail_with_letters_of_another_case_is_told_of_but_not_handed_out(
    county: House, tmp_path: Path
) -> None:
    mine = county.register().number
    other = county.register(title="Geheimer Umbau", key="zwei").number
    for number in (mine, other):
        county.take(number, "informieren", "weber", participation="integration")
    deliver(county.app)
    done, files = taken(county, mine)
    told = [json.loads(x) for x in files["nachrichten.jsonl"].splitlines()]
    mixed = [x for x in told if x["why"] == "also carries letters of other cases"]
    assert mixed
    assert done.mails == len(told) - len(mixed)
    assert not any(b"Geheimer Umbau" in data for data in files.values())
    assert {"subject", "address"}.isdisjoint(mixed[0])
    lines = [header(x) for x in rows(files, "umfeld.jsonl")]
    assert {x["message"] for x in mixed} <= {x["plain"].get("message") for x in lines}
    code, said = checked(county, mine, tmp_path / "leer")
    assert code == 0
    assert f"Nicht enthalten: 0 gelöschte Texte und Dokumente, {len(mixed)} Nachrichten" in said


def test_of_a_mail_that_also_tells_of_a_protected_case_not_even_the_line_is_handed_out(
    county: House, tmp_path: Path
) -> None:
    mine = county.register().number
    other = county.register(key="zwei", confidentiality="non_public").number
    for number in (mine, other):
        county.take(number, "informieren", "weber", participation="integration")
    deliver(county.app)
    _, files = taken(county, mine)
    uid = file_of(county.app, other).case.uid.encode()
    assert not any(uid in base64.b64decode(x["header"]) for x in rows(files, "umfeld.jsonl"))
    assert not any(uid in data for data in files.values())
    assert checked(county, mine, tmp_path / "leer")[0] == 0


def test_a_personal_link_that_is_still_good_is_not_handed_out(county: House) -> None:
    number = play(county)
    with county.app.database.read() as store:
        links = Links(store.connection)
        live = {uid for uid, mail in _ids(store) if links.live_in(mail, county.clock.now())}
    assert live
    _, files = taken(county, number)
    told = {
        x["message"]: x["why"] for x in map(json.loads, files["nachrichten.jsonl"].splitlines())
    }
    assert {uid for uid, why in told.items() if why == LIVE_LINK} == live
    assert not any(uid in name for uid in live for name in files)
    county.clock.on(60)
    _, files = taken(county, number)
    assert all(any(uid in name for name in files) for uid in live)


def _ids(store: Store) -> list[tuple[str, int]]:
    return [(d.uid, d.id) for d in Deliveries(store.connection).page()]


def test_nothing_enters_but_what_is_part_of_the_case(county: House) -> None:
    _, files = taken(county, play(county))
    folders = {"beweise", "definitionen", "dokumente", "nachrichten"}
    assert {n.partition("/")[0] for n in files if "/" in n} == folders
    assert {n for n in files if "/" not in n} == {
        "LIESMICH.txt",
        "README.txt",
        "akte.html",
        "file.html",
        "inhalt.json",
        "konsistenz.txt",
        "nachrichten.jsonl",
        "protokoll.jsonl",
        "pruefen.py",
        "pruefpunkt.txt",
        "schluessel.txt",
        "umfeld.jsonl",
    }
    streams = {header(x)["stream"].partition("/")[0] for x in rows(files, "umfeld.jsonl")}
    assert streams == {"definitions", "mail"}


# What was erased


def test_an_erased_case_still_verifies_and_says_what_is_missing(
    county: House, tmp_path: Path
) -> None:
    case = closed(county)
    later(county, date(2036, 3, 23) + timedelta(days=1))
    erase(county, case.number)
    done, files = taken(county, case.number)
    assert (done.documents, done.mails) == (0, 0)
    assert all(x["body"] is None for x in rows(files, "protokoll.jsonl"))
    assert not any(b"Hufnagel" in data for data in files.values())
    code, said = checked(county, case.number, tmp_path / "leer")
    assert code == 0, said
    assert "Nicht enthalten: " in said


def test_a_document_that_is_lost_without_an_erasure_is_no_unchanged_file(
    county: House, tmp_path: Path
) -> None:
    number = play(county)
    for path in county.app.config.documents.iterdir():
        path.unlink()
    code, said = checked(county, number, tmp_path / "leer")
    assert (code, "fehlt ohne Löschung" in said) == (1, True)


# The seal


def test_what_waits_for_its_seal_is_sealed_first(county: House) -> None:
    number = county.register().number
    with county.app.database.read() as store:
        assert store.log.waiting() > 0
    done, files = taken(county, number)
    assert done.unsealed is None
    assert done.sealed_at == county.clock.now()
    assert "pruefpunkt.txt" in files


def test_where_sealing_is_refused_the_file_says_so_and_leaves_the_proof_out(
    county: House, tmp_path: Path
) -> None:
    number = county.register().number
    seal_due(county.app, at_once=True)
    (county.folder / "state" / "last_checkpoint").unlink()
    county.take(number, "informieren", "weber", participation="integration")
    done, files = taken(county, number)
    assert done.unsealed is not None
    assert done.sealed_at is None
    assert "OHNE SIEGEL" in files["LIESMICH.txt"].decode()
    assert "Ohne Siegel für die neuesten Einträge" in files["akte.html"].decode()
    assert "beweise/protokoll-0001.tlog-proof" in files
    assert "beweise/protokoll-0002.tlog-proof" not in files
    code, said = checked(county, number, tmp_path / "leer")
    assert (code, "ohne Siegel" in said, "Unversehrt" in said) == (2, True, False)


def test_a_log_that_was_never_sealed_is_handed_out_without_a_seal(
    county: House, tmp_path: Path
) -> None:
    (county.folder / "state" / "log.key").unlink()
    number = county.register().number
    done, files = taken(county, number)
    assert done.unsealed is not None
    assert "pruefpunkt.txt" not in files
    assert checked(county, number, tmp_path / "leer")[0] == 2


def test_an_entry_that_comes_in_between_is_sealed_too(
    county: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = county.register().number
    calls: list[int] = []

    def seal(app: Any, *, at_once: bool = False) -> Any:
        found = seal_due(app, at_once=at_once)
        if not calls:
            county.take(number, "informieren", "weber", participation="integration")
        calls.append(1)
        return found

    monkeypatch.setattr(exporting, "seal_due", seal)
    done, _ = taken(county, number)
    assert done.unsealed is None
    assert len(calls) == 2


def test_a_proof_needs_at_most_two_and_a_half_kilobytes_in_a_million_entries() -> None:
    size, leaf = 1_000_000, bytes(32)
    levels = [leaf]
    while len(levels) < 21:
        levels.append(Frontier().grown([levels[-1]]).root)
    key = Key("rechtzeitig/0123456789ab", ED25519, bytes(32))
    text = Checkpoint(key.name, size, bytes(32), ("time 1790064060000000",)).text
    line = Signature(key.name, key.identifier, bytes(64))
    witness = Signature("zeuge.landkreis.example/rechtsamt", key.identifier, bytes(72))
    note = Note(text, (line, witness, witness))
    nodes = lambda level, place: levels[level]  # noqa: E731
    longest = max(len(written(i, note, nodes)) for i in (0, 1, 2**19 - 1, 524_288, size - 1))
    assert longest <= 2.5 * KB
    assert len(inclusion_by(nodes, 0, size)) == 20


# Who takes it


def test_it_is_entered_who_took_which_file(county: House) -> None:
    number, into = play(county), io.BytesIO()
    done = hand_out(county.app, number, county.person("neumann"), into)
    with county.app.database.read() as store:
        [line] = store.chains.typed("system", "extract")
    assert line.actor == county.person("neumann")
    assert line.plain == {"case": done.case, "version": done.entries, "contents": done.contents}


def test_only_the_legal_office_hands_out(county: House) -> None:
    number, into = play(county), io.BytesIO()
    with pytest.raises(Refused):
        hand_out(county.app, number, county.person("weber"), into)
    assert into.getvalue() == b""
    with county.app.database.read() as store:
        assert store.chains.typed("system", "extract") == []


def test_a_case_that_does_not_exist_is_not_found(county: House) -> None:
    with pytest.raises(NotFound):
        export(county.app, "V-1999-0001", io.BytesIO())


# The command line


def cli(*arguments: str, language: str = "de") -> Any:
    console.speak(["--lang", language])
    return CliRunner().invoke(build(), list(arguments))


def test_the_command_writes_the_file_and_says_how_to_check_it(
    county: House, tmp_path: Path
) -> None:
    number = play(county)
    target = tmp_path / "ausgabe"
    target.mkdir()
    done = cli("audit", "export", number, "--to", str(target), "--data", str(county.folder))
    assert done.exit_code == 0, done.output
    assert "Versiegelt am" in done.output
    path = target / f"akte-{number}.zip"
    assert [p.name for p in target.iterdir()] == [path.name]
    assert run(tmp_path / "leer", path.read_bytes())[0] == 0
    with county.app.database.read() as store:
        [line] = store.chains.typed("system", "extract")
    assert line.actor == "setup"


def test_the_command_names_the_person_and_speaks_english_and_json(
    county: House, tmp_path: Path
) -> None:
    number = play(county)
    where = ("--to", str(tmp_path / "x.zip"), "--data", str(county.folder))
    done = cli("audit", "export", number, "--as", "neumann", "--json", *where)
    said = orjson.loads(done.output)
    assert said["file"].endswith("x.zip")
    assert said["unsealed"] is None
    done = cli("audit", "export", number, "--as", "neumann", *where, language="en")
    assert "Sealed on" in done.output
    with county.app.database.read() as store:
        actors = {line.actor for line in store.chains.typed("system", "extract")}
    assert actors == {county.person("neumann")}


def test_a_refused_command_leaves_no_file(county: House, tmp_path: Path) -> None:
    number = play(county)
    done = cli(
        "audit",
        "export",
        number,
        "--as",
        "weber",
        "--to",
        str(tmp_path),
        "--data",
        str(county.folder),
    )
    assert isinstance(done.exception, Refused)
    assert [p.name for p in tmp_path.iterdir()] == ["haus"]


def test_a_folder_that_cannot_be_written_is_named(county: House, tmp_path: Path) -> None:
    number = play(county)
    done = cli(
        "audit",
        "export",
        number,
        "--to",
        str(tmp_path / "fehlt" / "x.zip"),
        "--data",
        str(county.folder),
    )
    assert isinstance(done.exception, InputError)
    assert "--to" in done.exception.text.de
