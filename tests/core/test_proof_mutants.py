"""Taking away any guard, deadline or role from the shipped workflows is noticed by somebody."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from engine.core.examples import Example
from engine.core.scripts import run
from engine.core.training import Training
from engine.core.workflow import Workflow
from engine.definitions.rehearsal import training
from engine.errors import EngineError
from tests.core.mutating import Mutant, mutants
from tests.musterheide import definitions as shipped

LISTED: dict[str, dict[str, str]] = yaml.safe_load(
    (Path(__file__).parent.parent / "faulty" / "rules" / "ueberlebende.yml").read_text("utf-8")
)
"""By workflow: the mutants that no rehearsal misses, each with the reason why its line stays."""

WORKFLOWS = sorted(shipped().library.current)


@pytest.mark.parametrize("id_", WORKFLOWS)
def test_what_is_taken_away_is_missed_by_a_rehearsal_or_listed_with_a_reason(id_: str) -> None:
    workflow = shipped().library.workflow(shipped().library.current[id_])
    listed = LISTED.get(id_, {})
    assert _surviving(workflow, training(shipped())) == list(listed)
    assert all(listed.values()), "each exception needs its reason"


def _surviving(workflow: Workflow, place: Training) -> list[str]:
    """Return the mutants under which every rehearsal of the workflow comes out as before."""
    examples = list(workflow.examples)
    for example in examples:
        assert run(example, workflow, place).passed, "what fails anyway would notice everything"
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


def _noticed(mutant: Mutant, example: Example, place: Training) -> bool:
    try:
        return not run(example, mutant.workflow, place).passed
    except (EngineError, AssertionError, KeyError):
        return True
