"""The prover: what workflows and packs make possible, explored until nothing is left.

`prove` asks the very `permitted` and `situation` that `advance` uses, and says of each claim
whether it holds, on what that is established, and if not, by which shortest way it is broken.
Why two participations are enough, and what is left out, stands in docs/decisions/0010.
"""

from __future__ import annotations

from engine.core.proof.prover import at_stake, prove
from engine.core.proof.result import Basis, Proof, Story, Verdict
from engine.core.proof.settings import Setting, settings

__all__ = ["Basis", "Proof", "Setting", "Story", "Verdict", "at_stake", "prove", "settings"]
