"""What conditions see of a case: the closed namespace of the YAML languages.

`measure.<fact>`, `given.<field>`, `state`, `case`, `deadline.<name>`, `documents`,
`participations.<all|any>.<settled|open>`, `findings`, `facts`, `before.<form>`, `order`, `office`,
`demanding`, `pending`, `provision.<trait>`, `actor.not_same_as.<step>`. A deadline is judged as of the day on which the
act happened: a timely act recorded after a lapse meets a running deadline.

Every name is read through a `Sight`. A case in progress is one, the abstract case of the
prover is another; so what is proven is read as what runs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from functools import lru_cache
from typing import Protocol

from engine.core.affected import facts_missing
from engine.core.case import Act, Deadline, DeadlineStatus, FindingState, Participation
from engine.core.conditions import Value
from engine.core.draft import DEMANDED_BY, Draft
from engine.core.duties import facts, trait
from engine.core.machine import Situation
from engine.core.meanings import StateMeans
from engine.core.workflow import CLOCK, Workflow

SETTLED = frozenset({StateMeans.SETTLED, StateMeans.FINAL})


class Sight(Protocol):
    """What a condition can see from the case or one participation, when one act is decided."""

    def state(self) -> str:
        """The state of the subject itself."""

    def case(self) -> str:
        """What the state of the case means."""

    def measure(self, name: str) -> Value:
        """The fact `measure.<name>`, by its full name."""

    def given(self, field: str) -> Value:
        """What the act brings, else what was answered before."""

    def deadline(self, name: str) -> Value:
        """How a deadline of the subject stands as of the act."""

    def provision(self, name: str) -> Value:
        """The trait of the provisions that call for the subject."""

    def documents(self) -> bool:
        """Whether the documents that the provisions demand are there."""

    def facts(self) -> bool:
        """Whether every fact of the measure is stated."""

    def findings(self) -> bool:
        """Whether nothing is open or owed about any finding."""

    def office(self) -> str:
        """How the office of the subject is filled."""

    def demanding(self) -> Value:
        """Whether the office that demanded to take part does: takes_part, not_called, or None."""

    def pending(self) -> bool:
        """Whether a duty with a deadline, or a sitting that deals with the paper, is to come."""

    def other_actor(self, step: str) -> bool:
        """Whether somebody else than now took that step."""

    def settled(self, form: str | None = None) -> Iterable[bool]:
        """For each current participation (of a form), whether it is settled."""

    def ahead(self) -> Iterable[bool]:
        """For each current participation that comes before the subject, whether it is settled."""


Reader = Callable[[Sight], Value]


def situation(
    draft: Draft, workflow: Workflow, subject: Participation | None, act: Act
) -> Situation:
    """Return the situation of the case (`subject` None) or of one participation."""
    return as_seen(workflow, _InDraft(draft, subject, act))


def as_seen(workflow: Workflow, sight: Sight) -> Situation:
    """Return the situation that a sight shows to the conditions of a workflow."""
    return Situation(sight.state(), {name: read(sight) for name, read in _readers(workflow)})


def settled(draft: Draft, participation: Participation) -> bool:
    """Return whether nothing more is owed before the paper may be released."""
    workflow = draft.world.library.workflow(participation.workflow)
    return workflow.meaning(participation.state) in SETTLED


def documents_missing(draft: Draft, subject: Participation | None, on: date) -> list[str]:
    """Return the kinds of document that the provisions demand and the case lacks.

    A case without any document lacks documents, whatever the provisions say.
    """
    there = {d.kind for d in draft.documents}
    demanded = {k for p in _subjects(draft, subject) for k in _demanded(draft, p, on)}
    return sorted(demanded - there) or ([] if there else ["unterlagen"])


def _demanded(draft: Draft, participation: Participation, on: date) -> frozenset[str]:
    provisions = draft.calling(participation.office, participation.form, on)
    return frozenset(k for p in provisions if p.duty is not None for k in p.duty.documents)


def _subjects(draft: Draft, subject: Participation | None) -> list[Participation]:
    return draft.current() if subject is None else [subject]


@lru_cache(maxsize=256)
def _readers(workflow: Workflow) -> tuple[tuple[str, Reader], ...]:
    return tuple((name, _reader(name)) for name in sorted(workflow.names))


def _reader(name: str) -> Reader:
    head, _, tail = name.partition(".")
    readers: dict[str, Reader] = {
        "measure": lambda s: s.measure(name),
        "given": lambda s: s.given(tail),
        "state": lambda s: s.state(),
        "case": lambda s: s.case(),
        "deadline": lambda s: s.deadline(tail),
        "documents": lambda s: _complete(s.documents()),
        "participations": lambda s: _quantified(s, tail),
        "findings": lambda s: "settled" if s.findings() else "open",
        "facts": lambda s: _complete(s.facts()),
        "before": lambda s: all(s.settled(tail)),
        "order": lambda s: "kept" if all(s.ahead()) else "open",
        "office": lambda s: s.office(),
        "demanding": lambda s: s.demanding(),
        "pending": lambda s: "something" if s.pending() else "nothing",
        "provision": lambda s: s.provision(tail),
        "actor": lambda s: s.other_actor(tail.removeprefix("not_same_as.")),
    }
    return readers[head]


def _awaited(draft: Draft, deadline: Deadline) -> bool:
    """Return whether somebody is reminded of a deadline that is not done with.

    What others owe stays owed after its last day; an office's own right ends with it.
    """
    subject = draft.participations.get(deadline.participation)
    hers = subject is not None and deadline.owner == subject.office
    over = deadline.status is DeadlineStatus.LAPSED and hers
    return deadline.open and deadline.ladder is not None and not over


def _complete(there: bool) -> Value:
    return "complete" if there else "missing"


def _quantified(sight: Sight, tail: str) -> Value:
    quantifier, _, what = tail.partition(".")
    marks = [mark == (what == "settled") for mark in sight.settled()]
    return all(marks) if quantifier == "all" else any(marks)


class _InDraft:
    """A case in progress, seen from its own machine or from one participation."""

    __slots__ = ("act", "draft", "subject")

    def __init__(self, draft: Draft, subject: Participation | None, act: Act) -> None:
        self.draft = draft
        self.subject = subject
        self.act = act

    def state(self) -> str:
        return self.draft.state if self.subject is None else self.subject.state

    def case(self) -> str:
        return self.draft.workflow.meaning(self.draft.state).value

    def measure(self, name: str) -> Value:
        return facts(self.draft.measure).get(name)

    def given(self, field: str) -> Value:
        if field in self.act.given:
            value = self.act.given[field]
            return value if isinstance(value, str | int | bool) else None
        return (self.draft.given if self.subject is None else self.subject.given).get(field)

    def deadline(self, name: str) -> Value:
        act, subject = self.act, self.subject
        deadline = self.draft.deadline("" if subject is None else subject.key, name)
        if deadline is None:
            return None
        timely = act.actor != CLOCK and act.happened_on <= deadline.last_day
        if deadline.status is DeadlineStatus.LAPSED and timely:
            return DeadlineStatus.RUNNING.value
        return deadline.status.value

    def provision(self, name: str) -> Value:
        subject = self.subject
        if subject is None:
            return None
        on = self.act.happened_on
        return trait(self.draft.calling(subject.office, subject.form, on), name)

    def documents(self) -> bool:
        return not documents_missing(self.draft, self.subject, self.act.happened_on)

    def facts(self) -> bool:
        return not facts_missing(self.draft)

    def findings(self) -> bool:
        draft = self.draft
        still = any(f.state is FindingState.OPEN for f in draft.findings)
        return not still and not any(d.finding and d.open for d in draft.deadlines.values())

    def office(self) -> str:
        draft, subject = self.draft, self.subject
        office = draft.measure.lead if subject is None else subject.office
        return draft.world.roster.standing(office, self.act.happened_on, draft.case_uid).value

    def demanding(self) -> Value:
        office = self.draft.given.get(DEMANDED_BY)
        if office is None:
            return None
        there = any(p.office == office for p in self.draft.current())
        return "takes_part" if there else "not_called"

    def pending(self) -> bool:
        draft = self.draft
        sittings = (stage.day for stage in draft.measure.stages)
        ahead = any(day is not None and day > self.act.happened_on for day in sittings)
        return ahead or any(_awaited(draft, d) for d in draft.deadlines.values())

    def other_actor(self, step: str) -> bool:
        given = self.draft.given if self.subject is None else self.subject.given
        return given.get(f"actor.{step}") != self.act.actor

    def settled(self, form: str | None = None) -> Iterable[bool]:
        draft = self.draft
        return [settled(draft, p) for p in draft.current() if form is None or p.form == form]

    def ahead(self) -> Iterable[bool]:
        draft, subject = self.draft, self.subject
        if subject is None:
            return []
        kind = draft.world.roster.office(subject.office).kind
        return [settled(draft, p) for p in draft.current() if self._precedes(p, kind)]

    def _precedes(self, other: Participation, kind: str) -> bool:
        calling = self.draft.calling(other.office, other.form, self.act.happened_on)
        return any(p.duty is not None and kind in p.duty.before for p in calling)
