"""The whole log is examined: everything is recomputed from stored bytes, and told again.

It shows that the record is unchanged since it was witnessed, not that it is true. Two limits
remain and are said with every result: what was entered after the last checkpoint is not
evidence yet, and whoever holds database and key can write another history that only somebody
outside, who remembers a checkpoint, can tell from this one.
"""

from __future__ import annotations

import gc
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

from engine.app import App, open_app
from engine.core.notes import Key, NoteError
from engine.errors import InputError, NotFound
from engine.services.evidence import faults as words
from engine.services.evidence.faults import Fault, Layer
from engine.services.evidence.places import Checks, Leaves, tree_faults
from engine.services.evidence.refusing import FORK
from engine.services.evidence.seals import Remembered, seal_faults, witness_faults
from engine.services.evidence.stamp_checks import stamp_faults, unchecked
from engine.services.evidence.state import State
from engine.services.evidence.surroundings import house_faults, mail_faults, paper_faults
from engine.services.evidence.units import (
    CaseVerdict,
    Done,
    Order,
    Released,
    Unit,
    orphaned,
    past_of,
    released,
    units,
    work,
)
from engine.services.verify import Past
from engine.store.chains import SYSTEM
from engine.store.examined import OF_A_LINE
from engine.store.store import Store

MANY = 20_000
"""From how many entries on several processes read: to start them costs seconds."""
_RANGE = 500
_RARELY = (200_000, 20, 20)
_FORGED = (TypeError, ValueError, LookupError, AttributeError, ArithmeticError)

Progress = Callable[[int, int], None]
"""Hears how many entries have been read, and of how many."""


@dataclass(frozen=True, slots=True)
class Examined:
    """What an examination found.

    `verdicts` are the cases of which there is something to say, or the one that was asked for.
    `sealed` is how many entries the last sound checkpoint covers, `waiting` how many have no
    place in the global log yet; `remembered` whether a checkpoint from outside was compared.
    `unstamped` counts time stamps that could not be checked because no authority is named.
    """

    entries: int
    strands: int
    cases: int
    replayed: int
    erased: int
    sealed: int
    size: int
    waiting: int
    checkpoints: int
    remembered: bool
    unstamped: int = 0
    faults: tuple[Fault, ...] = ()
    verdicts: tuple[CaseVerdict, ...] = ()

    @property
    def intact(self) -> bool:
        """Whether nothing speaks against the record."""
        return not self.faults


def examine(
    app: App,
    *,
    remembered: Remembered | None = None,
    replaying: bool = True,
    processes: int = 1,
    progress: Progress | None = None,
) -> Examined:
    """Return what the examination of the whole log finds; nothing is entered or changed.

    `processes` is how many read side by side, each of which sees one instant, none an earlier
    one than the first. More than one may only be asked for by a program that can be started
    anew for each of them, so not by a server.
    """
    with _undisturbed(), app.database.read() as store:
        order = Order(_logs(store), _released(store), replaying)
        total = store.rows.count()
        leaves = Leaves(store.rows.leaves()[0])
        done = Done()
        rest = _parts(app, store, order, processes)
        for part in rest:
            leaves.put(part.places)
            done.add(part)
            if progress is not None:
                progress(min(done.entries, total), total)
        faults = [*done.faults, *_whole(app, store, order, done, total)]
        seals, sealing = _seals(app, store, leaves, order.logs, remembered)
        faults += sealing
        checkpoints, sealed = len(seals), seals[-1] if seals else 0
        unstamped = unchecked(app, store)
    return Examined(
        entries=done.entries,
        strands=done.strands,
        cases=done.cases,
        replayed=done.replayed,
        erased=done.erased,
        sealed=sealed,
        size=leaves.size,
        waiting=done.waiting,
        checkpoints=checkpoints,
        remembered=remembered is not None,
        unstamped=unstamped,
        faults=tuple(faults),
        verdicts=tuple(done.verdicts),
    )


def processes_for(app: App) -> int:
    """Return how many processes had best examine the log: one for each processor if it is long."""
    with app.database.read() as store:
        return (os.cpu_count() or 1) if store.rows.count() >= MANY else 1


def examine_case(app: App, number: str) -> CaseVerdict:
    """Return the verdict on one case: its chain, its texts, its state told again.

    Whether its entries are those that were signed only the examination of the whole log says.
    Raises NotFound.
    """
    with app.database.read() as store:
        row = store.rows.case_id(number)
        if row is None:
            raise NotFound(
                f"Der Vorgang {number} ist nicht bekannt. Alle Vorgänge zeigt: case list.",
                f"The case {number} is not known. 'case list' shows all cases.",
            )
        order = Order(_logs(store), _released(store), replaying=True, keep_all=True)
        done = work(store, past_of(app, store), Unit(row, row + 1), order)
    return done.verdicts[0]


def _logs(store: Store) -> frozenset[str]:
    """Return the names that this log has had: a fork that was acknowledged gets another one."""
    name = store.house.meta().log
    try:
        forked = [line.plain["origin"] for line in store.chains.typed(SYSTEM, FORK)]
    except _FORGED:
        forked = []
    return frozenset({name, *map(str, forked)})


def _released(store: Store) -> Released:
    try:
        return released(store)
    except _FORGED:
        return Released()


