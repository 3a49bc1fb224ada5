"""From a condition's YAML to the core's condition, with every misspelt name told."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from engine.core.conditions import ALWAYS, All, AnyOf, Condition, Is, Not, Value, Within
from engine.core.meanings import StateMeans
from engine.core.offices import Standing
from engine.core.rules import Fact
from engine.errors import Text
from engine.strictyaml import Mark, Marks, Problems, unknown

Path = tuple[str | int, ...]

HEADS = frozenset(
    {
        "measure",
        "given",
        "state",
        "case",
        "deadline",
        "documents",
        "participations",
        "findings",
        "facts",
        "before",
        "order",
        "office",
        "demanding",
        "pending",
        "provision",
        "actor",
    }
)
"""The closed namespace that conditions may read (DESIGN 3)."""

TRAITS: Mapping[str, frozenset[Value]] = {
    "silence": frozenset({"none", "approval", "right_lost", "disregarded"}),
    "reasons": frozenset({True, False}),
    "query": frozenset({"pauses", "none"}),
    "incomplete": frozenset({"pauses", "none"}),
    "referral": frozenset({"direct", "chair", "diverging", "none"}),
    "supplement": frozenset({True, False}),
    "objection": frozenset({"suspensive", "plain", "none"}),
    "skipped": frozenset({"none", "suspension", "make_up", "void", "harmless"}),
    "higher_stage": frozenset({True, False}),
    "parallel": frozenset({"reasoned", "none"}),
    "agreed": frozenset({True, False}),
}
"""What a provision may say beyond its periods, asked for as `provision.<trait>`, and how.

