"""`measure register`: a department registers what it plans."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import typer

from engine.app import open_app
from engine.cli.console import HOME, AsJson, Data, emit_json, t
from engine.cli.fields import day_from, pair_from
from engine.cli.options import (
    SECRECY,
    Documents,
    Key,
    Municipality,
    Office,
    Reference,
    Secrecy,
)
from engine.cli.show import plain_file, print_file
from engine.cli.twins import hint_at_twins
from engine.core.case import Measure, Stage
from engine.core.concern import ConcernTable
from engine.core.conditions import Value
from engine.core.meanings import StepMeans
from engine.core.world import World
from engine.errors import InputError
from engine.services.cases import Deed, register_measure
from engine.services.reading import file_of, house_of

ORIGINS = ("administration", "fraction", "amendment", "other")


def register(
    title: Annotated[str, typer.Option(help=t("Worum geht es?", "what is it about?"))],
    lead: Annotated[str, typer.Option(help=t("federführende Stelle", "lead department"))],
    as_: Annotated[str, typer.Option("--as", help=t("wer handelt", "who acts"))],
    kind: Annotated[str, typer.Option(help=t("Art der Vorlage", "kind"))] = "beschlussvorlage",
    origin: Annotated[
        str, typer.Option(help="administration | fraction | amendment | other")
    ] = "administration",
    office: Office = None,
    municipality: Municipality = None,
    fact: Annotated[
        list[str] | None,
        typer.Option(help=t("Tatsache, die zutrifft (mehrfach)", "a fact that holds (repeat)")),
    ] = None,
    deny: Annotated[
        list[str] | None,
        typer.Option(
            help=t("Tatsache, die nicht zutrifft (mehrfach)", "a fact that does not hold (repeat)")
        ),
    ] = None,
    no_other_facts: Annotated[
        bool, typer.Option(help=t("alles Übrige trifft nicht zu", "nothing else holds"))
    ] = False,
    deviation: Annotated[
        str | None,
        typer.Option(
            help=t(
                "warum eine Stelle nicht beteiligt wird, die eine Tabelle vorsieht",
                "why an office that a table calls for takes no part",
            )
        ),
    ] = None,
    session: Annotated[
        list[str] | None,
        typer.Option(
            help=t(
                "Sitzung: 'Gremium=JJJJ-MM-TT' in Reihenfolge; die letzte entscheidet",
                "sitting: 'body=YYYY-MM-DD' in order; the last one decides",
            )
        ),
    ] = None,
    on: Annotated[
        str | None, typer.Option(help=t("Tag der Umsetzung ohne Gremium", "day of implementation"))
    ] = None,
    reference: Reference = None,
    confidentiality: Secrecy = "public",
    document: Documents = None,
    key: Key = None,
    data: Data = HOME,
    as_json: AsJson = False,
) -> None:
    app = open_app(data)
    world = house_of(app)
    place = municipality or next(iter(world.municipalities))
    measure = Measure(
        title=title,
        kind=kind,
        origin=one_of("--origin", origin, ORIGINS),
        lead=lead,
        municipality=place,
        facts=facts_from(world, place, fact or [], deny or [], rest=no_other_facts),
        stages=stages_from(session or []),
        carried_out_on=None if on is None else day_from(on),
        confidentiality=one_of("--confidentiality", confidentiality, SECRECY),
        reference=reference,
    )
    files = tuple(pair_from(d) for d in document or [])
    fields = {} if deviation is None else {deviation_field(world): deviation}
    deed = Deed(step="", person=as_, office=office, fields=fields, files=files, key=key)
    hint_at_twins(app, measure, key)
    file = file_of(app, register_measure(app, measure, deed).number)
    emit_json(plain_file(file)) if as_json else print_file(file)


def deviation_field(world: World) -> str:
    """Return the field in which a registration says why a table is not followed."""
    steps = world.library.case_workflow().steps_meaning(StepMeans.REGISTRATION)
    fields = (f.name for step in steps for f in step.takes if f.type == "deviation")
    name = next(fields, None)
    if name is None:
        raise InputError(
            "--deviation: Der geltende Ablauf nimmt bei der Anmeldung keine Abweichung an.",
            "--deviation: the workflow in force takes no deviation at registration.",
        )
    return name


def facts_from(
    world: World, municipality: str, named: list[str], denied: Sequence[str] = (), *, rest: bool
) -> dict[str, Value]:
    """Return the facts that words name as true or deny; with `rest` all others are false.

    What a table answers is left to the table.
    """
    known = world.library.facts
    for name in (*named, *denied):
        if name not in known:
            raise InputError(
                f"Die Tatsache „{name}“ gibt es nicht; bekannt sind: {', '.join(known)}.",
                f"There is no fact '{name}'; known are: {', '.join(known)}.",
            )
    asked = [name for name in known if name not in answered_in(world, municipality)]
    false = [*(asked if rest else ()), *denied]
    return {**dict.fromkeys(false, False), **dict.fromkeys(named, True)}


def answered_in(world: World, municipality: str) -> dict[str, ConcernTable]:
    """Return the tables that answer facts in a municipality today, by the fact."""
    rows = world.library.tables(world.today, world.place(municipality))
    return {p.table.answers: p.table for p in rows if p.table is not None}


def stages_from(words: list[str]) -> tuple[Stage, ...]:
    """Return the sittings that words name, in their order; the last one decides."""
    rows = []
    for word in words:
        body, eq, day = word.rpartition("=")
        if not eq:
            raise InputError(
                f"--session {word}: gemeint ist 'Gremium=JJJJ-MM-TT'.",
                f"--session {word}: write 'body=YYYY-MM-DD'.",
            )
        rows.append(Stage(body, day_from(day)))
    if rows:
        rows[-1] = Stage(rows[-1].body, rows[-1].day, "entscheidung")
    return tuple(rows)


def one_of(option: str, word: str, known: tuple[str, ...]) -> str:
    """Return the word if the option allows it."""
    if word not in known:
        raise InputError(
            f"{option} {word}: erlaubt sind {', '.join(known)}.",
            f"{option} {word}: allowed are {', '.join(known)}.",
        )
    return word
