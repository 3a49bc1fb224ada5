"""What an office program makes of a table that the pages hand out."""

from __future__ import annotations

import shutil
import subprocess
from datetime import date, timedelta
from pathlib import Path
from typing import NamedTuple
from xml.sax import make_parser
from xml.sax.handler import ContentHandler
from xml.sax.xmlreader import AttributesImpl

import pytest

from engine.core.world import Session
from engine.services import sessions
from tests.test_legal_office import FORMULAS
from tests.web.county import County, county, played

__all__ = ["county", "played"]

SOFFICE = shutil.which("soffice")
GERMAN = "CSV:59,34,76,1,,1031"
"""Semicolons, quotes, UTF-8, from the first line on, German: as the import dialogue offers it."""

HARMLESS = ["Ausschuss für Straßen; Wege", "0012", "Kreistag, 2. Sitzung", 'Beirat "Süd"']


class Cell(NamedTuple):
    """What stands in a cell as it was opened: its formula, its type, and what is to be read."""

    formula: str
    kind: str
    words: str


class Cells(ContentHandler):
    """Collects the rows of a spreadsheet in Flat OpenDocument."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[list[Cell]] = []
        self._paragraphs = 0

    def startElement(self, name: str, attrs: AttributesImpl) -> None:
        if name == "table:table-row":
            self.rows.append([])
        elif name == "table:table-cell":
            kind = attrs.get("office:value-type", "")
            self.rows[-1].append(Cell(attrs.get("table:formula", ""), kind, ""))
        elif name == "text:p":
            self._paragraphs += 1

    def endElement(self, name: str) -> None:
        self._paragraphs -= name == "text:p"

    def characters(self, content: str) -> None:
        if self._paragraphs and self.rows and self.rows[-1]:
            *before, last = self.rows[-1]
            self.rows[-1] = [*before, last._replace(words=last.words + content)]


def opened(table: bytes, folder: Path) -> list[list[Cell]]:
    """Return the rows of a CSV file as LibreOffice opens it."""
    assert SOFFICE is not None
    (folder / "tabelle.csv").write_bytes(table)
    profile = f"-env:UserInstallation={(folder / 'profil').as_uri()}"
    command = [SOFFICE, "--headless", profile, f"--infilter={GERMAN}", "--convert-to", "fods"]
    subprocess.run([*command, "tabelle.csv"], cwd=folder, check=True, timeout=120)
    cells, parser = Cells(), make_parser()
    parser.setContentHandler(cells)
    parser.parse(str(folder / "tabelle.fods"))
    return cells.rows


@pytest.fixture
def bodies(county: County) -> dict[str, str]:
    """The bodies that sit on each day of a year: hostile names, and some only unusual."""
    days = [date(2027, 1, 11) + timedelta(n) for n in range(len(FORMULAS) + len(HARMLESS))]
    found = dict(zip(days, [*FORMULAS, *HARMLESS], strict=True))
    held = [Session(f"musterheide/{d}", b, d, "musterheide") for d, b in found.items()]
    sessions.save_new(county.app, held)
    return {day.isoformat(): body for day, body in found.items()}


def bare(words: str) -> str:
    """Return words without blanks and line breaks, of which a program may make others."""
    return "".join(words.split())


@pytest.mark.skipif(SOFFICE is None, reason="LibreOffice is not installed here")
def test_a_table_of_hostile_names_opens_as_words_and_days(
    county: County, bodies: dict[str, str], tmp_path: Path
) -> None:
    answer = county.client("sommer").get("/sitzungen/jahr.csv?jahr=2027")
    head, *rows = opened(answer.content, tmp_path)
    assert [c.words for c in head[:3]] == ["Körperschaft", "Gremium", "Sitzung"]
    assert [c for row in (head, *rows) for c in row if c.formula] == []
    assert {row[0].words for row in rows} == {"Landkreis Musterheide"}
    read = {row[2].words: row[1].words for row in rows}
    assert set(read) == set(bodies)
    for day, body in bodies.items():
        # A name of digits alone is taken for a number, as it would be if anybody typed it.
        shown = {"0012": "12"}.get(body, body) if body in HARMLESS else f"'{body}"
        assert bare(read[day]) == bare(shown)


@pytest.mark.skipif(SOFFICE is None, reason="LibreOffice is not installed here")
def test_without_the_apostrophe_a_formula_would_run(tmp_path: Path) -> None:
    """A test of the test: LibreOffice does reckon what stands quoted in a CSV file."""
    [[bare, guarded]] = opened('\ufeff"=1+1";"\'=1+1"\r\n'.encode(), tmp_path)
    assert (bare.formula, bare.words) == ("of:=1+1", "2")
    assert guarded == Cell("", "string", "'=1+1")
