"""The Durchsicht names what is wrong with an open case, and nothing where all is well."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given, settings

from engine.core.case import Case, Stage
from engine.core.offices import Absence
from engine.core.sweep import TITLES, Flaw, flaws
from engine.core.world import World
from engine.services.legal.sweep import MENDS
from tests.core.walks import MOVES, walk, world_on
from tests.musterheide import (
    INTEGRATION,
    act,
    after,
    informed,
    later,
    measure,
    registered,
    roster,
    world,
)

TUESDAY = date(2026, 3, 24)
LAST_DAY = date(2026, 4, 9)
"""The last day of the statement of a case informed on Tuesday."""


def found(case: Case, seen: World) -> set[Flaw]:
    """Return the flaws of a case on a day."""
    return {f.flaw for f in flaws(case, seen)}


def stale(seen: World) -> World:
    """Return a world whose packs were last compared with their sources two years before."""
    old = seen.today - timedelta(days=730)
    packs = tuple(replace(p, checked_on=old, confirmed=None) for p in seen.library.packs)
    return replace(seen, library=replace(seen.library, packs=packs))


def presumed() -> tuple[Case, World]:
    """Return a case whose receipt nobody has confirmed and the clock presumes."""
    case = after(registered(TUESDAY).case, act("informieren", TUESDAY, participation=INTEGRATION))
    day = date(2026, 4, 8)
    return later(case, day), world(day)


def sitting_tomorrow() -> tuple[Case, World]:
    """Return a case whose first body meets a day after its registration."""
    soon = Stage("Sozialausschuss", TUESDAY + timedelta(days=1))
    return registered(TUESDAY, stages=(soon,)).case, world(TUESDAY)


def sitting_over() -> tuple[Case, World]:
    """Return a case of which nothing was entered after its last sitting."""
    day = date(2026, 6, 12)
    return later(informed(TUESDAY), day), world(day)


def vacant() -> tuple[Case, World]:
    """Return a case whose commissioner has left office without a successor."""
    return informed(TUESDAY), world(TUESDAY, people=roster(without="integration"))


def gone() -> tuple[Case, World]:
    """Return a case whose lead department nobody knows any more."""
    people = roster()
    offices = {k: v for k, v in people.offices.items() if k != "behinderung"}
    case = informed(TUESDAY)
    case = replace(case, measure=replace(case.measure, lead="behinderung"))
    return case, world(TUESDAY, people=replace(people, offices=offices))


def away_without_deputy() -> tuple[Case, World]:
    """Return a case whose commissioner and her deputy are both away on the last day."""
    people = roster(*(Absence(who, LAST_DAY, LAST_DAY) for who in ("yilmaz", "berg")))
    return informed(TUESDAY), world(TUESDAY, people=people)


def undated() -> tuple[Case, World]:
    """Return a case with neither a sitting nor a day of carrying out."""
    return registered(TUESDAY, stages=()).case, world(TUESDAY)


def by_old_rules() -> tuple[Case, World]:
    """Return a case whose rules nobody has looked at for two years."""
    return informed(TUESDAY), stale(world(TUESDAY))


SEEDED = {
    (Flaw.RECEIPT, "nobody confirmed"): presumed,
    (Flaw.EARLY, "sits tomorrow"): sitting_tomorrow,
    (Flaw.PASSED, "nothing entered"): sitting_over,
    (Flaw.UNFILLED, "vacant"): vacant,
    (Flaw.UNFILLED, "unknown"): gone,
    (Flaw.AWAY, "holder and deputy"): away_without_deputy,
    (Flaw.UNDATED, "no stages"): undated,
    (Flaw.STALE, "two years"): by_old_rules,
}


@pytest.mark.parametrize(("flaw", "why"), SEEDED, ids=str)
def test_each_flaw_is_seen_in_the_case_that_has_it(flaw: Flaw, why: str) -> None:
    case, seen = SEEDED[flaw, why]()
    said = [f for f in flaws(case, seen) if f.flaw is flaw]
    assert said
    assert all(f.text.de and f.text.en for f in said)


def test_every_rule_has_a_seeded_case_a_title_and_a_place_where_it_is_mended() -> None:
    assert {flaw for flaw, _ in SEEDED} == set(Flaw) == set(TITLES) == set(MENDS)


def test_a_case_in_order_has_no_flaw() -> None:
    assert flaws(informed(TUESDAY), world(TUESDAY)) == ()


def test_a_receipt_that_can_still_be_confirmed_in_time_is_no_flaw() -> None:
    case = after(registered(TUESDAY).case, act("informieren", TUESDAY, participation=INTEGRATION))
    assert Flaw.RECEIPT not in found(case, world(TUESDAY))


def test_a_confirmation_that_comes_late_mends_it() -> None:
    case, seen = presumed()
    assert Flaw.RECEIPT in found(case, seen)
    case = after(case, act("eingang", seen.today, "integration", INTEGRATION))
    assert Flaw.RECEIPT not in found(case, seen)


@pytest.mark.parametrize("away", [("yilmaz",), ("berg",)], ids=["holder", "deputy"])
def test_whoever_has_a_deputy_may_be_away_on_the_last_day(away: tuple[str, ...]) -> None:
    people = roster(*(Absence(who, LAST_DAY, LAST_DAY) for who in away))
    assert Flaw.AWAY not in found(informed(TUESDAY), world(TUESDAY, people=people))


def test_an_absence_that_ends_before_the_last_day_is_no_flaw() -> None:
    before = LAST_DAY - timedelta(days=1)
    people = roster(*(Absence(who, TUESDAY, before) for who in ("yilmaz", "berg")))
    assert Flaw.AWAY not in found(informed(TUESDAY), world(TUESDAY, people=people))


def test_a_sitting_of_today_is_not_over() -> None:
    last = measure().stages[-1].day
    assert last is not None
    assert Flaw.PASSED not in found(later(informed(TUESDAY), last), world(last))


def test_only_packs_that_the_case_rests_on_are_named() -> None:
    seen = stale(world(TUESDAY))
    case = informed(TUESDAY)
    named = {f.about for f in flaws(case, seen) if f.flaw is Flaw.STALE}
    rests_on = {p for s in case.participations for p in s.provisions}
    rests_on |= {d.provision for d in case.deadlines if d.open and d.provision}
    assert named == {seen.library.provision(p).pack for p in rests_on}
    assert named < {pack.id for pack in seen.library.packs}


@given(MOVES)
@settings(max_examples=60, deadline=None)
def test_whatever_a_case_has_been_through_it_can_be_looked_at(
    moves: list[tuple[int, int, int]],
) -> None:
    at = walk(moves)
    seen = world_on(at.day)
    said = flaws(at.case, seen)
    means = seen.library.workflow(at.case.workflow).meaning(at.case.state).value
    assert not said or means != "final"
    order = list(Flaw)
    assert [order.index(f.flaw) for f in said] == sorted(order.index(f.flaw) for f in said)
