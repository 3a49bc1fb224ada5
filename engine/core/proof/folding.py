"""What others can know of a participation: its places, folded by what they look like.

The case and the other participation see of a participation whether it is settled, and what
its steps set going with them; the claims about a whole case add what was heard, weighed and
forwarded. Places that are alike in this are folded into one, which can do whatever any of
them can. So a product of folded participations contains every real case, and some that
cannot be: what holds in it holds, and what fails in it is looked for among the real ones.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import product
from typing import Any

from engine.core.meanings import StepMeans
from engine.core.proof.claims import watched, withheld
from engine.core.proof.places import Places
from engine.core.proof.subject import Subject
from engine.core.proof.values import Context, Follow, Heard, Local, Move

Look = tuple[object, ...]


def pending(subject: Subject, local: Local) -> bool:
    """Return whether a statement was filed that neither went on nor is withheld."""
    given = dict(zip(subject.answers, local.given, strict=True))
    waits = local.memory.filed and not local.memory.forwarded
    return waits and not withheld(subject.workflow, given)


def look(subject: Subject, local: Local) -> Look:
    """Return what others, and the claims about a whole case, can know of a place."""
    memory = local.memory
    heard = memory.heard is Heard.DONE
    waits: object = pending(subject, local)
    forwards = (s.means is StepMeans.FORWARDING for s in subject.open_to(local))
    if waits and not any(forwards):
        waits = local.state
    return subject.settled(local), heard, memory.bare, waits, memory.kept


class Folded(Places):
    """The places of a participation, folded by what they look like to others."""

    def __init__(
        self, subject: Subject, contexts: Iterable[Context], follows: Iterable[Follow]
    ) -> None:
        super().__init__(subject)
        self.single = Places(subject)
        self.contexts = tuple(contexts)
        self.all_moves: dict[tuple[int, Context], list[Move]] = {}
        self.all_reactions: dict[tuple[int, Context, Follow], list[Move]] = {}
        self._looks: dict[Look, int] = {}
        self._moves: dict[tuple[int, Context], dict[object, Move]] = {}
        self._reactions: dict[tuple[int, Follow, Context], dict[object, Move]] = {}
        self._replanned: dict[int, dict[int, None]] = {}
        self._apart: dict[tuple[int, Context], list[Move]] = {}
        self._explore(tuple(follows))

    def number(self, local: Local) -> int:
        """Return the number under which a place is folded."""
        known = self._numbers.get(local)
        if known is None:
            seen = look(self.subject, local)
            if seen not in self._looks:
                self._looks[seen] = len(self.of)
                self.of.append(local)
            known = self._numbers[local] = self._looks[seen]
        return known

    def moves(self, number: int, context: Context) -> list[Move]:
        """Return what can be done in any of the places folded here."""
        key = number, context
        if key not in self._apart:
            self._apart[key] = list(told_apart(self, number, self._moves[key].values()))
        return self._apart[key]

    def reacts(self, number: int, context: Context, follow: Follow) -> list[Move]:
        """Return how any of the places folded here reacts."""
        return list(self._reactions[number, follow, context].values())

    def replanned(self, number: int) -> list[int]:
        """Return where a participation can stand once the sittings are others."""
        return list(self._replanned[number])

    @property
    def signature(self) -> object:
        """What this participation is to others: two that agree in it are one to them."""
        return (
            self.subject.form,
            tuple(self._looks),
            frozenset((k, frozenset(v)) for k, v in self._moves.items()),
            frozenset((k, frozenset(v)) for k, v in self._reactions.items()),
        )

    def _explore(self, follows: tuple[Follow, ...]) -> None:
        """Meet every place that any surroundings can lead to."""
        subject, single = self.subject, self.single
        todo = [single.number(x) for x in subject.fresh()]
        known = set(todo)
        while todo:
            one = todo.pop()
            local = single[one]
            here = self.number(local)
            targets = subject.replanned(local)
            self._replanned.setdefault(here, {}).update((self.number(x), None) for x in targets)
            for context in self.contexts:
                moves = subject.moves(local, context)
                self.all_moves[one, context] = moves
                targets += self._keep(self._moves, (here, context), moves)
                for follow in follows:
                    reactions = subject.reacts(local, context, follow)
                    self.all_reactions[one, context, follow] = reactions
                    targets += self._keep(self._reactions, (here, follow, context), reactions)
            for number in map(single.number, targets):
                if number not in known:
                    known.add(number)
                    todo.append(number)

    def _keep(self, kept: dict, key: tuple, moves: list[Move]) -> list[Local]:  # type: ignore[type-arg]
        rows = kept.setdefault(key, {})
        for move in moves:
            sign = (move.step is None, self.number(move.to), move.follows, move.stuck)
            rows.setdefault(sign, move)
        return [m.to for m in moves]


@dataclass(slots=True)
class Known:
    """What is known of a case by how two participations look, whichever they are.

    By place and marks: what can be done, and where what follows leads. For each participation
    where its own steps lead, and the moves of the case. `signs` number what moves set going.
    """

    opened: dict[tuple[int, int, int], Any] = field(default_factory=dict)
    carried: dict[tuple[int, int, int, int], list[int] | None] = field(default_factory=dict)
    steps: dict[object, dict[tuple[int, int, int], Any]] = field(default_factory=dict)
    ways: dict[object, dict[tuple[int, int, int], list[int] | None]] = field(default_factory=dict)
    signs: dict[object, int] = field(default_factory=dict)


class Loose(Places):
    """The places of a case of which little is remembered, with what can be done there once only.

    Every two participations stand in the same case: what it can do beside two that look alike
    is worked out once for all of them.
    """

    def __init__(self, subject: Subject) -> None:
        super().__init__(subject)
        self._known: dict[tuple[str, ...], Known] = {}
        self._moves: dict[object, list[Move]] = {}
        self._reactions: dict[object, list[Move]] = {}

    def known(self, forms: Iterable[str | None]) -> Known:
        """Return what is known of the case beside these forms, or others it cannot tell from them."""
        key = tuple(form if form in self.subject.forms else "" for form in forms)
        return self._known.setdefault(key, Known())

    def moves(self, number: int, context: Context) -> list[Move]:
        """Return what can be done in a place, but for what nobody could tell apart."""
        key = number, self.subject.shown(context)
        if key not in self._moves:
            moves = super().moves(number, context)
            self._moves[key] = list(told_apart(self, number, moves))
        return self._moves[key]

    def reacts(self, number: int, context: Context, follow: Follow) -> list[Move]:
        """Return what the engine makes of something that happened elsewhere."""
        key = number, self.subject.shown(context), follow
        if key not in self._reactions:
            self._reactions[key] = super().reacts(number, context, follow)
        return self._reactions[key]


def told_apart(places: Places, number: int, moves: Iterable[Move]) -> Iterator[Move]:
    """Yield the moves by which others gain something: nobody could tell the rest apart."""
    workflow = places.subject.workflow
    signs: set[object] = {(number, None, (False, False, False), ())}
    for move in moves:
        step, told = move.step, None
        if step is not None and workflow.form is None and watched(workflow, move):
            told = step.kind, step.means, move.finds
        changes = move.calls, move.replans, move.new_round
        sign = places.number(move.to), told, changes, move.follows
        if not move.stuck and sign not in signs:
            signs.add(sign)
            yield move


def contexts_of(subject: Subject, others: Iterable[str], *, ordered: bool) -> Iterator[Context]:
    """Yield everything that a participation can see around itself."""
    cases = sorted(set(subject.cases.values()))
    seen: list[tuple[tuple[str, bool], ...]] = [()]
    if subject.sees_others:
        seen += [((form, mark),) for form in others for mark in (False, True)]
    ahead: list[tuple[bool, ...]] = [(), (False,), (True,)] if ordered else [()]
    for case, other, before in product(cases, seen, ahead):
        yield Context(case, other, before)
