"""Who must take part in a measure, by which provisions, and for how long.

A participation is (office, form): every provision in force that calls for it is carried
along, and the longest minimum period wins.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date

from engine.core.case import Measure
from engine.core.conditions import Value, holds
from engine.core.deadlines import Counting, Derivation, derive
from engine.core.offices import Office
from engine.core.rules import Moments, Provision
from engine.core.world import World

Called = dict[tuple[str, str], tuple[Provision, ...]]
"""(office, form) -> the provisions that call for that participation."""

_MOST = 4096
"""How many answers are kept; with more, all are found anew."""


def called_for(measure: Measure, world: World, on: date | Moments) -> Called:
    """Return every participation that the law in force on `on` demands for a measure.

    Found once for measures that are alike in all that provisions ask for.
    """
    known, roster = world.library.called, world.roster
    key = (on, world.place(measure.municipality), *_asked_of(measure))
    held = known.get(key)
    # Rosters cannot be compared cheaply, so what was found is good for that very one.
    if held is not None and held[0] is roster:
        answer: Called = held[1]
        return answer
    found = _called_for(measure, world, on)
    if len(known) >= _MOST:
        known.clear()
    known[key] = (roster, found)
    return found


def _asked_of(measure: Measure) -> tuple[object, ...]:
    """Return all of a measure that decides whom the law calls for, its place left out."""
    values = tuple(measure.facts.values())
    # True and 1 pass for equal, and no condition takes one for the other.
    return (
        measure.kind,
        measure.origin,
        measure.confidentiality,
        tuple(measure.facts),
        values,
        tuple(map(type, values)),
    )


def _called_for(measure: Measure, world: World, on: date | Moments) -> Called:
    found: Called = {}
    day = on.step if isinstance(on, Moments) else on
    for provision in in_force(measure, world, on):
        if provision.duty is None:
            continue
        for office in _offices(provision, measure, world, day):
            key = (office.id, provision.duty.form)
            found[key] = (*found.get(key, ()), provision)
    return found


def in_force(
    measure: Measure, world: World, on: date | Moments, given: Mapping[str, Value] | None = None
) -> Iterator[Provision]:
    """Yield the provisions that apply to a measure on a day, the highest rank first.

    `on` is the day, or the moments among which each provision chooses its own. `given` adds
    what an act brought, for provisions that ask for it.
    """
    values = {**facts(measure), **(given or {})}
    place = world.place(measure.municipality)
    return (p for p in world.library.in_force(on, place) if holds(p.when, values))


def facts(measure: Measure) -> Mapping[str, Value]:
    """Return a measure's facts under the names that conditions use."""
    return {
        "measure.kind": measure.kind,
        "measure.origin": measure.origin,
        "measure.confidentiality": measure.confidentiality,
        **{f"measure.{name}": value for name, value in measure.facts.items()},
    }


def _offices(provision: Provision, measure: Measure, world: World, on: date) -> Iterator[Office]:
    duty = provision.duty
    assert duty is not None
    for kind in sorted(duty.kinds):
        for office in world.roster.of_kind(kind, on):
            touched = office.concern is not None and measure.facts.get(office.concern) is True
            if touched or not duty.concerned:
                yield office


def longest(
    choices: Iterable[tuple[Provision, Counting]], start: date, world: World, measure: Measure
) -> tuple[Provision, Derivation] | None:
    """Return the provision whose period, running from `start`, ends last, with that period.

    Of equal ends the provision of the higher rank is named. None if there is no period.
    """
    calendar = world.calendar(measure.municipality)
    derived = [(p, derive(counting, start, calendar)) for p, counting in choices]
    return max(derived, key=lambda row: (row[1].ends_at, -row[0].rank), default=None)


def trait(provisions: Iterable[Provision], name: str) -> Value:
    """Return the trait `name` of the first provision that has it, else None."""
    for provision in provisions:
        if provision.duty is not None and name in provision.duty.traits:
            return provision.duty.traits[name]
    return None
