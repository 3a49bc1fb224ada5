"""Versions: which cases run by which, and what a new one means for them.

A case keeps the versions it began with; only a migration moves it (`services.migrations`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from engine.app import App
from engine.core.case import Case
from engine.core.draft import Draft
from engine.core.duties import called_for
from engine.core.meanings import StateMeans
from engine.core.migrating import Migration, obstacles
from engine.core.rules import Moments, Provision, RulePack
from engine.core.workflow import Workflow
from engine.core.world import Library, World
from engine.definitions.library import Definition
from engine.errors import InputError, Text
from engine.store.cases import Pinned
from engine.store.store import Store


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a workflow; `running` counts the cases that have a part running by it."""

    workflow: str
    version: str
    pin: str
    title: Text
    current: bool
    activated_at: datetime
    running: int


def versions(app: App, workflow: str | None = None) -> list[Version]:
    """Return the versions of every workflow, or of one, in the order of their activation."""
    with app.database.read() as store:
        library = app.definitions(store).library
        rows = store.definitions()
        counts = _cases_by_pin(store, library)
    if workflow is not None and workflow not in library.current:
        known = ", ".join(sorted(library.current))
        raise InputError(
            f"Den Ablauf „{workflow}“ gibt es nicht. Bekannt sind: {known}.",
            f"There is no workflow '{workflow}'. Known are: {known}.",
        )
    found = []
    for row in rows:
        if row.kind != "workflow" or workflow not in (None, row.id):
            continue
        w, since = library.workflow(f"{row.id}@{row.digest[:16]}"), row.activated_at
        assert since is not None
        found.append(Version(w.id, w.version, w.pin, w.title, row.current, since, counts[w.pin]))
    return sorted(found, key=lambda v: (v.workflow, v.activated_at, v.current))


def _cases_by_pin(store: Store, library: Library) -> Counter[str]:
    cases = {(row.pin, row.uid) for row in running(store, library, library.workflows)}
    return Counter(pin for pin, _ in cases)


def running(store: Store, library: Library, pins: Iterable[str]) -> Iterator[Pinned]:
    """Yield what runs by one of these versions: neither it nor its case has come to its end."""
    for row in store.cases.pinned(pins):
        over = library.workflow(row.case_pin).meaning(row.case_state) is StateMeans.FINAL
        done = library.workflow(row.pin).meaning(row.state) is StateMeans.FINAL
        if not over and not done:
            yield row


@dataclass(frozen=True, slots=True)
class Standing:
    """What runs by an older version; it can move as it stands if `why` is empty.

    `participation` is the key of the participation, or empty for the case itself.
    """

    number: str
    participation: str
    version: str
    state: str
    why: tuple[Text, ...]


@dataclass(frozen=True, slots=True)
class NewVersion:
    """What a new version of a workflow means for what runs by its older ones."""

    workflow: str
    version: str
    title: Text
    running: tuple[Standing, ...]

    @property
    def movable(self) -> tuple[Standing, ...]:
        """What could move as it stands."""
        return tuple(s for s in self.running if not s.why)

    @property
    def staying(self) -> tuple[Standing, ...]:
        """What cannot move unless a plan says more than it does."""
        return tuple(s for s in self.running if s.why)


@dataclass(frozen=True, slots=True)
class NewLaw:
    """What a new version of a rule pack means for participations that run: their numbers.

    `keeping` go on by an older provision than a new case would meet, because the law of an
    earlier day governs them; for `changing` another provision, or the same in other words,
    counts from now on. Deadlines that run stay as they were counted in either case.
    """

    pack: str
    title: str
    running: int
    keeping: tuple[str, ...]
    changing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Effects:
    """What an activation means for running cases."""

    workflows: tuple[NewVersion, ...] = ()
    packs: tuple[NewLaw, ...] = ()


def effects(
    store: Store,
    before: World,
    after: World,
    new: Iterable[Definition],
    plans: Iterable[Migration] = (),
) -> Effects:
    """Return what these definitions, in force in the world `after`, mean for running cases.

    What could move is judged by the plan that leads to the new version, if there is one.
    """
    by_versions = {(p.origin, p.target): p for p in plans}
    rows = list(new)
    ids = [d.id for d in rows if d.kind == "workflow"]
    packs = [p for p in after.library.packs if p.id in {d.id for d in rows if d.kind == "pack"}]
    return Effects(
        tuple(_new_version(store, after, _current(after.library, id_), by_versions) for id_ in ids),
        _new_law(store, before, after, packs),
    )


def _current(library: Library, id_: str) -> Workflow:
    return library.workflow(library.current[id_])


def _older(library: Library, new: Workflow) -> list[str]:
    return [p for p, w in library.workflows.items() if w.id == new.id and p != new.pin]


