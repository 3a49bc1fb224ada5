"""Which deadlines that run a calendar would move, and because of which days; nothing is done."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

from engine.app import App, stored
from engine.core.calendar import Calendar, local_day
from engine.core.case import Case
from engine.core.foresight import recounting, settled
from engine.core.next_steps import owner_name
from engine.core.recounting import Recount, recounts
from engine.core.world import World
from engine.definitions.calendars import read_calendar
from engine.definitions.library import kind_of
from engine.errors import EngineError, InputError, Text
from engine.store.cases import Filter
from engine.store.store import Store


@dataclass(frozen=True, slots=True)
class Move:
    """A running deadline that moves; `held` says that it would have been shortened and is not.

    `why` names the days by which the calendars differ within its time.
    """

    number: str
    title: str
    office: Text
    deadline: Text
    before: date
    after: date
    counted: date
    why: tuple[str, ...]

    @property
    def held(self) -> bool:
        """Whether the deadline ends later than the changed calendar alone would have it."""
        return self.counted < self.after


@dataclass(frozen=True, slots=True)
class Preview:
    """What a calendar changes: its days, and the running deadlines it moves.

    `gained` and `lost` are days by name that it lists and the one in force does not, and
    the other way round.
    """

    calendar: str
    gained: Mapping[date, str]
    lost: Mapping[date, str]
    moves: tuple[Move, ...]
    failed: Mapping[str, Text]


def preview(app: App, path: Path | None = None) -> Preview:
    """Return what a calendar file would change, nothing being changed.

    Without a file: what the calendars in force have still to move, because a municipality
    has taken another calendar or an activation was interrupted.
    """
    with app.database.read() as store:
        world = app.world(store)
        if path is None:
            return _previewed(store, world, world, "")
        calendar = read_calendar_file(path)
        seen = replace(world, calendars={**world.calendars, calendar.id: calendar})
        return _previewed(store, world, seen, calendar.id)


def moving_cases(
    store: Store, world: World, seen: World, id: str
) -> Iterator[tuple[Case, tuple[Recount, ...]]]:
    """Yield the cases in which a running deadline moves, with the deadlines that do."""
    for place in seen.municipalities.values():
        if id and place.calendar != id:
            continue
        for case in _with_deadlines(store, place.id):
            # The clock acts first, by the calendar that was in force until now.
            found = recounts(settled(case, world), seen)
            if found:
                yield case, found


def read_calendar_file(path: Path) -> Calendar:
    try:
        source = path.read_bytes()
    except OSError as error:
        raise InputError(
            f"Die Datei {path} ist nicht lesbar ({error.strerror}).",
            f"The file {path} cannot be read ({error.strerror}).",
        ) from None
    if kind_of(source) != "calendar":
        raise InputError(
            f"{path.name}: Das ist kein Kalender. Einen macht: calendar import.",
            f"{path.name}: this is no calendar. 'calendar import' makes one.",
        )
    return read_calendar(source, path.name)


def _previewed(store: Store, world: World, seen: World, id: str) -> Preview:
    new, old = seen.calendars.get(id), world.calendars.get(id)
    gained, lost = _difference(old, new) if new is not None else ({}, {})
    moves: list[Move] = []
    failed: dict[str, Text] = {}
    past = _Past(store, world)
    for case, found in moving_cases(store, world, seen, id):
        try:
            recounting(world.library.workflow(case.workflow))
        except EngineError as error:
            failed[case.number] = error.text
        moves += [_move(case, r, seen, past.calendar_of(case, r)) for r in found]
    return Preview(id, gained, lost, tuple(moves), failed)


def _with_deadlines(store: Store, municipality: str) -> Iterator[Case]:
    only = Filter(municipalities=frozenset({municipality}))
    after: tuple[date, str] | None = None
    while rows := store.cases.upcoming(only, after=after):
        for row in rows:
            yield store.cases.get(row.number)
        last = rows[-1]
        assert last.next_day is not None, "upcoming cases have a next day"
        after = last.next_day, last.number


class _Past:
    """The calendars that deadlines were counted by, found by their digest."""

    def __init__(self, store: Store, world: World) -> None:
        rows = stored(store)
        self._world = world
        self._sources = {d.digest: d.source for d in rows if d.kind == "calendar"}
        self._read: dict[str, Calendar | None] = {}

    def calendar_of(self, case: Case, found: Recount) -> Calendar | None:
        """Return the calendar a deadline was counted by, None if this database never had it.

        A planned day does not say; it was planned by the one that was in force until now.
        """
        digest = found.deadline.derivation.calendar_digest
        if not digest:
            return self._world.calendar(case.measure.municipality)
        if digest not in self._read:
            source = self._sources.get(digest)
            self._read[digest] = None if source is None else read_calendar(source)
        return self._read[digest]


def _move(case: Case, found: Recount, seen: World, old: Calendar | None) -> Move:
    deadline = found.deadline
    subject = case.participation(deadline.participation)
    pin = case.workflow if subject is None else subject.workflow
    return Move(
        number=case.number,
        title=case.measure.title,
        office=owner_name(seen, deadline.owner),
        deadline=seen.library.workflow(pin).deadlines[deadline.name].title,
        before=deadline.last_day,
        after=found.derivation.last_day,
        counted=found.counted,
        why=_why(found, old, seen.calendar(case.measure.municipality), case),
    )


def _why(found: Recount, old: Calendar | None, new: Calendar, case: Case) -> tuple[str, ...]:
    """Return the days by which the calendars differ in the time that is counted.

    A period is counted from its event, a planned day back from the first sitting.
    """
    if old is None:
        return ()
    derivation = found.deadline.derivation
    planned = derivation.counting is None and case.measure.first_day
    days = (found.deadline.last_day, found.counted, planned or local_day(derivation.trigger))
    gained, lost = _difference(old, new)
    rows = {**gained, **lost}
    low, high = min(days), max(days) + timedelta(days=1)
    return tuple(f"{day:%d.%m.%Y} {rows[day]}" for day in sorted(rows) if low <= day <= high)


def _difference(
    old: Calendar | None, new: Calendar
) -> tuple[Mapping[date, str], Mapping[date, str]]:
    """Return the days that only the new calendar lists, and those that only the old one does.

    A day that turns from a closure into a holiday, or back, is both.
    """
    before = set() if old is None else {*_listed(old)}
    now = {*_listed(new)}
    return _named(now - before), _named(before - now)


def _listed(calendar: Calendar) -> Iterator[tuple[date, str, bool]]:
    yield from ((day, name, True) for day, name in calendar.holidays.items())
    yield from ((day, name, False) for day, name in calendar.closures.items())


def _named(rows: Iterable[tuple[date, str, bool]]) -> Mapping[date, str]:
    return {day: name for day, name, _ in sorted(rows)}
