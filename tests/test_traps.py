"""Errors about this law that are easy to make and hard to see: each of them is a test here.

The numbers are those of the list of corrections from which the rule packs were written.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import pytest

from engine.core.case import Case
from engine.core.deadlines import derive
from engine.core.meanings import Confidence, Source, StateMeans
from engine.core.offices import Roster
from engine.core.procedure import advance, register
from engine.core.rules import Provision, RulePack
from engine.core.world import Municipality, World
from engine.errors import Refused
from tests.musterheide import (
    INTEGRATION,
    ONE_DAY,
    PAPER,
    POINTS,
    act,
    definitions,
    informed,
    later,
    library,
    measure,
    registered,
    roster,
    state,
    world,
)

LAST_OF_THE_OLD, FIRST_OF_THE_NEW = date(2024, 6, 8), date(2024, 6, 9)
MONDAY, TUESDAY = date(2026, 3, 23), date(2026, 3, 24)
ELSEWHERE = Municipality("ohneregel", "Gemeinde Ohneregel", "BB", "BB")
"""A municipality without a Hauptsatzung clause, an instruction or a house value of its own."""


def pack(name: str) -> RulePack:
    """Return a rule pack as it is shipped."""
    return next(p for p in library().packs if p.id == name)


def bbgkverf() -> Iterator[Provision]:
    """Yield what the packs hold of both Kommunalverfassungen of Brandenburg."""
    for name in ("bbgkverf-2007", "bbgkverf-2024"):
        yield from pack(name).provisions


def elsewhere(day: date) -> World:
    """Return a world in which only the statute speaks."""
    here = world(day)
    return replace(here, municipalities={**here.municipalities, ELSEWHERE.id: ELSEWHERE})


# 1. The Kommunalverfassung names no number of days


def test_1_the_kommunalverfassung_gives_a_commissioner_no_number_of_days() -> None:
    duties = [p.duty for p in bbgkverf() if p.duty is not None]
    assert len(duties) >= 7
    assert [d for d in duties if d.counting or d.variants or d.stages] == []


def test_1_the_only_numbers_in_it_are_about_objections_and_the_first_sitting() -> None:
    counted = {p.id: p for p in bbgkverf() if p.value or (p.remedy and p.remedy.counting)}
    objection = {"bbgkverf-2007-55", "bbgkverf-2024-55", "bbgkverf-2024-137"}
    first_sitting = {"bbgkverf-2024-34-1"}
    assert "bbgkverf-2024-55" in counted
    assert set(counted) <= objection | first_sitting
    assert {p.remedy.owner for p in counted.values() if p.remedy} == {"hvb"}


def test_1_the_equality_act_counts_objections_and_only_where_a_hauptsatzung_adopts_it() -> None:
    provisions = pack("lgg-bb").provisions
    duties = [p.duty for p in provisions if p.duty is not None]
    assert {kind for d in duties for kind in d.kinds} == {"gleichstellungsbeauftragte"}
    assert [d for d in duties if d.counting or d.variants] == []
    stages = {name for d in duties for name in d.stages}
    assert stages == {"widerspruch", "neuentscheidung", "zweite_stufe"}
    assert not any(p.binds("BB", ELSEWHERE.id) for p in provisions)


def test_1_where_no_local_rule_names_a_number_none_is_invented() -> None:
    case = register(
        "d" * 32,
        "V-2026-0002",
        measure(municipality=ELSEWHERE.id),
        act("anmelden", MONDAY, documents=(PAPER,)),
        elsewhere(MONDAY),
    ).case
    [participation] = case.participations
    assert participation.provisions == ("bbgkverf-2024-17-3",)
    assert case.deadline(INTEGRATION, "stellungnahme") is None
    with pytest.raises(Refused, match="No provision in force gives a length"):
        advance(case, act("informieren", MONDAY, participation=INTEGRATION), elsewhere(MONDAY))


# 2. The old law ended with the end of 8 June 2024


def test_2_the_old_law_applies_on_8_june_2024_and_not_on_the_9th() -> None:
    old = pack("bbgkverf-2007").provisions
    assert all(p.in_force(LAST_OF_THE_OLD) for p in old)
    assert not any(p.in_force(FIRST_OF_THE_NEW) for p in old)


def test_2_the_new_law_begins_on_9_june_2024_for_the_commissioners_too() -> None:
    new = pack("bbgkverf-2024").provisions
    assert not any(p.in_force(LAST_OF_THE_OLD) for p in new)
    assert all(p.in_force(FIRST_OF_THE_NEW) for p in new if p.duty is not None)


@pytest.mark.parametrize(
    ("day", "provision"),
    [
        (LAST_OF_THE_OLD, "bbgkverf-2007-19-3-2"),
        (FIRST_OF_THE_NEW, "bbgkverf-2024-17-3"),
        (date(2025, 1, 1), "bbgkverf-2024-17-3"),
    ],
)
def test_2_each_day_has_one_norm_on_commissioners(day: date, provision: str) -> None:
    naming = [
        p.id
        for p in library().in_force(day, ELSEWHERE)
        if p.source is Source.STATUTE and p.duty and "beauftragte" in p.duty.kinds
        if p.id.startswith("bbgkverf")
    ]
    assert naming == [provision]


# 3. Divergence is no longer a condition


def test_3_turning_to_the_council_needed_another_opinion_and_no_longer_does() -> None:
    referral = {p.id: p.duty.traits.get("referral") for p in bbgkverf() if p.duty is not None}
    assert referral["bbgkverf-2007-18-3"] == referral["bbgkverf-2007-19-3-2"] == "diverging"
    assert referral["bbgkverf-2024-18-3"] == referral["bbgkverf-2024-17-3"] == "direct"


def test_3_boards_could_not_turn_to_the_council_under_the_old_law() -> None:
    boards = {
        p.id: p.duty.traits.get("referral")
        for p in bbgkverf()
        if p.duty is not None and "beirat" in p.duty.kinds
    }
    assert boards == {"bbgkverf-2007-19-3-1": None, "bbgkverf-2024-17-3": "direct"}


def test_3_who_was_followed_could_not_turn_to_the_council_before_and_can_now() -> None:
    def turning(day: date) -> Case:
        asked = act(
            "an_vertretung_wenden",
            day,
            "integration",
            INTEGRATION,
            private={"anliegen": "Der Zugang fehlt."},
        )
        return advance(registered(day, stages=()).case, asked, world(day)).case

    assert state(turning(FIRST_OF_THE_NEW)) == "offen"
    with pytest.raises(Refused):
        turning(LAST_OF_THE_OLD)


# 4. Only the Gleichstellungsbeauftragte is free of instructions by this statute


def test_4_freedom_from_instructions_is_stated_for_one_office_alone() -> None:
    [freedom] = [p for p in bbgkverf() if "Weisung" in p.title.de]
    assert freedom.norm == "§ 18 Abs. 2 BbgKVerf"
    assert "Gleichstellungsbeauftragten" in freedom.title.de


# 5. Two norms for two offices: only one of them names the addressee


def test_5_the_commissioners_norm_is_not_that_of_the_gleichstellungsbeauftragte() -> None:
    kinds = {p.id: p.duty.kinds for p in pack("bbgkverf-2024").provisions if p.duty is not None}
    assert kinds["bbgkverf-2024-17-3"] == {"beauftragte", "beirat"}
    assert kinds["bbgkverf-2024-18-3"] == {"gleichstellungsbeauftragte"}


# 6. The fourth day, in the VwZG too


@pytest.mark.parametrize("name", ["zugang_post", "zugang_einschreiben"])
def test_6_the_third_day_became_the_fourth_on_1_january_2025(name: str) -> None:
    def days(on: date) -> int:
        value = library().value(name, on, ELSEWHERE)
        assert value is not None
        assert value.value is not None
        return value.value.counting.period.count

    assert (days(date(2024, 12, 31)), days(date(2025, 1, 1))) == (3, 4)


def test_6_the_presumed_day_stays_on_a_sunday() -> None:
    value = library().value("zugang_post", date(2026, 4, 1), ELSEWHERE)
    assert value is not None
    assert value.value is not None
    calendar = definitions().calendars["BB"]
    assert derive(value.value.counting, date(2026, 4, 1), calendar).last_day == date(2026, 4, 5)


# 7. 8 May is a day of remembrance in Brandenburg, not a holiday


def test_7_the_eighth_of_may_is_a_working_day_in_brandenburg() -> None:
    calendar = definitions().calendars["BB"]
    years = range(calendar.first_year, calendar.last_year + 1)
    assert len(years) == 50
    named = {y: calendar.holidays.get(date(y, 5, 8)) for y in years}
    # In 1997 Ascension fell on it.
    assert {y: name for y, name in named.items() if name} == {1997: "Christi Himmelfahrt"}
    assert calendar.is_working_day(date(2025, 5, 8))
    assert calendar.is_working_day(date(2026, 5, 8))


# 8. The week before the display of a plan existed in one version of the BauGB only


def test_8_the_announcement_a_week_before_is_gone_since_july_2023() -> None:
    def week(on: date) -> Provision | None:
        return library().value("auslegung_bekanntmachung", on, ELSEWHERE)

    before = week(date(2023, 7, 6))
    assert before is not None
    assert before.value is not None
    assert before.value.counting.backward is not None
    assert week(date(2023, 7, 7)) is None
    [now] = [p for p in pack("baugb").provisions if p.id == "baugb-3-2-bekanntmachung"]
    assert now.value is None
    assert now.lineage == ("baugb-2021-3-2-bekanntmachung",)


# 9. Nobody in office is a lawful state


def nobody() -> Roster:
    """Return the county's offices with that of integration not filled."""
    return roster(without="integration")


