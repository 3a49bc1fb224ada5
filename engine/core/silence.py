"""An office keeps the reminders of one case quiet until a day; the last of them goes out all the same.

What sets a period, the last reminder and whatever follows a missed day cannot be kept quiet: a
silence spares mails, and no right may suffer by it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from engine.core.calendar import local_day
from engine.core.case import Case, Deadline
from engine.core.escalation import Ladder

LONGEST = timedelta(days=28)
"""After this at the latest an office is reminded again."""


@dataclass(frozen=True, slots=True)
class Silence:
    """What an office wants: no early reminders in a case, up to and including the day `until`."""

    uid: str
    case: str
    office: str
    reason: str
    person: str
    since: datetime
    until: date
    ended_at: datetime | None = None

    def stands(self, now: datetime) -> bool:
        """Return whether it keeps anything quiet at an instant."""
        return self.ended_at is None and local_day(now) <= self.until


def can_be_quiet(case: Case, deadline: Deadline, ladder: Ladder, target: str) -> bool:
    """Return whether a reminder of an open deadline to a target of its ladder can be left out.

    A later one has to come in time and tell the same target: that others are told is no reminder.
    """
    coming = (
        ladder.rung(r.number)
        for r in case.rungs
        if r.deadline == deadline.key and r.due_at < deadline.ends_at
    )
    return deadline.open and any(t.target == target for rung in coming for t in rung.tells)


def reminded(case: Case, office: str) -> bool:
    """Return whether an office has anything to do in a case that a ladder reminds it of."""
    return any(d.open and d.ladder is not None and d.owner == office for d in case.deadlines)
