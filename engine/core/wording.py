"""Days in words, German and English: with weekday, with time, and in runs of closed days."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from itertools import groupby

from engine.core.calendar import BERLIN, Calendar, local_day
from engine.core.periods import Unit
from engine.errors import Text

_WEEKDAYS = (
    Text("Mo.", "Mon"),
    Text("Di.", "Tue"),
    Text("Mi.", "Wed"),
    Text("Do.", "Thu"),
    Text("Fr.", "Fri"),
    Text("Sa.", "Sat"),
    Text("So.", "Sun"),
)
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_WEEKEND, _SUNDAYS = Text("Wochenende", "weekend"), Text("Sonntag", "Sunday")
_SATURDAY, _SUNDAY = 5, 6


def day_text(moment: date | datetime) -> Text:
    """Return the day with its weekday, of an instant that in Europe/Berlin.

    >>> day_text(date(2026, 4, 9))
    Text(de='Do., 09.04.2026', en='Thu 9 Apr 2026')
    """
    day = local_day(moment)
    name = _WEEKDAYS[day.weekday()]
    return Text(f"{name.de}, {day:%d.%m.%Y}", f"{name.en} {_short_en(day)} {day.year}")


def moment_text(moment: date | datetime) -> Text:
    """Return the day with its weekday and, of an instant, the local time."""
    said = day_text(local_day(moment))
    if not isinstance(moment, datetime):
        return said
    time = f"{moment.astimezone(BERLIN):%H:%M}"
    return Text(f"{said.de}, {time} Uhr", f"{said.en}, {time}")


def closed_runs(
    days: Iterable[date], calendar: Calendar, unit: Unit
) -> Iterator[tuple[date, Text]]:
    """Yield uncounted days in runs that share a reason: the first day, and the words.

    A weekend names the holidays that fall on it, because Länder differ in them.
    """

    def key(numbered: tuple[int, date]) -> tuple[int, Text]:
        place, day = numbered
        # Consecutive days keep the same distance to their place in the row.
        return day.toordinal() - place, _reason(day, calendar, unit)

    for (_, reason), members in groupby(enumerate(days), key):
        run = [day for _, day in members]
        span, note = _span(run), _holidays_within(run, reason, calendar)
        yield run[0], Text(f"{span.de} {reason.de}{note.de}", f"{span.en} {reason.en}{note.en}")


def _reason(day: date, calendar: Calendar, unit: Unit) -> Text:
    if unit is Unit.WERKTAG and day.weekday() == _SUNDAY:
        return _SUNDAYS
    if unit is not Unit.WERKTAG and day.weekday() >= _SATURDAY:
        return _WEEKEND
    return calendar.why_not_counted(day) or Text("", "")


def _holidays_within(run: list[date], reason: Text, calendar: Calendar) -> Text:
    """Return the holidays that a weekend hides, in brackets; a holiday names itself."""
    named = [day for day in run if day in calendar.holidays]
    if not named or reason not in (_WEEKEND, _SUNDAYS):
        return Text("", "")
    place = calendar.name or calendar.id
    de = ", ".join(f"{day:%d.%m.} {calendar.holidays[day]}" for day in named)
    en = ", ".join(f"{_short_en(day)} {calendar.holidays[day]}" for day in named)
    return Text(f" ({de}, in {place} Feiertag)", f" ({en}, a public holiday in {place})")


def _span(run: list[date]) -> Text:
    first, last = run[0], run[-1]
    if first == last:
        return Text(f"{first:%d.%m.}", _short_en(first))
    to = "/" if len(run) == 2 else "–"
    if first.month == last.month:
        return Text(f"{first:%d.}{to}{last:%d.%m.}", f"{first.day}{to}{_short_en(last)}")
    return Text(f"{first:%d.%m.}{to}{last:%d.%m.}", f"{_short_en(first)}{to}{_short_en(last)}")


def _short_en(day: date) -> str:
    return f"{day.day} {_MONTHS[day.month - 1]}"
