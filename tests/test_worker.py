"""The metronome keeps time, also when the wall clock is set back."""

from __future__ import annotations

import os
import time
from datetime import timedelta
from pathlib import Path

import time_machine

from engine.worker import Worker
from tests.installation import house


def waited(condition, seconds: float = 8.0) -> bool:  # type: ignore[no-untyped-def]
    """Wait for a condition by real time; return whether it came about."""
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        if condition():
            return True
        time.sleep(0.02)
    return False


def test_a_worker_does_a_round_at_once_and_then_again(tmp_path: Path) -> None:
    made = house(tmp_path / "haus")
    rounds: list[float] = []
    worker = Worker(made.app, every=1)
    kept = worker.round
    worker.round = lambda: (rounds.append(time.perf_counter()), kept())[1]  # type: ignore[method-assign]
    worker.start()
    assert waited(lambda: len(rounds) >= 2)
    worker.stop()
    with made.app.database.read() as store:
        pulse = store.pulse.clock()
    assert pulse is not None
    assert pulse.last_tick is not None
    made.app.close()


def test_a_worker_is_seen_while_it_works_and_a_silent_one_is_forgotten_after_a_day(
    tmp_path: Path,
) -> None:
    made = house(tmp_path / "haus")
    killed = Worker(made.app, every=3600)
    killed.round()
    made.clock.instant += timedelta(hours=25)
    worker = Worker(made.app, every=3600)
    worker.round()
    with made.app.database.read() as store:
        [seen] = store.pulse.workers()
    assert (seen.pid, seen.started_at) == (os.getpid(), made.clock.now())
    worker.start()
    worker.stop()
    with made.app.database.read() as store:
        assert store.pulse.workers() == []
    made.app.close()


def test_trouble_in_a_round_does_not_end_the_worker(tmp_path: Path) -> None:
    made = house(tmp_path / "haus")
    worker = Worker(made.app, every=1)
    made.app.world = None  # type: ignore[assignment, method-assign]
    worker.round()
    made.app.close()


def test_the_watchdog_wakes_a_scheduler_that_fell_silent(tmp_path: Path) -> None:
    """The scheduler waits by the wall clock; set back an hour it would sleep an hour."""
    made = house(tmp_path / "haus")
    worker = Worker(made.app, every=1)
    with time_machine.travel("2026-03-23T12:00:00+00:00", tick=True) as traveller:
        rounds: list[float] = []
        kept = worker.round
        worker.round = lambda: (rounds.append(time.perf_counter()), kept())[1]  # type: ignore[method-assign]
        worker.start()
        assert waited(lambda: len(rounds) >= 1)
        traveller.move_to("2026-03-23T11:00:00+00:00", tick=True)
        before = len(rounds)
        assert waited(lambda: len(rounds) >= before + 2, seconds=15)
        worker.stop()
    made.app.close()


def test_a_worker_silent_for_too_long_ends_its_process(tmp_path: Path) -> None:
    made = house(tmp_path / "haus")
    ended: list[bool] = []
    worker = Worker(made.app, every=1, end=lambda: ended.append(True))
    worker._last -= 100
    worker._watchdog.start()
    assert waited(lambda: ended)
    made.app.close()
