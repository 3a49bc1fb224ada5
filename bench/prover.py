"""How fast the prover explores: states of a case with two participations, against the limit."""

from __future__ import annotations

import gc
import time
from dataclasses import dataclass

from engine import shipped
from engine.core.proof import prove
from engine.definitions.library import compile_all, offered

LIMIT = 80_000 / 10
"""States a second that exploring must reach: 80,000 in ten seconds."""


@dataclass(frozen=True, slots=True)
class Proven:
    """A whole proof of what is shipped: its size, its CPU time, and its pace against the limit."""

    states: int
    transitions: int
    pairs: int
    seconds: float
    passed: bool

    @property
    def pace(self) -> float:
        """States a second, all of the proof's time counted."""
        return self.states / self.seconds

    @property
    def ratio(self) -> float:
        """The pace as a multiple of the limit."""
        return self.pace / LIMIT


def measured() -> Proven:
    """Return what a proof of the shipped definitions costs."""
    definitions = compile_all(offered(shipped.workflows(), shipped.rules()))
    gc.disable()
    begun = time.process_time()
    proof = prove(definitions.library, definitions.kinds)
    seconds = time.process_time() - begun
    gc.enable()
    return Proven(proof.states, proof.transitions, len(proof.pairs), seconds, proof.passed)
