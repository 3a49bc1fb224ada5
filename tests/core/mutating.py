"""A workflow with one thing taken away: a line of a guard, a deadline, or a role."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from engine.core.conditions import ALWAYS, All, AnyOf, Condition, Not
from engine.core.workflow import CLOCK, ENGINE, DeadlineRule, Step, Workflow


@dataclass(frozen=True, slots=True)
class Mutant:
    """What was taken away, in words, and the workflow without it."""

    name: str
    workflow: Workflow


def mutants(workflow: Workflow) -> Iterator[Mutant]:
    """Yield a workflow for each line of a guard, each deadline and each role it can lose.

    A guard is what permits a step, expects something of it, chooses where it leads, lets
    another step follow it, or lets a deadline rest.
    """
    for step in workflow.steps.values():
        for name, changed in _weaker(step):
            steps = {**workflow.steps, step.id: changed}
            yield Mutant(f"{step.id}: {name}", replace(workflow, steps=steps))
    for deadline, rule in workflow.deadlines.items():
        left = {k: v for k, v in workflow.deadlines.items() if k != deadline}
        yield Mutant(f"{deadline}: Frist", replace(workflow, deadlines=left))
        for name, resting in _resting(rule):
            rules = {**workflow.deadlines, deadline: resting}
            yield Mutant(f"{deadline}: {name}", replace(workflow, deadlines=rules))


def _weaker(step: Step) -> Iterator[tuple[str, Step]]:
    for at, when in _less(step.when):
        yield f"when {at}", replace(step, when=when)
    for at, expects in _less(step.expects):
        yield f"expects {at}", replace(step, expects=expects)
    for n, branch in enumerate(step.branches):
        for at, when in _less(branch.when):
            rows = (*step.branches[:n], replace(branch, when=when), *step.branches[n + 1 :])
            yield f"to {n}.{at}", replace(step, branches=rows)
    for n, effect in enumerate(step.effects):
        for at, when in _less(effect.when):
            effects = (*step.effects[:n], replace(effect, when=when), *step.effects[n + 1 :])
            yield f"effects {n}.{at}", replace(step, effects=effects)
    for role in sorted(step.by - {CLOCK, ENGINE}) if len(step.by) > 1 else ():
        yield f"by {role}", replace(step, by=step.by - {role})


def _resting(rule: DeadlineRule) -> Iterator[tuple[str, DeadlineRule]]:
    for n, pause in enumerate(rule.pauses):
        for at, when in _less(pause.when):
            pauses = (*rule.pauses[:n], replace(pause, when=when), *rule.pauses[n + 1 :])
            yield f"pauses {n}.{at}", replace(rule, pauses=pauses)


def _less(condition: Condition) -> Iterator[tuple[str, Condition]]:
    """Yield the condition without one of its lines, and where that line stood."""
    parts = condition.parts if isinstance(condition, All) else (condition,)
    for i, part in enumerate(parts):
        yield str(i), _all((*parts[:i], *parts[i + 1 :]))
        for at, less in _inside(part):
            yield f"{i}.{at}", _all((*parts[:i], less, *parts[i + 1 :]))


def _inside(part: Condition) -> Iterator[tuple[str, Condition]]:
    """Yield a part of a condition without one of the lines under its `any` or `not`."""
    if isinstance(part, Not):
        yield from ((at, Not(less)) for at, less in _less(part.part) if less != ALWAYS)
    if isinstance(part, AnyOf):
        for i, one in enumerate(part.parts):
            others = (*part.parts[:i], *part.parts[i + 1 :])
            yield str(i), AnyOf(others)
            for at, less in _less(one):
                if less != ALWAYS:
                    yield f"{i}.{at}", AnyOf((*part.parts[:i], less, *part.parts[i + 1 :]))


def _all(parts: tuple[Condition, ...]) -> Condition:
    return parts[0] if len(parts) == 1 else All(parts)
