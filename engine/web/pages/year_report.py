"""The yearly report of an office that is heard: on the page, as a document and as a table."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated
from urllib.parse import quote

from fastapi import Query
from fastapi.responses import Response

from engine.core.answered import RESPONSES
from engine.core.csv_table import csv_text
from engine.core.world import World
from engine.core.year_report import FOLLOWED, Figure, Report, Row
from engine.definitions.pages import Block, Heading, Page, Paragraph, Table, as_html
from engine.errors import Text
from engine.services.answered import report_of
from engine.web.access import Action
from engine.web.desk import AtDesk, Desk, Hidden
from engine.web.pages.outcome import Year
from engine.web.pages.received import heard_offices
from engine.web.routes import Pages

pages = Pages()

Bare = Annotated[bool, Query(alias="ohne_namen")]

_FIGURE, _COUNT = Text("Angabe", "Figure"), Text("Zahl", "Number")
_NAMED = Text(
    "Dieser Bericht nennt Vorhaben und Fachbereiche. Für die Vertretung gibt es ihn ohne Namen.",
    "This report names measures and departments. For the council there is one without names.",
)
_BARE = Text(
    "Dieser Bericht nennt weder Personen noch Fachbereiche noch Vorhaben.",
    "This report names no persons, no departments and no measures.",
)


@pages.get("/jahresbericht", Action.INBOX)
def show(desk: AtDesk, jahr: Year = None) -> Response:
    """Show the figures of a year, each leading to the cases that it counts."""
    year, world, made = _made(desk, jahr)
    this = world.today.year
    return desk.render(
        "commissioner/report.html",
        report=made,
        year=year,
        years=[(y, str(y)) for y in sorted({year, *range(this - 5, this + 1)}, reverse=True)],
        offices=_names(desk, world),
        by_lead=[(world.roster.office(o).name, n) for o, n in made.responses("lead")],
        by_kind=[(_kind(k), n) for k, n in made.responses("kind")],
        responses=[FOLLOWED[r] for r in RESPONSES],
        keys=RESPONSES,
    )


@pages.get("/jahresbericht/zahl/{key}", Action.INBOX)
def figure(desk: AtDesk, key: str, jahr: Year = None) -> Response:
    """Show what a figure counts, line by line."""
    year, world, made = _made(desk, jahr)
    found = made.figure(key)
    if found is None:
        raise Hidden
    rows = [(row, world.roster.office(row.lead).name) for row in found.rows]
    return desk.render("commissioner/figure.html", figure=found, rows=rows, year=year)


@pages.get("/jahresbericht/dokument", Action.INBOX)
def document(desk: AtDesk, jahr: Year = None, bare: Bare = False) -> Response:
    """Hand out the report as one document that needs nothing else."""
    year, world, made = _made(desk, jahr)
    page = as_page(made, world, _names(desk, world), bare=bare)
    return _file(as_html(page, desk.language), "text/html; charset=utf-8", year, "html", bare)


@pages.get("/jahresbericht/tabelle", Action.INBOX)
def table(desk: AtDesk, jahr: Year = None, bare: Bare = False) -> Response:
    """Hand out the figures as a table for a spreadsheet."""
    year, world, made = _made(desk, jahr)
    told = as_csv(made, world, desk.language, bare=bare)
    # Spreadsheets read UTF-8 only where a file begins with its mark.
    return _file("\ufeff" + told, "text/csv; charset=utf-8", year, "csv", bare)


def _made(desk: Desk, year: int | None) -> tuple[int, World, Report]:
    year = year or desk.world.today.year
    return (year, *report_of(desk.app, heard_offices(desk), year))


def _names(desk: Desk, world: World) -> str:
    return ", ".join(world.roster.office(o).name for o in heard_offices(desk))


def _file(body: str, media: str, year: int, ending: str, bare: bool) -> Response:
    name = quote(f"Taetigkeitsbericht-{year}{'-ohne-Namen' if bare else ''}.{ending}")
    headers = {"Content-Disposition": f"attachment; filename={name}"}
    return Response(body.encode(), media_type=media, headers=headers)


def as_page(made: Report, world: World, offices: str, *, bare: bool) -> Page:
    """Return the report as a document; a `bare` one names nobody and nothing."""
    title = Text(
        f"Tätigkeitsbericht {made.year} – {offices}",
        f"Report of activities {made.year} – {offices}",
    )
    blocks: list[Block] = [Paragraph(_BARE if bare else _NAMED, note=True)]
    for heading, figures in made.groups:
        blocks.append(Table(heading, (_FIGURE, _COUNT), tuple(_line(f) for f in figures)))
    blocks.append(Heading(2, Text("Abweichungen", "Departures")))
    blocks += _deviations(made, world, bare)
    if not bare:
        blocks.append(Heading(2, Text("Stellungnahmen", "Statements")))
        blocks.append(_statements(made, world))
    return Page(title, tuple(blocks))


def _line(one: Figure) -> tuple[Text, Text]:
    return one.title, _same(str(one.count))


def _deviations(made: Report, world: World, bare: bool) -> Iterator[Block]:
    head = tuple(FOLLOWED[r] for r in RESPONSES)
    kinds = [(_kind(k), n) for k, n in made.responses("kind")]
    yield _counts(Text("Nach Art des Vorhabens", "By kind of measure"), head, kinds)
    if not bare:
        leads = [(_same(world.roster.office(o).name), n) for o, n in made.responses("lead")]
        yield _counts(Text("Nach Fachbereich", "By department"), head, leads)


def _counts(
    caption: Text, head: tuple[Text, ...], rows: list[tuple[Text, dict[str, int]]]
) -> Table:
    cells = tuple((name, *(_same(str(n[r])) for r in RESPONSES)) for name, n in rows)
    return Table(caption, (caption, *head), cells)


def _statements(made: Report, world: World) -> Table:
    head = (
        Text("Vorgang", "Case"),
        Text("Tag", "Day"),
        Text("Vorhaben", "Measure"),
        Text("Fachbereich", "Department"),
        Text("Ergebnis", "Result"),
    )
    rows = tuple(
        (
            _same(s.said.case.number),
            _same(s.said.on.isoformat()),
            _title(s.said.case.measure.title, s.said.case.confidential),
            _same(world.roster.office(s.said.case.measure.lead).name),
            s.said.result_title or s.said.step.title,
        )
        for s in made.statements
    )
    return Table(Text("Abgegebene Stellungnahmen", "Statements filed"), head, rows)


def _title(title: str, confidential: bool) -> Text:
    return Text("(nichtöffentlich)", "(not public)") if confidential else _same(title)


def as_csv(made: Report, world: World, language: str, *, bare: bool) -> str:
    """Return the figures, and unless `bare` each line that they count, as a table."""
    head = [Text("Abschnitt", "section"), Text("Kennung", "key"), _FIGURE, _COUNT]
    more = [Text("Vorgang", "case"), Text("Zeile", "line"), Text("Tag", "day")]
    more += [Text("Vorhaben", "measure"), Text("Fachbereich", "department")]
    rows: list[list[str]] = []
    for heading, figures in made.groups:
        for one in figures:
            said = [heading.in_(language), one.key, one.title.in_(language)]
            rows.append([*said, str(one.count), *([] if bare else [""] * len(more))])
            for row in () if bare else one.rows:
                rows.append([*said, "", *_cells(row, world, language)])
    return csv_text(head + ([] if bare else more), rows, language)


def _cells(row: Row, world: World, language: str) -> list[str]:
    title = _title(row.title, row.confidential).in_(language)
    lead = world.roster.office(row.lead).name
    return [row.number, str(row.line), row.day.isoformat(), title, lead]


def _kind(kind: str) -> Text:
    words = kind.replace("_", " ")
    return _same(words[:1].upper() + words[1:])


def _same(words: str) -> Text:
    return Text(words, words)
