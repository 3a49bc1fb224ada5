"""Taking away any guard, deadline or role from the shipped workflows is noticed by somebody."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from engine.core.proof import prove
from engine.core.scripts import run
from engine.core.training import Training
from engine.core.workflow import Workflow
from engine.definitions.rehearsal import training
from engine.errors import EngineError
from tests.core.mutating import Mutant, mutants
from tests.core.proving import definitions, proof
from tests.musterheide import definitions as shipped

LISTED = yaml.safe_load(
    (Path(__file__).parent.parent / "faulty" / "rules" / "ueberlebende.yml").read_text("utf-8")
)
"""By workflow: the mutants that a claim catches, and those that nobody does, each with a reason."""

WORKFLOWS = sorted(shipped().library.current)


@pytest.mark.parametrize("id_", WORKFLOWS)
def test_what_is_taken_away_is_missed_by_a_rehearsal_or_listed_with_a_reason(id_: str) -> None:
    workflow = shipped().library.workflow(shipped().library.current[id_])
    listed = LISTED.get(id_, {})
    left = set(_surviving(workflow, training(shipped())))
    assert left == set(listed.get("unnoticed", {})) | set(listed.get("claims", {}))
    assert all(listed.get("unnoticed", {}).values()), "each exception needs its reason"


@pytest.mark.parametrize(
    ("id_", "name", "claim"),
    [(i, n, c) for i, rows in LISTED.items() for n, c in rows.get("claims", {}).items()],
)
def test_what_no_rehearsal_misses_a_claim_does(id_: str, name: str, claim: str) -> None:
    small = definitions()
    workflow = small.library.workflow(small.library.current[id_])
    [mutant] = [m for m in mutants(workflow) if m.name == name]
    library = replace(
        small.library,
        workflows={**small.library.workflows, workflow.pin: mutant.workflow},
    )
    known = {v.claim: v for v in proof().broken}
    broken = prove(library, small.kinds).broken
    assert claim in {v.claim for v in broken if known.get(v.claim) != v}


def _surviving(workflow: Workflow, place: Training) -> list[str]:
    """Return the mutants under which every rehearsal of the workflow comes out as before."""
    examples = list(workflow.examples)
    left = []
    for mutant in mutants(workflow):
        for n, example in enumerate(examples):
            if _noticed(mutant, example, place):
                # What noticed one often notices the next one too.
                examples.insert(0, examples.pop(n))
                break
        else:
            left.append(mutant.name)
    return left


def _noticed(mutant: Mutant, example: object, place: Training) -> bool:
    try:
        return not run(example, mutant.workflow, place).passed  # type: ignore[arg-type]
    except (EngineError, AssertionError, KeyError):
        return True
