"""A file moves to another version of its workflow and stays the file it was."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings

from engine.core.calendar import local_day
from engine.core.case import Act, Case, Deadline, DeadlineStatus, Entry, Outcome
from engine.core.draft import Draft
from engine.core.migrating import MIGRATION, Migration, carry_over, migrate, migration_of, obstacles
from engine.core.procedure import advance, settle
from engine.core.replay import Differs, replay
from engine.core.world import Library, World
from engine.errors import Refused
from tests.core.walks import MOVES, Walk, walk, world_on
from tests.musterheide import INTEGRATION, ONE_DAY, act, after, informed, registered, state, world
from tests.versioned import (
    CASE_STATES,
    DEADLINES,
    STATES,
    in_library,
    next_version,
    pair,
    renaming,
    rewritten,
    two_versions,
    with_versions,
)

DAY = date(2026, 3, 24)


def on(day: date, library: Library | None = None) -> World:
    return in_library(world(day), library or two_versions())


def moving(day: date, participation: str = INTEGRATION, key: str = "umzug") -> Act:
    """Return the act that moves a subject on a day."""
    return act(MIGRATION, day, participation=participation, key=key)


def incomplete(day: date = DAY) -> Case:
    """Return a case whose commissioner has returned the documents as incomplete."""
    returned = act(
        "unvollstaendig_melden", day, "integration", INTEGRATION, private={"fehlend": "Lageplan"}
    )
    return after(informed(day), returned)


def open_days(case: Case, key: str = INTEGRATION) -> dict[str, date]:
    return {d.name: d.last_day for d in case.deadlines if d.participation == key and d.open}


def waiting(case: Case, name: str) -> list[tuple[int, Any]]:
    """Return the rungs of a deadline that wait: number and instant."""
    return [(r.number, r.due_at) for r in case.rungs if r.name == name]


def test_a_migrated_participation_goes_on_where_it_stood() -> None:
    case = informed(DAY)
    plan = renaming(two_versions())
    outcome = migrate(case, moving(DAY), plan, on(DAY))
    moved = outcome.case.participation(INTEGRATION)
    before = case.participation(INTEGRATION)
    assert moved is not None
    assert before is not None
    assert (moved.workflow, moved.state) == (plan.target, "unterrichtet")
    assert moved.revision == before.revision + 1
    assert open_days(outcome.case) == open_days(case)
    assert outcome.case.rungs == case.rungs
    assert outcome.notices == ()
    spoken = act(
        "stellungnahme",
        DAY,
        "integration",
        INTEGRATION,
        private={"wortlaut": "Keine Bedenken."},
        ergebnis="keine_bedenken",
    )
    assert state(advance(outcome.case, spoken, on(DAY)).case) == "gewuerdigt"


def test_a_renamed_deadline_keeps_its_last_day_its_owner_and_its_waiting_rungs() -> None:
    case = incomplete()
    outcome = migrate(case, moving(DAY), renaming(two_versions()), on(DAY))
    old = case.deadline(INTEGRATION, "vervollstaendigung")
    new = outcome.case.deadline(INTEGRATION, "nachreichung")
    assert old is not None
    assert new is not None
    assert new == replace(old, name="nachreichung")
    assert outcome.case.deadline(INTEGRATION, "vervollstaendigung") is None
    assert waiting(outcome.case, "nachreichung") == waiting(case, "vervollstaendigung") != []
    assert waiting(outcome.case, "vervollstaendigung") == []


def test_a_resting_period_goes_on_resting_and_resumes_under_the_new_version() -> None:
    moved = migrate(incomplete(), moving(DAY), renaming(two_versions()), on(DAY)).case
    resting = moved.deadline(INTEGRATION, "stellungnahme")
    assert resting is not None
    assert resting.status is DeadlineStatus.PAUSED
    later = DAY + 3 * ONE_DAY
    papers = act("vervollstaendigen", later, participation=INTEGRATION)
    completed = replace(papers, documents=(replace(moved.documents[0], uid="d9"),))
    resumed = advance(moved, completed, on(later)).case.deadline(INTEGRATION, "stellungnahme")
    assert resumed is not None
    assert resumed.status is DeadlineStatus.RUNNING
    assert resumed.last_day > resting.last_day


def test_a_period_that_lapsed_before_the_move_can_still_be_put_right_after_it() -> None:
    """The statement came in time, and is entered after the lapse and after the migration."""
    case = informed(DAY)
    ends = case.deadline(INTEGRATION, "stellungnahme")
    assert ends is not None
    late = ends.last_day + 5 * ONE_DAY
    lapsed = settle(case, world(late)).case
    library = with_versions(rewritten({"stellungnahme": "aeusserung"}))
    plan = renaming(library, states={}, deadlines={"stellungnahme": "aeusserung"})
    moved = migrate(lapsed, moving(late), plan, on(late, library)).case
    timely = act(
        "aeusserung",
        late,
        "integration",
        INTEGRATION,
        happened_on=ends.last_day,
        private={"wortlaut": "Bedenken.", "punkte": [{"number": 1, "text": "Zugang"}]},
        ergebnis="bedenken",
    )
    done = advance(moved, timely, on(late, library)).case
    assert state(done) == "stellungnahme_liegt_vor"
    righted = done.deadline(INTEGRATION, "aeusserung")
    assert righted is not None
    assert righted.status is DeadlineStatus.MET


def test_a_deadline_that_only_the_new_version_knows_runs_from_the_day_of_the_move() -> None:
    library = with_versions(next_version(interim=True))
    moved = migrate(informed(DAY), moving(DAY), renaming(library), on(DAY, library)).case
    found = moved.deadline(INTEGRATION, "zwischenstand")
    assert found is not None
    assert found.owner == "fb-soziales"
    assert found.last_day > DAY
    assert waiting(moved, "zwischenstand") != []


def test_what_is_dropped_falls_away_and_reminds_nobody() -> None:
    library = two_versions()
    plan = renaming(library, deadlines={}, dropped_deadlines=frozenset({"vervollstaendigung"}))
    moved = migrate(incomplete(), moving(DAY), plan, on(DAY)).case
    assert "vervollstaendigung" not in open_days(moved)
    assert waiting(moved, "vervollstaendigung") == []


def test_the_case_itself_moves_and_its_participations_stay() -> None:
    library = two_versions()
    old, new = pair(library, "vorhaben")
    case = informed(DAY)
    plan = Migration(old.pin, new.pin, "e" * 64, CASE_STATES)
    moved = migrate(case, moving(DAY, ""), plan, on(DAY)).case
    assert (moved.workflow, moved.state) == (new.pin, "beteiligung_laeuft")
    assert moved.participations == case.participations
    assert moved.version == case.version + 1


def test_the_clock_acts_before_the_move() -> None:
    """What fell due under the old version is done by the old version."""
    case = informed(DAY)
    ends = case.deadline(INTEGRATION, "stellungnahme")
    assert ends is not None
    late = ends.last_day + ONE_DAY
    outcome = migrate(case, moving(late), renaming(two_versions()), on(late))
    assert [e.type for e in outcome.entries] == ["rung", "rung", "ablauf", MIGRATION]
    assert outcome.entries[2].plain["definition"] == renaming(two_versions()).origin
    assert state(outcome.case) == "abgelaufen"


def test_a_subject_that_is_on_another_version_does_not_move() -> None:
    library = two_versions()
    moved = migrate(informed(DAY), moving(DAY), renaming(library), on(DAY)).case
    with pytest.raises(Refused, match="the plan starts from"):
        migrate(moved, moving(DAY, key="noch einmal"), renaming(library), on(DAY))


@pytest.mark.parametrize(
    ("case", "changes", "said"),
    [
        pytest.param(informed, {"states": {}}, "no state 'informiert'", id="state"),
        pytest.param(
            informed, {"states": {"informiert": "abgelaufen"}}, "does not run", id="deadline-rests"
        ),
        pytest.param(incomplete, {"deadlines": {}}, "no deadline", id="deadline"),
        pytest.param(
            incomplete,
            {"states": {"unvollstaendig": "unterrichtet"}, "deadlines": {}},
            "no deadline 'vervollstaendigung'",
            id="deadline-of-another-state",
        ),
        pytest.param(
            incomplete,
            {
                "states": {"unvollstaendig": "unterrichtet"},
                "dropped_deadlines": frozenset({"vervollstaendigung"}),
            },
            "never does in the state",
            id="pause",
        ),
    ],
)
def test_what_does_not_fit_is_named_with_what_to_write(
    case: Any, changes: dict[str, Any], said: str
) -> None:
    with pytest.raises(Refused, match=said):
        migrate(case(DAY), moving(DAY), renaming(two_versions(), **changes), on(DAY))


def test_an_answer_that_the_new_version_does_not_know_is_forgotten_only_if_the_plan_says_so() -> (
    None
):
    urgent = act(
        "informieren",
        DAY,
        participation=INTEGRATION,
        dringend=True,
        private={"eilgrund": "Fördermittel"},
    )
    case = after(registered(DAY).case, urgent)
    library = with_versions(next_version().replace(b"dringend", b"eilig"))
    with pytest.raises(Refused, match="no field 'dringend'"):
        migrate(case, moving(DAY), renaming(library), on(DAY, library))
    plan = renaming(library, dropped_fields=frozenset({"dringend"}))
    moved = migrate(case, moving(DAY), plan, on(DAY, library)).case.participation(INTEGRATION)
    assert moved is not None
    assert "dringend" not in moved.given
    assert "eilgrund" in moved.given


def replayed(entries: tuple[Entry, ...], library: Library) -> Case | Differs:
    """Return what the entries amount to, each in the world of its instant and library."""

    def at(entry: Entry) -> World:
        day = local_day(entry.recorded_at)
        then = world_on(day)
        here = in_library(then, library) if entry.plain["library"] else then
        return replace(here, now=entry.recorded_at)

    return replay("c" * 32, "V-2026-0001", entries, at)


@given(MOVES)
@settings(max_examples=60, deadline=None)
def test_whatever_happened_before_a_move_changes_nothing_but_names(
    moves: list[tuple[int, int, int]],
) -> None:
    """Last days, owners and what is owed stay; the file replays; a second time is refused."""
    before, library = walk(moves), two_versions()
    plan = renaming(library)
    outcomes = list(_all_moved(before, library, plan))
    case = outcomes[-1].case if outcomes else before.case
    settled = settle(before.case, in_library(world_on(before.day), library)).case
    for p in settled.participations:
        assert _owed(case, p.key) == _owed(settled, p.key, plan)
    entries = before.entries + tuple(e for o in outcomes for e in o.entries)
    assert replayed(entries, library) == case


def _all_moved(before: Walk, library: Library, plan: Migration) -> Any:
    case, here = before.case, in_library(world_on(before.day), library)
    for p in Draft(case, here).current():
        found = case.participation(p.key)
        assert found is not None
        if found.workflow != plan.origin or list(obstacles(Draft(case, here), p.key, plan)):
            continue
        outcome: Outcome = migrate(case, moving(before.day, p.key, f"umzug-{p.key}"), plan, here)
        case = outcome.case
        yield outcome


def _owed(case: Case, key: str, plan: Migration | None = None) -> list[tuple[Any, ...]]:
    def name(d: Deadline) -> str:
        return d.name if plan is None else plan.deadline(d.name)

    rows = [d for d in case.deadlines if d.participation == key and d.open]
    return sorted((name(d), d.last_day, d.owner, d.status, d.provision) for d in rows)


def test_an_entry_alone_says_what_a_migration_did() -> None:
    library = two_versions()
    case = incomplete()
    outcome = migrate(case, moving(DAY), renaming(library), on(DAY))
    plain = outcome.entries[-1].plain
    again = carry_over(Draft(case, on(DAY)), moving(DAY), migration_of(plain))
    assert again.case == outcome.case
    assert (plain["from"], plain["to"]) == ("unvollstaendig", "unvollstaendig")
    assert plain["renamed"] == DEADLINES
    assert migration_of(plain).states == {"unvollstaendig": "unvollstaendig"} != STATES
