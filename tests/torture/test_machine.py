"""Any order of people, rounds, clocks and crashes keeps the promises."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from engine.services.cases import Deed, register_measure, take
from engine.services.evidence.examining import examine
from engine.services.ticks import tick
from tests.torture.machine import Engine, run
from tests.torture.servers import Postgres, postgres
from tests.torture.town import FIRST, TO_RUNGS, at, found, measure


@pytest.fixture(scope="module")
def server() -> Iterator[Postgres]:
    with postgres() as opened:
        opened.spare_flushes()
        yield opened


def test_any_order_of_acts_rounds_and_crashes_keeps_the_promises() -> None:
    run(runs=80, derandomize=True)
    assert Engine.steps > 1000
    assert Engine.accepted > 100
    # What Hypothesis draws shifts with the code around it: 37 to 135 were seen.
    assert Engine.crashes > 20


def test_any_order_keeps_the_promises_on_postgresql_too(server: Postgres) -> None:
    run(runs=12, derandomize=True, server=server)
    assert Engine.steps > 200
    assert Engine.accepted > 10
    assert Engine.crashes > 3


@pytest.mark.parametrize("round_first", [True, False])
def test_a_rung_that_fell_due_has_acted_though_no_round_came_before_the_next_act(
    tmp_path: Path, round_first: bool
) -> None:
    app = found(tmp_path / "amt", 1)
    number = register_measure(app, measure(0), Deed("", "p0")).number
    app.clock.turn(at(FIRST + TO_RUNGS[0]))  # type: ignore[attr-defined]
    if round_first:
        tick(app)
    take(app, number, Deed("erledigen", "p0"))
    with app.database.read() as store:
        rows = store.connection.execute(text("SELECT number, state FROM rung ORDER BY number"))
        assert [tuple(row) for row in rows] == [(1, "fired"), (2, "void"), (3, "void")]
    assert examine(app).faults == ()
    app.close()
