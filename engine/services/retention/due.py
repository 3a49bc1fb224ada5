"""The clock finds what need not be kept any more, and says so; it erases nothing."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from threading import Lock
from weakref import WeakKeyDictionary

from engine.app import App
from engine.core.calendar import local_day
from engine.core.conditions import holds
from engine.core.duties import facts
from engine.core.meanings import FileClass, StateMeans
from engine.core.periods import Period, Unit
from engine.core.retention import Term, term, terms_of_case
from engine.core.rules import Provision
from engine.core.workflow import CLOCK
from engine.core.world import World
from engine.services.setup import by
from engine.store.retention import Closed, Erasure
from engine.store.roster import By
from engine.store.store import Store

Terms = Mapping[tuple[str, FileClass], Term]
"""What need not be kept any more, by subject and class."""

_SHORTEST_MONTH = 28


@dataclass(frozen=True, slots=True)
class Looked:
    """How much fell due anew, and how much is to be kept again."""

    due: int
    dropped: int


_LOOKED: WeakKeyDictionary[App, date] = WeakKeyDictionary()
_LOCK = Lock()


def look_once_a_day(app: App) -> Looked:
    """Look for what fell due, unless this process has done so today."""
    with app.database.read() as store:
        today = app.world(store).today
    with _LOCK:
        if _LOOKED.get(app) == today:
            return Looked(0, 0)
    found = look(app)
    with _LOCK:
        _LOOKED[app] = today
    return found


def look(app: App) -> Looked:
    """Enter what fell due for erasure, and what is to be kept again although it had.

    The latter happens where a file was opened again or a rule now wants it kept longer. Writes
    nothing where nothing changed.
    """
    with app.database.read() as store:
        new, gone = _changes(store, app.world(store))
    touched = {subject for subject, _ in new} | {e.subject for e in gone}
    if not touched:
        return Looked(0, 0)
    with app.database.write() as store:
        # Somebody else may have looked meanwhile; only these are looked at under the lock.
        new, gone = _changes(store, app.world(store), touched)
        clock = by(app, "retention")
        made = By(CLOCK, "", clock.recorded_at, clock.happened_on, clock.key)
        for part, ((subject, _), found) in enumerate(new.items()):
            store.retention.fall_due(subject, found, made, part)
        for part, erasure in enumerate(gone, start=len(new)):
            store.retention.drop(erasure, made, part)
    return Looked(len(new), len(gone))


def _changes(
    store: Store, world: World, only: Collection[str] | None = None
) -> tuple[Terms, list[Erasure]]:
    """Return what fell due and is not known to, and what is known to and need be kept again."""
    over = due(store, world, only)
    rows = store.retention.erasures()
    known = {(e.subject, e.what): e for e in rows if only is None or e.subject in only}
    new = {key: t for key, t in over.items() if key not in known or _again(known[key], t)}
    gone = [e for key, e in known.items() if e.state != "erased" and key not in over]
    return new, gone


def _again(known: Erasure, found: Term) -> bool:
    """Return whether something was added after the erasing, and has been kept long enough."""
    at = known.erased_at
    return known.state == "erased" and at is not None and found.since > local_day(at)


def due(store: Store, world: World, only: Collection[str] | None = None) -> Terms:
    """Return everything that need not be kept any more, or what of it is of some subjects.

    Reads the heads of all closed files that are old enough, or of those.
    """
    return {
        (subject, t.what): t
        for subject, terms in (*_cases(store, world, only), *_persons(store, world))
        if only is None or subject in only
        for t in terms
        if t.over(world.today)
    }


def due_of_case(store: Store, world: World, uid: str) -> dict[FileClass, Term]:
    """Return the terms of one closed case by class, over or not; empty while it goes on."""
    tomorrow = world.now + timedelta(days=1)
    for closed in store.retention.closed(_final(world), tomorrow, uid):
        return terms_of_case(closed.since, _provisions(world, closed))
    return {}


def _cases(
    store: Store, world: World, only: Collection[str] | None
) -> Iterator[tuple[str, Iterable[Term]]]:
    shortest = _shortest(world)
    if shortest is None:
        return
    final, before = _final(world), world.now - shortest
    for uid in (None,) if only is None else sorted(only):
        for closed in store.retention.closed(final, before, uid):
            yield closed.uid, terms_of_case(closed.since, _provisions(world, closed)).values()


def _provisions(world: World, closed: Closed) -> list[Provision]:
    """Return the retention rules in force today for a measure, the highest rank first."""
    place, values = world.place(closed.measure.municipality), facts(closed.measure)
    rules = (p for p in world.library.in_force(world.today, place) if _keeps(p))
    return [p for p in rules if holds(p.when, values)]


def _keeps(p: Provision) -> bool:
    return p.value is not None and p.value.name in set(FileClass)


def _shortest(world: World) -> timedelta | None:
    """Return a span that no retention period in force falls short of, None without any."""
    rows = (
        p.value.counting.period
        for place in world.municipalities.values()
        for p in world.library.in_force(world.today, place)
        if p.value is not None and _keeps(p)
    )
    return min((_at_least(period) for period in rows), default=None)


def _at_least(period: Period) -> timedelta:
    days = {Unit.DAY: 1, Unit.WEEK: 7, Unit.MONTH: _SHORTEST_MONTH}[period.unit]
    return timedelta(days=days * period.count)


def _persons(store: Store, world: World) -> Iterator[tuple[str, Iterable[Term]]]:
    """Yield what a person's data need not be kept any more; the longest of all places wins."""
    rules = [
        p
        for place in world.municipalities.values()
        for p in world.library.in_force(world.today, place)
        if _keeps(p) and holds(p.when, {})
    ]
    for person, left in store.retention.leavers(world.today).items():
        found = term(FileClass.PERSONS, left, rules)
        if found is not None:
            yield person, (found,)


def _final(world: World) -> frozenset[str]:
    """Return the states of a case, of any version of its workflow, that are its end."""
    flows = (w for w in world.library.workflows.values() if w.form is None)
    states = [s for w in flows for s in w.states.values()]
    going = {s.id for s in states if s.means is not StateMeans.FINAL}
    return frozenset(s.id for s in states) - going
