"""What must be remembered of a subject: the answers and deadlines that somebody reads later."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from engine.core.machine import origins
from engine.core.meanings import StepMeans
from engine.core.proof.reading import BARE, Reading
from engine.core.proof.wiring import Wiring
from engine.core.workflow import CLOCK, ENGINE, UNBORN, DeadlineRule, Step, Workflow

NOT_SURE = frozenset({"plan", "own_sitting"})
"""The periods that depend on a plan or a sitting, which there may not be."""


def sure(rule: DeadlineRule) -> bool:
    """Return whether there is always a length; a plan or a sitting may be missing."""
    return rule.required and rule.period not in NOT_SURE


def kept(workflow: Workflow, reading: Reading, wires: Wiring) -> Iterator[str]:
    """Yield the answers that somebody may read later, without giving them anew."""
    target = "case" if workflow.form is None else "participations"
    for step in workflow.steps.values():
        if step.id in reading.idle:
            continue
        anew = {f.name for f in step.takes if f.type != "documents"}
        if any(f.type == "weighing" for f in step.takes):
            anew |= {"nicht_gefolgt", BARE}
        if CLOCK in step.by:
            anew = set()
        elif ENGINE in step.by:
            anew &= wires.sent.get((target, step.means), frozenset())
        yield from named(reading.of_step[step.id], "given") - anew
    yield from named(reading.of_pauses, "given")


def tracked(workflow: Workflow, reading: Reading) -> Iterator[DeadlineRule]:
    """Yield the deadlines whose standing can change an outcome."""
    for rule in workflow.deadlines.values() if "deadline" not in reading.loose else ():
        read = f"deadline.{rule.name}" in reading.all | reading.beside
        if rule.period != "remedy" and (read or rule.lapse is not None):
            yield rule


@dataclass(frozen=True, slots=True)
class Live:
    """For each state which answers, and which closed deadlines, are still read later."""

    answers: dict[str, set[str]]
    deadlines: dict[str, set[str]]


def alive(workflow: Workflow, reading: Reading, rules: tuple[DeadlineRule, ...]) -> Live:
    """Return what is still read later.

    What nobody can read any more before it is given or opened anew is forgotten.
    """
    steps = [s for s in workflow.steps.values() if s.id not in reading.idle]
    forwarding = (s for s in steps if s.means is StepMeans.FORWARDING)
    passed = {n for s in forwarding for n in named(reading.of_step[s.id], "given")}
    rests = named(reading.of_pauses, "given")
    resting = {p.state for r in rules for p in r.pauses}
    live = Live(
        {s: passed | (rests if s in resting else set()) for s in workflow.states},
        {state: set() for state in workflow.states},
    )
    changed = True
    while changed:
        changed = False
        for step in steps:
            for origin in origins(workflow, step) - {UNBORN}:
                now, due = _read_from(reading, step, origin, live, rules, resting)
                if not now <= live.answers[origin] or not due <= live.deadlines[origin]:
                    live.answers[origin].update(now)
                    live.deadlines[origin].update(due)
                    changed = True
    return live


def _read_from(
    reading: Reading,
    step: Step,
    origin: str,
    live: Live,
    rules: tuple[DeadlineRule, ...],
    resting: set[str],
) -> tuple[set[str], set[str]]:
    """Return the answers and deadlines that are read by a step from a state, or after it."""
    read, rests = reading.of_step[step.id], named(reading.of_pauses, "given")
    leads = {b.state or origin for b in step.branches}
    now, due = named(read, "given"), named(read, "deadline")
    due |= set(step.ends) & {n for to in leads for n in live.deadlines[to]}
    taken = set() if {CLOCK, ENGINE} & step.by else {f.name for f in step.takes}
    for to in leads:
        now |= live.answers[to] - taken
        if to in resting:
            now |= rests - taken
        opened = {r.name for r in rules if to in r.states and sure(r)}
        due |= ({r.name for r in rules} & live.deadlines[to]) - opened
    return now, due


def named(names: frozenset[str], head: str) -> set[str]:
    """Return what follows the head in the names that have it."""
    return {n.partition(".")[2] for n in names if n.partition(".")[0] == head}
