"""`log cosign` and `log offer`: the side of the log that faces its witnesses."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from engine.app import open_app
from engine.cli.console import HOME, AsJson, Data, console, emit_json, say, t
from engine.core.wording import moment_text
from engine.errors import InputError
from engine.services.evidence import offering
from engine.services.evidence.stamping import stamp_due


def cosign(
    files: Annotated[
        list[Path] | None,
        typer.Argument(help=t("was der Zeuge zurückgab", "what the witness handed back")),
    ] = None,
    witness: Annotated[
        str | None,
        typer.Option("--witness", help=t("einen Zeugen aufnehmen", "take a witness on")),
    ] = None,
    data: Data = HOME,
    as_json: AsJson = False,
) -> None:
    app = open_app(data)
    key = None if witness is None else offering.take_on(app, witness)
    kept = [(file, *offering.take_back(app, _read(file))) for file in files or []]
    if as_json:
        rows = [{"file": str(file), "size": size, "new": new} for file, size, new in kept]
        emit_json({"witness": None if key is None else key.vkey, "cosignatures": rows})
        return
    if key is not None:
        console.print(t(f"{key.name} ist als Zeuge bekannt.", f"{key.name} is known as a witness."))
    for file, size, new in kept:
        who = ", ".join(new)
        console.print(
            t(
                f"{file}: {size} Einträge bezeugt von {who}." if new else f"{file}: war schon da.",
                f"{file}: {size} entries witnessed by {who}." if new else f"{file}: was there.",
            )
        )
    if key is None and not kept:
        raise InputError(
            "Nennen Sie eine Datei des Zeugen, oder seinen Schlüssel mit --witness.",
            "Name a file of the witness, or its key by --witness.",
        )


def offer(
    size: Annotated[
        int, typer.Argument(min=0, help=t("was der Zeuge schon kennt", "what the witness knows"))
    ],
    data: Data = HOME,
) -> None:
    app = open_app(data)
    with app.database.read() as store:
        sys.stdout.write(offering.offer(store, size).written)


def stamp(data: Data = HOME, as_json: AsJson = False) -> None:
    app = open_app(data)
    if app.config.settings.evidence.stamp is None or app.training:
        raise InputError(
            "Hier wird nicht gestempelt: In config.yaml fehlt evidence: stamp, oder es ist eine "
            "Übungsdatenbank.",
            "Nothing is stamped here: config.yaml names no evidence: stamp, or this is a training "
            "database.",
        )
    found = stamp_due(app, at_once=True)
    if as_json:
        emit_json(None if found is None else {"size": found.size, "at": found.at})
    elif found is None:
        console.print(t("Es gibt nichts zu stempeln.", "There is nothing to stamp."))
    else:
        at = say(moment_text(found.at))
        console.print(
            t(f"{found.size} Einträge gestempelt, {at}.", f"{found.size} entries stamped, {at}.")
        )


def _read(file: Path) -> str:
    try:
        return file.read_bytes().decode()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{file}: {error}", f"{file}: {error}") from error
