"""A worker that was slower than its lease gives up that message, and finishes the others."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import pytest
from sqlalchemy import text

from engine.app import App
from engine.delivery.compose import compose
from engine.delivery.send import _claim, send
from engine.services.ticks import tick
from engine.store.outbox import LEASE, Ending, Result
from tests.torture.killing import town
from tests.torture.sink import Sink
from tests.torture.town import TO_RUNGS, at


@pytest.fixture
def three(tmp_path: Path, sink: Sink) -> App:
    """A town in which three letters are ready."""
    app, days = town(tmp_path / "amt", sink, 3, 1)
    app.clock.turn(at(days[0] + TO_RUNGS[0]))  # type: ignore[attr-defined]
    tick(app)
    assert compose(app) == 3
    return app


def taken_over(app: App) -> int:
    """Let another worker take over whatever is being sent, as after a lease that ran out."""
    with app.database.write() as store:
        store.outbox.expire(app.clock.now() + 2 * LEASE)
    return len(_claim(app, "another"))


def test_a_lease_that_ran_out_ends_no_round(
    three: App, sink: Sink, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first letter is out; the second and the third were taken over meanwhile."""
    module = import_module("engine.delivery.send")
    seen: list[int] = []
    real = module._note

    def note(*told: object, **more: object) -> None:
        real(*told, **more)
        if not seen:
            seen.append(taken_over(three))

    monkeypatch.setattr(module, "_note", note)
    done = send(three)
    assert seen == [2]
    assert (done.accepted, done.trouble) == (1, "")
    assert len(sink.copies) == 1, "what another worker holds is not sent by this one"


def test_what_was_taken_over_cannot_be_finished_by_the_first(three: App) -> None:
    mine = _claim(three, "first")
    assert taken_over(three) == 3
    with three.database.write() as store:
        ending = Result(Ending.ACCEPTED, three.clock.now(), 250, "late")
        assert not store.outbox.finish(mine[0].id, mine[0].attempt, ending)
        now = three.clock.now()
        assert not store.outbox.mark_data(mine[0].id, mine[0].attempt, now, now + LEASE)
        states = store.connection.execute(text("SELECT DISTINCT state, attempts FROM message"))
        assert [tuple(row) for row in states] == [("sending", 2)]
