"""`measure register`: a department registers what it plans."""

from __future__ import annotations

from typing import Annotated

import typer

from engine.app import open_app
from engine.cli.console import HOME, AsJson, Data, emit_json, t
from engine.cli.fields import day_from, pair_from
from engine.cli.show import plain_file, print_file
from engine.core.case import Measure, Stage
from engine.core.conditions import Value
from engine.core.world import World
from engine.errors import InputError
from engine.services.cases import Deed, register_measure
from engine.services.reading import file_of, house_of

ORIGINS = ("administration", "fraction", "amendment", "other")
SECRECY = ("public", "non_public", "personnel")


def register(
    title: Annotated[str, typer.Option(help=t("Worum geht es?", "what is it about?"))],
    lead: Annotated[str, typer.Option(help=t("federführende Stelle", "lead department"))],
    as_: Annotated[str, typer.Option("--as", help=t("wer handelt", "who acts"))],
    kind: Annotated[str, typer.Option(help=t("Art der Vorlage", "kind"))] = "beschlussvorlage",
    origin: Annotated[
        str, typer.Option(help="administration | fraction | amendment | other")
    ] = "administration",
    office: Annotated[
        str | None, typer.Option(help=t("für welche Stelle", "for which office"))
    ] = None,
    municipality: Annotated[
        str | None, typer.Option(help=t("Körperschaft", "municipality"))
    ] = None,
    fact: Annotated[
        list[str] | None,
        typer.Option(help=t("Tatsache, die zutrifft (mehrfach)", "a fact that holds (repeat)")),
    ] = None,
    no_other_facts: Annotated[
        bool, typer.Option(help=t("alles Übrige trifft nicht zu", "nothing else holds"))
    ] = False,
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
    reference: Annotated[str | None, typer.Option(help=t("Vorlagennummer", "paper number"))] = None,
    confidentiality: Annotated[str, typer.Option(help=" | ".join(SECRECY))] = "public",
    document: Annotated[
        list[str] | None,
        typer.Option(help=t("Unterlage: 'art=pfad', z. B. vorlage=v.pdf", "document: 'kind=path'")),
    ] = None,
    key: Annotated[
        str | None, typer.Option(help=t("Schlüssel gegen Doppel", "idempotency key"))
    ] = None,
    data: Data = HOME,
    as_json: AsJson = False,
) -> None:
    app = open_app(data)
    world = house_of(app)
    measure = Measure(
        title=title,
        kind=kind,
        origin=_one_of("--origin", origin, ORIGINS),
        lead=lead,
        municipality=municipality or next(iter(world.municipalities)),
        facts=_facts(world, fact or [], rest=no_other_facts),
        stages=_stages(session or []),
        carried_out_on=None if on is None else day_from(on),
        confidentiality=_one_of("--confidentiality", confidentiality, SECRECY),
        reference=reference,
    )
    files = tuple(pair_from(d) for d in document or [])
    deed = Deed(step="", person=as_, office=office, files=files, key=key)
    file = file_of(app, register_measure(app, measure, deed).number)
    emit_json(plain_file(file)) if as_json else print_file(file)


def _facts(world: World, named: list[str], *, rest: bool) -> dict[str, Value]:
    known = world.library.facts
    for name in named:
        if name not in known:
            raise InputError(
                f"Die Tatsache „{name}“ gibt es nicht; bekannt sind: {', '.join(known)}.",
                f"There is no fact '{name}'; known are: {', '.join(known)}.",
            )
    return {**(dict.fromkeys(known, False) if rest else {}), **dict.fromkeys(named, True)}


def _stages(words: list[str]) -> tuple[Stage, ...]:
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


def _one_of(option: str, word: str, known: tuple[str, ...]) -> str:
    if word not in known:
        raise InputError(
            f"{option} {word}: erlaubt sind {', '.join(known)}.",
            f"{option} {word}: allowed are {', '.join(known)}.",
        )
    return word
