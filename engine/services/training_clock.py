"""The clock of a training county: days can be let go by, and they stay gone after a restart."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

from engine.app import App
from engine.clock import Clock, SystemClock
from engine.core.calendar import BERLIN, ONE_DAY, local_day

FILE = ".uhr"
"""Holds by how many seconds the training runs ahead of the real clock."""

MORNING = time(8, 30)


class TrainingClock:
    """The real clock, and the time that was let go by."""

    def __init__(self, folder: Path, real: Clock | None = None) -> None:
        self._file = folder / FILE
        self._real = real or SystemClock()
        kept = self._file.read_text().strip() if self._file.exists() else ""
        self.ahead = timedelta(seconds=int(kept)) if kept.isdecimal() else timedelta()

    def now(self) -> datetime:
        """Return the instant of the training."""
        return self._real.now() + self.ahead

    def turn(self, instant: datetime) -> None:
        """Go on to an instant; an earlier one is passed over, for time never runs back."""
        if instant > self.now():
            self.ahead = timedelta(seconds=int((instant - self._real.now()).total_seconds()) + 1)
            self._file.write_text(f"{int(self.ahead.total_seconds())}\n")


def let_days_go_by(app: App, clock: TrainingClock, days: int, act: Callable[[App], object]) -> None:
    """Go on by days, one morning after the other, and let the clock act on each of them."""
    for _ in range(days):
        day = local_day(clock.now()) + ONE_DAY
        clock.turn(datetime.combine(day, MORNING, BERLIN).astimezone(UTC))
        act(app)
