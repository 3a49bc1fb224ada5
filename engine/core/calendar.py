"""The days of one place: which of them count, and on which of them no period may end.

A day is a local calendar day in Europe/Berlin. It ends at the next local midnight; on the
days on which the clocks change it has 23 or 25 hours, so nothing here counts in seconds.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from types import MappingProxyType
from zoneinfo import ZoneInfo

from engine.errors import InputError, Text

BERLIN = ZoneInfo("Europe/Berlin")
ONE_DAY = timedelta(days=1)
_SATURDAY, _SUNDAY = 5, 6


def local_day(moment: date | datetime) -> date:
    """Return the calendar day in Europe/Berlin of a day or of an aware instant.

    Raises InputError for an instant without a time zone: it names no certain day.
    """
    if not isinstance(moment, datetime):
        return moment
    return _zoned(moment).astimezone(BERLIN).date()


def in_utc(moment: date | datetime) -> date | datetime:
    """Return a day as it is, and an aware instant in UTC.

    Only so are instants comparable: in the hour that autumn repeats, Python holds no local
    time for equal to the same instant in another zone. Raises InputError as `local_day` does.
    """
    if not isinstance(moment, datetime):
        return moment
    return _zoned(moment).astimezone(UTC)


def _zoned(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise InputError(
            f"Die Zeitangabe {moment.isoformat()} nennt keine Zeitzone. "
            f"Schreiben Sie sie dazu, etwa {moment.isoformat()}+02:00.",
            f"The time {moment.isoformat()} has no time zone. "
            f"Add one, for example {moment.isoformat()}+02:00.",
        )
    return moment


@lru_cache(maxsize=4096)
def end_of(day: date) -> datetime:
    """Return the instant, in UTC, at which a local day ends: the next local midnight."""
    after = day + ONE_DAY
    return datetime(after.year, after.month, after.day, tzinfo=BERLIN).astimezone(UTC)


@dataclass(frozen=True, slots=True)
class Calendar:
    """The holidays and closure days of one place, for the years that it knows.

    `holidays` are statutory and carry their German names. `closures` are days on which the
    office is shut by its own decision, such as 24 December: they are no working days, but a
    period may end on them, because § 193 BGB names only Saturdays, Sundays and holidays.
    `digest` identifies the bytes it was read from. Asked about any other year, a calendar
    raises InputError: a day that nobody has listed must not be taken for a working day.
    """

    id: str
    first_year: int
    last_year: int
    holidays: Mapping[date, str] = field(hash=False, repr=False)
    closures: Mapping[date, str] = field(default_factory=dict, hash=False, repr=False)
    digest: str = ""
    name: str = ""
    _working: tuple[int, ...] = field(init=False, repr=False, compare=False)
    _werktage: tuple[int, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Freeze the lists and put the counted days in a row, so that counting is a look-up."""
        put = object.__setattr__
        put(self, "holidays", MappingProxyType(dict(self.holidays)))
        put(self, "closures", MappingProxyType(dict(self.closures)))
        days = range(
            date(self.first_year, 1, 1).toordinal(), date(self.last_year, 12, 31).toordinal() + 1
        )
        holidays = {day.toordinal() for day in self.holidays}
        shut = holidays | {day.toordinal() for day in self.closures}
        # The ordinal of a Monday leaves 1 when divided by 7.
        put(self, "_working", tuple(n for n in days if (n - 1) % 7 < _SATURDAY and n not in shut))
        put(
            self,
            "_werktage",
            tuple(n for n in days if (n - 1) % 7 < _SUNDAY and n not in holidays),
        )

    def require(self, day: date) -> None:
        """Raise InputError unless the calendar knows the year of `day`."""
        if not self.first_year <= day.year <= self.last_year:
            raise self._unknown(f"{day:%d.%m.%Y}", f"{day:%d.%m.%Y}")

    def is_working_day(self, day: date) -> bool:
        """Return whether the office works: Monday to Friday, no holiday, no closure (FR-17)."""
        self.require(day)
        return day.weekday() < _SATURDAY and day not in self.holidays and day not in self.closures

    def is_werktag(self, day: date) -> bool:
        """Return whether `day` is neither a Sunday nor a holiday; Saturday counts (FR-18)."""
        self.require(day)
        return day.weekday() != _SUNDAY and day not in self.holidays

    def is_closed_for_end(self, day: date) -> bool:
        """Return whether no period may end on `day`: § 193 BGB, § 31 (3) VwVfG."""
        self.require(day)
        return day.weekday() >= _SATURDAY or day in self.holidays

    def why_not_counted(self, day: date) -> Text | None:
        """Return why `day` is no working day, or None where it is one."""
        self.require(day)
        if (holiday := self.holidays.get(day)) is not None:
            return Text(holiday, f"{holiday} (public holiday)")
        if (closure := self.closures.get(day)) is not None:
            return Text(f"{closure} (geschlossen)", f"{closure} (office closed)")
        return Text("Wochenende", "weekend") if day.weekday() >= _SATURDAY else None

    def next_open(self, day: date) -> date:
        """Return `day`, or the first day after it on which a period may end."""
        while self.is_closed_for_end(day):
            day += ONE_DAY
        return day

    def previous_open(self, day: date) -> date:
        """Return `day`, or the last day before it on which a period may end."""
        while self.is_closed_for_end(day):
            day -= ONE_DAY
        return day

    def nth_working_day(self, day: date, count: int) -> date:
        """Return the working day `count` after `day`, or before it if `count` is negative."""
        self.require(day)
        return self._nth(self._working, day, count)

    def nth_werktag(self, day: date, count: int) -> date:
        """Return the Werktag `count` after `day`, or before it if `count` is negative."""
        self.require(day)
        return self._nth(self._werktage, day, count)

    def last_working_day(self, day: date) -> date:
        """Return `day` if the office works on it, else the last working day before it."""
        return day if self.is_working_day(day) else self.nth_working_day(day, -1)

    def working_days_between(self, a: date, b: date) -> int:
        """Return how many working days lie after `a` up to and including `b`.

        Negative if `b` is earlier: the working days after `b` up to and including `a`.
        """
        self.require(a)
        self.require(b)
        days = self._working
        return bisect_right(days, b.toordinal()) - bisect_right(days, a.toordinal())

    def _nth(self, days: tuple[int, ...], day: date, count: int) -> date:
        ordinal = day.toordinal()
        if count > 0:
            place = bisect_right(days, ordinal) + count - 1
        else:
            place = bisect_left(days, ordinal) + count
        if not 0 <= place < len(days):
            raise self._unknown(f"{count:+d} ab {day:%d.%m.%Y}", f"{count:+d} from {day:%d.%m.%Y}")
        return date.fromordinal(days[place])

    def _unknown(self, de: str, en: str) -> InputError:
        return InputError(
            f"Der Kalender {self.id} kennt nur die Jahre {self.first_year} bis {self.last_year}; "
            f"gefragt ist {de}. Abhilfe: den Kalender für weitere Jahre hinterlegen.",
            f"The calendar {self.id} knows only the years {self.first_year} to {self.last_year}; "
            f"asked for {en}. Remedy: provide the calendar for further years.",
        )
