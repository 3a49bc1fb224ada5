"""The Prüfvermerk with its code: issued once, found again, and outdated when the file moves on."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.cli.app import main
from engine.core.calendar import local_day
from engine.core.codes import code_of, prefix_of
from engine.core.note_text import digest_of, text_in
from engine.errors import InputError, Refused
from engine.services.evidence.codes import Line, compared, lines_of
from engine.services.evidence.noted import IssuedNote, notes_of
from engine.services.evidence.noting import issue
from engine.services.evidence.sealing import seal_due
from engine.services.legal.daily import countersign, record_of
from engine.services.reading import file_of
from engine.store import documents, sqlite
from engine.worker import one_round
from tests.installation import House, house, local_today

Run = Callable[..., tuple[int, Any]]


@pytest.fixture
def town(tmp_path: Path) -> House:
    """A town with one measure of which the commissioner was informed."""
    made = house(tmp_path / "haus")
    made.register()
    made.take("V-2026-0001", "informieren", "weber", participation="integration")
    return made


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], town: House) -> Run:
    """Return what runs a command in the town and returns its exit code and JSON."""

    def ran(*words: str) -> tuple[int, Any]:
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main([*words, "--data", str(town.folder), "--json"])
        out = capsys.readouterr().out
        return int(ended.value.code or 0), json.loads(out) if out.strip() else None

    return ran


NUMBER = "V-2026-0001"


def issued(town: House, person: str = "weber") -> IssuedNote:
    return issue(town.app, NUMBER, town.person(person))


def only(town: House, code: str) -> Line:
    [line] = lines_of(town.app, code)
    return line


def system_lines(town: House) -> int:
    with town.app.database.read() as store:
        return store.chains.head("system")[0]


# Issuing


def test_a_note_carries_the_code_of_its_own_line_in_every_form(town: House) -> None:
    note = issued(town)
    with town.app.database.read() as store:
        [line] = [x for x in store.chains.lines("system") if x.entry.type == "hearing_note"]
    assert note.code == code_of(line.leaf)
    assert note.note is not None
    for form in (note.note.text(), note.note.html(), note.note.one_line()):
        assert note.code in form.de
        assert note.code in form.en
    assert "\n" not in note.note.one_line().de


def test_the_note_names_version_and_checksum_of_the_paper(town: House) -> None:
    note = issued(town)
    digest = hashlib.sha256(town.paper.read_bytes()).hexdigest()
    assert note.sums == (digest,)
    assert note.note is not None
    assert "Fassung 1 der Vorlage" in note.note.text().de
    assert digest in note.note.text().de
    assert digest[:16] in note.note.one_line().de


def test_a_statement_that_came_as_a_document_is_no_part_of_the_paper(town: House) -> None:
    before = issued(town).sums
    scan = town.folder / "urkunde.txt"
    scan.write_text("Stellungnahme auf Papier")
    fields = {"verfasst_von": "Aylin Yilmaz", "ergebnis": "bedenken", "wortlaut": "Nein."}
    step, files = "urkunde_erfassen", (("stellungnahme", scan),)
    town.take(NUMBER, step, "sommer", participation="integration", fields=fields, files=files)
    assert issued(town).sums == before


def test_issuing_the_same_note_twice_gives_the_first(town: House) -> None:
    first, count = issued(town), system_lines(town)
    town.clock.on(1)
    assert issued(town, "neumann") == first
    assert system_lines(town) == count


def test_who_is_heard_does_not_certify_it_herself(town: House) -> None:
    count = system_lines(town)
    for person in ("yilmaz", "richter"):
        with pytest.raises(Refused):
            issued(town, person)
    assert system_lines(town) == count
    issued(town)
    with pytest.raises(Refused):
        issued(town, "yilmaz")


def test_no_note_is_issued_on_a_paper_that_is_not_what_was_filed(town: House) -> None:
    [document] = file_of(town.app, NUMBER).case.documents
    path = town.app.config.documents / document.uid
    path.write_bytes(path.read_bytes() + b" ")
    with pytest.raises(Refused):
        issued(town)
    documents.erase(town.app.config.documents, document.uid)
    with pytest.raises(Refused):
        issued(town)
    assert notes_of(town.app, NUMBER).issued == ()


# Outdated


def test_a_note_holds_while_nothing_happens_that_it_speaks_of(town: House) -> None:
    note = issued(town)
    town.register(title="Ein anderes Vorhaben", key="anderes")
    town.clock.on(1)
    [after] = notes_of(town.app, NUMBER).issued
    assert after == note


def test_a_statement_outdates_the_note_from_its_hour_on(town: House) -> None:
    town.take(NUMBER, "eingang", "yilmaz", participation="integration")
    first = issued(town)
    town.clock.on(2)
    fields = {"ergebnis": "keine_bedenken", "wortlaut": "Gut so."}
    town.take(NUMBER, "stellungnahme", "yilmaz", participation="integration", fields=fields)
    at = town.clock.now()
    town.clock.on(1)
    [old] = notes_of(town.app, NUMBER).issued
    assert old.outdated is not None
    assert old.outdated.since == at
    assert "Stellung" in old.outdated.why.de
    second = issued(town)
    assert second.code != first.code
    assert [n.outdated is None for n in notes_of(town.app, NUMBER).issued] == [True, False]


def test_what_the_clock_enters_outdates_a_note_that_says_what_holds_at_present(town: House) -> None:
    issued(town)
    town.clock.on(3)
    one_round(town.app)
    [old] = notes_of(town.app, NUMBER).issued
    assert old.outdated is not None
    assert "Eingang gilt als erfolgt" in old.outdated.why.de


def test_a_new_version_of_the_paper_outdates_the_note(town: House) -> None:
    issued(town)
    town.clock.on(1)
    town.paper.write_text("Zweite Fassung der Beschlussvorlage")
    new_version(town)
    [old] = notes_of(town.app, NUMBER).issued
    assert old.outdated is not None
    assert old.outdated.since == town.clock.now()
    assert "Fassung 2" in old.outdated.why.de
    second = issued(town)
    assert second.paper == 2
    assert second.sums == (hashlib.sha256(town.paper.read_bytes()).hexdigest(),)


def new_version(town: House) -> None:
    fields = {"einstufung": "unveraendert", "aenderung": "Nur Tippfehler."}
    files = (("vorlage", town.paper),)
    town.take(NUMBER, "neue_fassung", "weber", fields=fields, files=files)


# Looking a code up


def test_a_code_is_found_before_and_after_it_is_sealed(town: House) -> None:
    code = issued(town).code
    waiting = only(town, code)
    assert (waiting.fits, waiting.index, waiting.sealed, waiting.proven) == (True, None, None, None)
    town.clock.on(1)
    assert seal_due(town.app, at_once=True) is not None
    sealed = only(town, code)
    assert sealed.index is not None
    assert sealed.sealed is not None
    assert sealed.index < sealed.sealed.size
    assert sealed.proven
    assert sealed.note is not None
    assert sealed.case is not None
    assert sealed.case.number == NUMBER


def test_every_entry_of_the_log_can_be_found_by_its_code(town: House) -> None:
    issued(town)
    with town.app.database.read() as store:
        every = [(x.stream, x.seq, code_of(x.leaf)) for x in store.chains.all()]
    assert len(every) > 20
    seal_due(town.app, at_once=True)
    for stream, seq, code in every:
        assert [(x.stream, x.seq) for x in lines_of(town.app, code)] == [(stream, seq)]


def test_two_entries_of_one_code_are_both_named(town: House) -> None:
    code = issued(town).code
    seal_due(town.app, at_once=True)
    prefix = prefix_of(code)
    with rows(town) as raw:
        raw.execute("DROP TRIGGER log_leaf_no_update")
        raw.execute("UPDATE log_leaf SET prefix = ? WHERE leaf_index = 3", (prefix,))
    found = lines_of(town.app, code)
    assert [line.fits for line in found] == [False, True]


def test_a_changed_entry_no_longer_leads_to_its_code(town: House) -> None:
    code = issued(town).code
    seal_due(town.app, at_once=True)
    with rows(town) as raw:
        raw.execute("DROP TRIGGER entry_no_update")
        raw.execute(
            "UPDATE entry SET header = CAST(replace(CAST(header AS TEXT), '\"paper\":1', "
            "'\"paper\":2') AS BLOB) WHERE type = 'hearing_note'"
        )
    line = only(town, code)
    assert not line.fits
    assert line.proven is False
    assert not line.sound
    assert line.note is None, "what an altered entry says is not shown as if it were issued"


def rows(town: House) -> Any:
    return sqlite.driver().connect(town.app.database.place, isolation_level=None)


def test_words_that_are_no_code_say_what_one_looks_like(town: House) -> None:
    with pytest.raises(InputError):
        lines_of(town.app, "Hauptsatzung")
    assert lines_of(town.app, "0000-0000") == []


@given(st.binary(min_size=32, max_size=32), st.sampled_from([str.lower, str.upper, str.swapcase]))
def test_a_code_leads_back_to_its_leaf_however_it_is_typed(
    leaf: bytes, typed: Callable[[str], str]
) -> None:
    code = code_of(leaf)
    for words in (code, code.replace("-", ""), code.replace("-", " "), f"Prüfcode: {code}"):
        assert prefix_of(typed(words)) == leaf[:5]
    assert prefix_of(code.replace("1", "l").replace("0", "O")) == leaf[:5]


# The text


def test_a_text_that_was_copied_into_a_paper_still_is_the_one_issued(town: House) -> None:
    note = issued(town)
    assert note.note is not None
    said = note.note.text()
    pasted = said.de.replace("\n", "\r\n\r\n \N{BULLET} ").replace("; ", ";\n")
    for text, form in (
        (said.de, "deutscher Text"),
        (said.en, "englischer Text"),
        (pasted, "deutscher Text"),
        (text_in(note.note.html().de), "deutscher Text"),
        (note.note.one_line().de, "deutsche Zeile"),
        (f"Vorlage 12/2026\n\n{said.de}\n\nKosten: keine", "wörtlich enthalten"),
    ):
        found = compared(note, text)
        assert found is not None
        assert found.de == form


def test_once_its_words_are_erased_the_whole_text_can_still_be_compared(town: House) -> None:
    note = issued(town)
    assert note.note is not None
    said = note.note.text().de
    with town.app.database.write() as store:
        store.chains.erase("system", [store.chains.head("system")[0]])
    [erased] = notes_of(town.app, NUMBER).issued
    assert erased.note is None
    assert compared(erased, said) is not None
    assert compared(erased, f"Vorlage 12/2026 {said}") is None
    assert only(town, note.code).fits, "the line itself is not touched"
    assert issued(town).code != note.code, "whoever needs the words gets a note that has them"


@pytest.mark.parametrize(
    ("words", "instead"),
    [("informiert am", "nicht informiert am"), ("Fassung 1", "Fassung 2"), ("2026", "2025")],
)
def test_a_text_that_says_something_else_is_found_out(
    town: House, words: str, instead: str
) -> None:
    note = issued(town)
    assert note.note is not None
    said = note.note.text().de
    assert words in said
    assert compared(note, said.replace(words, instead)) is None


@given(st.text())
def test_no_word_can_be_added_without_another_digest(word: str) -> None:
    added = "".join(c for c in word if c.isalpha())
    assert (digest_of("Vermerk " + added) == digest_of("Vermerk")) == (added == "")


# On the command line


def test_the_command_issues_and_looks_up(run: Run, town: House, tmp_path: Path) -> None:
    code, note = run("measure", "note", NUMBER, "--as", "weber")
    assert (code, note["paper"], note["outdated"]) == (0, 1, None)
    text = tmp_path / "vermerk.html"
    text.write_text(note["html"]["de"])
    code, [line] = run("audit", "check", note["code"].lower(), "--text", str(text))
    assert (code, line["case"], line["fits"]) == (0, NUMBER, True)
    assert line["text"]["de"] == "deutscher Text"
    text.write_text(note["html"]["de"].replace("Fassung 1", "Fassung 7"))
    code, [line] = run("audit", "check", note["code"], "--text", str(text))
    assert (code, line["text"]) == (1, None)


def test_an_unknown_code_is_said_clearly_and_ends_with_1(
    town: House, capsys: pytest.CaptureFixture[str]
) -> None:
    for language, words in (("de", "gibt es in diesem Protokoll nicht"), ("en", "no such code")):
        with pytest.raises(SystemExit) as ended:
            main(["audit", "check", "0000-0000", "--data", str(town.folder), "--lang", language])
        assert ended.value.code == 1
        assert words in capsys.readouterr().err


def test_the_day_on_the_command_line_is_the_record_of_the_page(run: Run, town: House) -> None:
    day = local_day(town.clock.now())
    town.clock.on(1)
    countersign(town.app, day, town.person("neumann"))
    record = record_of(town.app, day)
    code, said = run("audit", "day", day.isoformat())
    assert (code, said["seal"], said["entries"]) == (0, record.seal, record.entries)
    assert len(said["lines"]) == len(record.lines) > 0
    assert [s["fits"] for s in said["countersigned"]] == [True]


def test_without_a_day_it_is_yesterday(run: Run, town: House) -> None:
    code, said = run("audit", "day")
    assert (code, said["day"]) == (0, (local_today() - timedelta(days=1)).isoformat())


def test_the_register_of_findings_keeps_what_was_assessed(run: Run, town: House) -> None:
    case = town.register(title="Ohne Beteiligung", key="zweites")
    town.take(
        case.number,
        "entscheiden",
        "sommer",
        fields={"ergebnis": "beschlossen", "gremium": "vertretung"},
    )
    code, every = run("audit", "findings")
    assert code == 0
    assert [f["case"] for f in every] == [case.number] * len(every)
    assert every
    assert all(f["rank"] is not None for f in every)
    assert run("audit", "findings", "--open")[1] == every
    assert run("audit", "findings", "--assessed")[1] == []
    assert run("audit", "findings", "--open", "--assessed")[0] == 2
