"""The law of deadlines: published cases with their norm, and what holds for all of them.

Ids such as FR-8 are those of the rule pack `de-fristen`. The same law is counted once more, day
by day, in `test_reference.py`; cases that courts decided are in `test_published_deadlines.py`.
"""

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from engine.core.calendar import BERLIN, Calendar, end_of
from engine.core.deadlines import (
    Backward,
    ChangeKind,
    Counting,
    Derivation,
    Period,
    Roll,
    Unit,
    agree,
    as_plain,
    derive,
    extend,
    extend_to,
    fixed,
    from_plain,
    pause,
    recompute,
    resume,
)
from engine.core.explanation import explain, sentence
from engine.errors import InputError, Text
from tests.core.saying import BB, CLEAR, NONE, NTH, PREVIOUS, counting

MONTH_OR_30_DAYS = counting("1 Monat", at_least="30 Tage")
TABLE = [
    ("FR-1 § 187 I BGB", counting("42 Tage"), "2026-03-24", "2026-05-05"),
    ("FR-2 § 187 II BGB days", counting("7 Tage", day_start=True), "2026-03-03", "2026-03-09"),
    ("FR-3 § 188 I BGB", counting("3 days"), "2026-03-02", "2026-03-05"),
    ("FR-4 § 188 II BGB week", counting("1 Woche"), "2026-03-04", "2026-03-11"),
    ("FR-4 § 188 II BGB month", counting("1 Monat"), "2026-03-16", "2026-04-16"),
    ("FR-4 § 187 II week", counting("1 Woche", day_start=True), "2026-03-03", "2026-03-09"),
    ("FR-4 § 187 II month", counting("1 Monat", day_start=True), "2026-03-01", "2026-03-31"),
    ("FR-4 § 187 II year", counting("1 Jahr", day_start=True), "2025-01-01", "2025-12-31"),
    ("FR-5 § 188 III BGB", counting("1 Monat"), "2025-01-31", "2025-02-28"),
    ("FR-5 § 188 III BGB leap year", counting("1 Monat"), "2024-01-31", "2024-02-29"),
    ("FR-5 § 188 III with 187 II", counting("1 Monat", day_start=True), "2025-01-31", "2025-02-28"),
    ("FR-6 § 189 I BGB half month", counting("1 halber Monat"), "2026-04-01", "2026-04-16"),
    (
        "FR-6 § 189 II BGB 15 days last",
        counting("3 halbe Monate", roll=NONE),
        "2025-01-31",
        "2025-03-15",
    ),
    ("FR-6 § 189 I BGB Vierteljahr", counting("1 Vierteljahr"), "2025-05-31", "2025-09-01"),
    ("FR-8 § 193 BGB Easter", counting("1 week"), "2026-03-30", "2026-04-07"),
    ("FR-8 § 193 BGB Good Friday", counting("2 weeks"), "2026-03-20", "2026-04-07"),
    ("FR-8 § 193 BGB Sunday", counting("1 Monat"), "2026-01-15", "2026-02-16"),
    ("FR-8 § 31 III VwVfG 31 Oct 2026", counting("1 Monat"), "2026-09-30", "2026-10-30"),
    ("FR-8 31 Oct is a holiday", counting("2 Wochen"), "2024-10-17", "2024-11-01"),
    ("FR-10 no shift where told", counting("1 week", roll=NONE), "2026-03-30", "2026-04-06"),
    ("FR-16 the second period", counting("2 weeks"), "2026-03-30", "2026-04-13"),
    ("FR-17 Arbeitstage over Easter", counting("10 Arbeitstage"), "2026-03-24", "2026-04-09"),
    ("FR-17 closure is no Arbeitstag", counting("2 Arbeitstage"), "2026-12-22", "2026-12-28"),
    ("FR-17 but moves no end", counting("10 Tage"), "2026-12-14", "2026-12-24"),
    ("FR-18 Werktage", counting("6 Werktage"), "2026-03-31", "2026-04-09"),
    ("FR-18 ending on Saturday, rolled", counting("3 Werktage"), "2026-03-31", "2026-04-07"),
    ("FR-18 or not", counting("3 Werktage", roll=NONE), "2026-03-31", "2026-04-04"),
    ("BauGB § 4 II short month", MONTH_OR_30_DAYS, "2025-01-31", "2025-03-03"),
    ("BauGB § 4 II long month", MONTH_OR_30_DAYS, "2025-07-01", "2025-08-01"),
    ("ceiling", counting("10 AT", at_most="2 Wochen"), "2026-03-24", "2026-04-07"),
    ("floor wins", counting("9 d", at_most="3 d", at_least="4 d"), "2026-03-05", "2026-03-09"),
    ("LGG § 23 I one week", counting("1 Woche"), "2026-05-18", "2026-05-26"),
    ("LGG § 23 II three days", counting("3 Tage"), "2026-04-02", "2026-04-07"),
    ("BGleiG § 32 III next AT", counting("1 AT"), "2026-04-02", "2026-04-07"),
    ("BGleiG § 32 III 15 AT", counting("15 AT"), "2026-05-04", "2026-05-27"),
    ("BbgKVerf § 55 three weeks", counting("3 Wochen"), "2026-02-12", "2026-03-05"),
    ("BbgKVerf § 34 I 30th day", counting("30 Tage", roll=NONE), "2024-06-09", "2024-07-09"),
    ("ZG-5 fiction day stays", counting("4 Tage", roll=NONE), "2026-03-03", "2026-03-07"),
    ("§ 123 I, § 121 VII AktG", counting("30 Tage", backward=CLEAR), "2026-06-16", "2026-05-16"),
    (
        "FR-19 before, if a pack says so",
        counting("30 Tage", backward=CLEAR, roll=PREVIOUS),
        "2026-06-16",
        "2026-05-15",
    ),
    ("FR-20 clear days", counting("7 Tage", backward=CLEAR), "2026-05-12", "2026-05-04"),
    ("FR-20 N-th day", counting("7 Tage", backward=NTH), "2026-05-12", "2026-05-05"),
    ("FR-20 clear AT", counting("6 AT", backward=CLEAR), "2026-05-12", "2026-05-03"),
    ("FR-20 N-th AT", counting("7 AT", backward=NTH), "2026-05-12", "2026-04-30"),
    ("FR-20 Werktage", counting("3 Werktage", backward=NTH), "2026-05-11", "2026-05-07"),
    ("FR-20 clear weeks", counting("1 Woche", backward=CLEAR), "2026-05-12", "2026-05-04"),
    ("LBB-GO § 1 III month", counting("1 Monat", backward=NTH), "2026-05-12", "2026-04-12"),
    ("FR-21 missing day", counting("1 Monat", backward=NTH), "2026-03-30", "2026-02-28"),
    ("FR-21 and clear", counting("1 Monat", backward=CLEAR), "2026-03-30", "2026-02-27"),
    (
        "backward floor is the earlier day",
        counting("1 Monat", at_least="30 Tage", backward=NTH),
        "2026-03-30",
        "2026-02-28",
    ),
]


