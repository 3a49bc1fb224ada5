"""The commands that check, draw and show definitions, as people and programs use them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import typer
from jsonschema import Draft202012Validator
from typer.testing import CliRunner, Result

from engine import shipped
from engine.cli import console, rules, workflow
from engine.definitions.drawing import mermaid
from engine.errors import InputError
from engine.strictyaml import load
from tests.musterheide import library

BAD = Path(__file__).parent / "bad"
HEARING = shipped.workflows() / "anhoerung.yaml"


def app() -> typer.Typer:
    """Return the two groups of commands as the program offers them."""
    whole = typer.Typer(pretty_exceptions_enable=False)
    for name, commands in {
        "workflow": (workflow.check, workflow.draw, workflow.schema),
        "rules": (rules.check, rules.show),
    }.items():
        group = typer.Typer()
        for command in commands:
            group.command()(command)
        whole.add_typer(group, name=name)
    return whole


def run(*words: object) -> Result:
    """Run a command as the shell would; what a user can mend comes through as an error."""
    result = CliRunner().invoke(app(), [str(w) for w in words])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def answer(*words: object, code: int = 0) -> Any:
    """Return what a command tells a program."""
    result = run(*words, "--json")
    assert result.exit_code == code, result.output
    return json.loads(result.stdout)


def test_the_shipped_workflows_pass_their_own_check() -> None:
    result = run("workflow", "check")
    assert result.exit_code == 0
    assert "100 %" in result.stdout
    told = answer("workflow", "check")
    assert told["problems"] == []
    assert {w["id"] for w in told["workflows"]} >= {"anhoerung", "unterrichtung", "vorhaben"}
    assert {w["steps_percent"] for w in told["workflows"]} == {100}
    assert {w["transitions_percent"] for w in told["workflows"]} == {100}
    assert all(w["examples"] == w["passed"] > 0 for w in told["workflows"])


def test_a_workflow_of_ones_own_takes_the_place_of_the_shipped_one(tmp_path: Path) -> None:
    file = tmp_path / "anhoerung.yaml"
    lines = HEARING.read_text(encoding="utf-8")
    first = lines.index("deadlines: {stellungnahme: 2026-04-09}")
    wrong = lines[:first] + lines[first:].replace("2026-04-09", "2026-04-08", 1)
    file.write_text(wrong, encoding="utf-8")
    told = answer("workflow", "check", file, code=1)
    hearing = next(w for w in told["workflows"] if w["id"] == "anhoerung")
    [failure] = hearing["failures"]
    assert failure["line"] == lines[:first].count("\n") + 1
    assert "expected '2026-04-08', found '2026-04-09'" in failure["en"]
    result = run("workflow", "check", tmp_path)
    assert result.exit_code == 1
    assert failure["de"] in result.stdout or failure["en"] in result.stdout


def test_a_step_that_no_example_takes_is_named(tmp_path: Path) -> None:
    file = tmp_path / "unterrichtung.yaml"
    text = (shipped.workflows() / "unterrichtung.yaml").read_text(encoding="utf-8")
    file.write_text(text[: text.index("\nexamples:")], encoding="utf-8")
    result = run("workflow", "check", file)
    assert result.exit_code == 0
    assert "anmerken" in result.stdout


def test_a_bad_workflow_is_a_problem_found_and_no_crash() -> None:
    file = BAD / "workflows" / "zustand-im-ziel.yaml"
    told = answer("workflow", "check", file, code=1)
    [problem] = told["problems"]
    assert (problem["file"], problem["line"], problem["column"]) == (file.name, 28, 9)
    result = run("workflow", "check", file)
    assert result.exit_code == 1
    assert "'informirt'" in result.stdout


def test_a_file_that_is_not_there_is_the_callers_to_mend() -> None:
    with pytest.raises(InputError, match="There is no file"):
        run("workflow", "check", "nirgends.yaml")


@pytest.mark.parametrize(
    ("format", "begins"),
    [("svg", "<svg "), ("dot", "digraph workflow {"), ("mermaid", "stateDiagram-v2")],
)
def test_a_workflow_is_drawn_in_each_format(format: str, begins: str) -> None:
    result = run("workflow", "draw", "unterrichtung", "--format", format)
    assert result.exit_code == 0
    assert result.stdout.startswith(begins)


def test_a_picture_can_be_written_to_a_file(tmp_path: Path) -> None:
    file = tmp_path / "bild.mmd"
    result = run("workflow", "draw", HEARING, "--format", "mermaid", "--output", file)
    assert result.exit_code == 0
    drawn = library().for_form("anhoerung")
    assert file.read_text(encoding="utf-8") in (mermaid(drawn), mermaid(drawn, "en"))


def test_an_unknown_workflow_is_named_with_those_there_are() -> None:
    with pytest.raises(InputError, match="Known are: anhoerung, beirat, benehmen, einvernehmen"):
        run("workflow", "draw", "anhörung")


FILES = {
    "workflow": sorted(shipped.workflows().glob("*.yaml")),
    "pack": sorted((shipped.rules() / "bb").glob("*.yaml")),
    "facts": [shipped.rules() / "facts.yaml"],
    "offices": [shipped.rules() / "offices.yaml"],
    "ladder": sorted((shipped.rules() / "ladders").glob("*.yaml")),
}


@pytest.mark.parametrize("kind", FILES)
def test_editors_accept_by_its_schema_what_is_shipped(kind: str) -> None:
    told = json.loads(run("workflow", "schema", kind).stdout)
    Draft202012Validator.check_schema(told)
    for file in FILES[kind]:
        data, _ = load(file.read_bytes(), file.name)
        Draft202012Validator(told).validate(data)


def test_editors_refuse_by_the_schema_what_the_loader_refuses() -> None:
    told = json.loads(run("workflow", "schema", "pack").stdout)
    file = BAD / "rules" / "norm-fehlt.yaml"
    data, _ = load(file.read_bytes(), file.name)
    assert not Draft202012Validator(told).is_valid(data)


def test_the_shipped_rules_pass_their_own_check() -> None:
    told = answer("rules", "check")
    assert told["problems"] == []
    assert {p["id"] for p in told["packs"]} >= {"bbgkverf-2007", "bbgkverf-2024"}
    assert sum(p["examples"] for p in told["packs"]) >= 4
    assert run("rules", "check").exit_code == 0


def test_a_date_that_does_not_come_out_is_a_problem_found(tmp_path: Path) -> None:
    file = tmp_path / "dienstanweisung.yaml"
    text = (shipped.rules() / "musterheide" / "dienstanweisung.yaml").read_text(encoding="utf-8")
    file.write_text(
        text.replace("last_day: 2026-04-09", "last_day: 2026-04-08", 1), encoding="utf-8"
    )
    told = answer("rules", "check", file, code=1)
    [problem] = told["problems"]
    assert "counted Thu 9 Apr 2026" in problem["en"]
    result = run("rules", "check", file)
    assert result.exit_code == 1
    assert "09.04.2026" in result.stdout or "9 Apr 2026" in result.stdout


def test_bad_rules_are_problems_found() -> None:
    told = answer("rules", "check", BAD / "rules" / "art-von-stelle.yaml", code=1)
    assert [p["line"] for p in told["problems"]] == [15]


def test_a_pack_that_nobody_compared_with_its_source_for_long_is_named(tmp_path: Path) -> None:
    file = tmp_path / "alt.yaml"
    text = (BAD / "gutes_paket.yaml").read_text(encoding="utf-8")
    file.write_text(text.replace("checked_on: 2026-11-01", "checked_on: 2020-11-01"), "utf-8")
    told = answer("rules", "check", file)
    assert [p["id"] for p in told["packs"] if p["stale"]] == ["probe"]
    said = run("rules", "check", file).stdout
    assert "12 Monate nicht geprüft: probe" in said or "12 months: probe" in said


@pytest.mark.parametrize(
    ("day", "norm"),
    [("2024-06-08", "§ 18 Abs. 3 BbgKVerf (2007)"), ("2024-06-09", "§ 17 Abs. 3 BbgKVerf")],
    ids=["BbgKVerf-2007", "BbgKVerf-2024"],
)
def test_what_applied_on_a_day_is_shown_with_its_norm(day: str, norm: str) -> None:
    told = answer("rules", "show", "--on", day)
    assert norm in {p["norm"] for p in told}
    assert all(p["since"] <= day and (p["until"] is None or day < p["until"]) for p in told)


def test_what_applies_in_a_place_is_shown_by_rank() -> None:
    told = answer("rules", "show", "--on", "2026-03-30", "--municipality", "musterheide")
    ranks = ["statute", "local_statute", "rules_of_procedure", "service_instruction", "house"]
    found = [ranks.index(p["rank"]) for p in told]
    assert found == sorted(found)
    ten = next(p for p in told if p["id"] == "musterheide-da-4")
    assert "10 Arbeitstage, im Eilfall 3 Arbeitstage" in ten["content"]["de"]
    assert (ten["confidence"], ten["unchecked"]) == ("FICTITIOUS", True)


def test_people_see_how_sure_a_norm_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(console, "_language", "de")
    shown = run("rules", "show", "--on", "2026-03-30").stdout
    assert "ungeprüft" in shown
    assert "erfunden" in shown
    assert "Wortlaut geprüft" in shown
    assert "10 Arbeitstage" in " ".join(shown.replace("│", " ").split())


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--municipality", "musterstadt"], "no local rule pack for 'musterstadt'"),
        (["--on", "30.03.2026"], "'30.03.2026' is no day"),
    ],
)
def test_what_cannot_be_shown_says_what_would_be_right(words: list[str], says: str) -> None:
    with pytest.raises(InputError, match=says):
        run("rules", "show", *words)
