"""Who acts for an office: asked of one roster again and again, in any order of days and cases."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from engine.core.offices import Absence, Recusal, Roster
from tests.musterheide import roster

AWAY = Absence("yilmaz", date(2026, 3, 4), date(2026, 3, 5))


def concerned() -> Roster:
    """Return a roster in which the commissioner is away for two days, and barred in case `a`."""
    return replace(roster(AWAY), recusals=(Recusal("yilmaz", "a", date(2026, 3, 3)),))


def acting(held: Roster, day: int, case: str) -> list[str]:
    return [t.person for t in held.acting("integration", date(2026, 3, day), case)]


def test_a_recusal_counts_in_its_case_alone_whichever_was_asked_first() -> None:
    held = concerned()
    assert acting(held, 3, "b") == ["yilmaz"]
    assert acting(held, 3, "a") == ["berg"]
    assert acting(held, 3, "b") == ["yilmaz"]
    assert acting(held, 2, "a") == ["yilmaz"]
    assert acting(held, 4, "b") == ["berg"]


@given(st.lists(st.tuples(st.integers(2, 6), st.sampled_from("ab")), max_size=12))
def test_what_a_roster_remembers_is_what_a_fresh_one_answers(asked: list[tuple[int, str]]) -> None:
    held = concerned()
    for day, case in asked:
        assert acting(held, day, case) == acting(concerned(), day, case)
