"""Sittings as the council office looks at them: the days before one, and the papers of one.

A sitting is a day on which a body deals with papers. Most stand in the calendar; one that only
a Beratungsfolge names is shown as well, because its papers are as real. What somebody may not
see is counted at most.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

from engine.app import App
from engine.core.affected import facts_missing
from engine.core.annual import Wanted, annual
from engine.core.case import Case
from engine.core.draft import Draft
from engine.core.foresight import settled as after_the_clock
from engine.core.meanings import StateMeans
from engine.core.radar import standing
from engine.core.situation import settled
from engine.core.visibility import Actor, sees
from engine.core.world import Session, World
from engine.errors import InputError, NotFound, Text
from engine.store.cases import Filter
from engine.store.store import Store

_DONE = frozenset({StateMeans.CLEARED, StateMeans.DECIDED, StateMeans.FINAL})
"""In these states of a case nothing is left to check before a sitting."""


@dataclass(frozen=True, slots=True)
class Sitting:
    """A day on which a body deals with papers; `session` is None where no calendar names it."""

    municipality: str
    body: str
    day: date
    session: Session | None = None

    @property
    def cancelled(self) -> bool:
        """Whether it is known not to take place."""
        return self.session is not None and self.session.cancelled


@dataclass(frozen=True, slots=True)
class Days:
    """By when to inform at the latest in the strictest case, and the house's days before it.

    `house` are the legs of the plan that need no time of an office, such as the closing date
    for papers, from the earliest on; `begin` is None where no plan can be kept.
    """

    begin: date | None
    house: tuple[tuple[Text, date], ...]

    @property
    def closing(self) -> date | None:
        """The first of the house's days, None where no rule names one."""
        return self.house[0][1] if self.house else None


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the calendar: the sitting, how many papers it has, and the days before it."""

    sitting: Sitting
    papers: int
    days: Days | None


@dataclass(frozen=True, slots=True)
class Paper:
    """A case on the agenda of a sitting, and what is still missing before it.

    `pending` names the offices whose participation is open, `heard` counts those that have had
    their say, `unanswered` says that nobody has stated yet whom the measure touches, `asked`
    that a demand to take part waits for its answer.
    """

    case: Case
    state: Text
    lead: str
    pending: tuple[str, ...]
    heard: int
    unanswered: bool
    asked: bool
    late: bool
    over: bool

    @property
    def ready(self) -> bool:
        """Whether the paper has, or could have, its note that all have been heard."""
        return self.over or not (self.pending or self.unanswered or self.asked)


@dataclass(frozen=True, slots=True)
class Agenda:
    """The papers of a sitting that somebody may see, and how many there are beyond them."""

    sitting: Sitting
    days: Days | None
    papers: tuple[Paper, ...]
    hidden: int = 0


def sitting_at(world: World, municipality: str, body: str, day: date) -> Sitting:
    """Return the sitting of a body on a day; NotFound for a municipality nobody knows."""
    world.place(municipality)
    at = (municipality, body, day)
    held = [s for s in world.sessions.values() if (s.municipality, s.body, s.day) == at]
    return Sitting(*at, min(held, key=lambda s: s.cancelled, default=None))


def sitting_of(session: Session) -> Sitting:
    """Return a sitting of the calendar as such."""
    return Sitting(session.municipality, session.body, session.day, session)


def calendar(
    app: App,
    actor: Actor,
    *,
    municipality: str | None = None,
    body: str | None = None,
    past: bool = False,
) -> list[Row]:
    """Return the sittings from today on, or those before today from the latest back."""
    with app.database.read() as store:
        world = app.world(store)
        papers = _papers_by_sitting(store, world, actor, going_on=not past)
    rows = {(s.municipality, s.body, s.day): sitting_of(s) for s in _calendar(world)}
    for at in papers:
        rows.setdefault(at, Sitting(*at))
    wanted = [
        sitting
        for sitting in sorted(rows.values(), key=lambda s: (s.day, s.body), reverse=past)
        if (sitting.day < world.today) is past
        and municipality in (None, sitting.municipality)
        and body in (None, sitting.body)
    ]
    return [
        Row(s, papers[s.municipality, s.body, s.day], None if past else days_of(world, s))
        for s in wanted
    ]


def bodies(world: World, municipality: str | None = None) -> list[str]:
    """Return the bodies that the calendar names, by name."""
    rows = world.sessions.values()
    return sorted({s.body for s in rows if municipality in (None, s.municipality)})


def days_of(world: World, sitting: Sitting) -> Days | None:
    """Return the days before a sitting by the law in force; None where nobody takes part in it."""
    if sitting.cancelled:
        return None
    held = Session("-", sitting.body, sitting.day, sitting.municipality)
    others = {uid: s for uid, s in world.sessions.items() if s.body != sitting.body}
    alone = replace(world, sessions={**others, held.uid: held})
    wanted = Wanted(sitting.day.year, sitting.municipality, body=sitting.body)
    row = next(annual(alone, wanted), None)
    if row is None:
        return None
    asked = {leg.name for leg in world.library.case_workflow().plan if leg.period == "provision"}
    house = []
    for point in row.plan.points[1:]:
        if point.name in asked:
            break
        if point.stage is not None and point.stage.span is None and not point.sits:
            house.append((point.stage.title, point.day))
    begin = None if row.plan.missing else row.plan.begin
    return Days(begin, tuple(reversed(house)))


def agenda(app: App, actor: Actor, sitting: Sitting) -> Agenda:
    """Return the papers of a sitting, each as it stands once the clock has done what is due."""
    with app.database.read() as store:
        world = app.world(store)
        return _agenda(store, world, actor, sitting)


def without_note(app: App, actor: Actor) -> list[Agenda]:
    """Return the coming sittings with a paper that lacks something, by their closing dates."""
    found = []
    with app.database.read() as store:
        world = app.world(store)
        for at in _papers_by_sitting(store, world, actor, going_on=True):
            sitting = sitting_at(world, *at)
            if sitting.day < world.today or sitting.cancelled:
                continue
            shown = _agenda(store, world, actor, sitting)
            lacking = tuple(p for p in shown.papers if not p.ready)
            if lacking:
                found.append(replace(shown, papers=lacking))
    return sorted(found, key=lambda a: (_closing(a), a.sitting.day, a.sitting.body))


def case_named(app: App, actor: Actor, words: str) -> Case:
    """Return the case of a number, or of a paper's number, if the actor may see it.

    NotFound where there is none that she may see, InputError where several papers bear it.
    """
    said = words.strip()
    with app.database.read() as store:
        case = store.cases.find(said.upper())
        if case is None:
            numbers = [n for n, reference, _ in store.cases.references() if reference == said]
            rows = [store.cases.get(n) for n in numbers] if said else []
            seen = [c for c in rows if sees(actor, c)]
            if len(seen) > 1:
                raise _several(said, seen)
            case = seen[0] if seen else None
    if case is None or not sees(actor, case):
        raise NotFound(
            f"Zu „{said}“ gibt es kein Vorhaben. Gemeint ist seine Nummer (V-2026-0001) oder die "
            "der Vorlage, genau wie angemeldet.",
            f"There is no measure '{said}'. Write its number (V-2026-0001) or that of the paper, "
            "exactly as registered.",
        )
    return case


def _several(said: str, cases: list[Case]) -> InputError:
    names = ", ".join(c.number for c in cases)
    return InputError(
        f"Mehrere Vorhaben tragen die Nummer „{said}“: {names}. Nennen Sie eines davon.",
        f"Several measures bear the number '{said}': {names}. Name one of them.",
    )


def _calendar(world: World) -> Iterator[Session]:
    """Yield the sittings of the calendar, those that take place after cancelled ones."""
    yield from sorted(world.sessions.values(), key=lambda s: not s.cancelled)


def _papers_by_sitting(
    store: Store, world: World, actor: Actor, *, going_on: bool
) -> Counter[tuple[str, str, date]]:
    """Count the cases by the sittings that their Beratungsfolgen name."""
    flows = [w for w in world.library.workflows.values() if w.form is None]
    states = frozenset(
        s.id for w in flows for s in w.states.values() if s.means is not StateMeans.FINAL
    )
    only = Filter(states=states if going_on else frozenset(), seen_by=actor)
    return Counter(
        (row.municipality, stage.body, stage.day)
        for row in store.cases.staged(only)
        for stage in row.stages
        if stage.day is not None
    )


def _agenda(store: Store, world: World, actor: Actor, sitting: Sitting) -> Agenda:
    papers, hidden = [], 0
    numbers = store.cases.at_sitting(sitting.body, sitting.municipality, sitting.day)
    for case in map(store.cases.get, numbers):
        if not any((s.body, s.day) == (sitting.body, sitting.day) for s in case.measure.stages):
            continue
        if sees(actor, case):
            papers.append(_paper(after_the_clock(case, world), world, sitting.day))
        else:
            hidden += 1
    return Agenda(sitting, days_of(world, sitting), tuple(papers), hidden)


def _paper(case: Case, world: World, day: date) -> Paper:
    draft = Draft(case, world)
    workflow = draft.workflow
    stands = standing(case, world, day)
    open_ = [p for p in draft.current() if not settled(draft, p)]
    return Paper(
        case=case,
        state=workflow.states[case.state].title,
        lead=world.roster.office(case.measure.lead).name,
        pending=tuple(world.roster.office(p.office).name for p in open_),
        heard=len(draft.current()) - len(open_),
        unanswered=bool(facts_missing(draft)),
        asked=not stands.settled and not open_,
        late=stands.late,
        over=workflow.meaning(case.state) in _DONE,
    )


def _closing(agenda: Agenda) -> date:
    found = None if agenda.days is None else agenda.days.closing
    return found or agenda.sitting.day
