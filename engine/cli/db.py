"""`db`: an installation moves to PostgreSQL, and its accounts there get their rights."""

from __future__ import annotations

from typing import Annotated

import typer

from engine.app import open_app
from engine.cli.console import HOME, AsJson, Data, console, emit_json, say, stopped, t
from engine.services import moving
from engine.store.roles import statements

PROBLEMS = 1


def copy(
    to: Annotated[
        str,
        typer.Option(
            "--to",
            help=t(
                "leere Datenbank: postgresql://konto@rechner/name",
                "empty database: postgresql://account@host/name",
            ),
        ),
    ],
    switch: Annotated[
        bool,
        typer.Option(
            "--switch",
            help=t("danach in config.yaml eintragen", "name it in config.yaml afterwards"),
        ),
    ] = False,
    data: Data = HOME,
    as_json: AsJson = False,
) -> None:
    app = open_app(data)
    done = moving.copy(app, to, switch=switch)
    if as_json:
        tables = {moved.table: moved.rows for moved in done.tables}
        emit_json({"rows": done.rows, "tables": tables, "intact": done.found.intact,
                   "entries": done.found.entries, "replayed": done.found.replayed,
                   "switched": done.switched})  # fmt: skip
    else:
        _print(done)
    if not done.found.intact:
        stopped(PROBLEMS)


def _print(done: moving.Copied) -> None:
    found, tables = done.found, len(done.tables)
    console.print(
        t(
            f"Kopiert nach {done.place}: {done.rows} Zeilen in {tables} Tabellen, jede zurückgelesen "
            "und verglichen.",
            f"Copied to {done.place}: {done.rows} rows of {tables} tables, each read back and "
            "compared.",
        )
    )
    for fault in found.faults:
        console.print(say(fault.text), style="red")
    for number in found.differing:
        console.print(t(f"{number}: anderer Stand nachgerechnet",
                        f"{number}: counted again, another state"), style="red")  # fmt: skip
    if not found.intact:
        console.print(
            t(
                "Das Protokoll ist nicht unversehrt; so war es schon vorher. Bleiben Sie bei der "
                "alten Datenbank und klären Sie das zuerst: rechtzeitig audit verify.",
                "The log is not unchanged; it was so before. Stay with the old database and "
                "clear that up first: rechtzeitig audit verify.",
            ),
            style="red",
        )
        return
    console.print(
        t(
            f"Protokoll unversehrt: {found.entries} Einträge, {found.replayed} Vorgänge "
            "nachgespielt.",
            f"Log unchanged: {found.entries} entries, {found.replayed} cases told again.",
        )
    )
    console.print(_next(done.switched))


def _next(switched: bool) -> str:
    if switched:
        return t(
            "config.yaml nennt jetzt diese Datenbank. Starten Sie serve und work neu. Die alte "
            "Datei bleibt liegen; starten Sie nichts mehr mit ihr.",
            "config.yaml names this database now. Start serve and work anew. The old file stays "
            "where it is; start nothing with it any more.",
        )
    return t(
        "Noch arbeitet alles mit der alten Datenbank weiter, und was seitdem entsteht, fehlt hier. "
        "Halten Sie serve und work an, kopieren Sie mit --switch und starten Sie sie neu.",
        "Everything still works with the old database, and what arises from now on is missing "
        "here. Stop serve and work, copy with --switch, and start them anew.",
    )


def roles(
    app: Annotated[
        str, typer.Option(help=t("Rolle, mit der gearbeitet wird", "role for the work"))
    ] = "rechtzeitig_app",
    auditor: Annotated[
        str, typer.Option(help=t("Rolle, die nur liest", "role that only reads"))
    ] = "rechtzeitig_auditor",
) -> None:
    for statement in statements(app, auditor):
        console.print(f"{statement};")
