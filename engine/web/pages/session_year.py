"""The Jahresterminplan: for each sitting by when to inform, before any case exists."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlencode

from fastapi.responses import Response
from markupsafe import Markup

from engine.core.annual import Wanted
from engine.core.world import World
from engine.definitions.pages import Block, Heading, Items, Page, Paragraph, Table
from engine.definitions.year_page import year_csv, year_page
from engine.errors import NotFound, Text
from engine.services import sittings
from engine.services.planning import year as year_of
from engine.web.access import Action
from engine.web.desk import AtDesk, Desk
from engine.web.routes import Pages
from engine.web.security import attachment
from engine.web.sittings import ROOT, Word, places

pages = Pages()

FIRST, LAST = 1991, 2100
"""The years for which sittings may be asked."""


@pages.get("/sitzungen/jahr", Action.SESSIONS)
def year(desk: AtDesk, jahr: Word = "", ort: Word = "", gremium: Word = "") -> Response:
    """Show the dates of a year, to be printed."""
    wanted = _wanted(desk, jahr, ort, gremium)
    told: Text | None = None
    page: Page | None = None
    try:
        world, rows = year_of(desk.app, wanted)
        page = year_page(rows, world, wanted.year)
    except NotFound as error:
        world, told = desk.world, error.text
    words = {"jahr": str(wanted.year), "ort": ort, "gremium": gremium}
    return desk.render(
        "sessions/year.html",
        title=Text("Jahresterminplan", "Dates of the year") if page is None else page.title,
        blocks=[] if page is None else list(_blocks(desk, page)),
        told=told,
        chosen=words,
        years=_years(world, wanted.year),
        places=places(world) if len(world.municipalities) > 1 else [],
        bodies=[(b, b) for b in sittings.bodies(world, wanted.municipality)],
        table=f"{ROOT}/jahr.csv?{urlencode(words)}",
    )


@pages.get("/sitzungen/jahr.csv", Action.SESSIONS)
def as_table(desk: AtDesk, jahr: Word = "", ort: Word = "", gremium: Word = "") -> Response:
    """Hand out the dates of a year as a table for a spreadsheet."""
    wanted = _wanted(desk, jahr, ort, gremium)
    world, rows = year_of(desk.app, wanted)
    # A spreadsheet takes the umlauts for what they are only with the mark of UTF-8.
    data = year_csv(rows, world, desk.language).encode("utf-8-sig")
    name = f"jahresterminplan-{wanted.year}.csv"
    return Response(data, headers=attachment(name, "text/csv; charset=utf-8"))


def _wanted(desk: Desk, jahr: str, ort: str, gremium: str) -> Wanted:
    world = desk.world
    asked = int(jahr) if jahr.isdecimal() and FIRST <= int(jahr) <= LAST else world.today.year
    place = ort if ort in world.municipalities else None
    return Wanted(asked, place, body=gremium or None)


def _years(world: World, asked: int) -> list[tuple[str, str]]:
    """Return the years in which somebody sits, this one, and the one asked for."""
    found = {s.day.year for s in world.sessions.values()} | {world.today.year, asked}
    return [(str(n), str(n)) for n in sorted(found)]


def _blocks(desk: Desk, page: Page) -> Iterator[dict[str, object]]:
    """Yield the blocks of the document; each table is told apart by the heading above it."""
    above = ""
    for block in page.blocks:
        shown = _shown(desk, block)
        if shown["kind"] == "heading":
            above = str(shown["text"])
        elif shown["kind"] == "table":
            shown["caption"] = f"{above}: {shown['caption']}"
        yield shown


def _shown(desk: Desk, block: Block) -> dict[str, object]:
    """Return a block of the document as the template draws it."""
    match block:
        case Heading(_, text):
            return {"kind": "heading", "text": desk.say(text)}
        case Paragraph(text, _):
            return {"kind": "note", "text": desk.say(text)}
        case Items(rows, _):
            return {"kind": "items", "rows": [desk.say(row) for row in rows]}
        case Table(caption, heads, rows):
            cells = [[_cell(desk.say(cell)) for cell in row] for row in rows]
            return {"kind": "table", "caption": desk.say(caption), "heads": heads, "rows": cells}
    raise AssertionError(f"the dates of a year hold no {type(block).__name__}")


def _cell(words: str) -> str | Markup:
    """Return the words of a cell; what the document sets in bold is bold."""
    if words.startswith("**") and words.endswith("**"):
        return Markup("<strong>{}</strong>").format(words[2:-2])
    return words
