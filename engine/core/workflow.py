"""A workflow: the states, steps, deadlines and claims that a definition declares.

Everything here is a value that `engine.definitions` compiled from YAML. A step says who
may take it, from where to where, on which conditions, which deadlines it starts, whom it
tells, and what follows elsewhere in the case.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from engine.core.conditions import ALWAYS, Condition, names
from engine.core.examples import Example
from engine.core.meanings import Kind, StateMeans, StepMeans
from engine.errors import Text

UNBORN = "-"
"""The place of a case or participation before its first step."""

CLOCK = "clock"
"""The actor of what falls due by itself."""

ENGINE = "engine"
"""The role of a step that only follows from another step of the same act."""


WORDS = ("text", "wording", "deviation")
"""The types of field that carry free text."""


@dataclass(frozen=True, slots=True)
class State:
    """A place in the procedure; `next` says in one sentence what happens now."""

    id: str
    means: StateMeans
    title: Text
    next: Text | None = None


@dataclass(frozen=True, slots=True)
class Field:
    """What a step takes along.

    `type` is text, wording (a statement's own words), deviation (why a table is not followed), day, number, bool, choice, documents, points, weighing, finding,
    body (the name of a body, which is no personal matter), office (its id), or facts (of the measure).
    """

    name: str
    type: str
    options: tuple[str, ...] = ()
    optional: bool = False
    labels: Mapping[str, Text] = field(default_factory=dict)

    @property
    def private(self) -> bool:
        """Whether the value carries free text, which enters the log as a commitment only."""
        return self.type in (*WORDS, "points", "weighing")


@dataclass(frozen=True, slots=True)
class Branch:
    """Where a step leads if `when` holds; `state` None stays where it is."""

    state: str | None
    when: Condition = ALWAYS


@dataclass(frozen=True, slots=True)
class Effect:
    """What follows elsewhere: the steps meaning `means` in the case or its participations."""

    target: str
    means: StepMeans
    when: Condition = ALWAYS


@dataclass(frozen=True, slots=True)
class Tell:
    """A letter owed to a target once the step is taken."""

    target: str
    letter: str
    when: Condition = ALWAYS


@dataclass(frozen=True, slots=True)
class Judges:
    """What a step makes of the finding whose number its field `finding` gives.

    `states` maps the value of the field `choice` to a state; with no choice, the state
    under the empty key.
    """

    finding: str
    choice: str | None
    states: Mapping[str, str]

    def settles(self, owner: str, office: str) -> bool:
        """Return whether the step of `office` ends what `owner` owes for the finding."""
        return self.choice is not None or owner == office


@dataclass(frozen=True, slots=True)
class Reschedules:
    """A step that moves a sitting: the fields that name the body, and its new day.

    A day left out says that the body has no day for the paper any more. `was` is the field
    that names the day given up, where the body deals with the paper more than once.
    """

    body: str
    day: str
    was: str | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a workflow; `origins` None means every state that is not final.

    `moves` pairs deadlines with the fields that give their new last day; those in `agrees`
    may come earlier, because the office that they protect says so itself.
    """

    id: str
    means: StepMeans
    kind: Kind
    title: Text
    origins: frozenset[str] | None
    branches: tuple[Branch, ...]
    by: frozenset[str]
    takes: tuple[Field, ...] = ()
    when: Condition = ALWAYS
    expects: Condition = ALWAYS
    finding: str | None = None
    starts: tuple[str, ...] = ()
    ends: tuple[str, ...] = ()
    moves: tuple[tuple[str, str], ...] = ()
    agrees: frozenset[str] = frozenset()
    effects: tuple[Effect, ...] = ()
    tells: tuple[Tell, ...] = ()
    new_round: Condition | None = None
    new_paper: bool = False
    judges: Judges | None = None
    reschedules: Reschedules | None = None
    leads: str | None = None
    recounts: bool = False

    def takes_field(self, name: str) -> Field | None:
        """Return the field `name` that the step takes, or None."""
        return next((f for f in self.takes if f.name == name), None)


@dataclass(frozen=True, slots=True)
class Pause:
    """In `state` the deadline rests if `when` holds."""

    state: str
    when: Condition = ALWAYS


@dataclass(frozen=True, slots=True)
class DeadlineRule:
    """A deadline that runs in `states`; its length comes from a rule, never from here.

    `period` is `provision` (the longest minimum of the provisions that call for the
    participation, else the value of the deadline's own name), `stage` (the stage `value` of
    those provisions, else the named value), `plan` (the day that the backward plan names
    `value`), `remedy` (of the provision that orders it), `value` (the named value in
    force), `same_day` (the day of the step itself), `within` (the last working day before
    the deadline `value` of the same participation ends), or `own_sitting` (the next sitting
    of the body that takes part, not after the deadline `value` ends). `plan` names the point of the backward plan by which the
    deadline must have ended, `overrun` the letter that says it will not. One `since_last_act`
    begins anew with whatever somebody does in the case. Where `owner` is the clock nobody owes
    anything: the clock acts by itself.
    """

    name: str
    title: Text
    owner: str
    period: str
    value: str
    states: frozenset[str]
    lapse: str | None = None
    plan: str | None = None
    overrun: str | None = None
    pauses: tuple[Pause, ...] = ()
    ladder: str | None = None
    variants: tuple[tuple[str, Condition], ...] = ()
    required: bool = True
    correction: str | None = None
    since_last_act: bool = False


@dataclass(frozen=True, slots=True)
class PlanStage:
    """One leg of the backward plan: where its length comes from, and what it is called.

    `period` is `value` (the named value), `provision` (the statement period, else the named
    value) or `own_sitting` (the last sitting of the body that takes part, where its statement
    waits for one). `title` names the day on which the leg must begin, `span` what is done in
    the time it needs.
    """

    name: str
    title: Text
    period: str
    value: str
    span: Text | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Workflow:
    """A compiled definition; `digest` is the SHA-256 of the bytes it came from.

    `reserve` names the value below which the reserve of a plan is scarce. Compared by identity: a library holds each version once.
    """

    id: str
    version: str
    digest: str
    form: str | None
    title: Text
    states: Mapping[str, State]
    steps: Mapping[str, Step]
    deadlines: Mapping[str, DeadlineRule]
    findings: Mapping[str, Text] = field(default_factory=dict)
    plan: tuple[PlanStage, ...] = ()
    reserve: str | None = None
    claims: tuple[Mapping[str, object], ...] = ()
    examples: tuple[Example, ...] = ()
    initial: str = field(default="")
    names: frozenset[str] = frozenset()
    purpose: Text | None = None
    fields: Mapping[str, Text] = field(default_factory=dict)

    @property
    def pin(self) -> str:
        """The exact version, as a case remembers it."""
        return f"{self.id}@{self.digest[:16]}"

    def meaning(self, state: str) -> StateMeans:
        """Return what `state` means; an unborn case is a draft."""
        return StateMeans.DRAFT if state == UNBORN else self.states[state].means

    def steps_meaning(self, means: StepMeans) -> Iterator[Step]:
        """Yield the steps that mean `means`, in the order written."""
        return (s for s in self.steps.values() if s.means is means)


def names_used(steps: Iterator[Step], deadlines: Iterator[DeadlineRule]) -> frozenset[str]:
    """Return every name that a workflow's conditions read."""
    found: set[str] = set()
    for step in steps:
        for condition in _conditions(step):
            found.update(names(condition))
    for rule in deadlines:
        for condition in (*(p.when for p in rule.pauses), *(when for _, when in rule.variants)):
            found.update(names(condition))
    return frozenset(found)


def _conditions(step: Step) -> Iterator[Condition]:
    yield step.when
    yield step.expects
    yield from (b.when for b in step.branches)
    yield from (e.when for e in step.effects)
    yield from (t.when for t in step.tells)
    if step.new_round is not None:
        yield step.new_round
