"""How the command line speaks: one language a run, words for people, JSON for programs."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer
from rich.console import Console

from engine.errors import InputError, Text

console = Console(highlight=False, soft_wrap=True, markup=False)
errors = Console(stderr=True, highlight=False, soft_wrap=True, markup=False)


def language(arguments: list[str] | None = None) -> str:
    """Return `de` or `en`: `--lang`, else RECHTZEITIG_LANG, else German.

    Read before the commands are built, because their help is spoken too.
    """
    given = sys.argv[1:] if arguments is None else arguments
    for i, word in enumerate(given):
        if word == "--lang" and i + 1 < len(given):
            return given[i + 1]
        if word.startswith("--lang="):
            return word.removeprefix("--lang=")
    return os.environ.get("RECHTZEITIG_LANG", "de")


_language = language()


def speak(arguments: list[str]) -> list[str]:
    """Set the language of this run; return the arguments without `--lang`.

    Raises InputError for anything but German and English, with both named.
    """
    global _language  # noqa: PLW0603 - one process, one run, one language
    wanted = language(arguments)
    if wanted not in ("de", "en"):
        raise InputError(
            f"Die Sprache „{wanted}“ wird hier nicht gesprochen. --lang und RECHTZEITIG_LANG kennen: "
            "de, en.",
            f"The language '{wanted}' is not spoken here. --lang and RECHTZEITIG_LANG know: de, en.",
        )
    _language = wanted
    rest, skip = [], False
    for word in arguments:
        if skip or word == "--lang":
            skip = not skip
        elif not word.startswith("--lang="):
            rest.append(word)
    return rest


def spoken() -> str:
    """Return the language of this run, `de` or `en`."""
    return _language


def t(de: str, en: str) -> str:
    """Return the words in the language of this run."""
    return en if _language == "en" else de


def say(text: Text) -> str:
    """Return a bilingual text in the language of this run."""
    return text.in_(_language)


def emit_json(value: Any) -> None:
    """Print one JSON document on standard output, for programs."""
    sys.stdout.write(orjson.dumps(value, option=orjson.OPT_INDENT_2).decode() + "\n")


Data = Annotated[
    Path,
    typer.Option(
        "--data",
        envvar="RECHTZEITIG_DATA",
        help=t("Ordner der Installation", "folder of the installation"),
    ),
]
"""The folder in which config.yaml lies."""

AsJson = Annotated[bool, typer.Option("--json", help=t("für Programme", "for programs"))]

HOME = Path("data")
"""Where an installation lies unless somebody says otherwise."""


def stopped(code: int) -> None:
    """End the command with an exit code of its own."""
    raise typer.Exit(code)
