"""The command that counts one deadline, as people and programs use it."""

import json
from datetime import date

import pytest
import typer
from typer.testing import CliRunner, Result

from engine.cli.deadline import calendar_named, deadline
from engine.errors import InputError

APP = typer.Typer()
APP.command()(deadline)
EASTER = ["--event", "2026-03-30", "--period", "1 week", "--calendar", "BB"]


def run(*words: str) -> Result:
    """Run the command as the shell would."""
    return CliRunner().invoke(APP, list(words))


def answer(*words: str) -> dict[str, object]:
    """Return what the command tells a program."""
    result = run(*words, "--json")
    assert result.exit_code == 0, result.output
    told: dict[str, object] = json.loads(result.stdout)
    return told


def test_a_week_over_easter_ends_on_the_tuesday_after() -> None:
    told = answer(*EASTER)
    assert (told["last_day"], told["ends_at"]) == ("2026-04-07", "2026-04-07T22:00:00Z")
    assert told["steps"] == [
        {
            "kind": "event",
            "day": "2026-03-30",
            "norm": "",
            "de": "Ereignis: Mo., 30.03.2026",
            "en": "Event: Mon 30 Mar 2026",
        },
        {
            "kind": "day_not_counted",
            "day": "2026-03-30",
            "norm": "§ 187 Abs. 1 BGB",
            "de": "der Tag zählt nicht mit",
            "en": "the day does not count",
        },
        {"kind": "period", "day": None, "norm": "", "de": "Frist: 1 Woche", "en": "Period: 1 week"},
        {
            "kind": "shift",
            "day": "2026-04-07",
            "norm": "§ 193 BGB",
            "de": "statt Mo., 06.04.2026 gilt Di., 07.04.2026: 06.04. Ostermontag",
            "en": "instead of Mon 6 Apr 2026 it is Tue 7 Apr 2026: 6 Apr Ostermontag "
            "(public holiday)",
        },
        {
            "kind": "end",
            "day": "2026-04-07",
            "norm": "",
            "de": "Ende: Di., 07.04.2026, 24 Uhr",
            "en": "End: Tue 7 Apr 2026, midnight at its end",
        },
    ]


@pytest.mark.parametrize(
    ("words", "last_day", "ends_at"),
    [
        (["--event", "2026-03-22", "--period", "1 Woche", "--roll", "none"], "2026-03-29", "22"),
        (["--event", "2026-10-24", "--period", "1 day", "--roll", "none"], "2026-10-25", "23"),
        (["--event", "2026-03-24T11:20", "--period", "24 hours"], "2026-03-25", "10:20"),
        (["--event", "2026-03-24T11:20Z", "--period", "24 Stunden"], "2026-03-25", "11:20"),
        (["--event", "2026-03-24", "--period", "10 working days"], "2026-04-09", "22"),
        (["--event", "2026-04-01", "--period", "1 half month"], "2026-04-16", "22"),
        (["--event", "2026-05-12", "--period", "7 AT", "--backward", "nth"], "2026-04-30", "22"),
        (
            ["--event", "2026-05-12", "--period", "7 days", "--backward", "clear"],
            "2026-05-04",
            "22",
        ),
        (["--event", "2026-03-01", "--period", "1 month", "--day-start"], "2026-03-31", "22"),
        (
            ["--event", "2025-01-31", "--period", "1 month", "--at-least", "30 days"],
            "2025-03-03",
            "23",
        ),
        (
            ["--event", "2026-05-28", "--period", "1 week", "--calendar", "bw"],
            "2026-06-05",
            "22",
        ),
        (
            ["--event", "2026-08-08", "--period", "1 week", "--calendar", "SL"],
            "2026-08-17",
            "22",
        ),
    ],
)
def test_every_option_reaches_the_law(words: list[str], last_day: str, ends_at: str) -> None:
    told = answer(*words)
    assert told["last_day"] == last_day
    assert str(told["ends_at"]).split("T")[1].startswith(ends_at)


def test_people_read_the_end_and_the_way_to_it() -> None:
    result = run(*EASTER)
    assert result.exit_code == 0
    assert "07.04.2026" in result.stdout or "7 Apr 2026" in result.stdout
    assert "§ 193 BGB" in result.stdout


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--event", "30.03.2026", "--period", "1 week"], "'30.03.2026' is no day or time"),
        (["--event", "2026-02-30", "--period", "1 week"], "'2026-02-30' is no day or time"),
        (["--event", "2026-03-30", "--period", "1 wek"], "Did you mean"),
        (["--event", "2026-03-30", "--period", "24 h"], "names only the day"),
        (["--event", "2046-03-30", "--period", "1 week"], "knows only the years"),
        (["--event", "2026-03-30", "--period", "1 week", "--calendar", "../BB"], "Known are: BB"),
    ],
)
def test_what_cannot_be_counted_says_what_would_be_right(words: list[str], says: str) -> None:
    with pytest.raises(InputError, match=says):
        CliRunner().invoke(APP, words, catch_exceptions=False)


def test_a_land_without_a_shipped_calendar_is_written_down_on_the_spot() -> None:
    bavaria = calendar_named("by")
    assert bavaria.holidays[date(2026, 1, 6)] == "Heilige Drei Könige"
    assert (bavaria.id, bavaria.first_year, bavaria.last_year) == ("BY", 1991, 2040)
