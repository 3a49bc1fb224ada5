"""A definition that is offered: checked, compared and proven, and not put in force."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace

from engine.app import App, stored
from engine.core.proof import Proof, prove
from engine.core.workflow import Workflow
from engine.definitions.differences import Change, pack_changes, workflow_changes
from engine.definitions.library import Definition, Definitions, compile_all, definition, kind_of
from engine.definitions.rehearsal import Rehearsed, rehearse
from engine.errors import EngineError, InputError, Text
from engine.strictyaml import DefinitionError, Problem

MOST = 1_000_000
"""Bytes of a definition; the largest one in use has a tenth of it."""

_KINDS = ("workflow", "pack", "ladder", "calendar")


@dataclass(frozen=True, slots=True)
class Examined:
    """What the examination of an offered definition found.

    `problems` are mistakes of the file, `refused` one that it makes with the others. Without
    either there are the differences from the version in force, and the examples if it is a
    workflow.
    """

    definition: Definition
    problems: tuple[Problem, ...] = ()
    refused: Text | None = None
    changes: tuple[Change, ...] = ()
    new: bool = False
    rehearsed: Rehearsed | None = None

    @property
    def sound(self) -> bool:
        """Whether it compiles together with what is in force."""
        return not self.problems and self.refused is None


def read_offer(name: str, source: bytes) -> Definition:
    """Return an offered file as a definition; InputError for what is none."""
    if len(source) > MOST:
        raise InputError(
            "Die Datei ist zu groß für eine Definition (höchstens 1 MB).",
            "The file is too large for a definition (1 MB at most).",
        )
    kind = kind_of(source)
    if kind not in _KINDS:
        raise InputError(
            "Das ist weder Ablauf, Regelpaket, Leiter noch Kalender.",
            "This is neither a workflow, a rule pack, a ladder nor a calendar.",
        )
    return definition(kind, name, source)


def examine(app: App, offer: Definition, letters: dict[str, Text]) -> Examined:
    """Return what is to be said of an offered definition; nothing is put in force."""
    before = _held(app)
    try:
        after = compile_all(_with(before, offer))
    except DefinitionError as error:
        return Examined(offer, problems=error.problems)
    except EngineError as error:
        return Examined(offer, refused=error.text)
    held = compile_all(before)
    rehearsed = rehearse(after) if offer.kind == "workflow" else None
    changes = tuple(_changes(held, after, offer, letters))
    known = any((d.kind, d.id) == (offer.kind, offer.id) for d in before if d.current)
    return Examined(offer, changes=changes, new=not known, rehearsed=rehearsed)


def proof_of_offer(app: App, offer: Definition | None) -> Proof:
    """Return the proof of what is in force, an offered definition in place of its own kind."""
    held = _held(app)
    after = compile_all(held if offer is None else _with(held, offer))
    forms = None
    if offer is not None and offer.kind == "workflow":
        form = _workflow(after, offer.id).form
        # A form is proven with every other; the case itself stands behind all of them.
        forms = None if form is None else frozenset({form})
    return prove(after.library, after.kinds, forms, frozenset())


def standing(app: App) -> str:
    """Return what names exactly the definitions in force: a digest of their digests."""
    rows = sorted(d.digest for d in _held(app) if d.current)
    return hashlib.sha256("\n".join(rows).encode()).hexdigest()[:24]


def _held(app: App) -> list[Definition]:
    with app.database.read() as store:
        return stored(store)


def _with(held: Iterable[Definition], offer: Definition) -> list[Definition]:
    mine = (offer.kind, offer.id)
    older = [replace(d, current=False) if (d.kind, d.id) == mine else d for d in held]
    return [*(d for d in older if (d.kind, d.digest) != (offer.kind, offer.digest)), offer]


def _workflow(definitions: Definitions, id_: str) -> Workflow:
    return definitions.library.workflow(definitions.library.current[id_])


def _changes(
    before: Definitions, after: Definitions, offer: Definition, letters: dict[str, Text]
) -> Iterable[Change]:
    if offer.kind == "workflow" and offer.id in before.library.current:
        old, new = _workflow(before, offer.id), _workflow(after, offer.id)
        return workflow_changes(old, new, after, letters)
    if offer.kind == "pack":
        olds = [p for p in before.library.packs if p.id == offer.id]
        news = [p for p in after.library.packs if p.id == offer.id]
        if olds and news:
            return pack_changes(olds[0], news[0], after)
    return ()
