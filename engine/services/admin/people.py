"""People come and go: offices that nobody holds, and open duties that are handed over first.

Whoever administers learns which office owes how much until when, never of which measure.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date

from engine.app import App
from engine.core.calendar import ONE_DAY
from engine.core.next_steps import next_steps
from engine.core.offices import Office, Roster, Standing, Tenure
from engine.core.wording import day_text
from engine.core.world import World
from engine.errors import InputError, Refused, Text
from engine.services import accounts
from engine.services.accounts import Visitor
from engine.services.cases import person_of
from engine.services.obligations import open_cases
from engine.services.setup import by
from engine.store.accounts import Account
from engine.store.roster import By
from engine.store.store import Store


@dataclass(frozen=True, slots=True)
class Unfilled:
    """An office, or a kind of office that the law knows, for which nobody is named.

    `forms` are the titles of the procedures that could not go on without it.
    """

    name: str
    forms: tuple[Text, ...]
    exists: bool


@dataclass(frozen=True, slots=True)
class Duty:
    """What an office is asked to do now, and until when; of which measure is not said."""

    office: str
    what: Text
    until: date | None


class OpenDuties(Refused):
    """Somebody cannot leave yet: nobody else holds offices that owe something."""

    def __init__(self, name: str, duties: tuple[Duty, ...]) -> None:
        self.duties = duties
        offices = ", ".join(dict.fromkeys(d.office for d in duties))
        super().__init__(
            f"Offene Pflichten: {len(duties)}. {name} hat sie für: {offices}. Benennen Sie zuerst, "
            "wer diese Stellen danach innehat.",
            f"Open duties: {len(duties)}. {name} has them for: {offices}. First name who holds "
            "these offices afterwards.",
        )


def unfilled(world: World) -> list[Unfilled]:
    """Return the offices that nobody holds or deputises, with what cannot go on without them."""
    roster, today = world.roster, world.today
    calls = _forms(world)
    found = [
        Unfilled(o.name, calls.get(o.kind, ()), exists=True)
        for o in _existing(roster, today)
        if roster.standing(o.id, today) is Standing.VACANT
    ]
    there = {o.kind for o in _existing(roster, today)}
    missing = sorted(calls.keys() - there)
    return found + [Unfilled(roster.kinds[k].title.de, calls[k], exists=False) for k in missing]


def _existing(roster: Roster, on: date) -> Iterator[Office]:
    for kind in roster.kinds:
        yield from roster.of_kind(kind, on)


def _forms(world: World) -> dict[str, tuple[Text, ...]]:
    """Return the procedures that provisions in force call for, by the kind of office heard."""
    library = world.library
    titles = {w.form: w.title for w in map(library.workflow, library.current.values())}
    found: dict[str, dict[str, Text]] = {}
    for place in world.municipalities.values():
        for provision in library.in_force(world.today, place):
            duty = provision.duty
            for kind in () if duty is None else duty.kinds:
                assert duty is not None
                if duty.form in titles and kind in world.roster.kinds:
                    found.setdefault(kind, {})[duty.form] = titles[duty.form]
    return {kind: tuple(forms.values()) for kind, forms in found.items()}


def duties(app: App, person: str) -> tuple[Duty, ...]:
    """Return what the offices that somebody holds today are asked to do, most urgent first."""
    with app.database.read() as store:
        world = app.world(store)
        offices = {t.office for t in _held(world.roster, person, world.today)}
        return _duties(store, world, offices)


def appoint(app: App, tenure: Tenure, who: Visitor) -> None:
    """Let somebody hold or deputise an office from a day, or give such a tenure another end.

    Raises InputError for days in the wrong order, NotFound for an unknown office or person.
    """
    with app.database.write() as store:
        world = app.world(store)
        world.roster.office(tenure.office)
        tenure = replace(tenure, person=person_of(world, tenure.person))
        if tenure.since and tenure.until and tenure.until < tenure.since:
            raise InputError(
                f"Die Bestellung endet ({day_text(tenure.until).de}), bevor sie beginnt "
                f"({day_text(tenure.since).de}).",
                f"The appointment ends ({day_text(tenure.until).en}) before it begins "
                f"({day_text(tenure.since).en}).",
            )
        if tenure in world.roster.tenures:
            return
        store.save_tenure(tenure, as_admin(app, f"tenure:{tenure.office}", who))


def leave(app: App, person: str, last_day: date, who: Visitor) -> None:
    """Let somebody go: her tenures end with `last_day`, and her account is shut once it is over.

    Raises OpenDuties while an office of hers owes something and nobody else holds it the
    day after. The account of somebody who goes today or went before is shut at once.
    """
    with app.database.write() as store:
        world = app.world(store)
        person = person_of(world, person)
        refuse_open_duties(store, world, person, last_day)
        for tenure in world.roster.tenures:
            if tenure.person == person and tenure.covers(last_day + ONE_DAY):
                ended = replace(tenure, until=max(last_day, tenure.since or last_day))
                store.save_tenure(ended, as_admin(app, f"leaves:{tenure.office}", who))
        account = store.accounts.by_person(person)
        today = world.today
    if account is not None and last_day <= today:
        accounts.disable(app, account.uid, who)


def shut(app: App, account: Account, who: Visitor, *, at_once: bool = False) -> None:
    """Shut an account; its person must have handed over first, unless it has to be at once.

    `at_once` is for an account that may have fallen into wrong hands: the duties stay.
    """
    if account.uid == who.account:
        raise Refused(
            "Das eigene Konto können Sie nicht stilllegen; das tut eine andere Person, die "
            "verwaltet.",
            "You cannot shut your own account; another administrator does that.",
        )
    if account.person and not at_once:
        with app.database.read() as store:
            world = app.world(store)
            refuse_open_duties(store, world, account.person, world.today)
    accounts.disable(app, account.uid, who)


def refuse_open_duties(store: Store, world: World, person: str, last_day: date) -> None:
    """Raise OpenDuties where offices owe something that nobody holds after `last_day`."""
    after = last_day + ONE_DAY
    roster = world.roster
    left = {
        t.office
        for t in _held(roster, person, last_day)
        if not any(
            x.person != person and not x.deputy and x.covers(after)
            for x in roster.tenures
            if x.office == t.office
        )
    }
    found = _duties(store, world, left)
    if found:
        raise OpenDuties(roster.name(person), found)


def _held(roster: Roster, person: str, on: date) -> Iterator[Tenure]:
    return (t for t in roster.tenures if t.person == person and not t.deputy and t.covers(on))


def _duties(store: Store, world: World, offices: Iterable[str]) -> tuple[Duty, ...]:
    mine = frozenset(offices)
    if not mine:
        return ()
    found = [
        Duty(world.roster.office(step.who).name, step.what, step.until)
        for case in open_cases(store, world, mine)
        for step in next_steps(case, world)
        if step.who in mine
    ]
    return tuple(sorted(found, key=lambda d: d.until or date.max))


def as_admin(app: App, what: str, who: Visitor) -> By:
    """Return the administrator as who changed something, under a key of its own."""
    return replace(by(app, what), actor=who.account)
