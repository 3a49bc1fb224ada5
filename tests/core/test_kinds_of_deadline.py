"""Each kind of deadline that the norms behind the rule packs know, by its number and name."""

from datetime import date, datetime
from typing import Any

import pytest

from engine.core.calendar import BERLIN, Calendar
from engine.core.case import Case, DeadlineStatus, FindingState
from engine.core.deadlines import (
    Period,
    Unit,
    agree,
    derive,
    extend,
    extend_to,
    fixed,
    pause,
    recompute,
    resume,
)
from engine.core.explanation import explain, sentence
from engine.core.meanings import Source
from engine.core.phrases import norm
from engine.core.planning import Stage, plan_backwards
from engine.errors import InputError, Refused, Text
from tests.core.saying import BB, CLEAR, NONE, NTH, PREVIOUS, STATUTORY, STUTTGART, counting
from tests.musterheide import (
    COUNTY,
    INTEGRATION,
    ONE_DAY,
    POINTS,
    act,
    after,
    informed,
    later,
    library,
    registered,
    state,
)

MONDAY, TUESDAY = date(2026, 3, 23), date(2026, 3, 24)


# 1. Forward from an event, and which event it is


@pytest.mark.parametrize(
    ("event", "words", "happened", "last_day"),
    [
        ("Zugang", "10 Arbeitstage", "2026-03-24", "2026-04-09"),
        ("Kenntnis", "1 Woche", "2026-03-24", "2026-03-31"),
        ("Unterrichtung", "5 Arbeitstage", "2026-03-24", "2026-03-31"),
        ("Beschluss", "3 Wochen", "2026-03-24", "2026-04-14"),
        ("Antrag", "1 Monat", "2026-03-24", "2026-04-24"),
        ("Entscheidung", "3 Tage", "2026-03-24", "2026-03-27"),
        ("Bekanntgabe", "6 Werktage", "2026-03-24", "2026-03-31"),
        ("Aufforderung", "1 halber Monat", "2026-03-24", "2026-04-08"),
    ],
)
def test_1_a_period_runs_from_the_event_that_its_norm_names(
    event: str, words: str, happened: str, last_day: str
) -> None:
    derived = derive(counting(words), date.fromisoformat(happened), STATUTORY)
    assert str(derived.last_day) == last_day
    told = sentence(explain(derived, STATUTORY, event=Text(event, event))).de
    assert told.startswith(f"Ereignis: {event} Di., 24.03.2026. § 187 Abs. 1 BGB: der Tag zählt")


def test_1_hours_run_from_the_minute() -> None:
    friday = datetime(2026, 3, 27, 16, 5, tzinfo=BERLIN)
    ends = derive(counting("24 Stunden"), friday, BB).ends_at.astimezone(BERLIN)
    assert ends == datetime(2026, 3, 28, 16, 5, tzinfo=BERLIN)


def test_1_sending_counts_as_receipt_only_after_the_days_of_fiction() -> None:
    """§ 41 II VwVfG since 2025: a letter of Tuesday before Easter is known on Easter Saturday."""
    sent = date(2026, 3, 31)
    known = derive(counting("4 Tage", roll=NONE), sent, BB).last_day
    assert known == date(2026, 4, 4)
    assert derive(counting("10 AT"), known, BB).last_day == date(2026, 4, 20)


# 2. Forward from the start of a day


def test_2_a_display_lasts_from_its_first_day() -> None:
    """§ 3 II 1 BauGB, GmS-OGB 2/71: the first day of display counts."""
    month = counting("1 Monat", at_least="30 Tage", day_start=True)
    shown = derive(month, date(2026, 6, 1), BB)
    assert shown.last_day == date(2026, 6, 30)
    assert "§ 187 Abs. 2 BGB: der Tag zählt mit" in sentence(explain(shown, BB)).de


# 3. Floors and ceilings


@pytest.mark.parametrize(
    ("event", "last_day", "binds"),
    [("2026-02-05", "2026-03-09", True), ("2026-07-01", "2026-08-03", False)],
)
def test_3_a_month_but_not_less_than_thirty_days(event: str, last_day: str, binds: bool) -> None:
    """§ 4 II BauGB."""
    asked = derive(counting("1 Monat", at_least="30 Tage"), date.fromisoformat(event), BB)
    assert str(asked.last_day) == last_day
    [floor] = [step for step in explain(asked, BB) if step.kind == "floor"]
    assert ("nicht maßgeblich" not in floor.text.de) is binds


def test_3_a_month_and_three_by_way_of_exception() -> None:
    """§ 32 I BGleiG: the exception never takes longer than its ceiling."""
    usual, exception = counting("1 Monat"), counting("6 Monate", at_most="3 Monate")
    initiative = date(2026, 1, 30)
    assert derive(usual, initiative, BB).last_day == date(2026, 3, 2)
    assert derive(exception, initiative, BB).last_day == date(2026, 4, 30)


