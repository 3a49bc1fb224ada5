"""Stichtag: measures from before the software came are shown as Altfall and never counted.

They are no cases. No deadline runs in them, no finding arises, no report and no figure knows
them. The day and the list stand in the log as one entry; a new list takes its place.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from engine.app import App
from engine.core.wording import day_text
from engine.errors import Text
from engine.services.accounts import Visitor
from engine.services.admin.people import as_admin
from engine.services.tables import Table
from engine.store.chains import SYSTEM

TYPE = "earlier_measures"
"""The type of the entry that names the day and the list."""

COLUMNS = ("titel", "vorlage", "gremium", "sitzung", "stelle")
_MOST = 5_000


@dataclass(frozen=True, slots=True)
class Earlier:
    """A measure from before: what it was called, and where it was dealt with."""

    title: str
    reference: str
    body: str
    day: date | None
    lead: str


@dataclass(frozen=True, slots=True)
class Cutoff:
    """The day from which on measures are registered here, and those from before."""

    day: date
    rows: tuple[Earlier, ...]


def read_earlier(path: Path, cutoff: date) -> Cutoff:
    """Return the measures of a table that all lie before a day; raises TableError.

    Only public matters belong into the list: whoever may list measures sees it whole.
    """
    table = Table(path, COLUMNS, frozenset({"titel"}))
    found = []
    for line, cells in table.cells():
        day = table.day(line, cells, "sitzung")
        if day is not None and day >= cutoff:
            said = day_text(cutoff)
            table.fault(
                line,
                table.at("sitzung"),
                f"Die Sitzung liegt nicht vor dem Stichtag ({said.de}). Melden Sie dieses "
                "Vorhaben an.",
                f"The sitting is not before the cutoff day ({said.en}). Register this measure.",
            )
        found.append(
            Earlier(
                cells.get("titel", ""),
                cells.get("vorlage", ""),
                cells.get("gremium", ""),
                day,
                cells.get("stelle", ""),
            )
        )
    if len(found) > _MOST:
        table.fault(
            _MOST + 2,
            1,
            f"Mehr als {_MOST} Zeilen liest diese Liste nicht.",
            f"This list reads no more than {_MOST} lines.",
        )
    table.done()
    return Cutoff(cutoff, tuple(found))


def set_cutoff(app: App, cutoff: Cutoff, who: Visitor) -> None:
    """Enter the day and the measures from before it; both take the place of what was there."""
    rows = [
        [r.title, r.reference, r.body, None if r.day is None else r.day.isoformat(), r.lead]
        for r in cutoff.rows
    ]
    plain = {"day": cutoff.day.isoformat(), "count": len(rows)}
    with app.database.write() as store:
        act = as_admin(app, TYPE, who)
        store.enter(act.line(SYSTEM, TYPE, plain, {"rows": rows}))


def cutoff_of(app: App) -> Cutoff | None:
    """Return the day and the measures from before it, None where no day was set."""
    with app.database.read() as store:
        lines = store.chains.typed(SYSTEM, TYPE)
    if not lines:
        return None
    said = lines[-1]
    rows = said.private.get("rows", [])
    return Cutoff(
        date.fromisoformat(said.plain["day"]),
        tuple(Earlier(t, r, b, None if d is None else date.fromisoformat(d), x)
              for t, r, b, d, x in rows),
    )  # fmt: skip


NEVER_COUNTED = Text(
    "Altfälle werden gezeigt und nie gezählt: Für sie laufen keine Fristen, es gibt keine "
    "Feststellungen, und kein Bericht enthält sie.",
    "Earlier measures are shown and never counted: no deadlines run for them, there are no "
    "findings, and no report contains them.",
)
