"""The disk is full at one write after another, and there is room again a moment later.

A process does what people and the clock do on a day, and at the n-th write of it the disk is
full and stays so until the deed has failed. Then there is room, and the same is done once more
under the same keys, in the same process: what was accepted is there, what was refused left
nothing behind, and nothing has to be started anew.
"""

from __future__ import annotations

import ctypes
import os
import subprocess
import sys
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import orjson

from engine.app import App
from engine.errors import EngineError
from tests.torture.deeds import everything, keys, round_of
from tests.torture.killing import town
from tests.torture.reckoning import Reckoning, reckon
from tests.torture.sink import Sink
from tests.torture.town import LEASE, at, days_of, due_by, open_town, settle_in

BEFORE = 50
"""Days that go by first, so that on each that follows some rungs of older cases are due."""

SHIM = Path(__file__).with_name("full.c")
RESULT = "filled.json"


@dataclass(frozen=True, slots=True)
class Filled:
    """At how many writes the disk was full, what was said then, and what was left at the end.

    `told` are the errors that people read, with how often each came; `odd` whatever else was
    raised; `missed` how many days had fewer writes than the one that was to fail.
    """

    positions: int
    writes: int
    missed: int
    told: dict[str, int]
    odd: list[str]
    left: Reckoning


def filled(folder: Path, sink: Sink, *, positions: int) -> Filled:
    """Let the disk be full at so many writes of a day, spread over all of them.

    On each day one case is registered, so that its rungs fall due on later ones. Raises
    FileNotFoundError where there is no C compiler.
    """
    app, _ = town(folder, sink, 0, 1)
    days = days_of(app, BEFORE + 1 + positions)
    app.close()
    library = folder.with_suffix(".so")
    subprocess.run(
        ["cc", "-shared", "-fPIC", "-O1", "-o", str(library), str(SHIM), "-ldl"], check=True
    )
    subprocess.run(
        [sys.executable, "-m", "tests.torture.filling", str(folder), str(positions)],
        env={**os.environ, "LD_PRELOAD": str(library), "FULL": f"{folder}/"},
        check=True,
    )
    said = orjson.loads(folder.with_suffix(".json").read_bytes())
    app = open_town(folder)
    done = [key for n in range(positions + 1) for key in keys(n)]
    left = reckon(app, sink, due_by(days, app.clock.now()), keys=done)
    app.close()
    return Filled(**said, left=left)


class Disk:
    """The disk of this process, as the library that was loaded before all others has it."""

    def __init__(self) -> None:
        self._library = ctypes.CDLL(None)

    def writes(self, deed: Callable[[], None]) -> int:
        """Return how many writes a deed has."""
        self._library.disk_fill(0)
        deed()
        return int(self._library.disk_seen())

    def full_at(self, write: int, deed: Callable[[], None]) -> bool:
        """Do a deed of which that write finds the disk full; return whether it came so far."""
        self._library.disk_fill(write)
        try:
            deed()
        finally:
            refused = int(self._library.disk_refused())
            self._library.disk_fill(0)
        return refused > 0


def _live(folder: Path, positions: int) -> None:
    """Live through the days in a town, each with a disk that is full at another write."""
    app, disk = open_town(folder), Disk()
    told: dict[str, int] = {}
    odd: list[str] = []
    missed = 0
    writes = 0
    for n, day in enumerate(days_of(app, BEFORE + 1 + positions), start=-BEFORE):
        app.clock.turn(at(day))  # type: ignore[attr-defined]
        settle_in(app, [day])
        if n < 0:
            round_of(app)
            continue
        if n == 0:
            writes = disk.writes(lambda: _day(app, 0))
            continue
        # The first write is the paper that whoever registers a case has on her own disk.
        position = 2 + (n - 1) * (writes - 1) // positions
        try:
            missed += not disk.full_at(position, lambda n=n: _day(app, n))  # type: ignore[misc]
        except EngineError as error:
            words = error.text.de.replace(str(folder), "…")
            told[words] = told.get(words, 0) + 1
        except Exception:
            odd.append(f"write {position}: {traceback.format_exc()}")
        # What was being sent when the disk was full is held until its lease ends.
        app.clock.on(LEASE)  # type: ignore[attr-defined]
        _day(app, n)
    app.close()
    said = {"positions": positions, "writes": writes, "missed": missed, "told": told, "odd": odd}
    folder.with_suffix(".json").write_bytes(orjson.dumps(said))


def _day(app: App, n: int) -> None:
    everything(app, n)
    while round_of(app):
        pass


if __name__ == "__main__":
    _live(Path(sys.argv[1]), int(sys.argv[2]))
