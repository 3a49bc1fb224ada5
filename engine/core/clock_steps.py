"""A step of a clock, and what people are told of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from engine.core.wording import moment_text
from engine.errors import Text

_SECOND = timedelta(seconds=1)
_UNITS = (
    (timedelta(days=1), Text("Tage", "days")),
    (timedelta(hours=1), Text("Stunden", "hours")),
    (timedelta(minutes=1), Text("Minuten", "minutes")),
    (_SECOND, Text("Sekunden", "seconds")),
)
_DOUBTED = Text(
    " Bis jemand sie bestätigt, zählt die Zeit so weiter, wie der Rechner gelaufen ist.",
    " Until somebody confirms it, time is counted on as the machine has run.",
)
_HELD = Text(
    " Erinnerungen und Weitergaben warten so lange.",
    " Reminders and escalations wait meanwhile.",
)


@dataclass(frozen=True, slots=True)
class Step:
    """A clock was set: when that was noticed, what it shows since, and by how much it was set.

    `doubted` says that it does not count until somebody vouches for it, `held` that letters of
    the clock wait for that too.
    """

    at: datetime
    shown: datetime
    by: timedelta
    doubted: bool
    held: bool

    @property
    def seconds(self) -> int:
        """By how many whole seconds it was set."""
        return round(self.by / _SECOND)

    @property
    def text(self) -> Text:
        """What happened, and what follows from it."""
        said = self._moved
        for applies, more in ((self.doubted, _DOUBTED), (self.held, _HELD)):
            if applies:
                said = Text(said.de + more.de, said.en + more.en)
        return said

    @property
    def _moved(self) -> Text:
        before, after = moment_text(self.shown - self.by), moment_text(self.shown)
        size, ahead = length(abs(self.by)), self.by > timedelta()
        return Text(
            f"Die Uhr des Servers wurde um {size.de} {'vor' if ahead else 'zurück'}gestellt: von "
            f"{before.de}, auf {after.de}.",
            f"The clock of the server was set {'ahead' if ahead else 'back'} by {size.en}: from "
            f"{before.en} to {after.en}.",
        )


def length(size: timedelta) -> Text:
    """Return how long something is, in the largest unit of which there are two at least.

    >>> length(timedelta(minutes=90)).en, length(timedelta(days=365)).de
    ('90 minutes', '365 Tage')
    """
    unit, name = next((row for row in _UNITS if size >= 2 * row[0]), _UNITS[-1])
    count = round(size / unit)
    return Text(f"{count} {name.de}", f"{count} {name.en}")
