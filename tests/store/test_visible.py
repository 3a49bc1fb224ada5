"""What a list shows is what `visibility.sees` says, by rows as by values, page after page."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.core.case import Case
from engine.core.meanings import OfficeMeans
from engine.core.visibility import Actor, Grant, granted, sees
from engine.store.cases import Filter
from tests.installation import House, house, setup_facts

SECRECY = ("public", "non_public", "personnel")
CONCERNS = ("betrifft_integration", "betrifft_behinderung", "betrifft_gleichstellung")


@pytest.fixture(scope="module")
def county(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[House, list[Case]]]:
    made = house(tmp_path_factory.mktemp("visible"))
    cases = []
    for n in range(12):
        facts = dict.fromkeys(setup_facts(), False) | {CONCERNS[n % 3]: True}
        cases.append(
            made.register(title=f"Vorhaben {n}", facts=facts, confidentiality=SECRECY[n // 3 % 3])
        )
    yield made, cases
    made.app.close()


OFFICES = st.sampled_from(["integration", "behinderung", "gleichstellung", "nobody"])


@settings(max_examples=100, deadline=None)
@given(
    leads=st.frozensets(st.sampled_from(["fb-soziales", "fb-bau"])),
    offices=st.frozensets(OFFICES),
    watches=st.frozensets(st.sampled_from(SECRECY)),
    limit=st.integers(1, 5),
)
def test_a_list_by_rows_is_the_decision_by_values(
    county: tuple[House, list[Case]],
    leads: frozenset[str],
    offices: frozenset[str],
    watches: frozenset[str],
    limit: int,
) -> None:
    made, cases = county
    means = frozenset({OfficeMeans.DEPARTMENT})
    somebody = Actor("p", tuple(sorted(offices)), means, leads, watches)
    listed: list[str] = []
    with made.app.database.read() as store:
        only = Filter(seen_by=somebody)
        while page := store.cases.list(only, after=listed[-1] if listed else None, limit=limit):
            listed += [line.number for line in page]
    assert listed == [c.number for c in reversed(cases) if sees(somebody, c)]


@settings(max_examples=60, deadline=None)
@given(data=st.data(), limit=st.integers(1, 5))
def test_what_is_granted_by_rows_is_the_decision_by_values_and_no_list_shows_it(
    county: tuple[House, list[Case]], data: st.DataObject, limit: int
) -> None:
    made, cases = county
    uids = st.sampled_from([*(c.uid for c in cases), "no case"])
    grants = data.draw(st.frozensets(st.builds(Grant, uids, st.booleans(), st.booleans())))
    somebody = Actor("", grants=grants)
    listed: list[str] = []
    with made.app.database.read() as store:
        only = Filter(granted=somebody)
        while page := store.cases.list(only, after=listed[-1] if listed else None, limit=limit):
            listed += [line.number for line in page]
        assert store.cases.list(Filter(seen_by=somebody)) == []
        assert store.cases.states(Filter(seen_by=somebody)) == {}
    assert listed == [c.number for c in reversed(cases) if granted(somebody, c)]


def test_nobody_in_office_sees_nothing(county: tuple[House, list[Case]]) -> None:
    with county[0].app.database.read() as store:
        assert store.cases.list(Filter(seen_by=Actor("p", administrator=True))) == []


def test_asking_for_the_cases_of_no_office_finds_none(county: tuple[House, list[Case]]) -> None:
    with county[0].app.database.read() as store:
        assert store.cases.list(Filter(offices=frozenset())) == []
        assert store.cases.states(Filter(offices=frozenset())) == {}
