"""Counts, in a real worker, the mails whose claim was on disk when their DATA left the house."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.torture.killing import town, trouble
from tests.torture.sink import Sink
from tests.torture.town import TO_RUNGS, at

SHIM = Path(__file__).with_name("flushes.c")


@dataclass(frozen=True, slots=True)
class Flushed:
    """How many DATA left, and before how many of them something was written and not flushed."""

    data: int
    early: int
    trouble: str


def flushed(folder: Path, sink: Sink, *, mails: int, without: str = "-") -> Flushed:
    """Let a worker send so many mails; return what the disk had seen before each of them.

    Raises FileNotFoundError where there is no C compiler.
    """
    app, days = town(folder, sink, mails, 1)
    app.clock.turn(at(days[0] + TO_RUNGS[0]))  # type: ignore[attr-defined]
    app.close()
    library, order = folder / "flushes.so", folder / "order"
    subprocess.run(
        ["cc", "-shared", "-fPIC", "-O1", "-o", str(library), str(SHIM), "-ldl"], check=True
    )
    subprocess.run(
        [sys.executable, "-m", "tests.torture.nursery", str(folder), without],
        env={**os.environ, "LD_PRELOAD": str(library), "FLUSHES": str(order)},
        check=True,
    )
    seen = order.read_text()
    before = [part.rstrip("D") for part in seen.split("D")[:-1]]
    return Flushed(seen.count("D"), sum(not _on_disk(part) for part in before), trouble(folder))


def _on_disk(part: str) -> bool:
    """Return whether something was written since the last DATA, and flushed after it."""
    return "W" in part and part.rfind("F") > part.rfind("W")
