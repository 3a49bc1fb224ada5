"""Who watches the log from outside, and when each of them last cosigned a checkpoint."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from engine.app import App
from engine.core.notes import COSIGNATURE, Key, NoteError
from engine.core.wording import moment_text
from engine.errors import Text
from engine.services.evidence.state import State
from engine.services.evidence.witness import OLD
from engine.store.store import Store


@dataclass(frozen=True, slots=True)
class Watching:
    """A witness that is known here: how much of the log it has cosigned last, and when.

    `size` is 0 and `at` None while nothing of it came back.
    """

    key: Key
    size: int = 0
    at: datetime | None = None

    @property
    def name(self) -> str:
        """Its name."""
        return self.key.name

    def late(self, now: datetime) -> bool:
        """Return whether its last cosignature is older than a witness lets a checkpoint be."""
        return self.at is None or now - self.at > OLD

    @property
    def text(self) -> Text:
        """How much it has witnessed, and when."""
        if self.at is None:
            return Text("noch nichts bezeugt", "nothing witnessed yet")
        at = moment_text(self.at)
        return Text(f"{self.size} Einträge, {at.de}", f"{self.size} entries, {at.en}")


def watching(app: App, store: Store) -> tuple[Watching, ...]:
    """Return the witnesses in the order in which they were taken on."""
    seen = store.log.last_cosigned()
    return tuple(Watching(key, *seen.get(key.name, ())) for key in _keys(State(app.config)))


def _keys(state: State) -> Iterator[Key]:
    for vkey in state.vkeys():
        with suppress(NoteError):
            key = Key.read(vkey)
            if key.algorithm == COSIGNATURE:
                yield key
