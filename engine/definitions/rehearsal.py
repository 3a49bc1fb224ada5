"""Rehearsals of what definitions say of themselves: a workflow's examples, a provision's dates."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from engine.core.calendar import Calendar
from engine.core.coverage import Coverage, coverage
from engine.core.deadlines import derive
from engine.core.meanings import Confidence
from engine.core.rules import Provision
from engine.core.scripts import Report, run
from engine.core.training import Training
from engine.core.wording import day_text
from engine.core.world import Library, Municipality
from engine.definitions.documents import (
    InForce,
    PackDoc,
    PeriodDoc,
    ProvisionDoc,
    ProvisionExampleDoc,
)
from engine.definitions.library import Definition, Definitions
from engine.definitions.periods import counting
from engine.errors import Text
from engine.strictyaml import Problem, read, unknown

VARIANTS = ("period", "urgent", "supplement", "value", "remedy")
"""The lengths that a provision can name, and an example can be about."""

_CALENDAR = Text("Der Kalender", "The calendar")
_LENGTH = Text("Die Dauer", "The length")

_NOWHERE = "musterheide"
"""A county that does not exist, for definitions without any local rule."""


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """The reports of the examples of the workflows in force, and what they cover."""

    reports: Mapping[str, tuple[Report, ...]]
    covered: Mapping[str, Coverage]

    @property
    def passed(self) -> bool:
        """Whether every example came out as it says."""
        return all(r.passed for reports in self.reports.values() for r in reports)


def rehearse(definitions: Definitions) -> Rehearsed:
    """Return how the examples of the current workflows came out, by the workflow's id.

    A transition counts as covered whichever example took it.
    """
    library, place = definitions.library, training(definitions)
    now = {id_: library.workflow(pin) for id_, pin in sorted(library.current.items())}
    reports = {id_: tuple(run(e, w, place) for e in w.examples) for id_, w in now.items()}
    taken = {t for rows in reports.values() for report in rows for t in report.taken}
    return Rehearsed(reports, {id_: coverage(w, taken) for id_, w in now.items()})


def training(definitions: Definitions) -> Training:
    """Return the fictitious place of these definitions.

    It is the municipality of a fictitious local pack, else of the first local pack there is.
    """
    local = sorted(
        (p for p in _provisions(definitions.library) if p.municipality is not None),
        key=lambda p: (p.confidence is not Confidence.FICTITIOUS, p.municipality or ""),
    )
    id_, land = (local[0].municipality, local[0].land) if local else (None, None)
    calendar = land if land in definitions.calendars else min(definitions.calendars, default="")
    name = id_ or _NOWHERE
    place = Municipality(name, name.capitalize(), land or calendar or "", calendar or "")
    return Training(definitions.library, definitions.kinds, definitions.calendars, place)


def _provisions(library: Library) -> Iterator[Provision]:
    return (p for pack in library.packs for p in pack.provisions)


def wrong_dates(pack: Definition, calendars: Mapping[str, Calendar]) -> tuple[Problem, ...]:
    """Return the examples of a pack's provisions that come out otherwise, with their places."""
    loaded = read(PackDoc, pack.source, pack.name)
    problems = []
    for i, provision in enumerate(loaded.value.provisions):
        force = provision.in_force or loaded.value.in_force
        for j, example in enumerate(provision.examples):
            words = _wrong(provision, force, example, calendars)
            if words is not None:
                mark = loaded.marks.at("provisions", i, "examples", j)
                named = Text(
                    f"Beispiel „{example.name}“ zu „{provision.id}“: {words.de}",
                    f"Example '{example.name}' of '{provision.id}': {words.en}",
                )
                problems.append(Problem(pack.name, mark.line, mark.column, named))
    return tuple(problems)


def examples_in(pack: Definition) -> int:
    """Return how many examples the provisions of a pack bring along."""
    doc = read(PackDoc, pack.source, pack.name).value
    return sum(len(provision.examples) for provision in doc.provisions)


def _wrong(
    provision: ProvisionDoc,
    force: InForce,
    example: ProvisionExampleDoc,
    calendars: Mapping[str, Calendar],
) -> Text | None:
    """Return what is wrong with an example, None if it comes out as it says."""
    if not (force.since <= example.event and (force.until is None or example.event < force.until)):
        return Text(
            f"Am {example.event} gilt die Vorschrift nicht.",
            f"The provision is not in force on {example.event}.",
        )
    calendar = calendars.get(example.calendar)
    if calendar is None:
        return unknown(_CALENDAR, example.calendar, sorted(calendars))
    rule = counting(_period(provision, example.variant))
    if rule is None:
        return unknown(_LENGTH, example.variant, _lengths(provision))
    found = derive(rule, example.event, calendar).last_day
    if found == example.last_day:
        return None
    return Text(
        f"erwartet {day_text(example.last_day).de}, gerechnet {day_text(found).de}.",
        f"expected {day_text(example.last_day).en}, counted {day_text(found).en}.",
    )


def _lengths(provision: ProvisionDoc) -> list[str]:
    stages = [] if provision.duty is None else list(provision.duty.stages)
    return [name for name in (*VARIANTS, *stages) if _period(provision, name) is not None]


def _period(provision: ProvisionDoc, variant: str) -> PeriodDoc | None:
    """Return the length that a variant names: of the duty, the value or the remedy."""
    if variant == "value":
        return None if provision.value is None else provision.value.period
    if variant == "remedy":
        return None if provision.remedy is None else provision.remedy.period
    duty = provision.duty
    if duty is None:
        return None
    usual = {"period": duty.period, "urgent": duty.urgent, "supplement": duty.supplement}
    return usual[variant] if variant in usual else duty.stages.get(variant)
