"""What an act did to the plan of its case, said at once: periods that now end too late."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from engine.cli.console import console, say, t
from engine.core.wording import day_text
from engine.services.reading import File
from engine.services.record_words import deadline_title


@dataclass(frozen=True, slots=True)
class Broken:
    """A deadline that ends after the day by which the plan needs it to."""

    key: tuple[str, str]
    ends: date
    needed: date


def overruns(before: File, after: File) -> list[Broken]:
    """Return what the entries that are new in `after` say of the plan."""
    return [
        Broken((line.plain.get("participation", ""), name), *map(date.fromisoformat, days))
        for line in after.lines[len(before.lines) :]
        for name, *days in line.plain.get("overruns", ())
    ]


def plain_overrun(broken: Broken) -> dict[str, object]:
    """Return it in values for JSON."""
    return {"deadline": broken.key[1], "ends": broken.ends, "needed": broken.needed}


def print_overruns(file: File, rows: list[Broken]) -> None:
    """Print what no longer fits, and where to see what can be done."""
    for row in rows:
        title = say(deadline_title(file.case, file.world, row.key))
        ends, needed = say(day_text(row.ends)), say(day_text(row.needed))
        console.print(
            t(
                f"Der Zeitplan hält so nicht mehr: {title} endet am {ends}, nötig wäre {needed}.",
                f"The plan no longer holds: {title} ends on {ends}, needed is {needed}.",
            ),
            style="red",
        )
    if rows:
        number = file.case.number
        console.print(
            t(
                f"Was jetzt möglich ist: rechtzeitig plan show {number}",
                f"What can be done now: rechtzeitig plan show {number}",
            )
        )
