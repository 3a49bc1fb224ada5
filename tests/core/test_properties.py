"""What always holds, whatever people do and whenever the clock was looked at."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.core.calendar import local_day
from engine.core.case import Act, Case, Entry, digest
from engine.core.procedure import advance, settle
from engine.core.replay import Differs, replay
from engine.core.world import World
from engine.errors import EngineError
from tests.core.walks import MOVES, START, Walk, begin, chosen, finished, walk, world_on
from tests.musterheide import INTEGRATION, PAPER, act, after, informed, noon, registered, world

LATER = st.integers(0, 60)


@given(MOVES)
@settings(max_examples=150, deadline=None)
def test_random_walks_reach_only_declared_states(moves: list[tuple[int, int, int]]) -> None:
    case = walk(moves).case
    library = world(START).library
    assert case.state in library.workflow(case.workflow).states
    for p in case.participations:
        assert p.state in library.workflow(p.workflow).states


@given(MOVES)
@settings(max_examples=100, deadline=None)
def test_every_walk_can_still_finish(moves: list[tuple[int, int, int]]) -> None:
    """Everyone but the department and the legal office may stay silent."""
    at = walk(moves)
    case = at.case
    for days in range(0, 400, 20):
        if finished(case):
            return
        day = at.day + timedelta(days=days)
        case = settle(case, world_on(day)).case
        for taken in _towards_the_end(case, day):
            try:
                case = advance(case, taken, world_on(day)).case
            except EngineError:
                continue
    assert finished(case), (case.state, [p.state for p in case.participations])


def _towards_the_end(case: Case, day: date) -> list[Act]:
    acts, lead = [], case.measure.lead
    weighed = [{"number": 1, "response": "followed"}]
    for p in case.participations:
        acts += [
            act("informieren", day, lead, participation=p.key, documents=(PAPER,)),
            act("antworten", day, lead, participation=p.key, private={"antwort": "ja"}),
            act("vervollstaendigen", day, lead, participation=p.key, documents=(PAPER,)),
            act("wuerdigen", day, lead, participation=p.key, private={"wuerdigung": weighed}),
        ]
    acts.append(act("freigeben", day, lead))
    acts.append(act("entscheiden", day, "sitzungsdienst", gremium="hvb", ergebnis="beschlossen"))
    acts += [
        act(
            "feststellung_bewerten",
            day,
            "rechtsamt",
            feststellung=f.number,
            bewertung="abweichung",
            private={"gruende": "geprüft"},
        )
        for f in case.findings
    ]
    return [*acts, act("abschliessen", day, lead)]


@given(MOVES)
@settings(max_examples=150, deadline=None)
def test_the_entries_of_every_walk_replay_to_its_case(moves: list[tuple[int, int, int]]) -> None:
    walked = walk(moves)
    again = replay("c" * 32, "V-2026-0001", walked.entries, _world_of)
    assert not isinstance(again, Differs), again
    assert again == walked.case


@given(MOVES)
@settings(max_examples=60, deadline=None)
def test_the_file_replays_when_every_text_and_name_is_erased(
    moves: list[tuple[int, int, int]],
) -> None:
    walked = walk(moves)
    bare = [replace(e, private={}) for e in walked.entries]
    again = replay("c" * 32, "V-2026-0001", bare, _world_of)
    assert not isinstance(again, Differs), again
    assert digest(again) == digest(walked.case)


def _world_of(entry: Entry) -> World:
    return replace(world_on(local_day(entry.recorded_at)), now=entry.recorded_at)


@given(MOVES, st.lists(st.integers(0, 200), max_size=6))
@settings(max_examples=120, deadline=None)
def test_the_outcome_does_not_depend_on_when_ticks_ran(
    moves: list[tuple[int, int, int]], ticks: list[int]
) -> None:
    plain = _ended(walk(moves))
    ticked = begin()
    for number, (days, which, values) in enumerate(moves):
        day = ticked.day + timedelta(days=days)
        ticked = _ticked(ticked, day, ticks)
        taken = chosen(ticked.case, day, which, values, f"walk-{number}")
        try:
            outcome = advance(ticked.case, taken, world_on(day))
        except EngineError:
            outcome = settle(ticked.case, world_on(day))
        ticked = Walk(outcome.case, ticked.entries + outcome.entries, day)
    ticked = _ended(ticked)
    assert ticked.case == plain.case
    assert [_said(e) for e in ticked.entries] == [_said(e) for e in plain.entries]


def _ticked(at: Walk, until: date, ticks: list[int]) -> Walk:
    for offset in sorted(ticks):
        day = START + timedelta(days=offset)
        if at.day < day < until:
            outcome = settle(at.case, world_on(day))
            at = Walk(outcome.case, at.entries + outcome.entries, day)
    return at


def _ended(at: Walk) -> Walk:
    day = at.day + timedelta(days=90)
    outcome = settle(at.case, world_on(day))
    return Walk(outcome.case, at.entries + outcome.entries, day)


def _said(entry: Entry) -> tuple[object, ...]:
    return entry.type, entry.key, entry.part, entry.happened_on, dict(entry.plain)


@given(LATER)
def test_a_back_dated_receipt_equals_the_timely_one(days: int) -> None:
    """Whenever it is recorded, the period runs from the day on which it came in."""
    provided = date(2026, 3, 23)
    arrived = provided + timedelta(days=1)
    recorded = arrived + timedelta(days=days)
    end = noon(date(2026, 6, 30))
    sent = after(registered(provided).case, act("informieren", provided, participation=INTEGRATION))
    timely = advance(sent, act("eingang", arrived, "integration", INTEGRATION), world(arrived)).case
    dated = advance(
        sent,
        act("eingang", recorded, "integration", INTEGRATION, happened_on=arrived),
        world(recorded),
    ).case
    at_last = [settle(c, world(date(2026, 6, 30), now=end)).case for c in (timely, dated)]
    assert _standing(at_last[0]) == _standing(at_last[1])


def _standing(case: Case) -> object:
    deadline = case.deadline(INTEGRATION, "stellungnahme")
    assert deadline is not None
    return (
        case.state,
        [p.state for p in case.participations],
        (deadline.last_day, deadline.status, deadline.closed_on),
    )


@given(MOVES)
@settings(max_examples=80, deadline=None)
def test_each_rung_acts_once_and_findings_never_disappear(
    moves: list[tuple[int, int, int]],
) -> None:
    walked = _ended(walk(moves))
    rungs = [e.key for e in walked.entries if e.type == "rung"]
    assert len(rungs) == len(set(rungs))
    opened = [n for e in walked.entries for n in e.plain.get("findings", ())]
    assert opened == [f.number for f in walked.case.findings]


@given(MOVES)
@settings(max_examples=80, deadline=None)
def test_a_paper_is_never_released_while_a_participation_is_open(
    moves: list[tuple[int, int, int]],
) -> None:
    case = walk(moves).case
    library = world(START).library
    if library.workflow(case.workflow).meaning(case.state) == "cleared":
        newest = {(p.office, p.form): p for p in case.participations}
        means = {library.workflow(p.workflow).meaning(p.state) for p in newest.values()}
        assert means <= {"settled"}


def test_a_case_in_progress_equals_itself() -> None:
    assert informed(date(2026, 3, 24)) == informed(date(2026, 3, 24))
