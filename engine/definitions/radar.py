"""From the radar's file to its words: stems by fact, and what no two titles are told apart by."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated

from pydantic import Field as Constraint

from engine.core.radar import Stems, Vocabulary, folded
from engine.core.rules import Fact
from engine.definitions.documents import Name, Said
from engine.errors import Text
from engine.strictyaml import Loaded, Problems, Strict, read, unknown

_FACT = Text("Die Tatsache", "The fact")
_NOT_BOOL = Text(
    "Stichwörter gibt es nur zu Tatsachen, die zutreffen oder nicht (type: bool).",
    "There are words only for facts that hold or do not (type: bool).",
)
_SHORT = 3
"""Letters below which a stem would be found in half of all words."""


class StemsDoc(Strict):
    """What hints at one fact."""

    begins: list[Said] = []
    within: list[Said] = []
    unless: list[Said] = []


class RadarDoc(Strict):
    """The file of the radar's words."""

    version: str
    threshold: Annotated[int, Constraint(ge=1, le=100)]
    noise: list[Said] = []
    common: list[Said] = []
    endings: list[Said] = []
    touches: dict[Name, StemsDoc]


def read_radar(source: bytes, name: str, *, facts: Mapping[str, Fact]) -> Vocabulary:
    """Return the words that the radar reads agendas by.

    Raises DefinitionError with every fact that nobody is asked for and every stem that is
    too short to say anything.
    """
    loaded = read(RadarDoc, source, name)
    doc, problems = loaded.value, Problems(name)
    for fact, stems in doc.touches.items():
        _check_fact(fact, loaded, problems, facts)
        for part in ("begins", "within"):
            _check_stems(getattr(stems, part), ("touches", fact, part), loaded, problems)
    problems.raise_if_any()
    return Vocabulary(
        threshold=doc.threshold,
        noise=frozenset(map(folded, doc.noise)),
        common=frozenset(map(folded, doc.common)),
        endings=tuple(map(folded, doc.endings)),
        stems={
            k: Stems(_folded(s.begins), _folded(s.within), _folded(s.unless))
            for k, s in doc.touches.items()
        },
    )


def _folded(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(map(folded, words))


def _check_fact(
    fact: str, loaded: Loaded[RadarDoc], problems: Problems, facts: Mapping[str, Fact]
) -> None:
    mark = loaded.marks.key("touches", fact)
    if fact not in facts:
        problems.add(mark, unknown(_FACT, fact, sorted(facts)))
    elif facts[fact].type != "bool":
        problems.add(mark, _NOT_BOOL)


def _check_stems(
    stems: list[str], at: tuple[str, ...], loaded: Loaded[RadarDoc], problems: Problems
) -> None:
    for i, stem in enumerate(stems):
        if len(stem.strip()) < _SHORT:
            words = Text(
                f"Das Stichwort „{stem}“ ist zu kurz; es braucht {_SHORT} Buchstaben.",
                f"The stem '{stem}' is too short; it needs {_SHORT} letters.",
            )
            problems.add(loaded.marks.value(*at, i), words)