def _new_version(
    store: Store, after: World, new: Workflow, plans: Mapping[tuple[str, str], Migration]
) -> NewVersion:
    library = after.library
    rows = running(store, library, _older(library, new))
    cases: dict[str, Draft] = {}
    found = []
    for row in rows:
        if row.uid not in cases:
            cases[row.uid] = Draft(store.cases.by_uid(row.uid), after)
        plan = plans.get((row.pin, new.pin)) or Migration(row.pin, new.pin)
        why = tuple(obstacles(cases[row.uid], row.participation, plan))
        version = library.workflow(row.pin).version
        found.append(Standing(row.number, row.participation, version, row.state, why))
    return NewVersion(new.id, new.version, new.title, tuple(found))


def _new_law(
    store: Store, before: World, after: World, packs: list[RulePack]
) -> tuple[NewLaw, ...]:
    if not packs:
        return ()
    found: dict[str, tuple[list[str], list[str], list[str]]] = {p.id: ([], [], []) for p in packs}
    parts = [r for r in running(store, after.library, after.library.workflows) if r.participation]
    for row in parts:
        case = store.cases.by_uid(row.uid)
        then, now, fresh = _called(case, row.participation, before, after)
        for pack, (resting, keeping, changing) in found.items():
            mine = [_of_pack(law, pack) for law in (then, now, fresh)]
            if any(mine):
                resting.append(row.number)
            if mine[1] != mine[2]:
                keeping.append(row.number)
            if mine[0] != mine[1]:
                changing.append(row.number)
    return tuple(
        NewLaw(p.id, p.title, len(found[p.id][0]), *map(tuple, found[p.id][1:])) for p in packs
    )


def _of_pack(law: Iterable[Provision], pack: str) -> tuple[Provision, ...]:
    """Return the provisions of one pack; who has confirmed them makes no difference to a case."""
    return tuple(replace(p, confirmed=None) for p in law if p.pack == pack)


def _called(
    case: Case, key: str, before: World, after: World
) -> tuple[tuple[Provision, ...], tuple[Provision, ...], tuple[Provision, ...]]:
    """Return the law of a participation as it was, as it will be, and as a new case meets it."""
    p = case.participation(key)
    assert p is not None
    then = Draft(case, before).calling(p.office, p.form, before.today)
    now = Draft(case, after).calling(p.office, p.form, after.today)
    new = called_for(case.measure, after, Moments.on(after.today)).get((p.office, p.form), ())
    return then, now, new


def refuse_lost(
    store: Store, library: Library, new: Iterable[Definition], plans: Iterable[Migration]
) -> None:
    """Refuse a new version that lacks a state in which something runs, unless a plan maps it."""
    mapped = {(p.origin, p.target, state) for p in plans for state in p.states}
    for row in new:
        if row.kind != "workflow":
            continue
        workflow = _current(library, row.id)
        lost: dict[tuple[str, str], list[str]] = {}
        for r in running(store, library, _older(library, workflow)):
            known = r.state in workflow.states or (r.pin, workflow.pin, r.state) in mapped
            if not known:
                lost.setdefault((r.pin, r.state), []).append(r.number)
        if lost:
            raise _lost(library, workflow, lost)


def _lost(library: Library, new: Workflow, lost: Mapping[tuple[str, str], list[str]]) -> InputError:
    de, en, plans_de, plans_en = [], [], [], []
    for (pin, state), numbers in sorted(lost.items()):
        version, count, some = library.workflow(pin).version, len(numbers), _some(numbers)
        runs = "1 laufendes Verfahren" if count == 1 else f"{count} laufende Verfahren"
        de.append(f"„{state}“ ({runs} nach Fassung {version}: {some})")
        en.append(f"'{state}' ({count} running by version {version}: {some})")
        plan = f'migrates: {new.id}, from: "{version}", to: "{new.version}", states: '
        plans_de.append(f"{plan}{{{state}: <neuer Zustand>}}")
        plans_en.append(f"{plan}{{{state}: <new state>}}")
    return InputError(
        f"{new.id}, Fassung {new.version}: Diese Zustände fehlen, und darin läuft noch etwas: "
        f"{', '.join(de)}. Schreiben Sie einen Plan ({'; '.join(plans_de)}) und setzen Sie ihn "
        "zusammen mit der Fassung in Kraft: workflow activate ABLAUF.yaml PLAN.yaml.",
        f"{new.id}, version {new.version}: these states are missing, and something still runs "
        f"in them: {', '.join(en)}. Write a plan ({'; '.join(plans_en)}) and activate it together "
        "with the version: workflow activate WORKFLOW.yaml PLAN.yaml.",
    )


def _some(numbers: list[str], most: int = 5) -> str:
    unique = list(dict.fromkeys(numbers))
    return ", ".join(unique[:most]) + (", …" if len(unique) > most else "")
