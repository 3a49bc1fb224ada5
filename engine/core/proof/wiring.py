"""How workflows hang together: which answers travel along with what follows elsewhere."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from engine.core.meanings import StepMeans
from engine.core.workflow import ENGINE, Workflow

Channel = tuple[str, StepMeans]
"""A target, `case` or `participations`, and the meaning of what follows there."""


@dataclass(frozen=True, slots=True)
class Wiring:
    """What each channel carries.

    `sent` are the fields that every step behind a channel brings along, `heeded` those that
    some step at its end takes over.
    """

    sent: dict[Channel, frozenset[str]] = field(default_factory=dict)
    heeded: dict[Channel, frozenset[str]] = field(default_factory=dict)


def wiring(workflows: Iterable[Workflow]) -> Wiring:
    """Return how these workflows hang together."""
    found = Wiring()
    for workflow in workflows:
        target = "case" if workflow.form is None else "participations"
        for step in workflow.steps.values():
            brings = frozenset(f.name for f in step.takes)
            for effect in step.effects:
                channel = effect.target, effect.means
                found.sent[channel] = brings & found.sent.get(channel, brings)
            if ENGINE in step.by:
                channel = target, step.means
                found.heeded[channel] = brings | found.heeded.get(channel, frozenset())
    return found
