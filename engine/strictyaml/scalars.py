"""What an unquoted word of YAML stands for: text, a whole number, true, false or null.

YAML 1.1 reads `no` as false, `12:30` as 750 and `0331` as 217. Words of which a reader
cannot be sure are therefore refused, with the way to write what was meant.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TypeAlias

from engine.errors import Text
from engine.strictyaml.problems import quoted

Scalar: TypeAlias = str | int | bool | None

_MOST_DIGITS = 18
_WHOLE = re.compile(r"-?[1-9][0-9]*|0")
_PLAIN: dict[str, Scalar] = {"": None, "null": None, "true": True, "false": False}
_SUSPECT_STARTS = frozenset("+-.~0123456789yYnNoOtTfF")
_TRUE_WORDS = frozenset({"yes", "y", "on", "true"})


def meaning(word: str) -> Scalar | Text:
    """Return what the unquoted `word` stands for, or the words that refuse it.

    >>> meaning("2026-02-30"), meaning("14"), meaning("true"), meaning("null")
    ('2026-02-30', 14, True, None)
    """
    if word in _PLAIN:
        return _PLAIN[word]
    if word[0] not in _SUSPECT_STARTS:
        return word
    if _WHOLE.fullmatch(word) and len(word.removeprefix("-")) <= _MOST_DIGITS:
        return int(word)
    return next((refuse(word) for form, refuse in _REFUSED if form.fullmatch(word)), word)


def _truth(word: str) -> Text:
    right = "true" if word.lower() in _TRUE_WORDS else "false"
    return Text(
        f"Das Wort {word} ist mehrdeutig. Schreiben Sie {right}, wenn ein Wahrheitswert gemeint "
        f'ist, und "{word}" in Anführungszeichen, wenn das Wort gemeint ist.',
        f"The word {word} is ambiguous. Write {right} if a truth value is meant, "
        f'and "{word}" in quotes if the word is meant.',
    )


def _nothing(word: str) -> Text:
    return Text(
        f"{word} ist mehrdeutig. Schreiben Sie null, wenn nichts gemeint ist, "
        f'und "{word}" in Anführungszeichen, wenn das Zeichen gemeint ist.',
        f"{word} is ambiguous. Write null if nothing is meant, "
        f'and "{word}" in quotes if the characters are meant.',
    )


def _time_of_day(word: str) -> Text:
    return Text(
        f"{_short(word)} liest YAML als Zahl zur Basis 60. "
        f'Schreiben Sie "{_short(word)}" in Anführungszeichen.',
        f'YAML reads {_short(word)} as a number to base 60. Write "{_short(word)}" in quotes.',
    )


def _fraction(word: str) -> Text:
    return Text(
        f"{_short(word)} ist eine Kommazahl, die es hier nicht gibt. Schreiben Sie eine ganze "
        f'Zahl, oder "{_short(word)}" in Anführungszeichen, wenn Text gemeint ist.',
        f"{_short(word)} is a fraction, and there are none here. Write a whole number, "
        f'or "{_short(word)}" in quotes if text is meant.',
    )


def _odd_number(word: str) -> Text:
    return Text(
        f"{_short(word)} ist keine eindeutige Zahl. Schreiben Sie eine Dezimalzahl ohne führende "
        f'Null, Plus und Unterstrich, oder "{_short(word)}" in Anführungszeichen.',
        f"{_short(word)} is no unambiguous number. Write a decimal number without leading zero, "
        f'plus and underscore, or "{_short(word)}" in quotes.',
    )


def _long_number(word: str) -> Text:
    return Text(
        f"Die Zahl {_short(word)} hat mehr als {_MOST_DIGITS} Stellen. "
        "Setzen Sie sie in Anführungszeichen, wenn sie ein Kennzeichen ist.",
        f"The number {_short(word)} has more than {_MOST_DIGITS} digits. "
        "Put it in quotes if it is an identifier.",
    )


def _short(word: str) -> str:
    return quoted(word)[1:-1]


def _form(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.ASCII | re.IGNORECASE)


_REFUSED: list[tuple[re.Pattern[str], Callable[[str], Text]]] = [
    (_form(r"y|n|yes|no|on|off|true|false"), _truth),
    (_form(r"~|null"), _nothing),
    (_WHOLE, _long_number),
    (_form(r"[-+]?[0-9][0-9_]*(:[0-9_]+)+(\.[0-9_]*)?"), _time_of_day),
    (_form(r"[-+]?(0x[0-9a-f_]+|0b[01_]+|0o[0-7_]+|[0-9][0-9_]*)"), _odd_number),
    (_form(r"[-+]?\.(inf|nan)"), _fraction),
    (_form(r"[-+]?([0-9][0-9_]*(\.[0-9_]*)?|\.[0-9][0-9_]*)(e[-+]?[0-9]+)?"), _fraction),
]
