"""`rechtzeitig deadline`: count one deadline and say how it was counted."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Annotated

import typer
from rich.table import Table

from engine.cli.console import console, emit_json, say, t
from engine.core.calendar import BERLIN, Calendar
from engine.core.deadlines import Backward, Counting, Derivation, Period, Roll, as_plain, derive
from engine.core.explanation import Step, explain, sentence
from engine.definitions.calendars import lands, materialise, read_calendar
from engine.errors import InputError
from engine.shipped import rules

FIRST_YEAR, LAST_YEAR = 1991, 2040


def deadline(
    event: Annotated[
        str,
        typer.Option(help=t("Tag oder Zeitpunkt des Ereignisses", "day or time of the event")),
    ],
    period: Annotated[
        str, typer.Option(help=t("etwa „10 Arbeitstage“, „1 Monat“", 'such as "1 week"'))
    ],
    calendar: Annotated[
        str, typer.Option(help=t("Kalender oder Land", "calendar or Land, such as BB"))
    ] = "BB",
    day_start: Annotated[
        bool,
        typer.Option(
            "--day-start",
            help=t(
                "den ersten Tag mitzählen (§ 187 Abs. 2 BGB)",
                "count the first day (§ 187 (2) BGB)",
            ),
        ),
    ] = False,
    at_least: Annotated[
        str | None, typer.Option(help=t("Mindestdauer", "the least length"))
    ] = None,
    roll: Annotated[
        Roll | None,
        typer.Option(help=t("Ende auf einem freien Tag", "where an end on a closed day goes")),
    ] = None,
    backward: Annotated[
        Backward | None,
        typer.Option(
            help=t("rückwärts: volle Tage oder N-ter Tag", "backwards: clear days or the n-th day")
        ),
    ] = None,
    json: Annotated[
        bool, typer.Option("--json", help=t("als JSON ausgeben", "print JSON"))
    ] = False,
) -> None:
    """Count a deadline from an event, and say how / Frist berechnen und Rechenweg zeigen."""
    counting = Counting(
        Period.parse(period),
        at_least=None if at_least is None else Period.parse(at_least),
        day_start=day_start,
        roll=roll,
        backward=backward,
    )
    days = calendar_named(calendar)
    derived = derive(counting, moment_named(event), days)
    steps = explain(derived, days)
    if json:
        emit_json(plain(derived, steps))
    else:
        show(steps)


def moment_named(words: str) -> date | datetime:
    """Return the day or the instant that ISO words name; a time without zone is Berlin's."""
    try:
        if re.fullmatch(r"\d{4}-\d{2}-\d{2}", words):
            return date.fromisoformat(words)
        moment = datetime.fromisoformat(words)
    except ValueError:
        raise InputError(
            f"„{words}“ ist kein Zeitpunkt. Schreiben Sie einen Tag wie 2026-03-30 oder eine "
            "Zeit wie 2026-03-24T11:20.",
            f"'{words}' is no day or time. Write a day such as 2026-03-30 or a time such as "
            "2026-03-24T11:20.",
        ) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=BERLIN)


def calendar_named(name: str) -> Calendar:
    """Return the shipped calendar of that name, or one written down now for a Land."""
    shipped = {path.stem: path for path in (rules() / "calendars").glob("*.yaml")}
    if (path := shipped.get(name.lower())) is not None:
        return read_calendar(path.read_bytes(), path.name)
    if name.upper() in lands():
        return read_calendar(materialise(name.upper(), FIRST_YEAR, LAST_YEAR), name)
    known = ", ".join(sorted({*lands(), *(stem.upper() for stem in shipped)}))
    raise InputError(
        f"Den Kalender „{name}“ gibt es nicht. Bekannt sind: {known}.",
        f"There is no calendar '{name}'. Known are: {known}.",
    )


def plain(derived: Derivation, steps: tuple[Step, ...]) -> dict[str, object]:
    """Return the deadline and its steps in values for JSON."""
    said = sentence(steps)
    written = as_plain(derived)
    return {
        "last_day": written["last_day"],
        "ends_at": written["ends_at"],
        "steps": [
            {
                "kind": step.kind,
                "day": step.day and step.day.isoformat(),
                "norm": step.norm,
                "de": step.text.de,
                "en": step.text.en,
            }
            for step in steps
        ],
        "sentence": {"de": said.de, "en": said.en},
    }


def show(steps: tuple[Step, ...]) -> None:
    """Print the end, and below it every step with its norm."""
    *way, end = steps
    table = Table(title=t("So wurde gerechnet", "How it was counted"), title_justify="left")
    table.add_column(t("Schritt", "Step"))
    table.add_column(t("Norm", "Norm"))
    for step in way:
        words = say(step.text)
        if step.kind == "skipped":
            words = t(f"nicht gezählt: {words}", f"not counted: {words}")
        table.add_row(words, step.norm)
    console.print(say(end.text), style="bold")
    console.print(table)
