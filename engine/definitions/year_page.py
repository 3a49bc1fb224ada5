"""The Jahresterminplan on paper and as a table: by when to inform, for each sitting of a year."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from engine.core.annual import Sitting
from engine.core.csv_table import csv_text
from engine.core.phrases import norm
from engine.core.plan_words import length_text
from engine.core.planning import Point
from engine.core.wording import day_text
from engine.core.workflow import PlanStage
from engine.core.world import Session, World
from engine.definitions.pages import Block, Heading, Items, Page, Paragraph, Table
from engine.errors import Text

INFORM = Text("informieren bis", "inform by")
SITTING = Text("Sitzung", "sitting")
MISSING = Text("keine Sitzung früh genug", "no sitting early enough")

_CAPTION = Text("Spätestens an diesen Tagen", "On these days at the latest")

_NOTE = Text(
    "Gezeigt ist der strengste Fall: die längste Frist, die eine Vorschrift für eine Beteiligung "
    "vorsieht. Der einzelne Vorgang kann mehr Zeit lassen; maßgeblich ist sein Zeitplan, gerechnet "
    "ab dem Gremium, das sich als erstes mit der Vorlage befasst.",
    "What is shown is the strictest case: the longest period that a provision lays down for a "
    "participation. A single case may leave more time; its own plan decides, counted from the "
    "first body that deals with the paper.",
)


def year_page(rows: Sequence[Sitting], world: World, year: int) -> Page:
    """Return the Jahresterminplan as a document, one table for each body."""
    places = {row.session.municipality for row in rows}
    names = ", ".join(world.place(p).name for p in sorted(places))
    title = Text(f"Jahresterminplan {year} – {names}", f"Dates of the year {year} – {names}")
    blocks: list[Block] = [Paragraph(_NOTE, note=True)]
    for body, own in groupby(sorted(rows, key=_place), key=_place):
        blocks += _body(body, list(own), world, len(places) > 1)
    blocks.append(Heading(2, Text("Woher die Zahlen kommen", "Where the numbers come from")))
    blocks.append(Items(tuple(sources(rows, world))))
    return Page(title, tuple(blocks))


def year_csv(rows: Sequence[Sitting], world: World, language: str) -> str:
    """Return the Jahresterminplan as a table for a spreadsheet, days as JJJJ-MM-TT."""
    legs = columns(rows, world)
    heads = [Text("Körperschaft", "municipality"), Text("Gremium", "body"), SITTING, INFORM]
    heads += [leg.title for leg in legs]
    heads += [Text("Form", "form"), Text("Art der Stelle", "kind of office")]
    heads.append(Text("Quellen", "sources"))
    return csv_text(heads, [_spoken(row, legs, world, language) for row in rows], language)


def _spoken(row: Sitting, legs: list[PlanStage], world: World, language: str) -> list[str]:
    days = [_iso(row.plan.point(leg.name)) for leg in legs]
    cited = "; ".join(norm(world.library.provision(i)).in_(language) for i in _cited(row))
    place = world.place(row.session.municipality).name
    said = [place, row.session.body, row.session.day.isoformat(), _begin_iso(row), *days]
    return [*said, *(t.in_(language) for t in strictest_for(row, world)), cited]


def columns(rows: Sequence[Sitting], world: World) -> list[PlanStage]:
    """Return the legs to show between informing and sitting, from the earliest on."""
    named = {p.name for row in rows for p in row.plan.points[1:]}
    legs = [leg for leg in world.library.case_workflow().plan if leg.name in named]
    ends = {row.plan.points[-1].name for row in rows}
    return [leg for leg in reversed(legs) if {leg.name} != ends]


def strictest_for(row: Sitting, world: World) -> tuple[Text, Text]:
    """Return the form and the kind of office whose period is the strictest, in words."""
    return world.library.for_form(row.form).title, world.roster.kinds[row.kind].title


def sources(rows: Sequence[Sitting], world: World) -> Iterator[Text]:
    """Yield each number behind the days with its norm, once, in the order of the days."""
    seen: dict[tuple[str, str], Text] = {}
    for row in rows:
        form, kind = strictest_for(row, world)
        for point in reversed(row.plan.points):
            stage = point.stage
            if stage is None or stage.counting is None or (stage.name, stage.source) in seen:
                continue
            length, cited = length_text(stage.counting), norm(world.library.provision(stage.source))
            what = stage.span or stage.title
            legs = world.library.case_workflow().plan
            if any(leg.name == stage.name and leg.period == "provision" for leg in legs):
                what = Text(f"{form.de}, {kind.de}", f"{form.en}, {kind.en}")
            words = Text(
                f"{what.de}: {length.de} – {cited.de}", f"{what.en}: {length.en} – {cited.en}"
            )
            seen[stage.name, stage.source] = words
    yield from seen.values()


def begin_text(row: Sitting) -> Text:
    """Return the day by which to inform, or that no sitting is early enough."""
    return MISSING if row.plan.missing else day_text(row.plan.begin)


def _place(row: Sitting) -> tuple[str, str]:
    session: Session = row.session
    return session.municipality, session.body


def _body(at: tuple[str, str], rows: list[Sitting], world: World, several: bool) -> list[Block]:
    place, body = world.place(at[0]).name, at[1]
    name = f"{place}: {body}" if several else body
    legs = columns(rows, world)
    heads = (SITTING, INFORM, *(leg.title for leg in legs))
    return [
        Heading(2, Text(name, name)),
        Table(_CAPTION, heads, tuple(_cells(row, legs) for row in rows)),
    ]


def _cells(row: Sitting, legs: list[PlanStage]) -> tuple[Text, ...]:
    begin = begin_text(row)
    days = [row.plan.point(leg.name) for leg in legs]
    said = [Text("–", "–") if p is None else day_text(p.day) for p in days]
    bold = Text(f"**{begin.de}**", f"**{begin.en}**")
    return (day_text(row.session.day), bold, *said)


def _iso(point: Point | None) -> str:
    return "" if point is None else point.day.isoformat()


def _begin_iso(row: Sitting) -> str:
    return "" if row.plan.missing else row.plan.begin.isoformat()


def _cited(row: Sitting) -> list[str]:
    stages = (p.stage for p in row.plan.points)
    return list(dict.fromkeys(s.source for s in stages if s is not None and s.source))
