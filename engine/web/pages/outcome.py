"""Verbleib: what became of the statements of one's own offices, point by point."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query
from fastapi.responses import Response

from engine.core.answered import RESPONSES, Happening, Statement
from engine.core.world import World
from engine.core.year_report import FOLLOWED
from engine.errors import Text
from engine.services.answered import statements_of
from engine.web import charts
from engine.web.access import Action
from engine.web.desk import AtDesk, Desk
from engine.web.pages.received import heard_offices
from engine.web.routes import Pages

pages = Pages()

Year = Annotated[int | None, Query(ge=0, le=2999)]
ALL_YEARS = 0
LONGEST = 200
Words = Annotated[str, Query(max_length=LONGEST)]


@pages.get("/verbleib", Action.INBOX)
def show(desk: AtDesk, jahr: Year = None, fachbereich: str = "", suche: Words = "") -> Response:
    """Show each statement of a year with what was followed, and the shares of all of them.

    With words only those in whose wording, points or title all of them stand.
    """
    this = desk.world.today.year
    year = this if jahr is None else jahr
    years = _years(desk, this) if year == ALL_YEARS else [year]
    world, found = desk.world, list[Statement]()
    for one in years:
        world, some = statements_of(desk.app, heard_offices(desk), one)
        found += some
    leads = sorted({s.said.case.measure.lead for s in found})
    shown = [s for s in found if not fachbereich or s.said.case.measure.lead == fachbereich]
    shown = [s for s in shown if says(s, suche)]
    counts = counted(shown)
    return desk.render(
        "commissioner/outcome.html",
        year=year,
        years=[(y, str(y)) for y in _years(desk, year or this)]
        + [(ALL_YEARS, desk.t("die letzten sechs Jahre", "the last six years"))],
        when=desk.t("die letzten sechs Jahre", "the last six years") if not year else str(year),
        search=suche.strip(),
        longest=LONGEST,
        lead=fachbereich,
        leads=[(o, world.roster.office(o).name) for o in leads],
        rows=[(s, world.roster.office(s.said.case.measure.lead).name) for s in shown],
        followed=FOLLOWED,
        shares=[(FOLLOWED[r], counts[r], _share(counts, r)) for r in RESPONSES],
        open=counts[""],
        several=len(heard_offices(desk)) > 1,
        picture=_picture(shown, world, desk) if any(counts[r] for r in RESPONSES) else None,
        decided=[decided(s) for s in shown],
    )


def says(statement: Statement, words: str) -> bool:
    """Return whether all of some words stand in a statement, capitals or not."""
    texts = [statement.said.case.measure.title, statement.said.case.number]
    texts += [statement.wording or "", *(p.text for p in statement.points)]
    whole = " ".join(texts).casefold()
    return all(word in whole for word in words.casefold().split())


def counted(rows: list[Statement]) -> dict[str, int]:
    """Return how many points were answered in which way; '' are those not weighed yet."""
    counts = dict.fromkeys((*RESPONSES, ""), 0)
    for statement in rows:
        for point in statement.points:
            counts[point.response] += 1
    return counts


def _share(counts: dict[str, int], response: str) -> int | None:
    whole = sum(counts[r] for r in RESPONSES)
    return round(100 * counts[response] / whole) if whole else None


def decided(statement: Statement) -> list[tuple[Happening, Text]]:
    """Return the decisions after a statement, each in the words that were chosen."""
    return [(d, _chosen(d)) for d in statement.decisions]


def _chosen(line: Happening) -> Text:
    given = line.plain.get("given", {})
    said = [
        f.labels.get(str(given[f.name]), Text(str(given[f.name]), str(given[f.name])))
        for f in line.step.takes
        if f.type in ("choice", "body") and given.get(f.name) is not None
    ]
    return Text(": ".join(t.de for t in said), ": ".join(t.en for t in said))


def _picture(rows: list[Statement], world: World, desk: Desk) -> charts.Picture:
    by: dict[str, list[Statement]] = {}
    for s in rows:
        by.setdefault(s.said.case.measure.lead, []).append(s)
    bars = []
    for lead, own in sorted(by.items()):
        name, counts = world.roster.office(lead).name, counted(own)
        figures = tuple(float(counts[r]) for r in RESPONSES)
        if any(figures):
            bars.append(charts.Bar(Text(name, name), figures))
    return charts.bars(
        "punkte",
        Text("Punkte nach Fachbereich", "Points by department"),
        [FOLLOWED[r] for r in RESPONSES],
        bars,
        first=Text("Fachbereich", "Department"),
        language=desk.language,
    )


def _years(desk: Desk, year: int) -> list[int]:
    this = desk.world.today.year
    return sorted({year, *range(this - 5, this + 1)}, reverse=True)
