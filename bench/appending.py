"""What the log adds to a commit: the same acts and rows, kept with it and without it.

Without it no header is written, chained or stored, and nothing is queued for the tree; the
case, its parts and its letters are written as ever, in as many transactions.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.installation import install
from bench.lifecycle import ACTS, through_the_store, verified
from bench.rounds import in_turns, of_limit, rate
from engine.core.ledger import Line, Sealed
from engine.services.evidence.keys import make_first_key
from engine.services.evidence.sealing import seal_due
from engine.store import keep

_UNSEALED = Sealed(b"", bytes(32), b"", b"")


@dataclass(frozen=True, slots=True)
class Appended:
    """Acts a second with the log and without it, their ratio, and entries sealed a second.

    `share` is the median over the rounds of one rate over the other; `sealed` counts giving
    places in the tree, comparing with what was signed, and signing.
    """

    logged: float
    without: float
    share: float
    sealed: float


def measured(folder: Path, *, rounds: int, seconds: float) -> Appended:
    """Return what the log costs; every chain that was written must hold."""
    logged, plain = (install(folder / name, "lifecycle") for name in ("logged", "plain"))
    make_first_key(logged)
    with_it, without = "with the log", "without"
    runs = in_turns(
        {with_it: through_the_store(logged), without: _bare(through_the_store(plain))},
        rounds=rounds,
        seconds=seconds,
    )
    begun = time.perf_counter()
    sealed = seal_due(logged, at_once=True)
    took = time.perf_counter() - begun
    _, broken = verified(logged)
    if broken or sealed is None:
        raise AssertionError("what was measured is no log that holds")
    for app in (logged, plain):
        app.close()
    share = of_limit(runs[with_it], runs[without])
    pace = sealed.placed / took
    return Appended(rate(runs[with_it]) * ACTS, rate(runs[without]) * ACTS, share, pace)


def _bare(run: Callable[[int], None]) -> Callable[[int], None]:
    def bare(cases: int) -> None:
        with without_log():
            run(cases)

    return bare


@contextmanager
def without_log() -> Iterator[None]:
    """Let `keep` write everything but the log."""
    before = keep.sealed, keep.write_entry
    keep.sealed, keep.write_entry = _sealed, _written
    try:
        yield
    finally:
        keep.sealed, keep.write_entry = before


def _sealed(line: Line, log: str, seq: int, prev: bytes) -> keep.Ready:
    return line, seq, "", _UNSEALED


def _written(batch: Any, case_row: int | None, ready: keep.Ready) -> None:
    """Write nothing."""
