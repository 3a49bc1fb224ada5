"""iCalendar files (RFC 5545) read as days: what takes place, on which days, and what is called off.

Only local days are of interest here. A repeating event is unrolled into its days within a
window, each known by the day that the rule gives it, so that one that is moved is still
recognised. What cannot be read is told with the number of the event and its property.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from dateutil.rrule import rrulestr
from icalendar import Calendar as Ical
from icalendar import Component
from icalendar.prop import vBroken

from engine.core.calendar import ONE_DAY, local_day
from engine.errors import InputError, Text

NEEDED = ("UID", "DTSTART", "DTEND", "DURATION", "STATUS", "RRULE", "RDATE", "EXDATE")
"""What must be legible; a broken alarm or picture does not matter to anybody here."""

BY_THE_DAY = frozenset({"DAILY", "WEEKLY", "MONTHLY", "YEARLY"})
MOST = 2_000
"""More days than any event of an office repeats on within a window."""


@dataclass(frozen=True, slots=True)
class Event:
    """One day, or run of days, of an event.

    `number` counts the events of the file from 1. `original` is the day that the rule of a
    repeating event gives it, None for an event that does not repeat.
    """

    number: int
    uid: str
    title: str
    first: date
    last: date
    all_day: bool
    cancelled: bool
    original: date | None = None

    @property
    def days(self) -> tuple[date, ...]:
        """The days it takes, both ends inclusive."""
        return tuple(self.first + n * ONE_DAY for n in range((self.last - self.first).days + 1))


@dataclass(frozen=True, slots=True)
class Flaw:
    """What is wrong with an event of a file, by its number and property."""

    number: int
    title: str
    part: str
    text: Text


class IcalError(InputError):
    """An iCalendar file with flaws; nothing of it was taken."""

    def __init__(self, name: str, flaws: list[Flaw]) -> None:
        self.flaws = flaws
        de = "\n".join(
            f"{name}, Termin {f.number} „{f.title}“, {f.part}: {f.text.de}" for f in flaws
        )
        en = "\n".join(
            f"{name}, event {f.number} '{f.title}', {f.part}: {f.text.en}" for f in flaws
        )
        super().__init__(de, en)


class _Bad(Exception):
    def __init__(self, part: str, de: str, en: str) -> None:
        self.part, self.text = part, Text(de, en)


def read_events(path: Path, first: date, last: date) -> list[Event]:
    """Return the events of a file that begin from `first` to `last`, in the order of the file.

    Raises IcalError with every flaw, or InputError for what is no iCalendar file.
    """
    found: list[Event] = []
    flaws: list[Flaw] = []
    number = 0
    for calendar in _calendars(path):
        called_off = str(calendar.get("METHOD", "")).upper() == "CANCEL"
        rows = []
        for component in calendar.walk("VEVENT"):
            number += 1
            try:
                rows.append((component, _event(component, number, called_off)))
            except _Bad as bad:
                flaws.append(Flaw(number, _title(component), bad.part, bad.text))
        found += _unrolled(rows, first, last, flaws)
    if flaws:
        raise IcalError(path.name, sorted(flaws, key=lambda f: f.number))
    return [e for e in found if first <= e.first <= last]


def _calendars(path: Path) -> list[Ical]:
    try:
        found = Component.from_ical(path.read_bytes(), multiple=True)
    except OSError as error:
        raise InputError(
            f"Die Datei {path} ist nicht lesbar ({error.strerror}).",
            f"The file {path} cannot be read ({error.strerror}).",
        ) from None
    except ValueError as error:
        raise InputError(
            f"{path.name}: Das ist keine lesbare iCalendar-Datei ({error}). Exportieren Sie den "
            "Kalender erneut im Format iCalendar (.ics).",
            f"{path.name}: this is no legible iCalendar file ({error}). Export the calendar "
            "again as iCalendar (.ics).",
        ) from None
    calendars = [c for c in found if isinstance(c, Ical)]
    if not calendars:
        raise InputError(
            f"{path.name}: Die Datei enthält keinen Kalender (BEGIN:VCALENDAR).",
            f"{path.name}: the file holds no calendar (BEGIN:VCALENDAR).",
        )
    return calendars


def _event(component: Component, number: int, called_off: bool) -> Event:
    for part, error in component.errors:
        if part is None or part in NEEDED or part == "RECURRENCE-ID":
            raise _Bad(part or "?", f"nicht lesbar ({error}).", f"not legible ({error}).")
    uid = str(component.get("UID", "")).strip()
    if not uid:
        raise _Bad(
            "UID",
            "fehlt; ohne sie ist ein verlegter Termin nicht wiederzuerkennen. Exportieren Sie "
            "den Kalender aus dem Programm, in dem er geführt wird.",
            "is missing; without it a moved event cannot be recognised. Export the calendar "
            "from the program in which it is kept.",
        )
    begin = _moment(component, "DTSTART")
    if begin is None:
        raise _Bad("DTSTART", "Der Beginn fehlt.", "The start is missing.")
    first = local_day_of(begin)
    whole = not isinstance(begin, datetime)
    last = _last_day(component, begin, first)
    cancelled = called_off or str(component.get("STATUS", "")).upper() == "CANCELLED"
    original = _moment(component, "RECURRENCE-ID")
    return Event(
        number,
        uid,
        _title(component),
        first,
        last,
        whole,
        cancelled,
        None if original is None else local_day_of(original),
    )


def local_day_of(moment: date | datetime) -> date:
    """Return the local day; a floating time (without a zone) is local already."""
    if isinstance(moment, datetime) and moment.tzinfo is None:
        return moment.date()
    return local_day(moment)


def _moment(component: Component, part: str) -> date | datetime | None:
    held = component.get(part)
    if held is None:
        return None
    if isinstance(held, list):
        raise _Bad(part, "steht mehrmals.", "stands more than once.")
    value = None if isinstance(held, vBroken) else getattr(held, "dt", None)
    if not isinstance(value, date):
        raise _Bad(
            part,
            f"„{held}“ ist kein Tag und kein Zeitpunkt (etwa 20260511 oder 20260511T170000).",
            f"'{held}' is no day and no time (such as 20260511 or 20260511T170000).",
        )
    return value


def _last_day(component: Component, begin: date | datetime, first: date) -> date:
    """Return the last day; the end of an event is exclusive (RFC 5545, 3.6.1)."""
    end = _moment(component, "DTEND")
    length = getattr(component.get("DURATION"), "dt", None)
    if end is None and isinstance(length, timedelta):
        end = begin + length
    if end is None:
        return first
    if isinstance(end, datetime):
        end -= timedelta(microseconds=1)
        return max(first, local_day_of(end))
    return max(first, end - ONE_DAY)


def _title(component: Component) -> str:
    return " ".join(str(component.get("SUMMARY", "")).split())


def _unrolled(
    rows: list[tuple[Component, Event]], first: date, last: date, flaws: list[Flaw]
) -> Iterator[Event]:
    """Yield each event, a repeating one day by day, those moved by themselves in their place."""
    singles = {(e.uid, e.original): e for _, e in rows if e.original is not None}
    for component, event in rows:
        if event.original is not None:
            yield event
            continue
        if "RRULE" not in component and "RDATE" not in component:
            yield event
            continue
        try:
            days = _days(component, event, first, last)
        except _Bad as bad:
            flaws.append(Flaw(event.number, event.title, bad.part, bad.text))
            continue
        for day in days:
            if (event.uid, day) not in singles:
                length = event.last - event.first
                yield replace(event, first=day, last=day + length, original=day)


def _days(component: Component, event: Event, first: date, last: date) -> list[date]:
    """Return the days within the window on which a repeating event begins."""
    found = {event.first, *_listed(component, "RDATE")}
    for rule in _several(component.get("RRULE")):
        found.update(_of_rule(rule, event, last))
    found -= _listed(component, "EXDATE")
    return sorted(day for day in found if first <= day <= last)


def _of_rule(rule: Any, event: Event, last: date) -> Iterator[date]:
    if str(rule.get("FREQ", [""])[0]).upper() not in BY_THE_DAY:
        raise _Bad(
            "RRULE",
            "Der Termin wiederholt sich nicht nach Tagen. Exportieren Sie Einzeltermine.",
            "The event does not repeat by days. Export single events.",
        )
    # Days alone are counted, so a rule's last moment is its last day, whatever its zone.
    parts = {k: v for k, v in rule.items() if k.upper() not in ("BYHOUR", "BYMINUTE", "BYSECOND")}
    plain = type(rule)(parts)
    if "UNTIL" in plain:
        plain["UNTIL"] = [_midnight(local_day_of(until)) for until in plain["UNTIL"]]
    try:
        days = rrulestr(plain.to_ical().decode(), dtstart=_midnight(event.first), ignoretz=True)
    except ValueError as error:
        raise _Bad("RRULE", f"nicht lesbar ({error}).", f"not legible ({error}).") from None
    for count, moment in enumerate(days):
        if moment.date() > last:
            return
        if count > MOST:
            raise _Bad(
                "RRULE",
                f"mehr als {MOST} Wiederholungen. Begrenzen Sie die Serie (UNTIL).",
                f"more than {MOST} repetitions. Limit the series (UNTIL).",
            )
        yield moment.date()


def _listed(component: Component, part: str) -> set[date]:
    lists = _several(component.get(part))
    return {local_day_of(d.dt) for each in lists for d in each.dts if isinstance(d.dt, date)}


def _several(held: Any) -> list[Any]:
    return [] if held is None else held if isinstance(held, list) else [held]


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time())
