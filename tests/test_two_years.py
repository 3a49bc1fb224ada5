"""Two years of rounds, both changes of the clocks each year: nothing twice, nothing left out.

Rounds lie a day apart, and half an hour around each change. The full size, a round every
hour all through, is asked for by TWO_YEARS=full.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path

from engine.core.calendar import BERLIN, end_of, local_day
from engine.core.case import Stage
from engine.delivery.compose import compose
from engine.services.ticks import tick
from engine.store.vital import waiting
from tests.installation import House, house

BEGIN, END = date(2026, 3, 23), date(2028, 3, 31)
CHANGES = [date(2026, 3, 29), date(2026, 10, 25), date(2027, 3, 28), date(2027, 10, 31)]
LEAP = date(2028, 2, 29)
INFORMED = [date(2026, 3, 26), date(2026, 10, 22), date(2027, 3, 25), date(2027, 10, 28), LEAP]
"""Days on which a measure is registered and an office informed: its first period ends nearby."""

DAY, HOUR, HALF = timedelta(days=1), timedelta(hours=1), timedelta(minutes=30)


def moments() -> Iterator[datetime]:
    """Yield the instants of the rounds."""
    now, end = end_of(BEGIN), end_of(END)
    full = os.environ.get("TWO_YEARS") == "full"
    while now < end:
        yield now
        near = any(abs((local_day(now) - day).days) <= 1 for day in (*CHANGES, LEAP))
        now += HALF if near else HOUR if full else DAY


def informed(made: House, day: date) -> str:
    stages = (Stage("Kreistag", day + 100 * DAY, "entscheidung"),)
    number = made.register(stages=stages).number
    made.take(number, "informieren", "weber", participation="integration")
    return number


def by_the_clock(made: House, number: str) -> list[tuple[str, datetime, datetime]]:
    """Return what the clock did in a case, when that was due, and when it was done."""
    with made.app.database.read() as store:
        lines = store.chains.lines(f"case/{store.cases.get(number).uid}")
    mine = (x.entry for x in lines if x.entry.actor == "clock" and "due" in x.entry.plain)
    return [
        (x.key.split(":", 2)[2], datetime.fromisoformat(x.plain["due"]), x.recorded_at)
        for x in mine
    ]


def test_two_years_of_rounds_do_everything_once(tmp_path: Path) -> None:
    made = house(tmp_path / "haus")
    cases: dict[date, str] = {}
    rounds = []
    for now in moments():
        made.clock.instant = now
        today = local_day(now)
        if today in INFORMED and today not in cases:
            cases[today] = informed(made, today)
        tick(made.app)
        rounds.append(now)
    compose(made.app)
    assert list(cases) == INFORMED
    done = {day: by_the_clock(made, number) for day, number in cases.items()}
    kinds = [sorted(key for key, _, _ in rows) for rows in done.values()]
    assert len(kinds[0]) >= 2
    assert all(kind == kinds[0] for kind in kinds), "nothing is missing and nothing double"
    for rows in done.values():
        for key, due, at in rows:
            assert at == min(now for now in rounds if now >= due), key
            shown = due.astimezone(BERLIN).time()
            assert shown in (time(0), time(8)), "midnight, or the hour of a ladder"
    with made.app.database.read() as store:
        assert waiting(store.connection, made.clock.now(), held=False).due is None
    made.app.close()
