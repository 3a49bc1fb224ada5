"""A file told again as it would have gone under other rules.

The acts of a case are taken once more, on their days, by the procedure that took them; what
the clock does it does anew. An act that would not have been permitted is left out and
named; everything that people did stays as it was. With the rules unchanged, the same file
comes of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from engine.core.calendar import ONE_DAY, end_of
from engine.core.case import Act, Case, Entry, Notice, Outcome
from engine.core.checks import check_given, check_order, step_of
from engine.core.draft import Draft
from engine.core.meanings import StateMeans
from engine.core.migrating import carry_over, migration_of, obstacles
from engine.core.procedure import born, moved, settle, settle_into, subject_of, unborn
from engine.core.replay import WorldAt, act_of, measure_of
from engine.core.situation import settled
from engine.core.supposing import Supposition, supposed
from engine.core.workflow import CLOCK, Step, Workflow
from engine.core.world import Library, World
from engine.errors import EngineError, Refused, Text

_PLACEHOLDER = "…"
"""What stands for a text that the plain part only says was there."""


@dataclass(frozen=True, slots=True)
class Impossible:
    """A recorded act that would not have been permitted (*so nicht möglich*), and why."""

    on: date
    step: str
    title: Text
    office: str
    participation: str
    why: Text


@dataclass(frozen=True, slots=True)
class Told:
    """A file told again; `case` is None where not even its registration was possible.

    `reached` says whether nothing was open any more when the day of the first sitting
    began; None where there was no such day, or the matter was over before it.
    """

    case: Case | None
    entries: tuple[Entry, ...] = ()
    notices: tuple[Notice, ...] = ()
    impossible: tuple[Impossible, ...] = ()
    reached: bool | None = None


class Suppositions:
    """The worlds of a file's entries, changed by a supposition; each library only once."""

    def __init__(self, world: WorldAt, what: Supposition) -> None:
        self._world = world
        self._what = what
        self._libraries: dict[int, tuple[Library, Library]] = {}

    def world(self, entry: Entry) -> World:
        """Return the world of an entry as it would have been."""
        return self.changed(self._world(entry))

    def changed(self, world: World) -> World:
        """Return a world as it would have been."""
        before = world.library
        if id(before) not in self._libraries:
            # The old one is kept beside the new, so that its id stays its own.
            changed = supposed(before, self._what, where_known=True)
            self._libraries[id(before)] = before, changed
        calendars = {**world.calendars, **self._what.calendars}
        return replace(world, library=self._libraries[id(before)][1], calendars=calendars)

    @property
    def renewed(self) -> frozenset[str]:
        """The workflows of which another version is supposed, by id."""
        return frozenset(w.id for w in self._what.workflows)


def told_again(
    uid: str,
    number: str,
    entries: Sequence[Entry],
    world: WorldAt,
    until: World,
    renewed: frozenset[str] = frozenset(),
) -> Told:
    """Return the file that the recorded acts amount to in these worlds, settled in `until`.

    `world` gives the world of an entry's instant, see `Suppositions`; the workflows
    `renewed` are taken from it, all others in the version that was recorded.
    """
    telling = _Telling(uid, number, world, renewed)
    for entry in acts_in(entries):
        telling.take(entry)
        if telling.case is None:
            return telling.told()
    telling.settle(until)
    return telling.told()


def as_recorded(told: Told, entries: Sequence[Entry]) -> bool:
    """Return whether a file told under unchanged rules comes out as it was recorded.

    It may go on behind the last recorded entry, as far as the clock has come since.
    """
    behind = told.entries[len(entries) - 1 :]
    if told.impossible or not behind:
        return False
    return bool(behind[0].plain["after"] == entries[-1].plain["after"])


def acts_in(entries: Iterable[Entry]) -> Iterator[Entry]:
    """Yield the entries of what people did, without what followed from it or fell due."""
    return (e for e in entries if e.actor != CLOCK and e.part == 0)


