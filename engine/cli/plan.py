"""`plan show` and `plan year`: by when to inform, and what is lawful once that day has passed."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.box import SIMPLE_HEAD
from rich.table import Table

from engine.app import open_app
from engine.cli.case import Number
from engine.cli.console import HOME, AsJson, Data, console, emit_json, say, t
from engine.core.annual import Sitting, Wanted
from engine.core.options import Option
from engine.core.phrases import RANKS
from engine.core.plan_words import PlanLine, plan_lines
from engine.core.planning import Light, Plan
from engine.core.standing import Standing, words
from engine.core.wording import day_text
from engine.core.world import World
from engine.definitions.pages import as_html
from engine.definitions.year_page import (
    INFORM,
    SITTING,
    begin_text,
    columns,
    sources,
    strictest_for,
    year_csv,
    year_page,
)
from engine.errors import InputError, Text
from engine.services.planning import CasePlan, plan_of, year
from engine.services.record_words import LIGHTS

COLOURS: dict[Light, str] = {"green": "green", "yellow": "yellow", "red": "red"}


def show(number: Number, data: Data = HOME, as_json: AsJson = False) -> None:
    """Show the plan of a case, its light and the ways on / Zeitplan, Ampel, Möglichkeiten."""
    found = plan_of(open_app(data), number)
    if as_json:
        emit_json(_plain(found))
        return
    console.print(f"{found.case.number}  {found.case.measure.title}", style="bold")
    if not found.parts:
        console.print(_no_plan(found))
    for one in found.parts:
        _print_part(found, one)
    for place, option in enumerate(found.options, start=1):
        if place == 1:
            console.print(t("Möglichkeiten:", "What can be done:"), style="bold")
        _print_option(place, option)


def _no_plan(found: CasePlan) -> str:
    if found.case.measure.first_day is None:
        return t(
            "Ohne Sitzung und Tag der Umsetzung gibt es keinen Zeitplan. Eine Sitzung trägt ein: "
            "case act … sitzung_verlegen.",
            "Without a sitting or a day of implementation there is no plan. A sitting is entered "
            "with: case act … sitzung_verlegen.",
        )
    return t("Hier ist nichts mehr zu planen.", "Nothing is left to plan here.")


def _print_part(found: CasePlan, one: Standing) -> None:
    world, calendar = found.world, found.world.calendar(found.case.measure.municipality)
    form = world.library.workflow(one.participation.workflow).title
    console.print()
    console.print(
        f"{world.roster.office(one.participation.office).name} – {say(form)}", style="bold"
    )
    for line in plan_lines(one.plan, world.library, calendar):
        number = "" if line.number is None else f"  ({say(line.number)})"
        style = "bold" if line.decisive or line.last else None
        console.print(f"  │ {say(line.text())}{number}", style=style)
    light = say(LIGHTS[one.light])
    console.print(f"  ● {light}: {say(words(one, world, calendar))}", style=COLOURS[one.light])
    for need in one.needs:
        if need.answer_by is not None:
            day = say(day_text(need.answer_by))
            console.print(
                t(
                    f"    {say(need.title)} ruht; läuft sie bis {day} weiter, hält der Zeitplan.",
                    f"    {say(need.title)} rests; if it runs on by {day}, the plan holds.",
                )
            )


def _print_option(place: int, option: Option) -> None:
    console.print(f"  {place}. {say(option.text)}")
    if option.needs is not None:
        console.print(f"     {t('Voraussetzung', 'needs')}: {say(option.needs)}", style="dim")


def _plain(found: CasePlan) -> dict[str, Any]:
    measure, calendar = found.case.measure, found.world.calendar(found.case.measure.municipality)
    return {
        "number": found.case.number,
        "today": found.world.today,
        "light": found.light,
        "meetings": [{"body": s.body, "day": s.day, "role": s.role} for s in measure.stages],
        "participations": [
            {
                "participation": one.participation.key,
                "office": one.participation.office,
                "light": one.light,
                "reserve": one.reserve,
                "says": _both(words(one, found.world, calendar)),
                "begun": one.begun,
                "settled": one.settled,
                "begin": one.plan.begin,
                "needs": [
                    {
                        "deadline": n.name,
                        "ends": n.ends,
                        "needed": n.needed,
                        "resting": n.resting,
                        "answer_by": n.answer_by,
                    }
                    for n in one.needs
                ],
                "lines": _plain_lines(one.plan, found.world, measure.municipality),
            }
            for one in found.parts
        ],
        "options": [_plain_option(o, found.world, measure.municipality) for o in found.options],
    }


def _plain_option(option: Option, world: World, municipality: str) -> dict[str, Any]:
    made = option.plan
    return {
        "kind": option.kind,
        "participation": option.participation,
        **_both(option.text),
        "needs": None if option.needs is None else _both(option.needs),
        "provisions": option.provisions,
        "stages": [{"body": s.body, "day": s.day} for s in option.stages],
        "begin": None if made is None else made.begin,
        "lines": [] if made is None else _plain_lines(made, world, municipality),
    }


def _plain_lines(made: Plan, world: World, municipality: str) -> list[dict[str, Any]]:
    rows = plan_lines(made, world.library, world.calendar(municipality))
    return [_plain_line(line, world) for line in rows]


def _plain_line(line: PlanLine, world: World) -> dict[str, Any]:
    found = world.library.provision(line.source) if line.source else None
    return {
        "name": line.name,
        "day": line.day,
        "title": _both(line.title),
        "decisive": line.decisive,
        "number": None if line.number is None else _both(line.number),
        "provision": None if found is None else found.id,
        "norm": None if found is None else found.norm,
        "rank": None if found is None else _both(RANKS[found.source]),
        "unchecked": None if found is None else found.unchecked,
    }


def _both(text: Text) -> dict[str, str]:
    return {"de": text.de, "en": text.en}


def year_(
    of: Annotated[int, typer.Argument(metavar="YEAR", min=1991, max=2100)],
    municipality: Annotated[str | None, typer.Option(help=t("Körperschaft", "its id"))] = None,
    form: Annotated[
        str | None, typer.Option(help=t("Form, z. B. anhoerung", "form, such as anhoerung"))
    ] = None,
    kind: Annotated[
        str | None, typer.Option(help=t("Art der Stelle", "kind of office, such as beauftragte"))
    ] = None,
    body: Annotated[str | None, typer.Option(help=t("Gremium", "body"))] = None,
    output: Annotated[
        Path | None, typer.Option(help=t("in diese Datei: .html oder .csv", "to .html or .csv"))
    ] = None,
    data: Data = HOME,
    as_json: AsJson = False,
) -> None:
    """Print by when to inform for each sitting / Jahresterminplan: informieren bis."""
    if output is not None and output.suffix not in (".html", ".csv"):
        raise _unknown_suffix(output)
    world, rows = year(open_app(data), Wanted(of, municipality, form, kind, body))
    if output is not None:
        _write(output, rows, world, of)
    if as_json:
        emit_json([_plain_sitting(row, world) for row in rows])
    elif output is not None:
        console.print(t(f"{len(rows)} Sitzungen: {output}", f"{len(rows)} sittings: {output}"))
    else:
        _print_year(rows, world)


def _write(output: Path, rows: tuple[Sitting, ...], world: World, of: int) -> None:
    language = t("de", "en")
    if output.suffix == ".html":
        output.write_text(as_html(year_page(rows, world, of), language), "utf-8")
    else:
        # A spreadsheet takes the umlauts for what they are only with the mark of UTF-8.
        output.write_text(year_csv(rows, world, language), "utf-8-sig", newline="")


def _unknown_suffix(output: Path) -> InputError:
    return InputError(
        f"„{output}“: Der Jahresterminplan wird als .html oder als .csv geschrieben.",
        f"'{output}': the dates of the year are written as .html or as .csv.",
    )


def _print_year(rows: tuple[Sitting, ...], world: World) -> None:
    legs = columns(rows, world)
    table = Table(box=SIMPLE_HEAD, padding=0)
    for head in (SITTING, Text("Gremium", "body"), INFORM):
        table.add_column(say(head), no_wrap=True)
    for leg in legs:
        table.add_column(say(leg.title), min_width=len("31.12."), overflow="fold")
    for row in rows:
        points = [row.plan.point(leg.name) for leg in legs]
        days = ["–" if p is None else _short(p.day) for p in points]
        begin = say(begin_text(row))
        table.add_row(say(day_text(row.session.day)), row.session.body, begin, *days)
    console.print(table)
    for source in sources(rows, world):
        console.print(f"  {say(source)}", style="dim")


def _short(day: date) -> str:
    """Return day and month; the year is that of the sitting, or the one before."""
    words = day_text(day)
    return t(f"{day:%d.%m.}", " ".join(words.en.split()[1:3]))


def _plain_sitting(row: Sitting, world: World) -> dict[str, Any]:
    form, kind = strictest_for(row, world)
    return {
        "municipality": row.session.municipality,
        "body": row.session.body,
        "day": row.session.day,
        "inform_by": None if row.plan.missing else row.plan.begin,
        "form": {"id": row.form, **_both(form)},
        "kind": {"id": row.kind, **_both(kind)},
        "lines": _plain_lines(row.plan, world, row.session.municipality),
    }
