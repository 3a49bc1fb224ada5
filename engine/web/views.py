"""What the page of a case shows, as plain values in the words of the file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from engine.core.bystanders import bystanders
from engine.core.calendar import Calendar, local_day
from engine.core.case import (
    Act,
    Case,
    Deadline,
    Document,
    DueRung,
    Entry,
    Finding,
    FindingState,
    Participation,
)
from engine.core.checks import provisions_of
from engine.core.draft import DECIDED, Draft
from engine.core.meanings import StateMeans, StepMeans
from engine.core.next_steps import NextStep, after_the_end, owner_name
from engine.core.offers import Offer, offers
from engine.core.options import Option
from engine.core.phrases import norm
from engine.core.plan_words import PlanLine, plan_lines
from engine.core.standing import Standing, words
from engine.core.telling import offices as offices_told
from engine.core.visibility import Actor
from engine.core.wording import day_text
from engine.core.workflow import Workflow
from engine.core.world import World
from engine.errors import Text
from engine.services.planning import CasePlan
from engine.services.reading import File
from engine.services.record_words import (
    FINDINGS,
    RUNS,
    deadline_title,
    finding_title,
    line_office,
    line_title,
)
from engine.web.completeness import Complete, completeness
from engine.web.forms import said_of


@dataclass(frozen=True, slots=True)
class Next:
    """One sentence of *Als Nächstes*, with the norms behind it; `mine` asks the visitor."""

    what: Text
    who: Text
    until: date | None
    left: int | None
    norms: tuple[Text, ...]
    mine: bool


@dataclass(frozen=True, slots=True)
class Term:
    """A deadline of the file; `path` leads to how it was counted."""

    title: Text
    last_day: date
    left: int | None
    owner: Text
    status: Text
    state: str
    path: str


@dataclass(frozen=True, slots=True)
class Taking:
    """One participation: the office, in which form, where it stands, by which norms."""

    key: str
    office: str
    form: Text
    state: Text
    round: int
    norms: tuple[Text, ...]
    terms: tuple[Term, ...]
    offers: tuple[Offer, ...]
    answers: tuple[Words, ...]
    complete: tuple[Complete, ...] = ()


@dataclass(frozen=True, slots=True)
class Words:
    """What somebody said in writing, with its day and office; `gone` once it was erased."""

    title: Text
    day: date
    office: Text
    rows: tuple[tuple[Text, str], ...]
    gone: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the history."""

    number: int
    day: date
    recorded: date
    office: Text
    title: Text


@dataclass(frozen=True, slots=True)
class Found:
    """A finding as the page shows it: what, by which norms, and what helps."""

    number: int
    title: Text
    key: str
    state: Text
    on: date
    norms: tuple[Text, ...]
    remedies: tuple[RemedyLine, ...]
    words: Text
    still: bool


@dataclass(frozen=True, slots=True)
class RemedyLine:
    """What a norm orders after a departure: until when, and the step by which she can do it."""

    what: Text
    norm: Text
    until: date | None
    days_left: int | None
    offer: Offer | None


@dataclass(frozen=True, slots=True)
class PlanPart:
    """The plan of one participation with its light and what today means for it."""

    office: str
    form: Text
    lines: tuple[PlanLine, ...]
    light: str
    says: Text


@dataclass(frozen=True, slots=True)
class RungLine:
    """A rung that waits: when it acts, and whom it tells, said before it happens."""

    on: date
    title: Text
    about: Text
    told: str


@dataclass(frozen=True, slots=True)
class CasePage:
    """Everything that the page of a case shows."""

    case: Case
    state: Text
    lead: str
    next: tuple[Next, ...]
    takings: tuple[Taking, ...]
    terms: tuple[Term, ...]
    findings: tuple[Found, ...]
    documents: tuple[Document, ...]
    others: tuple[tuple[str, Text], ...]
    offers: tuple[Offer, ...]
    plan: tuple[PlanPart, ...]
    light: str | None
    options: tuple[Option, ...]
    ladder: tuple[RungLine, ...]
    lines: tuple[Line, ...]
    informing: bool = False
    ended: Text | None = None


LEADING = (
    StepMeans.INFORMATION,
    StepMeans.RECEIPT,
    StepMeans.STATEMENT,
    StepMeans.ANSWER,
    StepMeans.COMPLETION,
    StepMeans.WEIGHING,
    StepMeans.REASONS,
    StepMeans.FORWARDING,
    StepMeans.RELEASE,
    StepMeans.ASSESSMENT,
    StepMeans.DECISION,
    StepMeans.CARRYING_OUT,
    StepMeans.CLOSING,
)
"""What a procedure is there for comes first among the buttons; everything else keeps its order."""


