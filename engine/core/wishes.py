"""When somebody wants to be written to; what statute owes her at once no wish holds back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from engine.core.calendar import BERLIN, Calendar, local_day
from engine.core.meanings import StepMeans

CAN_WAIT = frozenset(
    {
        StepMeans.RECEIPT,
        StepMeans.SUPPLEMENT,
        StepMeans.WEIGHING,
        StepMeans.FORWARDING,
        StepMeans.RELEASE,
        StepMeans.DECISION,
        StepMeans.MINUTES,
        StepMeans.CARRYING_OUT,
        StepMeans.CLOSING,
    }
)
"""Steps whose letters set nobody a period: news for the daily overview."""

_LOOK = 60
"""Days within which there is an office day; none would be no wish but a refusal."""


@dataclass(frozen=True, slots=True)
class Wishes:
    """At which full hour somebody wants her daily overview, and on which weekdays (0 is Monday).

    From `quiet_from` to `quiet_until` she wants none; the hour of the overview lies outside.
    """

    digest: int = 8
    quiet_from: int = 18
    quiet_until: int = 7
    days: frozenset[int] = frozenset(range(5))

    @property
    def sound(self) -> bool:
        """Whether they can be kept: hours of a day, an office day, an overview when not quiet."""
        hours = all(0 <= h <= 23 for h in (self.digest, self.quiet_from, self.quiet_until))
        return hours and bool(self.days) and self.days <= set(range(7)) and not self._quiet()

    def _quiet(self) -> bool:
        return self._is_quiet(self.digest)

    def quiet_at(self, moment: datetime) -> bool:
        """Return whether she wants no overview at an instant, by its hour in Europe/Berlin."""
        return self._is_quiet(moment.astimezone(BERLIN).hour)

    def _is_quiet(self, hour: int) -> bool:
        first, last = self.quiet_from, self.quiet_until
        if first == last:
            return False
        return first <= hour < last if first < last else hour >= first or hour < last

    def overview(self, after: datetime, calendar: Calendar) -> datetime:
        """Return the instant of the first overview that is not before `after`, in UTC.

        It lies on one of her office days that is a working day of the calendar.
        """
        day = local_day(after)
        for _ in range(_LOOK):
            at = datetime.combine(day, time(self.digest), BERLIN).astimezone(UTC)
            if at >= after and day.weekday() in self.days and calendar.is_working_day(day):
                return at
            day += timedelta(days=1)
        return after
