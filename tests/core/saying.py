"""Rules as people say them, and the calendars they are counted on, for tests."""

from datetime import date
from pathlib import Path

from engine.core.calendar import Calendar
from engine.core.deadlines import Backward, Counting, Period, Roll
from engine.definitions.calendars import read_calendar

CALENDARS = Path(__file__).resolve().parents[2] / "rules/calendars"
STATUTORY = read_calendar((CALENDARS / "bb.yaml").read_bytes())
STUTTGART = read_calendar((CALENDARS / "bw.yaml").read_bytes())
BB = Calendar(
    "BB",
    1991,
    2040,
    STATUTORY.holidays,
    {date(year, 12, day): "Betriebsruhe" for year in range(1991, 2041) for day in (24, 31)},
    "closed between the years",
    "Brandenburg",
)
"""Brandenburg, with an office that is shut on 24 and 31 December by its own decision."""

NTH, CLEAR = Backward.NTH, Backward.CLEAR
NONE, PREVIOUS = Roll.NONE, Roll.PREVIOUS


def counting(
    words: str,
    *,
    at_least: str = "",
    at_most: str = "",
    day_start: bool = False,
    roll: Roll | None = None,
    backward: Backward | None = None,
) -> Counting:
    """Return the counting that these words of a rule mean."""
    return Counting(
        Period.parse(words),
        at_least=Period.parse(at_least) if at_least else None,
        day_start=day_start,
        roll=roll,
        backward=backward,
        at_most=Period.parse(at_most) if at_most else None,
    )