@pytest.mark.parametrize(
    ("rule", "trigger", "last_day"), [case[1:] for case in TABLE], ids=[case[0] for case in TABLE]
)
def test_the_last_day_is_the_one_the_law_gives(rule: Counting, trigger: str, last_day: str) -> None:
    derived = derive(rule, date.fromisoformat(trigger), BB)
    assert derived.last_day == date.fromisoformat(last_day)
    assert derived.ends_at == end_of(derived.last_day)


@pytest.mark.parametrize(
    ("last_day", "ends_at"),
    [
        pytest.param(date(2026, 3, 29), datetime(2026, 3, 29, 22, tzinfo=UTC), id="FR-22 23 h"),
        pytest.param(date(2026, 10, 25), datetime(2026, 10, 25, 23, tzinfo=UTC), id="FR-22 25 h"),
    ],
)
def test_days_on_which_the_clocks_change_end_at_local_midnight(
    last_day: date, ends_at: datetime
) -> None:
    derived = derive(counting("1 day", roll=NONE), last_day - timedelta(1), BB)
    assert (derived.last_day, derived.ends_at) == (last_day, ends_at)


@pytest.mark.parametrize(
    ("trigger", "hours", "ends_at"),
    [
        pytest.param("2026-04-02T16:00+02:00", 24, "2026-04-03T16:00+02:00", id="FR-12 holiday"),
        pytest.param("2026-03-28T12:00+01:00", 24, "2026-03-29T13:00+02:00", id="FR-22 spring"),
        pytest.param("2026-10-24T12:00+02:00", 48, "2026-10-26T11:00+01:00", id="FR-22 autumn"),
    ],
)
def test_hours_run_as_time_elapses(trigger: str, hours: int, ends_at: str) -> None:
    derived = derive(counting(f"{hours} h"), datetime.fromisoformat(trigger), BB)
    assert derived.ends_at == datetime.fromisoformat(ends_at)
    assert derived.last_day == datetime.fromisoformat(ends_at).date()


