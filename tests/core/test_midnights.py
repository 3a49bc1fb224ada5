"""A day ends at the next local midnight: on every day of fifty years, when clocks change too."""

from __future__ import annotations

import ast
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from engine.core.calendar import BERLIN, ONE_DAY, end_of, local_day
from engine.core.wording import day_text

ROOT = Path(__file__).parents[2]

FIRST, LAST = date(1990, 1, 1), date(2039, 12, 31)
DAYS = [FIRST + timedelta(days=n) for n in range((LAST - FIRST).days + 1)]
HOUR = timedelta(hours=1)


def test_each_day_of_fifty_years_ends_once_at_the_next_local_midnight() -> None:
    assert len(DAYS) == 18_262
    ends = [end_of(day) for day in DAYS]
    for day, end in zip(DAYS, ends, strict=True):
        assert end.tzinfo is UTC
        shown = end.astimezone(BERLIN)
        assert (shown.date(), shown.time()) == (day + ONE_DAY, datetime.min.time())
        assert local_day(end - timedelta(microseconds=1)) == day
        assert local_day(end) == day + ONE_DAY
    assert ends == sorted(set(ends))


def test_a_day_has_23_24_or_25_hours() -> None:
    """Twice a year the clocks change, and in all of these years they did: never add 24 hours."""
    hours = [(end_of(day) - end_of(day - ONE_DAY)) // HOUR for day in DAYS]
    assert {n: hours.count(n) for n in set(hours)} == {23: 50, 24: 18_162, 25: 50}


def test_a_leap_day_is_a_day() -> None:
    leap = [day for day in DAYS if (day.month, day.day) == (2, 29)]
    assert len(leap) == 12
    assert all(local_day(end_of(day)) == date(day.year, 3, 1) for day in leap)


def test_the_day_of_an_instant_is_said_as_people_here_would_say_it() -> None:
    """Half past eleven at night in UTC is past midnight here, in winter and in summer."""
    night = datetime(2026, 7, 31, 22, 30, tzinfo=UTC)
    assert day_text(night) == day_text(date(2026, 8, 1)) != day_text(date(2026, 7, 31))


def test_nothing_takes_the_day_of_an_instant_but_the_calendar() -> None:
    """`moment.date()` is the day in UTC: between midnight and one (or two) here, yesterday.

    What knows no zone has no other day; only the reader of iCalendar meets such times.
    """
    sources = [p for part in ("engine", "bench") for p in (ROOT / part).rglob("*.py")]
    found = {
        f"{path.relative_to(ROOT)}: {ast.unparse(node)}"
        for path in sources
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and (node.func.attr in ("today", "utcnow") or (node.func.attr == "date" and not node.args))
    }
    allowed = ("engine/core/calendar.py: ", "engine/services/ical.py: moment.date()")
    assert len(sources) > 300
    assert [x for x in sorted(found) if not x.startswith(allowed)] == []
