"""Absences: entered by the person herself, with what they leave undone said beforehand."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from engine.app import App
from engine.core.absences import Gap, gaps, overlapping
from engine.core.calendar import ONE_DAY, Calendar
from engine.core.obligations import Obligation
from engine.core.offices import Absence
from engine.core.wording import day_text
from engine.core.world import World
from engine.errors import InputError, NotFound
from engine.services.cases import person_of
from engine.services.obligations import owed
from engine.services.setup import by
from engine.store.roster import By


@dataclass(frozen=True, slots=True)
class Outlook:
    """An absence, the deadlines that end in it, and where nobody stands in."""

    absence: Absence
    ends: tuple[Obligation, ...]
    gaps: tuple[Gap, ...]

    @property
    def warns(self) -> bool:
        """Whether there is anything to settle before she goes."""
        return bool(self.ends or self.gaps)


def outlook(app: App, absence: Absence) -> Outlook:
    """Return what an absence would leave undone; raises InputError for one that cannot be.

    It has to end after it begins and may share no day with another one of hers.
    """
    with app.database.read() as store:
        world = app.world(store)
        _check(world, absence)
        offices = _held(world, absence.person)
        ends = tuple(
            o
            for o in owed(store, world, offices)
            if o.until is not None and absence.since <= o.until <= absence.until
        )
    return Outlook(absence, ends, gaps(world.roster, calendar_of(world), absence))


def absences_of(app: App, person: str) -> list[Outlook]:
    """Return the absences of somebody that are not over, the next one first."""
    with app.database.read() as store:
        world = app.world(store)
        offices = _held(world, person)
        open_ = owed(store, world, offices)
    rows = [a for a in world.roster.absences if a.person == person and a.until >= world.today]
    return [
        Outlook(
            a,
            tuple(o for o in open_ if o.until is not None and a.since <= o.until <= a.until),
            gaps(world.roster, calendar_of(world), a),
        )
        for a in sorted(rows, key=lambda a: a.since)
    ]


def enter(app: App, absence: Absence, who: str | None = None) -> None:
    """Enter an absence; `who` is the person that does so, else the command line."""
    with app.database.write() as store:
        world = app.world(store)
        absence = replace(absence, person=person_of(world, absence.person))
        _check(world, absence)
        store.save_absence(absence, _by(app, world, absence, who))


def end(app: App, person: str, since: date, until: date, who: str | None = None) -> None:
    """Let an absence end earlier or later; one that ends before it begins is taken back.

    Raises NotFound where there is none of that first day, InputError for a day that has
    been lived through already.
    """
    with app.database.write() as store:
        world = app.world(store)
        found = _of(world, person, since)
        changed = replace(found, until=until)
        if until < min(found.until, world.today - ONE_DAY):
            raise InputError(
                f"Bis {day_text(world.today - ONE_DAY).de} waren Sie abwesend eingetragen; das "
                "bleibt so. Früher als gestern kann die Abwesenheit nicht enden.",
                f"You were entered as absent until {day_text(world.today - ONE_DAY).en}, and that "
                "stays. The absence cannot end before yesterday.",
            )
        if until < since:
            store.rosters.drop_absence(found, _by(app, world, found, who))
            return
        others = tuple(a for a in world.roster.absences if a != found)
        _check(replace(world, roster=replace(world.roster, absences=others)), changed)
        store.save_absence(changed, _by(app, world, changed, who))


def calendar_of(world: World) -> Calendar:
    """Return the calendar of the house: that of its first Körperschaft."""
    return world.calendar(next(iter(world.municipalities)))


def _of(world: World, person: str, since: date) -> Absence:
    for absence in world.roster.absences:
        if (absence.person, absence.since) == (person, since):
            return absence
    raise NotFound(
        f"Ab {day_text(since).de} ist keine Abwesenheit eingetragen.",
        f"No absence is entered from {day_text(since).en} on.",
    )


def _held(world: World, person: str) -> tuple[str, ...]:
    rows = [t.office for t in world.roster.tenures if t.person == person and not t.deputy]
    return tuple(dict.fromkeys(rows))


def _check(world: World, absence: Absence) -> None:
    first, last = day_text(absence.since), day_text(absence.until)
    if absence.until < absence.since:
        raise InputError(
            f"Die Abwesenheit endet ({last.de}), bevor sie beginnt ({first.de}).",
            f"The absence ends ({last.en}) before it begins ({first.en}).",
        )
    other = overlapping(world.roster, absence)
    if other is not None:
        raise InputError(
            f"Vom {day_text(other.since).de} bis {day_text(other.until).de} ist schon eine "
            "Abwesenheit eingetragen. Ändern Sie diese, oder wählen Sie andere Tage.",
            f"An absence from {day_text(other.since).en} to {day_text(other.until).en} is "
            "entered already. Change that one, or choose other days.",
        )
    calendar_of(world).require(absence.until)


def _by(app: App, world: World, absence: Absence, who: str | None) -> By:
    made = by(app, f"absence:{absence.person}:{absence.since}")
    if who is None:
        return made
    return replace(made, actor=who, office=next(iter(_held(world, who)), ""))
