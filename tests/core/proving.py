"""Small libraries to prove: the case with a hearing and an information of record, faults put in."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import yaml

from engine import shipped
from engine.core.proof import Proof, prove
from engine.definitions.library import Definition, Definitions, compile_all, definition, offered

WORKFLOWS = ("vorhaben", "anhoerung", "unterrichtung")
FAULTY = Path(__file__).parent.parent / "faulty"
LAW = FAULTY / "rules" / "hain.yaml"


@dataclass(frozen=True, slots=True)
class Replacement:
    """In the definition `where`, the first `find` after the text `after` becomes `put`."""

    where: str
    after: str
    find: str
    put: str

    def made(self, text: str) -> str:
        """Return the text with the replacement; what is missing fails."""
        begin = text.find(self.after)
        at = text.find(self.find, begin)
        assert begin >= 0, f"{self.where}: „{self.after}“ steht dort nicht mehr"
        assert at >= 0, f"{self.where}: „{self.find}“ steht dort nicht mehr"
        return text[:at] + self.put + text[at + len(self.find) :]


@lru_cache(maxsize=1)
def _offered() -> tuple[Definition, ...]:
    law = definition("pack", LAW.name, LAW.read_bytes())
    shipped_ = offered(shipped.workflows(), shipped.rules())
    return (*(r for r in shipped_ if r.kind != "workflow" or r.id in WORKFLOWS), law)


def definitions(*replacements: Replacement) -> Definitions:
    """Return the small library, each replacement made once; a text that is missing fails."""
    rows = [r for r in _offered() if r.kind != "pack" or r.name == LAW.name]
    for replacement in replacements:
        [at] = [i for i, r in enumerate(rows) if r.id == replacement.where]
        changed = replacement.made(rows[at].source.decode()).encode()
        rows[at] = definition(rows[at].kind, rows[at].name, changed)
    return compile_all(rows)


def proof(*replacements: Replacement) -> Proof:
    """Return the proof of the small library with these replacements."""
    compiled = definitions(*replacements)
    return prove(compiled.library, compiled.kinds)


@dataclass(frozen=True, slots=True)
class Faulty:
    """A fault put into a definition, the claim it breaks, and the story that shows it."""

    name: str
    claim: str
    replacements: tuple[Replacement, ...]
    story: tuple[str, ...]
    why: str


def faulty() -> list[Faulty]:
    """Return the seeded faults of `tests/faulty`."""
    return [_faulty(path) for path in sorted(FAULTY.glob("*.yaml"))]


def _faulty(path: Path) -> Faulty:
    raw = yaml.safe_load(path.read_text(encoding="utf-8"))
    rows = (Replacement(r["in"], r["after"], r["find"], r["with"]) for r in raw["replace"])
    story = tuple(raw.get("story", ()))
    return Faulty(path.stem, raw["claim"], tuple(rows), story, raw.get("why", ""))
