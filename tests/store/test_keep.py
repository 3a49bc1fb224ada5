"""A case is kept whole and comes back as it was; nothing is lost, doubled or half done."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from sqlalchemy import select

from engine.core.case import Case, Entry, Finding, FindingState, Outcome
from engine.core.ledger import commitment
from engine.core.meanings import Source
from engine.core.procedure import advance, register, settle
from engine.errors import EngineError, NotFound
from engine.store.cases import Filter, Standing
from engine.store.database import Database
from engine.store.errors import AlreadyKept, Overtaken
from engine.store.tables import NoticeRow, RungRow
from engine.store.tables.base import table
from tests.conftest import MakePlace
from tests.core.walks import MOVES, chosen, world_on
from tests.core.walks import begin as begin_walk
from tests.musterheide import PAPER, act, measure, world
from tests.store.deeds import (
    DAY,
    DAYS,
    INTEGRATION,
    begin,
    broken_strands,
    confirming,
    do,
    informing,
    read,
    wait,
)


def test_a_registered_case_comes_back_as_it_was(database: Database) -> None:
    case = begin(database, reference="51-2026/7", confidentiality="personnel")
    assert read(database, case.number) == case


def test_each_act_and_each_lapse_comes_back_as_it_was(database: Database) -> None:
    case = begin(database)
    assert do(database, case.number, informing()).case == read(database, case.number)
    assert do(database, case.number, confirming()).case == read(database, case.number)
    late = wait(database, case.number, DAY + 120 * DAYS)
    assert late.fired and any(d.status == "lapsed" for d in late.case.deadlines)
    assert read(database, case.number) == late.case


def test_a_finding_comes_back_with_its_assessment(database: Database) -> None:
    case = begin(database)
    bare = Finding(1, "verspaetet", INTEGRATION, ("bbgkverf-17",), Source.STATUTE, DAY)
    unranked = Finding(2, "unterblieben", "", (), None, DAY, FindingState.OPEN, ("a", "b"))
    with database.write() as store:
        found = _with_findings(store.cases.get(case.number), "finden", bare, unranked)
        store.keep(found)
    assert read(database, case.number).findings == (bare, unranked)
    assessed = replace(bare, state=FindingState.UNFOUNDED)
    with database.write() as store:
        store.keep(_with_findings(store.cases.get(case.number), "bewerten", assessed))
    assert read(database, case.number).findings == (assessed, unranked)


def _with_findings(case: Case, key: str, *findings: Finding) -> Outcome:
    """Return an outcome by hand: the same case with findings, under one more entry."""
    entry = settled_entry(case, key)
    held = {f.number: f for f in (*case.findings, *findings)}
    after = replace(case, version=case.version + 1, findings=tuple(held.values()))
    return Outcome(after, (entry,), (), findings=findings)


def settled_entry(case: Case, key: str) -> Entry:
    """Return some entry for the strand of a case."""
    at = world(DAY).now
    return Entry(case.stream, "finding", "neumann", "rechtsamt", at, DAY, key, 0, {"a": 1}, {})


@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(moves=MOVES)
def test_whatever_happens_in_a_case_comes_back_as_it_was(
    database: Database, moves: list[tuple[int, int, int]]
) -> None:
    """A random walk through the procedure, every step read back from the database."""
    start = begin_walk()
    mark = uuid4().hex
    paper = replace(PAPER, uid=mark)
    taken = act("anmelden", start.day, documents=(paper,), key=f"register-{mark}")
    facts = {"betrifft_integration": True, "betrifft_behinderung": True}
    with database.write() as store:
        number = store.cases.next_number(2026)
        new = register(paper.uid, number, measure(facts=facts), taken, world_on(start.day))
        store.keep(new)
    case, day = new.case, start.day
    for step, (days, which, values) in enumerate(moves):
        day += timedelta(days=days)
        taken = chosen(case, day, which, values, f"walk-{mark}-{step}")
        taken = replace(
            taken,
            documents=tuple(replace(d, uid=f"{d.uid}-{mark}-{step}") for d in taken.documents),
        )
        with database.write() as store:
            held = store.cases.get(number)
            assert _plain(held) == _plain(case)
            try:
                outcome = advance(held, taken, world_on(day))
            except EngineError:
                outcome = settle(held, world_on(day))
            store.keep(outcome)
        case = outcome.case
    assert _plain(read(database, number)) == _plain(case)
    assert broken_strands(database) == {}


def _plain(case: Case) -> Case:
    """JSON knows no tuples: what was given as one comes back as a list."""
    return replace(
        case,
        given=_lists(case.given),
        participations=tuple(replace(p, given=_lists(p.given)) for p in case.participations),
    )


def _lists(given: Any) -> Any:
    if isinstance(given, dict):
        return {key: _lists(value) for key, value in given.items()}
    return [_lists(v) for v in given] if isinstance(given, list | tuple) else given


def test_an_act_that_is_sent_twice_is_recorded_once(database: Database) -> None:
    case = begin(database)
    do(database, case.number, informing(key="einmal"))
    with pytest.raises(AlreadyKept, match="einmal"):
        do(database, case.number, replace(confirming(), key="einmal"))
    with database.read() as store:
        assert store.chains.kept("einmal") == (case.stream, case.version + 1)
        assert store.chains.kept("nie") is None


def test_an_error_of_keep_that_is_swallowed_still_leaves_nothing(database: Database) -> None:
    """Half an act, its case row already moved, must not be committed by going on."""
    case = begin(database)
    held = do(database, case.number, informing(key="einmal")).case
    with pytest.raises(RuntimeError, match="halves"), database.write() as store:
        again = replace(confirming(), key="einmal")
        with pytest.raises(AlreadyKept):
            store.keep(advance(store.cases.get(case.number), again, world(DAY)))
    assert read(database, case.number) == held
    do(database, case.number, confirming())


def test_an_act_kept_twice_leaves_no_trace_of_the_second(database: Database) -> None:
    case = begin(database)
    do(database, case.number, informing(key="einmal"))
    held = read(database, case.number)
    with pytest.raises(AlreadyKept), database.write() as store:
        outcome = advance(
            store.cases.get(case.number), replace(confirming(), key="einmal"), world(DAY)
        )
        store.keep(outcome)
    assert read(database, case.number) == held
    assert broken_strands(database) == {}


def test_an_update_on_what_somebody_else_has_changed_is_refused(database: Database) -> None:
    case = begin(database)
    stale = advance(case, informing(), world(DAY))
    kept = do(database, case.number, informing()).case
    with pytest.raises(Overtaken, match=case.number), database.write() as store:
        store.keep(stale)
    assert read(database, case.number) == kept
    assert broken_strands(database) == {}


def test_the_version_guards_the_row_even_where_nobody_read_it_first(database: Database) -> None:
    """The guard of the statement itself, without what the transaction remembers."""
    case = begin(database)
    stale = advance(case, informing(), world(DAY))
    with database.read() as store:
        store.cases.get(case.number)
        held = store.cases.standing[case.uid]
    do(database, case.number, informing())
    with pytest.raises(Overtaken), database.write() as store:
        store.cases.standing[case.uid] = Standing(held.row, held.version, held.head)
        store.keep(stale)
    assert broken_strands(database) == {}


def test_two_acts_in_one_transaction_follow_each_other(database: Database) -> None:
    case = begin(database)
    with database.write() as store:
        first = advance(store.cases.get(case.number), informing(), world(DAY))
        store.keep(first)
        second = advance(first.case, confirming(), world(DAY))
        store.keep(second)
    assert read(database, case.number) == second.case
    assert broken_strands(database) == {}


def test_a_quiet_outcome_writes_nothing(database: Database) -> None:
    case = begin(database)
    assert wait(database, case.number, DAY).quiet
    assert read(database, case.number) == case


def test_an_error_in_the_block_leaves_nothing_behind(database: Database) -> None:
    case = begin(database)
    with pytest.raises(ZeroDivisionError), database.write() as store:
        store.keep(advance(store.cases.get(case.number), informing(), world(DAY)))
        raise ZeroDivisionError
    assert read(database, case.number) == case
    do(database, case.number, informing())
    assert broken_strands(database) == {}


def test_a_number_is_given_back_with_its_transaction(database: Database) -> None:
    with pytest.raises(ZeroDivisionError), database.write() as store:
        assert store.cases.next_number(2026) == "V-2026-0001"
        raise ZeroDivisionError
    with database.write() as store:
        assert store.cases.next_number(2026) == "V-2026-0001"
        assert store.cases.next_number(2026) == "V-2026-0002"
        assert store.cases.next_number(2027) == "V-2027-0001"


def test_an_unknown_case_is_named(database: Database) -> None:
    with database.read() as store:
        assert store.cases.find("V-1999-0001") is None
        with pytest.raises(NotFound, match="V-1999-0001"):
            store.cases.get("V-1999-0001")
        with pytest.raises(NotFound):
            store.cases.by_uid("f" * 32)


def test_what_is_private_is_stored_beside_the_header_it_is_committed_in(
    database: Database,
) -> None:
    case = begin(database)
    do(database, case.number, informing())
    with database.read() as store:
        lines = [line for line in store.chains.lines(case.stream) if line.body]
    assert lines
    for line in lines:
        assert line.salt is not None and line.body is not None
        assert json.loads(line.header)["private"] == commitment(line.salt, line.body)
        assert b"vorgezogen" not in line.header


def test_every_letter_of_an_act_lies_in_the_outbox(database: Database) -> None:
    case = begin(database)
    outcome = do(database, case.number, informing())
    assert outcome.notices
    with database.read() as store:
        owed = {o.key: o for o in store.outbox.notices(case=case.uid)}
    for notice in outcome.notices:
        assert owed[notice.key].number == case.number
        assert owed[notice.key].not_before == notice.not_before


def test_a_rung_says_when_it_fired_and_how_late(database: Database) -> None:
    case = begin(database)
    do(database, case.number, informing(), confirming())
    outcome = wait(database, case.number, DAY + 120 * DAYS)
    rung = table(RungRow)
    with database.read() as store:
        rows = store.connection.execute(select(rung).where(rung.c.state == "fired")).all()
    assert len(rows) == len(outcome.fired) > 0
    for row in rows:
        assert row.late_by_us == (row.fired_at - row.due_at) / timedelta(microseconds=1) > 0


def test_a_notice_key_is_unique_for_ever(database: Database) -> None:
    case = begin(database)
    outcome = do(database, case.number, informing())
    notice = outcome.notices[0]
    with database.write() as store:
        assert not store.outbox.owe(notice, case.uid)
        assert store.outbox.owe(replace(notice, key="andere"), case.uid)
        assert store.outbox.owe(replace(notice, key="ohne Vorgang"))
        keys = store.connection.execute(select(table(NoticeRow).c.key)).scalars().all()
    assert len(keys) == len(set(keys))


def test_lists_are_pages_that_neither_skip_nor_repeat(database: Database) -> None:
    numbers = [begin(database, title=f"Vorhaben {n}").number for n in range(7)]
    with database.read() as store:
        pages, after = [], None
        while page := store.cases.list(after=after, limit=3):
            pages += [line.number for line in page]
            after = page[-1].number
        assert pages == numbers[::-1]
        found = store.cases.list(Filter(title="HABEN 3"))
        assert [line.number for line in found] == [numbers[3]]
        assert len(store.cases.list(Filter(offices=frozenset({"integration"})))) == 7
        assert store.cases.list(Filter(offices=frozenset({"behinderung"}))) == []
        assert store.cases.list(Filter(states=frozenset({"gibt-es-nicht"}))) == []
        assert sum(store.cases.states().values()) == 7


def test_upcoming_lists_the_earliest_deadline_first(database: Database) -> None:
    for n in (5, 1, 3, 1):
        do(database, begin(database, DAY + n * DAYS).number, informing(DAY + n * DAYS))
    with database.read() as store:
        whole = [(line.next_day, line.number) for line in store.cases.upcoming()]
        assert len(whole) == 4 and whole == sorted(whole)
        pages: list[tuple[date | None, str]] = []
        after: tuple[date, str] | None = None
        while page := store.cases.upcoming(after=after, limit=1):
            pages += [(line.next_day, line.number) for line in page]
            assert page[-1].next_day is not None
            after = (page[-1].next_day, page[-1].number)
    assert pages == whole


def test_a_reading_transaction_cannot_write(database: Database) -> None:
    case = begin(database)
    with pytest.raises(Exception, match=r"readonly|read-only|not be written|reads only"):
        with database.read() as store:
            store.keep(advance(store.cases.get(case.number), informing(), world(DAY)))
    assert read(database, case.number) == case


# A rollback journal lets nobody commit while somebody reads: there is nothing to see.
@pytest.mark.parametrize("kind", ["sqlite-wal", "postgres"])
def test_a_reader_sees_one_instant_while_others_write(make_place: MakePlace, kind: str) -> None:
    database = make_place(kind).open(create=True)
    case = begin(database)
    with database.read() as store:
        before = store.cases.get(case.number)
        do(database, case.number, informing())
        assert store.cases.get(case.number) == before
    assert read(database, case.number) != before
    database.close()
