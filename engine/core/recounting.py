"""What a changed calendar does to deadlines that run: they are counted again from their event.

Nobody loses time that she was told she had. The period of an office that takes part is
never shortened, the later of both days stands; no other deadline ends before the day on
which it is counted again.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

from engine.core.case import Act, Case, Deadline, DeadlineStatus
from engine.core.deadlines import Derivation, fixed, kept, recompute
from engine.core.draft import Draft
from engine.core.running import planned_anew, renew
from engine.core.workflow import DeadlineRule
from engine.core.world import World

_LIVE = (DeadlineStatus.RUNNING, DeadlineStatus.PAUSED)


@dataclass(frozen=True, slots=True)
class Recount:
    """A running or resting deadline that the calendar in force counts otherwise.

    `counted` is the last day that this calendar leads to; `derivation` ends later where
    the deadline may not be shortened so far, and says so.
    """

    deadline: Deadline
    derivation: Derivation
    counted: date

    @property
    def shortened(self) -> bool:
        """Whether the calendar in force would have shortened the deadline."""
        return self.counted < self.deadline.last_day


def recounts(case: Case, world: World) -> tuple[Recount, ...]:
    """Return what counting again today would change in a case that the clock has settled."""
    nobody = Act("", "", "", "", world.today, world.now)
    return tuple(recount(Draft(case, world), nobody))


def recount(draft: Draft, act: Act) -> list[Recount]:
    """Count again every running or resting deadline of the case; return those that differ."""
    found = []
    for again in _recounts(draft, act.happened_on, act.step):
        found.append(again)
        if again.deadline.status is DeadlineStatus.PAUSED:
            draft.put_deadline(replace(again.deadline, derivation=again.derivation))
        else:
            renew(draft, again.deadline, again.derivation, act)
    return found


def _recounts(draft: Draft, on: date, reason: str) -> Iterator[Recount]:
    # First what is counted: a planned day may hang on the end of such a period.
    held = [d for d in draft.deadlines.values() if d.status in _LIVE]
    for deadline in sorted(held, key=lambda d: d.derivation.counting is None):
        planned = deadline.derivation.counting is None
        found = (_planned if planned else _counted)(draft, deadline, on, reason)
        if found is not None:
            yield found


def _planned(draft: Draft, deadline: Deadline, on: date, reason: str) -> Recount | None:
    """Return a planned day planned anew; it carries no calendar, so only its day can tell."""
    day = planned_anew(draft, deadline, on)
    if day is None or max(day, on) == deadline.last_day:
        return None
    return Recount(deadline, fixed(max(day, on)), day)


def _counted(draft: Draft, deadline: Deadline, on: date, reason: str) -> Recount | None:
    """Return a period counted again; also where it stays, for its derivation must say why."""
    calendar = draft.world.calendar(draft.measure.municipality)
    if deadline.derivation.calendar_digest == calendar.digest:
        return None
    counted = recompute(deadline.derivation, calendar)
    if counted.ends_at == deadline.ends_at:
        return None
    least = deadline.last_day if _is_theirs(draft, deadline) else min(deadline.last_day, on)
    held = counted if counted.last_day >= least else kept(counted, least, on, reason)
    return Recount(deadline, held, counted.last_day)


def _is_theirs(draft: Draft, deadline: Deadline) -> bool:
    """Return whether the period belongs to the office that takes part."""
    return _rule(draft, deadline).owner == "office"


def _rule(draft: Draft, deadline: Deadline) -> DeadlineRule:
    subject = draft.participations.get(deadline.participation)
    pin = draft.workflow if subject is None else draft.world.library.workflow(subject.workflow)
    return pin.deadlines[deadline.name]
