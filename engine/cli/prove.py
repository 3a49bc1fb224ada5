"""`rechtzeitig workflow prove`: what workflows and packs assure, and how it could be broken."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated, Any

import typer

from engine.cli.console import AsJson, console, emit_json, say, stopped, t
from engine.cli.workflow import PROBLEMS_FOUND, Rules, rows_with, show_problems
from engine.core.proof import prove as proven
from engine.core.proof.result import BASES, Proof, Verdict
from engine.definitions.library import compile_all
from engine.services.proving import nothing_collected
from engine.strictyaml import DefinitionError


def prove(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(
            help=t(
                "Dateien oder Ordner; sie ersetzen mitgelieferte Abläufe gleicher Kennung",
                "files or folders; they replace shipped workflows of the same id",
            )
        ),
    ] = None,
    rules: Rules = None,
    as_json: AsJson = False,
) -> None:
    """Prove what workflows assure / Beweisen, was Abläufe zusichern."""
    try:
        definitions = compile_all(rows_with(paths or [], rules))
    except DefinitionError as error:
        show_problems(error.problems, as_json=as_json)
        return stopped(PROBLEMS_FOUND)
    begun = time.perf_counter()
    with nothing_collected():
        proof = proven(definitions.library, definitions.kinds)
    seconds = time.perf_counter() - begun
    if as_json:
        emit_json(_plain(proof, seconds))
    else:
        show(proof, seconds)
    return None if proof.passed else stopped(PROBLEMS_FOUND)


def show(proof: Proof, seconds: float) -> None:
    """Print the verdicts, and for each claim that does not hold how it would be broken."""
    judged = [v for v in proof.verdicts if v.judged]
    good = sum(v.holds for v in judged)
    head = t(
        f"{len(judged)} Regeln geprüft, {good} erfüllt.",
        f"{len(judged)} claims checked, {good} hold.",
    )
    console.print(head, style="green" if proof.passed else "red")
    for verdict in proof.verdicts:
        mark = "–" if not verdict.judged else "✓" if verdict.holds else "✗"
        console.print(
            f" {mark} {verdict.claim:<4} {say(verdict.title)} ({say(BASES[verdict.basis])})"
        )
    for verdict in proof.broken:
        _tell(verdict)
    console.print(_explored(proof, seconds))


def _tell(verdict: Verdict) -> None:
    story = verdict.story
    assert story is not None
    console.print()
    console.print(
        t(f"Nicht erfüllt: {verdict.claim}.", f"Does not hold: {verdict.claim}."), style="red"
    )
    if story.lines:
        console.print(t("So käme es dazu:", "This is how it would come about:"))
        for line in story.lines:
            console.print(f"  {say(line)}")
    console.print(f"  – {say(story.why)}.")


def _explored(proof: Proof, seconds: float) -> str:
    states = f"{proof.states:,}"
    moves = f"{proof.transitions:,}"
    if t("de", "en") == "de":
        states, moves = states.replace(",", "."), moves.replace(",", ".")
    return t(
        f"Erkundet: {states} Zustände und {moves} Übergänge in {len(proof.pairs)} Paaren von "
        f"Formen, {seconds:.1f} Sekunden.",
        f"Explored: {states} states and {moves} transitions in {len(proof.pairs)} pairs of forms, "
        f"{seconds:.1f} seconds.",
    )


def _plain(proof: Proof, seconds: float) -> dict[str, Any]:
    return {
        "passed": proof.passed,
        "seconds": round(seconds, 3),
        "states": proof.states,
        "transitions": proof.transitions,
        "claims": [_plain_verdict(v) for v in proof.verdicts],
        "pairs": [
            {
                "forms": list(p.forms),
                "traits": list(p.traits),
                "states": p.states,
                "transitions": p.transitions,
            }
            for p in proof.pairs
        ],
    }


def _plain_verdict(verdict: Verdict) -> dict[str, Any]:
    story = verdict.story
    return {
        "id": verdict.claim,
        "de": verdict.title.de,
        "en": verdict.title.en,
        "basis": verdict.basis.value,
        "holds": verdict.holds if verdict.judged else None,
        "story": None
        if story is None
        else {
            "lines": [{"de": x.de, "en": x.en} for x in story.lines],
            "why": {"de": story.why.de, "en": story.why.en},
        },
    }