# 4. Backward from a fixed event


@pytest.mark.parametrize(
    ("words", "how", "latest"),
    [
        pytest.param("7 Tage", CLEAR, "2026-05-17", id="clear days"),
        pytest.param("7 Tage", NTH, "2026-05-18", id="N-th day"),
        pytest.param("7 Arbeitstage", NTH, "2026-05-13", id="working days"),
        pytest.param("1 Woche", CLEAR, "2026-05-17", id="weeks"),
        pytest.param("1 Monat", NTH, "2026-04-25", id="months"),
    ],
)
def test_4_a_period_before_a_sitting_is_never_moved_towards_it(
    words: str, how: object, latest: str
) -> None:
    whit_monday = date(2026, 5, 25)
    rule = counting(words, backward=how)  # type: ignore[arg-type]
    assert str(derive(rule, whit_monday, BB).last_day) == latest
    moved = counting(words, backward=how, roll=PREVIOUS)  # type: ignore[arg-type]
    earlier = derive(moved, whit_monday, BB).last_day
    assert earlier <= date.fromisoformat(latest)
    assert not BB.is_closed_for_end(earlier)


def test_4_when_the_sitting_moves_the_period_before_it_is_counted_anew() -> None:
    case = registered(MONDAY).case
    moved = after(
        case,
        act(
            "sitzung_verlegen",
            MONDAY,
            "sitzungsdienst",
            gremium="Sozialausschuss",
            tag="2026-05-19",
        ),
    )
    days = [c.deadline(INTEGRATION, "information").last_day for c in (case, moved)]  # type: ignore[union-attr]
    assert days == [date(2026, 4, 8), date(2026, 4, 15)]


# 5. Qualitative gates, without a number


def late_information() -> Case:
    """Return a case whose commissioner was informed after the day that the plan gives."""
    day = date(2026, 4, 13)
    return after(
        later(registered(MONDAY).case, day),
        act("informieren", day, participation=INTEGRATION, gestaltbar="teilweise"),
    )


def judged(day: date, private: dict[str, Any]) -> Case:
    """Return that case after the legal office has judged the finding."""
    judging = act(
        "feststellung_bewerten",
        day,
        "rechtsamt",
        feststellung=1,
        bewertung="abweichung",
        private=private,
    )
    return after(late_information(), judging)


def test_5_in_good_time_is_no_number_of_days_but_judged_by_a_person_with_reasons() -> None:
    [finding] = late_information().findings
    assert (finding.kind, finding.state) == ("verspaetet_informiert", FindingState.OPEN)
    day = date(2026, 4, 14)
    with pytest.raises(InputError, match="gruende"):
        judged(day, private={})
    reasons = {"gruende": "Der Ausschuss konnte die Stellungnahme nicht mehr beraten."}
    [confirmed] = judged(day, private=reasons).findings
    assert confirmed.state is FindingState.CONFIRMED


def test_5_whether_it_is_still_open_to_shaping_is_said_by_a_person_not_counted() -> None:
    """§ 27 II BGleiG, § 41 IV KV M-V as the model of a definition."""
    step = library().for_form("anhoerung").steps["informieren"]
    [shaping] = [field for field in step.takes if field.name == "gestaltbar"]
    assert set(shaping.options) == {"offen", "teilweise", "fest"}


def test_5_the_threshold_of_the_house_is_shown_as_what_it_is() -> None:
    value = library().value("vorlagenschluss", MONDAY, COUNTY)
    assert value is not None
    assert value.source is Source.HOUSE
    assert "(Hauswert" in norm(value).de
    assert "(house value" in norm(value).en


# 6. Strict and soll


def test_6_a_strict_period_that_is_overrun_is_over() -> None:
    case = later(informed(TUESDAY), date(2026, 4, 10))
    assert state(case) == "abgelaufen"


def test_6_a_soll_period_that_is_overrun_is_only_told_of() -> None:
    """Like § 23 I LGG BB and § 33 III BGleiG: the weighing remains owed, and nothing is lost."""
    day = date(2026, 4, 7)
    weighing = after(
        informed(TUESDAY),
        act(
            "stellungnahme",
            day,
            "integration",
            INTEGRATION,
            private={"wortlaut": "Der Zugang fehlt.", "punkte": POINTS},
            ergebnis="bedenken",
        ),
    )
    due = weighing.deadline(INTEGRATION, "wuerdigung")
    assert due is not None
    overrun = later(weighing, due.last_day + 3 * ONE_DAY)
    answers = [{"number": n, "response": "followed"} for n in (1, 2)]
    weighed = after(
        overrun,
        act(
            "wuerdigen",
            due.last_day + 3 * ONE_DAY,
            participation=INTEGRATION,
            private={"wuerdigung": answers},
        ),
    )
    late = weighed.deadline(INTEGRATION, "wuerdigung")
    assert late is not None
    assert (state(overrun), state(weighed)) == ("stellungnahme_liegt_vor", "gewuerdigt")
    assert late.status is DeadlineStatus.LAPSED


