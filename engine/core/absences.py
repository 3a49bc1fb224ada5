"""Who stands in while somebody is away, and on which working days nobody does."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date

from engine.core.calendar import ONE_DAY, Calendar
from engine.core.offices import Absence, Office, Person, Roster, Tenure


@dataclass(frozen=True, slots=True)
class Gap:
    """The working days of an absence on which nobody acts for an office.

    `deputies` are those appointed to it in that time, `away` their own absences in it.
    """

    office: Office
    days: tuple[date, ...]
    deputies: tuple[Person, ...]
    away: tuple[Absence, ...]


def gaps(roster: Roster, calendar: Calendar, absence: Absence) -> tuple[Gap, ...]:
    """Return where an absence leaves an office to nobody, office by office.

    It need not be entered yet. Looks at every office that the person holds or deputises.
    """
    planned = replace(roster, absences=(*roster.absences, absence))
    own = [t for t in roster.tenures if t.person == absence.person]
    found = (_gap(planned, calendar, absence, office) for office in dict.fromkeys(_names(own)))
    return tuple(gap for gap in found if gap.days)


def _names(tenures: Iterable[Tenure]) -> Iterator[str]:
    return (t.office for t in tenures)


def _gap(roster: Roster, calendar: Calendar, absence: Absence, office: str) -> Gap:
    days = tuple(
        day
        for day in working_days(calendar, absence)
        if roster.holders(office, day) and not roster.acting(office, day)
    )
    others = _deputies(roster, office, absence)
    known = tuple(roster.persons[p] for p in others if p in roster.persons)
    away = tuple(a for a in roster.absences if a.person in others and _overlap(a, absence))
    return Gap(roster.office(office), days, known, away)


def working_days(calendar: Calendar, absence: Absence) -> Iterator[date]:
    """Yield the working days of an absence."""
    day = absence.since
    while day <= absence.until:
        if calendar.is_working_day(day):
            yield day
        day += ONE_DAY


def _deputies(roster: Roster, office: str, absence: Absence) -> list[str]:
    rows = [t for t in roster.tenures if t.office == office and t.person != absence.person]
    return list(dict.fromkeys(t.person for t in rows if t.deputy and _lasts(t, absence)))


def _lasts(tenure: Tenure, absence: Absence) -> bool:
    begun = tenure.since is None or tenure.since <= absence.until
    return begun and (tenure.until is None or absence.since <= tenure.until)


def _overlap(one: Absence, other: Absence) -> bool:
    return one.since <= other.until and other.since <= one.until


def overlapping(roster: Roster, absence: Absence) -> Absence | None:
    """Return an absence of the same person that shares a day with another one, or None."""
    own = (a for a in roster.absences if a.person == absence.person)
    return next((a for a in own if _overlap(a, absence)), None)


def stands_in_for(roster: Roster, person: str, office: str, on: date) -> tuple[Person, ...]:
    """Return the holders in whose place somebody acts for an office; none if it is her own."""
    tenure = roster.tenure(person, office, on)
    if tenure is None or not tenure.deputy:
        return ()
    holders = [t.person for t in roster.holders(office, on) if not t.deputy]
    return tuple(roster.persons[p] for p in holders if p in roster.persons)
