"""`audit sweep`: what is wrong with open cases, before anybody has missed anything."""

from __future__ import annotations

from typing import Any

from engine.app import open_app
from engine.cli.console import HOME, AsJson, Data, console, emit_json, say, t
from engine.core.sweep import TITLES, Flaw
from engine.services.legal.sweep import MENDS, Line, Sweep, sweep


def show(data: Data = HOME, as_json: AsJson = False) -> None:
    found = sweep(open_app(data))
    if as_json:
        emit_json(_plain(found))
        return
    console.print(
        t(f"{found.cases} offene Vorgänge durchgesehen.", f"{found.cases} open cases looked at.")
    )
    for flaw in Flaw:
        lines = found.of(flaw)
        if lines:
            _print(flaw, lines, found.counts[flaw])
    if not found.lines:
        console.print(t("Nichts zu beanstanden.", "Nothing to object to."), style="green")


def _print(flaw: Flaw, lines: list[Line], cases: int) -> None:
    count = t(f"{cases} Vorgänge", f"{cases} cases") if cases > 1 else t("1 Vorgang", "1 case")
    console.print(f"\n{say(TITLES[flaw])} ({count})", style="bold")
    console.print(f"  {say(MENDS[flaw].how)}")
    for line in lines:
        console.print(f"  {line.number}  {say(line.text)}")
    for command in dict.fromkeys(line.command for line in lines):
        console.print(f"  → rechtzeitig {command}", style="dim")


def _plain(found: Sweep) -> dict[str, Any]:
    return {
        "cases": found.cases,
        "counts": {flaw.value: found.counts[flaw] for flaw in Flaw},
        "lines": [
            {
                "flaw": x.flaw.value,
                "case": x.number,
                "de": x.text.de,
                "en": x.text.en,
                "page": x.page,
                "command": x.command,
            }
            for x in found.lines
        ],
    }
