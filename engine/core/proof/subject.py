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
from engine.core.meanings import Kind, StateMeans, StepMeans
from engine.core.proof.claims import remembered, unreasoned
from engine.core.proof.reading import BARE, Reading, deciding
from engine.core.proof.settings import Vector
from engine.core.proof.values import (
    ENDED,
    LAPSED,
    MET,
    NONE,
    PAUSED,
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

_SEEN = {NONE: None, ENDED: LAPSED}
"""How a deadline reads to conditions, where that is not its own word."""

_WORLDLY = frozenset(
    {"documents", "facts", "findings", "office", "demanding", "measure", "actor", "provision"}
)

NOT_SURE = frozenset({"plan", "own_sitting"})
"""The periods that depend on a plan or a sitting, which there may not be."""


@dataclass(frozen=True, slots=True)
class Seen:
    """The abstract case as conditions see it: a `Sight` like that of a real one."""

    subject: Subject
    local: Local
    context: Context
    choice: Choice

    def state(self) -> str:
        return self.local.state

    def case(self) -> str:
        return self.context.case

    def measure(self, name: str) -> Value:
        return self.choice.world.get(name)

    def given(self, field: str) -> Value:
        if f"given.{field}" in self.choice.world:
            return self.choice.world[f"given.{field}"]
        if field in self.choice.given:
            return self.choice.given[field]
        return dict(zip(self.subject.answers, self.local.given, strict=True)).get(field)

    def deadline(self, name: str) -> Value:
        if f"deadline.{name}" in self.choice.world:
            return self.choice.world[f"deadline.{name}"]
        stands = self.subject.stands(self.local, name)
        if stands in (LAPSED, ENDED) and name in self.choice.timely:
            return RUNNING
        return _SEEN.get(stands, stands)

    def provision(self, name: str) -> Value:
        vector, known = self.subject.vector, self.choice.world
        if f"provision.{name}" in known:
            return known[f"provision.{name}"]
        return None if vector is None else vector.trait(name)

    def documents(self) -> bool:
        return self.choice.world.get("documents", "complete") == "complete"

    def facts(self) -> bool:
        return self.choice.world.get("facts", "complete") == "complete"

    def findings(self) -> bool:
        known = self.choice.world.get("findings")
        return self.local.found is not Found.OPEN if known is None else known == "settled"

    def office(self) -> str:
        return str(self.choice.world.get("office", "held"))

    def other_actor(self, step: str) -> bool:
        return bool(self.choice.world.get(f"actor.not_same_as.{step}", True))

    def demanding(self) -> Value:
        return self.choice.world.get("demanding")

    def settled(self, form: str | None = None) -> Iterable[bool]:
        rows = list(self.context.others)
        if self.subject.form is not None:
            rows.append((self.subject.form, self.subject.settled(self.local)))
        return [mark for of, mark in rows if form is None or of == form]

    def ahead(self) -> Iterable[bool]:
        return self.context.ahead


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
        self.answers = tuple(sorted(self._kept()))
        self.rules = tuple(self._tracked())
        self._place = {rule.name: i for i, rule in enumerate(self.rules)}
        read = self.reading.all | self.reading.beside
        self.sees_others = any(n.startswith(("participations.", "before.")) for n in read)
        self.sees_order = "order" in read
        self._reads = {step: self._readers(step) for step in workflow.steps}
        self._known: dict[tuple[object, ...], Decided | None] = {}
        self._live = self._alive()
        self._from: dict[str, list[Step]] = {}
        self._meets: dict[str, frozenset[int]] = {}

    def _kept(self) -> Iterator[str]:
        """Yield the answers that somebody may read later, without giving them anew."""
        for step in self.workflow.steps.values():
            if step.id in self.reading.idle:
                continue
            anew = {f.name for f in step.takes if f.type != "documents"}
            if any(f.type == "weighing" for f in step.takes):
                anew |= {"nicht_gefolgt", BARE}
            if CLOCK in step.by:
                anew = set()
            elif ENGINE in step.by:
                anew &= self.wires.sent.get((self.target, step.means), frozenset())
            read = {
                n.partition(".")[2] for n in self.reading.of_step[step.id] if n.startswith("given.")
            }
            yield from read - anew
        yield from (n.partition(".")[2] for n in self.reading.of_pauses if n.startswith("given."))

    def _tracked(self) -> Iterator[DeadlineRule]:
        """Yield the deadlines whose standing can change an outcome."""
        for rule in self.workflow.deadlines.values():
            if "deadline" in self.loose:
                return
            read = f"deadline.{rule.name}" in self.reading.all | self.reading.beside
            if rule.period != "remedy" and (read or rule.lapse is not None):
                yield rule

    def _readers(self, step: str) -> list[Callable[[Seen], Value]]:
        """Return how to read what the decision about a step can depend on besides its place."""
        names = self.reading.of_step[step] | self.reading.of_pauses
        if step in self.reading.idle:
            names = frozenset(n for c in deciding(self.workflow.steps[step]) for n in names_of(c))
        found: list[Callable[[Seen], Value]] = []
        for name in sorted(names):
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

    def _alive(self) -> tuple[dict[str, set[str]], dict[str, set[str]]]:
        """Return for each state which answers, and which closed deadlines, are still read later.

        What nobody can read any more before it is given or opened anew is forgotten.
        """
        steps = [s for s in self.workflow.steps.values() if s.id not in self.reading.idle]
        passed = {
            n.partition(".")[2]
            for s in steps
            if s.means is StepMeans.FORWARDING
            for n in self.reading.of_step[s.id]
            if n.startswith("given.")
        }
        rests = {n.partition(".")[2] for n in self.reading.of_pauses if n.startswith("given.")}
        answers = {state: set(passed) for state in self.workflow.states}
        deadlines: dict[str, set[str]] = {state: set() for state in self.workflow.states}
        for rule in self.rules:
            for pause in rule.pauses:
                answers.setdefault(pause.state, set()).update(rests)
        changed = True
        while changed:
            changed = False
            for step in steps:
                for origin in origins(self.workflow, step):
                    if origin == UNBORN:
                        continue
                    read = self.reading.of_step[step.id]
                    now = {n.partition(".")[2] for n in read if n.startswith("given.")}
                    due = {n.partition(".")[2] for n in read if n.startswith("deadline.")} | set(
                        step.ends
                    ) & {n for b in step.branches for n in deadlines[b.state or origin]}
                    taken = set() if {CLOCK, ENGINE} & step.by else {f.name for f in step.takes}
                    for branch in step.branches:
                        to = branch.state or origin
                        now |= answers[to] - taken
                        if rests and any(to == p.state for r in self.rules for p in r.pauses):
                            now |= rests - taken
                        due |= {
                            r.name
                            for r in self.rules
                            if r.name in deadlines[to] and not (to in r.states and self._sure(r))
                        }
                    if not now <= answers[origin] or not due <= deadlines[origin]:
                        answers[origin] |= now
                        deadlines[origin] |= due
                        changed = True
        return answers, deadlines

    def _sure(self, rule: DeadlineRule) -> bool:
        """Return whether there is always a length; a plan or a sitting may be missing."""
        return rule.required and rule.period not in NOT_SURE

    def settled(self, local: Local) -> bool:
        """Return whether nothing more is owed here."""
        return self.workflow.meaning(local.state) in SETTLED

    def stands(self, local: Local, deadline: str) -> str:
        """Return how a deadline stands that is tracked."""
        place = self._place.get(deadline)
        return NONE if place is None else local.deadlines[place]

    def unborn(self) -> Local:
        """Return the subject before its first step."""
        return Local(UNBORN, (None,) * len(self.answers), (NONE,) * len(self.rules))

    def fresh(self) -> list[Local]:
        """Return a participation that has just been called, in each way it can begin."""
        bare = Local(self.workflow.initial, (None,) * len(self.answers), (NONE,) * len(self.rules))
        ways = [
            (NONE,) if bare.state not in r.states else self._opened(r, NONE) for r in self.rules
        ]
        return [bare._replace(deadlines=self.read_as(row, bare.state)) for row in product(*ways)]

    def moves(self, local: Local, context: Context) -> list[Move]:
        """Return everything that people, or the clock, can do next, each outcome once."""
        people = (s for s in self.open_to(local) if s.by - {CLOCK, ENGINE})
        found = [m for s in people for m in self.taken(local, context, s, self._role(s))]
        return _once(chain(found, self.lapses(local, context)))

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
        found: list[Move] = []
        for step in self.workflow.steps_meaning(follow.means):
            if ENGINE not in step.by:
                continue
            taken = {f.name for f in step.takes}
            given = {k: v for k, v in follow.given if k in taken}
            sure = False
            for choice in self._choices(local, step, [given], follow.back_dated):
                moves = self._performed(local, context, step, ENGINE, choice)
                found += moves
                sure = sure or not moves
            if not sure:
                return _once(found)
        return _once([*found, Move(None, local, Choice())])

    def taken(self, local: Local, context: Context, step: Step, role: str) -> Iterator[Move]:
        """Yield what comes of a step that somebody takes, whatever it brings along."""
        back_dated = step.kind is Kind.FACT
        for choice in self._choices(local, step, self.reading.answers(step), back_dated):
            yield from self._performed(local, context, step, role, choice)

    def _role(self, step: Step) -> str:
        return min(step.by - {CLOCK, ENGINE})

    def _choices(
        self, local: Local, step: Step, answers: list[dict[str, Value]], back_dated: bool
    ) -> Iterator[Choice]:
        read = self.reading.of_step[step.id]
        over = [
            r.name
            for r, held in zip(self.rules, local.deadlines, strict=True)
            if held == LAPSED
            or (held == ENDED and (f"deadline.{r.name}" in read or r.name in step.ends))
        ]
        for timely in _subsets(over) if back_dated else [()]:
            for world in self.reading.worlds(step.id):
                for given in answers:
                    yield Choice(given, frozenset(timely), world)

    def lapses(self, local: Local, context: Context) -> Iterator[Move]:
        """Yield what the clock can do: each deadline that runs can end."""
        for i, rule in enumerate(self.rules):
            if local.deadlines[i] != RUNNING or self._outlasted(local, rule):
                continue
            over = ENDED if rule.lapse is not None else LAPSED
            row = list(local.deadlines)
            row[i] = over
            lapsed = local._replace(deadlines=tuple(row))
            if rule.lapse is None:
                to = lapsed._replace(deadlines=self.read_as(row, local.state))
                yield Move(None, to, Choice(), deadline=rule.name)
                continue
            step = self.workflow.steps[rule.lapse]
            for choice in self._choices(lapsed, step, [{}], back_dated=False):
                moves = list(self._performed(lapsed, context, step, CLOCK, choice, rule.name))
                yield from moves or [Move(step, local, choice, deadline=rule.name, stuck=True)]

    def _outlasted(self, local: Local, rule: DeadlineRule) -> bool:
        """Return whether a deadline runs that by its rule ends before this one."""
        return any(
            within.period == "within" and within.value == rule.name and held == RUNNING
            for within, held in zip(self.rules, local.deadlines, strict=True)
        )

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
            for row in self._followed(local, step, choice, decided)
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
            context,
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
        live = self._live[0][state]
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
        return remembered(self.workflow, local.memory, step, local.state, state, bare, now)

    def _followed(
        self, local: Local, step: Step, choice: Choice, decided: Decided
    ) -> list[tuple[str, ...]]:
        """Return how the deadlines can stand after a step: mirrors `running.follow`."""
        state = decided.state
        ended = self.form is None and self.workflow.meaning(state) is StateMeans.FINAL
        ways = [
            self._one(rule, held, local.state, step, choice, decided, ended)
            for rule, held in zip(self.rules, local.deadlines, strict=True)
        ]
        return list(dict.fromkeys(self.read_as(row, state) for row in product(*ways)))

    def _one(
        self,
        rule: DeadlineRule,
        held: str,
        before: str,
        step: Step,
        choice: Choice,
        decided: Decided,
        ended: bool,
    ) -> tuple[str, ...]:
        state = decided.state
        still = held in (RUNNING, PAUSED, LAPSED)
        if ended and still:
            held, still = NONE, False
        if not (state in rule.states or before in rule.states or rule.name in step.ends):
            return (held,)
        if rule.name in step.starts and state in rule.states:
            return self._opened(rule, held)
        if state not in rule.states:
            return (self._closed(rule, held, step, choice),)
        if held != NONE and (still or rule.name in dict(step.moves)):
            return (self._resting(rule, held, step, choice, decided),)
        return self._opened(rule, held)

    def _opened(self, rule: DeadlineRule, held: str) -> tuple[str, ...]:
        """Return how a deadline stands that is to be opened; where no plan gives a day, as before."""
        return (RUNNING,) if self._sure(rule) else tuple(dict.fromkeys((RUNNING, held)))

    def _closed(self, rule: DeadlineRule, held: str, step: Step, choice: Choice) -> str:
        timely = rule.name in choice.timely
        if held == NONE:
            return NONE
        if held in (MET, ENDED):
            return MET if rule.name in step.ends and held == ENDED and timely else held
        if step.means is StepMeans.CLOSING:
            return NONE
        return ENDED if held == LAPSED and not timely else MET

    def _resting(
        self,
        rule: DeadlineRule,
        held: str,
        step: Step,
        choice: Choice,
        decided: Decided,
    ) -> str:
        if choice.given.get(dict(step.moves).get(rule.name, "")):
            return RUNNING
        values = decided.situation.values
        rests = any(p.state == decided.state and holds(p.when, values) for p in rule.pauses)
        if rests and held == RUNNING:
            return PAUSED
        return RUNNING if held == PAUSED and not rests else held

    def read_as(self, row: Iterable[str], state: str) -> tuple[str, ...]:
        """Return the deadlines with what nobody can tell apart made one."""
        return tuple(
            self._same(rule.name, held, state) for rule, held in zip(self.rules, row, strict=True)
        )

    def _same(self, name: str, held: str, state: str) -> str:
        if held not in (MET, ENDED):
            return held
        if name not in self._live[1][state]:
            return NONE
        alike = self.reading.distinct(f"deadline.{name}", (None, _SEEN.get(held, held)))
        return NONE if len(alike) == 1 else held

    def replanned(self, local: Local) -> list[Local]:
        """Return how a participation can stand once the sittings are others."""
        ways = [
            tuple(dict.fromkeys((held, RUNNING, NONE)))
            if rule.period in NOT_SURE and local.state in rule.states
            else (held,)
            for rule, held in zip(self.rules, local.deadlines, strict=True)
        ]
        return [local._replace(deadlines=self.read_as(row, local.state)) for row in product(*ways)]


def _plain(value: Value) -> tuple[type, Value]:
    return type(value), value


def _subsets(names_: list[str]) -> Iterator[tuple[str, ...]]:
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
