"""Rehearsals: the shipped ones take every transition, a municipality's own are played as files."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from engine import shipped
from engine.cli.app import main
from engine.definitions.rehearsal import Rehearsed, rehearse
from engine.definitions.rehearsal_files import rehearsal_file
from engine.strictyaml import DefinitionError, load
from tests.installation import house
from tests.musterheide import definitions

Run = Callable[..., tuple[int, str]]

WORKFLOWS = sorted(shipped.workflows().rglob("*.yaml"), key=lambda path: path.name)


@cache
def shipped_rehearsals() -> Rehearsed:
    """Return how the examples of the shipped workflows came out, played once."""
    return rehearse(definitions())


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_the_examples_of_every_shipped_workflow_take_every_transition(path: Path) -> None:
    found = shipped_rehearsals()
    source = path.read_bytes()
    [id_] = [w.id for w in definitions().library.workflows.values() if _is(w.digest, source)]
    assert found.reports[id_], "a workflow brings rehearsals along"
    assert [f.text.de for r in found.reports[id_] for f in r.failures] == []
    assert found.covered[id_].missing == ()
    assert (found.covered[id_].percent, found.covered[id_].percent_of_steps) == (100, 100)


def _is(digest: str, source: bytes) -> bool:
    from hashlib import sha256

    return digest == sha256(source).hexdigest()


def test_a_transition_that_no_example_takes_is_named(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    file = tmp_path / "unterrichtung.yaml"
    source = (shipped.workflows() / "unterrichtung.yaml").read_text(encoding="utf-8")
    cut = source.index("  - name: Gleich geantwortet ist auch bestätigt")
    file.write_text(source[:cut], encoding="utf-8")
    with pytest.raises(SystemExit):
        main(["--lang", "de", "workflow", "check", str(file)])
    said = capsys.readouterr().out.replace("\n", " ")
    assert "Kein Beispiel tut „anmerken“ von „bereitgestellt“ nach „unterrichtet“." in said


HEAD = """\
title: Probe der Hauptsatzung
workflow: anhoerung
"""

GOOD = """\
title: Probe der Dienstanweisung
workflow: anhoerung
place: {municipality: musterheide, name: Landkreis Musterheide, land: BB}
suppose:
  periods: {anhoerung: {count: 15, unit: working_day}}
rehearsals:
  - name: Drei Wochen statt zwei
    script:
      - {day: 2026-03-23, step: informieren, by: lead, state: bereitgestellt}
      - {day: 2026-03-24, step: eingang, by: office, deadlines: {stellungnahme: 2026-04-16}}
      - {day: 2026-03-25, step: freigeben, by: lead, in: case, refused: noch nicht möglich}
      - {day: 2026-04-16, tells: {owner: erinnerung, deputy: erinnerung}}
      - {day: 2026-04-17, state: abgelaufen, tells: {office: frist_abgelaufen, lead: frist_abgelaufen}}
    expect: {state: abgelaufen, findings: []}
  - name: In Vertretung, und dann unbesetzt
    suppose: {traits: {query: none}}
    script:
      - {day: 2026-03-23, absent: [beauftragte], step: informieren, by: lead}
      - {day: 2026-03-24, step: eingang, by: office}
      - {day: 2026-03-25, step: rueckfrage, by: office, deadlines: {stellungnahme: 2026-04-16}}
      - {day: 2026-03-26, vacant: [beauftragte], absent: [], step: mehr_zeit, by: office, given: {bis: 2026-05-04}, refused: true}
