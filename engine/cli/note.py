"""`measure note`: the Prüfvermerk of a case, issued with a code that the log knows."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from engine.app import open_app
from engine.cli.console import HOME, AsJson, Data, console, emit_json, say, t
from engine.services.cases import person_of
from engine.services.evidence.noted import IssuedNote
from engine.services.evidence.noting import issue
from engine.services.reading import house_of

Number = Annotated[str, typer.Argument(help=t("Nummer, z. B. V-2026-0001", "e.g. V-2026-0001"))]
As = Annotated[str, typer.Option("--as", help=t("wer ihn ausstellt", "who issues it"))]
Html = Annotated[bool, typer.Option("--html", help=t("zum Einfügen, als HTML", "as HTML"))]
Line = Annotated[
    bool, typer.Option("--line", help=t("eine Zeile für die Mitzeichnung", "in one line"))
]


def note(
    number: Number,
    as_: As,
    html: Html = False,
    line: Line = False,
    data: Data = HOME,
    as_json: AsJson = False,
) -> None:
    app = open_app(data)
    found = issue(app, number, person_of(house_of(app), as_))
    if as_json:
        emit_json(plain_note(found))
        return
    assert found.note is not None, "whoever issues a note gets one with its words"
    forms = found.note
    console.print(say(forms.html() if html else forms.one_line() if line else forms.text()))


def plain_note(found: IssuedNote) -> dict[str, Any]:
    """Return an issued note for programs."""
    forms = found.note
    said = {} if forms is None else {"text": forms.text(), "html": forms.html(), "line": forms.one_line()}  # fmt: skip
    outdated = found.outdated
    return {
        "code": found.code,
        "case": found.number,
        "paper": found.paper,
        "documents": found.sums,
        "issued_at": found.at,
        "issued_by": found.actor,
        "office": found.office,
        "digests": found.digests,
        **{form: {"de": words.de, "en": words.en} for form, words in said.items()},
        "outdated": None
        if outdated is None
        else {
            "since": outdated.since,
            "why": {"de": outdated.why.de, "en": outdated.why.en},
        },
    }
