"""What is due is found at once, however much is not."""

from __future__ import annotations

import time
from datetime import datetime, timedelta

import pytest
from sqlalchemy import insert

from engine.core.ledger import microseconds
from engine.store import cases
from engine.store.columns import instant
from engine.store.database import Database
from engine.store.tables import CaseRow, DeadlineRow
from engine.store.tables.base import table
from tests.conftest import MakePlace
from tests.musterheide import noon
from tests.store.deeds import DAY, DAYS, begin, confirming, do, informing, wait

FAR = noon(DAY + 200 * DAYS)


def due(database: Database, now: datetime, limit: int = 100) -> list[str]:
    with database.write() as store:
        return store.due(now, limit)


def test_nothing_is_due_before_its_hour(database: Database) -> None:
    case = begin(database)
    do(database, case.number, informing(), confirming())
    assert due(database, noon(DAY)) == []
    assert due(database, FAR) == [case.uid]


def test_cases_come_in_the_order_in_which_they_fell_due(database: Database) -> None:
    later = begin(database, DAY + 5 * DAYS)
    do(database, later.number, informing(DAY + 5 * DAYS), confirming(DAY + 5 * DAYS))
    sooner = begin(database)
    do(database, sooner.number, informing(), confirming())
    assert due(database, FAR) == [sooner.uid, later.uid]
    assert due(database, FAR, limit=1) == [sooner.uid]


def test_a_case_that_the_clock_has_settled_is_not_due_any_more(database: Database) -> None:
    case = begin(database)
    do(database, case.number, informing(), confirming())
    for _ in range(20):
        if not due(database, FAR):
            break
        assert not wait(database, case.number, FAR.date()).quiet
    assert due(database, FAR) == []


def test_a_reader_sees_what_is_due_without_taking_it(database: Database) -> None:
    case = begin(database)
    do(database, case.number, informing(), confirming())
    with database.read() as store:
        assert store.due(FAR) == [case.uid]


def _many(database: Database, count: int) -> None:
    """Put `count` cases with a running deadline of next year beside the others."""
    start = microseconds(FAR + timedelta(days=365))
    common = {
        "version": 1,
        "head": bytes(32),
        "workflow": "w",
        "state": "s",
        "paper": 1,
        "title": "t",
        "kind": "k",
        "origin": "o",
        "lead": "l",
        "municipality": "m",
        "confidentiality": "public",
        "measure": "{}",
        "given": "{}",
    }
    frist = {
        "place": 0,
        "participation": "",
        "name": "frist",
        "generation": 1,
        "owner": "l",
        "status": "running",
        "last_day": FAR.date(),
        "finding": 0,
        "derivation": "{}",
    }
    ids = range(1_000_000, 1_000_000 + count)
    with database.write() as store:
        put = store.connection.execute
        put(
            insert(table(CaseRow)),
            [common | {"id": n, "uid": f"u{n}", "number": f"X{n}"} for n in ids],
        )
        rows = [frist | {"case_id": n, "ends_at": instant(start + n)} for n in ids]
        put(insert(table(DeadlineRow)), rows)


@pytest.mark.parametrize("locked", [True, False], ids=["writing", "reading"])
def test_the_search_for_what_is_due_uses_the_partial_indexes(
    sqlite_database: Database, locked: bool
) -> None:
    for statement, index in zip(cases._DUE[locked], ("deadline_due", "rung_due"), strict=True):
        sql = statement.render(sqlite_database.engine.dialect)
        with sqlite_database.read() as store:
            rows = store.connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", (0, 100)).all()
        plan = " | ".join(str(row[-1]) for row in rows)
        assert f"USING INDEX {index}" in plan or f"USING COVERING INDEX {index}" in plan, plan
        assert "SCAN deadline" not in plan and "SCAN kase" not in plan, plan
        assert "TEMP B-TREE" not in plan, plan


def test_postgres_finds_what_is_due_by_the_partial_index(make_place: MakePlace) -> None:
    database = make_place("postgres").open(create=True)
    _many(database, 5000)
    with database.write() as store:
        store.connection.exec_driver_sql("ANALYZE")
    sql = cases._DUE[True][0].render(database.engine.dialect)
    with database.write() as store:
        rows = store.connection.exec_driver_sql(f"EXPLAIN {sql}", (microseconds(FAR), 100)).all()
    plan = "\n".join(row[0] for row in rows)
    assert "deadline_due" in plan and "Seq Scan on deadline" not in plan, plan
    database.close()


def test_finding_nothing_costs_the_same_among_few_and_many(sqlite_database: Database) -> None:
    """Twenty times the open deadlines must not cost even thrice as much."""
    _many(sqlite_database, 1_000)
    few = _cost(sqlite_database)
    with sqlite_database.write() as store:
        for name in ("deadline", "kase"):
            store.connection.exec_driver_sql(f"DELETE FROM {name}")
    _many(sqlite_database, 20_000)
    assert _cost(sqlite_database) < 3 * few


def _cost(database: Database) -> float:
    """Return the shortest of many times, in seconds: noise only ever adds."""
    found = []
    with database.read() as store:
        for _ in range(200):
            start = time.perf_counter()
            assert store.due(FAR) == []
            found.append(time.perf_counter() - start)
    return min(found)
