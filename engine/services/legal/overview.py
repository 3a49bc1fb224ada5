"""The Lagebild: a few figures that say where to look first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from threading import Lock
from weakref import WeakKeyDictionary

from engine.app import App
from engine.core.meanings import StateMeans
from engine.core.reporting import Tally
from engine.core.world import World
from engine.errors import Text
from engine.services.legal.report import informed
from engine.services.legal.titles import deadline_name, office_name
from engine.services.legal.verification import LastTime, last_time
from engine.store.audit import Audit, Span
from engine.store.pulse import ClockState
from engine.store.store import Store

MONTHS = timedelta(days=365)
GAP = timedelta(minutes=10)
"""The clock ticks every minute or so; a longer silence is a gap."""


@dataclass(frozen=True, slots=True)
class OverdueLine:
    """A duty whose deadline has ended and which is still open."""

    number: str
    title: str
    deadline: Text
    owner: str
    last_day: date
    path: str


@dataclass(frozen=True, slots=True)
class Situation:
    """How matters stand: open cases, timeliness of a year, what is overdue, findings, clock.

    `informed` counts the cases registered in the last 365 days. `last` is the last
    examination of the log, `silent` how long the clock has not acted, None if it never has.
    """

    today: date
    now: datetime
    open_cases: int
    informed: Tally
    overdue_count: int
    overdue: tuple[OverdueLine, ...]
    findings: dict[str, int]
    last: LastTime | None
    clock: ClockState | None

    @property
    def silent(self) -> timedelta | None:
        """How long ago the clock last acted."""
        if self.clock is None or self.clock.last_tick is None:
            return None
        return max(self.now - self.clock.last_tick, timedelta(0))

    @property
    def gap(self) -> bool:
        """Whether the clock has been silent for too long, or is held."""
        held = self.clock is not None and self.clock.held_since is not None
        return held or self.silent is None or self.silent > GAP


@dataclass(frozen=True, slots=True)
class _Figures:
    open_cases: int
    informed: Tally
    overdue_count: int
    overdue: tuple[OverdueLine, ...]
    findings: dict[str, int]


MOST = 20
_KNOWN: WeakKeyDictionary[App, tuple[tuple[int, date, int], _Figures]] = WeakKeyDictionary()
_LOCK = Lock()


def situation(app: App) -> Situation:
    """Return how matters stand; figures are counted anew only after another entry or day."""
    with app.database.read() as store:
        world = app.world(store)
        figures = _figures(app, store, world)
        last, clock = last_time(store), store.pulse.clock()
    return Situation(
        today=world.today,
        now=world.now,
        open_cases=figures.open_cases,
        informed=figures.informed,
        overdue_count=figures.overdue_count,
        overdue=figures.overdue,
        findings=figures.findings,
        last=last,
        clock=clock,
    )


def _figures(app: App, store: Store, world: World) -> _Figures:
    audit = Audit(store.connection)
    key = (audit.newest(), world.today, world.library.position)
    with _LOCK:
        known = _KNOWN.get(app)
    if known is not None and known[0] == key:
        return known[1]
    found = _counted(store, audit, world)
    with _LOCK:
        _KNOWN[app] = (key, found)
    return found


def _counted(store: Store, audit: Audit, world: World) -> _Figures:
    span = Span(world.today - MONTHS, world.today)
    final = {
        s.id
        for w in world.library.workflows.values()
        if w.form is None
        for s in w.states.values()
        if s.means is StateMeans.FINAL
    }
    states = store.cases.states()
    return _Figures(
        open_cases=sum(n for state, n in states.items() if state not in final),
        informed=informed(world.library, audit.deadlines(span)),
        overdue_count=audit.overdue_count(),
        overdue=tuple(_overdue(audit, world)),
        findings=audit.findings_by_state(),
    )


def _overdue(audit: Audit, world: World) -> list[OverdueLine]:
    return [
        OverdueLine(
            number=x.number,
            title=x.title,
            deadline=deadline_name(world.library, x.pin, x.name),
            owner=office_name(world, x.owner),
            last_day=x.last_day,
            path=f"/vorhaben/{x.number}/frist/{x.participation.replace('/', '~') or '-'}"
            f"/{x.name}/{x.generation}",
        )
        for x in audit.overdue(MOST)
    ]
