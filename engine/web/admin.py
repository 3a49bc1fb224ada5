"""What the administrator's pages share: mistakes of files, and words that name no case."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from starlette.datastructures import FormData

from engine.errors import EngineError, Text
from engine.services import accounts
from engine.strictyaml import DefinitionError
from engine.web.desk import Desk
from engine.web.forms import day_given
from engine.web.pages.session_import import faults

ROOT = "/verwaltung"
_NUMBER = re.compile(r"\bV-\d{4}-\d{4,}\b")

Row = tuple[str, str, Text]
"""Line, column, and what is to be done."""


def rows_of(error: EngineError) -> list[Row]:
    """Return what is wrong with a file, by line and column; one row without for all else."""
    if isinstance(error, DefinitionError):
        return [(str(p.line), str(p.column), p.text) for p in error.problems]
    return [(line, column, discreet(text)) for line, column, text in faults(error)]


def discreet(text: Text) -> Text:
    """Return words without the numbers of cases: nobody sees one by being an administrator.

    >>> discreet(Text("V-2026-0001: passt nicht", "V-2026-0001: does not fit")).de
    'ein Vorgang: passt nicht'
    """
    return Text(_NUMBER.sub("ein Vorgang", text.de), _NUMBER.sub("a case", text.en))


def word(sent: FormData, name: str) -> str:
    """Return what a form says in a field, without blanks around it."""
    return str(sent.get(name, "")).strip()


def day_or_none(sent: FormData, name: str, label: Text) -> date | None:
    """Return the day of a field that may be empty; raises InputError for what is no day."""
    said = word(sent, name)
    return day_given(said, label) if said else None


def must_confirm(desk: Desk) -> bool:
    """Return whether she has to prove herself once more; who trains came in without a password."""
    return not desk.demo and not accounts.fresh(desk.app, desk.me)


def numbered(rows: list[Text]) -> Iterator[tuple[Text, int]]:
    """Yield each sentence once, with how often it was said."""
    said = list(dict.fromkeys(rows))
    return ((text, rows.count(text)) for text in said)
