"""`audit export`: the file of a case, for somebody who has nothing but Python."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Annotated

import typer

from engine.app import open_app
from engine.cli.console import HOME, AsJson, Data, console, emit_json, say, t
from engine.core.wording import moment_text
from engine.errors import InputError
from engine.services.cases import person_of
from engine.services.evidence.exporting import Exported
from engine.services.legal.files import hand_out
from engine.services.reading import house_of

Number = Annotated[str, typer.Argument(help=t("Nummer, z. B. V-2026-0001", "e.g. V-2026-0001"))]
To = Annotated[
    Path | None,
    typer.Option(
        "--to",
        help=t(
            "Datei oder Ordner; sonst akte-<Nummer>.zip im aktuellen Ordner",
            "file or folder; otherwise akte-<number>.zip in the current folder",
        ),
    ),
]
As = Annotated[
    str | None, typer.Option("--as", help=t("Person des Rechtsamts", "person of the legal office"))
]


def export(
    number: Number, to: To = None, as_: As = None, data: Data = HOME, as_json: AsJson = False
) -> None:
    app = open_app(data)
    person = None if as_ is None else person_of(house_of(app), as_)
    folder, name = _target(to)
    try:
        handle, partial = tempfile.mkstemp(".part", ".akte-", folder)
    except OSError as error:
        raise _unwritable(folder, error) from error
    try:
        with open(handle, "wb") as file:
            done = hand_out(app, number, person, file)
        path = folder / (name or done.name)
        # Nobody sees half a file: it gets its name once it is whole and entered.
        os.replace(partial, path)
    except OSError as error:
        raise _unwritable(folder, error) from error
    finally:
        Path(partial).unlink(missing_ok=True)
    _say(done, path, as_json=as_json)


def _target(to: Path | None) -> tuple[Path, str | None]:
    """Return the folder to write into, and the name where one was given."""
    if to is None:
        return Path(), None
    return (to, None) if to.is_dir() else (to.parent, to.name)


def _say(done: Exported, path: Path, *, as_json: bool) -> None:
    if as_json:
        emit_json(
            {
                "file": str(path),
                "entries": done.entries,
                "documents": done.documents,
                "mails": done.mails,
                "contents": done.contents,
                "sealed_at": done.sealed_at,
                "unsealed": None if done.unsealed is None else say(done.unsealed),
            }
        )
        return
    console.print(
        t(
            f"{path}: {done.entries} Einträge, {done.documents} Dokumente, {done.mails} Nachrichten.",
            f"{path}: {done.entries} entries, {done.documents} documents, {done.mails} mails.",
        )
    )
    if done.unsealed is not None:
        words = say(done.unsealed)
        console.print(t(f"Ohne Siegel: {words}", f"Not sealed: {words}"), style="bold red")
    elif done.sealed_at is not None:
        at = say(moment_text(done.sealed_at))
        console.print(t(f"Versiegelt am {at}.", f"Sealed on {at}."))
    console.print(
        t(
            f"Prüfen, auch auf einem anderen Rechner: python pruefen.py {path.name} --schluessel …",
            f"To check it, also on another machine: python pruefen.py {path.name} --schluessel … --en",
        )
    )


def _unwritable(folder: Path, error: OSError) -> InputError:
    return InputError(
        f"{folder}: {error.strerror}. Nennen Sie mit --to einen Ordner, in den geschrieben werden "
        "kann.",
        f"{folder}: {error.strerror}. Name a folder that can be written to by --to.",
    )