class _Telling:
    """A file while it is told again."""

    def __init__(self, uid: str, number: str, world: WorldAt, renewed: frozenset[str]) -> None:
        self.uid = uid
        self.number = number
        self.world = world
        self.renewed = renewed
        self.case: Case | None = None
        self.entries: list[Entry] = []
        self.notices: list[Notice] = []
        self.impossible: list[Impossible] = []
        self.reached: bool | None = None
        self.looked = False

    def told(self) -> Told:
        """Return what came of it."""
        return Told(
            case=self.case,
            entries=tuple(self.entries),
            notices=tuple(self.notices),
            impossible=tuple(self.impossible),
            reached=self.reached,
        )

    def take(self, entry: Entry) -> None:
        """Take a recorded act, or let only the clock run where it would not be permitted."""
        world = self.world(entry)
        self._look(world)
        try:
            outcome = self._outcome(entry, world)
        except EngineError as error:
            self.impossible.append(_impossible(entry, world, error.text))
            self.settle(world)
        else:
            self._keep(outcome)

    def settle(self, world: World) -> None:
        """Let the clock do what was due until the instant of a world."""
        self._look(world)
        if self.case is not None:
            self._keep(settle(self.case, world))

    def _keep(self, outcome: Outcome | None) -> None:
        if outcome is None:
            return
        self.case = outcome.case
        self.entries += outcome.entries
        self.notices += outcome.notices

    def _outcome(self, entry: Entry, world: World) -> Outcome | None:
        act = act_of(entry)
        if "measure" in entry.plain:
            return self._begun(entry, act, world)
        assert self.case is not None, "a file begins with its registration"
        draft = Draft(self.case, world)
        settle_into(draft)
        if "plan" in entry.plain:
            return self._migrated(entry, act, draft)
        workflow, subject = subject_of(draft, act)
        step = step_of(workflow, entry.type)
        act = _fitted(act, step)
        check_order(draft, subject, step, act)
        return moved(draft, workflow, subject, step, act)

    def _begun(self, entry: Entry, act: Act, world: World) -> Outcome:
        pin = entry.plain["definition"]
        library = world.library
        workflow = library.case_workflow() if _id(pin) in self.renewed else library.workflow(pin)
        measure = measure_of(entry.plain["measure"], entry.private)
        draft = Draft(unborn(self.uid, self.number, measure, workflow), world)
        step = step_of(workflow, entry.type)
        return born(draft, step, _fitted(act, step))

    def _migrated(self, entry: Entry, act: Act, draft: Draft) -> Outcome | None:
        """Move to another version as recorded; None where that very version is supposed."""
        plan = migration_of(entry.plain)
        if _id(plan.origin) in self.renewed:
            return None
        found = list(obstacles(draft, act.participation, plan))
        if found:
            raise Refused("; ".join(t.de for t in found), "; ".join(t.en for t in found))
        return carry_over(draft, act, plan)

    def _look(self, world: World) -> None:
        """See, once the day of the first sitting has come, how the file stood as it began."""
        if self.looked or self.case is None:
            return
        first = first_sitting(self.case)
        if first is None or world.today < first:
            return
        self.looked = True
        begun = self.case.registered_on
        if begun is not None and begun < first:
            morning = world.at(end_of(first - ONE_DAY), first)
            self.reached = _ready(settle(self.case, morning).case, morning)


def _impossible(entry: Entry, world: World, why: Text) -> Impossible:
    workflow = world.library.workflows.get(entry.plain["definition"])
    step = None if workflow is None else workflow.steps.get(entry.type)
    title = Text(entry.type, entry.type) if step is None else step.title
    key = entry.plain["participation"]
    return Impossible(entry.happened_on, entry.type, title, entry.office, key, why)


def first_sitting(case: Case) -> date | None:
    """Return the day of the first body that deals with the paper, or None."""
    return min((s.day for s in case.measure.stages if s.day is not None), default=None)


def _ready(case: Case, world: World) -> bool | None:
    """Return whether nothing is open before a body deals with the case; None if it is over."""
    draft = Draft(case, world)
    meaning = draft.workflow.meaning(case.state)
    if meaning in (StateMeans.DECIDED, StateMeans.FINAL):
        return None
    return all(settled(draft, p) for p in draft.current())


def _fitted(act: Act, step: Step) -> Act:
    """Return an act as a step takes it, from the plain answers that the log has kept.

    Raises InputError where the step asks for what was not given then.
    """
    fields = [f for f in step.takes if f.type != "documents"]
    given: dict[str, Any] = {**dict.fromkeys(f.name for f in fields), **act.given}
    there = {f.name: given[f.name] for f in fields if given[f.name] is not None}
    texts = {f.name: _text(f.type, there[f.name]) for f in fields if f.private and f.name in there}
    check_given(step, {**there, **texts}, act.documents)
    return replace(act, given=given)


def _text(kind: str, said: Any) -> Any:
    """Return what stands for an erased text, or for as many points as there were."""
    if kind in ("points", "weighing"):
        return [{}] * said if isinstance(said, int) else said
    return _PLACEHOLDER


def _id(pin: str) -> str:
    return pin.partition("@")[0]


def workflow_of(case: Case, participation: str, library: Library) -> Workflow:
    """Return the workflow of a participation, or of the case for ''."""
    found = case.participation(participation)
    return library.workflow(case.workflow if found is None else found.workflow)
