"""What came of the papers of a sitting: each a deed of its own, in a file of its own.

No outcome is known here by name. The step that records one is found by its meaning; the field
that holds it is the choice on which the step's own way depends. What else the step asks for by
choice is the same for the whole sitting and asked once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from engine.app import App
from engine.core.case import Case, Entry, Seen
from engine.core.conditions import names
from engine.core.meanings import OfficeMeans, StepMeans
from engine.core.offers import offers
from engine.core.visibility import Actor
from engine.core.workflow import Field, Step, Workflow
from engine.core.world import World
from engine.errors import EngineError, InputError, Text
from engine.services.cases import Deed, take
from engine.services.sittings import Paper, Sitting, agenda

OUTCOMES = frozenset(
    {StepMeans.DECISION, StepMeans.DEFERRAL, StepMeans.APPROVAL, StepMeans.RE_DECISION}
)
"""What a step means by which the outcome of a sitting enters a file."""


@dataclass(frozen=True, slots=True)
class Group:
    """A step with the outcomes that it records, each with what a form sends for it."""

    title: Text
    choices: tuple[tuple[str, Text], ...]


@dataclass(frozen=True, slots=True)
class OutcomeRow:
    """A paper of the sitting, the outcomes it may have, and what was entered for the day."""

    paper: Paper
    groups: tuple[Group, ...]
    wording: bool
    entered: tuple[Text, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """The outcomes of a sitting as a table; `shared` is asked once for all rows."""

    sitting: Sitting
    rows: tuple[OutcomeRow, ...]
    shared: tuple[tuple[str, Text, tuple[tuple[str, Text], ...]], ...]
    hidden: int


@dataclass(frozen=True, slots=True)
class Chosen:
    """What a row of the table says: the outcome chosen, its wording, the version seen."""

    number: str
    value: str
    wording: str = ""
    paper: int | None = None


@dataclass(frozen=True, slots=True)
class Came:
    """What came of one row: what was entered, or why not, and the findings it opened."""

    number: str
    title: str
    said: Text | None = None
    trouble: Text | None = None
    findings: int = 0


def outcome_table(app: App, actor: Actor, sitting: Sitting) -> Table:
    """Return the table of a sitting for somebody who acts for the council office."""
    seen = agenda(app, actor, sitting)
    with app.database.read() as store:
        world = app.world(store)
        lines = {
            p.case.number: [e.entry for e in store.chains.lines(p.case.stream)] for p in seen.papers
        }
    steps = {p.case.number: outcome_steps(p.case, world, actor) for p in seen.papers}
    rows = tuple(
        _row(p, steps[p.case.number], lines[p.case.number], world, sitting.day) for p in seen.papers
    )
    workflow = world.library.case_workflow()
    shared = _shared([s for found in steps.values() for s in found], workflow)
    return Table(sitting, rows, shared, seen.hidden)


def outcome_steps(case: Case, world: World, actor: Actor) -> list[Step]:
    """Return the steps by which the council office may enter an outcome in a case now."""
    offices = council_offices(world, actor)
    found = offers(case, world, offices)
    return [o.step for o in found if o.open and not o.participation and o.step.means in OUTCOMES]


def council_offices(world: World, actor: Actor) -> list[str]:
    """Return the offices of an actor that keep the council's business."""
    return [o for o in actor.offices if world.roster.means(o) is OfficeMeans.COUNCIL_OFFICE]


def outcome_field(step: Step) -> Field | None:
    """Return the choice on which the way of a step depends, None where it leads one way only."""
    conditions = [*(b.when for b in step.branches), step.expects]
    read = {name for condition in conditions for name in names(condition)}
    return next((f for f in step.takes if f.type == "choice" and f"given.{f.name}" in read), None)


def record(
    app: App,
    actor: Actor,
    sitting: Sitting,
    chosen: Iterable[Chosen],
    shared: Mapping[str, str],
    *,
    key: str,
    reason: str | None,
) -> list[Came]:
    """Enter the outcomes chosen, each in a transaction of its own; return what came of each.

    The same `key` a second time enters nothing twice: what failed is tried again. Raises
    InputError for a sitting that is still to come.
    """
    table = outcome_table(app, actor, sitting)
    with app.database.read() as store:
        world = app.world(store)
    if sitting.day > world.today:
        raise InputError(
            f"Die Sitzung ist erst am {sitting.day:%d.%m.%Y}. Ergebnisse lassen sich ab diesem "
            "Tag eintragen.",
            f"The sitting is only on {sitting.day.isoformat()}. Outcomes can be entered from that "
            "day on.",
        )
    late = reason if sitting.day < world.today else None
    rows = {row.paper.case.number: row.paper.case for row in table.rows}
    return [
        _entered(
            app, actor, world, rows[c.number], c, shared, sitting.day, f"{key}:{c.number}", late
        )
        for c in chosen
        if c.value and c.number in rows
    ]


