"""Periods as statutes name them: a number and a unit, read from German or English words."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum
from typing import Self

from engine.errors import InputError, Text

LONGEST = 9999


class Unit(StrEnum):
    """What a period is counted in."""

    HOUR = "hour"
    DAY = "day"
    WORKING_DAY = "working_day"
    WERKTAG = "werktag"
    WEEK = "week"
    MONTH = "month"
    HALF_MONTH = "half_month"


# One, many, in German; one, many, in English.
_NAMES: dict[Unit, tuple[str, str, str, str]] = {
    Unit.HOUR: ("Stunde", "Stunden", "hour", "hours"),
    Unit.DAY: ("Tag", "Tage", "day", "days"),
    Unit.WORKING_DAY: ("Arbeitstag", "Arbeitstage", "working day", "working days"),
    Unit.WERKTAG: ("Werktag", "Werktage", "Werktag", "Werktage"),
    Unit.WEEK: ("Woche", "Wochen", "week", "weeks"),
    Unit.MONTH: ("Monat", "Monate", "month", "months"),
    Unit.HALF_MONTH: ("halber Monat", "halbe Monate", "half month", "half months"),
}

# Further spellings; a Vierteljahr is three months (§ 189 BGB), a year twelve (§ 188 (2) BGB).
_ALSO: dict[tuple[int, Unit], str] = {
    (1, Unit.HOUR): "h, Std",
    (1, Unit.DAY): "d, Tagen, Kalendertag, Kalendertage, Kalendertagen, calendar day, "
    "calendar days",
    (1, Unit.WORKING_DAY): "AT, Arbeitstagen, workday, workdays",
    (1, Unit.WERKTAG): "WT, Werktagen, werktags",
    (1, Unit.WEEK): "w",
    (1, Unit.MONTH): "m, Monaten, Monats",
    (1, Unit.HALF_MONTH): "halben Monat, halben Monats, halben Monaten, Halbmonat, Halbmonate",
    (3, Unit.MONTH): "Vierteljahr, Vierteljahre, Vierteljahren, Quartal, Quartale, quarter, "
    "quarters",
    (6, Unit.MONTH): "Halbjahr, Halbjahre, Halbjahren, halbes Jahr, halben Jahr, half year, "
    "half years",
    (12, Unit.MONTH): "Jahr, Jahre, Jahren, year, years",
}

_UNITS: dict[str, tuple[int, Unit]] = {
    word.casefold(): (1, unit) for unit, names in _NAMES.items() for word in names
} | {word.casefold(): meant for meant, words in _ALSO.items() for word in words.split(", ")}

_SPELT = {word.casefold(): word for words in _ALSO.values() for word in words.split(", ")} | {
    word.casefold(): word for names in _NAMES.values() for word in names
}

_NUMBERS: dict[str, int] = {
    word: number
    for number, words in enumerate(
        (
            "ein eine einem einen einer eines one a an",
            "zwei two",
            "drei three",
            "vier four",
            "fünf five",
            "sechs six",
            "sieben seven",
            "acht eight",
            "neun nine",
            "zehn ten",
            "elf eleven",
            "zwölf twelve",
        ),
        start=1,
    )
    for word in words.split()
}

_SHAPE = re.compile(r"(?P<count>-?[0-9]+|[^\W\d]+(?=\s))\s*(?P<unit>[^\W\d][\w\s-]*?)\.?")


@dataclass(frozen=True, slots=True)
class Period:
    """A number of hours, days, weeks or months; at least one, at most 9999.

    Half months: an odd number is the whole months in it and then 15 days, which come last
    (§ 189 BGB); two half months are one month.
    """

    count: int
    unit: Unit

    def __post_init__(self) -> None:
        """Refuse a period of nothing, of less than nothing, and of centuries."""
        if type(self.count) is not int or not 1 <= self.count <= LONGEST:
            raise InputError(
                f"Eine Frist von {self.count} gibt es nicht: erlaubt ist eine ganze Zahl "
                f"von 1 bis {LONGEST}.",
                f"There is no period of {self.count}: a whole number from 1 to {LONGEST} "
                "is allowed.",
            )

    @classmethod
    def parse(cls, words: str) -> Self:
        """Return the period that German or English words name, such as `2 Wochen` or `10AT`.

        Raises InputError saying which words are allowed, with the nearest one.

        >>> Period.parse("zehn Arbeitstage")
        Period(count=10, unit=<Unit.WORKING_DAY: 'working_day'>)
        >>> Period.parse("1 Vierteljahr").text.en
        '3 months'
        """
        found = _SHAPE.fullmatch(words.strip())
        if found is None:
            raise _unreadable(words, Text("Zahl oder Einheit fehlt.", "number or unit is missing."))
        factor, unit = _unit_named(found["unit"], words)
        return cls(_number_named(found["count"], words) * factor, unit)

    @property
    def text(self) -> Text:
        """Return the period in words: `1 Woche`, `10 Arbeitstage`, `3 halbe Monate`."""
        de_one, de_many, en_one, en_many = _NAMES[self.unit]
        if self.count == 1:
            return Text(f"1 {de_one}", f"1 {en_one}")
        return Text(f"{self.count} {de_many}", f"{self.count} {en_many}")


def _number_named(word: str, words: str) -> int:
    if word.removeprefix("-").isdecimal():
        return int(word)
    if (number := _NUMBERS.get(word.casefold())) is not None:
        return number
    raise _unreadable(
        words,
        Text(f"„{word}“ ist keine bekannte Zahl.", f"'{word}' is no number known here."),
    )


def _unit_named(word: str, words: str) -> tuple[int, Unit]:
    name = " ".join(re.split(r"[\s_-]+", word.casefold()))
    if name in _UNITS:
        return _UNITS[name]
    de, en = f"die Einheit „{word}“ ist unbekannt.", f"the unit '{word}' is unknown."
    for near in get_close_matches(name, _UNITS, n=1):
        de += f" Meinten Sie „{_SPELT[near]}“?"
        en += f" Did you mean '{_SPELT[near]}'?"
    raise _unreadable(words, Text(de, en))


def _unreadable(words: str, why: Text) -> InputError:
    """Return the error that names the words, the cause and what is allowed."""
    de = ", ".join(names[1] for names in _NAMES.values())
    en = ", ".join(names[3] for names in _NAMES.values())
    return InputError(
        f"„{words}“ ist keine Frist: {why.de} Erlaubt ist eine Zahl mit einer Einheit: {de}.",
        f"'{words}' is no period: {why.en} Allowed is a number with a unit: {en}.",
    )