def test_hours_that_end_at_midnight_belong_to_the_day_before() -> None:
    derived = derive(counting("24 h"), datetime(2026, 3, 2, 0, 0, tzinfo=BERLIN), BB)
    assert derived.last_day == date(2026, 3, 2)


def test_hours_may_be_bounded_by_a_working_day() -> None:
    rule = counting("24 h", at_least="1 AT")
    friday = datetime(2026, 3, 27, 11, 20, tzinfo=BERLIN)
    assert derive(rule, friday, BB).ends_at == end_of(date(2026, 3, 30))
    assert derive(counting("1 AT", at_most="24 h"), friday, BB).last_day == date(2026, 3, 28)


def test_an_instant_counts_for_the_local_day_it_lies_in() -> None:
    late = datetime(2026, 3, 24, 23, 30, tzinfo=UTC)
    assert derive(counting("1 day"), late, BB).last_day == date(2026, 3, 26)


def test_hours_from_a_mere_day_are_refused() -> None:
    with pytest.raises(InputError, match="names only the day"):
        derive(counting("24 h"), date(2026, 3, 24), BB)


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"backward": NTH, "roll": Roll.NEXT}, "never moved towards its event"),
        ({"backward": NTH, "day_start": True}, "only for days"),
        ({"words": "5 h", "day_start": True}, "only for days"),
        ({"words": "5 h", "backward": CLEAR}, "Hours are only counted forwards"),
    ],
)
def test_what_no_rule_can_mean_is_refused(said: dict[str, object], why: str) -> None:
    with pytest.raises(InputError, match=why):
        counting(**{"words": "1 Woche", **said})  # type: ignore[arg-type]


def test_the_years_of_the_calendar_are_the_limit() -> None:
    for rule, trigger in [
        (counting("1 week"), date(2040, 12, 28)),
        (counting("1 week", roll=NONE), date(2040, 12, 28)),
        (counting("10 AT"), date(2040, 12, 20)),
        (counting("1 week", backward=NTH), date(1991, 1, 3)),
        (counting("9999 months"), date(2026, 1, 3)),
        (counting("1 week"), date(1990, 12, 3)),
    ]:
        with pytest.raises(InputError, match="BB knows only the years 1991 to 2040"):
            derive(rule, trigger, BB)


@pytest.mark.parametrize(
    ("words", "period"),
    [
        ("10 Arbeitstage", Period(10, Unit.WORKING_DAY)),
        ("zehn Arbeitstagen", Period(10, Unit.WORKING_DAY)),
        ("10AT", Period(10, Unit.WORKING_DAY)),
        ("10 working days", Period(10, Unit.WORKING_DAY)),
        ("einem Monat", Period(1, Unit.MONTH)),
        ("1 Vierteljahr", Period(3, Unit.MONTH)),
        ("ein halbes Jahr", Period(6, Unit.MONTH)),
        ("1 halber Monat", Period(1, Unit.HALF_MONTH)),
        ("1 half month", Period(1, Unit.HALF_MONTH)),
        ("half_months 2", None),
        ("24h", Period(24, Unit.HOUR)),
        ("sechs Werktage", Period(6, Unit.WERKTAG)),
        ("a week", Period(1, Unit.WEEK)),
        ("0 days", None),
        ("-1 days", None),
        ("10000 days", None),
        ("1/2 month", None),
        ("week", None),
    ],
)
def test_periods_are_read_as_people_write_them(words: str, period: Period | None) -> None:
    if period is not None:
        assert Period.parse(words) == period
        return
    with pytest.raises(InputError):
        Period.parse(words)