def _entered(
    app: App,
    actor: Actor,
    world: World,
    case: Case,
    chosen: Chosen,
    shared: Mapping[str, str],
    day: date,
    key: str,
    reason: str | None,
) -> Came:
    try:
        deed, said = _deed(actor, world, case, chosen, shared, day, key, reason)
        after = take(app, case.number, deed)
    except EngineError as error:
        return Came(case.number, case.measure.title, trouble=error.text)
    new = len(after.findings) - len(case.findings)
    return Came(case.number, case.measure.title, said, findings=max(new, 0))


def _deed(
    actor: Actor,
    world: World,
    case: Case,
    chosen: Chosen,
    shared: Mapping[str, str],
    day: date,
    key: str,
    reason: str | None,
) -> tuple[Deed, Text]:
    """Return the deed that a row is, and what it says in words."""
    name, _, option = chosen.value.partition(":")
    workflow = world.library.workflow(case.workflow)
    step = workflow.steps.get(name)
    if step is None or step.means not in OUTCOMES:
        raise InputError(
            f"{case.number}: Wählen Sie das Ergebnis aus der Liste.",
            f"{case.number}: choose the outcome from the list.",
        )
    outcome = outcome_field(step)
    fields: dict[str, str] = {}
    for wanted in step.takes:
        if outcome is not None and wanted.name == outcome.name:
            fields[wanted.name] = option
        elif wanted.type == "choice" and shared.get(wanted.name) in wanted.options:
            fields[wanted.name] = shared[wanted.name]
    words = _wording(step)
    if words is not None and chosen.wording.strip():
        fields[words.name] = chosen.wording.strip()
    deed = Deed(
        step=step.id,
        person=actor.person,
        office=council_offices(world, actor)[0],
        fields=fields,
        happened_on=day,
        reason=reason,
        seen=Seen(None, chosen.paper),
        key=key,
    )
    return deed, step.title if outcome is None else outcome.labels.get(option, step.title)


def _row(
    paper: Paper, steps: list[Step], lines: list[Entry], world: World, day: date
) -> OutcomeRow:
    return OutcomeRow(
        paper=paper,
        groups=tuple(Group(s.title, _choices(s)) for s in steps),
        wording=any(_wording(s) is not None for s in steps),
        entered=tuple(_entered_before(lines, world, day)),
    )


def _choices(step: Step) -> tuple[tuple[str, Text], ...]:
    outcome = outcome_field(step)
    if outcome is None:
        return ((f"{step.id}:", step.title),)
    return tuple((f"{step.id}:{o}", outcome.labels.get(o, Text(o, o))) for o in outcome.options)


def _wording(step: Step) -> Field | None:
    """Return the free text that goes with an outcome, None where the step takes none."""
    return next((f for f in step.takes if f.type in ("text", "wording")), None)


def _shared(
    steps: list[Step], workflow: Workflow
) -> tuple[tuple[str, Text, tuple[tuple[str, Text], ...]], ...]:
    """Return the other choices of these steps: name, label, and all that any of them offers."""
    found: dict[str, dict[str, Text]] = {}
    for step in steps:
        outcome = outcome_field(step)
        for wanted in step.takes:
            if wanted.type == "choice" and wanted != outcome:
                rows = found.setdefault(wanted.name, {})
                for option in wanted.options:
                    rows.setdefault(option, wanted.labels.get(option, Text(option, option)))
    return tuple(
        (name, workflow.fields.get(name, Text(name, name)), tuple(rows.items()))
        for name, rows in found.items()
    )


def _entered_before(lines: list[Entry], world: World, day: date) -> Iterable[Text]:
    """Yield the outcomes that a file holds for a day, in words."""
    for line in lines:
        if line.happened_on != day or "definition" not in line.plain:
            continue
        if line.plain.get("participation"):
            continue
        step = world.library.workflow(line.plain["definition"]).steps.get(line.type)
        if step is not None and step.means in OUTCOMES:
            outcome = outcome_field(step)
            said = None if outcome is None else line.plain.get("given", {}).get(outcome.name)
            yield step.title if outcome is None else outcome.labels.get(str(said), step.title)
