"""Calendars are written down once, day by day, and read strictly."""

import time
from datetime import date
from hashlib import sha256
from pathlib import Path

import pytest

from engine.definitions.calendars import Addition, lands, materialise, read_calendar
from engine.errors import EngineError, InputError

FOLDER = Path(__file__).resolve().parents[1] / "rules/calendars"
BB = (FOLDER / "bb.yaml").read_bytes()


@pytest.mark.parametrize("land", ["BB", "BW"])
def test_the_shipped_calendars_are_those_of_the_library(land: str) -> None:
    shipped = read_calendar((FOLDER / f"{land.lower()}.yaml").read_bytes())
    asked = read_calendar(materialise(land, 1991, 2040))
    assert (shipped.id, shipped.first_year, shipped.last_year) == (land, 1991, 2040)
    assert shipped.holidays == asked.holidays


@pytest.mark.parametrize("year", range(2015, 2031))
def test_brandenburg_has_the_twelve_holidays_of_its_law(year: int) -> None:
    """FT-1, FT-4: § 2 (1) FTG, with Easter and Whit Sunday and 31 October."""
    listed = {day: name for day, name in read_calendar(BB).holidays.items() if day.year == year}
    assert len(listed) == 12
    assert {"Ostersonntag", "Pfingstsonntag", "Karfreitag", "Christi Himmelfahrt"} <= set(
        listed.values()
    )
    assert listed[date(year, 10, 31)] == "Reformationstag"
    no_holidays = [(1, 6), (3, 8), (5, 8), (11, 1), (12, 24), (12, 31)]
    assert not {date(year, *month_and_day) for month_and_day in no_holidays} & set(listed)


def test_baden_wuerttemberg_keeps_other_holidays() -> None:
    bw = read_calendar((FOLDER / "bw.yaml").read_bytes())
    assert bw.name == "Baden-Württemberg"
    assert not bw.is_working_day(date(2026, 6, 4))
    assert date(2026, 4, 5) not in bw.holidays


def test_the_digest_is_that_of_the_bytes() -> None:
    assert read_calendar(BB).digest == sha256(BB).hexdigest()
    assert read_calendar(BB + b"\n").digest != read_calendar(BB).digest


def test_a_municipality_adds_its_own_days_with_their_source() -> None:
    source = materialise(
        "BB",
        2026,
        2027,
        [
            Addition(
                day=date(2026, 12, 24), name="Heiligabend", kind="closure", source="DA „Jahr“"
            ),
            Addition(day=date(2027, 6, 17), name="Landestag", kind="holiday", source="VO"),
        ],
        id="musterkreis",
    )
    calendar = read_calendar(source)
    assert calendar.id == "musterkreis"
    assert calendar.closures == {date(2026, 12, 24): "Heiligabend"}
    assert calendar.is_closed_for_end(date(2027, 6, 17))
    assert not calendar.is_closed_for_end(date(2026, 12, 24))
    assert "DA „Jahr“" in source.decode()


def test_every_land_can_be_written_down() -> None:
    assert len(lands()) == 16
    for land in lands():
        assert date(2026, 10, 3) in read_calendar(materialise(land, 2026, 2026)).holidays


@pytest.mark.parametrize(
    ("land", "first", "last", "says"),
    [
        ("XX", 2026, 2027, "Known are: BB, BE"),
        ("BB", 1990, 2027, "choose years from 1991"),
        ("BB", 2027, 2026, "the earlier one first"),
    ],
)
def test_what_the_library_does_not_know_is_not_written_down(
    land: str, first: int, last: int, says: str
) -> None:
    with pytest.raises(InputError, match=says):
        materialise(land, first, last)


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        ('"1992-01-01"', '"1991-01-01"', "already stands in line"),
        ("last_year: 2040", "last_year: 2039", "2040-01-01 is not in the years 1991 to 2039"),
        ("first_year:", "first_yaer:", "first_year"),
        ('"1992-01-01"', '"1992-13-01"', "1992-13-01"),
        (
            "additions: []",
            'additions:\n  - {day: "2026-04-03", name: x, kind: closure, source: y}',
            "2026-04-03 is listed already",
        ),
        (
            "additions: []",
            'additions:\n  - {day: "2026-04-07", name: x, kind: closur, source: y}',
            "closure",
        ),
        (
            "additions: []",
            'additions:\n  - {day: "2026-04-07", name: x, kind: closure}',
            "source",
        ),
    ],
)
def test_a_faulty_calendar_names_its_place(before: str, after: str, says: str) -> None:
    faulty = BB.decode().replace(before, after, 1)
    with pytest.raises(EngineError, match=says) as refused:
        read_calendar(faulty.encode(), "bb.yaml")
    assert str(refused.value).startswith("bb.yaml, line ")


def test_a_calendar_is_read_within_fifty_milliseconds() -> None:
    def seconds() -> float:
        begun = time.perf_counter()
        read_calendar(BB)
        return time.perf_counter() - begun

    assert min(seconds() for _ in range(5)) < 0.05