def by_weight(rows: list[Offer]) -> list[Offer]:
    """Return offers with those first that carry the procedure on."""
    last = len(LEADING)
    return sorted(
        rows, key=lambda o: LEADING.index(o.step.means) if o.step.means in LEADING else last
    )


def case_page(file: File, plan: CasePlan, actor: Actor) -> CasePage:
    """Return what the page of a case shows to an actor."""
    case, world = file.case, file.world
    offered = by_weight(offers(case, world, actor.offices))
    workflow = world.library.workflow(case.workflow)
    return CasePage(
        case=case,
        state=workflow.states[case.state].title,
        lead=world.roster.office(case.measure.lead).name,
        next=tuple(_next(n, case, world, actor) for n in file.next),
        takings=tuple(_takings(file, offered)),
        terms=tuple(_terms(case, world, "")),
        findings=tuple(_found(f, file, offered) for f in case.findings),
        documents=case.documents,
        others=tuple(
            (b.office.name, b.because) for b in bystanders(case.measure, world, world.today)
        ),
        offers=tuple(o for o in offered if not o.participation),
        plan=tuple(plan_parts(plan)),
        light=plan.light,
        options=plan.options,
        ladder=tuple(_ladder(case, world)),
        lines=tuple(reversed([_line(n, x, file) for n, x in enumerate(file.lines, start=1)])),
        ended=after_the_end(case, world),
        informing=any(o.participation and o.step.means is StepMeans.INFORMATION for o in offered),
    )


def days_left(day: date | None, world: World, calendar: Calendar) -> int | None:
    """Return how many working days are left after today until a day; negative once it is over."""
    if day is None:
        return None
    if day >= world.today:
        return calendar.working_days_between(world.today, day)
    return -calendar.working_days_between(day, world.today)


def _next(step: NextStep, case: Case, world: World, actor: Actor) -> Next:
    calendar = world.calendar(case.measure.municipality)
    return Next(
        what=step.what,
        who=owner_name(world, step.who),
        until=step.until,
        left=days_left(step.until, world, calendar),
        norms=tuple(norm(world.library.provision(i)) for i in step.norms),
        mine=step.who in actor.offices,
    )


def _takings(file: File, offered: list[Offer]) -> Iterator[Taking]:
    case, world = file.case, file.world
    draft = Draft(case, world)
    for p in case.participations:
        workflow = world.library.workflow(p.workflow)
        yield Taking(
            key=p.key,
            office=world.roster.office(p.office).name,
            form=workflow.title,
            state=workflow.states[p.state].title,
            round=p.round,
            norms=tuple(norm(x) for x in provisions_of(draft, p, world.today)),
            terms=tuple(_terms(case, world, p.key)),
            offers=tuple(o for o in offered if o.participation == p.key),
            answers=tuple(_said(file, p)),
            complete=tuple(_complete(file, p, workflow)),
        )


def _complete(file: File, p: Participation, workflow: Workflow) -> list[Complete]:
    """Return what must be there before an office is informed, while it is not."""
    waits = workflow.meaning(p.state) is StateMeans.DRAFT
    return completeness(file.case, file.world, p) if waits else []


def _terms(case: Case, world: World, participation: str) -> Iterator[Term]:
    for d in case.deadlines:
        if d.participation == participation and d.status.value != "void":
            yield term(d, case, world)


def term(d: Deadline, case: Case, world: World) -> Term:
    """Return a deadline as pages show it."""
    calendar = world.calendar(case.measure.municipality)
    return Term(
        title=deadline_title(case, world, d.key),
        last_day=d.last_day,
        left=days_left(d.last_day, world, calendar) if d.open else None,
        owner=owner_name(world, d.owner),
        status=RUNS[d.status.value],
        state=d.status.value,
        path=f"/vorhaben/{case.number}/frist/{url_key(d.participation)}/{d.name}/{d.generation}",
    )


def url_key(participation: str) -> str:
    """Return the key of a participation as an address carries it; `-` is the case itself."""
    return participation.replace("/", "~") or "-"


def key_of(url: str) -> str:
    """Return the key that an address carries."""
    return "" if url == "-" else url.replace("~", "/")


def _found(f: Finding, file: File, offered: list[Offer]) -> Found:
    case, world = file.case, file.world
    provision = world.library.provision
    return Found(
        number=f.number,
        title=finding_title(case, world, f),
        key=f.state.value,
        state=FINDINGS[f.state.value],
        on=f.found_on,
        norms=tuple(norm(provision(i)) for i in f.provisions),
        remedies=tuple(_remedy(i, f, file, offered) for i in f.remedies),
        words=_what_was_open(f, file),
        still=f.state in (FindingState.OPEN, FindingState.CONFIRMED),
    )


