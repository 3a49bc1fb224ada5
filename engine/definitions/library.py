"""The library: every definition by its bytes, compiled together and checked against each other.

Files are only *offered*. What counts is the library table of the database, which keeps the
bytes of every activated definition for ever; this module compiles either.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType

import yaml

from engine.core.calendar import Calendar
from engine.core.escalation import Ladder
from engine.core.offices import OfficeKind
from engine.core.radar import Vocabulary
from engine.core.rules import Fact, RulePack
from engine.core.workflow import Workflow
from engine.core.world import Library
from engine.definitions.agreement import disagreements
from engine.definitions.calendars import read_calendar
from engine.definitions.packs import compile_pack
from engine.definitions.radar import read_radar
from engine.definitions.small import read_facts, read_kinds, read_ladder
from engine.definitions.workflows import compile_workflow
from engine.errors import InputError
from engine.strictyaml import DefinitionError, Problem
from engine.strictyaml.nodes import MOST_LEVELS

ORDER = ("facts", "radar", "offices", "calendar", "ladder", "pack", "workflow")
"""The kinds of definition, each needing only those before it."""


@dataclass(frozen=True, slots=True)
class Definition:
    """The bytes of one definition; `current` tells the version that new cases start with."""

    kind: str
    id: str
    version: str
    name: str
    source: bytes
    current: bool = True

    @property
    def digest(self) -> str:
        """The SHA-256 of the bytes, in hexadecimal."""
        return hashlib.sha256(self.source).hexdigest()


@dataclass(frozen=True, slots=True)
class Definitions:
    """All definitions compiled together."""

    library: Library
    kinds: Mapping[str, OfficeKind]
    calendars: Mapping[str, Calendar]
    radar: Vocabulary | None = None


def offered(workflows: Path, rules: Path) -> tuple[Definition, ...]:
    """Return the definitions that lie in two folders, in the order they are compiled in."""
    found = [*_in_folder(workflows, lambda path: "workflow"), *_in_folder(rules, _rule_kind)]
    return tuple(sorted(found, key=lambda d: (ORDER.index(d.kind), d.name)))


def _in_folder(folder: Path, kind_of) -> Iterator[Definition]:  # type: ignore[no-untyped-def]
    for path in sorted(folder.rglob("*.yaml")):
        inside = path.relative_to(folder)
        yield definition(kind_of(inside), inside.as_posix(), path.read_bytes())


def _rule_kind(path: Path) -> str:
    if len(path.parts) == 1 and path.stem in ("facts", "offices", "radar"):
        return path.stem
    return {"calendars": "calendar", "ladders": "ladder"}.get(path.parts[0], "pack")


def definition(kind: str, name: str, source: bytes) -> Definition:
    """Return a definition from its bytes; id and version are read, nothing is checked yet."""
    head, stem = _head(source), Path(name).stem
    version = str(head.get("version") or hashlib.sha256(source).hexdigest()[:12])
    return Definition(kind, str(head.get("id") or stem), version, name, source)


PLAN = "migration"
"""A migration plan: read like a definition, yet nothing that is ever in force."""

MARKS = {
    "migrates": PLAN,
    "states": "workflow",
    "provisions": "pack",
    "rungs": "ladder",
    "facts": "facts",
    "touches": "radar",
    "kinds": "offices",
    "holidays": "calendar",
}
"""The key that tells what kind of definition a file holds."""


def kind_of(source: bytes) -> str | None:
    """Return the kind of definition that a file holds, by its keys, or None."""
    keys = _head(source)
    return next((kind for key, kind in MARKS.items() if key in keys), None)


@lru_cache(maxsize=1024)
def _head(source: bytes) -> Mapping[str, str]:
    """Return the keys of the outermost mapping, each with its value where that is one word.

    Only to find kind, id and version; the strict loader judges. Read from events and not as a
    tree: whoever nests deeply enough brings down a reader that goes into each level.
    """
    found: dict[str, str] = {}
    key, level = None, 0
    try:
        for event in yaml.parse(source, Loader=_EVENTS):
            if isinstance(event, yaml.CollectionStartEvent):
                level += 1
                if level > MOST_LEVELS or (
                    level == 1 and isinstance(event, yaml.SequenceStartEvent)
                ):
                    break
            level -= isinstance(event, yaml.CollectionEndEvent)
            if level == 1 and isinstance(event, _WHOLE):
                word = event.value if isinstance(event, yaml.ScalarEvent) else ""
                if key is not None:
                    found[key] = word
                key = word if key is None else None
    except yaml.YAMLError:
        return MappingProxyType({})
    return MappingProxyType(found)


_EVENTS = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_WHOLE = (yaml.ScalarEvent, yaml.AliasEvent, yaml.CollectionEndEvent)
"""The events with which a key or a value ends."""


def compile_all(definitions: Iterable[Definition]) -> Definitions:
    """Return all definitions compiled together.

    Raises DefinitionError with the problems of every file, or InputError where two files
    contradict each other.
    """
    rows = sorted(definitions, key=lambda d: ORDER.index(d.kind))
    builder = _Builder()
    for row in rows:
        builder.add(row)
    return builder.build()


@dataclass(frozen=True, slots=True)
class _Ground:
    """What packs and workflows are read against; the same where it comes of the same `rows`."""

    rows: tuple[Definition, ...]
    facts: Mapping[str, Fact] = field(compare=False)
    kinds: Mapping[str, OfficeKind] = field(compare=False)
    ladders: Mapping[str, Ladder] = field(compare=False)


_GROUND = ("facts", "offices", "ladder")

# Whoever changes one file, or a person or a sitting, need not wait until all others are read
# once more: the same bytes on the same ground make the same value. A refusal is never kept.


@lru_cache(maxsize=256)
def _calendar_of(source: bytes) -> Calendar:
    return read_calendar(source)


@lru_cache(maxsize=256)
def _pack_of(row: Definition, ground: _Ground) -> RulePack:
    return compile_pack(row.source, row.name, facts=ground.facts, kinds=ground.kinds)


@lru_cache(maxsize=256)
def _workflow_of(row: Definition, ground: _Ground) -> Workflow:
    return compile_workflow(
        row.source, row.name, facts=ground.facts, kinds=ground.kinds, ladders=ground.ladders
    )


class _Builder:
    def __init__(self) -> None:
        self.ground: list[Definition] = []
        self.facts: dict[str, Fact] = {}
        self.radar: Vocabulary | None = None
        self.kinds: dict[str, OfficeKind] = {}
        self.calendars: dict[str, Calendar] = {}
        self.ladders: dict[str, Ladder] = {}
        self.packs: dict[str, RulePack] = {}
        self.former: list[RulePack] = []
        self.workflows: dict[str, Workflow] = {}
        self.current: dict[str, str] = {}
        self.problems: list[Problem] = []
        self.files: dict[tuple[str, str], Definition] = {}

    def add(self, row: Definition) -> None:
        if row.current:
            self._once(row)
            if row.kind in _GROUND:
                self.ground.append(row)
        try:
            getattr(self, f"_{row.kind}")(row)
        except DefinitionError as error:
            self.problems.extend(error.problems)

    def _once(self, row: Definition) -> None:
        """Refuse a second file of the same kind and id: only one of them could count."""
        first = self.files.setdefault((row.kind, row.id), row)
        if first is not row:
            raise InputError(
                f"{row.name}: Die Kennung „{row.id}“ gehört schon zu {first.name}. Zwei Dateien "
                "derselben Art brauchen verschiedene Kennungen (id).",
                f"{row.name}: the id '{row.id}' already belongs to {first.name}. Two files of "
                "the same kind need different ids.",
            )

    def _facts(self, row: Definition) -> None:
        if row.current:
            self.facts.update(read_facts(row.source, row.name))

    def _radar(self, row: Definition) -> None:
        if row.current:
            self.radar = read_radar(row.source, row.name, facts=self.facts)

    def _offices(self, row: Definition) -> None:
        if row.current:
            self.kinds.update(read_kinds(row.source, row.name))

    def _calendar(self, row: Definition) -> None:
        if row.current:
            self.calendars[row.id] = _calendar_of(row.source)

    def _ladder(self, row: Definition) -> None:
        if row.current:
            self.ladders[row.id] = read_ladder(row.source, row.name, kinds=self.kinds)

    def _pack(self, row: Definition) -> None:
        if row.current:
            self.packs[row.id] = _pack_of(row, self._ground())
        else:
            self._former(row)

    def _former(self, row: Definition) -> None:
        """Keep what a replaced version said, as far as today's facts and offices can read it."""
        with suppress(DefinitionError):
            self.former.append(_pack_of(row, self._ground()))

    def _workflow(self, row: Definition) -> None:
        workflow = _workflow_of(row, self._ground())
        self.workflows[workflow.pin] = workflow
        if row.current:
            self.current[workflow.id] = workflow.pin

    def _ground(self) -> _Ground:
        return _Ground(tuple(self.ground), self.facts, self.kinds, self.ladders)

    def build(self) -> Definitions:
        if self.problems:
            raise DefinitionError(self.problems)
        if len([p for p in self.current.values() if self.workflows[p].form is None]) != 1:
            raise InputError(
                "Genau eine Ablaufdefinition ohne „form“ muss das Vorhaben selbst beschreiben.",
                "Exactly one workflow without a 'form' must describe the case itself.",
            )
        now = [self.workflows[pin] for pin in self.current.values()]
        _check_forms(now)
        files = {k[1]: (d.name, d.source) for k, d in self.files.items() if k[0] == "pack"}
        found = tuple(disagreements(self.packs, now, files))
        if found:
            raise DefinitionError(found)
        _check_chairs(self.ladders, self.packs)
        library = Library(
            workflows=self.workflows,
            current=self.current,
            packs=tuple(self.packs.values()),
            facts=self.facts,
            ladders=self.ladders,
            former=tuple(self.former),
        )
        return Definitions(library, self.kinds, self.calendars, self.radar)


