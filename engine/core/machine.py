"""The one decision: whether a step may be taken here, by this role, and where it leads.

`permitted` is asked by `advance`, by every page and by the prover alike, so what is
proven is what runs. One shared machine of the `transitions` library stands for each
definition; this module is its only importer. Automatic transitions are off: a generated
`to_<state>` would ignore every condition.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from transitions import Machine
from transitions.core import EventData

from engine.core.conditions import Condition, Value, holds, unmet
from engine.core.meanings import StateMeans
from engine.core.workflow import UNBORN, Step, Workflow


class Situation:
    """A case as conditions see it: a state, and a value for each name they read.

    Small and hashable; two cases in the same situation permit the same steps.
    """

    __slots__ = ("state", "values")

    def __init__(self, state: str, values: Mapping[str, Value]) -> None:
        self.state = state
        self.values = values

    def __hash__(self) -> int:
        return hash((self.state, frozenset(self.values.items())))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Situation):
            return NotImplemented
        return self.state == other.state and self.values == other.values

    def __repr__(self) -> str:
        return f"Situation({self.state!r}, {dict(self.values)!r})"


@dataclass(frozen=True, slots=True)
class Verdict:
    """Where a step leads, or what stands against it.

    `state` is None when the step is refused; then `wrong_state`, `wrong_role` or the
    `unmet` conditions say why.
    """

    state: str | None
    wrong_state: bool = False
    wrong_role: bool = False
    unmet: tuple[Condition, ...] = ()

    @property
    def allowed(self) -> bool:
        """Whether the step may be taken."""
        return self.state is not None


class _Token:
    """What runs through a shared machine: a place, what conditions see, and a role."""

    __slots__ = ("role", "state", "values")

    def __init__(self, situation: Situation, role: str) -> None:
        self.state = situation.state
        self.values = situation.values
        self.role = role


def permitted(workflow: Workflow, situation: Situation, step: Step, role: str) -> Verdict:
    """Return the state that `step` leads to when `role` takes it, or why it may not."""
    if role in step.by and holds(step.when, situation.values):
        for when, state in _ways(workflow).get((step.id, situation.state), ()):
            if holds(when, situation.values):
                return Verdict(state)
    return _refusal(workflow, situation, step, role)


_Ways = dict[tuple[str, str], tuple[tuple[Condition, str], ...]]


@lru_cache(maxsize=256)
def _ways(workflow: Workflow) -> _Ways:
    """Return where each step leads from each state: the machine's own transitions, as a table.

    Read off the machine once for each definition, because asking it costs a multiple of
    looking here; a test holds the two against each other in every situation.
    """
    ways: _Ways = {}
    for name, event in machine(workflow).events.items():
        step = workflow.steps[name]
        for origin, rows in event.transitions.items():
            leads = [
                (branch.when, row.dest) for branch, row in zip(step.branches, rows, strict=True)
            ]
            ways[name, origin] = tuple(leads)
    return ways


def by_machine(workflow: Workflow, situation: Situation, step: Step, role: str) -> str | None:
    """Return where the machine itself leads, None if nowhere: what `permitted` must agree with."""
    event = machine(workflow).events.get(step.id)
    token = _Token(situation, role)
    known = event is not None and situation.state in event.transitions
    return token.state if known and event.trigger(token) else None


def origins(workflow: Workflow, step: Step) -> frozenset[str]:
    """Return the states from which `step` leads on."""
    if step.origins is not None:
        return step.origins or frozenset({UNBORN})
    return frozenset(s.id for s in workflow.states.values() if s.means is not StateMeans.FINAL)


def _refusal(workflow: Workflow, situation: Situation, step: Step, role: str) -> Verdict:
    if situation.state not in origins(workflow, step):
        return Verdict(None, wrong_state=True)
    if role not in step.by:
        return Verdict(None, wrong_role=True)
    missing = tuple(unmet(step.when, situation.values))
    return Verdict(None, unmet=missing or tuple(b.when for b in step.branches))


@lru_cache(maxsize=256)
def machine(workflow: Workflow) -> Any:
    """Return the shared machine of a definition; cases are never added to it."""
    return Machine(
        model=None,
        states=[UNBORN, *workflow.states],
        transitions=[row for step in workflow.steps.values() for row in _rows(workflow, step)],
        initial=None,
        auto_transitions=False,
        send_event=True,
        ignore_invalid_triggers=True,
    )


def _rows(workflow: Workflow, step: Step) -> Iterable[dict[str, Any]]:
    for origin in sorted(origins(workflow, step)):
        for branch in step.branches:
            yield {
                "trigger": step.id,
                "source": origin,
                "dest": origin if branch.state is None else branch.state,
                "conditions": _guard(step, branch.when),
            }


def _guard(step: Step, when: Condition) -> Callable[[EventData], bool]:
    def may(event: EventData) -> bool:
        token: Any = event.model
        return (
            token.role in step.by and holds(step.when, token.values) and holds(when, token.values)
        )

    return may
