"""Outcomes as another program has published them: proposed for the table of a sitting, no more.

Houses word their outcomes freely ("einstimmig beschlossen", "mehrheitlich zugestimmt"). One is
proposed only where the words hold the name of exactly one outcome that the step knows; what
else was published is shown beside the row, and a person chooses.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from engine.errors import InputError, Text
from engine.oparl.agendas import read_agendas
from engine.services.outcomes import OutcomeRow, Table
from engine.services.sittings import Sitting
from engine.services.tables import Table as Csv

COLUMNS = ("vorlage", "ergebnis", "wortlaut")
SUFFIXES = (".csv", ".json")

_NO = ("nicht", "kein", "not", "no")


@dataclass(frozen=True, slots=True)
class Published:
    """The outcome of one paper in the words of whoever published it."""

    reference: str
    result: str
    wording: str = ""


@dataclass(frozen=True, slots=True)
class Proposed:
    """What a file proposes: by number of the case what to choose, the wording, what it says.

    `unknown` are papers of the file that the table does not have.
    """

    values: Mapping[str, str]
    wordings: Mapping[str, str]
    said: Mapping[str, str]
    unknown: tuple[str, ...]


def read_outcomes(path: Path, sitting: Sitting) -> list[Published]:
    """Return the outcomes of a sitting that a CSV table or a file of OParl meetings holds.

    Raises an error with every flaw of a table, and InputError where a file of meetings does
    not know the sitting or no outcome of it.
    """
    found = _from_oparl(path, sitting) if path.suffix.lower() == ".json" else _from_csv(path)
    if not found:
        raise InputError(
            f"{path.name} nennt kein Ergebnis für {sitting.body} am {sitting.day:%d.%m.%Y}.",
            f"{path.name} names no outcome for {sitting.body} on {sitting.day.isoformat()}.",
        )
    return found


def proposed(table: Table, published: Iterable[Published]) -> Proposed:
    """Return what published outcomes propose for the rows of a table, by the paper's number."""
    rows = {_plain(row.paper.case.measure.reference): row for row in table.rows}
    rows.pop("", None)
    values, wordings, said, unknown = {}, {}, {}, []
    for one in published:
        row = rows.get(_plain(one.reference))
        if row is None:
            unknown.append(one.reference)
            continue
        number = row.paper.case.number
        said[number] = one.result
        choice = _choice(row, one.result)
        if choice is not None:
            values[number] = choice
        if one.wording and row.wording:
            wordings[number] = one.wording
    return Proposed(values, wordings, said, tuple(unknown))


def _from_csv(path: Path) -> list[Published]:
    table = Csv(path, COLUMNS, frozenset({"vorlage", "ergebnis"}))
    found = [
        Published(cells.get("vorlage", ""), cells.get("ergebnis", ""), cells.get("wortlaut", ""))
        for _, cells in table.cells()
    ]
    table.done()
    return found


def _from_oparl(path: Path, sitting: Sitting) -> list[Published]:
    items, _ = read_agendas(path)
    return [
        Published(item.reference, item.result)
        for item in items
        if item.reference
        and item.result
        and item.day == sitting.day
        and _plain(item.body) == _plain(sitting.body)
    ]


def _choice(row: OutcomeRow, result: str) -> str | None:
    """Return what a form sends for the one outcome that the words name, None if that is unclear."""
    words = _plain(result)
    if any(no in words.split() for no in _NO):
        return None
    named = {
        value: max((len(name) for name in _names(label) if name in words), default=0)
        for group in row.groups
        for value, label in group.choices
    }
    longest = max(named.values(), default=0)
    best = [value for value, length in named.items() if length == longest]
    return best[0] if longest and len(best) == 1 else None


def _names(label: Text) -> tuple[str, str]:
    return _plain(label.de), _plain(label.en)


def _plain(words: str | None) -> str:
    return " ".join((words or "").casefold().split())
