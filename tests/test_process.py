"""A worker that died on this machine is known to be dead, and what it held goes out at once."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine import process
from engine.crash import VARIABLE
from engine.delivery import deliver
from engine.process import has_died, this_process
from tests.conftest import MakePlace
from tests.installation import MONDAY, house
from tests.torture.sink import Sink

NAMED = "from engine.process import this_process; print(this_process(), flush=True); input()"
ROUND = """
import sys
from datetime import date, datetime
from pathlib import Path
from engine.app import open_app
from engine.core.calendar import BERLIN
from engine.delivery import deliver
from tests.installation import TurnedClock

clock = TurnedClock(datetime.now(BERLIN))
clock.turn(date.fromisoformat(sys.argv[2]))
deliver(open_app(Path(sys.argv[1]), clock))
"""


@pytest.fixture
def child() -> Iterator[subprocess.Popen[str]]:
    """A process that says its name and waits."""
    pipe = subprocess.PIPE
    with subprocess.Popen(
        [sys.executable, "-c", NAMED], stdin=pipe, stdout=pipe, text=True
    ) as made:
        yield made
        made.kill()


def test_a_process_is_dead_once_it_is_dead_and_not_before(child: subprocess.Popen[str]) -> None:
    assert child.stdout is not None
    name = child.stdout.readline().strip()
    assert not has_died(name)
    assert not has_died(this_process())
    child.kill()
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    assert has_died(name), "dead, though nobody has asked how it ended"
    child.wait()
    assert has_died(name)


def test_a_number_that_was_given_anew_is_another_process() -> None:
    host, machine, number, began = this_process().split("/")
    assert has_died("/".join((host, machine, number, str(int(began) - 1))))


@pytest.mark.parametrize(
    "changed", [{0: "anderer"}, {1: "anderer-start.1"}, {1: ""}, {2: "x"}, {3: ""}], ids=str
)
def test_of_what_cannot_be_seen_from_here_nobody_says_that_it_died(changed: dict[int, str]) -> None:
    gone = [*this_process().split("/")]
    gone[2] = "999999999"
    assert has_died("/".join(gone))
    assert not has_died("/".join(changed.get(n, part) for n, part in enumerate(gone)))
    assert not has_died("w1")
    assert not has_died("")


def test_where_the_system_says_nothing_no_process_is_dead(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "_PROC", Path("/nirgends"))
    assert not has_died(this_process())


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_what_a_killed_worker_had_claimed_leaves_with_the_next_round(
    tmp_path: Path, make_place: MakePlace, kind: str
) -> None:
    url = make_place(kind).url if kind == "postgres" else None
    with Sink() as sink:
        smtp = {"host": "127.0.0.1", "port": sink.port, "tls": "off"}
        made = house(tmp_path / "haus", url, training=False, channel="smtp", smtp=smtp)
        number = made.register().number
        made.take(number, "informieren", "weber", participation="integration")
        killed = subprocess.run(
            [sys.executable, "-c", ROUND, str(made.folder), MONDAY.isoformat()],
            env={**os.environ, VARIABLE: "after-claim-commit:1"},
            check=False,
        )
        assert killed.returncode == -signal.SIGKILL
        assert sink.count == 0
        assert deliver(made.app).sent.accepted == 1, "without waiting for the lease to run out"
        assert sink.count == 1
        made.app.close()
