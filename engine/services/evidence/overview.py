"""The seal of the log at a glance: how far it is, by which key, and who remembers it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from engine.app import App
from engine.core.notes import Key, NoteError
from engine.errors import Text
from engine.services.evidence import keys
from engine.services.evidence.standing import LogStanding, standing_in
from engine.store.chains import SYSTEM
from engine.store.store import Store

CAUSES = {
    "first": Text("der erste Schlüssel", "the first key"),
    "rotation": Text("ersetzt", "replaced"),
    "fork": Text(
        "das Protokoll ging unter neuem Namen weiter", "the log went on under another name"
    ),
}


@dataclass(frozen=True, slots=True)
class KeyChange:
    """When a key came, why, and by whom (empty: by the program itself)."""

    at: datetime
    key: Key
    cause: Text
    person: str


@dataclass(frozen=True, slots=True)
class Seal:
    """The seal of the log; `changes` are its keys, the newest first."""

    standing: LogStanding
    changes: tuple[KeyChange, ...]

    @property
    def key(self) -> Key | None:
        """The key that came last, None before the first."""
        return self.changes[0].key if self.changes else None


def seal_of(app: App) -> Seal:
    """Return the seal of the log as it stands."""
    with app.database.read() as store:
        return Seal(standing_in(app, store), tuple(_changes(store))[::-1])


def _changes(store: Store) -> Iterator[KeyChange]:
    for entry in store.chains.typed(SYSTEM, keys.TYPE):
        try:
            key = Key.read(entry.plain["vkey"])
        except NoteError:
            continue
        yield KeyChange(entry.recorded_at, key, CAUSES[entry.plain["cause"]], entry.actor)