def _remedy(name: str, f: Finding, file: File, offered: list[Offer]) -> RemedyLine:
    case, world = file.case, file.world
    provision = world.library.provision(name)
    owed = [d for d in case.deadlines if d.finding == f.number and d.provision == name and d.open]
    until = owed[-1].last_day if owed else None
    means = None if provision.remedy is None else provision.remedy.means
    return RemedyLine(
        what=provision.title,
        norm=norm(provision),
        until=until,
        days_left=days_left(until, world, world.calendar(case.measure.municipality)),
        offer=next(_helping(means, f, offered), None),
    )


def _helping(means: StepMeans | None, f: Finding, offered: list[Offer]) -> Iterator[Offer]:
    """Yield the steps by which a remedy is done: a participation is made up by informing."""
    ready = [o for o in offered if o.open]
    wanted = (StepMeans.INFORMATION, StepMeans.REMEDY) if means is StepMeans.MAKE_UP else (means,)
    for meaning in wanted:
        yield from (o for o in ready if o.step.means is meaning and _about(o, f))


def _about(offer: Offer, f: Finding) -> bool:
    return offer.participation in ("", f.participation)


def _what_was_open(f: Finding, file: File) -> Text:
    """Return what was the matter on the day of a finding, without blaming anybody."""
    day, decided = day_text(f.found_on), DECIDED in file.case.given
    informed = any(
        e.plain.get("participation") == f.participation
        and e.plain.get("means") == StepMeans.INFORMATION
        and e.happened_on <= f.found_on
        for e in file.lines
    )
    if informed:
        return Text(
            f"Am {day.de} war die Beteiligung nicht abgeschlossen oder nicht rechtzeitig begonnen.",
            f"On {day.en} the participation was not settled, or had not begun in time.",
        )
    lead = (
        Text(f"Der Beschluss vom {day.de} liegt vor", f"The decision of {day.en} is there")
        if decided
        else Text(f"Am {day.de} war gehandelt", f"On {day.en} it was acted upon")
    )
    return Text(
        f"{lead.de}, eine Information ist nicht dokumentiert.",
        f"{lead.en}; no information is documented.",
    )


def plan_parts(found: CasePlan) -> Iterator[PlanPart]:
    """Yield the plans of the participations as pages draw them, equal ones as one."""
    alike: dict[tuple[Text, tuple[PlanLine, ...], str, Text], list[str]] = {}
    for one in found.parts:
        part = _plan_part(one, found.world, found.case)
        alike.setdefault((part.form, part.lines, part.light, part.says), []).append(part.office)
    for (form, lines, light, says), offices in alike.items():
        yield PlanPart(", ".join(offices), form, lines, light, says)


def _plan_part(one: Standing, world: World, case: Case) -> PlanPart:
    calendar = world.calendar(case.measure.municipality)
    return PlanPart(
        office=world.roster.office(one.participation.office).name,
        form=world.library.workflow(one.participation.workflow).title,
        lines=plan_lines(one.plan, world.library, calendar),
        light=one.light,
        says=words(one, world, calendar),
    )


def _ladder(case: Case, world: World) -> Iterator[RungLine]:
    """Yield the rungs that wait, the next first; what acts alike for several is told once."""
    draft = Draft(case, world)
    rows = (_rung_line(rung, draft) for rung in sorted(case.rungs, key=lambda r: r.due_at))
    yield from dict.fromkeys(rows)


def _rung_line(due: DueRung, draft: Draft) -> RungLine:
    case, world = draft.before, draft.world
    deadline = draft.deadlines[due.deadline]
    rung = world.library.ladders[deadline.ladder or ""].rung(due.number)
    on = local_day(due.due_at)
    act = Act("", "", "", "", on, due.due_at, participation=due.participation)
    subject = case.participation(due.participation)
    told = [
        office
        for row in rung.tells
        for office in offices_told(draft, row.target, subject, act, deadline.owner)
    ]
    names = ", ".join(world.roster.office(o).name for o in dict.fromkeys(told))
    return RungLine(on, rung.title, deadline_title(case, world, deadline.key), names)


def _line(number: int, line: Entry, file: File) -> Line:
    return Line(
        number=number,
        day=line.happened_on,
        recorded=local_day(line.recorded_at),
        office=line_office(file.world, line),
        title=line_title(file.case, file.world, line),
    )


def _said(file: File, p: Participation) -> Iterator[Words]:
    """Yield what was said in writing in one participation, oldest first."""
    for line in file.lines:
        if line.plain.get("participation") == p.key and "definition" in line.plain:
            words_ = _words(file, line)
            if words_ is not None:
                yield words_


def _words(file: File, line: Entry) -> Words | None:
    workflow = file.world.library.workflow(line.plain["definition"])
    step = workflow.steps.get(line.type)
    if step is None:
        return None
    rows = tuple(said_of(line, step.takes, workflow.fields))
    if not rows:
        return None
    return Words(
        title=step.title,
        day=line.happened_on,
        office=line_office(file.world, line),
        rows=rows,
    )
