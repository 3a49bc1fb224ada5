"""The finite case that the prover explores: places, memories, choices and moves, all hashable."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import NamedTuple

from engine.core.conditions import Value
from engine.core.meanings import StepMeans
from engine.core.workflow import Step

CASE = 0
"""The index of the case itself among the subjects; participations follow from 1."""

NONE, RUNNING, PAUSED, MET, LAPSED, ENDED = "-", "running", "paused", "met", "lapsed", "ended"
"""How a deadline stands: none, runs, rests, was met, lapsed and still owed, lapsed and closed."""


class Heard(IntEnum):
    """How far an office has been heard in the present round."""

    NOT = 0
    TOLD_EARLY = 1
    INFORMED = 2
    DONE = 3


class Found(IntEnum):
    """What is recorded about findings: none ever, all of them dealt with, some open."""

    NEVER = 0
    SETTLED = 1
    OPEN = 2


class Memory(NamedTuple):
    """What claims need to know of the past of a participation, in its present round.

    `waived`: in force is a waiver. `bare`: departed from without the reasons that a norm
    demands. `filed`, `forwarded`: a statement was filed, and passed on. `kept`: by the number
    of each written claim, whether it is satisfied.
    """

    heard: Heard = Heard.NOT
    waived: bool = False
    bare: bool = False
    filed: bool = False
    forwarded: bool = False
    kept: frozenset[int] = frozenset()


class Local(NamedTuple):
    """Where one subject stands: its state, the answers and deadlines that decisions read."""

    state: str
    given: tuple[Value, ...]
    deadlines: tuple[str, ...]
    memory: Memory = Memory()
    found: Found = Found.NEVER


class Context(NamedTuple):
    """What a subject sees beyond itself: the case's meaning, the others, who comes before it.

    `others` gives form and settledness of the other current participations, `ahead` the
    settledness of those that come first.
    """

    case: str
    others: tuple[tuple[str, bool], ...] = ()
    ahead: tuple[bool, ...] = ()


@dataclass(frozen=True, slots=True)
class Choice:
    """Everything that one act leaves open: what it brings, when it happened, how the world is.

    `given` is what the act brings, as conditions read it; `timely` the lapsed deadlines that
    it precedes; `world` what is true outside the case. The clock brings nothing.
    """

    given: Mapping[str, Value] = field(default_factory=dict)
    timely: frozenset[str] = frozenset()
    world: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Follow:
    """What an act sets going elsewhere, with the part of it that travels along."""

    target: str
    means: StepMeans
    given: tuple[tuple[str, Value], ...]
    back_dated: bool


@dataclass(frozen=True, slots=True)
class Move:
    """One step that a subject may take, and where it leads the subject itself.

    `finds` says that a finding is opened, `judged` what becomes of one, `calls` that others
    may be called to take part, `replans` that planned days move. `step` None is a deadline
    that ends without a step; `stuck` a step that the clock should take and may not.
    """

    step: Step | None
    to: Local
    choice: Choice
    finds: bool = False
    judged: str | None = None
    calls: bool = False
    replans: bool = False
    new_round: bool = False
    follows: tuple[Follow, ...] = ()
    deadline: str | None = None
    stuck: bool = False

    @property
    def plain(self) -> bool:
        """Whether nothing but the subject itself changes."""
        return not (self.finds or self.judged) and not self.wider

    @property
    def wider(self) -> bool:
        """Whether others may change as well, findings aside."""
        return bool(self.calls or self.replans or self.new_round or self.follows)