def _check_chairs(ladders: Mapping[str, Ladder], packs: Mapping[str, RulePack]) -> None:
    """Refuse a ladder that reaches the council's chair by a rule that no pack holds."""
    known = {p.id for pack in packs.values() for p in pack.provisions}
    for ladder in ladders.values():
        if ladder.chair_by is not None and ladder.chair_by not in known:
            raise InputError(
                f"Die Leiter „{ladder.id}“ nennt unter chair_by die Vorschrift "
                f"„{ladder.chair_by}“, die in keinem Regelpaket steht.",
                f"The ladder '{ladder.id}' names under chair_by the provision "
                f"'{ladder.chair_by}', which no rule pack holds.",
            )


def _check_forms(workflows: list[Workflow]) -> None:
    """Refuse two workflows for one form: nobody could tell which of them a norm means."""
    carried: dict[str | None, str] = {}
    for workflow in workflows:
        first = carried.setdefault(workflow.form, workflow.id)
        if first != workflow.id:
            raise InputError(
                f"Die Form „{workflow.form}“ hat zwei Ablaufdefinitionen: {first} und "
                f"{workflow.id}. Geben Sie einer von beiden eine andere Form.",
                f"The form '{workflow.form}' has two workflows: {first} and {workflow.id}. "
                "Give one of the two another form.",
            )
