"""A worker dies at a named point; the next one finds what it left and finishes it."""

from __future__ import annotations

import ast
import shutil
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.delivery.doubts import GRACE
from tests.torture.deeds import ACTIVATES, keys
from tests.torture.killing import town, trouble
from tests.torture.nursery import Nursery
from tests.torture.reckoning import Reckoning, reckon
from tests.torture.servers import Postgres, name_of
from tests.torture.sink import Sink
from tests.torture.town import LEASE, due_by, open_town, write_settings

HITS = (1, 2, 3, 5, 8)
DAYS = 9
"""Days that a town lives through: enough for the eighth passing of every point."""

A_DAY = 2
"""Rungs that fall due on each of them."""

DOT = "after-the-final-dot"
"""The server has the mail, the worker has no answer: only the server sees this moment."""

ENGINE = Path(__file__).parents[2] / "engine"


def points() -> Iterator[tuple[str, Path]]:
    """Yield the name and the file of every point in the source."""
    for file in sorted(ENGINE.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Call) and _is_point(node):
                [name] = node.args
                assert isinstance(name, ast.Constant), f"{file}: a point without a plain name"
                yield str(name.value), file


def _is_point(call: ast.Call) -> bool:
    return isinstance(call.func, ast.Name) and call.func.id == "crashpoint"


@dataclass(frozen=True, slots=True)
class Crashed:
    """Whether the worker died at the point, and what was left after the next one had been."""

    died: bool
    left: Reckoning
    trouble: str


class Scene:
    """A town that is set up once and copied for every crash."""

    def __init__(
        self,
        folder: Path,
        sink: Sink,
        nursery: Nursery,
        server: Postgres | None = None,
        journal: dict[str, Any] | None = None,
    ) -> None:
        self._folder, self._sink, self._nursery, self._server = folder, sink, nursery, server
        self._journal = journal
        self._url = None if server is None else server.fresh()
        self._first = folder / "first"
        app, self._days = town(self._first, sink, DAYS * A_DAY, DAYS, self._url)
        app.close()

    def crash(self, point: str, hit: int, days: int = DAYS) -> Crashed:
        """Let a worker die at that passing of a point; return what the next one made of it."""
        folder, url = self._copied(f"{point}-{hit}")
        if "activation" in point:
            (folder / ACTIVATES).touch()
        self._sink.forget()
        self._sink.hold = hit if point == DOT else 0
        pid = self._nursery.fork(folder, f"days{days}", "-" if point == DOT else f"{point}:{hit}")
        died = self._ended(pid) == -signal.SIGKILL
        app = open_town(folder)
        app.clock.on(LEASE)  # type: ignore[attr-defined]
        if self._journal is not None:
            self._nursery.wait(self._nursery.fork(folder, "drain"))
            app.clock.on(GRACE)  # type: ignore[attr-defined]
        for mode in (f"days{days}", "drain"):
            self._nursery.wait(self._nursery.fork(folder, mode))
        done = [key for n in range(days) for key in keys(n)]
        left = reckon(app, self._sink, due_by(self._days, app.clock.now()), keys=done)
        app.close()
        found = Crashed(died, left, trouble(folder))
        shutil.rmtree(folder)
        if self._server is not None and url is not None:
            self._nursery.forget()
            self._server.drop(url)
        return found

    def _copied(self, name: str) -> tuple[Path, str | None]:
        folder = Path(shutil.copytree(self._first, self._folder / name))
        url = None
        if self._server is not None and self._url is not None:
            url = self._server.fresh(name_of(self._url))
            write_settings(folder, self._sink.port, url)
        if self._journal is not None:
            write_settings(folder, self._sink.port, "sqlite:///db.sqlite3", journal=self._journal)
        return folder, url

    def _ended(self, pid: int) -> int:
        """Return how a worker ended; one whose mail is not answered is killed."""
        while not self._sink.held.wait(0.005):
            found = self._nursery.ended(pid)
            if found is not None:
                return found
        time.sleep(0.005)
        return self._nursery.kill(pid)