def test_a_mistyped_unit_is_told_the_nearest_one() -> None:
    with pytest.raises(InputError, match=r"Did you mean 'Arbeitstage'\?") as refused:
        Period.parse("10 Arbeitstge")
    assert "Meinten Sie „Arbeitstage“?" in refused.value.text.de
    assert "Wochen, Monate, halbe Monate" in refused.value.text.de


@given(st.integers(1, 9999), st.sampled_from(Unit))
def test_a_period_said_is_the_period_read(count: int, unit: Unit) -> None:
    period = Period(count, unit)
    assert Period.parse(period.text.de) == Period.parse(period.text.en) == period


def test_an_extension_begins_at_the_shifted_end() -> None:
    """FR-15, § 190 BGB: BGH 14.12.2005 - IX ZB 198/04."""
    served = derive(counting("2 Monate"), date(2004, 3, 29), BB)
    assert served.last_day == date(2004, 6, 1)
    longer = extend(served, Period(1, Unit.MONTH), date(2004, 5, 27), BB)
    assert longer.last_day == date(2004, 7, 1)
    assert not longer.changes[0].retroactive


def test_an_extension_to_a_named_day_does_not_roll() -> None:
    """FR-10, FR-15: BGH 15.8.2007."""
    longer = extend_to(EASTER, date(2026, 5, 2), date(2026, 4, 1), "absprache")
    assert longer.last_day == date(2026, 5, 2)
    with pytest.raises(InputError, match=r"already runs until 02\.05\.2026"):
        extend_to(longer, date(2026, 5, 1), date(2026, 4, 1))


def test_an_extension_after_the_end_is_marked() -> None:
    """FR-13, § 31 VII VwVfG."""
    late = extend(EASTER, Period(1, Unit.WEEK), date(2026, 4, 8), BB)
    assert late.changes[0].retroactive
    assert late.last_day == date(2026, 4, 14)
    assert extend_to(EASTER, date(2026, 4, 20), date(2026, 4, 8)).changes[0].retroactive
    assert not extend_to(EASTER, date(2026, 4, 20), EASTER.last_day).changes[0].retroactive


def test_hours_are_extended_by_hours() -> None:
    derived = derive(counting("24 h"), datetime(2026, 3, 28, 12, tzinfo=BERLIN), BB)
    longer = extend(derived, Period(12, Unit.HOUR), date(2026, 3, 28), BB)
    assert longer.ends_at - derived.ends_at == timedelta(hours=12)
    assert longer.last_day == date(2026, 3, 30)


def test_a_termin_stands_even_on_a_holiday() -> None:
    """FR-11, § 31 V VwVfG."""
    termin = fixed(date(2026, 5, 1))
    assert termin.last_day == date(2026, 5, 1)
    assert recompute(termin, BB) == termin


def test_a_suspension_extends_no_other_deadline() -> None:
    """§ 178 IV SGB IX, § 42 BPersVG: a clock of its own, from its own event."""
    vote = derive(counting("10 AT"), date(2026, 3, 2), BB)
    suspension = derive(counting("1 Woche"), date(2026, 3, 4), BB)
    assert suspension.last_day == date(2026, 3, 11)
    assert recompute(vote, BB) == vote


EASTER = derive(counting("1 Woche"), date(2026, 3, 30), BB)
BEFORE_SESSION = derive(counting("7 Tage", backward=CLEAR), date(2026, 5, 12), BB)
ON_DISPLAY = derive(counting("7 Tage", day_start=True), date(2026, 3, 3), BB)
TEN_WORKING_DAYS = derive(counting("10 AT"), date(2026, 3, 24), BB)


