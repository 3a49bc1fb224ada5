"""The claims that a workflow itself writes down: what must never be, unless before it something was."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from engine.core.meanings import StepMeans
from engine.core.proof.claims import hears, own
from engine.core.workflow import Step, Workflow

OF_EACH, OF_HEARING, OF_OFFICE = "each_participation", "each_hearing", "office"
"""Whom a demand is about: every participation; each whose office has a period to answer in;
the office of the participation itself, by its own act or its original."""

SCOPES = (OF_EACH, OF_HEARING, OF_OFFICE)


@dataclass(frozen=True, slots=True)
class Demand:
    """One of the meanings must have happened, in the present round; `number` tells it apart."""

    number: int
    scope: str
    means: frozenset[StepMeans]


@dataclass(frozen=True, slots=True)
class Written:
    """A claim: the case never has one of the meanings `cases`, a participation one of `states`."""

    id: str
    workflow: Workflow
    cases: frozenset[str]
    states: frozenset[str]
    demands: tuple[Demand, ...]

    def lacks(self, workflow: Workflow, kept: frozenset[int]) -> bool:
        """Return whether a participation lacks something that the claim demands of it."""
        return not self.demands or any(
            demand.number not in kept
            for demand in self.demands
            if demand.scope != OF_HEARING or hears(workflow)
        )


def written(workflows: Iterable[Workflow]) -> tuple[Written, ...]:
    """Return the claims of these workflows with their demands numbered."""
    found: list[Written] = []
    number = 0
    for workflow in workflows:
        for raw in workflow.claims:
            claim: Any = raw
            demands = []
            for scope, means in claim["unless_before"].items():
                demands.append(Demand(number, scope, frozenset(map(StepMeans, _listed(means)))))
                number += 1
            never = claim["never"]
            found.append(
                Written(
                    claim["id"],
                    workflow,
                    frozenset(map(str, _listed(never.get("case", [])))),
                    frozenset(map(str, _listed(never.get("state", [])))),
                    tuple(demands),
                )
            )
    return tuple(found)


def satisfied(claims: Iterable[Written], workflow: Workflow, step: Step) -> frozenset[int]:
    """Return the numbers of the demands that a step of a participation meets."""
    return frozenset(
        demand.number
        for claim in claims
        if claim.workflow.form is None or claim.workflow is workflow
        for demand in claim.demands
        if step.means in demand.means and (demand.scope != OF_OFFICE or own(step))
    )


def _listed(value: Any) -> Iterator[Any]:
    yield from value if isinstance(value, list | tuple) else [value]
