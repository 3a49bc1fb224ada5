"""Coverage: which of the transitions that a workflow declares its rehearsals have taken."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from engine.core.case import Entry
from engine.core.conditions import All, Is
from engine.core.machine import origins
from engine.core.workflow import Branch, Step, Workflow

Transition = tuple[str, str, str]
"""(step, from, to)"""

ANY = "any"
"""Where a step leads from that may be taken anywhere; as an end, that it stays there."""


@dataclass(frozen=True, slots=True)
class Coverage:
    """The transitions that a workflow declares, and those that were taken."""

    declared: frozenset[Transition]
    taken: frozenset[Transition]

    @property
    def missing(self) -> tuple[Transition, ...]:
        """The transitions that nobody has taken, by step."""
        return tuple(sorted(self.declared - self.taken))

    @property
    def steps(self) -> frozenset[str]:
        """The steps that the workflow declares."""
        return frozenset(step for step, _, _ in self.declared)

    @property
    def steps_missing(self) -> tuple[str, ...]:
        """The steps that nobody has taken from anywhere."""
        return tuple(sorted(self.steps - {step for step, _, _ in self.taken}))

    @property
    def percent(self) -> int:
        """The share of the declared transitions that were taken, rounded down."""
        return _percent(len(self.declared & self.taken), len(self.declared))

    @property
    def percent_of_steps(self) -> int:
        """The share of the steps that were taken, rounded down."""
        return _percent(len(self.steps) - len(self.steps_missing), len(self.steps))


def coverage(workflow: Workflow, taken: Iterable[tuple[str, Transition]]) -> Coverage:
    """Return how much of a workflow was taken; `taken` names each transition with its pin."""
    mine = frozenset(_as_declared(workflow, t) for pin, t in taken if pin == workflow.pin)
    return Coverage(frozenset(declared(workflow)), mine)


def declared(workflow: Workflow) -> Iterator[Transition]:
    """Yield the transitions that a workflow declares, leaving out what its branches exclude.

    A step from any state declares one for each of its branches, not one for each state.
    """
    for step in workflow.steps.values():
        for origin in (ANY,) if step.origins is None else origins(workflow, step):
            for branch in _branches(step, origin):
                yield step.id, origin, origin if branch.state is None else branch.state


def _as_declared(workflow: Workflow, transition: Transition) -> Transition:
    step, origin, to = transition
    if workflow.steps[step].origins is not None:
        return transition
    return step, ANY, ANY if to == origin else to


def transitions(entries: Iterable[Entry]) -> Iterator[tuple[str, Transition]]:
    """Yield the transitions that entries of the log record, each with its workflow's pin."""
    for entry in entries:
        plain = entry.plain
        if "definition" in plain:
            yield plain["definition"], (plain["step"], plain["from"], plain["to"])


def _branches(step: Step, origin: str) -> Iterator[Branch]:
    """Yield the branches that can be taken from `origin`, as far as its name alone tells."""
    for branch in step.branches:
        parts = branch.when.parts if isinstance(branch.when, All) else (branch.when,)
        named = [p for p in parts if isinstance(p, Is) and p.name == "state"]
        if origin == ANY or all(origin in part.accepted for part in named):
            yield branch
            if origin != ANY and len(named) == len(parts):
                return


def _percent(part: int, whole: int) -> int:
    return 100 if whole == 0 else 100 * part // whole