"""


def played(source: str, name: str = "probe.yaml") -> Any:
    """Return the reports of a file of rehearsals."""
    return rehearsal_file(source.encode(), name, definitions()).play()


def test_a_file_of_rehearsals_is_played_in_its_place_and_under_its_law() -> None:
    first, second = played(GOOD)
    assert [f.text.de for f in (*first.failures, *second.failures)] == []
    assert [s.line for s in first.scenes] == [9, 10, 11, 12, 13]
    assert first.scenes[1].deadlines[0][1].isoformat() == "2026-04-16"
    assert first.scenes[2].refusal is not None
    assert {(x.letter, x.office.de) for x in first.scenes[4].letters} >= {
        ("frist_abgelaufen", "Beauftragte")
    }


def test_a_deputy_acts_while_the_holder_is_away_and_nobody_while_the_office_is_vacant() -> None:
    _, second = played(GOOD)
    assert [s.deputy for s in second.scenes] == [False, True, True, False]
    assert [n.de for s in second.scenes for n in s.news] == [
        "Beauftragte ist abwesend und vertreten",
        "Beauftragte ist nicht besetzt",
    ]


def test_only_the_packs_that_a_file_names_apply() -> None:
    packs = "packs: [bbgkverf-2024, musterheide-hauptsatzung, musterheide-hauswerte]\n"
    lines = """\
    rehearsals:
      - name: Ohne Dienstanweisung gibt es keine Frist
        script:
          - {day: 2026-03-23, step: informieren, by: lead, refused: "den Wert „eingang“ fest"}
    """
    [report] = played(HEAD + packs + dedent(lines))
    assert [f.text.de for f in report.failures] == []


def test_the_rehearsal_in_the_manual_is_played() -> None:
    manual = Path(__file__).parent.parent / "docs" / "rules.md"
    section = manual.read_text(encoding="utf-8").partition("## Rehearsals and what-if")[2]
    source = section.partition("```yaml\n")[2].partition("```")[0]
    [report] = played(source)
    assert [f.text.de for f in report.failures] == []
    assert report.scenes[1].deputy


@pytest.mark.parametrize(
    ("source", "place", "says"),
    [
        ("workflow: anhörung\n", (2, 11), "'anhörung'"),
        ("workflow: anhoerng\n", (2, 11), "Meinten Sie 'anhoerung'?"),
        ("workflow: anhoerung\npacks: [bbgkverf]\n", (3, 9), "Das Regelpaket 'bbgkverf'"),
        (
            "workflow: anhoerung\nplace: {municipality: forst, land: XX}\n",
            (3, 36),
            "Der Kalender 'XX'",
        ),
        (
            "workflow: anhoerung\nsuppose: {periods: {eingnag: {count: 1, unit: day}}}\n",
            (3, 1),
            "Meinten Sie „eingang“?",
        ),
        (
            "workflow: anhoerung\nsuppose: {traits: {qurey: none}}\n",
            (3, 20),
            "Die Eigenschaft 'qurey'",
        ),
        (
            "workflow: anhoerung\nsuppose: {traits: {query: perhaps}}\n",
            (3, 27),
            "Der Wert 'perhaps'",
        ),
        (
            "workflow: anhoerung\nsuppose: {before: {beirrat: [beauftragte]}}\n",
            (3, 20),
            "Meinten Sie 'beirat'?",
        ),
        (
            "workflow: anhoerung\nsuppose: {before: {beirat: [beauftragter]}}\n",
            (3, 29),
            "Meinten Sie 'beauftragte'?",
        ),
        ("workflow: anhoerung\nrules: []\n", (3, 1), "'rules'"),
    ],
    ids=[
        "form",
        "vertippt",
        "paket",
        "kalender",
        "frist",
        "eigenschaft",
        "wert",
        "vorher",
        "nachher",
        "schluessel",
    ],
)
def test_a_mistake_in_the_head_is_told_with_line_and_column(
    source: str, place: tuple[int, int], says: str
) -> None:
    rest = "rehearsals:\n  - {name: Leer, script: [{day: 2026-03-23}]}\n"
    with pytest.raises(DefinitionError) as error:
        played(f"title: Probe\n{source}{rest}")
    [problem] = error.value.problems
    assert (problem.name, problem.line, problem.column) == ("probe.yaml", *place)
    assert says in problem.text.de


def test_misspelt_names_in_lines_are_told_all_at_once() -> None:
    lines = """\
    rehearsals:
      - name: Vertippt
        script:
          - {day: 2026-03-23, step: informiren, by: lead, state: bereitgestelt}
          - {day: 2026-03-24, absent: [beauftragter], deadlines: {stelungnahme: 2026-04-09}}
    """
    source = HEAD + dedent(lines)
    with pytest.raises(DefinitionError) as error:
        played(source)
    words = ("informiren", "bereitgestelt", "beauftragter", "stelungnahme")
    found = {(p.line, p.column) for p in error.value.problems}
    assert found == {place_of(source, word) for word in words}


def place_of(source: str, word: str) -> tuple[int, int]:
    """Return the line and column, from 1, at which a word stands in a file."""
    before = source[: source.index(word)]
    return before.count("\n") + 1, len(before) - before.rfind("\n")


def test_editors_accept_a_good_file_by_its_schema_and_refuse_a_bad_one(
    capsys: pytest.CaptureFixture[str],
) -> None:
    capsys.readouterr()
    with pytest.raises(SystemExit):
        main(["workflow", "schema", "rehearsals"])
    shape = Draft202012Validator(json.loads(capsys.readouterr().out))
    shape.validate(load(GOOD.encode(), "probe.yaml")[0])
    bad = GOOD.replace("step: eingang", "stepp: eingang")
    assert not shape.is_valid(load(bad.encode(), "probe.yaml")[0])


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Any:
    """Return what plays rehearsals on the command line, and its code and output."""

    def ran(*words: object, lang: str = "de") -> tuple[int, str]:
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main(["--lang", lang, "workflow", "rehearse", *map(str, words)])
        said = capsys.readouterr()
        return int(ended.value.code or 0), said.out + said.err

    return ran


def test_a_rehearsal_reads_as_a_story(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "probe.yaml"
    file.write_text(GOOD, encoding="utf-8")
    code, said = run(file)
    assert code == 0
    assert "Probe der Dienstanweisung (Anhörung, Landkreis Musterheide): 2 von 2 bestanden" in said
    for line in (
        "Mo., 23.03.2026  Fachbereich: vollständig informieren",
        "Stellungnahmefrist bis Do., 16.04.2026",
        "abgelehnt: ",
        "Fr., 17.04.2026  Frist läuft ohne Stellungnahme ab",
        "frist_abgelaufen an Beauftragte",
        "Beauftragte i. V.: Eingang bestätigen",
        "Beauftragte ist nicht besetzt",
    ):
        assert line in said, line
    code, said = run(file, lang="en")
    assert "2 of 2 passed" in said


def test_what_comes_out_otherwise_names_file_line_and_column(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "probe.yaml"
    file.write_text(GOOD.replace("stellungnahme: 2026-04-16}}\n      - {day: 2026-03-25, step: f",
                                 "stellungnahme: 2026-04-15}}\n      - {day: 2026-03-25, step: f"),
                    encoding="utf-8")  # fmt: skip
    code, said = run(file)
    assert code == 1
    told = "probe.yaml, Zeile 10, Spalte 9: „Drei Wochen statt zwei“: Frist stellungnahme"
    assert told in said.replace("\n", " ")
    code, said = run(file, "--json")
    [first, second] = json.loads(said)[0]["rehearsals"]
    assert (first["passed"], second["passed"]) == (False, True)
    [problem] = first["problems"]
    assert (problem["file"], problem["line"], problem["column"]) == ("probe.yaml", 10, 9)
    assert first["scenes"][0]["state"]["de"] == "bereitgestellt, Eingang offen"


def test_a_pack_of_ones_own_can_be_put_under_the_rehearsal(run: Run, tmp_path: Path) -> None:
    instruction = shipped.rules() / "musterheide" / "dienstanweisung.yaml"
    own = tmp_path / "dienstanweisung.yaml"
    source = instruction.read_text(encoding="utf-8")
    own.write_text(source.replace("period: {count: 10,", "period: {count: 15,"), encoding="utf-8")
    file = tmp_path / "probe.yaml"
    head = GOOD.index("suppose:")
    file.write_text(GOOD[:head] + GOOD[GOOD.index("rehearsals:") :], encoding="utf-8")
    assert run(file)[0] == 1
    assert run(file, own)[0] == 0
    assert run(tmp_path)[0] == 0


def test_rehearsals_can_be_played_by_what_an_installation_has_in_force(
    run: Run, tmp_path: Path
) -> None:
    made = house(tmp_path / "haus")
    made.app.close()
    file = tmp_path / "probe.yaml"
    file.write_text(GOOD, encoding="utf-8")
    assert run(file, "--data", tmp_path / "haus")[0] == 0


def test_a_workflow_file_is_played_by_its_own_examples(run: Run) -> None:
    code, said = run(shipped.workflows() / "unterrichtung.yaml")
    assert code == 0
    assert "Zu spät unterrichtet" in said


@pytest.mark.parametrize(
    ("source", "says"),
    [
        (b"id: x\nnothing: here\n", "weder eine Übung noch eine Definition"),
        ((shipped.rules() / "facts.yaml").read_bytes(), "steht keine Übung"),
    ],
    ids=["anderes", "ohne-uebung"],
)
def test_a_file_without_rehearsals_is_the_callers_to_mend(
    run: Run, tmp_path: Path, source: bytes, says: str
) -> None:
    file = tmp_path / "datei.yaml"
    file.write_bytes(source)
    code, said = run(file)
    assert code == 2
    assert says in said.replace("\n", " ")


def test_a_broken_file_is_a_problem_found(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "probe.yaml"
    file.write_text("title: Probe\nrehearsals: [\n", encoding="utf-8")
    code, said = run(file)
    assert code == 1
    assert "probe.yaml, Zeile" in said
