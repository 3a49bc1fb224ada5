"""`measure check` and `measure unheard`: who takes part, who does not, and why."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from engine.app import open_app
from engine.cli.console import HOME, AsJson, Data, console, emit_json, say, t
from engine.cli.measure import facts_from
from engine.core.affected import completed_facts
from engine.core.bystanders import Bystander, bystanders
from engine.core.case import Measure
from engine.core.duties import called_for
from engine.core.phrases import norm
from engine.core.rules import Provision
from engine.core.world import World
from engine.errors import NotFound
from engine.services.reading import house_of, unheard_cases


def check(
    fact: Annotated[
        list[str] | None,
        typer.Option(help=t("Tatsache, die zutrifft (mehrfach)", "a fact that holds (repeat)")),
    ] = None,
    kind: Annotated[str, typer.Option(help=t("Art der Vorlage", "kind"))] = "beschlussvorlage",
    municipality: Annotated[
        str | None, typer.Option(help=t("Körperschaft", "municipality"))
    ] = None,
    data: Data = HOME,
    as_json: AsJson = False,
) -> None:
    """Say who must take part, without registering anything; what is not named counts as no."""
    world = house_of(open_app(data))
    place = municipality or next(iter(world.municipalities))
    stated = facts_from(world, place, fact or [], rest=True)
    planned = Measure("", kind, "administration", "", place)
    planned = completed_facts(planned, stated, world, world.today)
    called = called_for(planned, world, world.today)
    others = list(bystanders(planned, world, world.today))
    if as_json:
        emit_json(
            {
                "takes_part": [
                    {"office": office, "form": form, "provisions": [p.id for p in rows]}
                    for (office, form), rows in sorted(called.items())
                ],
                "takes_no_part": [plain_bystander(b) for b in others],
            }
        )
        return
    _print_questions(world, place, planned)
    console.print(t("Zu beteiligen:", "Takes part:"), style="bold")
    for (office, form), rows in sorted(called.items()):
        _print_called(world, office, form, rows)
    if not called:
        console.print(t("  niemand", "  nobody"))
    print_bystanders(others)


def unheard(
    office: Annotated[str, typer.Argument(help=t("Kennung der Stelle", "id of the office"))],
    data: Data = HOME,
    as_json: AsJson = False,
) -> None:
    """List the open cases in which an office takes no part, and why."""
    app = open_app(data)
    world = house_of(app)
    if office not in world.roster.offices:
        known = ", ".join(sorted(world.roster.offices))
        raise NotFound(
            f"Die Stelle „{office}“ gibt es nicht; bekannt sind: {known}.",
            f"There is no office '{office}'; known are: {known}.",
        )
    rows = unheard_cases(app, office)
    if as_json:
        emit_json([{"number": c.number, **plain_bystander(b)} for c, b in rows])
        return
    name = world.roster.offices[office].name
    if not rows:
        console.print(t(f"{name} ist überall beteiligt.", f"{name} takes part everywhere."))
    for case, why in rows:
        console.print(f"{case.number}  {case.measure.title}", style="bold", markup=False)
        console.print(f"  {_reason(why)}", markup=False)


def print_bystanders(rows: list[Bystander]) -> None:
    """Print who takes no part and why; nothing where everybody does."""
    if rows:
        console.print(t("Nicht zu beteiligen:", "Takes no part:"), style="bold")
    for row in rows:
        console.print(f"  {row.office.name}: {_reason(row)}", markup=False)


def plain_bystander(row: Bystander) -> dict[str, Any]:
    """Return for programs who takes no part and why."""
    return {
        "office": row.office.id,
        "because": {"de": row.because.de, "en": row.because.en},
        "provision": None if row.provision is None else row.provision.id,
        "against": row.against,
    }


def _reason(row: Bystander) -> str:
    cited = "" if row.provision is None else f" – {say(norm(row.provision))}"
    return f"{say(row.because)}{cited}"


def _print_called(world: World, office: str, form: str, rows: tuple[Provision, ...]) -> None:
    title = say(world.library.for_form(form).title)
    norms = "; ".join(dict.fromkeys(say(norm(p)) for p in rows))
    console.print(f"  {world.roster.office(office).name} ({title}) – {norms}", markup=False)


def _print_questions(world: World, place: str, planned: Measure) -> None:
    """Print the questions that were asked, with their answers."""
    rows = world.library.tables(world.today, world.place(place))
    asked = dict.fromkeys(name for p in rows if p.table is not None for name in p.table.asks)
    for name in asked:
        answer = t("ja", "yes") if planned.facts.get(name) else t("nein", "no")
        question = say(world.library.facts[name].question)
        console.print(f"{question} {answer}", style="dim", markup=False)
