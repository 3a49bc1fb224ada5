"""What today means for the plan of a case: in time, tight, or no longer to be met (D3, I12).

A participation that has not begun is measured by the day on which it must; one that runs by
the days on which its own periods end. Nothing here is kept: it is counted anew each day.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from engine.core.calendar import ONE_DAY, Calendar
from engine.core.case import Case, Deadline, DeadlineStatus, Participation
from engine.core.case_plan import margin, plan
from engine.core.deadlines import resume
from engine.core.draft import Draft
from engine.core.meanings import StateMeans
from engine.core.planning import Light, Plan, light
from engine.core.wording import day_text
from engine.core.workflow import Workflow
from engine.core.world import World
from engine.errors import Text

OVER = frozenset({StateMeans.DECIDED, StateMeans.FINAL})
"""In these states of a case nothing is left to plan."""

LIGHTS: tuple[Light, ...] = ("green", "yellow", "red")
"""The lights, the worst last."""

_PATIENCE = 60
"""How many days ahead an answer is looked for that keeps the plan."""


@dataclass(frozen=True, slots=True)
class Need:
    """A period that runs: when it ends as things stand, and by when the plan needs it to.

    `answer_by` is the last day on which a period at rest may run on without breaking the
    plan; None where it does not rest, or no such day is left.
    """

    name: str
    title: Text
    ends: date
    needed: date
    resting: bool = False
    answer_by: date | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """How one participation stands to its plan today.

    `begun` says that the office has been informed; `settled` that nothing of it is open.
    `reserve` counts working days, negative once it is too late; None where nothing runs that
    the plan could be measured by.
    """

    participation: Participation
    plan: Plan
    light: Light
    begun: bool
    settled: bool
    reserve: int | None
    needs: tuple[Need, ...] = ()


def standings(case: Case, world: World) -> tuple[Standing, ...]:
    """Return how the participations of a case stand to their plans; none once it is decided."""
    draft = Draft(case, world)
    if draft.workflow.meaning(draft.state) in OVER:
        return ()
    found = (standing(draft, p) for p in draft.current())
    return tuple(s for s in found if s is not None)


def light_of(rows: tuple[Standing, ...]) -> Light | None:
    """Return the worst light of a case, None where it has no plan."""
    return max((s.light for s in rows), key=LIGHTS.index, default=None)


def standing(draft: Draft, subject: Participation) -> Standing | None:
    """Return how a participation stands to its plan today, None if it has none."""
    today = draft.world.today
    made = plan(draft, subject, today)
    if made is None:
        return None
    workflow = draft.world.library.workflow(subject.workflow)
    means = workflow.meaning(subject.state)
    if means is StateMeans.DRAFT:
        return _before(draft, subject, made)
    if means is not StateMeans.WAITING:
        return Standing(subject, made, "green", begun=True, settled=True, reserve=None)
    return _running(draft, subject, made, tuple(_needs(draft, subject, workflow, made)))


def words(one: Standing, world: World, calendar: Calendar) -> Text:
    """Return in a sentence what today means for a participation."""
    if one.settled:
        return Text("Erledigt: Diese Beteiligung ist abgeschlossen.", "Done: this one is settled.")
    if one.light == "red":
        return _too_late(one)
    lead = (
        Text("Rechtzeitig möglich", "In good time")
        if one.light == "green"
        else Text("Noch rechtzeitig möglich, aber knapp", "Still in time, but tight")
    )
    if one.reserve is None:
        return Text(f"{lead.de}.", f"{lead.en}.")
    if not one.begun and one.plan.begin == world.today:
        return Text(
            f"{lead.de}: Heute ist der letzte Tag, um zu informieren.",
            f"{lead.en}: today is the last day to inform.",
        )
    days = _working_days(one.reserve)
    return Text(f"{lead.de} – {days.de} Reserve.", f"{lead.en} – {days.en} in reserve.")


def _too_late(one: Standing) -> Text:
    if one.plan.missing:
        title = one.plan.missing[0].title
        return Text(
            f"So nicht mehr rechtzeitig. {title.de}: Vorher ist keine eingetragen, die reicht.",
            f"No longer in time. {title.en}: none is entered that is early enough.",
        )
    late = [n for n in one.needs if n.ends > n.needed]
    if not late:
        day = day_text(one.plan.begin)
        return Text(
            f"So nicht mehr rechtzeitig: Zu informieren war bis {day.de}.",
            f"No longer in time: the office was to be informed by {day.en}.",
        )
    worst = max(late, key=lambda n: n.ends - n.needed)
    ends, needed = day_text(worst.ends), day_text(worst.needed)
    how = Text("endet frühestens am", "ends at the earliest on") if worst.resting else _ENDS
    return Text(
        f"So nicht mehr rechtzeitig: {worst.title.de} {how.de} {ends.de}, nach dem Zeitplan nötig "
        f"bis {needed.de}.",
        f"No longer in time: {worst.title.en} {how.en} {ends.en}; the plan needs it by {needed.en}.",
    )


_ENDS = Text("endet am", "ends on")


def _working_days(count: int) -> Text:
    de = "Arbeitstag" if count == 1 else "Arbeitstage"
    en = "working day" if count == 1 else "working days"
    return Text(f"{count} {de}", f"{count} {en}")


def _before(draft: Draft, subject: Participation, made: Plan) -> Standing:
    calendar, today = _calendar(draft), draft.world.today
    shown = made.light(today, calendar, margin(draft, today))
    reserve = made.reserve(today, calendar)
    return Standing(subject, made, shown, begun=False, settled=False, reserve=reserve)


def _running(draft: Draft, subject: Participation, made: Plan, needs: tuple[Need, ...]) -> Standing:
    calendar, scarce = _calendar(draft), margin(draft, draft.world.today)
    lights: list[Light] = [light(n.ends, n.needed, calendar, scarce) for n in needs]
    between = calendar.working_days_between
    return Standing(
        subject,
        made,
        max(lights, key=LIGHTS.index, default="green"),
        begun=True,
        settled=False,
        reserve=min((between(n.ends, n.needed) for n in needs), default=None),
        needs=needs,
    )


def _needs(draft: Draft, subject: Participation, workflow: Workflow, made: Plan) -> Iterator[Need]:
    """Yield the open periods that the plan needs to end by a day.

    A period of the office's own for which the definition names no point must be over before
    the first body meets.
    """
    for held in draft.of(subject.key):
        rule = workflow.deadlines.get(held.name)
        if rule is None or (rule.plan is None and rule.owner != "office"):
            continue
        point = None if rule.plan is None else made.point(rule.plan)
        needed = made.points[0].day - ONE_DAY if point is None else point.day
        ends = _end(draft, held, draft.world.today)
        resting = held.status is DeadlineStatus.PAUSED
        answer = _answer_by(draft, held, needed) if resting else None
        yield Need(held.name, rule.title, ends, needed, resting, answer)


def _end(draft: Draft, held: Deadline, again: date) -> date:
    """Return when a period ends: one at rest if it runs on `again`, one that passed by now."""
    if held.status is DeadlineStatus.PAUSED:
        return resume(held.derivation, again, _calendar(draft)).last_day
    return max(held.last_day, draft.world.today)


def _answer_by(draft: Draft, held: Deadline, needed: date) -> date | None:
    days = (draft.world.today + n * ONE_DAY for n in range(_PATIENCE))
    fits = [day for day in days if _end(draft, held, day) <= needed]
    return max(fits, default=None)


def _calendar(draft: Draft) -> Calendar:
    return draft.world.calendar(draft.measure.municipality)
