"""`audit findings`: the register of findings, which only ever grows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any

import typer

from engine.app import App, open_app
from engine.cli.console import HOME, AsJson, Data, console, emit_json, say, t
from engine.core.wording import day_text
from engine.errors import InputError
from engine.services.legal.findings import Found, register
from engine.services.record_words import FINDINGS

_OPEN = ("open",)
_ASSESSED = tuple(state for state in FINDINGS if state not in _OPEN)

Open = Annotated[bool, typer.Option("--open", help=t("nur offene", "only open ones"))]
Assessed = Annotated[
    bool, typer.Option("--assessed", help=t("nur bewertete", "only assessed ones"))
]


def findings(
    open_: Open = False, assessed: Assessed = False, data: Data = HOME, as_json: AsJson = False
) -> None:
    if open_ and assessed:
        raise InputError(
            "--open und --assessed schließen sich aus. Ohne beide sehen Sie alle.",
            "--open and --assessed exclude each other. Without both you see all.",
        )
    app = open_app(data)
    rows = list(_all(app, _OPEN if open_ else _ASSESSED if assessed else ()))
    if as_json:
        emit_json([_plain(row) for row in rows])
        return
    if not rows:
        console.print(t("Keine Feststellungen.", "No findings."))
        return
    for row in rows:
        _print(row)


def _all(app: App, states: tuple[str, ...]) -> Iterator[Found]:
    page = register(app, states)
    yield from page.rows
    while page.after is not None:
        page = register(app, states, page.after)
        yield from page.rows


def _print(row: Found) -> None:
    head = t(f"{row.number}, Feststellung {row.finding}", f"{row.number}, finding {row.finding}")
    console.print(f"{head}: {say(row.kind)} ({say(FINDINGS[row.state])})", style="bold")
    about = [say(day_text(row.found_on)), row.office]
    if row.rank is not None:
        about.insert(0, say(row.rank))
    if row.cause is not None:
        about.append(t(f"bei: {row.cause.de}", f"by: {row.cause.en}"))
    console.print(f"    {' · '.join(about)}")


def _plain(row: Found) -> dict[str, Any]:
    return {
        "case": row.number,
        "finding": row.finding,
        "title": row.title,
        "kind": {"de": row.kind.de, "en": row.kind.en},
        "rank": None if row.rank is None else {"de": row.rank.de, "en": row.rank.en},
        "found_on": row.found_on,
        "cause": None if row.cause is None else {"de": row.cause.de, "en": row.cause.en},
        "office": row.office,
        "lead": row.lead,
        "state": row.state,
    }
