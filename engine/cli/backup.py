"""`backup` while everybody works, and `restore` that says of each step whether it holds."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from engine.app import open_app
from engine.cli.console import HOME, AsJson, Data, console, emit_json, say, stopped, t
from engine.services import backup as backups

PROBLEMS = 1


def backup(
    target: Annotated[
        Path, typer.Argument(help=t("neuer Ordner der Sicherung", "new folder of the backup"))
    ],
    with_keys: Annotated[
        bool,
        typer.Option(
            "--with-keys",
            help=t("auch der private Schlüssel des Protokolls", "the log's private key, too"),
        ),
    ] = False,
    data: Data = HOME,
    as_json: AsJson = False,
) -> None:
    made = backups.back_up(open_app(data), target, with_keys=with_keys)
    missing = made.manifest.missing
    if as_json:
        emit_json(
            {
                "folder": str(made.folder),
                "files": len(made.manifest.files),
                "bytes": made.size,
                "keys": made.manifest.keys,
                "missing": list(missing),
            }
        )
    else:
        size = f"{made.size / 2**20:.1f} MB"
        count = len(made.manifest.files)
        console.print(
            t(
                f"Gesichert: {made.folder} ({count} Dateien, {size}). Ob sie hält, zeigt: "
                f"restore {made.folder} LEERER_ORDNER --verify",
                f"Backed up: {made.folder} ({count} files, {size}). Whether it holds shows: "
                f"restore {made.folder} EMPTY_FOLDER --verify",
            )
        )
        for uid in missing:
            console.print(t(f"Es fehlt das Dokument {uid}.", f"The document {uid} is missing."),
                          style="red")  # fmt: skip
    if missing:
        stopped(PROBLEMS)


def restore(
    source: Annotated[Path, typer.Argument(help=t("Ordner der Sicherung", "folder of the backup"))],
    folder: Annotated[Path, typer.Argument(help=t("leerer Ordner", "empty folder"))],
    verify: Annotated[
        bool,
        typer.Option(
            "--verify",
            help=t("Protokoll und Unterlagen prüfen", "examine the log and the documents"),
        ),
    ] = False,
    database: Annotated[
        str | None,
        typer.Option(
            help=t("leere PostgreSQL-Datenbank für deren Sicherung", "empty PostgreSQL database")
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    steps = []
    for step in backups.restore(source, folder, verify=verify, database=database):
        steps.append(step)
        if not as_json:
            sign, style = ("✓", "green") if step.holds else ("✗", "red")
            console.print(f"{sign} {say(step.text)}", style=style)
    if as_json:
        emit_json(
            [{"step": s.name, "holds": s.holds, "de": s.text.de, "en": s.text.en} for s in steps]
        )
    if not all(s.holds for s in steps):
        stopped(PROBLEMS)
