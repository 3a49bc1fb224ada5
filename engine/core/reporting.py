"""Figures for a report: who was in time, told only of groups that are large enough.

A department is named from five cases up. Where what is left over would be told by
subtraction, the smallest named department joins the rest. No figure is of a person.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

LEAST = 5
"""Fewer cases than this would be told of somebody rather than of a department."""


@dataclass(frozen=True, slots=True)
class Tally:
    """How many deadlines of a sort were kept, missed, or run.

    `open` are missed and what they ask for is still not done; they are among the `missed`.
    """

    met: int = 0
    missed: int = 0
    open: int = 0
    running: int = 0

    def __add__(self, other: Tally) -> Tally:
        return Tally(
            self.met + other.met,
            self.missed + other.missed,
            self.open + other.open,
            self.running + other.running,
        )

    @property
    def decided(self) -> int:
        """How many are decided either way."""
        return self.met + self.missed

    @property
    def share(self) -> float | None:
        """The share that was kept of those decided, in per cent; None where there are none."""
        return 100 * self.met / self.decided if self.decided else None


def tally(status: str, count: int, *, done: bool) -> Tally:
    """Return the tally of deadlines that are alike.

    >>> tally("lapsed", 2, done=False)
    Tally(met=0, missed=2, open=2, running=0)
    """
    match status:
        case "met":
            return Tally(met=count)
        case "lapsed":
            return Tally(missed=count, open=0 if done else count)
    return Tally(running=count)


def shown(cases: Mapping[str, int], least: int = LEAST) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the groups that may be named, and those that are told together or not at all.

    >>> shown({"bau": 12, "soziales": 7, "ordnung": 2})
    (('bau',), ('soziales', 'ordnung'))
    >>> shown({"bau": 12, "ordnung": 3, "schule": 4})
    (('bau',), ('schule', 'ordnung'))
    """
    ranked = sorted((k for k, n in cases.items() if n), key=lambda k: (-cases[k], k))
    named = [k for k in ranked if cases[k] >= least]
    rest = [k for k in ranked if cases[k] < least]
    while rest and named and sum(cases[k] for k in rest) < least:
        rest.insert(0, named.pop())
    return tuple(named), tuple(rest)


def sample(names: Iterable[str], size: int, seed: str) -> list[str]:
    """Return `size` of the names, drawn by a seed that anybody can draw by again.

    The names are ranked by SHA-256 of seed and name, so no generator of random numbers and
    no version of a language decides; the first ones are the sample, by name.

    >>> sample(["V-1", "V-2", "V-3"], 2, "2026")
    ['V-2', 'V-3']
    """

    def rank(name: str) -> bytes:
        return hashlib.sha256(f"{seed}\n{name}".encode()).digest()

    return sorted(sorted(set(names), key=rank)[: max(size, 0)])
