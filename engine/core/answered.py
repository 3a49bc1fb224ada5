"""What an office that is heard has said, and what became of it, told from the log alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from engine.core.case import Case, DeadlineStatus, Entry
from engine.core.meanings import StepMeans
from engine.core.timeliness import Sort, sort_of
from engine.core.workflow import Step, Workflow
from engine.core.world import World
from engine.errors import Text

RESPONSES = ("followed", "partly", "not_followed")


@dataclass(frozen=True, slots=True)
class Happening:
    """A step in the file that is about an office: the line it stands in, and what it said."""

    case: Case
    line: int
    office: str
    participation: str
    on: date
    step: Step
    plain: Mapping[str, Any]
    private: Mapping[str, Any]

    @property
    def result(self) -> str | None:
        """The id of what it chose, where it had to choose."""
        name = next((f.name for f in self.step.takes if _decides(f.type, f.optional)), None)
        value = None if name is None else self.plain.get("given", {}).get(name)
        return None if value is None else str(value)

    @property
    def result_title(self) -> Text | None:
        """The same in words."""
        wanted = next((f for f in self.step.takes if _decides(f.type, f.optional)), None)
        if wanted is None or self.result is None:
            return None
        return wanted.labels.get(self.result, Text(self.result, self.result))


@dataclass(frozen=True, slots=True)
class Point:
    """A numbered point; `response` is empty until it is weighed, or once it was erased."""

    number: int
    text: str
    response: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement that was filed, its points with what became of them, and the decisions.

    `late` says that the period had ended before. `added` are later supplements.
    """

    said: Happening
    wording: str
    points: tuple[Point, ...]
    late: bool
    weighed_on: date | None = None
    added: tuple[Happening, ...] = ()
    decisions: tuple[Happening, ...] = field(default=())


def _decides(type_: str, optional: bool) -> bool:
    return type_ == "choice" and not optional


def happenings(
    case: Case, lines: Sequence[Entry], world: World, offices: Iterable[str]
) -> Iterator[Happening]:
    """Yield the steps of a file that are about one of these offices, or about the whole case.

    `lines` are all lines of the file from the first on. Of a step of the case the office is
    empty, but of a demand to take part.
    """
    mine = frozenset(offices)
    held = {p.key: p.office for p in case.participations}
    for number, line in enumerate(lines, start=1):
        pin, key = line.plain.get("definition"), line.plain.get("participation") or ""
        step = None if pin is None else world.library.workflow(pin).steps.get(line.type)
        if step is None:
            continue
        office = held.get(key, "")
        if step.means is StepMeans.DEMAND:
            office = line.office
        if office in mine or not office:
            yield Happening(
                case, number, office, key, line.happened_on, step, line.plain, line.private
            )


def statements(
    case: Case, lines: Sequence[Entry], world: World, offices: Iterable[str]
) -> tuple[Statement, ...]:
    """Return the statements of some offices in a file, oldest first."""
    rows = list(happenings(case, lines, world, offices))
    decisions = tuple(h for h in rows if not h.office and h.step.means is StepMeans.DECISION)
    found = []
    for place, said in enumerate(rows):
        if said.office and said.step.means is StepMeans.STATEMENT:
            later = _until_next(rows[place + 1 :], said)
            found.append(_statement(said, later, decisions, _late(said, lines, world)))
    return tuple(found)


def _until_next(rows: Sequence[Happening], said: Happening) -> list[Happening]:
    """Return what followed in the same participation until the next statement."""
    found = []
    for row in rows:
        if row.participation == said.participation:
            if row.step.means is StepMeans.STATEMENT:
                break
            found.append(row)
    return found


def _statement(
    said: Happening, later: list[Happening], decisions: tuple[Happening, ...], late: bool
) -> Statement:
    weighed = [h for h in later if any(f.type == "weighing" for f in h.step.takes)]
    answers = _weighed(weighed[-1]) if weighed else {}
    points = [
        Point(int(p["number"]), str(p["text"]), *answers.get(int(p["number"]), ("", "")))
        for name in _named(said.step, "points")
        for p in said.private.get(name) or ()
    ]
    words = (str(said.private[n]) for n in _named(said.step, "wording") if n in said.private)
    return Statement(
        said=said,
        wording=next(words, ""),
        points=tuple(points),
        late=late,
        weighed_on=weighed[-1].on if weighed else None,
        added=tuple(h for h in later if h.step.means is StepMeans.SUPPLEMENT),
        decisions=tuple(d for d in decisions if d.line > said.line),
    )


def _named(step: Step, type_: str) -> Iterator[str]:
    return (f.name for f in step.takes if f.type == type_)


def _weighed(line: Happening) -> dict[int, tuple[str, str]]:
    return {
        int(p["number"]): (str(p["response"]), str(p.get("reason") or ""))
        for name in _named(line.step, "weighing")
        for p in line.private.get(name) or ()
    }


def _late(said: Happening, lines: Sequence[Entry], world: World) -> bool:
    """Return whether the statement's period had ended, and the statement did not mend that."""
    workflow = world.library.workflow(said.plain["definition"])
    own = {n for n in workflow.deadlines if _is_statement(workflow, n)}
    status = ""
    for line in lines[: said.line]:
        for key, name, _, _, now in line.plain.get("deadlines", ()):
            if key == said.participation and name in own:
                status = str(now)
    return status == DeadlineStatus.LAPSED.value


def _is_statement(workflow: Workflow, name: str) -> bool:
    return sort_of(workflow, name) is Sort.STATEMENT
