"""What follows a move: everything it sets going in the case and in both participations.

Who is called anew, what is found and judged, which days are planned again, and which steps the
engine takes elsewhere. Where one participation cannot tell what becomes of the other one, its
way is worked out by itself, once for everything that can stand beside it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import product

from engine.core.proof.places import Places
from engine.core.proof.settings import Setting
from engine.core.proof.values import CASE, Context, Follow, Found, Local, Move

Spot = tuple[int, int, int]
"""The case and both participations, each by the number of its place; 0 is not called."""

ABSENT = 0


@dataclass(slots=True)
class Taken:
    """A move of a subject, as the way into a state: `swapped` if both participations were."""

    subject: int
    move: Move
    swapped: bool = False
    echo: bool = False


class Watch:
    """Somebody who looks at what the exploration meets; this one looks at nothing."""

    done = False
    """Whether nothing more needs to be looked at."""

    def entered(
        self, at: int, subject: int, local: Local, context: Context, moves: list[Move]
    ) -> None:
        """A subject stands somewhere, and can do this; `at` is the first spot where it does."""

    def followed(self, at: int, subject: int, move: Move) -> None:
        """The engine takes a step of a subject, as what follows another."""

    def spotted(self, at: int, spot: Spot) -> None:
        """A spot was found."""

    def took(
        self, at: int, spot: Spot, j: int, moves: tuple[Move, ...], ends: tuple[int, ...]
    ) -> None:
        """Releases or decisions lead a participation from where it stands to one of its ends."""


class Following:
    """The case with two participations under one setting, and what follows in it."""

    def __init__(self, case: Places, parts: tuple[Places, Places], setting: Setting) -> None:
        self.setting = setting
        self.places = (case, *parts)
        self.loose = "findings" in case.subject.loose
        self.callable = 2
        self._watch = Watch()
        self._marks: tuple[dict[int, int], ...] = ({}, {}, {})
        self._reactions: dict[tuple[object, ...], list[Move]] = {}
        self._fresh = [
            [self.places[i].number(x) for x in self.places[i].subject.fresh()] if i else []
            for i in (0, 1, 2)
        ]
        sees = [p.subject.sees_others for p in self.places]
        self._sees = [sees[i] or (3 - i, i) in setting.order for i in (0, 1, 2)]

    def mark(self, i: int, number: int) -> int:
        """Return what others see of a participation: 0 not called, 1 open, 2 settled."""
        known = self._marks[i].get(number)
        if known is None:
            local = self.places[i].of[number]
            known = 0 if local is None else 1 + self.places[i].subject.settled(local)
            self._marks[i][number] = known
        return known

    def seen(self, i: int, case: int, other: int) -> tuple[int, int]:
        """Return what a participation sees of the case and, by its mark, of the other one."""
        known = self._marks[CASE].get(case)
        if known is None:
            place = self.places[CASE]
            meaning = place.subject.workflow.meaning(place[case].state)
            known = self._marks[CASE][case] = list(type(meaning)).index(meaning)
        return known, other if self._sees[i] else 0

    def context(self, i: int, spot: Spot) -> Context:
        """Return what a subject sees beyond itself."""
        place = self.places[CASE]
        meaning = place.subject.workflow.meaning(place[spot[CASE]].state).value
        if i == CASE:
            forms = [
                (str(self.places[j].subject.form), self.mark(j, spot[j]) == 2)
                for j in (1, 2)
                if spot[j]
            ]
            return Context(meaning, tuple(forms))
        other = 3 - i
        subject = self.places[i].subject
        there = self.mark(other, spot[other])
        form = str(self.places[other].subject.form)
        return Context(
            subject.cases[meaning],
            ((form, there == 2),) if there and subject.sees_others else (),
            (there == 2,) if there and (other, i) in self.setting.order else (),
        )

    def after(self, at: int, spot: Spot, i: int, move: Move) -> list[Spot]:
        """Return the spots to which a move leads, with everything that follows from it."""
        to = self.places[i].number(move.to)
        if move.step is None and move.follows:
            to = spot[i]
        spots = [put(called, i, to) for called in self._called(spot, move)]
        if not self.loose:
            spots = [end for s in spots for end in self._found(s, i, move)]
        if move.replans or move.new_round:
            spots = [end for s in spots for end in self._renewed(s, move)]
        if move.follows:
            spots = [end for s in spots for end in self._following(at, s, i, move.follows)]
        return spots

    def way(self, at: int, spot: Spot, j: int, move: Move) -> list[int] | None:
        """Return where a move of the case leads one participation, None if it is not alone in it.

        It is alone in it if the other one cannot tell what becomes of it, nor the case. What
        then follows in the case itself does not move it.
        """
        if not self.loose and (move.finds or move.judged is not None):
            return None
        owns = [end for own in self._ways_called(spot, j, move) for end in self._anew(j, own, move)]
        if not move.follows or homeward(move):
            return list(dict.fromkeys(owns))
        if not self._unnoticed(j, spot[j], owns):
            return None
        to = self.places[CASE].number(move.to)
        rows = [self.led(at, put((to, *spot[1:]), j, own), j, move.follows) for own in owns]
        return (
            None if None in rows else list(dict.fromkeys(end for row in rows for end in row or ()))
        )

    def _called(self, spot: Spot, move: Move) -> list[Spot]:
        if not move.calls:
            return [spot]
        ways = [self._ways_called(spot, j, move) for j in (1, 2)]
        return [(spot[CASE], a, b) for a, b in product(*ways)]

    def _ways_called(self, spot: Spot, j: int, move: Move) -> list[int]:
        if spot[j] or not move.calls:
            return [spot[j]]
        return [ABSENT, *(self._fresh[j] if j <= self.callable else [])]

    def _found(self, spot: Spot, i: int, move: Move) -> list[Spot]:
        places, found = self.places[CASE], self.places[CASE][spot[CASE]].found
        ways = {found}
        if move.judged is not None:
            ways = {Found.OPEN} if move.judged == "open" else {found, min(found, Found.SETTLED)}
        lacking = i != CASE or any(self.mark(j, spot[j]) == 1 for j in (1, 2))
        if move.finds and lacking:
            known = Found.SETTLED in ways
            ways = {Found.OPEN} | ({Found.SETTLED} if known else set())
        if ways == {found}:
            return [spot]
        local = places[spot[CASE]]
        return [
            put(spot, CASE, places.number(local._replace(found=Found(f)))) for f in sorted(ways)
        ]

    def _renewed(self, spot: Spot, move: Move) -> list[Spot]:
        ways = [self._anew(j, spot[j], move) for j in (1, 2)]
        return [(spot[CASE], a, b) for a, b in product(*ways)]

    def _anew(self, j: int, own: int, move: Move) -> list[int]:
        """Return how a participation stands once days are planned again, or a round begins."""
        if not own or not (move.replans or move.new_round):
            return [own]
        return self._fresh[j] if move.new_round else self.places[j].replanned(own)

    def _following(
        self, at: int, spot: Spot, origin: int, follows: tuple[Follow, ...]
    ) -> list[Spot]:
        if origin == CASE:
            ways = [self.led(at, spot, j, follows) for j in (1, 2)]
            if None not in ways:
                return [(spot[CASE], a, b) for a, b in product(*(way or () for way in ways))]
        spots = [spot]
        for follow in follows:
            targets = [CASE] if follow.target == "case" else [j for j in (1, 2) if j != origin]
            for j in targets:
                spots = [end for s in spots for end in self._reacted(at, s, j, follow)]
        return spots

    def led(self, at: int, spot: Spot, i: int, follows: tuple[Follow, ...]) -> list[int] | None:
        """Return where what follows leads a subject, None if it leads to more elsewhere."""
        if any((follow.target == "case") != (i == CASE) for follow in follows):
            return None
        owns = [spot[i]]
        for follow in follows:
            ends: list[int] = []
            for own in owns:
                moves = self._reaction(at, put(spot, i, own), i, follow) if own else []
                if not all(self.simple(i, m) for m in moves):
                    return None
                ends += [own if m.step is None else self.places[i].number(m.to) for m in moves]
                ends += [] if moves else [own]
            if not self._unnoticed(i, spot[i], ends):
                return None
            owns = ends
        return list(dict.fromkeys(owns))

    def simple(self, i: int, move: Move) -> bool:
        """Return whether nothing but the subject itself changes."""
        return move.plain or (self.loose and i == CASE and not move.wider)

    def _unnoticed(self, j: int, before: int, ends: Iterable[int]) -> bool:
        """Return whether the other participation does not look, or sees no difference."""
        if j == CASE or not self._sees[3 - j]:
            return True
        own = self.mark(j, before)
        return all(self.mark(j, end) == own for end in ends)

    def _reacted(self, at: int, spot: Spot, j: int, follow: Follow) -> list[Spot]:
        if j != CASE and not spot[j]:
            return [spot]
        ends: list[Spot] = []
        for move in self._reaction(at, spot, j, follow):
            ends += [spot] if move.step is None else self.after(at, spot, j, move)
        return ends or [spot]

    def _reaction(self, at: int, spot: Spot, j: int, follow: Follow) -> list[Move]:
        marks = self.mark(1, spot[1]), self.mark(2, spot[2])
        seen = marks if j == CASE else self.seen(j, spot[CASE], marks[2 - j])
        key = (follow, j, spot[j], *seen)
        known = self._reactions.get(key)
        if known is None:
            known = self.places[j].reacts(spot[j], self.context(j, spot), follow)
            for move in known:
                self._watch.followed(at, j, move)
            self._reactions[key] = known
        return known


def homeward(move: Move) -> bool:
    """Return whether a move sets something going, and all of it in the case."""
    return bool(move.follows) and all(f.target == "case" for f in move.follows)


def put(spot: Spot, i: int, number: int) -> Spot:
    return (*spot[:i], number, *spot[i + 1 :])  # type: ignore[return-value]
