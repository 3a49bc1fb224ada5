"""The Jahresterminplan: for each sitting the day by which to inform, before any case exists.

What kind of measure will come is not known, so the strictest case holds: of all periods that
provisions in force lay down for a form and a kind of office, whatever the facts they ask
for, the one that must begin earliest.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from engine.core.case_plan import Length, legs, sittings_of, waits_for_sitting
from engine.core.planning import Meeting, Plan, plan_backwards
from engine.core.rules import Duty
from engine.core.world import Session, World


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which sittings, and for which participation; None means all of them."""

    year: int
    municipality: str | None = None
    form: str | None = None
    kind: str | None = None
    body: str | None = None


@dataclass(frozen=True, slots=True)
class Sitting:
    """A sitting with its plan, and the form and kind of office for which it is the strictest."""

    session: Session
    plan: Plan
    form: str
    kind: str


def annual(world: World, wanted: Wanted) -> Iterator[Sitting]:
    """Yield the sittings wanted with their plans, by day; those that nobody takes part in not."""
    rows = sorted(world.sessions.values(), key=lambda s: (s.day, s.body))
    for session in rows:
        if session.cancelled or not _is_wanted(session, wanted):
            continue
        found = [
            Sitting(session, _strictest(world, session, form, kind), form, kind)
            for form, kind in sorted(_pairs(world, session, wanted))
        ]
        if found:
            yield min(found, key=lambda s: s.plan.begin)


def _is_wanted(session: Session, wanted: Wanted) -> bool:
    return (
        session.day.year == wanted.year
        and wanted.municipality in (None, session.municipality)
        and wanted.body in (None, session.body)
    )


def _pairs(world: World, session: Session, wanted: Wanted) -> set[tuple[str, str]]:
    """Return the forms and kinds of office for which provisions call on the day of a sitting.

    A kind of which the house has no office is left out unless it is asked for.
    """
    return {
        (duty.form, kind)
        for duty in _duties(world, session, session.day)
        for kind in duty.kinds
        if wanted.form in (None, duty.form)
        and (kind == wanted.kind or (wanted.kind is None and _offices(world, kind, session)))
    }


def _offices(world: World, kind: str, session: Session) -> list[str]:
    return [o.name for o in world.roster.of_kind(kind, session.day)]


def _duties(world: World, session: Session, on: date) -> list[Duty]:
    place = world.place(session.municipality)
    return [p.duty for p in world.library.in_force(on, place) if p.duty is not None]


def _strictest(world: World, session: Session, form: str, kind: str) -> Plan:
    """Return the plan that must begin earliest, by the law of the sitting and of that day."""
    made = min(_plans(world, session, form, kind, session.day), key=lambda p: p.begin)
    then = _plans(world, session, form, kind, made.begin)
    return min((made, *then), key=lambda p: p.begin)


def _plans(world: World, session: Session, form: str, kind: str, on: date) -> list[Plan]:
    """Return the plan by the law of a day; one for each body of the kind that must sit first."""
    calendar = world.calendar(session.municipality)
    meetings = (Meeting(session.body, session.day, first=True),)
    lengths = _lengths(world, session, form, kind, on)
    named = world.library.case_workflow().plan
    return [
        plan_backwards(
            session.day,
            legs(named, lengths, sittings, world, session.municipality, on),
            calendar,
            meetings,
        )
        for sittings in _own_sittings(world, session, form, kind)
    ]


def _lengths(world: World, session: Session, form: str, kind: str, on: date) -> list[Length]:
    rows = world.library.in_force(on, world.place(session.municipality))
    return [
        (p, p.duty.counting)
        for p in rows
        if p.duty is not None
        and p.duty.counting is not None
        and (p.duty.form == form and kind in p.duty.kinds)
    ]


def _own_sittings(world: World, session: Session, form: str, kind: str) -> list[tuple[date, ...]]:
    if not waits_for_sitting(world.library.for_form(form)):
        return [()]
    bodies = _offices(world, kind, session)
    return [sittings_of(world, session.municipality, body) for body in bodies] or [()]