# 7. Urgent and agreed variants


def test_7_the_urgent_period_needs_its_reason() -> None:
    plain = act("informieren", MONDAY, participation=INTEGRATION, dringend=True)
    with pytest.raises(Refused, match="eilgrund"):
        after(registered(MONDAY).case, plain)
    urgent = act(
        "informieren",
        MONDAY,
        participation=INTEGRATION,
        dringend=True,
        private={"eilgrund": "Fördermittelfrist"},
    )
    case = after(
        registered(MONDAY).case, urgent, act("eingang", MONDAY, "integration", INTEGRATION)
    )
    deadline = case.deadline(INTEGRATION, "stellungnahme")
    assert deadline is not None
    assert deadline.last_day == date(2026, 3, 26)


@pytest.mark.parametrize("agreed", ["2026-03-31", "2026-04-20"], ids=["earlier", "later"])
def test_7_a_day_agreed_with_the_commissioner_stands_as_agreed(agreed: str) -> None:
    """§ 32 II BGleiG, § 70 III BPersVG: by agreement, earlier or later, and on record."""
    running = derive(counting("10 Arbeitstage"), TUESDAY, BB)
    day = date.fromisoformat(agreed)
    now = agree(running, day, MONDAY + 3 * ONE_DAY, "Absprache vom 26.03.2026")
    assert now.last_day == day
    assert recompute(now, BB) == now
    told = sentence(explain(now, BB))
    assert "Am Do., 26.03.2026 vereinbart: " in told.de
    assert "(Absprache vom 26.03.2026); dieser Tag gilt wie genannt" in told.de
    assert "Agreed on Thu 26 Mar 2026: " in told.en


@pytest.mark.parametrize(
    ("until", "on", "why"),
    [
        pytest.param("2026-03-25", "2026-03-26", "not over", id="a day that is over"),
        pytest.param("2026-04-20", "2026-04-10", "while it runs", id="a period that is over"),
        pytest.param("2026-03-23", "2026-03-20", "only begins", id="a day before its event"),
    ],
)
def test_7_what_lies_outside_of_it_is_not_agreed_on(until: str, on: str, why: str) -> None:
    running = derive(counting("10 Arbeitstage"), TUESDAY, STATUTORY)
    assert running.last_day == date(2026, 4, 9)
    with pytest.raises(InputError, match=why):
        agree(running, date.fromisoformat(until), date.fromisoformat(on))


def test_7_what_comes_after_a_day_to_come_may_be_agreed_on_before_it() -> None:
    coming = derive(counting("10 Arbeitstage"), TUESDAY, BB)
    now = agree(coming, TUESDAY, MONDAY - ONE_DAY)
    assert now.last_day == TUESDAY
    with pytest.raises(InputError, match=r"to 24\.03\.2026"):
        pause(now, MONDAY)


def test_7_a_day_before_a_sitting_is_not_agreed_on() -> None:
    before = derive(counting("7 Tage", backward=CLEAR), date(2026, 5, 12), BB)
    with pytest.raises(InputError, match="Move that day"):
        agree(before, date(2026, 5, 8), date(2026, 4, 1))


# 8. Chained stages


def test_8_each_stage_starts_from_its_own_event_not_from_the_end_of_the_one_before() -> None:
    """§§ 32, 33 BGleiG: told, demand, reasons, objection, decision."""
    stages = [
        ("told not followed, demand within 1 AT", "1 AT", "2026-04-02", "2026-04-07"),
        ("demand received, reasons within 15 AT", "15 AT", "2026-04-02", "2026-04-27"),
        ("reasons received early, objection", "1 Woche", "2026-04-10", "2026-04-17"),
        ("objection received, decision", "1 Monat", "2026-04-13", "2026-05-13"),
        ("no success, court", "1 Monat", "2026-05-01", "2026-06-01"),
    ]
    for name, words, event, last_day in stages:
        derived = derive(counting(words), date.fromisoformat(event), STATUTORY)
        assert str(derived.last_day) == last_day, name


# 9. Extensions


def test_9_a_period_is_extended_by_a_period_from_its_shifted_end() -> None:
    running = derive(counting("1 Woche"), date(2026, 3, 30), BB)
    longer = extend(running, Period(1, Unit.WEEK), date(2026, 4, 2), BB)
    assert (running.last_day, longer.last_day) == (date(2026, 4, 7), date(2026, 4, 14))


