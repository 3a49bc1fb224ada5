"""Which days count in one place, and on which of them no period may end."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.core.calendar import BERLIN, Calendar, end_of, local_day
from engine.definitions.calendars import read_calendar
from engine.errors import InputError

ROOT = Path(__file__).resolve().parents[2]
STATUTORY = read_calendar((ROOT / "rules/calendars/bb.yaml").read_bytes())
OFFICE = Calendar(
    "Musterkreis",
    STATUTORY.first_year,
    STATUTORY.last_year,
    STATUTORY.holidays,
    {date(2026, 12, 24): "Heiligabend", date(2026, 12, 31): "Silvester"},
    name="Brandenburg",
)
DAYS = st.dates(date(1995, 1, 1), date(2035, 12, 31))


@pytest.mark.parametrize(
    ("day", "working", "werktag", "closed"),
    [
        pytest.param(date(2026, 4, 2), True, True, False, id="Gründonnerstag"),
        pytest.param(date(2026, 4, 3), False, False, True, id="Karfreitag"),
        pytest.param(date(2026, 4, 4), False, True, True, id="FR-18 Saturday is a Werktag"),
        pytest.param(date(2026, 4, 5), False, False, True, id="FT-1 Ostersonntag"),
        pytest.param(date(2026, 10, 31), False, False, True, id="FT-4 31 Oct on a Saturday"),
        pytest.param(date(2026, 5, 8), True, True, False, id="FT-2 8 May is no holiday"),
        pytest.param(date(2026, 6, 4), True, True, False, id="FT-3 Fronleichnam"),
        pytest.param(date(2026, 12, 24), False, True, False, id="FR-17 closed by the office"),
        pytest.param(date(2025, 12, 24), True, True, False, id="FR-17 24 December by itself"),
    ],
)
def test_each_day_is_what_the_law_makes_of_it(
    day: date, working: bool, werktag: bool, closed: bool
) -> None:
    assert OFFICE.is_working_day(day) is working
    assert OFFICE.is_werktag(day) is werktag
    assert OFFICE.is_closed_for_end(day) is closed


def test_a_day_that_does_not_count_says_why() -> None:
    why = {day: OFFICE.why_not_counted(date(2026, 12, day)) for day in (23, 24, 25, 27)}
    assert {day: text and text.de for day, text in why.items()} == {
        23: None,
        24: "Heiligabend (geschlossen)",
        25: "Erster Weihnachtstag",
        27: "Wochenende",
    }


def test_a_closure_of_the_office_moves_no_end() -> None:
    assert OFFICE.next_open(date(2026, 12, 24)) == date(2026, 12, 24)
    assert OFFICE.next_open(date(2026, 12, 25)) == date(2026, 12, 28)
    assert OFFICE.previous_open(date(2026, 12, 27)) == date(2026, 12, 24)
    assert OFFICE.last_working_day(date(2026, 12, 27)) == date(2026, 12, 23)


def test_easter_takes_four_days_out_of_the_count() -> None:
    assert OFFICE.working_days_between(date(2026, 4, 2), date(2026, 4, 7)) == 1
    assert OFFICE.working_days_between(date(2026, 4, 7), date(2026, 4, 2)) == -1


@pytest.mark.parametrize("day", [date(1990, 12, 31), date(2041, 1, 1)])
def test_no_year_is_guessed(day: date) -> None:
    for ask in (
        OFFICE.is_working_day,
        OFFICE.is_werktag,
        OFFICE.next_open,
        OFFICE.previous_open,
        OFFICE.why_not_counted,
    ):
        with pytest.raises(InputError, match=r"Musterkreis knows only the years 1991 to 2040"):
            ask(day)


def test_counting_past_the_last_listed_year_is_refused() -> None:
    with pytest.raises(InputError, match=r"asked for \+10 from 27\.12\.2040.*Remedy"):
        OFFICE.nth_working_day(date(2040, 12, 27), 10)
    with pytest.raises(InputError, match="knows only the years"):
        OFFICE.nth_werktag(date(1991, 1, 3), -5)


@pytest.mark.parametrize(
    ("day", "ends"),
    [
        pytest.param(date(2026, 3, 28), "2026-03-28T23:00:00+00:00", id="winter time"),
        pytest.param(date(2026, 3, 29), "2026-03-29T22:00:00+00:00", id="FR-22 23 hours"),
        pytest.param(date(2026, 10, 25), "2026-10-25T23:00:00+00:00", id="FR-22 25 hours"),
    ],
)
def test_a_day_ends_at_the_next_local_midnight(day: date, ends: str) -> None:
    assert end_of(day) == datetime.fromisoformat(ends)


def test_a_time_without_a_zone_names_no_day() -> None:
    with pytest.raises(InputError, match="no time zone"):
        local_day(datetime(2026, 3, 24, 23, 30))
    assert local_day(datetime(2026, 3, 24, 23, 30, tzinfo=UTC)) == date(2026, 3, 25)


@given(DAYS)
def test_a_local_day_lasts_until_the_next_begins(day: date) -> None:
    begins = datetime(day.year, day.month, day.day, tzinfo=BERLIN)
    assert local_day(end_of(day) - timedelta(microseconds=1)) == day
    assert local_day(end_of(day)) == day + timedelta(1)
    assert end_of(day) > begins


@given(DAYS, DAYS)
def test_days_between_are_those_one_would_tick_off(a: date, b: date) -> None:
    first, last = sorted((a, b))
    ticked = sum(
        OFFICE.is_working_day(first + timedelta(n)) for n in range(1, (last - first).days + 1)
    )
    assert OFFICE.working_days_between(first, last) == ticked
    assert OFFICE.working_days_between(last, first) == -ticked


@given(DAYS, st.integers(1, 60))
def test_counting_on_and_back_agree(day: date, count: int) -> None:
    there = OFFICE.nth_working_day(day, count)
    assert OFFICE.working_days_between(day, there) == count
    back = OFFICE.nth_working_day(there, -count)
    assert back <= day
    assert OFFICE.working_days_between(back, day) == 0
