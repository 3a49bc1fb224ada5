"""Planning back from the first body, and forward again."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.core.deadlines import Backward, Counting, Period, Roll, Unit, derive
from engine.core.planning import Plan, Stage, latest_trigger, plan_backwards
from engine.definitions.calendars import read_calendar
from engine.errors import InputError, Text

ROOT = Path(__file__).resolve().parents[2]
BB = read_calendar((ROOT / "rules/calendars/bb.yaml").read_bytes())
COMMITTEE = date(2026, 5, 12)


def stage(name: str, words: str, backward: Backward | None = None) -> Stage:
    """Return a leg of a plan that needs this time by the house's own rule."""
    return Stage(
        name, Counting(Period.parse(words), backward=backward), "Hauswert", Text(name, name)
    )


LEGS = [
    stage("vorlagenschluss", "7 Arbeitstage", Backward.NTH),
    stage("wuerdigung", "5 Arbeitstage"),
    stage("stellungnahme", "10 Arbeitstage"),
    stage("zugang", "1 Arbeitstag"),
]
PLAN = plan_backwards(COMMITTEE, LEGS, BB)


def test_the_plan_leads_from_the_committee_back_to_the_sending() -> None:
    assert [(point.name, str(point.day)) for point in PLAN.points] == [
        ("session", "2026-05-12"),
        ("vorlagenschluss", "2026-04-30"),
        ("wuerdigung", "2026-04-23"),
        ("stellungnahme", "2026-04-09"),
        ("zugang", "2026-04-08"),
    ]
    assert PLAN.begin == date(2026, 4, 8)
    assert [point.stage and point.stage.source for point in PLAN.points] == [
        None,
        *["Hauswert"] * 4,
    ]


def test_a_moved_session_moves_the_plan() -> None:
    later = plan_backwards(COMMITTEE + timedelta(7), LEGS, BB)
    assert later.begin == date(2026, 4, 14)


@pytest.mark.parametrize(
    ("today", "reserve", "light"),
    [
        (date(2026, 3, 26), 7, "green"),
        (date(2026, 3, 30), 5, "green"),
        (date(2026, 3, 31), 4, "yellow"),
        (date(2026, 4, 8), 0, "yellow"),
        (date(2026, 4, 9), -1, "red"),
        (date(2026, 5, 1), -16, "red"),
    ],
)
def test_the_light_says_whether_it_is_still_in_time(today: date, reserve: int, light: str) -> None:
    assert PLAN.reserve(today, BB) == reserve
    assert PLAN.light(today, BB, yellow_below=5) == light


def test_a_weekend_after_the_last_day_is_too_late_though_no_working_day_is_lost() -> None:
    plan = plan_backwards(date(2026, 3, 25), [stage("zugang", "1 Arbeitstag")], BB)
    friday = plan_backwards(date(2026, 3, 24), [stage("zugang", "1 Arbeitstag")], BB)
    assert (plan.begin, friday.begin) == (date(2026, 3, 23), date(2026, 3, 20))
    saturday = date(2026, 3, 21)
    assert friday.reserve(saturday, BB) == 0
    assert friday.light(saturday, BB, yellow_below=0) == "red"


def test_the_law_permits_a_sunday_that_a_plan_does_not_propose() -> None:
    leg = stage("stellungnahme", "10 Arbeitstage")
    assert latest_trigger(leg.counting, date(2026, 4, 24), BB) == date(2026, 4, 12)
    assert plan_backwards(date(2026, 4, 27), [leg], BB).begin == date(2026, 4, 10)


def test_a_period_that_leads_up_to_the_meeting_is_over_the_day_before() -> None:
    leg = stage("stellungnahme", "10 Arbeitstage")
    begin = plan_backwards(date(2026, 4, 24), [leg], BB).begin
    assert derive(leg.counting, begin, BB).last_day == date(2026, 4, 23)


@pytest.mark.parametrize(
    "rule",
    [
        Counting(Period(24, Unit.HOUR)),
        Counting(Period(1, Unit.WEEK), backward=Backward.NTH),
    ],
)
def test_only_days_that_run_forwards_are_planned_back(rule: Counting) -> None:
    with pytest.raises(InputError, match="Only periods in days"):
        latest_trigger(rule, COMMITTEE, BB)


def test_a_plan_before_the_first_listed_year_is_refused() -> None:
    with pytest.raises(InputError, match="begins only in 1991"):
        latest_trigger(Counting(Period(2, Unit.WEEK)), date(1991, 1, 9), BB)


DAYS = st.dates(date(2000, 1, 1), date(2030, 12, 31))
FORWARD = st.builds(
    Counting,
    st.builds(Period, st.integers(1, 30), st.sampled_from([u for u in Unit if u is not Unit.HOUR])),
    at_least=st.none() | st.builds(Period, st.integers(1, 30), st.just(Unit.DAY)),
    day_start=st.booleans(),
    roll=st.sampled_from([None, *Roll]),
)
LEG = st.builds(
    Stage,
    st.just("leg"),
    FORWARD
    | st.builds(
        Counting,
        st.builds(Period, st.integers(1, 10), st.just(Unit.WORKING_DAY)),
        backward=st.sampled_from(Backward),
    ),
    st.just("Hauswert"),
    st.just(Text("Teil", "leg")),
)


@given(FORWARD, DAYS)
def test_the_latest_event_is_in_time_and_the_next_day_is_not(
    rule: Counting, last_day: date
) -> None:
    event = latest_trigger(rule, last_day, BB)
    assert derive(rule, event, BB).last_day <= last_day
    assert derive(rule, event + timedelta(1), BB).last_day > last_day


@given(DAYS, st.lists(LEG, min_size=1, max_size=4))
def test_a_plan_made_backwards_and_run_forwards_meets_its_date(
    first: date, legs: list[Stage]
) -> None:
    plan: Plan = plan_backwards(first, legs, BB)
    for later, earlier in zip(plan.points, plan.points[1:], strict=False):
        assert earlier.stage is not None
        assert BB.is_working_day(earlier.day)
        rule = earlier.stage.counting
        if rule.backward is None:
            assert derive(rule, earlier.day, BB).last_day <= later.day
        else:
            assert earlier.day <= derive(rule, later.day, BB).last_day < later.day