@pytest.mark.parametrize(
    ("running", "paused", "resumed", "last_day"),
    [
        pytest.param(EASTER, "2026-04-01", "2026-04-03", "2026-04-09", id="two calendar days"),
        pytest.param(EASTER, "2026-04-01", "2026-04-05", "2026-04-13", id="and rolls"),
        pytest.param(EASTER, "2026-03-30", "2026-03-31", "2026-04-07", id="the event's own day"),
        pytest.param(
            ON_DISPLAY, "2026-03-03", "2026-03-04", "2026-03-10", id="a first day counted"
        ),
        pytest.param(TEN_WORKING_DAYS, "2026-04-01", "2026-04-07", "2026-04-13", id="2 AT"),
        pytest.param(
            TEN_WORKING_DAYS, "2026-03-27", "2026-03-31", "2026-04-13", id="2 AT, weekend"
        ),
        pytest.param(TEN_WORKING_DAYS, "2026-04-03", "2026-04-07", "2026-04-09", id="no AT lost"),
        pytest.param(TEN_WORKING_DAYS, "2026-04-09", "2026-05-04", "2026-05-04", id="the last day"),
        pytest.param(
            fixed(date(2026, 5, 2)), "2026-04-30", "2026-05-01", "2026-05-03", id="Termin"
        ),
    ],
)
def test_days_at_rest_do_not_count(
    running: Derivation, paused: str, resumed: str, last_day: str
) -> None:
    resting = pause(running, date.fromisoformat(paused), "rueckfrage")
    assert resting.paused_on == date.fromisoformat(paused)
    assert resting.last_day == running.last_day
    again = resume(resting, date.fromisoformat(resumed), BB)
    assert again.paused_on is None
    assert again.last_day == date.fromisoformat(last_day)


def test_hours_rest_to_the_minute() -> None:
    begun = datetime(2026, 3, 28, 12, tzinfo=BERLIN)
    resting = pause(derive(counting("24 h"), begun, BB), begun + timedelta(hours=2))
    again = resume(resting, datetime(2026, 3, 29, 14, tzinfo=BERLIN), BB)
    assert again.ends_at - datetime(2026, 3, 29, 14, tzinfo=BERLIN) == timedelta(hours=22)
    with pytest.raises(InputError, match="names only the day"):
        resume(resting, date(2026, 3, 29), BB)


@pytest.mark.parametrize(
    ("attempt", "why"),
    [
        (lambda: pause(pause(EASTER, date(2026, 4, 1)), date(2026, 4, 2)), "already at rest"),
        (lambda: pause(EASTER, date(2026, 3, 29)), "from 30.03.2026 to 07.04.2026"),
        (lambda: pause(EASTER, date(2026, 4, 8)), "does not run on 08.04.2026"),
        (lambda: resume(EASTER, date(2026, 4, 2), BB), "is not at rest"),
        (
            lambda: resume(pause(EASTER, date(2026, 4, 2)), date(2026, 4, 1), BB),
            "cannot run on from 01.04.2026",
        ),
        (lambda: pause(BEFORE_SESSION, date(2026, 5, 4)), "cannot rest"),
        (
            lambda: extend(BEFORE_SESSION, Period(1, Unit.DAY), date(2026, 5, 4), BB),
            "name a day",
        ),
    ],
)
def test_what_cannot_happen_to_a_deadline_is_refused(attempt: object, why: str) -> None:
    assert callable(attempt)
    with pytest.raises(InputError, match=why):
        attempt()


def test_a_changed_calendar_counts_all_again() -> None:
    closed = Calendar(
        "BB", 1991, 2040, BB.holidays, {**BB.closures, date(2026, 4, 8): "Umzug"}, "with move"
    )
    resting = pause(TEN_WORKING_DAYS, date(2026, 4, 1))
    assert recompute(TEN_WORKING_DAYS, closed).last_day == date(2026, 4, 10)
    again = resume(resting, date(2026, 4, 7), closed)
    assert again.last_day == date(2026, 4, 14)
    assert (again.calendar_digest, recompute(again, closed)) == ("with move", again)
    with pytest.raises(InputError, match="does not lead to this deadline"):
        explain(TEN_WORKING_DAYS, closed)


