"""`clock`: whether the server's clock is believed, and a person's word that it is right."""

from __future__ import annotations

from typing import Annotated

import typer

from engine.app import open_app
from engine.cli.console import HOME, AsJson, Data, console, emit_json, say, stopped, t
from engine.core.wording import moment_text
from engine.services.timekeeping import ClockStanding, confirm_as, standing

Person = Annotated[
    str, typer.Option("--as", help=t("wer das bestätigt", "who vouches for the clock"))
]
SHOWN = 10


def status(data: Data = HOME, as_json: AsJson = False) -> None:
    found = standing(open_app(data))
    if as_json:
        emit_json(_plain(found))
    else:
        _print(found)
    if found.doubted:
        stopped(1)


def _plain(found: ClockStanding) -> dict[str, object]:
    return {
        "doubted": found.doubted,
        "held_since": found.held_since,
        "shown": found.shown,
        "counted": found.counted,
        "steps": [
            {"at": s.at, "shown": s.shown, "seconds": s.seconds, "doubted": s.doubted}
            for s in found.steps
        ],
    }


def _print(found: ClockStanding) -> None:
    shown, counted = moment_text(found.shown), moment_text(found.counted)
    console.print(t(f"Die Uhr zeigt {shown.de}.", f"The clock shows {shown.en}."))
    if found.doubted:
        console.print(
            t(
                f"Sie ist im Zweifel; gezählt wird {counted.de}. Stimmt sie, bestätigen Sie das: "
                "rechtzeitig clock confirm --as …",
                f"It is doubted; what counts is {counted.en}. If it is right, say so: "
                "rechtzeitig clock confirm --as …",
            ),
            style="red",
        )
    if found.held_since is not None:
        held = moment_text(found.held_since)
        console.print(
            t(
                f"Erinnerungen und Weitergaben warten seit {held.de}.",
                f"Reminders and escalations wait since {held.en}.",
            )
        )
    for step in found.steps[:SHOWN]:
        console.print(f"- {say(step.text)}")


def confirm(as_: Person, data: Data = HOME, as_json: AsJson = False) -> None:
    now = confirm_as(open_app(data), as_)
    if as_json:
        emit_json({"counted": now})
        return
    words = moment_text(now)
    console.print(
        t(
            f"Bestätigt und eingetragen: Es ist {words.de}. Was wartete, geht mit dem nächsten "
            "Lauf hinaus.",
            f"Confirmed and recorded: it is {words.en}. What waited goes out with the next round.",
        )
    )