def _parts(app: App, store: Store, order: Order, processes: int) -> Iterator[Done]:
    """Yield what the units found, in their order; this process and others share the work."""
    todo = units(store.rows, _RANGE)
    past = past_of(app, store) if order.replaying else None
    if processes < 2:
        yield from (work(store, past, unit, order) for unit in todo)
        return
    begin = (_begin, (app.config.folder, order))
    with ProcessPoolExecutor(processes - 1, get_context("spawn"), *begin) as pool:
        yield from _shared(pool, processes, todo, lambda unit: work(store, past, unit, order))


def _shared(
    pool: ProcessPoolExecutor, processes: int, todo: list[Unit], here: Callable[[Unit], Done]
) -> Iterator[Done]:
    """Yield the results of the units in their order.

    The others always have two units each; whatever they are still at, this process takes the
    next one itself. It need not wait for them to start, nor they for it.
    """
    rest = deque(todo)
    given: deque[Future[Done] | Done] = deque()
    while rest or given:
        away = sum(isinstance(g, Future) and not g.done() for g in given)
        while rest and away < 2 * (processes - 1):
            given.append(pool.submit(_do, rest.popleft()))
            away += 1
        if rest:
            given.append(here(rest.popleft()))
        while given and (not rest or not isinstance(given[0], Future) or given[0].done()):
            first = given.popleft()
            yield first.result() if isinstance(first, Future) else first


_at_work: tuple[App, Order, Past | None]
"""What a process of the pool works with; each has one of its own."""


def _begin(folder: Path, order: Order) -> None:
    """Open the installation for a process of the pool."""
    gc.set_threshold(*_RARELY)
    global _at_work  # noqa: PLW0603 - a process of the pool has no other place
    app = open_app(folder)
    with app.database.read() as store:
        past = past_of(app, store) if order.replaying else None
    _at_work = (app, order, past)


def _do(unit: Unit) -> Done:
    """Work on one unit in a process of the pool."""
    app, order, past = _at_work
    with app.database.read() as store:
        return work(store, None if past is None else past.on(store), unit, order)


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Look rarely for garbage that counting references does not find: it costs a tenth."""
    before = gc.get_threshold()
    gc.set_threshold(*_RARELY)
    try:
        yield
    finally:
        gc.set_threshold(*before)


def _whole(app: App, store: Store, order: Order, done: Done, total: int) -> Iterator[Fault]:
    """Yield what does not hold of the log as a whole, and of what lies beside it."""
    if done.entries != total:
        strays = store.rows.strays()
        yield from (Fault(s, 1, words.UNKNOWN, Layer.HEAD) for s, _ in strays)
        if done.entries + sum(n for _, n in strays) != total:
            yield Fault("", 0, words.MISSING, Layer.HEAD)
    seen = (done.bodied, done.placed, done.waiting)
    if store.rows.counts() != seen:
        # To look for each row whose it is takes long; what was counted says when there is need.
        for name in OF_A_LINE:
            yield from orphaned(store.rows, name)
    yield from _guarded(Layer.HOUSE, lambda: house_faults(app, store, order.released))
    yield from _guarded(Layer.DOCUMENT, lambda: paper_faults(app, store))
    yield from _guarded(Layer.MAIL, lambda: mail_faults(store, order.released))
    yield from _guarded(Layer.STAMP, lambda: stamp_faults(app, store))


def _guarded(layer: Layer, look: Callable[[], Iterable[Fault]]) -> list[Fault]:
    """Return the faults of a look; rows of a form that no program of ours left are one."""
    try:
        return list(look())
    except _FORGED:
        return [Fault("", 0, words.HEADER, layer)]


def _seals(
    app: App,
    store: Store,
    leaves: Leaves,
    logs: frozenset[str],
    remembered: Remembered | None,
) -> tuple[list[int], list[Fault]]:
    """Return the sizes of the sound checkpoints, and what does not hold of tree and seals."""
    known = list(keys_of(app))
    if remembered is not None and remembered.keys:
        # A key that somebody outside keeps on paper counts for more than a file beside the log.
        known = [k for k in known if k.name not in logs] + list(remembered.keys)
    checks = Checks(known)
    sizes: list[int] = []

    def look() -> Iterator[Fault]:
        yield from tree_faults(store.rows, leaves)
        found = seal_faults(store.rows, leaves, checks, logs)
        sizes.extend(s.size for s in found.sealed)
        yield from found.faults
        last = State(app.config).last()
        if last is not None:
            yield from witness_faults(Remembered((last,)), store.rows, leaves, checks, logs)
        if remembered is not None:
            yield from witness_faults(remembered, store.rows, leaves, checks, logs)

    return sizes, _guarded(Layer.TREE, look)


def keys_of(app: App) -> Iterator[Key]:
    """Yield the public keys that lie beside the installation: of its log and its witnesses."""
    for line in State(app.config).vkeys():
        with suppress(NoteError):
            yield Key.read(line)


def remembered_in(path: Path) -> Remembered:
    """Return what a file of a witness remembers; raises InputError where it holds nothing."""
    try:
        found = Remembered.read(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError):
        found = Remembered()
    if not found.notes:
        raise InputError(
            f"{path} enthält keinen Prüfpunkt. Nennen Sie die Datei des Zeugen oder eine Mail mit "
            "einem Prüfpunkt.",
            f"{path} holds no checkpoint. Name the file of the witness, or a mail with a checkpoint.",
        )
    return found