def test_the_reckoning_reads_as_the_legal_office_needs_it() -> None:
    received = datetime(2026, 3, 24, 11, 20, tzinfo=BERLIN)
    steps = explain(
        derive(counting("10 Arbeitstage"), received, BB),
        BB,
        norms={"period": "§ 4 Dienstanweisung vom 01.02.2026"},
        event=Text("Eingang", "receipt"),
    )
    assert sentence(steps).de == (
        "Ereignis: Eingang Di., 24.03.2026, 11:20 Uhr. § 187 Abs. 1 BGB: der Tag zählt nicht "
        "mit. Frist: 10 Arbeitstage (§ 4 Dienstanweisung vom 01.02.2026). Nicht gezählt: "
        "28./29.03. Wochenende; 03.04. Karfreitag; 04./05.04. Wochenende (05.04. Ostersonntag, "
        "in Brandenburg Feiertag); 06.04. Ostermontag. Ende: Do., 09.04.2026, 24 Uhr."
    )
    assert sentence(steps).en.endswith(
        "Not counted: 28/29 Mar weekend; 3 Apr Karfreitag (public holiday); 4/5 Apr weekend "
        "(5 Apr Ostersonntag, a public holiday in Brandenburg); 6 Apr Ostermontag (public "
        "holiday). End: Thu 9 Apr 2026, midnight at its end."
    )


@pytest.mark.parametrize(
    ("derivation", "says"),
    [
        pytest.param(
            EASTER,
            "§ 193 BGB: statt Mo., 06.04.2026 gilt Di., 07.04.2026: 06.04. Ostermontag.",
            id="§ 193 BGB",
        ),
        pytest.param(
            derive(counting("1 Monat"), date(2025, 1, 31), BB),
            "§ 188 Abs. 3 BGB: den 31. gibt es in diesem Monat nicht, es gilt sein letzter Tag, "
            "Fr., 28.02.2025.",
            id="§ 188 III BGB",
        ),
        pytest.param(
            derive(counting("1 Monat", day_start=True), date(2026, 3, 1), BB),
            "§ 187 Abs. 2 BGB: der Tag zählt mit.",
            id="§ 187 II BGB",
        ),
        pytest.param(
            derive(counting("1 halber Monat"), date(2026, 4, 1), BB),
            "§ 189 BGB: ein halber Monat sind 15 Tage",
            id="§ 189 BGB",
        ),
        pytest.param(
            derive(MONTH_OR_30_DAYS, date(2025, 1, 31), BB),
            "Mindestens 30 Tage: So., 02.03.2025, maßgeblich. § 193 BGB: statt So., 02.03.2025",
            id="floor that decides",
        ),
        pytest.param(
            derive(MONTH_OR_30_DAYS, date(2025, 7, 1), BB),
            "Mindestens 30 Tage: Do., 31.07.2025, nicht maßgeblich.",
            id="floor that does not",
        ),
        pytest.param(
            derive(counting("24 h"), datetime(2026, 4, 2, 16, tzinfo=BERLIN), BB),
            "§ 31 Abs. 6 VwVfG: Nächte, Sonntage, Feiertage und Sonnabende zählen mit. Ende: "
            "Fr., 03.04.2026, 16:00 Uhr.",
            id="§ 31 VI VwVfG",
        ),
        pytest.param(
            derive(counting("30 Tage", backward=CLEAR), date(2026, 6, 16), BB),
            "(Vorbild § 121 Abs. 7 AktG). Sa., 16.05.2026 liegt am Wochenende oder auf einem "
            "Feiertag und verschiebt sich nicht. Spätester Tag: Sa., 16.05.2026.",
            id="§ 121 VII AktG",
        ),
        pytest.param(
            derive(counting("30 Tage", backward=CLEAR, roll=PREVIOUS), date(2026, 6, 16), BB),
            "Statt Sa., 16.05.2026 gilt Fr., 15.05.2026: 16.05. Wochenende.",
            id="rolled back",
        ),
        pytest.param(
            derive(counting("3 Werktage"), date(2026, 12, 24), BB),
            "Nicht gezählt: 25.12. Erster Weihnachtstag; 26.12. Zweiter Weihnachtstag; 27.12. "
            "Sonntag.",
            id="FR-18 Werktage",
        ),
        pytest.param(
            derive(counting("2 AT"), date(2026, 12, 30), BB),
            "Nicht gezählt: 31.12. Betriebsruhe (geschlossen); 01.01. Neujahr; 02./03.01. "
            "Wochenende.",
            id="closure",
        ),
        pytest.param(
            extend(EASTER, Period(1, Unit.MONTH), date(2026, 4, 8), BB, "absprache"),
            "Am Mi., 08.04.2026 verlängert, vom bisherigen Ende Di., 07.04.2026, 24 Uhr an: "
            "1 Monat (absprache) (§ 190 BGB). Die Verlängerung kam nach dem Ablauf und wirkt "
            "zurück (§ 31 Abs. 7 VwVfG). Ende: Do., 07.05.2026, 24 Uhr.",
            id="§ 190 BGB, § 31 VII VwVfG",
        ),
        pytest.param(
            extend_to(EASTER, date(2026, 5, 2), date(2026, 4, 1)),
            "Am Mi., 01.04.2026 verlängert auf Sa., 02.05.2026; dieser Tag gilt wie genannt.",
            id="named day",
        ),
        pytest.param(
            pause(EASTER, date(2026, 4, 1), "rueckfrage"),
            "Ruht ab Mi., 01.04.2026 (rueckfrage). Die Frist ruht; liefe sie weiter, wäre das "
            "Ende Di., 07.04.2026, 24 Uhr.",
            id="at rest",
        ),
        pytest.param(
            resume(pause(TEN_WORKING_DAYS, date(2026, 4, 1)), date(2026, 4, 7), BB),
            "Läuft weiter ab Di., 07.04.2026; nicht gezählt: 2 Arbeitstage. Nicht gezählt: "
            "11./12.04. Wochenende. Ende: Mo., 13.04.2026, 24 Uhr.",
            id="runs on",
        ),
        pytest.param(
            resume(pause(EASTER, date(2026, 4, 1)), date(2026, 4, 5), BB),
            "nicht gezählt: 4 Tage. § 193 BGB: statt Sa., 11.04.2026 gilt Mo., 13.04.2026: "
            "11./12.04. Wochenende. Ende: Mo., 13.04.2026, 24 Uhr.",
            id="runs on and rolls",
        ),
        pytest.param(
            fixed(date(2026, 5, 2)), "Termin: Sa., 02.05.2026 (§ 31 Abs. 5 VwVfG).", id="§ 31 V"
        ),
    ],
)
def test_each_step_is_told_with_its_norm(derivation: Derivation, says: str) -> None:
    assert says in sentence(explain(derivation, BB)).de


