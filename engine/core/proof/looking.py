"""Who looks at every place of a product for what breaks a claim."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from engine.core.proof import faults
from engine.core.proof.faults import Fault, Law
from engine.core.proof.following import Spot, Taken, Watch
from engine.core.proof.product import Product
from engine.core.proof.values import CASE, Context, Local, Move

Judged = tuple[tuple[Move, ...], list[Fault]]
"""What was found wrong with moves: kept with them, lest others be taken for them by id."""


class Looking(Watch):
    """Looks at every place of a real or folded product for what breaks a claim."""

    def __init__(
        self,
        product: Product,
        law: Law,
        wanted: frozenset[str] | None = None,
        judged: dict[object, Judged] | None = None,
    ) -> None:
        self.product = product
        self.law = law
        self.wanted = wanted
        self.met: dict[str, tuple[int, Taken | None, Fault]] = {}
        self.whose: dict[str, int] = {}
        self.judged = {} if judged is None else judged
        self._right: dict[tuple[int, ...], list[Fault]] = {}

    def entered(
        self, at: int, subject: int, local: Local, context: Context, moves: list[Move]
    ) -> None:
        if self.product.folded:
            return
        place = self.product.places[subject].subject
        others = any(not mark for _, mark in context.others)
        for fault in faults.in_place(place, local, context, moves, self.law, others):
            self._keep(at, subject, fault)

    def spotted(self, at: int, spot: Spot) -> None:
        for j in (1, 2):
            if spot[j]:
                key = spot[CASE], j, spot[j]
                if key not in self._right:
                    self._right[key] = self._wrong(spot, j)
                for fault in self._right[key]:
                    self.whose.setdefault(fault.claim, j)
                    self._keep(at, CASE, fault)

    def _wrong(self, spot: Spot, j: int) -> list[Fault]:
        case, part = self.product.places[CASE], self.product.places[j]
        meaning = case.subject.workflow.meaning(case[spot[CASE]].state)
        return list(faults.in_case(meaning, part.subject, part[spot[j]], self.law))

    def took(
        self, at: int, spot: Spot, j: int, moves: tuple[Move, ...], ends: tuple[int, ...]
    ) -> None:
        key = (id(moves), spot[CASE], id(self.product.places[j]), spot[j], ends)
        if key not in self.judged:
            rows = [fault for move in moves for fault in self._unsound(spot, j, move, ends)]
            self.judged[key] = moves, rows
        for fault in self.judged[key][1]:
            self.whose.setdefault(fault.claim, j)
            self._keep(at, CASE, fault)

    def _unsound(self, spot: Spot, j: int, move: Move, ends: Iterable[int]) -> Iterator[Fault]:
        case, part = self.product.places[CASE], self.product.places[j]
        state, meaning = case[spot[CASE]].state, case.subject.workflow.meaning(move.to.state)
        before, after = part[spot[j]], [part[end] for end in ends]
        return faults.in_taking(move, state, meaning, part.subject, before, after)

    def followed(self, at: int, subject: int, move: Move) -> None:
        if move.step is not None and not self.product.folded:
            for fault in faults.usurped(move, move.step):
                self._keep(at, subject, fault)

    def _keep(self, at: int, subject: int, fault: Fault) -> None:
        if fault.claim not in self.met and (self.wanted is None or fault.claim in self.wanted):
            last = None if fault.move is None else Taken(subject, fault.move)
            self.met[fault.claim] = (at, last, fault)
            self.done = self.wanted is not None and self.wanted <= set(self.met)
