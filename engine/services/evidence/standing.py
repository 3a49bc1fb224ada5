"""How far the log is sealed: for the command line, the doctor, and pages."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from engine.app import App
from engine.core.wording import moment_text
from engine.errors import Text
from engine.services.evidence.forks import refusal
from engine.services.evidence.refusing import SealRefused
from engine.services.evidence.watching import Watching, watching
from engine.store.stamps import StoredStamp, newest_stamp
from engine.store.store import Store

LATE = timedelta(minutes=5)
"""How long entries may wait for a checkpoint before somebody should look."""


@dataclass(frozen=True, slots=True)
class LogStanding:
    """How long the log is, how much of it is signed and since when, and why it does not sign.

    `unsigned_since` is when the oldest entry was recorded that no checkpoint covers;
    `witnesses` are those known here, `stamp` is the newest time stamp.
    """

    origin: str
    size: int
    waiting: int
    signed: int
    signed_at: datetime | None
    unsigned_since: datetime | None
    signs_here: bool
    refused: SealRefused | None
    witnesses: tuple[Watching, ...] = ()
    stamp: StoredStamp | None = None

    @property
    def lines(self) -> Iterator[Text]:
        """How far it is, in words."""
        yield Text(
            f"{self.size} Einträge haben ihren Platz, {self.waiting} warten",
            f"{self.size} entries have their place, {self.waiting} wait",
        )
        if self.signed_at is None:
            yield Text("noch nichts unterschrieben", "nothing is signed yet")
        else:
            at = moment_text(self.signed_at)
            yield Text(
                f"unterschrieben bis {self.signed}, am {at.de}",
                f"signed to {self.signed}, {at.en}",
            )
        if self.stamp is not None:
            at = moment_text(self.stamp.at)
            yield Text(
                f"mit Zeitstempel bis {self.stamp.size}, vom {at.de}",
                f"stamped with the time to {self.stamp.size}, {at.en}",
            )
        if not self.signs_here:
            yield Text("Hier wird nicht unterschrieben.", "Nothing is signed here.")

    def late(self, now: datetime) -> bool:
        """Return whether entries have waited too long for a checkpoint."""
        return self.unsigned_since is not None and now - self.unsigned_since > LATE


def standing_of(app: App) -> LogStanding:
    """Return how far the log is sealed."""
    with app.database.read() as store:
        return standing_in(app, store)


def standing_in(app: App, store: Store) -> LogStanding:
    """Return how far the log is sealed, as a transaction sees it."""
    log, signs = store.log, app.config.settings.evidence.signs
    found = log.standing()
    return LogStanding(
        origin=log.origin(),
        size=found.size,
        waiting=log.waiting(),
        signed=found.signed,
        signed_at=found.signed_at,
        unsigned_since=log.unsigned_since(found.signed),
        signs_here=signs,
        refused=refusal(app, store) if signs else None,
        witnesses=watching(app, store),
        stamp=newest_stamp(store.connection),
    )
