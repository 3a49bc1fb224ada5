"""Who may see a case: one decision for every list, page, letter, search and export.

The law's own actors see what they must act on: the department that has the lead and the
offices above it, the offices that take part or demand to, and those that watch over the whole. What is
no public matter narrows the last group. Nobody sees a case by being an administrator.

Somebody may *read* single named cases until an end although no office shows them to her: by a
grant. What a grant opens are the few pages made for it; lists, searches, letters, feeds and
figures ask `sees`, which knows of no grant.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from engine.core.case import Case
from engine.core.draft import DEMANDED_BY
from engine.core.meanings import OfficeMeans
from engine.core.offices import Roster

PUBLIC, NON_PUBLIC, PERSONNEL = "public", "non_public", "personnel"

_WATCH: Mapping[OfficeMeans, frozenset[str]] = {
    OfficeMeans.LEGAL: frozenset({PUBLIC, NON_PUBLIC, PERSONNEL}),
    OfficeMeans.HEAD: frozenset({PUBLIC, NON_PUBLIC, PERSONNEL}),
    OfficeMeans.COUNCIL_OFFICE: frozenset({PUBLIC, NON_PUBLIC}),
}
"""Which sorts of case an office sees although it has no part in them."""


class Look(StrEnum):
    """What a grant lets somebody do with a case: read it, or also take an extract away."""

    READ = "read"
    EXTRACT = "extract"


@dataclass(frozen=True, slots=True)
class Grant:
    """A case, by its uid, that may be read for a while; a personnel matter only if named as one."""

    case: str
    extract: bool = False
    personnel: bool = False

    def allows(self, look: Look) -> bool:
        """Return whether a look of this sort is granted at all."""
        return self.extract or look is Look.READ


@dataclass(frozen=True, slots=True)
class Actor:
    """A person with the offices she acts for today; `watches` are sorts of case she sees all of.

    `leads` are the departments whose cases she sees: her own, and those below her. `grants`
    are in force now, whoever she is.
    """

    person: str
    offices: tuple[str, ...] = ()
    means: frozenset[OfficeMeans] = frozenset()
    leads: frozenset[str] = frozenset()
    watches: frozenset[str] = frozenset()
    administrator: bool = False
    grants: frozenset[Grant] = frozenset()


def actor(
    roster: Roster,
    person: str,
    on: date,
    *,
    administrator: bool = False,
    grants: frozenset[Grant] = frozenset(),
) -> Actor:
    """Return a person as an actor on a day: the offices she holds, and those she stands in for."""
    held = dict.fromkeys(
        t.office for t in roster.tenures if t.person == person and t.covers(on) and not t.deputy
    )
    deputised = dict.fromkeys(
        t.office
        for t in roster.tenures
        if t.person == person and t.deputy and roster.tenure(person, t.office, on) is not None
    )
    offices = tuple({**held, **deputised})
    means = frozenset(roster.means(o) for o in offices)
    watches = frozenset(sort for m in means for sort in _WATCH.get(m, ()))
    leads = frozenset(offices) | _below(roster, offices)
    return Actor(person, offices, means, leads, watches, administrator, grants)


def _below(roster: Roster, offices: tuple[str, ...]) -> frozenset[str]:
    """Return the departments below some offices, however far down."""
    found: set[str] = set()
    todo = list(offices)
    while todo:
        above = todo.pop()
        for office in roster.offices.values():
            department = roster.kinds[office.kind].means is OfficeMeans.DEPARTMENT
            if office.superior == above and office.id not in found and department:
                found.add(office.id)
                todo.append(office.id)
    return frozenset(found)


def sees(actor: Actor, case: Case) -> bool:
    """Return whether an actor may know that a case exists."""
    if case.measure.confidentiality in actor.watches:
        return True
    offices = {p.office for p in case.participations} | {case.given.get(DEMANDED_BY)}
    return case.measure.lead in actor.leads or bool(offices & set(actor.offices))


def granted(actor: Actor, case: Case, look: Look = Look.READ) -> bool:
    """Return whether a grant in force opens a case to an actor, for a look of this sort."""
    personnel = case.measure.confidentiality == PERSONNEL
    return any(
        g.case == case.uid and g.allows(look) and (g.personnel or not personnel)
        for g in actor.grants
    )