def test_9_a_vacant_office_is_recorded_told_and_no_departure() -> None:
    empty = world(MONDAY, people=nobody())
    case = registered(MONDAY).case
    outcome = advance(case, act("vakanz_feststellen", MONDAY, participation=INTEGRATION), empty)
    workflow = library().for_form("anhoerung")
    assert workflow.meaning(state(outcome.case)) is StateMeans.SETTLED
    assert outcome.case.findings == ()
    assert [n.office for n in outcome.notices] == ["landrat"]
    released = advance(outcome.case, act("freigeben", MONDAY), empty)
    assert released.case.findings == ()


def test_9_an_office_that_the_council_has_struck_is_no_longer_asked() -> None:
    struck = replace(roster().offices["integration"], until=MONDAY - ONE_DAY)
    people = replace(roster(), offices={**roster().offices, "integration": struck})
    case = register(
        "e" * 32,
        "V-2026-0003",
        measure(),
        act("anmelden", MONDAY, documents=(PAPER,)),
        world(MONDAY, people=people),
    ).case
    assert case.participations == ()


# 10. Silence does not mean the same everywhere

SILENCE = {
    "bbgkverf-2007": "none",
    "bbgkverf-2024": "none",
    "sgb9-178": "none",
    "bgleig": "approval",
    "bpersvg": "approval",
    "lgg-bb": "right_lost",
    "baugb": "disregarded",
    "baugb-2021": "disregarded",
}


