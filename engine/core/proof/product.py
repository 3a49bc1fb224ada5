"""The case with two participations: every state it can reach, breadth first.

A subject's own moves are worked out once for all that it can see, and then combined; so the
product costs little more than its edges. Breadth first, the first way to a state is a shortest.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import product

from engine.core.proof.folding import Folded
from engine.core.proof.places import Places
from engine.core.proof.settings import Setting
from engine.core.proof.values import CASE, Choice, Context, Follow, Found, Local, Move
from engine.core.workflow import CLOCK, ENGINE, UNBORN

Spot = tuple[int, int, int]
"""The case and both participations, each by the number of its place; 0 is not called."""

ABSENT = 0

Roles = int
"""The roles that can take an edge, a bit each."""


@dataclass(slots=True)
class Taken:
    """A move of a subject, as the way into a state: `swapped` if both participations were."""

    subject: int
    move: Move
    swapped: bool = False
    echo: bool = False


@dataclass(slots=True)
class Edge:
    """A move with everything that follows from it: the spots it leads to."""

    subject: int
    move: Move
    ends: tuple[Spot, ...]


@dataclass(slots=True)
class Explored:
    """What was found: the spots in the order of finding, the way to each, the edges of each."""

    spots: list[Spot] = field(default_factory=list)
    ways: list[tuple[int, Taken] | None] = field(default_factory=list)
    edges: list[dict[int, Roles]] = field(default_factory=list)
    transitions: int = 0
    whole: bool = False


@dataclass(slots=True)
class Entry:
    """What a subject can do where it stands: simple moves, and those that set more going."""

    plain: list[tuple[int, Taken, Roles]]
    wide: list[tuple[Taken, Roles]]
    echoes: list[tuple[int, Taken]] = field(default_factory=list)


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

    def took(self, at: int, spot: Spot, taken: Taken, ends: tuple[Spot, ...]) -> None:
        """A watched move leads from a spot to its ends."""

    def watches(self, move: Move) -> bool:
        """Whether every single taking of a move is to be told."""
        return False


class Product:
    """The case machine with two participations under one setting."""

    def __init__(self, case: Places, parts: tuple[Places, Places], setting: Setting) -> None:
        self.setting = setting
        self.alike = parts[0] is parts[1] and not setting.order
        self.places = (case, *parts)
        subjects = [p.subject for p in self.places]
        names = sorted({r for s in subjects for step in s.workflow.steps.values() for r in step.by})
        self.roles = {r: 1 << i for i, r in enumerate(n for n in names if n != ENGINE)}
        self.loose = "findings" in case.subject.loose
        self._entries: tuple[dict[tuple[int, ...], Entry], ...] = ({}, {}, {})
        self._reactions: dict[tuple[object, ...], list[Taken]] = {}
        self._steps: tuple[dict[tuple[int, int, int], list[tuple[int, int, Taken, Roles]]], ...] = (
            {},
            {},
            {},
        )
        self._marks: tuple[dict[int, int], ...] = ({}, {}, {})
        self._watch = Watch()
        self._fresh = [
            [self.places[i].number(x) for x in self.places[i].subject.fresh()] if i else []
            for i in (0, 1, 2)
        ]
        # Then what follows in one participation cannot depend on the other one.
        seeing = any(p.subject.sees_others for p in parts)
        self.blind = not seeing and not setting.order
        self._parts: dict[tuple[object, ...], list[int] | None] = {}
        self.callable = 2
        self.folded = any(isinstance(p, Folded) for p in parts)
        self.found = Explored()

    def explore(self, watch: Watch, limit: int | None = None) -> Explored:
        """Return every spot that can be reached, telling the watch what is met on the way.

        The exploration ends early once the watch is done, or after `limit` spots.
        """
        self._watch = watch
        found, alike, folded = self.found, self.alike, self.folded
        spots, ways, edges = found.spots, found.ways, found.edges
        known: dict[Spot, int] = {}
        first = (self.places[CASE].number(self.places[CASE].subject.unborn()), ABSENT, ABSENT)
        known[first] = 0
        spots.append(first)
        ways.append(None)
        at = 0
        while at < len(spots):
            spot = spots[at]
            out: dict[int, Roles] = {}
            for to, taken, roles in self._leading(at, spot):
                swapped = alike and to[1] > to[2]
                end = (to[0], to[2], to[1]) if swapped else to
                number = known.get(end)
                if number is None:
                    number = known[end] = len(spots)
                    spots.append(end)
                    ways.append(
                        (
                            at,
                            Taken(taken.subject, taken.move, True, taken.echo)
                            if swapped
                            else taken,
                        )
                    )
                if not folded:
                    out[number] = out.get(number, 0) | roles
                found.transitions += 1
            edges.append(out)
            watch.spotted(at, spot)
            at += 1
            if watch.done or (limit is not None and at >= limit):
                break
        found.whole = at == len(spots)
        return found

    def _leading(self, at: int, spot: Spot) -> Iterator[tuple[Spot, Taken, Roles]]:
        case, one, two = spot
        f_one, f_two = self._mark(1, one), self._mark(2, two)
        entry = self._entry(at, CASE, case, (f_one, f_two), spot)
        for to, taken, roles in entry.plain:
            yield (to, one, two), taken, roles
        for taken, roles in entry.wide:
            watched = self._watch.watches(taken.move)
            if not watched and self._idle(spot, taken.move):
                continue
            if self._simple(CASE, taken.move):
                ends: tuple[Spot, ...] = ((self.places[CASE].number(taken.move.to), one, two),)
            else:
                ends = tuple(dict.fromkeys(self._after(at, spot, CASE, taken.move)))
            if watched:
                self._watch.took(at, spot, taken, ends)
            for end in ends:
                yield end, taken, roles
        if one:
            for to, own, taken, roles in self._steps_of(at, 1, spot, f_two):
                yield (to, own, two), taken, roles
        if two:
            for to, own, taken, roles in self._steps_of(at, 2, spot, f_one):
                yield (to, one, own), taken, roles
        # Last, so that a story is told by what happens now wherever it can be.
        for to, taken in entry.echoes if one or two else ():
            yield (to, one, two), taken, 0

    def _idle(self, spot: Spot, move: Move) -> bool:
        """Return whether a move could only call others, and all are called already."""
        alone = not (move.follows or move.new_round or move.replans or move.finds or move.judged)
        there = bool(spot[1] and spot[2]) or self.callable == bool(spot[1])
        return move.calls and alone and there and self.places[CASE].of[spot[CASE]] == move.to

    def _steps_of(
        self, at: int, i: int, spot: Spot, other: int
    ) -> list[tuple[int, int, Taken, Roles]]:
        """Return where a participation's moves lead the case and itself.

        They never move the other one, so it is enough to know how that looks.
        """
        key = spot[i], spot[CASE], other
        known = self._steps[i].get(key)
        if known is not None:
            return known
        entry = self._entry(at, i, spot[i], self._seen(i, spot[CASE], other), spot)
        found: dict[tuple[int, int], tuple[Taken, Roles]] = {}
        rows = [(spot[CASE], to, taken, roles) for to, taken, roles in entry.plain]
        apart = False
        for taken, roles in entry.wide:
            for end in self._after(at, spot, i, taken.move):
                rows.append((end[CASE], end[i], taken, roles))
                apart |= end[3 - i] != spot[3 - i]
        for to, own, taken, roles in rows:
            if (to, own) != (spot[CASE], spot[i]):
                first, others = found.get((to, own), (taken, 0))
                found[to, own] = first, others | roles
        if apart:
            raise NotImplementedError(
                "a step of a participation that moves other participations is not explored"
            )
        self._steps[i][key] = [(to, own, *row) for (to, own), row in found.items()]
        return self._steps[i][key]

    def _mark(self, i: int, number: int) -> int:
        """Return what others see of a participation: 0 not called, 1 open, 2 settled."""
        known = self._marks[i].get(number)
        if known is None:
            local = self.places[i].of[number]
            known = 0 if local is None else 1 + self.places[i].subject.settled(local)
            self._marks[i][number] = known
        return known

    def _seen(self, i: int, case: int, other: int) -> tuple[int, ...]:
        subject = self.places[i].subject
        known = self._marks[CASE].get(case)
        if known is None:
            place = self.places[CASE]
            meaning = place.subject.workflow.meaning(place[case].state)
            known = self._marks[CASE][case] = list(type(meaning)).index(meaning)
        ahead = (3 - i, i) in self.setting.order
        shown = other if subject.sees_others or ahead else 0
        return known, shown

    def _context(self, i: int, number: int, spot: Spot) -> Context:
        place = self.places[CASE]
        meaning = place.subject.workflow.meaning(place[spot[CASE]].state).value
        if i == CASE:
            forms = [
                (str(self.places[j].subject.form), self._mark(j, spot[j]) == 2)
                for j in (1, 2)
                if spot[j]
            ]
            return Context(meaning, tuple(forms))
        other = 3 - i
        subject = self.places[i].subject
        there = self._mark(other, spot[other])
        form = str(self.places[other].subject.form)
        return Context(
            subject.cases[meaning],
            ((form, there == 2),) if there and subject.sees_others else (),
            (there == 2,) if there and (other, i) in self.setting.order else (),
        )

    def _entry(self, at: int, i: int, number: int, seen: tuple[int, ...], spot: Spot) -> Entry:
        key = (number, *seen)
        known = self._entries[i].get(key)
        if known is None:
            known = self._entries[i][key] = self._work_out(at, i, number, spot)
        return known

    def _work_out(self, at: int, i: int, number: int, spot: Spot) -> Entry:
        place = self.places[i]
        local, context = place[number], self._context(i, number, spot)
        moves = place.moves(number, context)
        self._watch.entered(at, i, local, context, moves)
        plain: dict[int, tuple[Taken, Roles]] = {}
        wide, echoes = [], []
        signs: set[object] = set()
        for move in moves:
            roles, taken = self._roles(move), Taken(i, move)
            if move.stuck:
                continue
            if self.folded and self._known_before(i, number, move, signs):
                continue
            if i == CASE and self._watch.watches(move):
                wide.append((taken, roles))
                continue
            if not self._simple(i, move):
                wide.append((taken, roles))
                continue
            to = place.number(move.to)
            if to != number:
                first, others = plain.get(to, (taken, 0))
                plain[to] = first, others | roles
        if i == CASE and local.state != UNBORN:
            for taken in self._echoes(local):
                for end in self._after(at, spot, CASE, taken.move):
                    assert end[1:] == spot[1:], "an echo has moved a participation"
                    if end[CASE] != number:
                        echoes.append((end[CASE], taken))
        return Entry([(to, *row) for to, row in plain.items()], wide, echoes)

    def _simple(self, i: int, move: Move) -> bool:
        """Return whether nothing but the subject itself changes."""
        return move.plain or (self.loose and i == CASE and not move.wider)

    def _known_before(self, i: int, number: int, move: Move, signs: set[object]) -> bool:
        """Return whether a folded product gains nothing by a move: nobody could tell it apart."""
        to, step = self.places[i].number(move.to), move.step
        told = (step.kind, step.means, move.finds) if step and self._watch.watches(move) else None
        changes = (move.calls, move.replans, move.new_round)
        sign = (to, told, changes, move.follows)
        known = sign in signs or sign == (number, None, (False, False, False), ())
        signs.add(sign)
        return known

    def _roles(self, move: Move) -> Roles:
        if move.deadline is not None or move.step is None:
            return self.roles.get(CLOCK, 0)
        found = 0
        for role in move.step.by - {CLOCK, ENGINE}:
            found |= self.roles[role]
        return found

    def _echoes(self, local: Local) -> Iterator[Taken]:
        """Yield what acts in a former round can still do to the case: no other sees them."""
        for follow in self._echoing():
            yield Taken(CASE, Move(None, local, NO_CHOICE, follows=(follow,)), echo=True)
        if local.found is not Found.OPEN and self._finding and not self.loose:
            yield Taken(CASE, Move(None, local._replace(found=Found.OPEN), NO_CHOICE), echo=True)

    def _echoing(self) -> list[Follow]:
        means = {
            e.means
            for place in self.places[1:]
            for s in place.subject.workflow.steps.values()
            for e in s.effects
            if e.target == "case"
        }
        return [Follow("case", m, (), back_dated=True) for m in sorted(means)]

    @property
    def _finding(self) -> bool:
        steps = (s for p in self.places[1:] for s in p.subject.workflow.steps.values())
        return any(s.finding is not None for s in steps)

    def _after(self, at: int, spot: Spot, i: int, move: Move) -> Iterator[Spot]:
        """Yield the spots to which a move leads, with everything that follows from it."""
        to = self.places[i].number(move.to)
        if move.step is None and move.follows:
            to = spot[i]
        for called in self._called(spot, move):
            moved = _put(called, i, to)
            for found in self._found(moved, i, move):
                for planned in self._replanned(found, move):
                    for begun in self._renewed(planned, move):
                        yield from self._following(at, begun, i, move.follows)

    def _called(self, spot: Spot, move: Move) -> list[Spot]:
        if not move.calls:
            return [spot]
        ways = [
            [spot[j]] if spot[j] else [ABSENT, *(self._fresh[j] if j <= self.callable else [])]
            for j in (1, 2)
        ]
        return [(spot[0], a, b) for a, b in product(*ways)]

    def _found(self, spot: Spot, i: int, move: Move) -> list[Spot]:
        if self.loose:
            return [spot]
        places, found = self.places[CASE], self.places[CASE][spot[CASE]].found
        ways = {found}
        if move.judged is not None:
            ways = {Found.OPEN} if move.judged == "open" else {found, min(found, Found.SETTLED)}
        lacking = i != CASE or any(self._mark(j, spot[j]) == 1 for j in (1, 2))
        if move.finds and lacking:
            known = Found.SETTLED in ways
            ways = {Found.OPEN} | ({Found.SETTLED} if known else set())
        if ways == {found}:
            return [spot]
        local = places[spot[CASE]]
        return [
            _put(spot, CASE, places.number(local._replace(found=Found(f)))) for f in sorted(ways)
        ]

    def _replanned(self, spot: Spot, move: Move) -> list[Spot]:
        if not move.replans:
            return [spot]
        ways = [self.places[j].replanned(spot[j]) if spot[j] else [ABSENT] for j in (1, 2)]
        return [(spot[0], a, b) for a, b in product(*ways)]

    def _renewed(self, spot: Spot, move: Move) -> list[Spot]:
        if not move.new_round:
            return [spot]
        ways = [self._fresh[j] if spot[j] else [ABSENT] for j in (1, 2)]
        return [(spot[0], a, b) for a, b in product(*ways)]

    def _following(
        self, at: int, spot: Spot, origin: int, follows: tuple[Follow, ...]
    ) -> list[Spot]:
        if origin == CASE and follows and self.blind:
            apart = self._apart(at, spot, follows)
            if apart is not None:
                return [(spot[CASE], a, b) for a, b in product(*apart)]
        spots = [spot]
        for follow in follows:
            targets = [CASE] if follow.target == "case" else [j for j in (1, 2) if j != origin]
            for j in targets:
                spots = [end for s in spots for end in self._reacted(at, s, j, follow)]
        return spots

    def _apart(
        self, at: int, spot: Spot, follows: tuple[Follow, ...]
    ) -> tuple[list[int], list[int]] | None:
        """Return where what follows leads each participation, if it leads nothing else anywhere."""
        found: list[list[int]] = []
        if any(f.target == "case" for f in follows):
            return None
        for j in (1, 2):
            key = (follows, j, spot[j], spot[CASE], self._mark(3 - j, spot[3 - j]))
            if key not in self._parts:
                ends = [spot]
                for follow in follows:
                    ends = [end for s in ends for end in self._reacted(at, s, j, follow)]
                alone = all(_put(end, j, spot[j]) == spot for end in ends)
                self._parts[key] = list(dict.fromkeys(end[j] for end in ends)) if alone else None
            known = self._parts[key]
            if known is None:
                return None
            found.append(known)
        return found[0], found[1]

    def _reacted(self, at: int, spot: Spot, j: int, follow: Follow) -> list[Spot]:
        if j != CASE and not spot[j]:
            return [spot]
        ends: list[Spot] = []
        for taken in self._reaction(at, spot, j, follow):
            if taken.move.step is None:
                ends.append(spot)
            else:
                ends += self._after(at, spot, j, taken.move)
        return ends or [spot]

    def _reaction(self, at: int, spot: Spot, j: int, follow: Follow) -> list[Taken]:
        marks = self._mark(1, spot[1]), self._mark(2, spot[2])
        seen = marks if j == CASE else self._seen(j, spot[CASE], marks[2 - j])
        key = (follow, j, spot[j], *seen)
        known = self._reactions.get(key)
        if known is None:
            context = self._context(j, spot[j], spot)
            moves = self.places[j].reacts(spot[j], context, follow)
            for move in moves:
                self._watch.followed(at, j, move)
            known = self._reactions[key] = [Taken(j, m) for m in moves]
        return known


NO_CHOICE = Choice()


def _put(spot: Spot, i: int, number: int) -> Spot:
    return (*spot[:i], number, *spot[i + 1 :])  # type: ignore[return-value]