`silence` is what an unused period means, `objection` whether one stops execution,
`skipped` what follows where the participation was left out, `higher_stage` whether somebody
above may decide again, `agreed` whether another period may be agreed on, `parallel` whether later offices may be asked at once for a reason.
"""

MEASURE = frozenset({"kind", "origin", "confidentiality"})
"""What every measure has besides its facts, asked for as `measure.<name>`."""

_MEANT = Text("Der Name", "The name")
_VALUE = Text("Der Wert", "The value")
_BARE = frozenset(
    {
        "state",
        "case",
        "documents",
        "participations",
        "findings",
        "facts",
        "before",
        "order",
        "office",
        "demanding",
        "pending",
        "actor",
    }
)


Domain = frozenset[Value]
"""The values that a name can have; a condition on any other value would never hold."""

ALWAYS_KNOWN: Mapping[str, Domain] = {
    "case": frozenset(StateMeans),
    "documents": frozenset({"complete", "missing"}),
    "facts": frozenset({"complete", "missing"}),
    "findings": frozenset({"open", "settled"}),
    "order": frozenset({"kept", "open"}),
    "office": frozenset(Standing),
    "demanding": frozenset({"takes_part", "not_called", None}),
    "pending": frozenset({"nothing", "something"}),
}
"""The domains that are the same in every file."""

OF_TRAITS: Mapping[str, Domain] = {
    f"provision.{name}": values | {None} for name, values in TRAITS.items()
}

OF_DEADLINES: Domain = frozenset({"running", "paused", "met", "lapsed", None})


def domain_of(kind: str, options: Iterable[str]) -> Domain | None:
    """Return the domain of a fact or field of a type, None where it is not finite."""
    if kind == "bool":
        return frozenset({True, False, None})
    return frozenset({*options, None}) if kind == "choice" else None


def domains_of(facts: Mapping[str, Fact]) -> dict[str, Domain]:
    """Return the domains of the facts of measures, as far as they are finite."""
    found = {f"measure.{f.id}": domain_of(f.type, f.options) for f in facts.values()}
    return {name: domain for name, domain in found.items() if domain is not None}


class Reader:
    """Reads the conditions of one file.

    `known` says which names exist under each head, `domains` which values a name can have.
    """

    def __init__(
        self,
        marks: Marks,
        problems: Problems,
        known: Mapping[str, frozenset[str]],
        domains: Mapping[str, Domain],
    ):
        self._marks = marks
        self._problems = problems
        self._known = known
        self._domains = {**ALWAYS_KNOWN, **OF_TRAITS, **domains}

    def read(self, raw: Mapping[str, Any] | None, path: Path) -> Condition:
        """Return the condition at `path`; an empty one always holds."""
        if not raw:
            return ALWAYS
        parts = tuple(self._line(k, v, (*path, k)) for k, v in raw.items())
        return parts[0] if len(parts) == 1 else All(parts)

    def _line(self, name: str, raw: Any, path: Path) -> Condition:
        special: dict[str, Callable[[Any, Path], Condition]] = {
            "any": self._any,
            "not": self._not,
            "participations": self._participations,
            "before": self._before,
            "actor": self._actor,
        }
        if name in special:
            return special[name](raw, path)
        self._check(name, path)
        if isinstance(raw, Mapping):
            return self._within(name, raw, path)
        values = raw if isinstance(raw, list) else [raw]
        if any(isinstance(value, list | Mapping) for value in values):
            return self._wrong(path, "ein Wert oder eine Liste von Werten", "a value, or a list")
        for i, value in enumerate(values):
            self._check_value(name, value, (*path, i) if isinstance(raw, list) else path)
        return Is(name, frozenset(values))

    def _check_value(self, name: str, value: Value, path: Path) -> None:
        domain = self._domains.get(name)
        # True counts as 1 in a set, but 1 is no answer to a question of yes or no.
        if domain is None or any(value == v and _alike(value, v) for v in domain):
            return
        words = unknown(_VALUE, _shown(value), sorted(map(_shown, domain)))
        self._problems.add(self._marks.value(*path), words)

    def _any(self, raw: Any, path: Path) -> Condition:
        if not isinstance(raw, list):
            return self._wrong(path, "eine Liste von Bedingungen", "a list of conditions")
        return AnyOf(tuple(self.read(part, (*path, i)) for i, part in enumerate(raw)))

    def _not(self, raw: Any, path: Path) -> Condition:
        if not isinstance(raw, Mapping):
            return self._wrong(path, "eine Bedingung", "a condition")
        return Not(self.read(raw, path))

    def _participations(self, raw: Any, path: Path) -> Condition:
        if isinstance(raw, Mapping) and len(raw) == 1:
            [(quantifier, what)] = raw.items()
            if quantifier in ("all", "any") and what in ("settled", "open"):
                return Is(f"participations.{quantifier}.{what}", frozenset({True}))
        return self._wrong(path, "all oder any: settled oder open", "all or any: settled or open")

    def _before(self, raw: Any, path: Path) -> Condition:
        if not isinstance(raw, list):
            return self._wrong(path, "eine Liste von Formen", "a list of forms")
        return All(tuple(Is(f"before.{form}", frozenset({True})) for form in raw))

    def _actor(self, raw: Any, path: Path) -> Condition:
        if isinstance(raw, Mapping) and set(raw) == {"not_same_as"}:
            self._check(f"step.{raw['not_same_as']}", path)
            return Is(f"actor.not_same_as.{raw['not_same_as']}", frozenset({True}))
        return self._wrong(path, "not_same_as: ein Schritt", "not_same_as: a step")

    def _within(self, name: str, raw: Mapping[str, Any], path: Path) -> Condition:
        numbers = all(isinstance(v, int) for v in raw.values())
        if not raw or set(raw) - {"min", "max"} or not numbers:
            return self._wrong(path, "min oder max: eine Zahl", "min or max: a number")
        return Within(name, raw.get("min"), raw.get("max"))

    def _check(self, name: str, path: Path) -> None:
        head, dot, tail = name.partition(".")
        if head not in HEADS | {"step"}:
            self._problems.add(self._mark(path), unknown(_MEANT, name, sorted(HEADS)))
        elif head in self._known and tail not in self._known[head]:
            known = sorted(f"{head}.{k}" for k in self._known[head])
            self._problems.add(self._mark(path), unknown(_MEANT, name, known))
        elif bool(dot) == (head in _BARE) and head != "step":
            self._problems.add(self._mark(path), unknown(_MEANT, name, sorted(HEADS)))

    def _wrong(self, path: Path, de: str, en: str) -> Condition:
        words = Text(f"Hier wird erwartet: {de}.", f"Expected here: {en}.")
        self._problems.add(self._mark(path), words)
        return ALWAYS

    def _mark(self, path: Path) -> Mark:
        return self._marks.key(*path)


def _alike(value: Value, other: Value) -> bool:
    return isinstance(value, bool) == isinstance(other, bool)


def _shown(value: Value) -> str:
    """Return a value as YAML writes it."""
    if value is None:
        return "null"
    return str(value).lower() if isinstance(value, bool) else str(value)
