"""How pages look: the templates with what every one of them may say, and the static files.

`environment()` holds the templates and gives them `t`, `say`, `asset` and the filters `words`
and `day`; all of them speak the `language` of the page. `Static` serves the style sheets,
fonts and the script under an address that names their content, so that browsers may keep
them for ever and never mix two versions.
"""

from __future__ import annotations

import hashlib
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from engine.core.calendar import local_day
from engine.core.wording import day_text, moment_text
from engine.errors import Text

STATIC = Path(__file__).parent / "static"
TEMPLATES = Path(__file__).parent / "templates"
FOR_EVER = "public, max-age=31536000, immutable"
"""What browsers are told about a file whose address names its content."""


def environment() -> Environment:
    """Return the templates of all pages: what they print is escaped, what they lack is an error."""
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals.update(t=_t, say=_words, asset=asset)
    made.filters.update(words=_words, day=_day)
    return made


@pass_context
def _t(context: Context, de: str, en: str) -> str:
    """Return the words in the language of the page."""
    return Text(de, en).in_(_language(context))


@pass_context
def _words(context: Context, value: Any) -> Any:
    """Return a `Text` in the language of the page and days as one reads them.

    An instant is told with its local time; None is nothing; all else stays as it is.
    """
    if isinstance(value, date):
        value = moment_text(value)
    if isinstance(value, Text):
        # A general label of a definition is said in the words of the house.
        value = context.get("house_labels", {}).get(value.de, value)
        return value.in_(_language(context))
    return "" if value is None else value


@pass_context
def _day(context: Context, value: Any) -> Any:
    """Return a day, or the local day of an instant, with its weekday; else as `words` does."""
    if isinstance(value, datetime):
        value = day_text(local_day(value))
    return _words(context, value)


def _language(context: Context) -> str:
    return str(context.get("language", "de"))


@cache
def digest() -> str:
    """Return what names all static files in their present content."""
    told = hashlib.sha256()
    for path in sorted(p for p in STATIC.rglob("*") if p.is_file()):
        told.update(path.relative_to(STATIC).as_posix().encode() + b"\0" + path.read_bytes())
    return told.hexdigest()[:16]


def asset(name: str) -> str:
    """Return the address of a static file."""
    return f"/static/{digest()}/{name}"


class Static(StaticFiles):
    """The static files, to be mounted at `/static`; an address of an older content is not found.

    >>> Static().lookup_path("0000/rechtzeitig.css")
    ('', None)
    """

    def __init__(self) -> None:
        super().__init__(directory=STATIC)

    def get_path(self, scope: Scope) -> str:
        """Return the file's path below the folder, nothing that exists where the digest is old."""
        first, _, rest = super().get_path(scope).partition("/")
        return rest if first == digest() else "-"

    def file_response(self, *args: Any, **kwargs: Any) -> Response:
        """Return the file with leave to keep it."""
        response = super().file_response(*args, **kwargs)
        response.headers["Cache-Control"] = FOR_EVER
        return response
