"""A workflow with one thing taken away: a line of a guard, a deadline, or a role."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from engine.core.conditions import ALWAYS, All, Condition
from engine.core.workflow import CLOCK, ENGINE, Step, Workflow


@dataclass(frozen=True, slots=True)
class Mutant:
    """What was taken away, in words, and the workflow without it."""

    name: str
    workflow: Workflow


def mutants(workflow: Workflow) -> Iterator[Mutant]:
    """Yield a workflow for each line of a guard, each deadline and each role it can lose."""
    for step in workflow.steps.values():
        for name, changed in _weaker(step):
            steps = {**workflow.steps, step.id: changed}
            yield Mutant(f"{step.id}: {name}", replace(workflow, steps=steps))
    for deadline in workflow.deadlines:
        left = {k: v for k, v in workflow.deadlines.items() if k != deadline}
        yield Mutant(f"{deadline}: Frist", replace(workflow, deadlines=left))


def _weaker(step: Step) -> Iterator[tuple[str, Step]]:
    for i, when in enumerate(_less(step.when)):
        yield f"when {i}", replace(step, when=when)
    for i, expects in enumerate(_less(step.expects)):
        yield f"expects {i}", replace(step, expects=expects)
    for n, branch in enumerate(step.branches):
        for i, when in enumerate(_less(branch.when)):
            rows = list(step.branches)
            rows[n] = replace(branch, when=when)
            yield f"to {n}.{i}", replace(step, branches=tuple(rows))
    for role in sorted(step.by - {CLOCK, ENGINE}) if len(step.by) > 1 else ():
        yield f"by {role}", replace(step, by=step.by - {role})


def _less(condition: Condition) -> Iterator[Condition]:
    """Yield the condition without one of its lines."""
    if condition == ALWAYS:
        return
    if not isinstance(condition, All):
        yield ALWAYS
        return
    for i in range(len(condition.parts)):
        left = condition.parts[:i] + condition.parts[i + 1 :]
        yield left[0] if len(left) == 1 else All(left)
