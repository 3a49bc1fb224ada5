"""What the council and the head of the administration are called in this sort of house."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from engine.errors import Text
from engine.strictyaml import Strict, read

FILE = Path(__file__).with_name("house_words.yaml")


class Said(Strict):
    """A term in both languages."""

    de: str
    en: str


class Terms(Strict):
    """The terms of one sort of Körperschaft."""

    council: Said
    head: Said
    member: Said


class Labels(Strict):
    """The general labels of definitions that stand for a term."""

    council: list[str]
    head: list[str]


class Presets(Strict):
    """The data file."""

    labels: Labels
    landkreis: Terms
    stadt: Terms
    gemeinde: Terms
    amt: Terms


@dataclass(frozen=True, slots=True)
class HouseWords:
    """The terms of a house by name, and what it says in place of general labels."""

    terms: Mapping[str, Text]
    labels: Mapping[str, Text]

    def term(self, name: str) -> Text:
        """Return a term of the house; raises KeyError for one that no house has.

        >>> house_words("amt").term("council").de
        'Amtsausschuss'
        """
        return self.terms[name]


@cache
def house_words(preset: str) -> HouseWords:
    """Return the words of a sort of house, as `wording` in config.yaml names it."""
    presets = read(Presets, FILE.read_bytes(), FILE.name).value
    chosen: Terms = getattr(presets, preset)
    terms = {name: Text(said.de, said.en) for name, said in chosen}
    labels = {label: terms[name] for name, rows in presets.labels for label in rows}
    return HouseWords(terms, labels)
