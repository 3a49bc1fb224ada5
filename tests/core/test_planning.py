"""Planning back from the first body, and forward again."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.core.deadlines import Backward, Counting, Period, Roll, Unit, derive
from engine.core.planning import Meeting, Plan, Stage, latest_trigger, plan_backwards
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
    stage("ladung", "7 Tage", Backward.CLEAR),
    stage("vorlagenschluss", "1 Arbeitstag", Backward.NTH),
    stage("wuerdigung", "5 Arbeitstage"),
    stage("stellungnahme", "10 Arbeitstage"),
    stage("zugang", "1 Arbeitstag"),
]
PLAN = plan_backwards(COMMITTEE, LEGS, BB)
TEN = Counting(Period(10, Unit.WORKING_DAY))


def test_the_plan_leads_from_the_committee_back_to_the_sending() -> None:
    assert [(point.name, str(point.day)) for point in PLAN.points] == [
        ("session", "2026-05-12"),
        ("ladung", "2026-05-04"),
        ("vorlagenschluss", "2026-04-30"),
        ("wuerdigung", "2026-04-23"),
        ("stellungnahme", "2026-04-09"),
        ("zugang", "2026-04-08"),
    ]
    assert PLAN.begin == date(2026, 4, 8)
    assert [point.stage and point.stage.source for point in PLAN.points] == [
        None,
        *["Hauswert"] * 5,
    ]


def test_a_moved_session_moves_the_plan() -> None:
    later = plan_backwards(COMMITTEE + timedelta(7), LEGS, BB)
    assert later.begin == date(2026, 4, 15)


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
    assert PLAN.light(today, BB, Counting(Period(5, Unit.WORKING_DAY))) == light


def test_a_weekend_after_the_last_day_is_too_late_though_no_working_day_is_lost() -> None:
    plan = plan_backwards(date(2026, 3, 25), [stage("zugang", "1 Arbeitstag")], BB)
    friday = plan_backwards(date(2026, 3, 24), [stage("zugang", "1 Arbeitstag")], BB)
    assert (plan.begin, friday.begin) == (date(2026, 3, 23), date(2026, 3, 20))
    saturday = date(2026, 3, 21)
    assert friday.reserve(saturday, BB) == 0
    assert friday.light(saturday, BB, None) == "red"


def test_the_law_permits_a_sunday_that_a_plan_does_not_propose() -> None:
    leg = stage("stellungnahme", "10 Arbeitstage")
    assert latest_trigger(TEN, date(2026, 4, 24), BB) == date(2026, 4, 12)
    assert plan_backwards(date(2026, 4, 27), [leg], BB).begin == date(2026, 4, 10)


def test_a_period_that_leads_up_to_the_meeting_is_over_the_day_before() -> None:
    leg = stage("stellungnahme", "10 Arbeitstage")
    begin = plan_backwards(date(2026, 4, 24), [leg], BB).begin
    assert derive(TEN, begin, BB).last_day == date(2026, 4, 23)


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
    around=st.booleans(),
)


@given(FORWARD, DAYS)
def test_the_latest_event_is_in_time_and_the_next_day_is_not(
    rule: Counting, last_day: date
) -> None:
    event = latest_trigger(rule, last_day, BB)
    assert derive(rule, event, BB).last_day <= last_day
    assert derive(rule, event + timedelta(1), BB).last_day > last_day


WAITS = st.builds(
    Stage,
    st.just("sitting"),
    st.none(),
    st.just(""),
    st.just(Text("Sitzung", "sitting")),
    sittings=st.lists(DAYS, max_size=12).map(lambda days: tuple(sorted(days))),
)
ALTERNATIVES = st.lists(LEG, min_size=1, max_size=3).map(tuple)
INVITED = stage("ladung", "7 Tage", Backward.CLEAR)


@given(DAYS, st.lists(LEG | ALTERNATIVES | WAITS, min_size=1, max_size=5), st.lists(DAYS))
def test_a_plan_made_backwards_and_run_forwards_meets_its_date(
    first: date, legs: list[Stage | tuple[Stage, ...]], others: list[date]
) -> None:
    later = tuple(Meeting("Kreistag", day) for day in sorted(d for d in others if d > first))
    plan: Plan = plan_backwards(first, [INVITED, *legs], BB, later)
    every = {id(s): leg for leg in legs for s in (leg if isinstance(leg, tuple) else (leg,))}
    for place, (after, point) in enumerate(zip(plan.points, plan.points[1:], strict=False)):
        assert point.stage is not None
        leg = every.get(id(point.stage), point.stage)
        due = after.day - timedelta(1) if after.sits else after.day
        if point.stage.counting is None:
            assert point.day in point.stage.sittings
            assert point.day <= due
            continue
        assert BB.is_working_day(point.day)
        for one in leg if isinstance(leg, tuple) else (leg,):
            assert one.counting is not None
            if one.around and after.sits and place and one.counting.backward is None:
                assert point.day < after.day
                assert derive(one.counting, point.day, BB).last_day <= plan.points[place - 1].day
            elif one.counting.backward is None:
                assert derive(one.counting, point.day, BB).last_day <= due
            else:
                assert point.day <= derive(one.counting, after.day, BB).last_day < after.day
    assert plan.begin <= first
    assert all(meeting.day > first for meeting in plan.meetings)


@given(DAYS, st.lists(DAYS, max_size=8))
def test_a_sitting_of_the_board_is_the_last_one_in_time_or_the_plan_is_red(
    first: date, days: list[date]
) -> None:
    board = Stage("sitting", None, "", Text("Sitzung", "sitting"), sittings=tuple(days))
    plan = plan_backwards(first, [INVITED, board], BB)
    invited = plan.points[1].day
    in_time = [day for day in days if day <= invited]
    assert bool(plan.missing) == (not in_time)
    if in_time:
        assert plan.points[-1].day == max(in_time)
    else:
        assert plan.light(date(1999, 1, 4), BB, None) == "red"


def test_what_leads_up_to_a_sitting_of_the_board_is_over_the_day_before() -> None:
    board = Stage("sitting", None, "", Text("Sitzung", "sitting"), sittings=(date(2026, 4, 14),))
    plan = plan_backwards(COMMITTEE, [*LEGS[:3], board, stage("zugang", "2 Arbeitstage")], BB)
    assert [str(p.day) for p in plan.points[-2:]] == ["2026-04-14", "2026-04-09"]


def test_hours_are_planned_as_the_days_they_take() -> None:
    plan = plan_backwards(date(2026, 3, 26), [stage("stellungnahme", "36 Stunden")], BB)
    assert plan.begin == date(2026, 3, 23)


def test_of_two_periods_the_one_that_must_begin_earlier_holds_in_every_season() -> None:
    month, days = stage("a", "1 Monat"), stage("a", "22 Arbeitstage")
    over_easter = plan_backwards(date(2026, 4, 17), [(month, days)], BB)
    in_summer = plan_backwards(date(2026, 8, 21), [(month, days)], BB)
    assert (over_easter.points[1].stage, in_summer.points[1].stage) == (days, month)
