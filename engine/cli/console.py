"""How the command line speaks: one language a run, words for people, JSON for programs."""

from __future__ import annotations

import os
import sys
from typing import Any

import orjson
from rich.console import Console

from engine.errors import Text

console = Console(highlight=False, soft_wrap=True)
errors = Console(stderr=True, highlight=False, soft_wrap=True)


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


def t(de: str, en: str) -> str:
    """Return the words in the language of this run."""
    return en if _language == "en" else de


def say(text: Text) -> str:
    """Return a bilingual text in the language of this run."""
    return text.in_(_language)


def emit_json(value: Any) -> None:
    """Print one JSON document on standard output, for programs."""
    sys.stdout.write(orjson.dumps(value, option=orjson.OPT_INDENT_2).decode() + "\n")
