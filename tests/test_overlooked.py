"""The watchdog of the deadlines names what is due and has no outcome, each once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text as sql

from engine import worker
from engine.core.case import Case, Outcome
from engine.core.procedure import settle
from engine.core.world import World
from engine.services import accounts, overlooked, ticks
from engine.services.health import health
from engine.services.overlooked import TYPE, name_overlooked
from engine.services.ticks import Ticked, tick
from engine.store import sqlite
from engine.store.chains import SYSTEM
from engine.store.errors import Unavailable
from engine.worker import one_round
from tests.installation import House, house

LATER = timedelta(days=40)


@pytest.fixture
def county(tmp_path: Path) -> Iterator[House]:
    made = house(tmp_path / "haus", training=False)
    token = accounts.invite(
        made.app, "", "amtmann", True, name="Anna Amtmann", email="amtmann@example.org"
    )
    accounts.accept(made.app, token, "ein langes Kennwort für Tests")
    for title in ("Begegnungszentrum", "Haltestellen"):
        number = made.register(title=title).number
        made.take(number, "informieren", "weber", participation="integration")
    one_round(made.app)
    yield made
    made.app.close()


def named(county: House) -> list[dict[str, Any]]:
    with county.app.database.read() as store:
        return [dict(x.plain) for x in store.chains.typed(SYSTEM, TYPE)]


def alarms(county: House) -> int:
    with county.app.database.read() as store:
        return sum("nicht erledigt" in m.subject for m in store.outbox.messages(limit=500))


def rows_due(county: House) -> int:
    """Count by SQL of its own what is due."""
    query = (
        "SELECT (SELECT count(*) FROM deadline WHERE status = 'running' AND ends_at <= :now)"
        " + (SELECT count(*) FROM rung WHERE state = 'waiting' AND due_at <= :now)"
    )
    now = int(county.clock.now().timestamp() * 1_000_000)
    with county.app.database.read() as store:
        return int(store.connection.execute(sql(query), {"now": now}).scalar_one())


def test_what_a_worker_overlooks_is_named_each_once(county: House) -> None:
    """Forty days without a tick, and a worker that thinks there is nothing to do."""
    county.clock.instant += LATER
    due = rows_due(county)
    assert due > 1
    assert name_overlooked(county.app) == due
    assert name_overlooked(county.app) == 0
    said = named(county)
    assert len({(row["case"], row["deadline"], row["rung"]) for row in said}) == due
    assert alarms(county) == 1


def test_of_more_than_can_be_named_at_once_the_rest_is_named_next(
    county: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(overlooked, "AT_ONCE", 1)
    county.clock.instant += LATER
    assert rows_due(county) == 2
    assert [name_overlooked(county.app) for _ in range(3)] == [1, 1, 0]
    assert len({row["case"] for row in named(county)}) == 2


def test_what_a_round_catches_up_with_is_not_overlooked(county: House) -> None:
    county.clock.instant += LATER
    one_round(county.app)
    assert rows_due(county) == 0
    assert named(county) == []


def test_what_fell_due_just_now_has_some_minutes(county: House) -> None:
    with county.app.database.read() as store:
        first = store.connection.execute(sql("SELECT min(ends_at) FROM deadline")).scalar_one()
    ahead = timedelta(microseconds=first) - timedelta(seconds=county.clock.now().timestamp())
    county.clock.instant += ahead + timedelta(minutes=4)
    assert rows_due(county) >= 1
    assert name_overlooked(county.app) == 0
    county.clock.instant += timedelta(minutes=2)
    assert name_overlooked(county.app) >= 1


def test_a_clock_that_breaks_cannot_keep_the_alarm_back(
    county: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_: object) -> None:
        raise AssertionError("a case that nobody can settle")

    county.clock.instant += LATER
    monkeypatch.setattr(worker, "tick", broken)
    with pytest.raises(AssertionError, match="nobody can settle"):
        one_round(county.app)
    assert named(county)
    [mail] = county.app.config.mails.glob("*nicht-erledigt*.txt") or [None]
    assert mail is not None
    assert "V-2026" not in mail.read_text()
    assert "due" in [check.name for check in health(county.app).checks if not check.well]
    monkeypatch.undo()
    tick(county.app)
    assert rows_due(county) == 0


def test_a_case_that_nobody_can_settle_keeps_no_other_one_up(
    county: House, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    county.clock.instant += LATER
    with county.app.database.read() as store:
        first, _ = store.due(county.clock.now())

    def odd(case: Case, world: World) -> Outcome:
        if case.uid == first:
            raise LookupError("a form that no definition has")
        return settle(case, world)

    with monkeypatch.context() as patched:
        patched.setattr(ticks, "settle", odd)
        done = one_round(county.app).ticked
        assert (done.cases, done.stuck) == (1, (first,))
        assert f"case {first} cannot be moved" in caplog.text
        assert {row["case"] for row in named(county)} == {first}
        assert tick(county.app) == Ticked(0, 0, (first,))
    assert tick(county.app).cases == 1
    assert rows_due(county) == 0


def test_a_database_that_cannot_work_makes_no_case_a_stuck_one(
    county: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise sqlite.driver().OperationalError("database or disk is full")

    county.clock.instant += LATER
    monkeypatch.setattr(ticks, "settle", full)
    with pytest.raises(Unavailable):
        tick(county.app)