@pytest.mark.parametrize("name", SILENCE)
def test_10_what_silence_means_is_what_the_norm_says(name: str) -> None:
    said = [p.duty.traits for p in pack(name).provisions if p.duty is not None]
    assert {traits["silence"] for traits in said if "silence" in traits} == {SILENCE[name]}


def test_10_under_the_kommunalverfassung_a_lapse_is_no_consent() -> None:
    case = later(informed(TUESDAY), date(2026, 4, 9) + ONE_DAY)
    assert state(case) == "abgelaufen"
    late = act(
        "stellungnahme",
        date(2026, 4, 13),
        "integration",
        INTEGRATION,
        private={"wortlaut": "Der Zugang fehlt.", "punkte": POINTS},
        ergebnis="bedenken",
    )
    filed = advance(case, late, world(date(2026, 4, 13)))
    assert (filed.entries[-1].type, state(filed.case)) == ("stellungnahme", "abgelaufen")
    assert filed.case.findings == ()


# What is not read at its source says so


def test_what_was_not_read_in_the_norm_itself_shows_as_unchecked() -> None:
    unread = {p.id for p in bbgkverf() if p.confidence is not Confidence.VERIFIED_TEXT}
    assert "bbgkverf-2007-18-3" in unread
    assert "bbgkverf-2024-17-3" not in unread
    assert all(p.unchecked for p in bbgkverf() if p.id in unread)