# --- What holds for every period ---------------------------------------------------------

DAYS = st.dates(date(2000, 1, 1), date(2030, 12, 31))
COUNTED = st.sampled_from([unit for unit in Unit if unit is not Unit.HOUR])
PERIODS = st.builds(Period, st.integers(1, 40), COUNTED)


@st.composite
def countings(draw: st.DrawFn, backward: bool | None = None) -> Counting:
    """Draw any counting in days, weeks or months."""
    back = draw(st.booleans()) if backward is None else backward
    return Counting(
        draw(PERIODS),
        at_least=draw(st.none() | PERIODS),
        day_start=draw(st.booleans()) and not back,
        roll=draw(st.sampled_from([None, NONE, PREVIOUS] + [Roll.NEXT] * (not back))),
        backward=draw(st.sampled_from(Backward)) if back else None,
        at_most=draw(st.none() | PERIODS),
    )


FORWARD, BACKWARD = countings(backward=False), countings(backward=True)


@st.composite
def histories(draw: st.DrawFn) -> Derivation:
    """Draw a deadline with anything that may have happened to it."""
    trigger = draw(DAYS)
    now = derive(draw(FORWARD), trigger, BB)
    if now.last_day < trigger:  # A first day that counts may be rolled back before itself.
        now = fixed(trigger)
    for _ in range(draw(st.integers(0, 3))):
        on = now.last_day - timedelta(draw(st.integers(0, 5)))
        kind = draw(st.sampled_from(ChangeKind))
        if kind is ChangeKind.EXTENDED:
            now = extend(now, draw(PERIODS), on, BB, "absprache")
        elif kind is ChangeKind.EXTENDED_TO:
            now = extend_to(now, now.last_day + timedelta(draw(st.integers(1, 30))), on)
        elif kind is ChangeKind.AGREED:
            until = max(on, trigger) + timedelta(draw(st.integers(0, 30)))
            now = agree(now, until, on, "absprache")
        elif now.paused_on is None:
            now = pause(now, max(on, trigger), "rueckfrage")
        else:
            since = now.paused_on
            now = resume(now, since + timedelta(draw(st.integers(0, 20))), BB)
    return now


