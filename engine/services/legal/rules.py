"""Rule packs as the legal office reads them: by layer, with their versions and differences."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from engine.app import App
from engine.core.calendar import local_day
from engine.core.layers import findings as doubts
from engine.core.meanings import RANKS, Source
from engine.core.rules import Provision, RulePack
from engine.core.staleness import stale, stale_packs, stale_text
from engine.core.world import World
from engine.definitions.differences import Change, pack_changes
from engine.definitions.library import Definitions
from engine.definitions.packs import compile_pack
from engine.definitions.provisions import content
from engine.errors import NotFound, Text
from engine.store.house import Definition
from engine.store.store import Store


@dataclass(frozen=True, slots=True)
class Line:
    """One provision of a pack: what it says, and the provision itself."""

    provision: Provision
    says: Text


@dataclass(frozen=True, slots=True)
class Pack:
    """A pack in force with its provisions; `stale` where nobody has looked for 12 months."""

    pack: RulePack
    lines: tuple[Line, ...]
    stale: bool

    @property
    def unchecked(self) -> int:
        """How many provisions nobody answers for."""
        return sum(line.provision.unchecked for line in self.lines)


@dataclass(frozen=True, slots=True)
class Layer:
    """The packs of one rank."""

    source: Source
    packs: tuple[Pack, ...]


@dataclass(frozen=True, slots=True)
class Tree:
    """The packs in force by layer, with what is stale or doubtful about them today."""

    layers: tuple[Layer, ...]
    stale: Text | None
    doubts: tuple[Text, ...]


@dataclass(frozen=True, slots=True)
class PackVersion:
    """A version of a pack that was put in force."""

    version: str
    digest: str
    activated_on: date | None
    current: bool


@dataclass(frozen=True, slots=True)
class PackFile:
    """One pack with the versions that it ever had, the oldest first."""

    shown: Pack
    versions: tuple[PackVersion, ...]


def tree(app: App) -> Tree:
    """Return the packs that bind in one of the places of this installation, by layer."""
    with app.database.read() as store:
        world, definitions = app.world(store), app.definitions(store)
    bound = [p for p in world.library.packs if _binds(p, world)]
    layers = (
        Layer(
            source, tuple(_pack(p, definitions, world.today) for p in bound if p.source is source)
        )
        for source in RANKS
    )
    return Tree(
        layers=tuple(layer for layer in layers if layer.packs),
        stale=stale_text(stale_packs(bound, world.today)),
        doubts=tuple(d.text for d in doubts(bound) if d.on(world.today)),
    )


def _binds(pack: RulePack, world: World) -> bool:
    return any(
        p.binds(place.land, place.id)
        for p in pack.provisions
        for place in world.municipalities.values()
    )


def _pack(pack: RulePack, definitions: Definitions, today: date) -> Pack:
    lines = tuple(Line(p, content(p, definitions)) for p in pack.provisions)
    return Pack(pack, lines, stale(pack, today))


def pack_file(app: App, id_: str) -> PackFile:
    """Return a pack in force with its versions; NotFound where there is none."""
    with app.database.read() as store:
        world, definitions = app.world(store), app.definitions(store)
        rows = _rows(store, id_)
    found = next((p for p in world.library.packs if p.id == id_), None)
    if found is None:
        raise NotFound(
            f"Das Regelpaket „{id_}“ ist nicht in Kraft.", f"The pack '{id_}' is not in force."
        )
    versions = tuple(
        PackVersion(
            r.version,
            r.digest,
            None if r.activated_at is None else local_day(r.activated_at),
            r.current,
        )
        for r in rows
    )
    return PackFile(_pack(found, definitions, world.today), versions)


def differences(app: App, id_: str, old: str, new: str) -> tuple[Change, ...]:
    """Return what one version of a pack says differently from another."""
    with app.database.read() as store:
        definitions = app.definitions(store)
        rows = {r.version: r for r in _rows(store, id_)}
    if old not in rows or new not in rows:
        raise NotFound(
            f"Eine dieser Fassungen von „{id_}“ gibt es nicht.",
            f"One of these versions of '{id_}' does not exist.",
        )
    before, after = _compiled(rows[old], definitions), _compiled(rows[new], definitions)
    return pack_changes(before, after, definitions)


def _rows(store: Store, id_: str) -> list[Definition]:
    return [d for d in store.definitions() if d.kind == "pack" and d.id == id_]


def _compiled(row: Definition, known: Definitions) -> RulePack:
    held: Iterable[RulePack] = (*known.library.packs, *known.library.former)
    for pack in held:
        if pack.digest == row.digest:
            return pack
    name = f"{row.id}@{row.version}"
    return compile_pack(row.data, name, facts=known.library.facts, kinds=known.kinds)
