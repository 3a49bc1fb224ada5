"""Running cases move to another version of their workflow, by a plan that people wrote.

Each case moves in one transaction of its own, so that it is on the old version or on the new
one whatever happens in between, and a second run goes on where the first one ended.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from engine.app import App
from engine.core.case import Act, Case, Outcome
from engine.core.checks import tenure
from engine.core.draft import Draft
from engine.core.migrating import MIGRATION, Migration, migrate
from engine.core.world import World
from engine.definitions.migrations import read_migration
from engine.errors import EngineError, InputError, Text
from engine.services.cases import office_of, person_of
from engine.services.versions import running
from engine.store.store import Store


@dataclass(frozen=True, slots=True)
class Carried:
    """An open deadline before and after a move; None where it falls away, or is new."""

    old: str | None
    new: str | None
    last_day: date


@dataclass(frozen=True, slots=True)
class Move:
    """What a migration does to one subject; `problem` says why it cannot."""

    number: str
    participation: str
    state: str
    new_state: str
    deadlines: tuple[Carried, ...] = ()
    problem: Text | None = None


@dataclass(frozen=True, slots=True)
class Moves:
    """What a plan does, or has done; a case with a problem stays as it is, whole."""

    plan: Migration
    moves: tuple[Move, ...]
    applied: bool

    @property
    def problems(self) -> tuple[Move, ...]:
        """What cannot move."""
        return tuple(m for m in self.moves if m.problem is not None)


def try_out(app: App, path: Path) -> Moves:
    """Return what a plan would do to each running case, by the code that does it.

    Raises DefinitionError where the plan names what the versions do not know.
    """
    with app.database.read() as store:
        plan, cases = _planned(app, store, path)
        world = app.world(store)
        moves = [
            move
            for uid, keys in cases.items()
            for move in _moves(store, world, plan, uid, keys, _act(world))[0]
        ]
    return Moves(plan, tuple(moves), applied=False)


def apply(
    app: App, path: Path, person: str, office: str | None = None, *, account: str = ""
) -> Moves:
    """Move every running case that a plan speaks of, each in a transaction of its own.

    A case of which any part does not fit stays as it is. What an earlier run has moved is
    left alone, so the plan may be applied again at any time. An administrator moves them by
    her `account`, for no office: a move decides nothing in a case.
    """
    with app.database.read() as store:
        plan, cases = _planned(app, store, path)
        world = app.world(store)
    who = account or person_of(world, person)
    acts_for = "" if account else office or office_of(world, who)
    moves = [m for uid, keys in cases.items() for m in _move(app, plan, uid, keys, who, acts_for)]
    return Moves(plan, tuple(moves), applied=True)


def _planned(app: App, store: Store, path: Path) -> tuple[Migration, dict[str, list[str]]]:
    """Return the migration, and the subjects that it speaks of, by case."""
    library = app.definitions(store).library
    plan = read_migration(_bytes(path), path.name, library)
    cases: dict[str, list[str]] = {}
    for row in running(store, library, [plan.origin]):
        cases.setdefault(row.uid, []).append(row.participation)
    return plan, cases


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise InputError(
            f"Die Datei {path} ist nicht lesbar ({error.strerror}).",
            f"The file {path} cannot be read ({error.strerror}).",
        ) from None


def _move(
    app: App, plan: Migration, uid: str, keys: list[str], person: str, office: str
) -> list[Move]:
    """Move the subjects of one case, all or none, in one transaction."""
    with app.database.write() as store:
        act = replace(_act(app.world(store)), actor=person, office=office)
        moves, outcomes = _moves(store, app.world(store), plan, uid, keys, act)
        for outcome in outcomes:
            store.keep(outcome)
    return moves


_WHOLE = Text(
    "ein anderer Teil des Vorgangs passt nicht, und ein Vorgang zieht nur ganz um",
    "another part of the case does not fit, and a case moves whole or not at all",
)


def _act(world: World) -> Act:
    return Act("", MIGRATION, "", "", world.today, world.now)


def _moves(
    store: Store, world: World, plan: Migration, uid: str, keys: list[str], act: Act
) -> tuple[list[Move], list[Outcome]]:
    """Return what a plan does to the subjects of one case, kept or not: all or none."""
    case = store.cases.by_uid(uid)
    moves: list[Move] = []
    outcomes: list[Outcome] = []
    for key in keys:
        if _pin(case, key) != plan.origin:
            continue  # Somebody has moved it since the list was made.
        taken = replace(act, key=plan.key(case, key), participation=key)
        try:
            outcome = migrate(case, _in_office(case, taken, world), plan, world)
            _refuse_second(store, case, taken)
        except EngineError as error:
            moves.append(_told(case, key, plan, error.text))
            continue
        moves.append(_told(case, key, plan, None, outcome))
        outcomes.append(outcome)
        case = outcome.case
    if any(m.problem for m in moves):
        moves = [m if m.problem else replace(m, problem=_WHOLE) for m in moves]
        outcomes = []
    return moves, outcomes


def _in_office(case: Case, act: Act, world: World) -> Act:
    """Return the act as one of somebody in office; a dry run and an administrator's are not."""
    if not act.actor or not act.office:
        return act
    return replace(act, deputy=tenure(Draft(case, world), act).deputy)


def _refuse_second(store: Store, case: Case, act: Act) -> None:
    """Refuse the same plan once more for a case that another plan has led back."""
    if store.chains.kept(act.key) is not None:
        raise InputError(
            f"{case.number}: Mit genau diesem Plan ist der Vorgang schon einmal umgezogen. Für ein "
            "zweites Mal ändern Sie die Datei, und sei es um einen Kommentar.",
            f"{case.number}: the case has moved by this very plan before. For a second time change "
            "the file, if only by a comment.",
        )


def _pin(case: Case, key: str) -> str:
    found = case.participation(key)
    return case.workflow if found is None else found.workflow


def _state(case: Case, key: str) -> str:
    found = case.participation(key)
    return case.state if found is None else found.state


def _told(
    case: Case, key: str, plan: Migration, problem: Text | None, outcome: Outcome | None = None
) -> Move:
    before = _state(case, key)
    if outcome is None:
        return Move(case.number, key, before, plan.state(before), (), problem)
    return Move(
        case.number,
        key,
        before,
        _state(outcome.case, key),
        tuple(_carried(_open(case, key), _open(outcome.case, key), plan)),
    )


def _open(case: Case, key: str) -> dict[str, date]:
    return {d.name: d.last_day for d in case.deadlines if d.participation == key and d.open}


def _carried(
    before: Mapping[str, date], after: Mapping[str, date], plan: Migration
) -> Iterator[Carried]:
    for name, day in before.items():
        new = plan.deadline(name)
        yield Carried(name, new if new in after else None, after.get(new, day))
    known = {plan.deadline(name) for name in before}
    yield from (Carried(None, name, day) for name, day in after.items() if name not in known)
