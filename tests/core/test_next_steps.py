"""Als Nächstes: each open case says who must act, until when, and why."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings

from engine.core.case import Case
from engine.core.meanings import StateMeans
from engine.core.next_steps import NextStep, next_steps, placeholders, stray_brace
from engine.core.workflow import CLOCK
from engine.errors import Text
from tests.core.walks import MOVES, walk, world_on
from tests.musterheide import (
    INTEGRATION,
    ONE_DAY,
    PAPER,
    act,
    after,
    informed,
    later,
    library,
    registered,
    world,
)

MONDAY = date(2026, 3, 23)
TUESDAY = date(2026, 3, 24)
LAST_DAY = date(2026, 4, 9)


def step_of(case: Case, day: date, participation: str = INTEGRATION) -> NextStep:
    """Return the next step of a participation, or of the case for ''."""
    return next(n for n in next_steps(case, world(day)) if n.participation == participation)


def test_a_fresh_case_says_who_informs_whom_by_when() -> None:
    told = step_of(registered(MONDAY).case, MONDAY)
    assert told.what == Text(
        "Fachbereich Soziales informiert Integrationsbeauftragte bis Mi., 08.04.2026.",
        "Fachbereich Soziales informs Integrationsbeauftragte by Wed 8 Apr 2026.",
    )
    assert (told.who, told.until) == ("fb-soziales", date(2026, 4, 8))
    assert told.norms[0] == "bbgkverf-2024-17-3"


def test_the_commissioner_is_told_her_last_day_and_the_norm_that_sets_it() -> None:
    told = step_of(informed(TUESDAY), TUESDAY)
    assert told.what.de == "Integrationsbeauftragte nimmt Stellung bis Do., 09.04.2026."
    assert (told.who, told.until) == ("integration", LAST_DAY)
    assert told.norms[0] == "musterheide-da-4"
    assert "bbgkverf-2024-17-3" in told.norms


def test_a_query_is_the_departments_to_answer_while_the_period_rests() -> None:
    ask = act("rueckfrage", date(2026, 3, 26), "integration", INTEGRATION, private={"frage": "Wo?"})
    told = step_of(after(informed(TUESDAY), ask), date(2026, 3, 26))
    assert told.what.de == "Fachbereich Soziales beantwortet die Rückfrage bis Di., 31.03.2026."
    assert (told.who, told.until) == ("fb-soziales", date(2026, 3, 31))


def test_without_a_sitting_nobody_is_told_a_day_that_is_not_known() -> None:
    told = step_of(registered(MONDAY, stages=()).case, MONDAY)
    assert told.what == Text(
        "Fachbereich Soziales informiert Integrationsbeauftragte.",
        "Fachbereich Soziales informs Integrationsbeauftragte.",
    )
    assert (told.who, told.until) == ("fb-soziales", None)


def test_a_day_that_is_not_known_reads_as_a_dash_in_the_middle_of_a_sentence() -> None:
    case = after(registered(MONDAY).case, act("informieren", MONDAY, participation=INTEGRATION))
    rested = replace(case, deadlines=())
    assert step_of(rested, MONDAY).what.de == (
        "Integrationsbeauftragte bestätigt den Eingang; ohne Bestätigung gilt er am – als erfolgt."
    )


def test_a_missed_duty_keeps_its_day_in_the_sentence() -> None:
    overdue = later(registered(MONDAY).case, date(2026, 4, 20))
    assert step_of(overdue, date(2026, 4, 20)).until == date(2026, 4, 8)


def test_a_settled_participation_still_says_what_holds() -> None:
    lapsed = later(informed(TUESDAY), LAST_DAY + ONE_DAY)
    told = step_of(lapsed, LAST_DAY + ONE_DAY)
    assert told.what.de == "Ohne Stellungnahme abgelaufen; Nachgereichtes kommt zur Akte."
    assert told.until is None


def test_what_is_due_first_stands_first() -> None:
    told = next_steps(registered(MONDAY).case, world(MONDAY))
    assert [n.participation for n in told] == [INTEGRATION, ""]
    assert told[1].what.de == "Fachbereich Soziales informiert die zu beteiligenden Stellen."


def test_each_remedy_that_is_owed_is_a_next_step_of_its_own() -> None:
    decided = after(
        registered(date(2026, 5, 4)).case,
        act(
            "entscheiden",
            date(2026, 6, 11),
            "sitzungsdienst",
            gremium="vertretung",
            ergebnis="beschlossen",
        ),
    )
    owed = [n for n in next_steps(decided, world(date(2026, 6, 11))) if "Feststellung" in n.what.de]
    assert [(n.who, n.until, n.norms) for n in owed] == [
        ("fb-soziales", date(2026, 6, 18), ("musterheide-da-8",)),
        ("landrat", date(2026, 7, 2), ("bbgkverf-2024-55",)),
    ]
    assert owed[1].what == Text(
        "Abhilfe zur Feststellung 1 durch Landrätin bis Do., 02.07.2026.",
        "Remedy for finding 1 by Landrätin, until Thu 2 Jul 2026.",
    )


def test_an_old_round_has_nothing_left_to_say() -> None:
    case = after(
        informed(TUESDAY),
        act(
            "neue_fassung",
            TUESDAY,
            einstufung="neue_runde",
            documents=(PAPER,),
            private={"aenderung": "Standort"},
        ),
    )
    told = {n.participation for n in next_steps(case, world(TUESDAY))}
    assert told == {"", "integration/anhoerung/2"}


def test_a_case_at_its_end_has_no_next_step() -> None:
    case = after(informed(TUESDAY), act("zurueckziehen", TUESDAY, private={"grund": "Haushalt"}))
    assert next_steps(case, world(TUESDAY)) == ()


@given(MOVES)
@settings(max_examples=30, deadline=None)
def test_every_case_that_is_not_over_says_what_comes_next(
    moves: list[tuple[int, int, int]],
) -> None:
    at = walk(moves)
    told = next_steps(at.case, world_on(at.day))
    meaning = library().workflow(at.case.workflow).meaning(at.case.state)
    assert bool(told) == (meaning is not StateMeans.FINAL)
    for step in told:
        assert "{" not in step.what.de + step.what.en
        assert step.who in {CLOCK, *world_on(at.day).roster.offices}


@pytest.mark.parametrize(
    ("sentence", "names", "stray"),
    [
        ("Nichts.", [], False),
        ("{lead} und {office}.", ["lead", "office"], False),
        ("{lead", [], True),
        ("lead}", [], True),
        ("{{lead}}", ["lead"], True),
        ("{}", [""], False),
    ],
)
def test_placeholders_stand_in_braces(sentence: str, names: list[str], stray: bool) -> None:
    assert list(placeholders(sentence)) == names
    assert stray_brace(sentence) is stray
