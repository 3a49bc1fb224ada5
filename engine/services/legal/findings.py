"""The register of findings: what was found, by what, by which rank of rule, how it stands."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from engine.app import App
from engine.core.case import Case, Deadline, Entry, Finding
from engine.core.offers import Offer, offers
from engine.core.phrases import RANKS
from engine.core.rules import Provision
from engine.core.workflow import Step
from engine.core.world import World
from engine.errors import NotFound, Text
from engine.services.legal.titles import finding_name, office_name
from engine.services.reading import File, file_of
from engine.store.audit import Audit, FindingLine

PAGE = 50
Place = tuple[date, int, int]


@dataclass(frozen=True, slots=True)
class Found:
    """One line of the register in words; `cause` is the deed that the finding came with."""

    number: str
    finding: int
    title: str
    kind: Text
    rank: Text | None
    found_on: date
    cause: Text | None
    office: str
    lead: str
    state: str


@dataclass(frozen=True, slots=True)
class Register:
    """A page of the register; `after` is where the next one begins, None at the end."""

    rows: tuple[Found, ...]
    after: Place | None
    counts: Mapping[str, int]


def register(app: App, states: Iterable[str] = (), after: Place | None = None) -> Register:
    """Return a page of findings, the latest first, of all cases."""
    with app.database.read() as store:
        audit, world = Audit(store.connection), app.world(store)
        rows = audit.findings(states, after=after, limit=PAGE + 1)
        causes = _causes(audit, rows[:PAGE], world)
        counts = audit.findings_by_state()
    more = rows[PAGE - 1] if len(rows) > PAGE else None
    return Register(
        tuple(_found(row, causes, world) for row in rows[:PAGE]),
        None if more is None else (more.found_on, more.row, more.finding),
        counts,
    )


def _causes(audit: Audit, rows: Iterable[FindingLine], world: World) -> dict[tuple[str, int], Text]:
    """Return by case and finding what the line that opened it was called; one query."""
    found: dict[tuple[str, int], Text] = {}
    for line in audit.headers(f"case/{row.uid}" for row in rows):
        for number in line["plain"].get("findings", ()):
            key = (line["stream"].removeprefix("case/"), int(number))
            # What is found once is not found twice; later lines only name it again.
            found.setdefault(key, _step_title(world, line["plain"], line["type"]))
    return found


def _step_title(world: World, plain: Mapping[str, Any], type_: str) -> Text:
    workflow = world.library.workflows.get(plain.get("definition", ""))
    step = None if workflow is None else workflow.steps.get(type_)
    return Text(type_, type_) if step is None else step.title


def _found(row: FindingLine, causes: Mapping[tuple[str, int], Text], world: World) -> Found:
    return Found(
        number=row.number,
        finding=row.finding,
        title=row.title,
        kind=finding_name(world.library, row.pins, row.kind),
        rank=None if row.rank is None else RANKS[row.rank],
        found_on=row.found_on,
        cause=causes.get((row.uid, row.finding)),
        office=office_name(world, row.office),
        lead=office_name(world, row.lead),
        state=row.state.value,
    )


@dataclass(frozen=True, slots=True)
class FindingFile:
    """One finding with its case: the norms behind it, what was done, what can be done.

    `cause` is the entry that opened it, `about` those that dealt with it since; `deeds` are
    the steps of the definition that judge findings, as far as the actor may take them.
    """

    file: File
    finding: Finding
    provisions: tuple[Provision, ...]
    remedies: tuple[Provision, ...]
    owed: tuple[Deadline, ...]
    cause: Entry | None
    about: tuple[Entry, ...]
    deeds: tuple[Offer, ...]


def finding_of(app: App, number: str, finding: int, offices: Iterable[str]) -> FindingFile:
    """Return one finding of a case, with the deeds that offices can do about it."""
    file = file_of(app, number)
    case, library = file.case, file.world.library
    found = next((f for f in case.findings if f.number == finding), None)
    if found is None:
        raise NotFound(
            f"Der Vorgang {number} hat keine Feststellung {finding}.",
            f"Case {number} has no finding {finding}.",
        )
    return FindingFile(
        file=file,
        finding=found,
        provisions=tuple(library.provision(i) for i in found.provisions),
        remedies=tuple(library.provision(i) for i in found.remedies),
        owed=tuple(d for d in case.deadlines if d.finding == finding and d.status.value != "void"),
        cause=next((x for x in file.lines if finding in x.plain.get("findings", ())), None),
        about=tuple(_about(file.lines, case, file.world, finding)),
        deeds=tuple(_deeds(case, file.world, offices)),
    )


def _about(lines: Iterable[Entry], case: Case, world: World, finding: int) -> Iterator[Entry]:
    for line in lines:
        step = step_of_line(world, line)
        if step is None or step.judges is None:
            continue
        if line.plain.get("given", {}).get(step.judges.finding) == finding:
            yield line


def step_of_line(world: World, line: Entry) -> Step | None:
    """Return the step that a line of a file tells of, or None."""
    workflow = world.library.workflows.get(line.plain.get("definition", ""))
    return None if workflow is None else workflow.steps.get(line.type)


def _deeds(case: Case, world: World, offices: Iterable[str]) -> Iterator[Offer]:
    for offer in offers(case, world, offices):
        judges = offer.step.judges
        if judges is not None and not offer.participation:
            yield offer
