"""Problems of a definition file: where, what, and what would be right."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from engine.errors import EngineError, Text

MOST_PROBLEMS = 100
"""A file that is wrong in more places is told so; a longer list helps nobody."""

_LONGEST_QUOTE = 60
_LONGEST_LIST = 16
_FOLDED = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "-": "_", " ": "_"})


class Mark(NamedTuple):
    """A place in a file; line and column count from 1."""

    line: int
    column: int


START = Mark(1, 1)


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong in the file `name`."""

    name: str
    line: int
    column: int
    text: Text

    def text_in(self, language: str) -> str:
        """Return place and words in German, or in English for the language `en`.

        >>> problem = Problem("anhoerung.yaml", 14, 9, Text("Falsch.", "Wrong."))
        >>> problem.text_in("de")
        'anhoerung.yaml, Zeile 14, Spalte 9: Falsch.'
        >>> problem.text_in("en")
        'anhoerung.yaml, line 14, column 9: Wrong.'
        """
        place = Text(
            f"Zeile {self.line}, Spalte {self.column}", f"line {self.line}, column {self.column}"
        )
        return f"{self.name}, {place.in_(language)}: {self.text.in_(language)}"


class DefinitionError(EngineError):
    """All problems of a file at once, by line; one line of words for each."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        found = sorted(dict.fromkeys(problems), key=lambda p: (p.name, p.line, p.column))
        self.problems: tuple[Problem, ...] = tuple(found)
        super().__init__(self._lines("de"), self._lines("en"))

    def _lines(self, language: str) -> str:
        return "\n".join(problem.text_in(language) for problem in self.problems)


class Wrong(ValueError):
    """What a validator of a model raises to speak both languages.

    `at` leads from the value under validation to the faulty part of it.
    """

    def __init__(self, de: str, en: str, at: tuple[str | int, ...] = ()) -> None:
        super().__init__(en)
        self.text = Text(de, en)
        self.at = at


class Problems:
    """Collects what is wrong in the file `name`, to tell all of it at once."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.found: list[Problem] = []

    def add(self, mark: Mark, text: Text) -> None:
        """Take up a problem at `mark`; past `MOST_PROBLEMS`, raise those there are."""
        self.found.append(Problem(self.name, mark.line, mark.column, text))
        if len(self.found) >= MOST_PROBLEMS:
            self._give_up(mark)

    def raise_if_any(self) -> None:
        """Raise `DefinitionError` with everything taken up so far."""
        if self.found:
            raise DefinitionError(self.found)

    def _give_up(self, mark: Mark) -> None:
        more = Text(
            f"Die Prüfung endet nach {MOST_PROBLEMS} Fehlern. "
            "Beheben Sie diese; weitere zeigen sich dann.",
            f"The check stops after {MOST_PROBLEMS} problems. Mend these; others will show then.",
        )
        last = max(self.found, key=lambda problem: (problem.line, problem.column))
        place = max(mark, Mark(last.line, last.column))
        raise DefinitionError([*self.found, Problem(self.name, place.line, place.column, more)])


def collect(name: str) -> Problems:
    """Return an empty collection for cross-checks on the file `name`."""
    return Problems(name)


def quoted(value: object) -> str:
    """Return `value` in single quotes: on one line, visible, no longer than a line bears.

    >>> print(quoted("zwei\\nZeilen"), quoted(True), quoted(7))
    'zwei\\nZeilen' 'true' '7'
    """
    words = str(value).lower() if isinstance(value, bool) else str(value)
    cut = words if len(words) <= _LONGEST_QUOTE else words[: _LONGEST_QUOTE - 1] + "…"
    shown = (c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in cut)
    return f"'{''.join(shown)}'"


def suggest(word: str, known: Iterable[str]) -> str | None:
    """Return the known word that `word` was most likely meant to be, if any comes close.

    Case, umlauts and hyphens do not count.

    >>> suggest("abgeschlosen", ["offen", "abgeschlossen"])
    'abgeschlossen'
    >>> suggest("Anhörung", ["anhoerung", "beteiligung"])
    'anhoerung'
    """
    if len(word) > _LONGEST_QUOTE:
        return None
    plain = {_folded(candidate): candidate for candidate in reversed(list(known))}
    close = difflib.get_close_matches(_folded(word), plain, n=1, cutoff=0.65)
    return plain[close[0]] if close else None


def unknown(kind: Text, word: str, known: Iterable[str]) -> Text:
    """Return the sentence that nobody knows `word`, with what was meant or what there is.

    >>> unknown(Text("Der Zustand", "The state"), "abgeschlosen", ["abgeschlossen"]).de
    "Der Zustand 'abgeschlosen' ist unbekannt. Meinten Sie 'abgeschlossen'?"
    """
    hint = _hint(word, known)
    return Text(
        f"{kind.de} {quoted(word)} ist unbekannt.{hint.de}",
        f"{kind.en} {quoted(word)} is unknown.{hint.en}",
    )


def did_you_mean(likely: str) -> Text:
    """Return the question after a wrong word, with a leading blank."""
    return Text(f" Meinten Sie {quoted(likely)}?", f" Did you mean {quoted(likely)}?")


def _hint(word: str, known: Iterable[str]) -> Text:
    """Return the hint after a wrong word, with a leading blank: the likely one, or all."""
    words = list(known)
    likely = suggest(word, words)
    if likely is not None:
        return did_you_mean(likely)
    if not 0 < len(words) <= _LONGEST_LIST:
        return Text("", "")
    listed = ", ".join(map(quoted, words))
    return Text(f" Bekannt sind: {listed}.", f" Known are: {listed}.")


def _folded(word: str) -> str:
    return word.casefold().translate(_FOLDED)
