"""What can be reached at all, and from where no end is reached any more."""

from __future__ import annotations

from collections.abc import Iterator

from engine.core.conditions import ALWAYS, Value
from engine.core.machine import origins
from engine.core.meanings import StateMeans
from engine.core.proof.faults import Fault
from engine.core.proof.folding import Folded
from engine.core.proof.product import Explored, Product
from engine.core.proof.reading import NEVER, under
from engine.core.proof.values import CASE, Local
from engine.core.workflow import CLOCK, ENGINE, Workflow
from engine.errors import Text


def led_to(workflow: Workflow, traits: tuple[tuple[str, Value], ...]) -> set[str]:
    """Return the states to which steps can lead under some traits, whatever else holds."""
    found, todo = {workflow.initial}, [workflow.initial]
    while todo:
        state = todo.pop()
        for step in workflow.steps.values():
            if state not in origins(workflow, step) or under(step.when, traits) == NEVER:
                continue
            for branch in step.branches:
                when = under(branch.when, traits)
                if when != NEVER and branch.state not in (None, *found):
                    found.add(str(branch.state))
                    todo.append(str(branch.state))
                if when == ALWAYS:
                    break
    return found


def dead(folded: Folded) -> frozenset[Local]:
    """Return the places that cannot become settled without the office, by people and clock."""
    subject, single = folded.subject, folded.single
    case = subject.cases[StateMeans.WAITING.value]
    backwards: dict[int, set[int]] = {}
    good = set()
    for (one, context), moves in folded.all_moves.items():
        if subject.settled(single[one]):
            good.add(one)
        if context.case != case or context.others or not all(context.ahead):
            continue
        for move in moves:
            others = {CLOCK} if move.deadline is not None else set()
            if move.step is not None and move.deadline is None:
                others = set(move.step.by) - {"office", CLOCK, ENGINE}
            if others and not move.stuck:
                backwards.setdefault(single.number(move.to), set()).add(one)
    todo = list(good)
    while todo:
        for before in backwards.get(todo.pop(), ()):
            if before not in good:
                good.add(before)
                todo.append(before)
    known = {one for one, _ in folded.all_moves}
    return frozenset(single[one] for one in known - good)


def stranded(product: Product, found: Explored) -> Iterator[int]:
    """Yield the spots from which no end is reached while some one role never acts."""
    workflow = product.places[CASE].subject.workflow
    places = product.places[CASE]
    count = len(found.edges)
    final = [workflow.meaning(places[spot[CASE]].state) is StateMeans.FINAL for spot in found.spots]
    for role in [0, *product.roles.values()]:
        good = list(final)
        left = [n for n in range(count) if not good[n]]
        while left:
            still = []
            for n in reversed(left):
                if any(good[to] for to, by in found.edges[n].items() if by & ~role):
                    good[n] = True
                else:
                    still.append(n)
            if len(still) == len(left):
                yield min(still)
                break
            left = still[::-1]


def endless(product: Product, found: Explored) -> Fault | None:
    if next(stranded(product, found), None) is None:
        return None
    return Fault(
        "I3",
        Text(
            "handelt eine Stelle nie, kommt der Vorgang nicht mehr zu einem Ende",
            "if one office never acts, the case cannot come to an end any more",
        ),
    )
