"""What would have been: files told again under the same rules, and under others."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings

from engine.core.calendar import local_day
from engine.core.case import Entry, digest
from engine.core.counting import Counting
from engine.core.otherwise import Otherwise, otherwise
from engine.core.periods import Period, Unit
from engine.core.procedure import advance, settle
from engine.core.supposing import NOTHING, Supposition, period_names, supposed
from engine.core.what_if import Suppositions, Told, as_recorded, told_again
from engine.core.workflow import Step, Workflow
from engine.core.world import World
from engine.errors import InputError
from tests.core.walks import MOVES, Walk, begin, walk, world_on
from tests.musterheide import (
    COUNTY,
    INTEGRATION,
    act,
    definitions,
    library,
    registered,
    world,
)

MONDAY = date(2026, 3, 23)
TUESDAY = date(2026, 3, 24)
MIDSUMMER = date(2026, 6, 24)
UID, NUMBER = "c" * 32, "V-2026-0001"

Moves = list[tuple[int, int, int]]


def world_of(entry: Entry) -> World:
    """Return the world in which a walk made an entry."""
    return replace(world_on(local_day(entry.recorded_at)), now=entry.recorded_at)


def told(entries: tuple[Entry, ...], what: Supposition, day: date) -> Told:
    """Return a file as it would have gone until noon of a day."""
    worlds = Suppositions(world_of, what)
    until = worlds.changed(world_on(day))
    return told_again(UID, NUMBER, entries, worlds.world, until, worlds.renewed)


def said(entries: tuple[Entry, ...]) -> list[tuple[Any, ...]]:
    """Return what entries say; at which tick the clock got round to it is no part of that."""
    return [(e.type, e.actor, e.key, e.part, e.happened_on, dict(e.plain)) for e in entries]


def ended(walked: Walk) -> Walk:
    """Return a walk once the clock has come to rest at its last instant."""
    rest = settle(walked.case, world_on(walked.day))
    return Walk(rest.case, walked.entries + rest.entries, walked.day)


def days(count: int) -> Period:
    """Return so many working days."""
    return Period(count, Unit.WORKING_DAY)


@given(MOVES)
@settings(max_examples=150, deadline=None)
def test_unchanged_rules_change_nothing(moves: Moves) -> None:
    walked = ended(walk(moves))
    again = told(walked.entries, NOTHING, walked.day)
    assert again.case is not None
    assert as_recorded(again, walked.entries)
    assert again.impossible == ()
    assert digest(again.case) == digest(walked.case)
    assert said(again.entries) == said(walked.entries)


@given(MOVES)
@settings(max_examples=60, deadline=None)
def test_a_file_is_as_recorded_though_the_clock_has_gone_on_since(moves: Moves) -> None:
    walked = walk(moves)
    later = told(walked.entries, NOTHING, walked.day + timedelta(days=90))
    assert as_recorded(later, walked.entries)


def test_a_file_of_which_an_entry_was_changed_is_not_as_recorded() -> None:
    entries = released().entries
    [at] = [i for i, e in enumerate(entries) if e.type == "eingang"]
    back = replace(entries[at], happened_on=MONDAY)
    changed = (*entries[:at], back, *entries[at + 1 :])
    assert as_recorded(told(entries, NOTHING, MIDSUMMER), entries)
    assert not as_recorded(told(changed, NOTHING, MIDSUMMER), changed)


@given(MOVES)
@settings(max_examples=60, deadline=None)
def test_unchanged_rules_change_nothing_once_names_and_texts_are_erased(moves: Moves) -> None:
    walked = ended(walk(moves))
    bare = tuple(replace(e, private={}) for e in walked.entries)
    again = told(bare, NOTHING, walked.day)
    assert again.case is not None
    assert digest(again.case) == digest(walked.case)
    assert said(again.entries) == said(walked.entries)


@given(MOVES)
@settings(max_examples=60, deadline=None)
def test_a_rule_that_is_supposed_to_be_what_it_is_changes_nothing(moves: Moves) -> None:
    """The same numbers, packs and workflows, put in their own place."""
    walked = walk(moves)
    same = Supposition(
        periods={"eingang": days(1), "musterheide-da-4": days(10), "wuerdigung": days(5)},
        workflows=tuple(library().workflows.values()),
        calendars=definitions().calendars,
        ladders=library().ladders,
    )
    again = told(walked.entries, same, walked.day)
    before = told(walked.entries, NOTHING, walked.day)
    assert otherwise(before, again, library(), library()) == Otherwise(
        reached=(before.reached, before.reached)
    )


@given(MOVES)
@settings(max_examples=60, deadline=None)
def test_facts_stay_and_every_act_is_either_taken_or_named(moves: Moves) -> None:
    walked = walk(moves)
    longer = Supposition(periods={"anhoerung": days(30), "eingang": days(5)})
    again = told(walked.entries, longer, walked.day)
    people = {e.key for e in walked.entries if e.actor != "clock"}
    taken = {e.key for e in again.entries if e.actor != "clock"}
    left_out = len(people - taken)
    assert taken <= people
    assert left_out == len(again.impossible)


def released(on: date = date(2026, 4, 10)) -> Walk:
    """Return a file whose hearing ran out and whose paper was released the day after."""
    case = registered(MONDAY)
    entries = list(case.entries)
    at = case.case
    for step, day, office, key in (
        ("informieren", MONDAY, "fb-soziales", INTEGRATION),
        ("eingang", TUESDAY, "integration", INTEGRATION),
        ("freigeben", on, "fb-soziales", ""),
    ):
        outcome = advance(at, act(step, day, office, key), world(day))
        entries += outcome.entries
        at = outcome.case
    return Walk(at, tuple(entries), on)


def compared(walked: Walk, what: Supposition, day: date = MIDSUMMER) -> Otherwise:
    """Return what would have been different by noon of a day."""
    before, would_be = told(walked.entries, NOTHING, day), told(walked.entries, what, day)
    return otherwise(before, would_be, library(), supposed(library(), what))


def test_with_a_longer_period_the_release_would_not_have_been_possible() -> None:
    found = compared(released(), Supposition(periods={"anhoerung": days(15)}))
    [refused] = found.impossible
    assert (refused.step, refused.on) == ("freigeben", date(2026, 4, 10))
    assert "§ 4 Dienstanweisung Beteiligung Musterheide" in refused.why.de
    assert {d.title.de: (d.before, d.after) for d in found.deadlines} == {
        "Stellungnahmefrist": (date(2026, 4, 9), date(2026, 4, 16)),
        "Information der beteiligten Stelle": (date(2026, 4, 8), date(2026, 3, 30)),
    }
    assert found.reached == (True, True)


def test_a_period_that_lasts_beyond_the_sitting_misses_it() -> None:
    found = compared(released(), Supposition(periods={"anhoerung": days(40)}))
    assert found.missed
    assert found.reached == (True, False)


def test_a_shorter_period_lets_a_timely_statement_come_too_late() -> None:
    case = registered(MONDAY)
    entries = list(case.entries)
    at = case.case
    for step, day, office, given_ in (
        ("informieren", MONDAY, "fb-soziales", {}),
        ("eingang", TUESDAY, "integration", {}),
        ("stellungnahme", date(2026, 4, 9), "integration", {"ergebnis": "keine_bedenken"}),
    ):
        private = {"wortlaut": "Keine Bedenken."} if step == "stellungnahme" else {}
        taken = act(step, day, office, INTEGRATION, private=private, **given_)
        outcome = advance(at, taken, world(day))
        entries += outcome.entries
        at = outcome.case
    walked = Walk(at, tuple(entries), date(2026, 4, 9))
    found = compared(walked, Supposition(periods={"musterheide-da-4": days(5)}))
    assert [(r.what.de, r.about, r.difference) for r in found.lapses] == [
        ("Stellungnahmefrist", INTEGRATION, 1)
    ]
    [ended] = [e for e in found.ended if e.participation == INTEGRATION]
    assert (ended.before.de, ended.after.de) == (
        "Stellungnahme gewürdigt",
        "Frist ohne Stellungnahme abgelaufen",
    )
    assert ("stellungnahme_verspaetet", "integration", 1) in [
        (r.what.de, r.about, r.difference) for r in found.letters
    ]
    assert found.impossible == ()


def test_a_body_that_decides_anyway_leaves_a_finding_and_is_not_undone() -> None:
    walked = released()
    day = date(2026, 4, 14)
    decided = advance(
        walked.case,
        act("entscheiden", day, "sitzungsdienst", gremium="vertretung", ergebnis="beschlossen"),
        world(day),
    )
    walked = Walk(decided.case, walked.entries + decided.entries, day)
    found = compared(walked, Supposition(periods={"anhoerung": days(20)}), day)
    assert [i.step for i in found.impossible] == ["freigeben"]
    assert [(r.what.de, r.about, r.difference) for r in found.findings] == [
        ("Beteiligung unterblieben", INTEGRATION, 1)
    ]
    assert all(e.participation for e in found.ended), "the case is decided either way"


def test_a_holiday_more_moves_the_last_day() -> None:
    bb = definitions().calendars["BB"]
    more = replace(bb, holidays={**bb.holidays, date(2026, 3, 27): "Landestag"})
    found = compared(released(), Supposition(calendars={"BB": more}))
    [moved] = [d for d in found.deadlines if d.participation == INTEGRATION and d.before]
    assert (moved.before, moved.after) == (date(2026, 4, 9), date(2026, 4, 10))


def without(workflow: Workflow, step: str) -> Workflow:
    """Return another version of a workflow that lacks a step."""
    steps: dict[str, Step] = {k: s for k, s in workflow.steps.items() if k != step}
    return replace(workflow, digest="f" * 64, steps=steps)


def test_a_step_that_another_version_lacks_is_named_and_the_clock_goes_on() -> None:
    hearing = library().for_form("anhoerung")
    found = compared(released(), Supposition(workflows=(without(hearing, "eingang"),)))
    assert [i.step for i in found.impossible] == ["eingang"]
    assert "kennt keinen Schritt „eingang“" in found.impossible[0].why.de
    assert ("Eingang", INTEGRATION, 1) in [
        (r.what.de, r.about, r.difference) for r in found.lapses
    ], "receipt is presumed where nobody can confirm it"


def test_what_cannot_even_be_registered_ends_there() -> None:
    whole = library().case_workflow()
    found = compared(released(), Supposition(workflows=(without(whole, "anmelden"),)))
    assert [i.step for i in found.impossible] == ["anmelden"]
    assert not found.nothing


def test_a_matter_that_was_over_before_the_sitting_neither_reached_nor_missed_it() -> None:
    start = begin()
    day = start.day + timedelta(days=3)
    taken = act("zurueckziehen", day, private={"grund": "entfällt"})
    over = advance(start.case, taken, world_on(day))
    again = told(start.entries + over.entries, NOTHING, MIDSUMMER)
    assert again.reached is None


@pytest.mark.parametrize(
    ("name", "changed"),
    [
        ("eingang", {"musterheide-da-6"}),
        ("musterheide-da-4", {"musterheide-da-4"}),
        ("musterheide-da-4.urgent", {"musterheide-da-4"}),
        ("musterheide-da-8", {"musterheide-da-8"}),
        ("musterheide-hs-6", {"musterheide-hs-6"}),
    ],
    ids=["wert", "vorschrift", "eilfrist", "abhilfe", "ohne-frist-bisher"],
)
def test_a_period_is_named_by_value_or_provision(name: str, changed: set[str]) -> None:
    place = COUNTY
    before = {p.id: p for p in library().in_force(MONDAY, place)}
    would_be = supposed(library(), Supposition(periods={name: days(33)}))
    now = {p.id: p for p in would_be.in_force(MONDAY, place)}
    assert {i for i in now if now[i] != before[i]} == changed


def test_a_form_means_every_provision_of_it_that_names_a_period() -> None:
    would_be = supposed(library(), Supposition(periods={"anhoerung": days(33)}))
    for before, now in zip(
        library().in_force(MONDAY, COUNTY), would_be.in_force(MONDAY, COUNTY), strict=True
    ):
        meant = before.duty is not None and before.duty.form == "anhoerung"
        assert (now != before) == (meant and before.duty.counting is not None), before.id


def test_a_bare_length_keeps_how_it_is_counted_and_a_counting_replaces_it() -> None:
    bare = supposed(library(), Supposition(periods={"vorlagenschluss": days(9)}))
    value = bare.value("vorlagenschluss", MONDAY, COUNTY)
    assert value is not None and value.value is not None
    assert value.value.counting.backward is not None
    whole = supposed(library(), Supposition(periods={"eingang": Counting(days(9))}))
    value = whole.value("eingang", MONDAY, COUNTY)
    assert value is not None and value.value is not None
    assert value.value.counting == Counting(days(9))


def test_a_value_that_no_rule_lays_down_is_made_up_and_says_so() -> None:
    asked = Supposition(periods={"stellungnahme": days(4)})
    value = supposed(library(), asked).value("stellungnahme", MONDAY, COUNTY)
    assert value is not None
    assert value.confidence == "FICTITIOUS"


@pytest.mark.parametrize("name", ["eingnag", "musterheide-da-4.eilig", "bbgkverf-2024-17-1"])
def test_a_name_that_means_no_period_is_refused_with_those_that_do(name: str) -> None:
    with pytest.raises(InputError) as error:
        supposed(library(), Supposition(periods={name: days(3)}))
    assert name in error.value.text.de
    assert "eingang" in error.value.text.de


def test_every_name_that_is_offered_means_a_period() -> None:
    for name in period_names(library()):
        supposed(library(), Supposition(periods={name: days(3)}))


def test_a_pack_counts_as_if_it_had_always_applied_and_another_can_be_left_out() -> None:
    pack = next(p for p in library().packs if p.id == "musterheide-dienstanweisung")
    later = replace(
        pack,
        id="neue-dienstanweisung",
        provisions=tuple(
            replace(p, id=f"neu-{p.id}", since=date(2027, 1, 1)) for p in pack.provisions
        ),
    )
    what = Supposition(packs=(later,), without=frozenset({pack.id}))
    ids = {p.id for p in supposed(library(), what).in_force(MONDAY, COUNTY)}
    assert "neu-musterheide-da-4" in ids
    assert "musterheide-da-4" not in ids


def test_what_has_ended_stays_ended() -> None:
    old = next(p for p in library().packs if p.id == "bbgkverf-2007")
    again = supposed(library(), Supposition(packs=(old,)))
    assert all(p.pack != old.id for p in again.in_force(MONDAY, COUNTY))


def test_a_supposition_forgets_what_the_library_had_looked_up() -> None:
    assert library().value("eingang", MONDAY, COUNTY) is not None
    changed = supposed(library(), Supposition(without=frozenset({"musterheide-dienstanweisung"})))
    assert changed.value("eingang", MONDAY, COUNTY) is None
    assert library().value("eingang", MONDAY, COUNTY) is not None


def test_traits_are_taken_on_and_taken_away() -> None:
    without_pause = supposed(library(), Supposition(traits={"query": "none", "reasons": None}))
    traits = [p.duty.traits for p in without_pause.in_force(MONDAY, COUNTY) if p.duty is not None]
    assert all(t["query"] == "none" and "reasons" not in t for t in traits)


def test_the_worlds_of_one_library_share_what_is_supposed() -> None:
    worlds = Suppositions(world_of, Supposition(periods={"eingang": days(3)}))
    one, other = worlds.changed(world(MONDAY)), worlds.changed(world(TUESDAY))
    assert one.library is other.library
