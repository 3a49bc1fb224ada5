"""One subject by itself: every step it may take, in every way that makes a difference.

The decision is asked of `machine.permitted`, and its conditions read through the same
`Sight` as those of a real case. What follows mirrors `steps.perform` and `running.follow`
with days left out: a deadline stands, and does not count.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain, combinations, product

from engine.core.conditions import Value, holds
from engine.core.conditions import names as names_of
from engine.core.machine import Situation, origins, permitted
from engine.core.meanings import Kind, StepMeans
from engine.core.proof.claims import remembered, unreasoned
from engine.core.proof.keeping import alive, kept, tracked
from engine.core.proof.reading import Reading, deciding
from engine.core.proof.seen import Seen
from engine.core.proof.settings import Vector
from engine.core.proof.standing import Deadlines, Deed
from engine.core.proof.values import (
    ENDED,
    LAPSED,
    NONE,
    RUNNING,
    Choice,
    Context,
    Follow,
    Found,
    Local,
    Memory,
    Move,
)
from engine.core.proof.wiring import Wiring
from engine.core.proof.written import Written, satisfied
from engine.core.situation import SETTLED, as_seen
from engine.core.workflow import CLOCK, ENGINE, UNBORN, DeadlineRule, Effect, Step, Workflow

NO_CHOICE = Choice()
"""What is chosen where nothing happens."""

_WORLDLY = frozenset(
    {
        "documents",
        "facts",
        "findings",
        "office",
        "demanding",
        "pending",
        "measure",
        "actor",
        "provision",
    }
)


@dataclass(frozen=True, slots=True)
class Decided:
    """What a step is decided to do, as far as days do not matter."""

    state: str
    situation: Situation
    finds: bool
    new_round: bool
    follows: tuple[Follow, ...]


class Subject:
    """The case machine, or that of one form under known traits.

    Of names under the heads `loose` nothing is remembered; they may be anything at any time.
    `wires` tell which answers travel along with what follows elsewhere.
    """

    def __init__(
        self,
        workflow: Workflow,
        vector: Vector | None,
        wires: Wiring,
        written: tuple[Written, ...] = (),
        loose: frozenset[str] = frozenset({"measure", "actor"}),
    ) -> None:
        self.workflow = workflow
        self.vector = vector
        self.form = workflow.form
        self.written = written
        self.wires = wires
        self.target = "case" if workflow.form is None else "participations"
        self.loose = loose
        self.reading = Reading(workflow, () if vector is None else vector.traits, loose)
        self.cases = self.reading.cases()
        self.answers = tuple(sorted(kept(workflow, self.reading, wires)))
        self.rules = tuple(tracked(workflow, self.reading))
        self.live = alive(workflow, self.reading, self.rules)
        self.deadlines = Deadlines(workflow, self.reading, self.rules, self.live)
        read = self.reading.all | self.reading.beside
        self.sees_others = any(n.startswith(("participations.", "before.")) for n in read)
        self.forms = frozenset(n.partition(".")[2] for n in read if n.startswith("before."))
        self._reads = {step: self._readers(step) for step in workflow.steps}
        self._heads = {
            s: {n.partition(".")[0] for n in self._names(s) | self.reading.of_pauses}
            for s in workflow.steps
        }
        self._known: dict[tuple[object, ...], Decided | None] = {}
        self._sights: dict[tuple[str, Context], tuple[object, ...]] = {}
        self._chosen: dict[tuple[object, ...], list[Choice]] = {}
        self._taken: dict[tuple[object, ...], list[Move]] = {}
        self._reacted: dict[tuple[object, ...], list[Move]] = {}
        self._answers: dict[tuple[str, StepMeans], list[Step]] = {}
        self._memories: dict[tuple[object, ...], Memory] = {}
        self._from: dict[str, list[Step]] = {}
        self._meets: dict[str, frozenset[int]] = {}

    def _names(self, step: str) -> frozenset[str]:
        """Return the names that the decision about a step, and about pauses after it, reads."""
        if step in self.reading.idle:
            return frozenset(n for c in deciding(self.workflow.steps[step]) for n in names_of(c))
        return self.reading.of_step[step] | self.reading.of_pauses

    def _readers(self, step: str) -> list[Callable[[Seen], Value]]:
        """Return how to read what the decision about a step can depend on besides its place."""
        found: list[Callable[[Seen], Value]] = []
        for name in sorted(self._names(step)):
            head, _, tail = name.partition(".")
            if head == "given":
                found.append(lambda s, tail=tail: s.given(tail))  # type: ignore[misc]
            elif head == "deadline":
                found.append(lambda s, tail=tail: s.deadline(tail))  # type: ignore[misc]
            elif head in _WORLDLY:
                found.append(lambda s, name=name: s.choice.world.get(name))  # type: ignore[misc]
            elif head in ("participations", "before"):
                found.append(lambda s: s.subject.settled(s.local))
        heeded = {
            f
            for e in self.workflow.steps[step].effects
            for f in self.wires.heeded.get((e.target, e.means), frozenset())
        }
        found += [lambda s, f=f: s.choice.given.get(f) for f in sorted(heeded)]  # type: ignore[misc]
        return found

    def settled(self, local: Local) -> bool:
        """Return whether nothing more is owed here."""
        return self.workflow.meaning(local.state) in SETTLED

    def shown(self, context: Context) -> object:
        """Return what decisions can see of a context: two that agree in it are one to them."""
        others = frozenset(
            (form if form in self.forms else "", mark) for form, mark in context.others
        )
        return context.case, others, all(context.ahead)

    def unborn(self) -> Local:
        """Return the subject before its first step."""
        return Local(UNBORN, (None,) * len(self.answers), (NONE,) * len(self.rules))

    def fresh(self) -> list[Local]:
        """Return a participation that has just been called, in each way it can begin."""
        bare = Local(self.workflow.initial, (None,) * len(self.answers), ())
        return [bare._replace(deadlines=row) for row in self.deadlines.first(bare.state)]

    def replanned(self, local: Local) -> list[Local]:
        """Return how a participation can stand once the sittings are others."""
        return [local._replace(deadlines=row) for row in self.deadlines.replanned(local)]

    def read_as(self, row: Iterable[str], state: str) -> tuple[str, ...]:
        """Return how deadlines stand in a state, with what nobody can tell apart made one."""
        return self.deadlines.read_as(row, state)

    def moves(self, local: Local, context: Context) -> list[Move]:
        """Return everything that people, or the clock, can do next, each outcome once."""
        found: list[Move] = []
        for step in self.open_to(local):
            if step.by - {CLOCK, ENGINE}:
                found += self._outcomes(local, context, step)
        return found + _once(self.lapses(local, context))

    def _outcomes(self, local: Local, context: Context, step: Step) -> list[Move]:
        """Return what can come of a step that people take; asked once for all that it can see."""
        key = local, step.id, self._sight(step, context)
        if key not in self._taken:
            self._taken[key] = _once(self.taken(local, context, step, self._role(step)))
        return self._taken[key]

    def _sight(self, step: Step, context: Context) -> tuple[object, ...]:
        """Return as much of a context as the decision about a step can depend on."""
        key = step.id, context
        if key not in self._sights:
            heads = self._heads[step.id]
            self._sights[key] = (
                context.case if "case" in heads else None,
                frozenset(context.others) if heads & {"participations", "before"} else None,
                all(context.ahead) if "order" in heads else None,
            )
        return self._sights[key]

    def open_to(self, local: Local) -> list[Step]:
        """Return the steps that lead on from a place, whoever may take them."""
        if local.state not in self._from:
            steps = self.workflow.steps.values()
            self._from[local.state] = [s for s in steps if local.state in origins(self.workflow, s)]
        return self._from[local.state]

    def reacts(self, local: Local, context: Context, follow: Follow) -> list[Move]:
        """Return what the engine's steps of that meaning make of it; empty if none is permitted.

        Which step is taken can depend on the world outside; the first that is permitted is.
        """
        steps = self._answering(local.state, follow.means)
        if not steps:
            return [Move(None, local, NO_CHOICE)]
        taken = {f.name for step in steps for f in step.takes}
        given = tuple((k, v) for k, v in follow.given if k in taken)
        sights = tuple(self._sight(step, context) for step in steps)
        key = local, follow.means, given, follow.back_dated, sights
        if key not in self._reacted:
            self._reacted[key] = self._reactions(local, context, steps, given, follow.back_dated)
        return self._reacted[key]

    def _answering(self, state: str, means: StepMeans) -> list[Step]:
        """Return the steps of a meaning that the engine takes from a state."""
        key = state, means
        if key not in self._answers:
            steps = self.workflow.steps_meaning(means)
            rows = (s for s in steps if ENGINE in s.by and state in origins(self.workflow, s))
            self._answers[key] = list(rows)
        return self._answers[key]

    def _reactions(
        self,
        local: Local,
        context: Context,
        steps: Iterable[Step],
        brought: tuple[tuple[str, Value], ...],
        back_dated: bool,
    ) -> list[Move]:
        found: list[Move] = []
        for step in steps:
            taken = {f.name for f in step.takes}
            given = tuple((k, v) for k, v in brought if k in taken)
            sure = False
            for choice in self._choices(local, step, given, back_dated):
                moves = self._performed(local, context, step, ENGINE, choice)
                found += moves
                sure = sure or not moves
            if not sure:
                return _once(found)
        return _once([*found, Move(None, local, Choice())])

    def taken(self, local: Local, context: Context, step: Step, role: str) -> Iterator[Move]:
        """Yield what comes of a step that somebody takes, whatever it brings along."""
        back_dated = step.kind is Kind.FACT
        for choice in self._choices(local, step, None, back_dated):
            yield from self._performed(local, context, step, role, choice)

    def _role(self, step: Step) -> str:
        return min(step.by - {CLOCK, ENGINE})

    def _choices(
        self,
        local: Local,
        step: Step,
        given: tuple[tuple[str, Value], ...] | None,
        back_dated: bool,
    ) -> list[Choice]:
        """Return what a step leaves open: `given` if that is known, None if anything can be."""
        over = self.deadlines.lapsed(step, local.deadlines) if back_dated else ()
        key = step.id, over, given
        if key not in self._chosen:
            answers = self.reading.answers(step) if given is None else [dict(given)]
            rows = product(_subsets(over), self.reading.worlds(step.id), answers)
            self._chosen[key] = [Choice(row, frozenset(day), world) for day, world, row in rows]
        return self._chosen[key]

    def lapses(self, local: Local, context: Context) -> Iterator[Move]:
        """Yield what the clock can do: each deadline that runs can end."""
        for rule, lapsed in self._ending(local):
            if rule.lapse is None:
                to = lapsed._replace(deadlines=self.read_as(lapsed.deadlines, local.state))
                yield Move(None, to, Choice(), deadline=rule.name)
                continue
            step = self.workflow.steps[rule.lapse]
            for choice in self._choices(lapsed, step, (), back_dated=False):
                moves = list(self._performed(lapsed, context, step, CLOCK, choice, rule.name))
                yield from moves or [Move(step, local, choice, deadline=rule.name, stuck=True)]

    def _ending(self, local: Local) -> Iterator[tuple[DeadlineRule, Local]]:
        """Yield the deadlines that can end here, and the place with each of them over.

        Where deadlines are not followed, each that runs in this state can.
        """
        if "deadline" in self.loose:
            rules = self.workflow.deadlines.values()
            yield from ((r, local) for r in rules if r.lapse and local.state in r.states)
        for i, rule in enumerate(self.rules):
            if local.deadlines[i] == RUNNING and not self.deadlines.outlasted(local, rule):
                row = list(local.deadlines)
                row[i] = ENDED if rule.lapse is not None else LAPSED
                yield rule, local._replace(deadlines=tuple(row))

    def _performed(
        self,
        local: Local,
        context: Context,
        step: Step,
        role: str,
        choice: Choice,
        deadline: str | None = None,
    ) -> list[Move]:
        decided = self._decided(local, context, step, role, choice)
        if decided is None:
            return []
        judged = self._judged(step, choice, local)
        if judged == "":
            return []
        state = decided.state
        deed = Deed(step, choice, decided.situation, state)
        given = self._merged(local.given, choice.given, state)
        memory = self._memory(local, step, choice, state)
        return [
            Move(
                step=step,
                to=Local(state, given, row, memory, local.found),
                choice=choice,
                finds=decided.finds and self.form is None,
                judged=judged,
                calls=step.origins == frozenset() or any(f.type == "facts" for f in step.takes),
                replans=step.reschedules is not None or step.recounts,
                new_round=decided.new_round,
                follows=decided.follows,
                deadline=deadline,
            )
            for row in self.deadlines.after(deed, local.deadlines)
        ]

    def _decided(
        self, local: Local, context: Context, step: Step, role: str, choice: Choice
    ) -> Decided | None:
        """Return what `permitted` decides; asked once for all that it can depend on."""
        seen = Seen(self, local, context, choice)
        key = (
            step.id,
            role,
            local.state,
            self._sight(step, context),
            local.found if self.form is None else None,
            tuple(_plain(read(seen)) for read in self._reads[step.id]),
        )
        if key not in self._known:
            self._known[key] = self._decide(seen, step, role)
        return self._known[key]

    def _decide(self, seen: Seen, step: Step, role: str) -> Decided | None:
        situation = as_seen(self.workflow, seen)
        verdict = permitted(self.workflow, situation, step, role)
        if verdict.state is None:
            return None
        back_dated = step.kind is Kind.FACT and role != CLOCK
        return Decided(
            verdict.state,
            situation,
            finds=not holds(step.expects, situation.values),
            new_round=step.new_round is not None and holds(step.new_round, situation.values),
            follows=tuple(
                self._follow(e, seen.choice, back_dated=back_dated)
                for e in step.effects
                if holds(e.when, situation.values)
            ),
        )

    def _follow(self, effect: Effect, choice: Choice, *, back_dated: bool) -> Follow:
        heeded = self.wires.heeded.get((effect.target, effect.means), frozenset())
        given = sorted((k, v) for k, v in choice.given.items() if k in heeded)
        return Follow(effect.target, effect.means, tuple(given), back_dated)

    def _judged(self, step: Step, choice: Choice, local: Local) -> str | None:
        """Return the state that a finding gets, None if none is judged, '' if there is none."""
        judges = step.judges
        if judges is None or choice.given.get(judges.finding) is None:
            return None
        if local.found is Found.NEVER and "findings" not in self.loose:
            return ""
        chosen = "" if judges.choice is None else choice.given.get(judges.choice)
        return judges.states.get(str(chosen), "same")

    def _merged(
        self, before: tuple[Value, ...], given: Mapping[str, Value], state: str
    ) -> tuple[Value, ...]:
        live = self.live.answers[state]
        return tuple(
            None
            if name not in live
            else self.reading.standing(f"given.{name}", given[name])
            if name in given
            else held
            for name, held in zip(self.answers, before, strict=True)
        )

    def _memory(self, local: Local, step: Step, choice: Choice, state: str) -> Memory:
        if self.form is None:
            return local.memory
        bare = unreasoned(step, choice.given)
        if bare and (self.vector is None or self.vector.trait("reasons") is not True):
            bare = False
        if step.id not in self._meets:
            self._meets[step.id] = satisfied(self.written, self.workflow, step)
        now = self._meets[step.id]
        key = local.memory, step.id, local.state, state, bare
        if key not in self._memories:
            self._memories[key] = remembered(
                self.workflow, local.memory, step, local.state, state, bare, now
            )
        return self._memories[key]


def _plain(value: Value) -> tuple[type, Value]:
    return type(value), value


def _subsets(names_: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    return chain.from_iterable(combinations(names_, n) for n in range(len(names_) + 1))


def _once(moves: Iterable[Move]) -> list[Move]:
    """Return the moves without those that differ only in what was chosen."""
    found: dict[object, Move] = {}
    for move in moves:
        key = (
            None if move.step is None else move.step.id,
            move.to,
            move.finds,
            move.judged,
            move.calls,
            move.replans,
            move.new_round,
            move.follows,
            move.deadline,
            move.stuck,
        )
        found.setdefault(key, move)
    return list(found.values())
