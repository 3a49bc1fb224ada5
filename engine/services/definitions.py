"""Definitions are offered as files; activation stores their bytes and is an entry of the log."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from engine.app import App, stored
from engine.core.migrating import Migration
from engine.crash import crashpoint
from engine.definitions.library import (
    PLAN,
    Definition,
    Definitions,
    compile_all,
    definition,
    kind_of,
)
from engine.definitions.migrations import read_migration
from engine.errors import InputError
from engine.services.proving import refuse_unproven
from engine.services.setup import put_in_force
from engine.services.versions import Effects, effects, refuse_lost
from engine.store.roster import By
from engine.store.store import Store


@dataclass(frozen=True, slots=True)
class Activation:
    """Which definitions are new, and what they mean for running cases."""

    new: tuple[Definition, ...]
    effects: Effects


def activate_files(app: App, paths: list[Path], who: By | None = None) -> list[Definition]:
    """Put the definitions of these files in force, all or none; return them.

    They must compile together with everything else that is in force. Running cases keep
    the workflow they were pinned to. A new version of a workflow that lacks a state in which
    something runs needs a migration plan among the files, and what workflows assure must
    still hold. Raises DefinitionError with every mistake, InputError with what would not hold.
    """
    rows = [_offered(path) for path in paths]
    proven = None
    while True:
        with app.database.write() as store:
            fresh, compiled, _ = _fresh(store, rows)
            if (digests := _digests(compiled)) == proven:
                put_in_force(app, store, fresh, who)
                crashpoint("before-activation-commit")
                return fresh
            before = compile_all(stored(store))
        # Proving takes its time; meanwhile others may write, and then it is proven anew.
        refuse_unproven(before, compiled, fresh)
        proven = digests


def _digests(compiled: Definitions) -> frozenset[str]:
    library = compiled.library
    packs, ladders = (p.digest for p in library.packs), (x.digest for x in library.ladders.values())
    return frozenset({*library.current.values(), *packs, *ladders})


def foresee(app: App, paths: list[Path]) -> Activation:
    """Return what putting these files in force would mean, and change nothing.

    Raises what `activate_files` would raise.
    """
    rows = [_offered(path) for path in paths]
    with app.database.read() as store:
        fresh, compiled, plans = _fresh(store, rows)
        before = app.world(store)
        after = replace(before, library=compiled.library, calendars=compiled.calendars)
        return Activation(tuple(fresh), effects(store, before, after, fresh, plans))


def prove_files(app: App, paths: list[Path]) -> None:
    """Raise what keeps these files from coming into force, proof included; change nothing."""
    rows = [_offered(path) for path in paths]
    with app.database.read() as store:
        fresh, compiled, _ = _fresh(store, rows)
        before = compile_all(stored(store))
    refuse_unproven(before, compiled, fresh)


def _fresh(
    store: Store, rows: list[Definition]
) -> tuple[list[Definition], Definitions, list[Migration]]:
    """Return those definitions that are new, all compiled with them, and the plans.

    Raises InputError where a new version lacks a state in which something runs.
    """
    new = [row for row in rows if row.kind != PLAN]
    replaced = {(d.kind, d.id) for d in new}
    held = stored(store)
    known = {(d.kind, d.digest) for d in held if d.current}
    older = [replace(d, current=False) if (d.kind, d.id) in replaced else d for d in held]
    compiled = compile_all([*older, *new])
    fresh = [d for d in new if (d.kind, d.digest) not in known]
    library = compiled.library
    plans = [read_migration(d.source, d.name, library) for d in rows if d.kind == PLAN]
    refuse_lost(store, library, fresh, plans)
    return fresh, compiled, plans


def _offered(path: Path) -> Definition:
    try:
        source = path.read_bytes()
    except OSError as error:
        raise InputError(
            f"Die Datei {path} ist nicht lesbar ({error.strerror}).",
            f"The file {path} cannot be read ({error.strerror}).",
        ) from None
    kind = kind_of(source)
    if kind is None:
        raise InputError(
            f"{path}: Das ist weder Regelpaket, Ablauf, Umzugsplan, Leiter, Kalender noch eine "
            "Liste der Tatsachen oder Stellenarten.",
            f"{path}: this is neither a rule pack, a workflow, a migration plan, a ladder, a "
            "calendar nor a list of facts or kinds of office.",
        )
    return definition(kind, path.name, source)
