"""The report of the legal office over the cases of a time, counted by columns.

Its population are the cases registered from one day to another, with all that became of
them until now. Departments are named from five cases up; no figure is of a person.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta

from engine.app import App
from engine.core.meanings import StepMeans
from engine.core.reporting import LEAST, Tally, sample, shown, tally
from engine.core.timeliness import Sort, sort_of
from engine.core.world import Library, World
from engine.errors import InputError, Text
from engine.services.legal.titles import office_name
from engine.store.audit import Audit, Counted, Registered, Span

LATE_CLOCK = timedelta(hours=1)
"""How late the clock must have acted for that to count as a technical fault."""

REST = Text("weitere Fachbereiche (zusammengefasst)", "other departments (taken together)")
HIDDEN = Text(f"nicht gezeigt (unter {LEAST} Vorhaben)", f"not shown (fewer than {LEAST} measures)")


@dataclass(frozen=True, slots=True)
class Group:
    """A line of the report: how many cases, and the tallies of information and statement."""

    label: Text
    cases: int | None
    information: Tally
    statement: Tally
    findings: int | None = None


@dataclass(frozen=True, slots=True)
class Reason:
    """A reason why something took longer, whose it was, and how often it was recorded."""

    label: Text
    whose: Text
    count: int


@dataclass(frozen=True, slots=True)
class Report:
    """The report: in all, by department, by kind of office, by month, and the reasons."""

    since: date
    until: date
    total: Group
    departments: tuple[Group, ...]
    hidden: bool
    kinds: tuple[Group, ...]
    months: tuple[Group, ...]
    reasons: tuple[Reason, ...]
    findings: dict[str, int] = field(default_factory=dict)


OURS = Text("Verwaltung", "administration")
THEIRS = Text("beteiligte Stelle", "office that takes part")
AGREED = Text("einvernehmlich", "agreed")
ENGINE = Text("Technik", "technology")


def report(app: App, since: date, until: date) -> Report:
    """Return the report over the cases registered from `since` to `until`, both inclusive."""
    check_span(since, until)
    span = Span(since, until)
    with app.database.read() as store:
        audit, world = Audit(store.connection), app.world(store)
        rows = audit.deadlines(span)
        cases = audit.cases_by_lead(span)
        findings = audit.findings_by_lead(span)
        states = audit.findings_by_state(span)
        reasons = _reasons(audit, world.library, rows, span)
    return _report(world, since, until, rows, cases, findings, states, reasons)


def check_span(since: date, until: date) -> None:
    """Refuse a time that ends before it begins."""
    if until < since:
        raise InputError(
            "Der Zeitraum endet, bevor er beginnt. Tauschen Sie die beiden Tage.",
            "The time ends before it begins. Exchange the two days.",
        )


def _report(
    world: World,
    since: date,
    until: date,
    rows: list[Counted],
    cases: dict[str, int],
    findings: dict[str, int],
    states: dict[str, int],
    reasons: list[Reason],
) -> Report:
    library = world.library
    named, rest = shown(cases)
    joined = sum(cases[lead] for lead in rest) >= LEAST
    groups = [
        _group(world, rows, lambda r, lead=lead: r.lead == lead, _office(world, lead))  # type: ignore[misc]
        for lead in named
    ]
    departments = [
        Group(g.label, cases[lead], g.information, g.statement, findings.get(lead, 0))
        for lead, g in zip(named, groups, strict=True)
    ]
    if rest and joined:
        g = _group(world, rows, lambda r: r.lead in rest, REST)
        count = sum(cases[x] for x in rest), sum(findings.get(x, 0) for x in rest)
        departments.append(Group(g.label, count[0], g.information, g.statement, count[1]))
    total = _group(world, rows, lambda r: True, Text("insgesamt", "in all"))
    return Report(
        since=since,
        until=until,
        total=Group(
            total.label,
            sum(cases.values()),
            total.information,
            total.statement,
            sum(findings.values()),
        ),
        departments=tuple(departments),
        hidden=bool(rest) and not joined,
        kinds=tuple(_by(world, rows, lambda r: _kind(world, r.office), library)),
        months=tuple(_by(world, rows, lambda r: r.month, library)),
        reasons=tuple(reasons),
        findings=states,
    )


def _office(world: World, office: str) -> Text:
    name = office_name(world, office)
    return Text(name, name)


def _kind(world: World, office: str) -> str:
    found = world.roster.offices.get(office)
    return "" if found is None else found.kind


def _by(
    world: World, rows: list[Counted], key: Callable[[Counted], str], library: Library
) -> Iterable[Group]:
    for name in sorted({key(r) for r in rows} - {""}):
        kind = world.roster.kinds.get(name)
        label = _month(name) if kind is None else kind.title
        yield _group(world, rows, lambda r, name=name: key(r) == name, label)  # type: ignore[misc]


def _month(name: str) -> Text:
    year, _, month = name.partition("-")
    return Text(f"{month}/{year}", name) if month else Text(name, name)


def _group(
    world: World, rows: list[Counted], mine: Callable[[Counted], bool], label: Text
) -> Group:
    sums = {Sort.INFORMATION: Tally(), Sort.STATEMENT: Tally()}
    for row in rows:
        sort = _sort(world.library, row)
        if sort in sums and mine(row):
            sums[sort] += tally(row.status, row.count, done=row.done)
    return Group(label, None, sums[Sort.INFORMATION], sums[Sort.STATEMENT])


def _sort(library: Library, row: Counted) -> Sort:
    workflow = library.workflows.get(row.pin)
    return Sort.OTHER if workflow is None else sort_of(workflow, row.name)


def informed(library: Library, rows: Iterable[Counted]) -> Tally:
    """Return how often the offices were informed in time."""
    found = Tally()
    for row in rows:
        if _sort(library, row) is Sort.INFORMATION:
            found += tally(row.status, row.count, done=row.done)
    return found


_STEPS = {
    StepMeans.INCOMPLETE: (Text("Unterlagen unvollständig", "documents incomplete"), OURS),
    StepMeans.EXTENSION: (Text("Frist einvernehmlich verlängert", "period extended"), AGREED),
}


def _reasons(audit: Audit, library: Library, rows: list[Counted], span: Span) -> list[Reason]:
    early, late, silent = Counter[str](), Counter[str](), Counter[str]()
    for row in rows:
        sort = _sort(library, row)
        if sort is Sort.INFORMATION and row.status == "lapsed":
            (early if row.before else late)[row.lead] += row.count
        elif sort is Sort.STATEMENT and row.status == "lapsed":
            silent[row.lead] += row.count
    return [
        Reason(Text("verspätet gemeldet", "registered late"), OURS, early.total()),
        Reason(Text("verspätet informiert", "informed late"), OURS, late.total()),
        *_by_steps(audit, library, span),
        Reason(
            Text("Frist abgelaufen ohne Stellungnahme", "period ended without a statement"),
            THEIRS,
            silent.total(),
        ),
        Reason(
            Text("technische Störung (Vorhaben)", "technical fault (measures)"),
            ENGINE,
            sum(audit.delayed(span, LATE_CLOCK).values()),
        ),
    ]


def _by_steps(audit: Audit, library: Library, span: Span) -> Iterable[Reason]:
    flows = library.workflows.values()
    types = {s.id for w in flows for means in _STEPS for s in w.steps_meaning(means)}
    counts: Counter[StepMeans] = Counter()
    for line in audit.steps(types, span):
        workflow = library.workflows.get(line["plain"].get("definition", ""))
        if workflow is not None and line["type"] in workflow.steps:
            counts[workflow.steps[line["type"]].means] += 1
    for means, (label, whose) in _STEPS.items():
        yield Reason(label, whose, counts[means])


def draw(app: App, since: date, until: date, size: int, seed: str) -> list[Registered]:
    """Return a sample of the cases registered in a time; the same seed draws the same ones.

    Raises InputError for a sample of nothing, or without a seed.
    """
    check_span(since, until)
    if size < 1 or not seed.strip():
        raise InputError(
            "Eine Stichprobe braucht mindestens 1 Vorgang und einen Startwert, etwa 2026-11.",
            "A sample needs at least 1 case and a seed, such as 2026-11.",
        )
    with app.database.read() as store:
        rows = {r.number: r for r in Audit(store.connection).registered(Span(since, until))}
    return [rows[number] for number in sample(rows, size, seed.strip())]
