"""The benchmarks measure what they say: real acts, kept whole, in chains that hold."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from bench import appending, lifecycle, peer, raw, sweep, verifying
from bench.installation import STEPS, SetClock, install
from engine.app import App
from engine.services.reading import file_of
from engine.services.ticks import tick


@pytest.mark.parametrize("way", [lifecycle.through_services, lifecycle.through_the_store])
@pytest.mark.parametrize("laddered", [False, True])
def test_a_measured_life_ends_in_the_archive(
    way: Callable[[App], Callable[[int], None]], laddered: bool, tmp_path: Path
) -> None:
    app = install(tmp_path, "lifecycle", laddered=laddered)
    way(app)(3)
    case = file_of(app, f"V-{app.clock.now().year}-0002").case
    assert (case.state, case.version) == ("archiviert", 1 + len(STEPS))
    assert [d.name for d in case.deadlines if d.open] == []
    assert len(case.deadlines) == len(STEPS) - 1
    assert lifecycle.verified(app) == (3, 0)
    app.close()


def test_a_life_in_the_raw_driver_is_chained_as_well(tmp_path: Path) -> None:
    limit = raw.open_sqlite(tmp_path / "limit.sqlite3")
    raw.lives(limit)(2)
    count = "SELECT count(*) FROM "
    written = {t: limit.execute(count + t).fetchone()[0] for t in ("event", "term", "letter")}
    assert written == {"event": 16, "term": 14, "letter": 16}
    assert raw.broken(limit) == 0
    limit.execute("UPDATE event SET line = line || ' ' WHERE id = 5")
    assert raw.broken(limit) == 1


def test_the_line_up_of_rows_is_that_of_the_limit(tmp_path: Path) -> None:
    lines = list(lifecycle.measured(tmp_path, rounds=1, seconds=0.01, with_postgres=False))
    limit, service = lines[0].rows, lines[1].rows
    assert service["entry"] >= limit["event"]
    assert service["deadline"] >= limit["term"] - 0.13  # the driver ends none in a new case
    assert service["notice"] == limit["letter"]
    assert [x.broken for x in lines] == [0] * len(lines)


def test_a_peer_is_asked_and_answers_line_by_line() -> None:
    done: list[int] = []
    answers = io.StringIO()
    peer.serve(done.append, io.StringIO("go 2\ngo 3\nquit\ngo 9\n"), answers)
    said = [json.loads(line) for line in answers.getvalue().splitlines()]
    assert done == [2, 3]
    assert said[0] == {"ready": 1}
    assert [row["n"] for row in said[1:]] == [2, 3]


def test_seeded_cases_fall_due_on_their_day_and_not_before(tmp_path: Path) -> None:
    app = install(tmp_path, "sweep", clock=SetClock(sweep.at(sweep.FIRST_MONDAY)))
    sweep.seed(app, 60)
    app.clock.instant = sweep.at(sweep.BEFORE)
    assert tick(app).cases == 0
    app.clock.instant = sweep.at(sweep.FIRST_MONDAY)
    assert tick(app).cases == 12
    assert tick(app).cases == 0
    app.close()


def test_the_seeded_log_is_that_of_whole_lives_and_holds(tmp_path: Path) -> None:
    [alone, shared] = verifying.measured(tmp_path, 20 * verifying.LINES, (1, 2))
    assert alone.entries == shared.entries > 20 * verifying.LINES
    assert alone.hashed > 0 and alone.chained > 0
    assert 0 < alone.proof < 2_500


def test_without_the_log_the_same_case_is_kept_and_no_line_of_it(tmp_path: Path) -> None:
    app = install(tmp_path, "lifecycle")
    run = lifecycle.through_the_store(app)
    with app.database.read() as store:
        before = store.rows.count()
    with appending.without_log():
        run(1)
    with app.database.read() as store:
        assert store.rows.count() == before
    run(1)
    with app.database.read() as store:
        assert store.rows.count() == before + 1 + len(STEPS)
        [plain, logged] = (store.cases.get(n.number) for n in store.cases.list())
    assert (plain.state, plain.version) == (logged.state, logged.version)
    assert len(plain.deadlines) == len(logged.deadlines)
    app.close()


def test_what_the_log_costs_is_a_share_of_the_same_commits(tmp_path: Path) -> None:
    found = appending.measured(tmp_path, rounds=1, seconds=0.05)
    assert found.share > 0
    assert found.sealed > 0
