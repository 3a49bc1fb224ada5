"""What came of a line of a rehearsal, in words that a lawyer can read as a story."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from engine.core.case import Case, Entry, Notice, Participation
from engine.core.next_steps import running
from engine.core.workflow import CLOCK, Workflow
from engine.core.world import World
from engine.errors import Text


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter that is owed, and the office it goes to."""

    letter: str
    office: Text


@dataclass(frozen=True, slots=True)
class Scene:
    """One line as it was played: who did what on a day, and what came of it.

    `news` says which offices are no longer held, or held again. `before` are the steps
    that the clock took first; `who` is None where it alone acted,
    `deputy` says that the office was represented (i. V.). `state` is that of the line's
    subject, `deadlines` its running ones with their last days.
    """

    line: int
    on: date
    news: tuple[Text, ...]
    before: tuple[Text, ...]
    what: Text | None
    who: Text | None
    deputy: bool
    refusal: Text | None
    state: Text
    case: Text
    deadlines: tuple[tuple[Text, date], ...]
    letters: tuple[Letter, ...]
    findings: tuple[Text, ...]


@dataclass(frozen=True, slots=True)
class Played:
    """What a line did: the step and the office that tried it, and all that it left."""

    line: int
    step: Text | None
    office: str
    refusal: Text | None
    entries: tuple[Entry, ...]
    notices: tuple[Notice, ...]
    findings: int
    news: tuple[Text, ...] = ()


def scene(played: Played, case: Case, subject: Participation | None, world: World) -> Scene:
    """Return the scene of a line, after which the case stands as it does."""
    key = "" if subject is None else subject.key
    pin, state = (
        (case.workflow, case.state) if subject is None else (subject.workflow, subject.state)
    )
    workflow = world.library.workflow(pin)
    mine = running(d for d in case.deadlines if d.participation == key)
    return Scene(
        line=played.line,
        on=world.today,
        news=played.news,
        before=tuple(_clock(played.entries, world)),
        what=played.step,
        who=_name(played.office, world) if played.office else None,
        deputy=any(e.plain.get("deputy", False) for e in played.entries),
        refusal=played.refusal,
        state=_title(workflow, state),
        case=_title(world.library.workflow(case.workflow), case.state),
        deadlines=tuple((workflow.deadlines[d.name].title, d.last_day) for d in mine),
        letters=tuple(
            dict.fromkeys(Letter(n.letter, _name(n.office, world)) for n in played.notices)
        ),
        findings=tuple(_found(case, played.findings, world)),
    )


def news_of(
    before: tuple[frozenset[str], frozenset[str]],
    now: tuple[frozenset[str], frozenset[str]],
    world: World,
) -> Iterator[Text]:
    """Yield what has become of offices, from (vacant, absent) before and now."""
    for office in sorted(now[0] - before[0]):
        name = _name(office, world)
        yield Text(f"{name.de} ist nicht besetzt", f"{name.en} is vacant")
    for office in sorted(now[1] - before[1]):
        name = _name(office, world)
        yield Text(f"{name.de} ist abwesend und vertreten", f"{name.en} is away and represented")
    for office in sorted((before[0] | before[1]) - now[0] - now[1]):
        name = _name(office, world)
        yield Text(f"{name.de} ist wieder da", f"{name.en} is there again")


def _clock(entries: Iterable[Entry], world: World) -> Iterator[Text]:
    for entry in entries:
        if entry.actor == CLOCK and "definition" in entry.plain:
            workflow = world.library.workflow(entry.plain["definition"])
            yield workflow.steps[entry.plain["step"]].title


def _found(case: Case, known: int, world: World) -> Iterator[Text]:
    """Yield the titles of the findings behind the first `known`."""
    named: dict[str, Text] = {}
    for pin in (case.workflow, *(p.workflow for p in case.participations)):
        named.update(world.library.workflow(pin).findings)
    for finding in case.findings[known:]:
        yield named.get(finding.kind, Text(finding.kind, finding.kind))


def _title(workflow: Workflow, state: str) -> Text:
    found = workflow.states.get(state)
    return Text(state, state) if found is None else found.title


def _name(office: str, world: World) -> Text:
    found = world.roster.offices.get(office)
    if found is None:
        return Text(office, office)
    kind = world.roster.kinds.get(found.kind)
    # The offices of a rehearsal are called like their kinds, which have an English name too.
    return (
        kind.title
        if kind is not None and kind.title.de == found.name
        else Text(found.name, found.name)
    )