def test_9_and_to_a_named_day_and_after_its_end() -> None:
    running = derive(counting("1 Woche"), date(2026, 3, 30), BB)
    named = extend_to(running, date(2026, 4, 19), date(2026, 4, 2))
    late = extend_to(running, date(2026, 4, 19), date(2026, 4, 9))
    assert (named.last_day, late.last_day) == (date(2026, 4, 19), date(2026, 4, 19))
    assert [named.changes[0].retroactive, late.changes[0].retroactive] == [False, True]


# 10. Termine


def test_10_a_termin_stands_on_a_holiday_and_on_every_calendar() -> None:
    """§ 31 V VwVfG."""
    good_friday = fixed(date(2026, 4, 3))
    for calendar in (BB, STUTTGART):
        assert recompute(good_friday, calendar) == good_friday
    assert "Termin: Fr., 03.04.2026 (§ 31 Abs. 5 VwVfG)" in sentence(explain(good_friday, BB)).de


def test_10_an_end_named_with_reference_to_the_rule_stands_too() -> None:
    """§ 31 III 2 VwVfG."""
    told = derive(counting("2 Wochen", roll=NONE), date(2026, 3, 20), BB)
    assert told.last_day == date(2026, 4, 3)


# 11. Suspension clocks


def test_11_a_suspension_of_a_week_lengthens_no_other_period() -> None:
    """§ 178 IV 3 SGB IX, § 42 III BPersVG."""
    voting = derive(counting("10 AT"), date(2026, 3, 9), BB)
    suspended = derive(counting("1 Woche", roll=NONE), date(2026, 3, 11), BB)
    assert suspended.last_day == date(2026, 3, 18)
    assert recompute(voting, BB).last_day == voting.last_day == date(2026, 3, 23)


def test_11_an_open_ended_rest_has_no_end_until_the_new_decision() -> None:
    """§ 23 I LGG BB: at rest until it is decided anew, however long that takes."""
    running = derive(counting("10 AT"), TUESDAY, BB)
    resting = pause(running, date(2026, 3, 30), "widerspruch")
    assert resting.paused_on == date(2026, 3, 30)
    assert "Die Frist ruht" in sentence(explain(resting, BB)).de
    assert resume(resting, date(2026, 6, 1), BB).last_day == date(2026, 6, 9)


# 12. Calendars by place and date


def test_12_the_holidays_of_the_place_decide() -> None:
    fortnight = counting("2 Wochen")
    corpus_christi = date(2026, 5, 21)
    ends = [derive(fortnight, corpus_christi, place).last_day for place in (BB, STUTTGART)]
    assert ends == [date(2026, 6, 4), date(2026, 6, 5)]


def test_12_a_holiday_for_a_part_of_the_land_counts_only_there() -> None:
    """§ 2 III FTG BB: once, by ordinance, for one place."""
    feast = date(2026, 9, 14)
    town = Calendar(
        "Musterstadt", 1991, 2040, {**STATUTORY.holidays, feast: "Stadtjubiläum"}, digest="once"
    )
    week = counting("1 Woche")
    assert derive(week, date(2026, 9, 7), town).last_day == date(2026, 9, 15)
    assert derive(week, date(2026, 9, 7), STATUTORY).last_day == feast
    assert derive(week, date(2027, 9, 7), town).last_day == date(2027, 9, 14)


def test_12_what_a_working_day_is_depends_on_the_unit_that_the_pack_names() -> None:
    thursday = date(2026, 5, 7)
    ends = {u: derive(counting(f"2 {u}"), thursday, BB).last_day for u in ("AT", "Werktage")}
    assert ends == {"AT": date(2026, 5, 11), "Werktage": date(2026, 5, 11)}
    unmoved = derive(counting("2 Werktage", roll=NONE), thursday, BB)
    assert unmoved.last_day == date(2026, 5, 9)


# All kinds together, backwards


def test_a_plan_takes_legs_of_every_kind_and_still_meets_the_sitting() -> None:
    legs = [
        Stage("vorlagenschluss", counting("7 AT", backward=NTH), "Hauswert", Text("a", "a")),
        Stage("wuerdigung", counting("5 AT"), "Hauswert", Text("b", "b")),
        Stage("auslegung", counting("1 Monat", at_least="30 Tage", day_start=True), "§ 3", Text("c", "c")),
        Stage("zugang", counting("4 Tage", roll=NONE), "§ 41", Text("d", "d")),
    ]  # fmt: skip
    points = plan_backwards(date(2026, 6, 11), legs, BB).points
    assert [str(point.day) for point in points] == [
        "2026-06-11",
        "2026-06-02",
        "2026-05-26",
        "2026-04-27",
        "2026-04-23",
    ]
