"""What conditions see of a case: the closed namespace of the YAML languages.

`measure.<fact>`, `given.<field>`, `state`, `case`, `deadline.<name>`, `documents`,
`participations.<all|any>.<settled|open>`, `findings`, `facts`, `before.<form>`, `office`, `provision.<trait>`,
`actor.not_same_as.<step>`. A deadline is judged as of the day on which the act happened:
a timely act recorded after a lapse meets a running deadline.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import lru_cache

from engine.core.case import Act, DeadlineStatus, FindingState, Participation
from engine.core.conditions import Value
from engine.core.draft import Draft
from engine.core.duties import facts, trait
from engine.core.machine import Situation
from engine.core.meanings import StateMeans
from engine.core.workflow import CLOCK, Workflow

Reader = Callable[[Draft, Participation | None, Act], Value]

SETTLED = frozenset({StateMeans.SETTLED, StateMeans.FINAL})


def situation(
    draft: Draft, workflow: Workflow, subject: Participation | None, act: Act
) -> Situation:
    """Return the situation of the case (`subject` None) or of one participation."""
    state = draft.state if subject is None else subject.state
    return Situation(state, {name: read(draft, subject, act) for name, read in _readers(workflow)})


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
    return {
        "measure": lambda d, s, a: facts(d.measure).get(name),
        "given": lambda d, s, a: _given(d, s, a, tail),
        "state": lambda d, s, a: d.state if s is None else s.state,
        "case": lambda d, s, a: d.workflow.meaning(d.state).value,
        "deadline": lambda d, s, a: _deadline(d, s, a, tail),
        "documents": _documents,
        "participations": lambda d, s, a: _participations(d, tail),
        "findings": lambda d, s, a: _findings(d),
        "facts": lambda d, s, a: "missing" if facts_missing(d) else "complete",
        "before": lambda d, s, a: _before(d, tail),
        "office": _standing,
        "provision": lambda d, s, a: _trait(d, s, a, tail),
        "actor": lambda d, s, a: _other_actor(d, s, a, tail),
    }[head]


def _given(draft: Draft, subject: Participation | None, act: Act, name: str) -> Value:
    if name in act.given:
        value = act.given[name]
        return value if isinstance(value, str | int | bool) else None
    return (draft.given if subject is None else subject.given).get(name)


def _deadline(draft: Draft, subject: Participation | None, act: Act, name: str) -> Value:
    deadline = draft.deadline("" if subject is None else subject.key, name)
    if deadline is None:
        return None
    timely = act.actor != CLOCK and act.happened_on <= deadline.last_day
    if deadline.status is DeadlineStatus.LAPSED and timely:
        return DeadlineStatus.RUNNING.value
    return deadline.status.value


def _documents(draft: Draft, subject: Participation | None, act: Act) -> Value:
    return "missing" if documents_missing(draft, subject, act.happened_on) else "complete"


def _participations(draft: Draft, tail: str) -> Value:
    quantifier, _, what = tail.partition(".")
    marks = [settled(draft, p) == (what == "settled") for p in draft.current()]
    return all(marks) if quantifier == "all" else any(marks)


def facts_missing(draft: Draft) -> list[str]:
    """Return the facts that nobody has stated about the measure yet."""
    return sorted(set(draft.world.library.facts) - set(draft.measure.facts))


def _findings(draft: Draft) -> Value:
    still = any(f.state is FindingState.OPEN for f in draft.findings)
    owed = any(d.finding and d.open for d in draft.deadlines.values())
    return "open" if still or owed else "settled"


def _before(draft: Draft, form: str) -> Value:
    return all(settled(draft, p) for p in draft.current() if p.form == form)


def _standing(draft: Draft, subject: Participation | None, act: Act) -> Value:
    office = draft.measure.lead if subject is None else subject.office
    return draft.world.roster.standing(office, act.happened_on, draft.case_uid).value


def _trait(draft: Draft, subject: Participation | None, act: Act, name: str) -> Value:
    if subject is None:
        return None
    provisions = draft.calling(subject.office, subject.form, act.happened_on)
    return trait(provisions, name)


def _other_actor(draft: Draft, subject: Participation | None, act: Act, tail: str) -> Value:
    given = draft.given if subject is None else subject.given
    step = tail.removeprefix("not_same_as.")
    return given.get(f"actor.{step}") != act.actor
