"""Als Nächstes: what happens now, who must act, until when, and which norm asks for it.

The sentences are the definition's own (`next` of a state); only names and days are filled
in. What a finding demands has no state, so its sentence is made of its deadline.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from engine.core.case import Case, Deadline, DeadlineStatus, Participation
from engine.core.draft import Draft
from engine.core.meanings import StateMeans
from engine.core.wording import day_text
from engine.core.workflow import CLOCK, State, Workflow
from engine.core.world import World
from engine.errors import Text

LEAD, OFFICE = "lead", "office"
"""The two placeholders of a sentence that are no deadlines."""

BY_ITSELF = Text("von selbst", "by itself")
"""Whose turn it is where the clock acts."""

NO_DAY = Text("–", "–")
"""What a deadline that does not run reads as."""

_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")


@dataclass(frozen=True, slots=True)
class NextStep:
    """One sentence about what is to be done now.

    `who` is the office that must act; `participation` is empty for the case itself;
    `norms` are ids of provisions, the one that sets the day first. `who` is the clock where
    nobody need do anything any more.
    """

    what: Text
    who: str
    until: date | None
    participation: str
    norms: tuple[str, ...]


def next_steps(case: Case, world: World) -> tuple[NextStep, ...]:
    """Return what happens next in a case and its participations, the most urgent first.

    Each state that is not final says so in one sentence; each remedy that is owed adds
    one. A case that has come to its end has no next step.
    """
    workflow = world.library.workflow(case.workflow)
    state = workflow.states.get(case.state)
    if state is None or state.means is StateMeans.FINAL:
        return ()
    found = [
        *_of_participations(case, world),
        *_of_remedies(case, world),
        *_of_case(case, state, world),
    ]
    return tuple(sorted(found, key=lambda n: n.until or date.max))


def after_the_end(case: Case, world: World) -> Text | None:
    """Return what a state that ends a case says about what can still come, None if nothing."""
    state = world.library.workflow(case.workflow).states.get(case.state)
    if state is None or state.means is not StateMeans.FINAL or state.next is None:
        return None
    return _filled(state.next, {LEAD: owner_name(world, case.measure.lead)}, [])


def owner_name(world: World, office: str) -> Text:
    """Return what an office is called; what the clock does happens by itself."""
    if office == CLOCK:
        return BY_ITSELF
    name = world.roster.office(office).name
    return Text(name, name)


def placeholders(sentence: str) -> Iterator[str]:
    """Yield the names that a sentence holds in braces.

    >>> list(placeholders("{lead} informiert {office} bis {information}."))
    ['lead', 'office', 'information']
    """
    return (found[1] for found in _PLACEHOLDER.finditer(sentence))


def stray_brace(sentence: str) -> bool:
    """Return whether a brace is left over that opens or closes no placeholder."""
    rest = _PLACEHOLDER.sub("", sentence)
    return "{" in rest or "}" in rest


def running(deadlines: Iterable[Deadline]) -> list[Deadline]:
    """Return the deadlines whose day counts, the earliest first: open ones that do not rest."""
    still = [d for d in deadlines if d.open and d.status is not DeadlineStatus.PAUSED]
    return sorted(still, key=lambda d: d.last_day)


def _of_participations(case: Case, world: World) -> Iterator[NextStep]:
    for participation in Draft(case, world).current():
        workflow = world.library.workflow(participation.workflow)
        state = workflow.states[participation.state]
        over = world.library.workflow(case.workflow).meaning(case.state) is StateMeans.DECIDED
        if over and state.means is StateMeans.SETTLED:
            continue
        if state.means is not StateMeans.FINAL and state.next is not None:
            yield _of_participation(case, participation, workflow, state.next, world)


def _of_participation(
    case: Case, subject: Participation, workflow: Workflow, sentence: Text, world: World
) -> NextStep:
    mine = running(d for d in case.deadlines if d.participation == subject.key)
    first = mine[0] if mine else None
    called = Draft(case, world).calling(subject.office, subject.form, world.today)
    cited = tuple(p.id for p in called) or subject.provisions
    names = {LEAD: owner_name(world, case.measure.lead), OFFICE: owner_name(world, subject.office)}
    return NextStep(
        what=_filled(sentence, names, mine),
        who=case.measure.lead if first is None else first.owner,
        until=None if first is None else first.last_day,
        participation=subject.key,
        norms=_norms(first, cited),
    )


def _of_remedies(case: Case, world: World) -> Iterator[NextStep]:
    rules = world.library.workflow(case.workflow).deadlines
    for deadline in running(d for d in case.deadlines if d.finding):
        who, what = owner_name(world, deadline.owner), rules[deadline.name].title
        day, number = day_text(deadline.last_day), deadline.finding
        yield NextStep(
            what=Text(
                f"{what.de} zur Feststellung {number} durch {who.de} bis {day.de}.",
                f"{what.en.capitalize()} for finding {number} by {who.en}, until {day.en}.",
            ),
            who=deadline.owner,
            until=deadline.last_day,
            participation="",
            norms=_norms(deadline, ()),
        )


def _of_case(case: Case, state: State, world: World) -> Iterator[NextStep]:
    if state.next is None:
        return
    mine = running(d for d in case.deadlines if not d.participation and not d.finding)
    first = mine[0] if mine else None
    yield NextStep(
        what=_filled(state.next, {LEAD: owner_name(world, case.measure.lead)}, mine),
        who=case.measure.lead if first is None else first.owner,
        until=None if first is None else first.last_day,
        participation="",
        norms=_norms(first, ()),
    )


def _filled(sentence: Text, names: dict[str, Text], deadlines: list[Deadline]) -> Text:
    """Return the sentence with names and days in place of its placeholders."""
    words = {d.name: day_text(d.last_day) for d in reversed(deadlines)} | names

    def fill(language: str) -> Callable[[re.Match[str]], str]:
        return lambda found: words.get(found[1], NO_DAY).in_(language)

    de = _PLACEHOLDER.sub(fill("de"), sentence.de).replace(f" bis {NO_DAY.de}", "")
    en = _PLACEHOLDER.sub(fill("en"), sentence.en).replace(f" by {NO_DAY.en}", "")
    return Text(de, en)


def _norms(first: Deadline | None, cited: tuple[str, ...]) -> tuple[str, ...]:
    setting = () if first is None or first.provision is None else (first.provision,)
    return tuple(dict.fromkeys((*setting, *cited)))
