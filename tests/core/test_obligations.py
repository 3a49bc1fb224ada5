"""What an office has yet to do, and who stands in while somebody is away."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.core.absences import gaps, stands_in_for, working_days
from engine.core.codes import code_of
from engine.core.obligations import Urgency, obligations
from engine.core.offices import Absence
from tests.core.walks import MOVES, walk, world_on
from tests.musterheide import INTEGRATION, act, after, definitions, informed, roster, world

FRIDAY = date(2026, 3, 20)
TUESDAY = date(2026, 3, 24)
CALENDAR = definitions().calendars["BB"]


def test_a_statement_that_is_due_is_owed_until_it_is_filed() -> None:
    case = informed(TUESDAY)
    [owed] = obligations(case, world(TUESDAY), ["integration"])
    assert (owed.name, owed.until) == ("stellungnahme", date(2026, 4, 9))
    said = {"wortlaut": "Eine Rampe fehlt."}
    taken = act(
        "stellungnahme", TUESDAY, "integration", INTEGRATION, private=said, ergebnis="hinweise"
    )
    filed = after(case, taken)
    assert obligations(filed, world(TUESDAY), ["integration"]) == ()


def test_a_period_that_rests_is_still_owed_and_has_no_day() -> None:
    asked = act("rueckfrage", TUESDAY, "integration", INTEGRATION, private={"frage": "Warum?"})
    [owed] = obligations(after(informed(TUESDAY), asked), world(TUESDAY), ["integration"])
    assert owed.resting
    assert owed.urgency(TUESDAY) is Urgency.RESTING
    assert owed.until is None


def test_this_week_ends_on_sunday() -> None:
    [owed] = obligations(informed(TUESDAY), world(TUESDAY), ["integration"])
    assert owed.until is not None
    assert owed.urgency(owed.until) is Urgency.TODAY
    assert owed.urgency(owed.until + timedelta(days=1)) is Urgency.TODAY
    assert owed.urgency(owed.until - timedelta(days=3)) is Urgency.WEEK
    assert owed.urgency(owed.until - timedelta(days=4)) is Urgency.LATER


@given(MOVES)
@settings(max_examples=100, deadline=None)
def test_nothing_that_waits_for_an_office_is_left_out(moves: list[tuple[int, int, int]]) -> None:
    at = walk(moves)
    found = obligations(at.case, world_on(at.day), ["integration"])
    library = world_on(at.day).library
    if library.workflow(at.case.workflow).meaning(at.case.state).value == "final":
        assert found == ()
        return
    open_ = {d.key[:2] for d in at.case.deadlines if d.owner == "integration" and d.open}
    assert open_ == {(o.participation, o.name) for o in found if o.name}


def test_without_a_deputy_every_working_day_is_a_gap() -> None:
    absence = Absence("thiel", date(2026, 4, 2), date(2026, 4, 8))
    [gap] = gaps(roster(), CALENDAR, absence)
    assert gap.office.id == "behinderung"
    # Easter: neither Friday, 3 April, nor Monday, 6 April, is a working day.
    assert gap.days == (date(2026, 4, 2), date(2026, 4, 7), date(2026, 4, 8))
    assert gap.deputies == ()


def test_a_gap_is_where_the_deputy_is_away_as_well() -> None:
    away = Absence("berg", date(2026, 4, 14), date(2026, 4, 16))
    absence = Absence("yilmaz", date(2026, 4, 13), date(2026, 4, 24))
    [gap] = gaps(roster(away), CALENDAR, absence)
    assert gap.days == tuple(working_days(CALENDAR, away))
    assert gap.away == (away,)
    assert [p.uid for p in gap.deputies] == ["berg"]


def test_a_present_deputy_leaves_no_gap_and_may_not_leave_either() -> None:
    absence = Absence("yilmaz", date(2026, 4, 13), date(2026, 4, 24))
    assert gaps(roster(), CALENDAR, absence) == ()
    [gap] = gaps(roster(absence), CALENDAR, Absence("berg", FRIDAY, date(2026, 4, 14)))
    assert gap.days == (date(2026, 4, 13), date(2026, 4, 14))


@given(st.integers(0, 40), st.integers(0, 20), st.integers(0, 40), st.integers(0, 20))
def test_gaps_are_the_days_on_which_nobody_acts(a: int, b: int, c: int, d: int) -> None:
    first, second = FRIDAY + timedelta(days=a), FRIDAY + timedelta(days=c)
    mine = Absence("yilmaz", first, first + timedelta(days=b))
    hers = Absence("berg", second, second + timedelta(days=d))
    days = {day for gap in gaps(roster(hers), CALENDAR, mine) for day in gap.days}
    both = roster(hers, mine)
    span = [FRIDAY + timedelta(days=n) for n in range(70)]
    wanted = {
        day for day in span if CALENDAR.is_working_day(day) and not both.acting("integration", day)
    }
    assert days == wanted


def test_a_deputy_stands_in_for_the_holder_only_while_she_is_away() -> None:
    away = roster(Absence("yilmaz", TUESDAY, TUESDAY))
    [holder] = stands_in_for(away, "berg", "integration", TUESDAY)
    assert holder.uid == "yilmaz"
    assert stands_in_for(roster(), "berg", "integration", TUESDAY) == ()
    assert stands_in_for(roster(), "yilmaz", "integration", TUESDAY) == ()


@given(st.binary(min_size=32, max_size=32))
def test_a_code_has_eight_letters_that_cannot_be_mistaken(leaf: bytes) -> None:
    code = code_of(leaf)
    assert len(code) == 9
    assert not set(code) & set("ILOU")
    assert code == code_of(leaf[:5] + bytes(27))
