"""A measure goes from draft to lawful decision, as values alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from engine.core.case import DeadlineStatus, FindingState, Seen
from engine.core.meanings import Source
from engine.core.offices import Absence
from engine.core.procedure import advance, settle
from engine.core.world import Library
from engine.errors import InputError, NotFound, Refused, Stale
from tests.musterheide import (
    INTEGRATION,
    NOBODY,
    ONE_DAY,
    PAPER,
    POINTS,
    act,
    after,
    informed,
    later,
    measure,
    registered,
    roster,
    state,
    world,
)

MONDAY = date(2026, 3, 23)
TUESDAY = date(2026, 3, 24)
LAST_DAY = date(2026, 4, 9)
CONCERNS = {"wortlaut": "Der Zugang fehlt.", "punkte": POINTS}


def statement(day: date, **changes: object):  # type: ignore[no-untyped-def]
    return act(
        "stellungnahme",
        day,
        "integration",
        INTEGRATION,
        private=dict(CONCERNS),
        ergebnis="bedenken",
        **changes,
    )


def test_registration_asks_whom_the_law_in_force_names() -> None:
    case = registered(MONDAY).case
    [participation] = case.participations
    assert participation.office == "integration"
    assert participation.provisions == (
        "bbgkverf-2024-17-3",
        "musterheide-hs-6",
        "musterheide-da-4",
        "musterheide-da-5",
    )


def test_the_old_law_governs_until_8_june_2024() -> None:
    old = registered(date(2024, 6, 7), stages=()).case
    new = registered(date(2024, 6, 10), stages=()).case
    assert old.participations[0].provisions == ("bbgkverf-2007-19-3-2",)
    assert new.participations[0].provisions == ("bbgkverf-2024-17-3",)


def test_the_plan_gives_the_day_by_which_to_inform() -> None:
    deadline = registered(MONDAY).case.deadline(INTEGRATION, "information")
    assert deadline is not None
    assert deadline.last_day == date(2026, 4, 8)


def test_early_word_starts_no_period() -> None:
    case = after(
        registered(MONDAY).case,
        act("vorabinformation", MONDAY, participation=INTEGRATION, private={"hinweis": "Bald."}),
    )
    assert state(case) == "vorab_informiert"
    assert case.state == "in_beteiligung"
    assert case.deadline(INTEGRATION, "stellungnahme") is None


def test_the_period_starts_with_the_receipt_and_ends_after_ten_working_days() -> None:
    case = informed(TUESDAY)
    deadline = case.deadline(INTEGRATION, "stellungnahme")
    assert deadline is not None
    assert (deadline.last_day, deadline.provision) == (LAST_DAY, "musterheide-da-4")
    assert deadline.owner == "integration"


def test_receipt_is_presumed_where_nobody_confirms_it() -> None:
    case = after(registered(MONDAY).case, act("informieren", MONDAY, participation=INTEGRATION))
    case = later(case, date(2026, 3, 26))
    deadline = case.deadline(INTEGRATION, "stellungnahme")
    assert state(case) == "eingang_vermutet"
    assert deadline is not None
    assert deadline.last_day == LAST_DAY


def test_an_urgent_case_has_the_shorter_period() -> None:
    case = after(
        registered(MONDAY).case,
        act(
            "informieren",
            MONDAY,
            participation=INTEGRATION,
            dringend=True,
            private={"eilgrund": "Fördermittelfrist"},
        ),
        act("eingang", MONDAY, "integration", INTEGRATION),
    )
    deadline = case.deadline(INTEGRATION, "stellungnahme")
    assert deadline is not None
    assert deadline.last_day == date(2026, 3, 26)


def test_a_paper_is_not_released_before_the_statement() -> None:
    case = informed(TUESDAY)
    with pytest.raises(Refused) as refused:
        advance(case, act("freigeben", TUESDAY), world(TUESDAY))
    words = refused.value.text
    assert "§ 17 Abs. 3 BbgKVerf (Gesetz)" in words.de
    assert "Integrationsbeauftragte, Anhörung: informiert" in words.de
    assert "statute" in words.en


def test_a_lawful_case_runs_to_its_end() -> None:
    case = after(
        informed(TUESDAY),
        statement(date(2026, 4, 7)),
        act(
            "wuerdigen",
            date(2026, 4, 8),
            participation=INTEGRATION,
            private={
                "wuerdigung": [
                    {"number": 1, "response": "followed"},
                    {"number": 2, "response": "not_followed", "reason": "Kosten"},
                ]
            },
        ),
        act("freigeben", date(2026, 4, 8)),
        act(
            "entscheiden",
            date(2026, 6, 11),
            "sitzungsdienst",
            gremium="vertretung",
            ergebnis="beschlossen",
        ),
        act("umsetzen", date(2026, 6, 15)),
        act("abschliessen", date(2026, 6, 15)),
    )
    assert case.state == "abgeschlossen"
    assert case.findings == ()


def test_the_statement_goes_to_the_council_office_with_the_release() -> None:
    case = after(informed(TUESDAY), statement(TUESDAY))
    case = after(
        case,
        act(
            "wuerdigen",
            TUESDAY,
            participation=INTEGRATION,
            private={"wuerdigung": [{"number": n, "response": "followed"} for n in (1, 2)]},
        ),
    )
    outcome = advance(case, act("freigeben", TUESDAY), world(TUESDAY))
    assert state(outcome.case) == "zugeleitet"
    assert {(n.office, n.letter) for n in outcome.notices} == {
        ("sitzungsdienst", "freigabe"),
        ("sitzungsdienst", "zuleitung"),
    }


def test_points_not_followed_need_reasons_where_a_norm_asks_for_them() -> None:
    case = after(informed(TUESDAY), statement(TUESDAY))
    bare = [{"number": n, "response": "not_followed"} for n in (1, 2)]
    with pytest.raises(Refused):
        advance(
            case,
            act("wuerdigen", TUESDAY, participation=INTEGRATION, private={"wuerdigung": bare}),
            world(TUESDAY),
        )


def test_no_concerns_need_no_weighing() -> None:
    case = after(
        informed(TUESDAY),
        act(
            "stellungnahme",
            TUESDAY,
            "integration",
            INTEGRATION,
            private={"wortlaut": "Keine Bedenken."},
            ergebnis="keine_bedenken",
        ),
        act("freigeben", TUESDAY),
    )
    assert case.state == "freigegeben"


def test_a_decision_without_participation_is_recorded_with_its_finding_and_remedies() -> None:
    case = registered(MONDAY).case
    outcome = advance(
        case,
        act("entscheiden", MONDAY, "sitzungsdienst", gremium="vertretung", ergebnis="beschlossen"),
        world(MONDAY),
    )
    [finding] = outcome.case.findings
    assert outcome.case.state == "entschieden"
    assert (finding.rank, finding.state) == (Source.STATUTE, FindingState.OPEN)
    assert finding.remedies == ("bbgkverf-2024-55", "musterheide-da-8")
    owed = {
        d.provision: (d.owner, d.last_day) for d in outcome.case.deadlines if d.finding and d.open
    }
    assert owed == {
        "bbgkverf-2024-55": ("landrat", date(2026, 4, 13)),
        "musterheide-da-8": ("fb-soziales", date(2026, 3, 30)),
    }


def test_a_case_with_an_open_finding_is_not_closed() -> None:
    case = after(
        registered(MONDAY).case,
        act("entscheiden", MONDAY, "sitzungsdienst", gremium="vertretung", ergebnis="beschlossen"),
    )
    with pytest.raises(Refused, match="finding"):
        advance(case, act("abschliessen", MONDAY), world(MONDAY))
    judged = after(
        case,
        act(
            "feststellung_bewerten",
            MONDAY,
            "rechtsamt",
            feststellung=1,
            bewertung="abweichung",
            private={"gruende": "Ein Versehen."},
        ),
    )
    assert judged.findings[0].state is FindingState.CONFIRMED
    assert after(judged, act("abschliessen", MONDAY)).state == "abgeschlossen"


def test_a_lapsed_period_lets_the_paper_go_on() -> None:
    case = later(informed(TUESDAY), LAST_DAY + ONE_DAY)
    assert state(case) == "abgelaufen"
    assert after(case, act("freigeben", LAST_DAY + ONE_DAY)).state == "freigegeben"


def test_a_late_statement_still_enters_the_file() -> None:
    day = LAST_DAY + ONE_DAY
    outcome = advance(informed(TUESDAY), statement(day), world(day))
    assert [e.type for e in outcome.entries] == ["rung", "rung", "ablauf", "stellungnahme"]
    assert state(outcome.case) == "abgelaufen"


def test_a_timely_statement_recorded_late_puts_the_case_right() -> None:
    day = LAST_DAY + 5 * ONE_DAY
    lapsed = after(later(informed(TUESDAY), day), act("freigeben", day))
    outcome = advance(lapsed, statement(day, happened_on=LAST_DAY), world(day))
    assert state(outcome.case) == "stellungnahme_liegt_vor"
    assert outcome.case.state == "in_beteiligung"
    deadline = outcome.case.deadline(INTEGRATION, "stellungnahme")
    assert deadline is not None
    assert deadline.status is DeadlineStatus.MET
    told = {n.office for n in outcome.notices if n.letter == "berichtigung"}
    assert told == {"integration", "fb-soziales"}


def test_a_query_stops_the_clock_until_the_answer() -> None:
    case = after(
        informed(TUESDAY),
        act(
            "rueckfrage",
            date(2026, 3, 26),
            "integration",
            INTEGRATION,
            private={"frage": "Wo ist die Kostenübersicht?"},
        ),
    )
    resting = case.deadline(INTEGRATION, "stellungnahme")
    assert resting is not None
    assert resting.status is DeadlineStatus.PAUSED
    case = after(
        case,
        act(
            "antworten",
            date(2026, 3, 30),
            participation=INTEGRATION,
            private={"antwort": "In der Anlage."},
        ),
    )
    running = case.deadline(INTEGRATION, "stellungnahme")
    assert running is not None
    assert (running.status, running.last_day) == (DeadlineStatus.RUNNING, date(2026, 4, 13))


def test_a_waiver_can_be_withdrawn_until_the_decision_and_reopens_the_paper() -> None:
    case = after(
        informed(TUESDAY),
        act("verzichten", TUESDAY, "integration", INTEGRATION, private={"grund": "Bekannt."}),
        act("freigeben", TUESDAY),
        act("verzicht_zuruecknehmen", TUESDAY, "integration", INTEGRATION),
    )
    assert (state(case), case.state) == ("informiert", "in_beteiligung")
    decided = after(
        informed(TUESDAY),
        act("verzichten", TUESDAY, "integration", INTEGRATION, private={"grund": "Bekannt."}),
        act("entscheiden", TUESDAY, "sitzungsdienst", gremium="vertretung", ergebnis="beschlossen"),
    )
    with pytest.raises(Refused):
        advance(
            decided,
            act("verzicht_zuruecknehmen", TUESDAY, "integration", INTEGRATION),
            world(TUESDAY),
        )


@pytest.mark.parametrize(
    ("judgement", "keys", "released"),
    [
        ("unveraendert", [INTEGRATION], True),
        ("nachtrag", [INTEGRATION], False),
        ("neue_runde", [INTEGRATION, "integration/anhoerung/2"], False),
    ],
)
def test_a_new_version_of_the_paper_is_judged(
    judgement: str, keys: list[str], released: bool
) -> None:
    case = after(
        later(informed(TUESDAY), LAST_DAY + ONE_DAY),
        act(
            "neue_fassung",
            LAST_DAY + ONE_DAY,
            einstufung=judgement,
            private={"aenderung": "Neuer Standort"},
            documents=(replace(PAPER, uid="d2"),),
        ),
    )
    assert [p.key for p in case.participations] == keys
    assert [(d.uid, d.paper) for d in case.documents] == [("d1", 1), ("d2", 2)]
    if released:
        after(case, act("freigeben", LAST_DAY + ONE_DAY))
    else:
        with pytest.raises(Refused):
            after(case, act("freigeben", LAST_DAY + ONE_DAY))


def test_a_vacant_office_is_recorded_and_the_head_of_administration_told() -> None:
    empty = world(MONDAY, people=roster(without="integration"))
    case = registered(MONDAY).case
    with pytest.raises(Refused):
        advance(case, act("informieren", MONDAY, participation=INTEGRATION), empty)
    outcome = advance(case, act("vakanz_feststellen", MONDAY, participation=INTEGRATION), empty)
    assert state(outcome.case) == "vakant"
    assert [(n.office, n.letter) for n in outcome.notices] == [("landrat", "vakanz")]


def test_only_the_commissioner_or_her_deputy_files_a_statement() -> None:
    case = informed(TUESDAY)
    with pytest.raises(Refused):
        advance(case, statement(TUESDAY, actor="weber"), world(TUESDAY))
    with pytest.raises(Refused):
        advance(case, statement(TUESDAY, actor="berg"), world(TUESDAY))
    away = roster(Absence("yilmaz", TUESDAY, TUESDAY))
    outcome = advance(case, statement(TUESDAY, actor="berg"), world(TUESDAY, people=away))
    assert outcome.entries[-1].plain["deputy"] is True


def test_a_missed_duty_climbs_and_never_reaches_the_chair() -> None:
    outcome = settle(registered(MONDAY).case, world(date(2026, 4, 24)))
    assert [(n.office, n.letter) for n in outcome.notices] == [
        ("fb-soziales", "erinnerung"),
        ("fb-soziales", "erinnerung"),
        ("fb-soziales", "ueberfaellig"),
        ("dezernat-2", "eskalation"),
        ("landrat", "eskalation"),
        ("rechtsamt", "eskalation"),
    ]


def test_the_commissioners_own_period_reminds_only_her() -> None:
    outcome = settle(informed(TUESDAY), world(LAST_DAY))
    assert {n.office for n in outcome.notices} == {"integration"}


def test_an_act_on_what_its_actor_had_not_seen_is_refused() -> None:
    case = informed(TUESDAY)
    with pytest.raises(Stale):
        advance(case, statement(TUESDAY, seen=Seen(revision=1)), world(TUESDAY))
    advance(case, statement(TUESDAY, seen=Seen(revision=2, paper=1)), world(TUESDAY))


def test_information_without_the_paper_is_refused_and_names_it() -> None:
    bare = registered(MONDAY).case
    without = type(bare)(**{f: getattr(bare, f) for f in bare.__slots__} | {"documents": ()})
    with pytest.raises(Refused, match="vorlage"):
        advance(without, act("informieren", MONDAY, participation=INTEGRATION), world(MONDAY))


@pytest.mark.parametrize(
    ("taken", "error", "words"),
    [
        (act("freigebn", MONDAY), NotFound, "Meinten Sie „freigeben“"),
        (act("freigeben", MONDAY, foo=1), InputError, "keine Angabe „foo“"),
        (act("entscheiden", MONDAY, "sitzungsdienst"), InputError, "„ergebnis“"),
        (
            act("entscheiden", MONDAY, "sitzungsdienst", gremium="rat", ergebnis="beschlossen"),
            InputError,
            "vertretung",
        ),
        (act("freigeben", MONDAY, "sitzungsdienst"), Refused, "steht Ihnen"),
        (act("informieren", MONDAY, participation="x"), NotFound, "keine Beteiligung"),
        (act("freigeben", MONDAY, happened_on=MONDAY - ONE_DAY), Refused, "zurückdatiert"),
        (act("freigeben", MONDAY, happened_on=MONDAY + ONE_DAY), InputError, "Zukunft"),
    ],
)
def test_an_unsound_act_is_refused_with_place_cause_and_remedy(
    taken,
    error,
    words: str,  # type: ignore[no-untyped-def]
) -> None:
    with pytest.raises(error) as refused:
        advance(registered(MONDAY).case, taken, world(MONDAY))
    assert words in refused.value.text.de


def test_a_measure_that_touches_nobody_is_released_at_once() -> None:
    case = registered(MONDAY, facts=NOBODY).case
    assert case.participations == ()
    assert after(case, act("freigeben", MONDAY)).state == "freigegeben"
    assert measure().first_day == date(2026, 5, 12)


def test_a_paper_is_not_released_before_it_is_said_whom_it_touches() -> None:
    case = registered(MONDAY, facts={}).case
    with pytest.raises(Refused, match=r"betrifft_gleichstellung, .*leistung_fuer_alle"):
        after(case, act("freigeben", MONDAY))
    stated = after(
        case,
        act("betroffenheit_angeben", MONDAY, tatsachen={**NOBODY, "betrifft_integration": True}),
    )
    assert [p.office for p in stated.participations] == ["integration"]
    assert stated.deadline(INTEGRATION, "information") is not None


def test_another_sitting_moves_the_day_by_which_to_inform() -> None:
    case = after(
        registered(MONDAY).case,
        act(
            "sitzung_verlegen",
            MONDAY,
            "sitzungsdienst",
            gremium="Sozialausschuss",
            tag="2026-05-19",
        ),
    )
    deadline = case.deadline(INTEGRATION, "information")
    assert deadline is not None
    assert (deadline.generation, deadline.last_day) == (2, date(2026, 4, 15))


def test_who_does_something_about_a_finding_has_done_only_her_own_part() -> None:
    case = after(
        registered(MONDAY).case,
        act("entscheiden", MONDAY, "sitzungsdienst", gremium="vertretung", ergebnis="beschlossen"),
        act("abhilfe_leisten", MONDAY, feststellung=1, private={"wortlaut": "Nachgeholt."}),
    )
    assert [d.owner for d in case.deadlines if d.finding and d.open] == ["landrat"]
    with pytest.raises(Refused, match="finding"):
        after(case, act("abschliessen", MONDAY))
    judged = after(
        case,
        act(
            "feststellung_bewerten",
            MONDAY,
            "rechtsamt",
            feststellung=1,
            bewertung="abweichung",
            private={"gruende": "Ein Versehen."},
        ),
    )
    assert not [d for d in judged.deadlines if d.finding and d.open]


def test_a_statement_made_up_after_the_decision_opens_no_further_finding() -> None:
    case = after(
        registered(MONDAY).case,
        act("entscheiden", MONDAY, "sitzungsdienst", gremium="vertretung", ergebnis="beschlossen"),
        act("informieren", MONDAY, participation=INTEGRATION),
        act("eingang", MONDAY, "integration", INTEGRATION),
        statement(MONDAY),
    )
    assert [f.kind for f in case.findings] == ["beteiligung_unterblieben"]


def test_a_decision_that_overlooked_a_timely_statement_is_a_finding() -> None:
    day = LAST_DAY + 5 * ONE_DAY
    decided = after(
        later(informed(TUESDAY), day),
        act("freigeben", day),
        act("entscheiden", day, "sitzungsdienst", gremium="vertretung", ergebnis="beschlossen"),
    )
    assert decided.findings == ()
    outcome = advance(decided, statement(day, happened_on=LAST_DAY), world(day))
    assert [f.kind for f in outcome.case.findings] == ["stellungnahme_nicht_beruecksichtigt"]


def test_nothing_is_owed_in_a_case_that_has_ended() -> None:
    case = after(informed(TUESDAY), act("zurueckziehen", TUESDAY, private={"grund": "Kein Geld."}))
    assert case.state == "zurueckgezogen"
    assert not [d for d in case.deadlines if d.open]
    assert case.rungs == ()
    assert settle(case, world(date(2026, 12, 1))).quiet


def test_a_statement_on_paper_comes_with_its_original() -> None:
    case = informed(TUESDAY)
    words = {"wortlaut": "Keine Bedenken.", "verfasst_von": "Aylin Yilmaz"}
    taken = act(
        "urkunde_erfassen",
        TUESDAY,
        "sitzungsdienst",
        INTEGRATION,
        private=words,
        ergebnis="keine_bedenken",
    )
    with pytest.raises(InputError, match="unterlagen"):
        advance(case, taken, world(TUESDAY))
    outcome = advance(case, replace(taken, documents=(PAPER,)), world(TUESDAY))
    assert state(outcome.case) == "gewuerdigt"
    assert ("integration", "stellungnahme_erfasst") in {
        (n.office, n.letter) for n in outcome.notices
    }


def test_a_receipt_cannot_come_before_the_information() -> None:
    case = after(registered(MONDAY).case, act("informieren", TUESDAY, participation=INTEGRATION))
    dated = act("eingang", TUESDAY, "integration", INTEGRATION, happened_on=MONDAY)
    with pytest.raises(InputError, match="24 Mar 2026"):
        advance(case, dated, world(TUESDAY))


def test_a_weighing_answers_every_point() -> None:
    case = after(informed(TUESDAY), statement(TUESDAY))
    one = {"wuerdigung": [{"number": 1, "response": "followed"}]}
    with pytest.raises(InputError, match="2 points"):
        advance(
            case, act("wuerdigen", TUESDAY, participation=INTEGRATION, private=one), world(TUESDAY)
        )


def test_a_statement_is_filed_even_where_no_rule_says_how_long_weighing_takes() -> None:
    """A fact is never refused for want of a number."""
    bare = world(TUESDAY)
    packs = tuple(
        replace(
            p,
            provisions=tuple(
                x for x in p.provisions if x.value is None or x.value.name != "wuerdigung"
            ),
        )
        for p in bare.library.packs
    )
    library = Library(
        bare.library.workflows,
        bare.library.current,
        packs,
        bare.library.facts,
        bare.library.ladders,
    )
    outcome = advance(informed(TUESDAY), statement(TUESDAY), replace(bare, library=library))
    assert state(outcome.case) == "stellungnahme_liegt_vor"
    assert outcome.case.deadline(INTEGRATION, "wuerdigung") is None


def test_a_supplement_has_the_shorter_period() -> None:
    day = LAST_DAY + ONE_DAY
    case = after(
        later(informed(TUESDAY), day),
        act(
            "neue_fassung",
            day,
            einstufung="nachtrag",
            private={"aenderung": "Neuer Standort"},
            documents=(replace(PAPER, uid="d2"),),
        ),
    )
    deadline = case.deadline(INTEGRATION, "stellungnahme")
    assert deadline is not None
    assert deadline.last_day == date(2026, 4, 17)


def test_what_was_done_in_time_does_not_lapse() -> None:
    case = after(
        registered(MONDAY).case,
        act("entscheiden", MONDAY, "sitzungsdienst", gremium="vertretung", ergebnis="beschlossen"),
        act("abhilfe_leisten", MONDAY, feststellung=1, private={"wortlaut": "Nachgeholt."}),
    )
    done = next(
        d for d in later(case, date(2026, 4, 2)).deadlines if d.owner == "fb-soziales" and d.finding
    )
    assert done.status is DeadlineStatus.MET
