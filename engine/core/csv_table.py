"""A table as CSV that office programs open and that no cell of it can harm.

Semicolons, every cell quoted, UTF-8 with BOM, as German office programs expect it. A cell
that a program would take for a formula begins with an apostrophe.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from datetime import date

from engine.errors import Text

Cell = Text | str | int | float | date | None
_FORMULA = re.compile(r"[\t\r\n]|[\s\x00-\x1f\x7f\u200b-\u200f\u2060\ufeff]*[=+\-@＝＋－＠]")
"""What a program may take for a formula, full-width signs too, behind whatever it passes over."""

BOM = "\ufeff"


def csv_text(head: Sequence[Cell], rows: Iterable[Sequence[Cell]], language: str = "de") -> str:
    """Return a table as the text of a CSV file, without the mark that says UTF-8."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    for row in (head, *rows):
        writer.writerow([_cell(cell, language) for cell in row])
    return out.getvalue()


def csv_bytes(head: Sequence[Cell], rows: Iterable[Sequence[Cell]], language: str = "de") -> bytes:
    """Return a table as CSV.

    >>> csv_bytes(["Titel"], [["=1+1"], [-3]]).decode("utf-8-sig")
    '"Titel"\\r\\n"\\'=1+1"\\r\\n"-3"\\r\\n'
    """
    return (BOM + csv_text(head, rows, language)).encode()


def _cell(cell: Cell, language: str) -> str:
    if cell is None:
        return ""
    if isinstance(cell, bool | int):
        return str(cell)
    if isinstance(cell, float):
        return f"{cell:.1f}".replace(".", "." if language == "en" else ",")
    if isinstance(cell, date):
        return cell.isoformat() if language == "en" else f"{cell:%d.%m.%Y}"
    words = cell.in_(language) if isinstance(cell, Text) else cell
    return safe(words)


def safe(words: str) -> str:
    """Return words that no office program takes for a formula.

    Programs skip blanks, line breaks and invisible signs before one, so those hide none here.
    """
    return f"'{words}" if _FORMULA.match(words) else words
