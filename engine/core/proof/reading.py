"""What decisions read: which names can change an outcome, and which of their values differ.

Two values that no condition of a workflow tells apart are one value to the prover, so a
number is cut at the thresholds that the file uses, and a text is there or not.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from itertools import product

from engine.core.conditions import (
    ALWAYS,
    All,
    AnyOf,
    Condition,
    Is,
    Not,
    Value,
    Within,
    holds,
    names,
)
from engine.core.meanings import StateMeans, StepMeans
from engine.core.offices import Standing
from engine.core.workflow import Field, Step, Workflow

REMEMBERED = frozenset(StepMeans) - {
    StepMeans.REFERRAL,
    StepMeans.QUERY,
    StepMeans.ANSWER,
    StepMeans.MORE_TIME,
    StepMeans.COMPLETION,
    StepMeans.DISCUSSION,
    StepMeans.REASONS_DEMAND,
}
"""The meanings of steps that claims may remember although nothing else comes of them."""

NEVER = AnyOf(())
"""The condition that never holds."""

BARE = "ohne_begruendung"
"""What the engine counts in a weighing: points that are not followed, without a reason."""

COUNTED: tuple[tuple[str, str], ...] = (("nicht_gefolgt", BARE),)

WORLD: Mapping[str, tuple[Value, ...]] = {
    "documents": ("complete", "missing"),
    "facts": ("complete", "missing"),
    "office": tuple(s.value for s in Standing),
    "demanding": (None, "takes_part", "not_called"),
    "pending": ("nothing", "something"),
}
"""What is true outside a case and may be otherwise at every act, with its values."""


def deciding(step: Step, form: str | None = None) -> Iterator[Condition]:
    """Yield the conditions of a step that change what comes of it; letters change nothing.

    Nor does it matter for a participation whether it opens a finding: that stays in the file
    and changes nothing else, and acts in a former round can open one at any time.
    """
    yield step.when
    if form is None:
        yield step.expects
    yield from (b.when for b in step.branches)
    yield from (e.when for e in step.effects)
    if step.new_round is not None:
        yield step.new_round


@lru_cache(maxsize=4096)
def under(condition: Condition, traits: tuple[tuple[str, Value], ...]) -> Condition:
    """Return what is left of a condition once the traits of the provisions are known."""
    match condition:
        case Is(name, _) | Within(name, _, _) if name.startswith("provision."):
            known = {f"provision.{k}": v for k, v in traits}
            return ALWAYS if holds(condition, known) else NEVER
        case All(parts):
            left = [p for p in (under(p, traits) for p in parts) if p != ALWAYS]
            return NEVER if NEVER in left else All(tuple(left))
        case AnyOf(parts):
            left = [p for p in (under(p, traits) for p in parts) if p != NEVER]
            return ALWAYS if ALWAYS in left else AnyOf(tuple(left))
        case Not(part):
            inner = under(part, traits)
            return NEVER if inner == ALWAYS else ALWAYS if inner == NEVER else Not(inner)
    return condition


def idle(step: Step) -> bool:
    """Return whether a step leaves everything as it is and is only entered and told."""
    moves = any(b.state is not None for b in step.branches)
    opens = step.effects or step.starts or step.ends or step.moves or step.finding
    changes = step.new_paper or step.recounts or step.new_round is not None
    does = step.judges or step.reschedules or any(f.type == "facts" for f in step.takes)
    return not (moves or opens or changes or does) and step.means not in REMEMBERED


def relevant(workflow: Workflow) -> frozenset[str]:
    """Return every name that can change an outcome in a workflow."""
    steps = (s for s in workflow.steps.values() if not idle(s))
    found = {n for s in steps for c in deciding(s, workflow.form) for n in names(c)}
    rules = workflow.deadlines.values()
    return frozenset(found | {n for d in rules for p in d.pauses for n in names(p.when)})


class Reading:
    """A workflow under known traits: what it reads, and the values that make a difference.

    Names under the heads `loose` are not followed up: they may have any value at any time.
    """

    def __init__(
        self,
        workflow: Workflow,
        traits: tuple[tuple[str, Value], ...],
        loose: frozenset[str] = frozenset({"measure", "actor"}),
    ) -> None:
        self.workflow = workflow
        self.loose = loose
        self.traits = traits
        steps = workflow.steps.values()
        self.idle = frozenset(s.id for s in steps if idle(s) and not self._remembers(s))
        self.of_step = {s.id: self._read(deciding(s, workflow.form)) for s in steps}
        self.of_pauses = self._read(p.when for d in workflow.deadlines.values() for p in d.pauses)
        done = (names_ for step, names_ in self.of_step.items() if step not in self.idle)
        self.all = frozenset().union(*done, self.of_pauses)
        self.beside = frozenset(
            n
            for step in self.idle
            for n in self.of_step[step]
            if not n.startswith(("given.", "provision."))
        )
        self.atoms = list(self._atoms())
        self._standing: dict[object, Value] = {}
        self._worlds: dict[str, list[dict[str, Value]]] = {}
        self._answers: dict[str, list[dict[str, Value]]] = {}

    def _remembers(self, step: Step) -> bool:
        """Return whether somebody reads later what an otherwise idle step brings along."""
        taken = {f"given.{f.name}" for f in step.takes}
        others = (s for s in self.workflow.steps.values() if s.id != step.id)
        return any(taken & set(names(c)) for s in others for c in deciding(s, self.workflow.form))

    def _read(self, conditions: Iterable[Condition]) -> frozenset[str]:
        return frozenset(n for c in conditions for n in names(under(c, self.traits)))

    def _atoms(self) -> Iterator[Is | Within]:
        rules = (p.when for d in self.workflow.deadlines.values() for p in d.pauses)
        steps = (c for s in self.workflow.steps.values() for c in deciding(s, self.workflow.form))
        for condition in (*steps, *rules):
            yield from _leaves(condition)

    def standing(self, name: str, value: Value) -> Value:
        """Return the value that stands for all those which conditions take for the same."""
        key = (name, type(value), value)
        if key not in self._standing:
            alike = (v for v in self.distinct(name, (None, value)))
            self._standing[key] = next(v for v in alike if self._alike(name, v, value))
        return self._standing[key]

    def distinct(self, name: str, values: Iterable[Value]) -> tuple[Value, ...]:
        """Return one of all values of `name` that conditions cannot tell apart, the first ones."""
        atoms = [a for a in self.atoms if a.name == name]
        found: dict[tuple[bool, ...], Value] = {}
        for value in values:
            found.setdefault(tuple(holds(a, {name: value}) for a in atoms), value)
        return tuple(found.values())

    def _alike(self, name: str, one: Value, other: Value) -> bool:
        return all(
            holds(a, {name: one}) == holds(a, {name: other}) for a in self.atoms if a.name == name
        )

    def worlds(self, step: str) -> list[dict[str, Value]]:
        """Return every way in which what a step reads of the world outside can be.

        What only steps read that change nothing is not followed up, so it may be anything.
        """
        if step not in self._worlds:
            self._worlds[step] = list(self._all_worlds(step))
        return self._worlds[step]

    def _all_worlds(self, step: str) -> Iterator[dict[str, Value]]:
        read, loose = self.of_step[step], set(self.loose)
        if step in self.idle:
            conditions = deciding(self.workflow.steps[step], self.workflow.form)
            read = frozenset(n for c in conditions for n in names(c))
            loose |= {"given", "provision"}
        known = sorted(n for n in read if n in WORLD or n.split(".")[0] in loose)
        spaces = [self.distinct(n, WORLD.get(n) or self._free(n)) for n in known]
        yield from (dict(zip(known, row, strict=True)) for row in product(*spaces))

    def _free(self, name: str) -> tuple[Value, ...]:
        """Return the values that conditions name, nothing, and another one than all of them."""
        if name.startswith("actor."):
            return (True, False)
        if name == "findings":
            return ("settled", "open")
        return (*self.named(name), None, "\0")

    def named(self, name: str) -> Iterator[Value]:
        for atom in self.atoms:
            if atom.name != name:
                continue
            if isinstance(atom, Is):
                yield from sorted(atom.accepted, key=repr)
            else:
                yield from (n for n in (atom.least, atom.most) if n is not None)
                yield (atom.least or 0) - 1
                yield (atom.most or 0) + 1

    def answers(self, step: Step) -> list[dict[str, Value]]:
        """Return everything that can be given with a step, as far as it makes a difference."""
        if step.id not in self._answers:
            spaces = [list(self._field(step, f)) for f in step.takes if f.type != "documents"]
            rows = [{k: v for part in row for k, v in part.items()} for row in product(*spaces)]
            self._answers[step.id] = rows
        return self._answers[step.id]

    def _field(self, step: Step, wanted: Field) -> Iterator[dict[str, Value]]:
        if wanted.type == "weighing":
            yield from self._weighing(wanted)
            return
        full = f"given.{wanted.name}"
        moved = wanted.name in dict(step.moves).values()
        judges = step.judges
        judged = judges is not None and wanted.name in (judges.finding, judges.choice)
        # What a departure says is its reason, whether any condition asks for it or not.
        judged |= step.means is StepMeans.DEPARTURE and wanted.type in ("text", "wording")
        values = [*self._values(wanted), *([None] if wanted.optional else [])]
        if not (moved or judged) and full not in self.all:
            values = values[:1]
        elif not (moved or judged):
            values = list(self.distinct(full, values))
        yield from ({wanted.name: value} for value in values)

    def _weighing(self, wanted: Field) -> Iterator[dict[str, Value]]:
        rows = [(0, 0), (1, 0), (1, 1)]
        for refused, bare in rows:
            yield {wanted.name: 1, "nicht_gefolgt": refused, BARE: bare}
        if wanted.optional:
            yield {wanted.name: None}

    def _values(self, wanted: Field) -> tuple[Value, ...]:
        if wanted.type == "choice":
            return wanted.options
        if wanted.type == "bool":
            return (True, False)
        if wanted.type == "points":
            counts = [
                n for n in self.named(f"given.{wanted.name}") if isinstance(n, int) and n >= 0
            ]
            return tuple(sorted({0, 1, *counts}))
        if wanted.type == "number":
            return (*self.named(f"given.{wanted.name}"), 0)
        if wanted.type == "facts":
            return (None,)
        return (1,) if wanted.type == "finding" else (True,)

    def cases(self) -> dict[str, str]:
        """Return for each meaning of the case's state the one that stands for it here."""
        over = (StateMeans.DECIDED, StateMeans.FINAL)
        order = [m.value for m in sorted(StateMeans, key=lambda m: m in over)]
        groups = self.distinct("case", order)
        return {
            m.value: next(g for g in groups if self._alike("case", g, m.value))  # type: ignore[misc]
            for m in StateMeans
        }


def _leaves(condition: Condition) -> Iterator[Is | Within]:
    match condition:
        case Is() | Within():
            yield condition
        case All(parts) | AnyOf(parts):
            for part in parts:
                yield from _leaves(part)
        case Not(part):
            yield from _leaves(part)
