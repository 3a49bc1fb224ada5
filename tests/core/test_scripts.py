"""Rehearsals: a script is played like a case, and what comes out otherwise is told."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from engine.core.coverage import ANY, coverage, declared
from engine.core.examples import CASE, Example, Expected, Line, Supposed
from engine.core.meanings import OfficeMeans
from engine.core.scripts import Report, run
from engine.core.workflow import Workflow
from engine.definitions.rehearsal import training
from engine.errors import InputError
from tests.musterheide import definitions, library

MONDAY = date(2026, 3, 23)
TUESDAY = date(2026, 3, 24)
KEY = "beauftragte/anhoerung/1"


def hearing() -> Workflow:
    return library().for_form("anhoerung")


def measure() -> Workflow:
    return library().case_workflow()


def line(number: int, on: date, step: str | None = None, by: str = "", **more: Any) -> Line:
    return Line(number, on, step, by, **more)


def played(*lines: Line, workflow: Workflow | None = None, **more: Any) -> Report:
    """Return the report of an example of the hearing, or of another workflow."""
    example = Example("Probe", 7, lines, **more)
    return run(example, workflow or hearing(), training(definitions()))


def causes(report: Report) -> list[str]:
    return [f.text.de for f in report.failures]


INFORM = line(10, MONDAY, "informieren", "lead")
CONFIRM = line(11, TUESDAY, "eingang", "office")


def test_a_script_that_holds_is_told_with_the_transitions_it_took() -> None:
    expected = Expected(
        state="informiert", case="in_beteiligung", deadlines={"stellungnahme": date(2026, 4, 9)}
    )
    report = played(INFORM, CONFIRM, expected=expected)
    assert report.passed
    assert (hearing().pin, ("eingang", "bereitgestellt", "informiert")) in report.taken
    assert (measure().pin, ("anmelden", "-", "entwurf")) in report.taken


@pytest.mark.parametrize(
    ("expected", "says"),
    [
        (Expected(state="offen"), "Stand: erwartet „offen“, gefunden „informiert“."),
        (Expected(case="entwurf"), "Stand des Vorgangs: erwartet „entwurf“"),
        (
            Expected(deadlines={"stellungnahme": date(2026, 4, 8)}),
            "Frist stellungnahme: erwartet „2026-04-08“, gefunden „2026-04-09“.",
        ),
        (Expected(deadlines={"eingang": TUESDAY}), "erwartet „2026-03-24“, gefunden „–“."),
        (Expected(deadlines={"stellungnahme": None}), "erwartet „–“, gefunden „2026-04-09“."),
        (Expected(participations={KEY: "offen"}), f"{KEY}: erwartet „offen“"),
        (Expected(participations={"x/y/1": "offen"}), "x/y/1: erwartet „offen“, gefunden „–“."),
        (
            Expected(tells={"office": ("freigabe",)}),
            "Mitteilungen: erwartet „office: freigabe“, gefunden „lead: eingang_bestaetigt“.",
        ),
        (Expected(tells={}), "Mitteilungen: erwartet „–“"),
        (Expected(findings=("verspaetet_informiert",)), "Feststellungen: erwartet"),
    ],
)
def test_each_line_that_comes_out_otherwise_is_named(expected: Expected, says: str) -> None:
    report = played(INFORM, replace(CONFIRM, expected=expected))
    [cause] = causes(report)
    assert cause.startswith("Beispiel „Probe“, Zeile 11: ")
    assert says in cause
    assert report.failures[0].text.en.startswith("Example 'Probe', line 11: ")


def test_the_end_is_compared_where_the_example_is_named() -> None:
    report = played(INFORM, expected=Expected(state="offen", findings=("open",)))
    assert [f.line for f in report.failures] == [7, 7]


def test_a_line_that_is_not_as_expected_does_not_end_the_rehearsal() -> None:
    wrong = replace(INFORM, expected=Expected(state="offen"))
    report = played(wrong, replace(CONFIRM, expected=Expected(state="offen")))
    assert [f.line for f in report.failures] == [10, 11]


def test_a_line_that_cannot_be_played_ends_it() -> None:
    report = played(line(10, MONDAY, "eingang", "office"), line(11, MONDAY, "informieren", "lead"))
    [cause] = causes(report)
    assert cause.startswith("Beispiel „Probe“, Zeile 10: „Eingang bestätigen“ ist im Stand")


@pytest.mark.parametrize(
    ("refused", "passes"),
    [("", True), ("noch nicht informiert", True), ("not yet informed", True), ("Haushalt", False)],
)
def test_a_refusal_may_be_expected_in_its_own_words(refused: str, passes: bool) -> None:
    release = line(9, MONDAY, "freigeben", "lead", where=CASE, refused=refused)
    assert played(release).passed is passes


def test_a_refusal_that_does_not_come_is_a_failure() -> None:
    [cause] = causes(played(replace(INFORM, refused="")))
    assert "erwartet war eine Ablehnung" in cause


def test_a_line_that_was_refused_leaves_everything_as_it_was() -> None:
    release = line(9, MONDAY, "freigeben", "lead", where=CASE, refused="")
    report = played(replace(release, expected=Expected(case="freigegeben")))
    assert "gefunden „entwurf“" in causes(report)[0]


def test_a_line_without_a_step_lets_the_clock_run_on() -> None:
    lapse = line(12, date(2026, 4, 10), expected=Expected(state="abgelaufen"))
    report = played(INFORM, CONFIRM, lapse)
    assert report.passed
    assert (hearing().pin, ("ablauf", "informiert", "abgelaufen")) in report.taken


def test_an_office_can_be_left_vacant_and_filled_again() -> None:
    empty = frozenset({"beauftragte"})
    report = played(
        line(9, MONDAY, "informieren", "lead", vacant=empty, refused="Besetzung"),
        line(10, MONDAY, "vakanz_feststellen", "lead"),
        line(11, TUESDAY, "informieren", "lead", vacant=frozenset()),
        expected=Expected(state="bereitgestellt"),
    )
    assert report.passed, causes(report)


def test_a_step_that_one_role_alone_may_take_need_not_say_who() -> None:
    report = played(line(10, MONDAY, "informieren"), line(11, MONDAY, "verzichten"))
    assert report.passed, causes(report)


def test_who_acts_must_be_an_office() -> None:
    [cause] = causes(played(INFORM, line(11, TUESDAY, "eingang", "niemand")))
    assert "„by: niemand“ nennt keine Stelle" in cause
    [cause] = causes(played(INFORM, line(11, TUESDAY, "eingang")))
    assert "„by: “ nennt keine Stelle" in cause


def test_an_unknown_participation_is_named_with_those_there_are() -> None:
    [cause] = causes(played(replace(INFORM, where="beirat/anhoerung/1")))
    assert "keine Beteiligung „beirat/anhoerung/1“" in cause
    assert KEY in cause


def test_who_takes_part_is_the_examples_to_say() -> None:
    both = {"beauftragte": "betrifft_integration", "beirat": "betrifft_senioren"}
    first = line(8, MONDAY, "anmelden", "lead", documents=("vorlage",))
    states = {KEY: "offen", "beirat/anhoerung/1": "offen", "beirat/unterrichtung/1": "offen"}
    first = replace(first, expected=Expected(participations=states))
    assert played(first, workflow=measure(), offices=both).passed
    assert not played(first, workflow=measure()).passed


def test_an_example_of_the_case_begins_with_its_registration() -> None:
    [cause] = causes(played(line(8, MONDAY, "freigeben", "lead"), workflow=measure()))
    assert "meldet kein Vorhaben an" in cause
    [cause] = causes(played(line(8, MONDAY), workflow=measure()))
    assert "keinen Schritt" in cause


def test_an_example_of_a_participation_may_register_its_measure_itself() -> None:
    bare = line(8, MONDAY, "anmelden", "lead", where=CASE)
    [cause] = causes(played(bare, INFORM))
    assert "es fehlen Unterlagen: vorlage" in cause
    assert played(replace(bare, documents=("vorlage",)), INFORM).passed


def test_who_is_asked_only_after_whom_can_be_supposed() -> None:
    both = {"beauftragte": "betrifft_integration", "kinder_jugend_beauftragte": "betrifft_jugend"}
    first = replace(INFORM, where=KEY)
    later = Supposed(before={"kinder_jugend_beauftragte": frozenset({"beauftragte"})})
    assert played(first, offices=both).passed
    [cause] = causes(played(first, offices=both, supposed=later))
    assert "noch nicht möglich" in cause
    # What calls for both offices puts neither first, so hers is not waiting for itself.
    other = replace(INFORM, where="kinder_jugend_beauftragte/anhoerung/1")
    assert played(other, offices=both, supposed=later).passed


def test_the_version_under_test_is_played_even_if_another_is_in_force() -> None:
    steps = {**hearing().steps, "eingang": replace(hearing().steps["eingang"], by=frozenset())}
    changed = replace(hearing(), digest="f" * 64, steps=steps)
    assert not played(INFORM, CONFIRM, workflow=changed).passed
    assert played(INFORM, CONFIRM).passed


def test_in_a_rehearsal_nobody_shorter_than_a_department_leads() -> None:
    place = training(definitions())
    bare = {k: v for k, v in place.kinds.items() if v.means is not OfficeMeans.DEPARTMENT}
    with pytest.raises(InputError, match="department"):
        run(Example("Probe", 7, (INFORM,)), hearing(), replace(place, kinds=bare))


def test_a_step_from_anywhere_counts_once() -> None:
    rows = set(declared(hearing()))
    assert [r for r in rows if r[0] == "an_vertretung_wenden"] == [
        ("an_vertretung_wenden", ANY, ANY)
    ]
    taken = [(hearing().pin, ("beenden", "offen", "beendet"))]
    assert coverage(hearing(), taken).taken == {("beenden", ANY, "beendet")}


def test_branches_that_a_state_excludes_are_not_declared() -> None:
    rows = {(origin, to) for step, origin, to in declared(hearing()) if step == "ablauf"}
    assert ("eingang_vermutet", "vermutet_abgelaufen") in rows
    assert ("eingang_vermutet", "abgelaufen") not in rows
    assert ("informiert", "vermutet_abgelaufen") not in rows


def test_coverage_names_what_nobody_took() -> None:
    report = played(INFORM, CONFIRM)
    covered = coverage(hearing(), report.taken)
    assert 0 < covered.percent < covered.percent_of_steps < 100
    assert "verzichten" in covered.steps_missing
    assert ("eingang", "bereitgestellt", "informiert") not in covered.missing
