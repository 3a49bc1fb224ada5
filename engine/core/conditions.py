"""Conditions: data that a lawyer can read and a prover can exhaust.

A condition maps a name to the values it accepts; all of a mapping's lines must hold.
`any`, `not`, `min` and `max` are the only operators (DESIGN 3). Evaluation needs a
mapping from names to values and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

Value: TypeAlias = str | int | bool | None


@dataclass(frozen=True, slots=True)
class Is:
    """The value of `name` is one of those accepted."""

    name: str
    accepted: frozenset[Value]


@dataclass(frozen=True, slots=True)
class Within:
    """The number `name` lies between `least` and `most`, both inclusive, None is open."""

    name: str
    least: int | None = None
    most: int | None = None


@dataclass(frozen=True, slots=True)
class All:
    """Every part holds; no part at all always holds."""

    parts: tuple[Condition, ...] = ()


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least one part holds."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The part does not hold."""

    part: Condition


Condition: TypeAlias = Is | Within | All | AnyOf | Not

ALWAYS = All()


def holds(condition: Condition, values: Mapping[str, Value]) -> bool:
    """Return whether `condition` holds; a name without a value counts as None."""
    match condition:
        case Is(name, accepted):
            return values.get(name) in accepted
        case All(parts):
            # A loop, not all(): most conditions are empty, and this is asked ten times an act.
            for part in parts:  # noqa: SIM110 - see above
                if not holds(part, values):
                    return False
            return True
        case Within(name, least, most):
            value = values.get(name)
            if not isinstance(value, int):
                return False
            return (least is None or value >= least) and (most is None or value <= most)
        case AnyOf(parts):
            return any(holds(part, values) for part in parts)
        case Not(part):
            return not holds(part, values)


def unmet(condition: Condition, values: Mapping[str, Value]) -> Iterator[Condition]:
    """Yield the lines of `condition` that do not hold, in the order written."""
    if isinstance(condition, All):
        for part in condition.parts:
            yield from unmet(part, values)
    elif not holds(condition, values):
        yield condition


def names(condition: Condition) -> Iterator[str]:
    """Yield every name that `condition` reads."""
    match condition:
        case Is(name, _) | Within(name, _, _):
            yield name
        case All(parts) | AnyOf(parts):
            for part in parts:
                yield from names(part)
        case Not(part):
            yield from names(part)
