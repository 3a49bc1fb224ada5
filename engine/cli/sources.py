"""Where commands for lawyers take definitions from: an installation, what is shipped, a file."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from engine import shipped
from engine.app import open_app, stored
from engine.clock import SystemClock
from engine.core.calendar import local_day
from engine.core.rules import RulePack
from engine.core.workflow import Workflow
from engine.core.world import Municipality
from engine.definitions.library import Definition, Definitions, compile_all, definition, offered
from engine.definitions.packs import compile_pack
from engine.definitions.workflows import compile_workflow
from engine.errors import InputError, NotFound


@dataclass(frozen=True, slots=True)
class Library:
    """The definitions at hand with their bytes, the places they are for, and the day it is."""

    rows: tuple[Definition, ...]
    definitions: Definitions
    places: dict[str, Municipality]
    today: date

    def place(self, municipality: str) -> Municipality:
        """Return a place by its id; NotFound names those there are."""
        if municipality not in self.places:
            known = ", ".join(sorted(self.places)) or "–"
            raise NotFound(
                f"Die Körperschaft „{municipality}“ ist nicht bekannt. Bekannt sind: {known}.",
                f"The municipality '{municipality}' is not known. Known are: {known}.",
            )
        return self.places[municipality]

    def only_place(self) -> Municipality | None:
        """Return the place if there is but one, else None."""
        return next(iter(self.places.values())) if len(self.places) == 1 else None

    def row(self, kind: str, words: str) -> Definition:
        """Return a definition by `id` (the version in force) or `id@version`, or from a file."""
        path = Path(words)
        if path.suffix == ".yaml":
            if not path.exists():
                raise InputError(f"Es gibt keine Datei {path}.", f"There is no file {path}.")
            return definition(kind, path.name, path.read_bytes())
        id_, _, version = words.partition("@")
        every = [row for row in self.rows if row.kind == kind and row.id == id_]
        found = [r for r in every if (r.version == version if version else r.current)]
        if not found:
            raise self._unknown(kind, words, every)
        return found[-1]

    def _unknown(self, kind: str, words: str, every: list[Definition]) -> NotFound:
        rows = every or [row for row in self.rows if row.kind == kind]
        known = ", ".join(sorted({f"{r.id}@{r.version}" if every else r.id for r in rows}))
        return NotFound(
            f"„{words}“ ist hier nicht bekannt. Bekannt sind: {known}.",
            f"'{words}' is not known here. Known are: {known}.",
        )


def library_of(data: Path | None) -> Library:
    """Return the definitions of an installation, signatures included; without one, the shipped."""
    if data is None:
        return _shipped()
    app = open_app(data)
    with app.database.read() as store:
        world = app.world(store)
        rows, definitions = tuple(stored(store)), app.definitions(store)
    app.close()
    return Library(rows, definitions, dict(world.municipalities), world.today)


def _shipped() -> Library:
    rows = offered(shipped.workflows(), shipped.rules())
    definitions = compile_all(rows)
    places = {
        p.municipality: Municipality(p.municipality, pack.title, p.land or "", p.land or "")
        for pack in definitions.library.packs
        for p in pack.provisions
        if p.municipality is not None and not p.template
    }
    named = {k: replace(place, name=k.replace("-", " ").title()) for k, place in places.items()}
    return Library(rows, definitions, named, local_day(SystemClock().now()))


def pack_named(library: Library, words: str) -> RulePack:
    """Return a rule pack by id, id@version or file."""
    row = library.row("pack", words)
    for pack in library.definitions.library.packs:
        if pack.digest == row.digest:
            return pack
    known = library.definitions
    return compile_pack(row.source, row.name, facts=known.library.facts, kinds=known.kinds)


def workflow_named(library: Library, words: str) -> tuple[Definitions, Workflow]:
    """Return a workflow by id, id@version or file, among the other definitions."""
    row, known = library.row("workflow", words), library.definitions
    workflow = compile_workflow(
        row.source,
        row.name,
        facts=known.library.facts,
        kinds=known.kinds,
        ladders=known.library.ladders,
    )
    flows = {**known.library.workflows, workflow.pin: workflow}
    current = {**known.library.current, workflow.id: workflow.pin}
    return replace(
        known, library=replace(known.library, workflows=flows, current=current)
    ), workflow
