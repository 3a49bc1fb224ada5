"""Definitions are offered as files; activation stores their bytes and is an entry of the log."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from engine.app import App, stored
from engine.definitions.library import Definition, compile_all, definition, kind_of
from engine.errors import InputError
from engine.services.setup import put_in_force


def activate_files(app: App, paths: list[Path]) -> list[Definition]:
    """Put the definitions of these files in force, all or none; return them.

    They must compile together with everything else that is in force. Running cases keep
    the workflow they were pinned to. Raises DefinitionError with every mistake.
    """
    new = [_offered(path) for path in paths]
    replaced = {(d.kind, d.id) for d in new}
    with app.database.write() as store:
        held = stored(store)
        known = {(d.kind, d.digest) for d in held if d.current}
        older = [replace(d, current=False) if (d.kind, d.id) in replaced else d for d in held]
        compile_all([*older, *new])
        fresh = [d for d in new if (d.kind, d.digest) not in known]
        put_in_force(app, store, fresh)
    return fresh


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
            f"{path}: Das ist weder Regelpaket, Ablauf, Leiter, Kalender noch eine Liste der "
            "Tatsachen oder Stellenarten.",
            f"{path}: this is neither a rule pack, a workflow, a ladder, a calendar nor a list "
            "of facts or kinds of office.",
        )
    return definition(kind, path.name, source)
