"""What offices that are heard have yet to do, over all their cases."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from engine.core.case import Case
from engine.core.meanings import StateMeans
from engine.core.obligations import Obligation, obligations
from engine.core.world import World
from engine.store.cases import Filter
from engine.store.store import Store

CHUNK = 200


def owed(store: Store, world: World, offices: Iterable[str]) -> list[Obligation]:
    """Return every obligation of some offices, what is due first first."""
    mine = frozenset(offices)
    if not mine:
        return []
    found = [o for case in open_cases(store, world, mine) for o in obligations(case, world, mine)]
    return sorted(found, key=lambda o: (o.until is None, o.until or world.today, o.case.number))


def open_cases(store: Store, world: World, offices: frozenset[str]) -> Iterator[Case]:
    """Yield the cases in which one of these offices has a part and which are not over."""
    after: str | None = None
    wanted = Filter(states=running_states(world), offices=offices)
    while rows := store.cases.list(wanted, after=after, limit=CHUNK):
        for row in rows:
            yield store.cases.get(row.number)
        after = rows[-1].number


def running_states(world: World) -> frozenset[str]:
    """Return the states of a case, of any version of its workflow, that are not its end."""
    flows = (w for w in world.library.workflows.values() if w.form is None)
    states = (s for w in flows for s in w.states.values())
    return frozenset(s.id for s in states if s.means is not StateMeans.FINAL)
