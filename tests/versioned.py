"""The county with a second version of its workflows, in which some names are others."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import lru_cache

from engine import shipped
from engine.core.migrating import Migration
from engine.core.workflow import Workflow
from engine.core.world import Library, World
from engine.definitions.library import compile_all, definition, offered

NEXT_VERSION = "2099-01"

STATES = {"informiert": "unterrichtet"}
DEADLINES = {"vervollstaendigung": "nachreichung"}
CASE_STATES = {"in_beteiligung": "beteiligung_laeuft"}

INTERIM = """
deadlines:
  zwischenstand:
    title: {de: Zwischenstand, en: interim word}
    owner: lead
    period: value
    value: antwort
    in: [unterrichtet]
    ladder: dienstpflicht
"""


def source(id_: str = "anhoerung") -> bytes:
    """Return the bytes of a shipped workflow."""
    return (shipped.workflows() / f"{id_}.yaml").read_bytes()


def shipped_version(id_: str = "anhoerung") -> str:
    """Return which version of a workflow is shipped."""
    [version] = re.findall(r'(?m)^version: "(.*)"$', source(id_).decode())
    return str(version)


def rewritten(names: dict[str, str], id_: str = "anhoerung", version: str = NEXT_VERSION) -> bytes:
    """Return a shipped workflow as a new version in which these names are others."""
    text = source(id_).decode()
    for old, new in names.items():
        text = re.sub(rf"\b{old}\b", new, text)
    return re.sub(r'(?m)^version: ".*"$', f'version: "{version}"', text, count=1).encode()


def next_version(*, interim: bool = False) -> bytes:
    """Return the next version of the Anhörung; `interim` gives it a deadline that is new."""
    data = rewritten(STATES | DEADLINES)
    return data.replace(b"\ndeadlines:\n", INTERIM.encode(), 1) if interim else data


def with_versions(*new: bytes) -> Library:
    """Return the shipped library with these new versions in force beside the shipped ones.

    It stands at position 1, the shipped one alone at 0.
    """
    rows = [definition("workflow", f"new-{n}.yaml", data) for n, data in enumerate(new)]
    ids = {row.id for row in rows}
    held = offered(shipped.workflows(), shipped.rules())
    older = [replace(d, current=not (d.kind == "workflow" and d.id in ids)) for d in held]
    return replace(compile_all([*older, *rows]).library, position=1)


@lru_cache(maxsize=1)
def two_versions() -> Library:
    """Return the library in which Anhörung and Vorhaben each have a second version."""
    return with_versions(next_version(), rewritten(CASE_STATES, "vorhaben"))


def pair(library: Library, id_: str = "anhoerung") -> tuple[Workflow, Workflow]:
    """Return the shipped version of a workflow and the one in force."""
    new = library.workflow(library.current[id_])
    old = next(w for w in library.workflows.values() if w.id == id_ and w is not new)
    return old, new


def renaming(library: Library, **changes: object) -> Migration:
    """Return the migration of the Anhörung that names what is called otherwise now."""
    old, new = pair(library)
    plan = Migration(old.pin, new.pin, "d" * 64, STATES, DEADLINES)
    return replace(plan, **changes)  # type: ignore[arg-type]


def in_library(world: World, library: Library) -> World:
    """Return the same world with another library."""
    return replace(world, library=library)
