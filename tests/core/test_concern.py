"""Betroffenheitsprüfung: from a few questions to those who must take part."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from itertools import product

import pytest

from engine.core.case import Case, Outcome
from engine.core.concern import ConcernRow, ConcernTable, completed, unsound
from engine.core.conditions import Is
from engine.core.procedure import advance, register
from engine.errors import Refused
from engine.strictyaml import DefinitionError
from tests.core.test_law_of_the_day import pack
from tests.musterheide import COUNTY, PAPER, act, library, measure, world

MONDAY, TUESDAY = date(2026, 3, 23), date(2026, 3, 24)
DIRECT = {f.id: False for f in library().facts.values() if not f.for_tables}
TABLES = [p.table for p in library().tables(MONDAY, COUNTY) if p.table is not None]
ASKED = sorted({name for table in TABLES for name in table.asks})
ANSWERED = {table.answers for table in TABLES}


def with_answers(**answers: bool) -> Outcome:
    """Return the registration of a measure about which only questions were answered."""
    facts = {k: v for k, v in DIRECT.items() if k not in ANSWERED} | answers
    taken = act("anmelden", MONDAY, documents=(PAPER,))
    return register("c" * 32, "V-2026-0001", measure(facts=facts), taken, world(MONDAY))


def offices(case: Case) -> set[str]:
    return {p.office for p in case.participations}


def test_a_few_answers_say_who_takes_part() -> None:
    nobody = dict.fromkeys(ASKED, False)
    assert offices(with_answers(**nobody).case) == set()
    assert offices(with_answers(**nobody | {"unterbringung": True}).case) == {"integration"}
    assert offices(with_answers(**nobody | {"publikumsverkehr": True}).case) == {"behinderung"}
    both = with_answers(**nobody | {"leistung_fuer_alle": True})
    assert offices(both.case) == {"integration", "behinderung"}


@pytest.mark.parametrize("table", TABLES, ids=lambda t: t.answers)
def test_every_combination_of_answers_meets_exactly_one_row(table: ConcernTable) -> None:
    combinations = list(product((True, False), repeat=len(table.asks)))
    assert len(combinations) == 2 ** len(table.asks)
    for values in combinations:
        assert len(list(table.met(dict(zip(table.asks, values, strict=True))))) == 1


def test_what_a_table_left_open_must_still_be_asked_before_the_release() -> None:
    case = with_answers(publikumsverkehr=False).case
    with pytest.raises(Refused, match="leistung_fuer_alle, unterbringung"):
        advance(case, act("freigeben", MONDAY), world(MONDAY))


def test_to_leave_out_an_office_that_the_table_calls_needs_a_reason() -> None:
    answers = dict.fromkeys(ASKED, False) | {"unterbringung": True, "betrifft_integration": False}
    with pytest.raises(Refused, match="give the reasons") as refused:
        with_answers(**answers)
    assert "§ 3 Abs. 1 Dienstanweisung Beteiligung Musterheide" in refused.value.text.de


def test_the_office_that_is_left_out_reads_why() -> None:
    answers = dict.fromkeys(ASKED, False) | {"unterbringung": True, "betrifft_integration": False}
    facts = {k: v for k, v in DIRECT.items() if k not in ANSWERED} | answers
    said = act("anmelden", MONDAY, documents=(PAPER,), private={"abweichung": "Nur die Heizung."})
    outcome = register("c" * 32, "V-2026-0001", measure(facts=facts), said, world(MONDAY))
    assert offices(outcome.case) == set()
    letters = [(n.office, n.letter) for n in outcome.notices]
    assert letters == [("integration", "betroffenheit_abweichend")]


def test_to_ask_an_office_that_no_table_calls_needs_no_reason() -> None:
    answers = dict.fromkeys(ASKED, False) | {"betrifft_integration": True}
    assert offices(with_answers(**answers).case) == {"integration"}


def test_a_question_answered_anew_opens_the_participation_it_calls_for() -> None:
    case = with_answers(**dict.fromkeys(ASKED, False)).case
    told = act("betroffenheit_angeben", TUESDAY, tatsachen={"publikumsverkehr": True})
    case = advance(case, told, world(TUESDAY)).case
    assert offices(case) == {"behinderung"}
    assert case.measure.facts["betrifft_behinderung"] is True


def test_what_was_stated_itself_stands_until_its_questions_are_asked_again() -> None:
    [table] = [t for t in TABLES if t.answers == "betrifft_integration"]
    before = {"betrifft_integration": True, "leistung_fuer_alle": False, "unterbringung": False}
    assert completed(before, {"betrifft_jugend": True}, [table])["betrifft_integration"] is True
    again = completed(before, {"unterbringung": False}, [table])
    assert again["betrifft_integration"] is False


def test_a_gap_and_an_overlap_are_found_over_all_answers() -> None:
    yes = Is("measure.a", frozenset({True}))
    table = ConcernTable("x", ("a", "b"), (ConcernRow(yes, True), ConcernRow(yes, True)))
    domains = {"a": (True, False), "b": (True, False)}
    found = [(dict(answers), met) for answers, met in unsound(table, domains)]
    assert ({"a": True, "b": True}, 2) in found
    assert ({"a": False, "b": False}, 0) in found
    assert len(found) == 4


TABLE = """
- id: t
  title: Tabelle
  norm: § 3
  confidence: FICTITIOUS
  table:
    answers: betrifft_behinderung
    rows:
      - {{when: {{measure.publikumsverkehr: true}}, answer: true}}
      - {{when: {{{when}}}, answer: false{because}}}
"""
WHY = ", because: {de: niemand, en: nobody}"


@pytest.mark.parametrize(
    ("when", "because", "said"),
    [
        ("measure.leistung_fuer_alle: false", WHY, "gelten 2 Zeilen zugleich"),
        (
            "measure.publikumsverkehr: false, measure.leistung_fuer_alle: false",
            WHY,
            "Für diese Antworten gibt es keine Zeile: leistung_fuer_alle: true, "
            "publikumsverkehr: false",
        ),
        ("measure.publikumsverkehr: false", "", "braucht unter 'because' den Grund"),
        ("measure.kind: [satzung]", WHY, "so nicht: kind"),
    ],
    ids=["overlap", "gap", "no-reason", "not-finite"],
)
def test_a_table_that_leaves_an_answer_open_is_refused(when: str, because: str, said: str) -> None:
    with pytest.raises(DefinitionError) as refused:
        pack("service_instruction", TABLE.format(when=when, because=because))
    assert said in " ".join(p.text.de for p in refused.value.problems)


def test_a_case_registered_against_the_table_replays_to_the_same_facts() -> None:
    case = with_answers(**dict.fromkeys(ASKED, False) | {"unterbringung": True}).case
    kept = replace(case.measure)
    again = register(
        case.uid, case.number, kept, act("anmelden", MONDAY, documents=(PAPER,)), world(MONDAY)
    ).case
    assert again.measure.facts == case.measure.facts
