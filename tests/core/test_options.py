"""What today means for a plan, and what is lawful once it no longer fits."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.core.annual import Wanted, annual
from engine.core.case import Case, Stage
from engine.core.case_plan import plan
from engine.core.draft import Draft
from engine.core.offices import Office
from engine.core.options import OptionKind, options
from engine.core.plan_words import plan_lines
from engine.core.planning import Plan
from engine.core.procedure import advance
from engine.core.rules import Duty, RulePack
from engine.core.standing import light_of, standings, words
from engine.core.world import Library, Session, World
from engine.errors import Text
from tests.musterheide import (
    COUNTY,
    INTEGRATION,
    NOBODY,
    act,
    after,
    informed,
    later,
    library,
    measure,
    registered,
    world,
)

MONDAY = date(2026, 3, 23)
LAST_DAY = date(2026, 4, 8)
FOLGE = (
    Stage("Sozialausschuss", date(2026, 5, 12)),
    Stage("Kreisausschuss", date(2026, 5, 27)),
    Stage("Kreistag", date(2026, 6, 11), "entscheidung"),
)
SITTINGS = (
    ("Sozialausschuss", date(2026, 6, 9)),
    ("Sozialausschuss", date(2026, 6, 30)),
    ("Kreisausschuss", date(2026, 6, 10)),
    ("Kreistag", date(2026, 6, 11)),
    ("Kreistag", date(2026, 9, 10)),
)


def case(**changes: object) -> Case:
    return registered(MONDAY, **({"stages": FOLGE} | changes)).case


def on(day: date, *sittings: tuple[str, date], duty: Duty | None = None) -> World:
    """Return the county on a day with these sittings; `duty` stands in for that of § 4."""
    sessions = {f"s{n}": Session(f"s{n}", b, d, COUNTY.id) for n, (b, d) in enumerate(sittings)}
    here = replace(world(day), sessions=sessions)
    return here if duty is None else replace(here, library=with_duty(duty))


def with_duty(duty: Duty) -> Library:
    return replace(library(), packs=tuple(_changed(pack, duty) for pack in library().packs))


def _changed(pack: RulePack, duty: Duty) -> RulePack:
    rows = (replace(p, duty=duty) if p.id == "musterheide-da-4" else p for p in pack.provisions)
    return replace(pack, provisions=tuple(rows))


def instruction() -> Duty:
    duty = library().provision("musterheide-da-4").duty
    assert duty is not None
    return duty


def kinds(of: Case, here: World) -> list[str]:
    return [o.kind.value for o in options(of, here)]


def test_the_plan_reads_from_the_council_back_to_the_day_of_informing() -> None:
    here = world(MONDAY)
    draft = Draft(case(), here)
    made = plan(draft, draft.participations[INTEGRATION], MONDAY)
    assert made is not None
    lines = plan_lines(made, here.library, here.calendar(COUNTY.id))
    assert [line.text().de for line in lines] == [
        "Kreistag Do., 11.06.2026",
        "Kreisausschuss Mi., 27.05.2026",
        "Sozialausschuss Di., 12.05.2026 (erste Beratung, maßgeblich)",
        "Ladung spätestens Mo., 04.05.2026",
        "Vorlagenschluss Do., 30.04.2026",
        "Würdigung und Mitzeichnung ab Fr., 24.04.2026",
        "Ende der Stellungnahmefrist Do., 23.04.2026",
        "Zugang spätestens Do., 09.04.2026",
        "bereitstellen bis Mi., 08.04.2026",
    ]
    numbers = {line.name: line.number.de for line in lines if line.number is not None}
    assert numbers["fristende"] == (
        "10 Arbeitstage, § 4 Dienstanweisung Beteiligung Musterheide (Dienstanweisung, erfunden)"
    )
    assert numbers["ladung"].startswith("7 Tage vorher, volle Tage, § 2 Geschäftsordnung")


@pytest.mark.parametrize(
    ("day", "light", "said"),
    [
        (date(2026, 3, 30), "green", "Rechtzeitig möglich – 5 Arbeitstage Reserve."),
        (date(2026, 3, 31), "yellow", "aber knapp – 4 Arbeitstage Reserve."),
        (LAST_DAY, "yellow", "Heute ist der letzte Tag, um zu informieren."),
        (date(2026, 4, 9), "red", "Zu informieren war bis Mi., 08.04.2026."),
    ],
)
def test_the_light_of_a_case_that_has_not_begun(day: date, light: str, said: str) -> None:
    here = world(day)
    [one] = standings(case(), here)
    assert one.light == light
    assert words(one, here, here.calendar(COUNTY.id)).de.endswith(said)


def test_who_was_informed_in_time_stays_in_time_once_the_day_to_inform_has_passed() -> None:
    asked = informed(date(2026, 4, 7))
    [one] = standings(asked, world(date(2026, 4, 15)))
    assert (one.light, one.begun, one.reserve) == ("yellow", True, 2)


def test_a_period_at_rest_turns_red_when_no_answer_can_save_the_sitting() -> None:
    asked = after(
        informed(MONDAY),
        act("rueckfrage", date(2026, 3, 26), "integration", INTEGRATION, private={"frage": "Wer?"}),
    )
    [resting] = standings(asked, world(date(2026, 3, 27)))
    assert resting.light == "green"
    assert resting.needs[0].answer_by is not None
    answered_by = resting.needs[0].answer_by
    [still] = standings(asked, world(answered_by))
    [gone] = standings(asked, world(answered_by + timedelta(1)))
    assert (still.light, gone.light) == ("yellow", "red")


def test_a_settled_participation_and_a_decided_case_have_nothing_left_to_plan() -> None:
    waived = after(
        informed(MONDAY),
        act("verzichten", date(2026, 3, 24), "integration", INTEGRATION, private={"grund": "klar"}),
    )
    [one] = standings(waived, world(date(2026, 5, 11)))
    assert (one.light, one.settled) == ("green", True)
    decided = after(
        waived,
        act("entscheiden", date(2026, 3, 25), "landrat", gremium="hvb", ergebnis="beschlossen"),
    )
    assert standings(decided, world(date(2026, 3, 25))) == ()


def test_nothing_is_offered_while_the_plan_fits() -> None:
    assert options(case(), on(LAST_DAY, *SITTINGS)) == ()


def test_the_lawful_options_come_with_their_plans_and_norms() -> None:
    found = options(case(), on(date(2026, 4, 9), *SITTINGS))
    assert [o.kind for o in found] == [
        OptionKind.LATER,
        OptionKind.LATER,
        OptionKind.AGREED,
        OptionKind.SHORT,
        OptionKind.URGENCY,
    ]
    first, second, agreed, short, urgency = found
    assert [(s.body, s.day) for s in first.stages] == [
        ("Sozialausschuss", date(2026, 6, 9)),
        ("Kreisausschuss", date(2026, 6, 10)),
        ("Kreistag", date(2026, 6, 11)),
    ]
    assert first.plan is not None
    assert first.plan.begin == date(2026, 5, 5)
    assert [(s.body, s.day) for s in second.stages][1:] == [
        ("Kreisausschuss", None),
        ("Kreistag", date(2026, 9, 10)),
    ]
    assert "Kreisausschuss (Sitzung noch offen)" in second.text.de
    assert agreed.provisions == ("musterheide-da-4",)
    assert agreed.needs == instruction().agreed
    assert short.plan is not None
    assert short.plan.begin == date(2026, 4, 17)
    assert "3 Arbeitstage (§ 4 Dienstanweisung" in short.text.de
    assert "hebt kein Recht auf" in urgency.text.de
    assert "lifts no right" in urgency.text.en


def test_nothing_is_offered_that_no_provision_carries() -> None:
    bare = replace(instruction(), variants={}, agreed=None)
    assert kinds(case(), on(date(2026, 4, 9), duty=bare)) == ["later_day"]


def test_consent_cannot_shorten_what_another_norm_lays_down() -> None:
    here = on(date(2026, 4, 9))
    strict = replace(instruction(), agreed=None, variants={})
    packs = tuple(
        replace(
            pack,
            provisions=tuple(
                replace(p, duty=replace(strict, documents=frozenset()))
                if p.id == "musterheide-hs-6"
                else p
                for p in pack.provisions
            ),
        )
        for pack in library().packs
    )
    assert "agreed_period" in kinds(case(), here)
    bound = replace(here, library=replace(library(), packs=packs))
    assert "agreed_period" not in kinds(case(), bound)


def test_the_reason_that_an_urgent_period_needs_is_named() -> None:
    duty = instruction()
    reason = Text("besonders dringender Fall", "an especially urgent case")
    term = replace(duty.terms["urgent"], needs=reason)
    strict = replace(duty, terms={**duty.terms, "urgent": term})
    found = options(case(), on(date(2026, 4, 9), duty=strict))
    assert [o.needs for o in found if o.kind is OptionKind.SHORT] == [reason]


def test_the_urgent_period_is_not_offered_once_the_usual_one_runs() -> None:
    asked = informed(date(2026, 4, 13))
    found = kinds(asked, on(date(2026, 4, 14), *SITTINGS))
    assert found == ["later_sittings", "later_sittings", "agreed_period"]


def test_without_any_known_sitting_the_first_day_that_would_do_is_named() -> None:
    day = date(2026, 4, 24)
    [option] = [o for o in options(case(), on(day)) if o.kind is OptionKind.LATER_DAY]
    first = min(s.day for s in option.stages if s.day is not None)
    moved = replace(case(), measure=measure(stages=option.stages))
    assert light_of(standings(moved, world(day))) != "red"
    earlier = tuple(
        replace(s, day=first - timedelta(1)) if s.day == first else s for s in option.stages
    )
    assert (
        light_of(standings(replace(case(), measure=measure(stages=earlier)), world(day))) == "red"
    )


def test_a_measure_without_a_body_can_be_carried_out_later() -> None:
    none = case(stages=(), carried_out_on=date(2026, 4, 15))
    [option, *_] = options(none, world(date(2026, 4, 9)))
    assert option.text.de.startswith("Umsetzung verschieben: frühestens ")


@given(st.dates(LAST_DAY + timedelta(1), date(2026, 5, 11)), st.booleans())
def test_each_later_sequence_that_is_offered_fits_and_keeps_the_order(
    day: date, known: bool
) -> None:
    here = on(day, *(SITTINGS if known else ()))
    for option in options(case(), here):
        if option.kind is not OptionKind.LATER:
            continue
        moved = replace(case(), measure=measure(stages=option.stages))
        assert light_of(standings(moved, here)) != "red"
        days = [s.day for s in option.stages if s.day is not None]
        assert days == sorted(set(days))
        assert all((s.body, s.day) in SITTINGS for s in option.stages if s.day is not None)


def test_an_extension_past_the_sitting_no_longer_passes_silently() -> None:
    outcome = advance(
        informed(MONDAY),
        act("frist_verlaengern", date(2026, 3, 25), participation=INTEGRATION, bis="2026-05-15",
            private={"grund": "Urlaub"}),
        world(date(2026, 3, 25)),
    )  # fmt: skip
    [entry] = [e for e in outcome.entries if "overruns" in e.plain]
    assert entry.plain["overruns"] == [["stellungnahme", "2026-05-15", "2026-04-23"]]
    [notice] = [n for n in outcome.notices if n.letter == "plan_gefaehrdet"]
    assert (notice.office, notice.facts["planned"]) == ("fb-soziales", "2026-04-23")


def test_a_sitting_moved_to_an_earlier_day_says_which_period_no_longer_fits() -> None:
    outcome = advance(
        informed(MONDAY),
        act("sitzung_verlegen", date(2026, 3, 25), "sitzungsdienst", gremium="Sozialausschuss",
            tag="2026-04-14"),
        world(date(2026, 3, 25)),
    )  # fmt: skip
    assert [n.letter for n in outcome.notices if n.participation] == ["plan_gefaehrdet"]
    held = outcome.case.deadline(INTEGRATION, "stellungnahme")
    assert held is not None
    assert held.last_day == date(2026, 4, 8)


def test_an_overrun_of_the_past_bothers_nobody() -> None:
    late = later(registered(MONDAY).case, date(2026, 5, 13))
    outcome = advance(
        late,
        act("informieren", date(2026, 5, 13), participation=INTEGRATION),
        world(date(2026, 5, 13)),
    )
    assert all("overruns" not in e.plain for e in outcome.entries)


def test_the_dates_of_the_year_name_the_strictest_period_of_each_sitting() -> None:
    here = on(MONDAY, *SITTINGS, ("Kreistag", date(2027, 1, 14)))
    rows = list(annual(here, Wanted(2026, form="anhoerung", kind="beauftragte")))
    assert [(r.session.body, r.plan.begin) for r in rows][:2] == [
        ("Sozialausschuss", date(2026, 5, 5)),
        ("Kreisausschuss", date(2026, 5, 6)),
    ]
    [only] = annual(here, Wanted(2027))
    assert only.session.body == "Kreistag"
    longer = replace(instruction(), kinds=frozenset({"beirat"}))
    assert list(annual(on(MONDAY, *SITTINGS, duty=longer), Wanted(2026, kind="beirat")))


def test_a_cancelled_sitting_has_no_day_to_inform_by() -> None:
    here = on(MONDAY, SITTINGS[0])
    off = {k: replace(s, cancelled=True) for k, s in here.sessions.items()}
    assert list(annual(replace(here, sessions=off), Wanted(2026))) == []


BOARD = Office("beirat", "beirat", "Seniorenbeirat", concern="betrifft_senioren")


def board_plan(*sittings: date) -> Plan:
    """Return the plan of a paper on which the board resolves at a sitting of its own."""
    here = on(MONDAY, *((BOARD.name, day) for day in sittings))
    here = replace(
        here, roster=replace(here.roster, offices={**here.roster.offices, "beirat": BOARD})
    )
    about = {**NOBODY, "betrifft_senioren": True}
    asked = registered(MONDAY).case
    subject = replace(
        asked.participations[0],
        key="beirat/beirat/1",
        office="beirat",
        form="beirat",
        workflow=library().for_form("beirat").pin,
        state=library().for_form("beirat").initial,
    )
    about_seniors = measure(kind="beiratsvorlage", facts=about)
    draft = Draft(replace(asked, measure=about_seniors, participations=(subject,)), here)
    made = plan(draft, subject, MONDAY)
    assert made is not None
    return made


def test_a_board_is_informed_before_its_sitting_and_within_its_month() -> None:
    made = board_plan(date(2026, 4, 14), date(2026, 4, 28))
    days = {p.name: str(p.day) for p in made.points}
    assert days["fristende"] == "2026-04-23"
    assert days["eigene_sitzung"] == "2026-04-14"
    assert days["zugang"] == "2026-03-23"
    soon = board_plan(date(2026, 3, 10))
    assert (soon.point("zugang") or soon.points[0]).day == date(2026, 3, 9)


def test_without_a_sitting_of_the_board_in_time_the_plan_cannot_be_kept() -> None:
    assert [s.name for s in board_plan(date(2026, 4, 28)).missing] == ["eigene_sitzung"]
    assert board_plan().missing == ()


def test_the_number_of_the_period_stands_at_its_end_and_not_at_the_boards_sitting() -> None:
    here = world(MONDAY)
    lines = plan_lines(board_plan(date(2026, 4, 14)), here.library, here.calendar(COUNTY.id))
    numbers = {line.name: line.number for line in lines}
    assert numbers["eigene_sitzung"] is None
    assert numbers["fristende"] is not None
    assert numbers["fristende"].de.startswith("1 Monat, § 12")
