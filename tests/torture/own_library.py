"""Kills on the SQLite that Python itself is linked to; on Debian 12 it has the WAL-reset bug.

Not the journal mode alone is another there: library and driver are, in every process. How
the file is kept is left to the engine.
"""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from engine.store import sqlite
from tests.torture.killing import Killed, killed
from tests.torture.nursery import Nursery
from tests.torture.sink import Sink

_HIDING = Path(__file__).with_name("of_python")
_ROOT = Path(__file__).parents[2]
_IN_WAL = 2


def killed_on_it(kills: int, deadlines: int) -> str:
    """Return what is said of so many kills; AssertionError with what broke where something did."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.torture.own_library", str(kills), str(deadlines)],
        check=False,
        env=hiding(os.environ),
        cwd=_ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout.strip()


def hiding(env: Mapping[str, str]) -> dict[str, str]:
    """Return the surroundings in which a process and its children find no other library."""
    path = env.get("PYTHONPATH")
    return {**env, "PYTHONPATH": f"{_HIDING}{os.pathsep}{path}" if path else str(_HIDING)}


def _main(kills: int, deadlines: int) -> None:
    assert sqlite.driver() is sqlite3
    with tempfile.TemporaryDirectory() as place, Sink() as sink, Nursery() as nursery:
        folder = Path(place) / "amt"
        done = killed(
            folder,
            sink,
            nursery,
            kills=kills,
            workers=2,
            deadlines=deadlines,
            seed=1,
            journal=None,
        )
        _must_bear(done, kills)
        header = (folder / "db.sqlite3").read_bytes()[:20]
    # The file says of itself by what kind of library it may be read and written (fileformat2).
    mode = "WAL" if header[18:20] == bytes((_IN_WAL, _IN_WAL)) else "DELETE"
    print(
        f"SQLite {sqlite3.sqlite_version} of Python itself, {mode}: {done.kills} kills in "
        f"{done.seconds:.0f} s, {done.left.rungs} rungs, {done.under_fire} of "
        f"{done.left.messages} mails left meanwhile: 0 lost, 0 second, {done.left.extra} further "
        "copies, log and file intact"
    )


def _must_bear(done: Killed, kills: int) -> None:
    assert done.kills >= kills and done.trouble == "", (done.kills, done.trouble[-2000:])
    assert done.left.sound, str(done.left)[:2000]


if __name__ == "__main__":
    _main(*map(int, sys.argv[1:]))
