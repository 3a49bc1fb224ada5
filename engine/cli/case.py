"""`case list|show|act|plan`: what is in the files, and how acts get into them."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from rich.table import Table

from engine.app import open_app
from engine.cli.console import HOME, AsJson, Data, console, emit_json, say, t
from engine.cli.fields import day_from, fields_from, pair_from
from engine.cli.options import Documents, Key, Office, WhyLate
from engine.cli.overruns import overruns, plain_overrun, print_overruns
from engine.cli.show import plain_file, print_file
from engine.core.case import Seen
from engine.core.phrases import norm
from engine.core.plan_words import length_text
from engine.core.wording import day_text
from engine.core.world import World
from engine.errors import Refused
from engine.services.cases import Deed, participation_of, reserved, take
from engine.services.planning import lights
from engine.services.reading import File, file_of, plans_of
from engine.services.record_words import LIGHTS

Number = Annotated[str, typer.Argument(help=t("Nummer, z. B. V-2026-0001", "e.g. V-2026-0001"))]


def list_(
    after: Annotated[str | None, typer.Option(help=t("ab nach Nummer", "behind number"))] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000)] = 50,
    data: Data = HOME,
    as_json: AsJson = False,
) -> None:
    app = open_app(data)
    with app.database.read() as store:
        rows = store.cases.list(after=after, limit=limit)
        world = app.world(store)
        shown = lights(store, world, (row.number for row in rows))
    if as_json:
        names = rows[0].__dataclass_fields__ if rows else ()
        emit_json(
            [{n: getattr(row, n) for n in names} | {"light": shown[row.number]} for row in rows]
        )
        return
    table = Table(*_headings())
    workflow = world.library.case_workflow()
    for row in rows:
        state = workflow.states.get(row.state)
        day = "–" if row.next_day is None else say(day_text(row.next_day))
        lead = world.roster.office(row.lead).name
        light = shown[row.number]
        table.add_row(
            row.number,
            row.title,
            lead,
            say(state.title) if state else row.state,
            day,
            "" if light is None else say(LIGHTS[light]),
            style="red" if light == "red" else None,
        )
    console.print(table)


def _headings() -> tuple[str, ...]:
    return (
        t("Nummer", "number"),
        t("Vorhaben", "measure"),
        t("federführend", "lead"),
        t("Stand", "state"),
        t("nächste Frist", "next deadline"),
        t("Zeitplan", "plan"),
    )


def show(number: Number, data: Data = HOME, as_json: AsJson = False) -> None:
    file = file_of(open_app(data), number)
    if as_json:
        emit_json(plain_file(file))
    else:
        print_file(file)


def act(
    number: Number,
    step: Annotated[str, typer.Argument(help=t("Schritt, z. B. informieren", "the step"))],
    as_: Annotated[str, typer.Option("--as", help=t("wer handelt", "who acts"))],
    office: Office = None,
    in_: Annotated[
        str,
        typer.Option("--in", help=t("Beteiligung (Stelle)", "participation (office)")),
    ] = "",
    set_: Annotated[
        list[str] | None, typer.Option("--set", help=t("Angabe: name=wert", "field: name=value"))
    ] = None,
    point: Annotated[
        list[str] | None,
        typer.Option(help=t("nummerierter Punkt der Stellungnahme", "a point of the statement")),
    ] = None,
    weigh: Annotated[
        list[str] | None,
        typer.Option(
            help=t(
                "Würdigung: '1=followed' oder '2=not_followed:Begründung'",
                "weighing: '1=followed' or '2=not_followed:reasons'",
            )
        ),
    ] = None,
    document: Documents = None,
    on: Annotated[
        str | None, typer.Option(help=t("Tag, an dem es geschah", "day on which it happened"))
    ] = None,
    reason: WhyLate = None,
    seen_revision: Annotated[int | None, typer.Option()] = None,
    seen_paper: Annotated[int | None, typer.Option()] = None,
    key: Key = None,
    data: Data = HOME,
    as_json: AsJson = False,
) -> None:
    app = open_app(data)
    file = file_of(app, number)
    deed = Deed(
        step=step,
        person=as_,
        office=office,
        participation=in_,
        files=tuple(pair_from(d) for d in document or []),
        happened_on=None if on is None else day_from(on),
        reason=reason,
        seen=Seen(seen_revision, seen_paper),
        key=key,
    )
    fields = fields_from(_fields(file, deed), set_ or [], point or [], weigh or [])
    if not app.training and reserved(file.world, file.case, deed):
        raise _not_from_here(deed)
    case = take(app, number, Deed(**{**_parts(deed), "fields": fields}))
    after = file_of(app, case.number)
    late = overruns(file, after)
    if as_json:
        emit_json(plain_file(after) | {"overruns": [plain_overrun(o) for o in late]})
    else:
        print_file(after)
        print_overruns(after, late)


def _parts(deed: Deed) -> dict[str, Any]:
    return {name: getattr(deed, name) for name in deed.__dataclass_fields__}


def _fields(file: File, deed: Deed) -> tuple[Any, ...]:
    from engine.core.checks import step_of

    pin = file.case.workflow
    if deed.participation:
        pin = participation_of(file.case, deed.participation).workflow
    return step_of(file.world.library.workflow(pin), deed.step).takes


def _not_from_here(deed: Deed) -> Refused:
    return Refused(
        f"„{deed.step}“ gehört allein der beteiligten Stelle und geht nicht über die Kommandozeile. "
        "Liegt ihre Stellungnahme auf Papier vor, erfasst der Sitzungsdienst sie mit "
        "urkunde_erfassen und dem Original.",
        f"'{deed.step}' belongs to the office that takes part alone and is not taken from the "
        "command line. A statement on paper is recorded by the council office with "
        "urkunde_erfassen and its original.",
    )


def plan(number: Number, data: Data = HOME, as_json: AsJson = False) -> None:
    app = open_app(data)
    file = file_of(app, number)
    rows = plans_of(app, number)
    calendar = file.world.calendar(file.case.measure.municipality)
    if as_json:
        emit_json(
            [
                {
                    "participation": p.key,
                    "reserve": made.reserve(file.world.today, calendar),
                    "points": [{"name": x.name, "day": x.day} for x in made.points],
                }
                for p, made in rows
            ]
        )
        return
    if not rows:
        console.print(t("Ohne Sitzung und Tag kein Zeitplan.", "No sitting, no day, no plan."))
    for p, made in rows:
        console.print(file.world.roster.office(p.office).name, style="bold")
        for x in made.points:
            console.print(f"  {say(day_text(x.day))}  {_point_words(file.world, x)}")
        reserve = made.reserve(file.world.today, calendar)
        console.print(t(f"  Reserve: {reserve} Arbeitstage", f"  reserve: {reserve} working days"))


def _point_words(world: World, point: Any) -> str:
    if point.stage is None:
        return t("erste Sitzung", "first sitting")
    if point.stage.counting is None:
        return say(point.stage.title)
    cited = say(norm(world.library.provision(point.stage.source)))
    length = say(length_text(point.stage.counting))
    return f"{say(point.stage.title)} ({length}, {cited})"
