"""The cases of a sitting that changes: what each loses or gains, shown before anything is done."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date

from engine.app import App
from engine.core.case import Case, Deadline, DeadlineStatus, Stage
from engine.core.case_plan import needed_by, plan
from engine.core.draft import Draft
from engine.core.foresight import foreseen, given_for, session_change, settled
from engine.core.meanings import StateMeans
from engine.core.world import World
from engine.errors import EngineError, Text
from engine.services.session_changes import Change
from engine.store.store import Store

_OVER = frozenset({StateMeans.DECIDED, StateMeans.FINAL})
"""In these states nothing is left to plan."""


@dataclass(frozen=True, slots=True)
class Running:
    """A period that runs and is not touched.

    `late` says that it ends too late for the plan, `beyond` that it ends only on the day of
    the first sitting, or later.
    """

    title: Text
    last_day: date
    late: bool
    beyond: bool


@dataclass(frozen=True, slots=True)
class Moved:
    """A planned deadline: its last day before and after, None where there is none."""

    title: Text
    before: date | None
    after: date | None


@dataclass(frozen=True, slots=True)
class Part:
    """What a change means for one participation: where it stands, what moves, what runs on.

    `begin` is the latest day to inform by the plan before and after, while that is open;
    `late_since` is that day where it has passed.
    """

    office: str
    name: str
    state: Text
    open: bool
    begin: tuple[date | None, date | None]
    moved: tuple[Moved, ...]
    running: tuple[Running, ...]
    late_since: date | None = None


@dataclass(frozen=True, slots=True)
class Touched:
    """A case of a sitting: the day it loses, the day it gets, and what that means.

    `first` is the first day of its Beratungsfolge, or of its implementation, afterwards.
    `only_shown` is a case that could use an additional sitting but already has a day; its
    department decides. `trouble` says why it cannot be re-planned.
    """

    number: str
    title: str
    state: Text
    was: date | None
    to: date | None
    first: date | None = None
    parts: tuple[Part, ...] = ()
    only_shown: bool = False
    trouble: Text | None = None


def touched(app: App, change: Change) -> list[Touched]:
    """Return every case of a sitting with what the change means for it; nothing is changed."""
    with app.database.read() as store:
        world = app.world(store)
        seen = _after(world, change)
        found = []
        for case in cases_of(store, world, change):
            for stage in gaining(case, change):
                found.append(_touched(case, stage, change, seen))
        return found


def cases_of(store: Store, world: World, change: Change) -> Iterator[Case]:
    """Yield the cases that the body deals with and in which something is left to plan."""
    session = change.after
    for number in store.cases.before_body(session.body, session.municipality):
        case = settled(store.cases.get(number), world)
        if world.library.workflow(case.workflow).meaning(case.state) not in _OVER:
            yield case


def gaining(case: Case, change: Change) -> list[Stage]:
    """Return the stages of a case that the change is about."""
    session = change.before or change.after
    own = [s for s in case.measure.stages if s.body == session.body]
    if change.day == session.day and change.gives_up:
        return []
    if change.gives_up:
        held = [s for s in own if s.day == session.day]
        return [s for s in held if s.session in (None, session.uid)]
    return [s for s in own if s.day is None or s.day > change.after.day]


def is_to_move(stage: Stage, change: Change) -> bool:
    """Return whether the stage is moved, and not only shown what it could gain."""
    return change.gives_up or stage.day is None


def _after(world: World, change: Change) -> World:
    """Return the world as it is when the cases are re-planned: a new sitting is known by then."""
    if change.gives_up:
        return world
    return replace(world, sessions={**world.sessions, change.after.uid: change.after})


def _touched(case: Case, stage: Stage, change: Change, world: World) -> Touched:
    state = world.library.workflow(case.workflow).states[case.state].title
    moves = is_to_move(stage, change)
    named = Touched(
        case.number, case.measure.title, state, stage.day, change.day, only_shown=not moves
    )
    try:
        step = session_change(world.library.workflow(case.workflow))
        given = given_for(step, stage.body, stage.day, change.day)
        after = foreseen(case, step, given, world)
    except EngineError as error:
        return replace(named, trouble=error.text)
    first = after.measure.first_day
    return replace(named, first=first, parts=tuple(_parts(case, after, world)))


def _parts(before: Case, after: Case, world: World) -> Iterator[Part]:
    was, now = Draft(before, world), Draft(after, world)
    for p in now.current():
        workflow = world.library.workflow(p.workflow)
        earlier, later = (plan(d, p, world.today) for d in (was, now))
        waits = workflow.meaning(p.state) is StateMeans.DRAFT
        begin = None if later is None else later.begin
        yield Part(
            office=p.office,
            name=world.roster.office(p.office).name,
            state=workflow.states[p.state].title,
            open=waits,
            begin=(None if earlier is None else earlier.begin, begin),
            moved=tuple(_moved(was, now, p.key, workflow.deadlines)),
            running=tuple(_running(now, p.key, workflow.deadlines)),
            late_since=begin if waits and begin is not None and begin < world.today else None,
        )


def _moved(was: Draft, now: Draft, key: str, rules: Iterable[str]) -> Iterator[Moved]:
    for name in rules:
        days = [_last_day(draft.deadline(key, name)) for draft in (was, now)]
        if days[0] != days[1]:
            pin = now.world.library.workflow(now.participations[key].workflow)
            yield Moved(pin.deadlines[name].title, *days)


def _last_day(deadline: Deadline | None) -> date | None:
    return None if deadline is None or not deadline.open else deadline.last_day


def _running(now: Draft, key: str, rules: Iterable[str]) -> Iterator[Running]:
    """Yield the periods of the office itself that run; no sitting shortens them."""
    needed = _needed(now, key)
    workflow = now.world.library.workflow(now.participations[key].workflow)
    for name in rules:
        held, rule = now.deadline(key, name), workflow.deadlines[name]
        if rule.owner != "office" or held is None or not held.open:
            continue
        if held.status in (DeadlineStatus.RUNNING, DeadlineStatus.PAUSED):
            late = needed is not None and held.last_day > needed
            first = now.measure.first_day
            beyond = first is not None and held.last_day >= first
            yield Running(rule.title, held.last_day, late, beyond)


def _needed(draft: Draft, key: str) -> date | None:
    """Return the day by which the statement period must be over for the plan to hold."""
    made = plan(draft, draft.participations[key], draft.world.today)
    return None if made is None else needed_by(draft.workflow, made)
