"""A parent that has everything loaded and forks workers in milliseconds, also to be killed.

It is a process of one thread, told by lines on its standard input: FOLDER MODE CRASH starts a
worker and answers its pid, `kill PID` ends one by SIGKILL, `wait PID` waits for its end. Both
answer how it ended. Nobody but the parent ends or waits for a child, so no other process can be
hit because a number was given anew.
"""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import Self

from engine import crash
from engine.app import App
from engine.errors import EngineError
from tests.torture.deeds import days, race, round_of
from tests.torture.town import open_town
from tests.torture.without import take_away

TROUBLE = "trouble.txt"
"""Where a worker writes what it did not expect; nobody must find anything there."""

IDLE = 3
"""Rounds without anything to do after which a worker that drains has drained."""


class Nursery:
    """The parent as its owner sees it; `before` are words that start it elsewhere."""

    def __init__(self, before: Sequence[str] = ()) -> None:
        self._process = subprocess.Popen(
            [*before, sys.executable, "-m", "tests.torture.nursery"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            bufsize=1,
            stderr=subprocess.DEVNULL,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(30)

    def fork(self, folder: Path, mode: str = "rounds", crash_at: str = "-") -> int:
        """Start a worker of the town in `folder`; return its pid."""
        return self._ask(f"fork {folder} {mode} {crash_at}")

    def kill(self, pid: int) -> int:
        """End a worker by SIGKILL; return how it ended, as `os.waitstatus_to_exitcode` says."""
        return self._ask(f"kill {pid}")

    def wait(self, pid: int) -> int:
        """Wait for the end of a worker; return how it ended."""
        return self._ask(f"wait {pid}")

    def ended(self, pid: int) -> int | None:
        """Return how a worker ended, None while it lives."""
        found = self._ask(f"look {pid}")
        return None if found == _LIVES else found

    def forget(self) -> None:
        """Let go of every town, so that its database can be deleted."""
        self._ask("forget all")

    def _ask(self, line: str) -> int:
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write(line + "\n")
        return int(self._process.stdout.readline())


_LIVES = 1_000
_DIE_WITH_PARENT = 1


def work(app: App, mode: str, crash_at: str) -> None:
    """Do rounds until nothing is left (`drain`), for ever (`rounds`), or whatever there is to do."""
    crash.arm("" if crash_at == "-" else crash_at)
    if mode.startswith("days"):
        days(app, int(mode.removeprefix("days")))
        return
    if mode.startswith("write"):
        from tests.torture.histories import Writer

        _, me, seconds, without = mode.split("/")
        take_away(without)
        Writer(app, int(me)).write(float(seconds))
        return
    if mode.startswith("race"):
        _, me, rounds = mode.split("/")
        race(app, int(me), int(rounds))
        return
    idle = 0
    while idle < IDLE or mode == "rounds":
        try:
            idle = 0 if round_of(app) else idle + 1
        except EngineError:
            # A server that is gone comes back; an act that others did first is done.
            time.sleep(0.05)
        if idle:
            time.sleep(0.002)


def _forked(app: App, mode: str, crash_at: str) -> int:
    app.database.close()
    pid = os.fork()
    if pid:
        return pid
    code = 1
    try:
        # Nobody is left behind where the parent itself is ended.
        ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, signal.SIGKILL)
        work(app, mode, crash_at)
        code = 0
    except BaseException:
        with (app.config.folder / TROUBLE).open("a") as file:
            traceback.print_exc(file=file)
    finally:
        os._exit(code)


def _serve() -> None:
    towns: dict[str, App] = {}
    for line in sys.stdin:
        verb, what, *more = line.split()
        if verb == "fork":
            answer = _forked(_town(towns, what), *more)
        elif verb == "forget":
            answer = _forget(towns)
        elif verb == "look":
            pid, status = os.waitpid(int(what), os.WNOHANG)
            answer = os.waitstatus_to_exitcode(status) if pid else _LIVES
        else:
            if verb == "kill":
                os.kill(int(what), signal.SIGKILL)
            answer = os.waitstatus_to_exitcode(os.waitpid(int(what), 0)[1])
        print(answer, flush=True)


def _town(towns: dict[str, App], folder: str) -> App:
    """Return a town with its definitions compiled; only the last one is kept."""
    if folder not in towns:
        _forget(towns)
        towns[folder] = app = open_town(Path(folder))
        with app.database.read() as store:
            app.world(store)
    return towns[folder]


def _forget(towns: dict[str, App]) -> int:
    for old in towns.values():
        old.close()
    towns.clear()
    return 0


def _worker(folder: Path, without: str = "-") -> None:
    """Be a worker that was started anew, `without` some piece, until nothing is left to do."""
    take_away(without)
    work(open_town(folder), "drain", "-")


if __name__ == "__main__":
    _serve() if len(sys.argv) == 1 else _worker(Path(sys.argv[1]), *sys.argv[2:])
