"""`health`: what monitoring asks, with an exit code."""

from __future__ import annotations

from engine.app import open_app
from engine.cli.console import HOME, AsJson, Data, console, emit_json, say, stopped
from engine.services import health as vital


def health(data: Data = HOME, as_json: AsJson = False) -> None:
    found = vital.health(open_app(data))
    if as_json:
        emit_json(found.plain)
    else:
        for check in found.checks:
            sign, colour = ("✓", "green") if check.well else ("✗", "red")
            console.print(f"{sign} {say(check.text)}", style=colour)
    if not found.well:
        stopped(1)
