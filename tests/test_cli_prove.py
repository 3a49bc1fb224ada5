"""`rechtzeitig workflow prove`, and that nothing comes into force which it refuses."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner, Result

from engine import shipped
from engine.cli.prove import prove, show
from engine.errors import InputError
from engine.services.definitions import activate_files
from tests.core.proving import Faulty, faulty, proof
from tests.installation import house
from tests.musterheide import library

BARE_RELEASE = next(f for f in faulty() if f.name == "i1-umsetzen-ohne-beteiligung")
OWN_STATEMENT = next(f for f in faulty() if f.name == "i5-fachbereich-nimmt-stellung")


def run(*words: object) -> Result:
    program = typer.Typer()
    program.command()(prove)
    return CliRunner().invoke(program, [str(w) for w in words])


def written(folder: Path, fault: Faulty) -> Path:
    [replacement] = fault.replacements
    source = shipped.workflows() / f"{replacement.where}.yaml"
    file = folder / source.name
    file.write_text(replacement.made(source.read_text(encoding="utf-8")), encoding="utf-8")
    return file


@lru_cache(maxsize=1)
def whole() -> Any:
    """Return what the command says of everything that is shipped: the one long run."""
    result = run("--json")
    return {"exit": result.exit_code, **json.loads(result.stdout)}


def test_the_shipped_definitions_keep_every_claim() -> None:
    told = {c["id"]: c["story"] for c in whole()["claims"] if c["holds"] is False}
    assert told == {}
    assert (whole()["exit"], whole()["passed"]) == (0, True)


def test_every_two_forms_are_proven_together() -> None:
    workflows = map(library().workflow, library().current.values())
    forms = sorted(w.form for w in workflows if w.form is not None)
    met = {frozenset(pair["forms"]) for pair in whole()["pairs"]}
    assert met == {frozenset((a, b)) for a in forms for b in forms}
    assert whole()["transitions"] > whole()["states"] > 80_000


def test_a_broken_claim_is_told_as_a_story(capsys: pytest.CaptureFixture[str]) -> None:
    show(proof(*BARE_RELEASE.replacements), 1.0)
    told = capsys.readouterr().out
    assert "13 Regeln geprüft, 11 erfüllt." in told
    assert "Nicht erfüllt: I1." in told
    assert "1. Vorhaben anmelden (federführende Stelle) → angemeldet." in told
    assert "– ohne Information (Unterrichtung)." in told


def test_a_file_that_does_not_compile_is_told_as_check_tells_it(tmp_path: Path) -> None:
    file = tmp_path / "unterrichtung.yaml"
    file.write_text("id: unterrichtung\nunbekannt: 1\n", encoding="utf-8")
    result = run(file, "--json")
    assert result.exit_code == 1
    assert json.loads(result.stdout)["problems"]


def test_what_breaks_a_claim_cannot_come_into_force(tmp_path: Path) -> None:
    made = house(tmp_path)
    with pytest.raises(InputError) as refused:
        activate_files(made.app, [written(tmp_path, OWN_STATEMENT)])
    assert "Nicht erfüllt: I5" in refused.value.text.de
    assert "So käme es dazu: 1. Vorhaben anmelden" in refused.value.text.de


def test_what_fails_its_own_rehearsal_cannot_come_into_force(tmp_path: Path) -> None:
    made = house(tmp_path)
    source = (shipped.workflows() / "unterrichtung.yaml").read_text(encoding="utf-8")
    file = tmp_path / "unterrichtung.yaml"
    file.write_text(
        source.replace("state: bereitgestellt, case: in_beteiligung", "state: unterrichtet", 1),
        encoding="utf-8",
    )
    with pytest.raises(InputError, match="rehearsal"):
        activate_files(made.app, [file])
