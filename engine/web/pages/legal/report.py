"""The report of the legal office, as a page with pictures and as CSV; and the sample."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from fastapi.responses import Response

from engine.core.reporting import LEAST, Tally
from engine.errors import EngineError, Text
from engine.services.legal.report import Group, Reason, Report, check_span, draw, report
from engine.services.legal.titles import office_name
from engine.web import charts
from engine.web.access import Action
from engine.web.csv_table import Cell, csv_response
from engine.web.desk import AtDesk, Desk
from engine.web.forms import day_given
from engine.web.routes import Pages

pages = Pages()

FROM, UNTIL = Text("Von", "From"), Text("Bis", "Until")
HEAD: tuple[Text, ...] = (
    Text("Gruppe", "group"),
    Text("Vorhaben", "measures"),
    Text("rechtzeitig informiert", "informed in time"),
    Text("verspätet informiert", "informed late"),
    Text("davon noch offen", "still open of these"),
    Text("rechtzeitig in Prozent", "in time in per cent"),
    Text("Stellungnahmefrist gewahrt", "statement in time"),
    Text("Stellungnahmefrist abgelaufen", "statement period ended"),
    Text("Feststellungen", "findings"),
)
SHOWN: tuple[Text, ...] = (
    HEAD[0],
    HEAD[1],
    Text("rechtzeitig", "in time"),
    Text("verspätet", "late"),
    Text("noch offen", "still open"),
    Text("Quote in %", "share in %"),
    Text("Stellung genommen", "statements"),
    Text("Frist abgelaufen", "period ended"),
    HEAD[8],
)
"""The same in few words, for the page."""

REASONS: tuple[Text, ...] = (
    Text("Grund", "reason"),
    Text("Bei wem", "whose"),
    Text("Wie oft", "how often"),
)


@dataclass(frozen=True, slots=True)
class Asked:
    """The time that a report is about, as it was asked for; `told` says what is wrong."""

    since: date
    until: date
    told: Text | None = None

    @property
    def query(self) -> str:
        """The time as an address carries it."""
        return f"von={self.since.isoformat()}&bis={self.until.isoformat()}"


def asked(desk: Desk, von: str, bis: str) -> Asked:
    """Return the time asked for; this year until today where none was, or a wrong one."""
    today = desk.world.today
    usual = Asked(date(today.year, 1, 1), today)
    try:
        since = day_given(von, FROM) if von.strip() else usual.since
        until = day_given(bis, UNTIL) if bis.strip() else usual.until
        check_span(since, until)
    except EngineError as error:
        return Asked(usual.since, usual.until, error.text)
    return Asked(since, until)


@pages.get("/bericht", Action.OVERVIEW)
def show(desk: AtDesk, von: str = "", bis: str = "") -> Response:
    """Show the report over the measures registered in a time."""
    time = asked(desk, von, bis)
    found = report(desk.app, time.since, time.until)
    return desk.render(
        "legal/report.html",
        200 if time.told is None else 422,
        report=found,
        asked=time,
        pictures=_pictures(found, desk.language),
        head=SHOWN,
        tables=_tables(found),
        least=LEAST,
    )


@pages.get("/bericht/tabelle.csv", Action.OVERVIEW)
def table(desk: AtDesk, von: str = "", bis: str = "") -> Response:
    """Hand out the report as a table."""
    time = asked(desk, von, bis)
    found = report(desk.app, time.since, time.until)
    rows: list[list[Cell]] = [line for _, lines in _groups(found) for line in lines]
    reasons: list[list[Cell]] = [[r.label, r.whose, r.count] for r in found.reasons]
    rows += [[], [*REASONS], *reasons]
    name = f"bericht-{time.since.isoformat()}-{time.until.isoformat()}.csv"
    return csv_response(name, HEAD, rows, desk.language)


def _groups(found: Report) -> list[tuple[Text, list[list[Cell]]]]:
    return [
        (Text("Insgesamt", "In all"), [_cells(found.total)]),
        (Text("Nach Fachbereich", "By department"), [_cells(g) for g in found.departments]),
        (
            Text("Nach Art der beteiligten Stelle", "By kind of office"),
            [_cells(g) for g in found.kinds],
        ),
        (
            Text("Nach Monat der Anmeldung", "By month of registration"),
            [_cells(g) for g in found.months],
        ),
    ]


def _cells(group: Group) -> list[Cell]:
    told, said = group.information, group.statement
    share = None if told.share is None else round(told.share, 1)
    return [
        group.label, group.cases, told.met, told.missed, told.open, share, said.met, said.missed,
        group.findings,
    ]  # fmt: skip


def _tables(found: Report) -> list[tuple[Text, list[list[Any]]]]:
    return [
        (title, [[_shown(cell) for cell in line] for line in lines])
        for title, lines in _groups(found)
        if lines
    ]


def _shown(cell: Cell) -> Text | str:
    if cell is None:
        return "–"
    if isinstance(cell, float):
        return Text(f"{cell:.1f}".replace(".", ","), f"{cell:.1f}")
    return cell if isinstance(cell, Text) else str(cell)


def _pictures(found: Report, language: str) -> list[charts.Picture]:
    parts = (Text("rechtzeitig", "in time"), Text("verspätet", "late"))
    told = (
        ("fachbereiche", Text("Information nach Fachbereich", "Information by department"),
         found.departments),
        ("stellen", Text("Information nach Art der Stelle", "Information by kind of office"),
         found.kinds),
        ("monate", Text("Information nach Monat", "Information by month"), found.months),
    )  # fmt: skip
    made = [
        charts.bars(id_, title, parts, [_bar(g) for g in groups], language=language)
        for id_, title, groups in told
        if any(g.information.decided for g in groups)
    ]
    if any(r.count for r in found.reasons):
        rows = [charts.Bar(_owned(r), (r.count,)) for r in found.reasons]
        title = Text("Gründe, wenn es länger dauerte", "Reasons where it took longer")
        made.append(
            charts.bars("gruende", title, (REASONS[2],), rows, first=REASONS[0], language=language)
        )
    return made


def _owned(reason: Reason) -> Text:
    return Text(f"{reason.label.de} ({reason.whose.de})", f"{reason.label.en} ({reason.whose.en})")


def _bar(group: Group) -> charts.Bar:
    tally: Tally = group.information
    return charts.Bar(group.label, (tally.met, tally.missed))


@pages.get("/bericht/stichprobe", Action.OVERVIEW)
def sample(
    desk: AtDesk, von: str = "", bis: str = "", n: str = "", startwert: str = ""
) -> Response:
    """Draw a sample that anybody draws again by the same seed."""
    time = asked(desk, von, bis)
    rows, told = None, time.told
    if (n or startwert) and told is None:
        try:
            rows = draw(desk.app, time.since, time.until, size_of(n), startwert)
        except EngineError as error:
            told = error.text
    return desk.render(
        "legal/sample.html",
        200 if told is None else 422,
        asked=time,
        size=n,
        seed=startwert,
        rows=rows,
        lead=lambda office: office_name(desk.world, office),
        told=told,
    )


@pages.get("/bericht/stichprobe.csv", Action.OVERVIEW)
def sample_table(
    desk: AtDesk, von: str = "", bis: str = "", n: str = "", startwert: str = ""
) -> Response:
    """Hand out a sample as a table."""
    time = asked(desk, von, bis)
    rows = draw(desk.app, time.since, time.until, size_of(n), startwert)
    head = (
        Text("Nummer", "number"),
        Text("Vorhaben", "measure"),
        Text("Fachbereich", "department"),
        Text("angemeldet am", "registered on"),
    )
    cells: list[list[Cell]] = [
        [r.number, r.title, office_name(desk.world, r.lead), r.registered_on] for r in rows
    ]
    return csv_response("stichprobe.csv", head, cells, desk.language)


def size_of(words: str) -> int:
    """Return the size of a sample as it was asked for; 0 for what is no size."""
    return int(words) if words.isdecimal() and len(words) < 7 else 0
