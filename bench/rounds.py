"""Variants measured in turns, and what is said of them: medians, and ratios of one round."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from statistics import median

Variant = Callable[[int], None]
"""Does its unit of work so many times."""


@dataclass(frozen=True, slots=True)
class Run:
    """How long `units` of work took, by the clock and of this process's CPU, in seconds."""

    units: int
    seconds: float
    cpu: float

    @property
    def rate(self) -> float:
        """Units a second."""
        return self.units / self.seconds


Runs = dict[str, list[Run]]


def timed(variant: Variant, units: int) -> Run:
    """Return what so many units of work cost."""
    cpu, begun = time.process_time(), time.perf_counter()
    variant(units)
    return Run(units, time.perf_counter() - begun, time.process_time() - cpu)


def in_turns(
    variants: Mapping[str, Variant], *, rounds: int, seconds: float, warm: int = 30
) -> Runs:
    """Return the runs of each variant: every round runs all of them, every other backwards.

    Each is warmed up and then given as many units as fill about `seconds`.
    """
    units = {name: _units(variant, seconds, warm) for name, variant in variants.items()}
    runs: Runs = {name: [] for name in variants}
    for turn in range(rounds):
        for name in list(variants)[:: 1 if turn % 2 == 0 else -1]:
            gc.collect()
            runs[name].append(timed(variants[name], units[name]))
    return runs


def _units(variant: Variant, seconds: float, warm: int) -> int:
    timed(variant, warm)
    return max(1, round(timed(variant, warm).rate * seconds))


def rate(runs: list[Run]) -> float:
    """Return the median rate, in units a second."""
    return median(run.rate for run in runs)


def cpu_us(runs: list[Run]) -> float:
    """Return the median CPU time of a unit, in microseconds."""
    return median(run.cpu / run.units * 1e6 for run in runs)


def of_limit(runs: list[Run], limit: list[Run]) -> float:
    """Return the median over the rounds of this rate over the limit's of the same round."""
    return median(a.rate / b.rate for a, b in zip(runs, limit, strict=True))


def microseconds(deed: Callable[[], object], *, seconds: float = 1.0, block: int = 20) -> float:
    """Return the median time of one call in microseconds, measured in blocks of calls."""
    deed()
    found: list[float] = []
    until = time.perf_counter() + seconds
    while time.perf_counter() < until or len(found) < 5:
        begun = time.perf_counter()
        for _ in range(block):
            deed()
        found.append((time.perf_counter() - begun) / block * 1e6)
    return median(found)
