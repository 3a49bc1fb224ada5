"""`import oparl`: published papers with a coming decision enter the files."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.progress import Progress

from engine.app import open_app
from engine.cli.console import HOME, AsJson, Data, console, emit_json, errors, say, t
from engine.cli.fields import day_from
from engine.oparl import read
from engine.services.oparl_take import Taken, take_records

SHOWN = 10


def import_oparl(
    source: Annotated[
        str,
        typer.Argument(
            help=t("Ordner, Datei oder Adresse (OParl 1.1)", "folder, file or address (OParl 1.1)")
        ),
    ],
    as_: Annotated[str, typer.Option("--as", help=t("wer einträgt", "who enters them"))],
    office: Annotated[
        str | None, typer.Option(help=t("für welche Stelle", "for which office"))
    ] = None,
    municipality: Annotated[
        str | None, typer.Option(help=t("Körperschaft", "municipality"))
    ] = None,
    since: Annotated[
        str | None,
        typer.Option(
            help=t(
                "Entscheidungen ab diesem Tag gelten als anstehend (sonst heute)",
                "decisions from this day on count as coming (else today)",
            )
        ),
    ] = None,
    new_offices: Annotated[
        bool,
        typer.Option(
            "--new-offices",
            help=t("unbekannte Fachbereiche anlegen", "open unknown departments as offices"),
        ),
    ] = False,
    data: Data = HOME,
    as_json: AsJson = False,
) -> None:
    app = open_app(data)
    records = read(source)
    with Progress(console=errors, transient=True, disable=as_json) as bar:
        task = bar.add_task(t("Vorlagen", "papers"), total=len(records.papers))
        done = take_records(
            app,
            records,
            as_,
            office=office,
            municipality=municipality,
            since=None if since is None else day_from(since),
            new_offices=new_offices,
            progress=lambda: bar.advance(task),
        )
    if as_json:
        emit_json(
            {
                "registered": done.registered,
                "matched": done.matched,
                "proposed": done.proposed,
                "past": done.past,
                "undecided": done.undecided,
                "unusable": {k: {"de": v.de, "en": v.en} for k, v in done.unusable.items()},
                "problems": [{"place": p.place, "en": p.text.en} for p in records.problems],
            }
        )
    else:
        _tell(done, len(records.problems))


def _tell(done: Taken, problems: int) -> None:
    console.print(
        t(
            f"{len(done.registered)} neu angemeldet, {len(done.matched)} schon bekannt, "
            f"{len(done.past)} schon entschieden, {len(done.undecided)} ohne Entscheidung, "
            f"{len(done.unusable)} nicht verwendbar, {problems} fehlerhafte Stellen.",
            f"{len(done.registered)} registered, {len(done.matched)} known already, "
            f"{len(done.past)} decided already, {len(done.undecided)} without a decision, "
            f"{len(done.unusable)} unusable, {problems} faulty places.",
        )
    )
    for paper, why in list(done.unusable.items())[:SHOWN]:
        console.print(f"  {paper}: {say(why)}", markup=False)
    for paper, number in list(done.proposed.items())[:SHOWN]:
        console.print(
            t(
                f"  {paper}: gleicher Titel wie {number}; bitte prüfen.",
                f"  {paper}: same title as {number}; please check.",
            ),
            markup=False,
        )
