"""Calendars that are laid before those who may put them in force.

Whoever runs the installation brings the file; the legal office or the council office, whose
deadlines it moves, takes it over. Until then it is a file beside the database and counts
for nothing.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import orjson

from engine.app import App
from engine.core.meanings import OfficeMeans
from engine.core.offices import Standing
from engine.core.world import World
from engine.definitions.calendars import read_calendar
from engine.errors import NotFound
from engine.services.accounts import Visitor
from engine.store.errors import on_disk

FOLDER = "vorgelegt"
_TOKEN = re.compile(r"[0-9a-f]{32}")
_MAY = (OfficeMeans.LEGAL, OfficeMeans.COUNCIL_OFFICE)


@dataclass(frozen=True, slots=True)
class Proposal:
    """A calendar that was laid before the offices: its token, what it is, who brought it."""

    token: str
    calendar: str
    name: str
    by: str
    at: datetime


def propose(app: App, source: bytes, who: Visitor) -> Proposal:
    """Lay a calendar before those who may put it in force; the same bytes lie there once."""
    calendar = read_calendar(source, "kalender.yaml")
    root = app.config.path(FOLDER)
    token = hashlib.sha256(source).hexdigest()[:32]
    found = Proposal(token, calendar.id, calendar.name, who.name, app.clock.now())
    said = {"calendar": found.calendar, "name": found.name, "by": found.by, "at": found.at}
    with on_disk(root):
        root.mkdir(mode=0o700, exist_ok=True)
        (root / f"{token}.yaml").write_bytes(source)
        (root / f"{token}.json").write_bytes(orjson.dumps(said))
    return found


def proposals(app: App) -> list[Proposal]:
    """Return what waits to be taken over, the oldest first."""
    root = app.config.path(FOLDER)
    rows = [_read(path) for path in root.glob("*.json")] if root.is_dir() else []
    return sorted(rows, key=lambda p: p.at)


def file_of_proposal(app: App, token: str) -> Path:
    """Return the file of a proposal; raises NotFound."""
    path = app.config.path(FOLDER) / f"{token}.yaml"
    if not _TOKEN.fullmatch(token) or not path.is_file():
        raise NotFound(
            "Dieser Kalender liegt nicht (mehr) vor.", "This calendar does not wait (any more)."
        )
    return path


def withdraw(app: App, token: str) -> None:
    """Take a proposal back, or away once it is in force; raises NotFound."""
    path = file_of_proposal(app, token)
    path.unlink()
    path.with_suffix(".json").unlink(missing_ok=True)


def who_may(world: World) -> list[str]:
    """Return the names of those who could put a calendar in force today, with their office."""
    roster, today = world.roster, world.today
    return [
        f"{roster.name(t.person)} ({office.name})"
        for office in roster.offices.values()
        if roster.means(office.id) in _MAY
        and roster.standing(office.id, today) is not Standing.VACANT
        for t in roster.acting(office.id, today)
    ]


def _read(path: Path) -> Proposal:
    said = orjson.loads(path.read_bytes())
    at = datetime.fromisoformat(said["at"])
    return Proposal(path.stem, said["calendar"], said["name"], said["by"], at)
