"""`audit check`: a short code looked up in the log, and a text compared with what was issued."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from engine.app import open_app
from engine.cli.console import HOME, AsJson, Data, console, emit_json, errors, say, stopped, t
from engine.cli.note import plain_note
from engine.core.note_text import text_in
from engine.core.wording import moment_text
from engine.core.world import World
from engine.errors import InputError, Text
from engine.services.evidence.code_words import (
    ALTERED,
    FITS,
    OTHER_TEXT,
    UNKNOWN,
    sealed_words,
    standing_words,
)
from engine.services.evidence.codes import Line, compared, lines_of
from engine.services.evidence.noted import IssuedNote
from engine.services.reading import house_of

PROBLEMS = 1
_HTML = (".html", ".htm")

Code = Annotated[str, typer.Argument(help=t("Prüfcode, z. B. 7C3K-J3YJ", "code, e.g. 7C3K-J3YJ"))]
TextFile = Annotated[
    Path | None,
    typer.Option(
        "--text",
        help=t(
            "Text oder HTML, wie es in der Vorlage steht: Ist es der ausgestellte Vermerk?",
            "text or HTML as it stands in the paper: is it the note that was issued?",
        ),
    ),
]


def check(code: Code, text: TextFile = None, data: Data = HOME, as_json: AsJson = False) -> None:
    app = open_app(data)
    words = None if text is None else _words(text)
    found = lines_of(app, code)
    same = [_same(line, words) for line in found]
    if as_json:
        emit_json([_plain(*row) for row in zip(found, same, strict=True)])
    elif not found:
        errors.print(say(UNKNOWN))
    else:
        for line, matching in zip(found, same, strict=True):
            _print(line, house_of(app), words is not None, matching)
    if not found or not all(line.sound for line in found):
        stopped(PROBLEMS)
    if words is not None and not any(same):
        stopped(PROBLEMS)


def _words(path: Path) -> str:
    try:
        said = path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError):
        raise InputError(
            f"{path} ist nicht als Text (UTF-8) lesbar.", f"{path} cannot be read as text (UTF-8)."
        ) from None
    return text_in(said) if path.suffix.lower() in _HTML else said


def _same(line: Line, words: str | None) -> Text | None:
    return None if words is None or line.note is None else compared(line.note, words)


def _print(line: Line, world: World, asked: bool, same: Text | None) -> None:
    console.print(f"{line.code}: {say(line.kind)}", style="bold")
    if line.case is not None:
        _row(t("Vorgang", "case"), f"{line.case.number} {line.case.measure.title}")
    _row(t("Eintrag", "entry"), t(f"{line.stream} Nr. {line.seq}", f"{line.stream} no. {line.seq}"))
    if line.at is not None:
        _row(t("Eingetragen", "recorded"), say(moment_text(line.at)))
    style = None if line.fits else "red"
    _row(t("Nachgerechnet", "recomputed"), say(FITS if line.fits else ALTERED), style)
    _row(t("Versiegelt", "sealed"), say(sealed_words(line)), "red" if line.proven is False else None)  # fmt: skip
    if line.note is not None:
        _print_note(line.note, world)
    if asked:
        _row(t("Text", "text"), say(same or OTHER_TEXT), None if same else "red")


def _print_note(note: IssuedNote, world: World) -> None:
    who, office = world.roster.name(note.actor), world.roster.office(note.office).name
    _row(t("Ausgestellt von", "issued by"), f"{who}, {office}")
    _row(t("Fassung der Vorlage", "version of the paper"), str(note.paper))
    for digest in note.sums:
        _row("SHA-256", digest)
    _row(t("Stand", "standing"), say(standing_words(note)), "yellow" if note.outdated else None)


def _row(label: str, words: str, style: str | None = None) -> None:
    console.print(f"  {label}: {words}", style=style)


def _plain(line: Line, same: Text | None) -> dict[str, Any]:
    sealed = line.sealed
    return {
        "code": line.code,
        "kind": {"de": line.kind.de, "en": line.kind.en},
        "stream": line.stream,
        "seq": line.seq,
        "leaf": line.leaf,
        "recorded_at": line.at,
        "case": None if line.case is None else line.case.number,
        "fits": line.fits,
        "index": line.index,
        "checkpoint": None
        if sealed is None
        else {"size": sealed.size, "signed_at": sealed.signed_at},
        "proven": line.proven,
        "note": None if line.note is None else plain_note(line.note),
        "text": None if same is None else {"de": same.de, "en": same.en},
    }
