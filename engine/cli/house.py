"""`office`: who holds what; and definitions that come into force."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from engine.app import open_app
from engine.cli.console import HOME, AsJson, Data, console, emit_json, say, t
from engine.cli.fields import day_from
from engine.core.offices import Absence
from engine.services import absences, tables
from engine.services.cases import person_of
from engine.services.reading import house_of

File = Annotated[Path, typer.Argument(help="CSV")]


def import_offices(file: File, data: Data = HOME, as_json: AsJson = False) -> None:
    done = tables.import_offices(open_app(data), file)
    if as_json:
        emit_json({"offices": done.offices, "persons": done.persons, "tenures": done.tenures})
        return
    console.print(
        t(
            f"{done.offices} Stellen, {done.persons} Personen, {done.tenures} Bestellungen.",
            f"{done.offices} offices, {done.persons} persons, {done.tenures} appointments.",
        )
    )


def offices(data: Data = HOME, as_json: AsJson = False) -> None:
    world = house_of(open_app(data))
    roster = world.roster
    if as_json:
        emit_json(
            [
                {
                    "office": o.id,
                    "kind": o.kind,
                    "name": o.name,
                    "superior": o.superior,
                    "standing": roster.standing(o.id, world.today),
                    "persons": [t.person for t in roster.holders(o.id, world.today)],
                }
                for o in roster.offices.values()
            ]
        )
        return
    table = Table(
        t("Stelle", "office"), t("Name", "name"), t("Art", "kind"), t("Personen", "persons")
    )
    for o in roster.offices.values():
        held = [
            roster.persons[x.person].name + (t(" (Vertretung)", " (deputy)") if x.deputy else "")
            for x in roster.holders(o.id, world.today)
        ]
        kind = say(roster.kinds[o.kind].title)
        table.add_row(o.id, o.name, kind, ", ".join(held) or t("nicht besetzt", "vacant"))
    console.print(table)


def absent(
    person: Annotated[str, typer.Argument()],
    since: Annotated[str, typer.Argument(help=t("von JJJJ-MM-TT", "from YYYY-MM-DD"))],
    until: Annotated[str, typer.Argument(help=t("bis JJJJ-MM-TT", "to YYYY-MM-DD"))],
    data: Data = HOME,
) -> None:
    app = open_app(data)
    who = person_of(house_of(app), person)
    absences.enter(app, Absence(who, day_from(since), day_from(until)))
    console.print(t("Abwesenheit eingetragen.", "Absence recorded."))
