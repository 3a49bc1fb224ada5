"""How the deadlines of a subject stand, and how after a step: mirrors `running.follow`.

Days are left out: a deadline stands, and does not count.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import product
from typing import NamedTuple

from engine.core.conditions import holds
from engine.core.machine import Situation
from engine.core.meanings import StateMeans, StepMeans
from engine.core.proof.keeping import NOT_SURE, Live, sure
from engine.core.proof.reading import Reading
from engine.core.proof.seen import SEEN
from engine.core.proof.values import ENDED, LAPSED, MET, NONE, PAUSED, RUNNING, Choice, Local
from engine.core.workflow import DeadlineRule, Step, Workflow

Row = tuple[str, ...]
"""How each tracked deadline stands."""


class Deed(NamedTuple):
    """A step that is taken: what it leaves open, the situation that decides, where it leads."""

    step: Step
    choice: Choice
    situation: Situation
    to: str


class Deadlines:
    """The deadlines of a subject that are tracked."""

    def __init__(
        self, workflow: Workflow, reading: Reading, rules: tuple[DeadlineRule, ...], live: Live
    ) -> None:
        self.workflow = workflow
        self.reading = reading
        self.rules = rules
        self.live = live
        self._place = {rule.name: i for i, rule in enumerate(rules)}
        self._after: dict[tuple[object, ...], list[Row]] = {}

    def stands(self, local: Local, deadline: str) -> str:
        """Return how a deadline stands that is tracked."""
        place = self._place.get(deadline)
        return NONE if place is None else local.deadlines[place]

    def first(self, state: str) -> list[Row]:
        """Return each way in which they stand in a first state."""
        ways = [(NONE,) if state not in r.states else self._opened(r, NONE) for r in self.rules]
        return [self.read_as(row, state) for row in product(*ways)]

    def replanned(self, local: Local) -> list[Row]:
        """Return how they can stand once the sittings are others."""
        ways = [
            tuple(dict.fromkeys((held, RUNNING, NONE)))
            if rule.period in NOT_SURE and local.state in rule.states
            else (held,)
            for rule, held in zip(self.rules, local.deadlines, strict=True)
        ]
        return [self.read_as(row, local.state) for row in product(*ways)]

    def lapsed(self, step: Step, held: Row) -> tuple[str, ...]:
        """Return those that an act before their end would meet, if it is a step like this."""
        read = self.reading.of_step[step.id]
        return tuple(
            r.name
            for r, stands in zip(self.rules, held, strict=True)
            if stands == LAPSED
            or (stands == ENDED and (f"deadline.{r.name}" in read or r.name in step.ends))
        )

    def outlasted(self, local: Local, rule: DeadlineRule) -> bool:
        """Return whether a deadline runs that by its rule ends before this one."""
        return any(
            within.period == "within" and within.value == rule.name and held == RUNNING
            for within, held in zip(self.rules, local.deadlines, strict=True)
        )

    def after(self, deed: Deed, held: Row) -> list[Row]:
        """Return how they can stand once a step was taken."""
        moved = tuple(bool(deed.choice.given.get(name)) for _, name in deed.step.moves)
        key = held, id(deed.situation), deed.step.id, deed.to, deed.choice.timely, moved
        if key not in self._after:
            ways = [self._one(r, h, deed) for r, h in zip(self.rules, held, strict=True)]
            rows = (self.read_as(row, deed.to) for row in product(*ways))
            self._after[key] = list(dict.fromkeys(rows))
        return self._after[key]

    def _one(self, rule: DeadlineRule, held: str, deed: Deed) -> tuple[str, ...]:
        step, before, to = deed.step, deed.situation.state, deed.to
        still = held in (RUNNING, PAUSED, LAPSED)
        over = self.workflow.form is None and self.workflow.meaning(to) is StateMeans.FINAL
        if over and still:
            held, still = NONE, False
        if not (to in rule.states or before in rule.states or rule.name in step.ends):
            return (held,)
        if rule.name in step.starts and to in rule.states:
            return self._opened(rule, held)
        if to not in rule.states:
            return (self._closed(rule, held, deed),)
        if held != NONE and (still or rule.name in dict(step.moves)):
            return (self._resting(rule, held, deed),)
        return self._opened(rule, held)

    def _opened(self, rule: DeadlineRule, held: str) -> tuple[str, ...]:
        """Return how a deadline stands that is to be opened; where no plan gives a day, as before."""
        return (RUNNING,) if sure(rule) else tuple(dict.fromkeys((RUNNING, held)))

    def _closed(self, rule: DeadlineRule, held: str, deed: Deed) -> str:
        timely = rule.name in deed.choice.timely
        if held == NONE:
            return NONE
        if held in (MET, ENDED):
            return MET if rule.name in deed.step.ends and held == ENDED and timely else held
        if deed.step.means is StepMeans.CLOSING:
            return NONE
        return ENDED if held == LAPSED and not timely else MET

    def _resting(self, rule: DeadlineRule, held: str, deed: Deed) -> str:
        if deed.choice.given.get(dict(deed.step.moves).get(rule.name, "")):
            return RUNNING
        values = deed.situation.values
        rests = any(p.state == deed.to and holds(p.when, values) for p in rule.pauses)
        if rests and held == RUNNING:
            return PAUSED
        return RUNNING if held == PAUSED and not rests else held

    def read_as(self, row: Iterable[str], state: str) -> Row:
        """Return the deadlines with what nobody can tell apart made one."""
        return tuple(
            self._same(rule.name, held, state) for rule, held in zip(self.rules, row, strict=True)
        )

    def _same(self, name: str, held: str, state: str) -> str:
        if held not in (MET, ENDED):
            return held
        if name not in self.live.deadlines[state]:
            return NONE
        alike = self.reading.distinct(f"deadline.{name}", (None, SEEN.get(held, held)))
        return NONE if len(alike) == 1 else held
