"""What an office that is heard has yet to do: its open deadlines, and what waits on it alone.

An obligation is a deadline of the office that is not done with, or a participation that
nobody has given a deadline and that only the office's own step leads on. Cases that are over
hold none.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from engine.core.case import Case, Deadline, DeadlineStatus, Participation
from engine.core.draft import Draft
from engine.core.meanings import StateMeans
from engine.core.workflow import Workflow
from engine.core.world import World

_OFFICE = "office"
_SUNDAY = 6


class Urgency(StrEnum):
    """When an obligation is due; one whose period is paused rests."""

    TODAY = "today"
    WEEK = "week"
    LATER = "later"
    RESTING = "resting"


@dataclass(frozen=True, slots=True)
class Obligation:
    """Something that an office has yet to do; `name` is that of its deadline, or empty."""

    case: Case
    office: str
    participation: str
    name: str
    until: date | None
    resting: bool

    def urgency(self, today: date) -> Urgency:
        """Return when it is due: by today, in this week until Sunday, or later."""
        if self.resting:
            return Urgency.RESTING
        if self.until is None:
            return Urgency.LATER
        if self.until <= today:
            return Urgency.TODAY
        sunday = today + timedelta(days=_SUNDAY - today.weekday())
        return Urgency.WEEK if self.until <= sunday else Urgency.LATER


def obligations(case: Case, world: World, offices: Iterable[str]) -> tuple[Obligation, ...]:
    """Return what some offices have yet to do in a case, the most urgent first."""
    mine = frozenset(offices)
    if world.library.workflow(case.workflow).meaning(case.state) is StateMeans.FINAL:
        return ()
    found = [_owed(case, d) for d in case.deadlines if d.open and d.owner in mine]
    waiting = [_waiting(case, p) for p in _left_to(case, world, mine)]
    return tuple(sorted([*found, *waiting], key=lambda o: o.until or date.max))


def _owed(case: Case, d: Deadline) -> Obligation:
    resting = d.status is DeadlineStatus.PAUSED
    # A day that rests moves on with every day: it is none to go by.
    until = None if resting else d.last_day
    return Obligation(case, d.owner, d.participation, d.name, until, resting)


def _waiting(case: Case, p: Participation) -> Obligation:
    return Obligation(case, p.office, p.key, "", None, resting=False)


def _left_to(case: Case, world: World, offices: frozenset[str]) -> Iterator[Participation]:
    dated = {d.participation for d in case.deadlines if d.open}
    for p in Draft(case, world).current():
        if p.office in offices and p.key not in dated:
            workflow = world.library.workflow(p.workflow)
            if workflow.meaning(p.state) is StateMeans.WAITING and leads_on(workflow, p.state):
                yield p


def leads_on(workflow: Workflow, state: str) -> bool:
    """Return whether the office itself has a step that leads out of a state."""
    return any(
        step.origins is not None
        and state in step.origins
        and _OFFICE in step.by
        and any(b.state not in (None, state) for b in step.branches)
        for step in workflow.steps.values()
    )