@given(FORWARD, DAYS)
def test_no_period_ends_when_offices_are_closed(rule: Counting, trigger: date) -> None:
    derived = derive(replace(rule, roll=None), trigger, BB)
    assert not BB.is_closed_for_end(derived.last_day)


@given(countings(), DAYS, st.integers(0, 400))
def test_a_later_event_never_ends_earlier(rule: Counting, trigger: date, days: int) -> None:
    later = trigger + timedelta(days)
    assert derive(rule, trigger, BB).last_day <= derive(rule, later, BB).last_day


@given(BACKWARD, DAYS)
def test_backwards_is_always_before(rule: Counting, event: date) -> None:
    clear = derive(replace(rule, backward=CLEAR), event, BB).last_day
    nth = derive(replace(rule, backward=NTH), event, BB).last_day
    assert clear <= nth < event


@given(histories())
def test_a_deadline_written_down_is_the_deadline_read(history: Derivation) -> None:
    assert from_plain(json.loads(json.dumps(as_plain(history)))) == history


@example(1, datetime(2004, 10, 31, 2, 0))
@given(st.integers(1, 200), st.datetimes(datetime(2001, 1, 1), datetime(2030, 1, 1)))
def test_hours_written_down_are_the_hours_read(hours: int, local: datetime) -> None:
    derived = derive(Counting(Period(hours, Unit.HOUR)), local.replace(tzinfo=BERLIN), BB)
    assert from_plain(json.loads(json.dumps(as_plain(derived)))) == derived
    assert (derived.ends_at - derived.trigger.astimezone(UTC)) == timedelta(hours=hours)  # type: ignore[union-attr]


@given(histories())
def test_counted_again_every_deadline_stays_the_same(history: Derivation) -> None:
    assert recompute(history, BB) == history


@given(histories())
def test_every_reckoning_ends_on_the_last_day(history: Derivation) -> None:
    steps = explain(history, BB)
    assert (steps[-1].kind, steps[-1].day) == ("end", history.last_day)
    assert all(step.text.de and step.text.en for step in steps)
    assert sum(step.kind in ("extended", "extended_to") for step in steps) == sum(
        change.kind in (ChangeKind.EXTENDED, ChangeKind.EXTENDED_TO) for change in history.changes
    )


@given(FORWARD, DAYS, st.integers(0, 400))
def test_a_pause_of_no_days_changes_nothing(rule: Counting, trigger: date, after: int) -> None:
    derived = derive(rule, trigger, BB)
    if derived.last_day < trigger:  # Rolled back before itself, as above.
        return
    on = min(trigger + timedelta(after), derived.last_day)
    assert resume(pause(derived, on), on, BB).last_day == derived.last_day


@given(st.integers(1, 40), DAYS, st.integers(1, 60), st.integers(0, 60))
def test_a_pause_leaves_the_rest_as_long_as_it_was(
    count: int, trigger: date, after: int, rest: int
) -> None:
    derived = derive(Counting(Period(count, Unit.WORKING_DAY)), trigger, BB)
    on = min(trigger + timedelta(after), derived.last_day)
    again = resume(pause(derived, on), on + timedelta(rest), BB)
    day_before = on - timedelta(1)
    assert BB.working_days_between(day_before, derived.last_day) == BB.working_days_between(
        day_before + timedelta(rest), again.last_day
    )


@given(histories(), PERIODS)
def test_an_extension_is_never_shorter(history: Derivation, period: Period) -> None:
    if history.rolls is not PREVIOUS:
        assert extend(history, period, history.last_day, BB).last_day > history.last_day
