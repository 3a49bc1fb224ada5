"""What a picture of a workflow shows: its states in columns, and what leads from one to another.

Steps that lead from the same states to the same states share one label, so that a picture
stays readable; steps that change no state are listed beside it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from engine.core.machine import origins
from engine.core.meanings import Kind, StateMeans
from engine.core.workflow import CLOCK, ENGINE, UNBORN, Step, Workflow
from engine.errors import Text

ANYWHERE = Text("aus jedem Stand", "from any state")
FROM = Text("aus", "from")


class Sort(StrEnum):
    """How a step comes about: permitted, a mere fact, by the clock, or from another step."""

    PERMISSION = "permission"
    FACT = "fact"
    CLOCK = "clock"
    FOLLOWS = "follows"


MEANINGS = {
    StateMeans.DRAFT: (Text("vorbereitet", "in preparation"), "#ffffff"),
    StateMeans.WAITING: (Text("jemand ist am Zug", "somebody is awaited"), "#fff3cd"),
    StateMeans.SETTLED: (Text("erledigt", "settled"), "#dcefdc"),
    StateMeans.CLEARED: (Text("freigegeben", "released"), "#dcefdc"),
    StateMeans.DECIDED: (Text("entschieden", "decided"), "#d9e8f6"),
    StateMeans.SUSPENDED: (Text("ausgesetzt", "suspended"), "#f8dcd7"),
    StateMeans.FINAL: (Text("beendet", "ended"), "#e4e4e4"),
}

SORTS = {
    Sort.PERMISSION: Text(
        "darf jemand tun; wird sonst abgelehnt", "may be done, else it is refused"
    ),
    Sort.FACT: Text("ist geschehen und wird eingetragen", "has happened and is entered"),
    Sort.CLOCK: Text("geschieht durch Zeitablauf", "comes about by time"),
    Sort.FOLLOWS: Text("folgt aus einem anderen Schritt", "follows from another step"),
}


@dataclass(frozen=True, slots=True)
class Move:
    """Steps of one sort that lead from the same states to the same ones.

    `origins` None means that they may be taken anywhere.
    """

    steps: tuple[Step, ...]
    origins: tuple[str, ...] | None
    targets: tuple[str, ...]


def sort_of(step: Step) -> Sort:
    """Return how a step comes about; one that people can take as well is theirs."""
    if step.by <= {CLOCK}:
        return Sort.CLOCK
    if step.by <= {ENGINE}:
        return Sort.FOLLOWS
    return Sort.FACT if step.kind is Kind.FACT else Sort.PERMISSION


def shared_sort(steps: Iterable[Step]) -> Sort:
    """Return how several steps come about; a permission where they differ."""
    sorts = {sort_of(step) for step in steps}
    return sorts.pop() if len(sorts) == 1 else Sort.PERMISSION


def moves(workflow: Workflow) -> tuple[Move, ...]:
    """Return what leads from one state to another, in the order written."""
    found: dict[tuple[tuple[str, ...] | None, tuple[str, ...], Sort], list[Step]] = {}
    for step in workflow.steps.values():
        targets = tuple(dict.fromkeys(b.state for b in step.branches if b.state is not None))
        if targets:
            ends = _origins(workflow, step), targets, sort_of(step)
            found.setdefault(ends, []).append(step)
    return tuple(Move(tuple(steps), *ends[:2]) for ends, steps in found.items())


def stays(workflow: Workflow) -> Iterator[tuple[Step, tuple[str, ...] | None]]:
    """Yield the steps that change no state, with the states they may be taken in."""
    for step in workflow.steps.values():
        if all(branch.state is None for branch in step.branches):
            yield step, _origins(workflow, step)


def pairs(workflow: Workflow) -> Mapping[tuple[str, str], tuple[Step, ...]]:
    """Return the steps that lead from one state to another, by the two states."""
    found: dict[tuple[str, str], list[Step]] = {}
    for move in moves(workflow):
        for origin in move.origins or ():
            for target in move.targets:
                if origin != target:
                    found.setdefault((origin, target), []).extend(move.steps)
    return {ends: tuple(steps) for ends, steps in found.items()}


def columns(workflow: Workflow) -> Mapping[str, int]:
    """Return how many moves each state is away from the first; one only left is put last."""
    found = {workflow.initial or UNBORN: 0}
    waiting = deque(found)
    while waiting:
        state = waiting.popleft()
        for origin, target in pairs(workflow):
            if origin == state and target not in found:
                found[target] = found[state] + 1
                waiting.append(target)
    last = max(found.values())
    return found | {state: last for state in workflow.states if state not in found}


def _origins(workflow: Workflow, step: Step) -> tuple[str, ...] | None:
    """Return the states a step leads from, in the order written; None for all of them."""
    if step.origins is None:
        return None
    here = origins(workflow, step)
    return tuple(state for state in (UNBORN, *workflow.states) if state in here)
