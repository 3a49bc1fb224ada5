"""From a migration plan's file to the migration that the core carries out."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping

from engine.core.migrating import Migration
from engine.core.workflow import Workflow
from engine.core.world import Library
from engine.definitions.documents import MigrationDoc
from engine.errors import Text
from engine.strictyaml import Loaded, Problems, read, unknown

_WORKFLOW = Text("Der Ablauf", "The workflow")
_VERSION = Text("Die Fassung", "The version")
_STATE = Text("Der Zustand", "The state")
_DEADLINE = Text("Die Frist", "The deadline")


def read_migration(source: bytes, name: str, library: Library) -> Migration:
    """Return the migration that a plan declares between two versions of the library.

    Raises DefinitionError with every name that its version does not know.
    """
    loaded = read(MigrationDoc, source, name)
    return _Plan(loaded, library).migration(hashlib.sha256(source).hexdigest())


class _Plan:
    def __init__(self, loaded: Loaded[MigrationDoc], library: Library) -> None:
        self.doc = loaded.value
        self.marks = loaded.marks
        self.problems = Problems(loaded.name)
        self.library = library

    def migration(self, digest: str) -> Migration:
        old = self._version(self.doc.origin, "from")
        new = self._version(self.doc.to, "to")
        self.problems.raise_if_any()
        assert old is not None
        assert new is not None
        if old is new:
            self.problems.add(
                self.marks.value("to"),
                Text(
                    "Der Plan führt in die Fassung, aus der er kommt. Nennen Sie unter to die neue.",
                    "The plan leads to the version it starts from. Name the new one under to.",
                ),
            )
        self.problems.raise_if_any()
        self._map("states", self.doc.states, old.states, new.states, _STATE)
        self._map("deadlines", self.doc.deadlines, old.deadlines, new.deadlines, _DEADLINE)
        self._all(self.doc.drop.deadlines, "deadlines", old.deadlines)
        self._no_two(old, new)
        self.problems.raise_if_any()
        return Migration(
            origin=old.pin,
            target=new.pin,
            digest=digest,
            states=dict(self.doc.states),
            deadlines=dict(self.doc.deadlines),
            dropped_deadlines=frozenset(self.doc.drop.deadlines),
            dropped_fields=frozenset(self.doc.drop.fields),
        )

    def _version(self, said: str, key: str) -> Workflow | None:
        every = [w for w in self.library.workflows.values() if w.id == self.doc.migrates]
        if not every:
            known = sorted({w.id for w in self.library.workflows.values()})
            if key == "from":
                fault = unknown(_WORKFLOW, self.doc.migrates, known)
                self.problems.add(self.marks.value("migrates"), fault)
            return None
        found = next((w for w in every if said in (w.version, w.pin)), None)
        if found is None:
            fault = unknown(_VERSION, said, [w.version for w in every])
            self.problems.add(self.marks.value(key), fault)
        return found

    def _map(
        self,
        key: str,
        said: Mapping[str, str],
        old: Iterable[str],
        new: Iterable[str],
        what: Text,
    ) -> None:
        for one, other in said.items():
            if one not in old:
                self.problems.add(self.marks.key(key, one), unknown(what, one, sorted(old)))
            if other not in new:
                self.problems.add(self.marks.value(key, one), unknown(what, other, sorted(new)))

    def _all(self, said: Iterable[str], key: str, old: Iterable[str]) -> None:
        for i, one in enumerate(said):
            if one not in old:
                fault = unknown(_DEADLINE, one, sorted(old))
                self.problems.add(self.marks.value("drop", key, i), fault)

    def _no_two(self, old: Workflow, new: Workflow) -> None:
        """Refuse two deadlines that would become one: nobody could tell which of them counts."""
        kept = [n for n in old.deadlines if n not in self.doc.drop.deadlines]
        into: dict[str, str] = {}
        for name in kept:
            target = self.doc.deadlines.get(name, name)
            first = into.setdefault(target, name)
            if first != name and target in new.deadlines:
                at = name if name in self.doc.deadlines else first
                self.problems.add(
                    self.marks.value("deadlines", at),
                    Text(
                        f"Aus „{first}“ und „{name}“ würde dieselbe Frist „{target}“.",
                        f"'{first}' and '{name}' would become the same deadline '{target}'.",
                    ),
                )
