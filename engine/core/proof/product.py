"""The case with two participations: every state it can reach, breadth first.

A subject's own moves are worked out once for all that it can see, and then combined; so the
product costs little more than its edges. Breadth first, the first way to a state is a shortest.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import product as every

from engine.core.proof.claims import watched
from engine.core.proof.folding import Folded, Known, Loose
from engine.core.proof.following import ABSENT, Following, Spot, Taken, Watch, homeward, put
from engine.core.proof.places import Places
from engine.core.proof.settings import Setting
from engine.core.proof.values import CASE, Choice, Follow, Found, Move
from engine.core.workflow import CLOCK, ENGINE, UNBORN

Roles = int
"""The roles that can take an edge, a bit each."""

Code = int
"""A spot as one number, or the share that a subject has in it: hashed and added in no time."""

SPAN = 1 << 20
"""More places than any subject has."""

SHARES = (SPAN * SPAN, SPAN, 1)
"""What a place counts in a code: of the case, of the one, of the other participation."""

Row = tuple[Code, Taken, Roles]
"""An edge: what it adds to the code of those who stay, and how it is taken."""

Leads = tuple[Code, Iterable[Row]]
"""Edges, with the code of those who stay where they are."""


@dataclass(slots=True)
class Explored:
    """What was found: the spots in the order of finding, the way to each, the edges of each."""

    spots: list[Spot] = field(default_factory=list)
    ways: list[tuple[int, Taken] | None] = field(default_factory=list)
    edges: list[dict[int, Roles]] = field(default_factory=list)
    transitions: int = 0
    whole: bool = False


@dataclass(slots=True)
class Wide:
    """A move that sets more going: where it leads the subject, and by number what it sets going.

    `told` is the move itself if each taking of it is told. All that a `homeward` move sets going
    besides is in the case, after everything else.
    """

    taken: Taken
    roles: Roles
    to: Code
    sign: int
    told: tuple[Move, ...]
    homeward: bool


Ways = list[Code] | None
"""Where a move of the case leads a participation; None if that is not seen on it alone."""


@dataclass(slots=True)
class Open:
    """What a subject can do where it stands: simple moves, and those that set more going.

    `told` are the simple releases and decisions, each taking of which is told. `ways` has for
    each participation, by its place, where each wide move of the case leads it.
    """

    plain: list[Row]
    wide: list[Wide]
    told: tuple[Move, ...]
    ways: dict[object, dict[int, list[Ways]]] = field(default_factory=dict)


@dataclass(slots=True)
class Entry:
    """What leads on from where a subject stands, in one product.

    `ways` are those of its two participations; `met` has the places of theirs already met here.
    """

    open: Open
    echoes: list[Row] = field(default_factory=list)
    ways: list[dict[int, list[Ways]]] = field(default_factory=list)
    met: tuple[set[int], ...] = field(default_factory=lambda: (set(), set(), set()))


class Product(Following):
    """The case machine with two participations under one setting."""

    def __init__(self, case: Places, parts: tuple[Places, Places], setting: Setting) -> None:
        super().__init__(case, parts, setting)
        self.alike = parts[0] is parts[1] and not setting.order
        subjects = [p.subject for p in self.places]
        names = sorted({r for s in subjects for step in s.workflow.steps.values() for r in step.by})
        self.roles = {r: 1 << i for i, r in enumerate(n for n in names if n != ENGINE)}
        self.folded = any(isinstance(p, Folded) for p in parts)
        self.found = Explored()
        self._known: dict[Code, int] = {}
        self._entries: tuple[dict[tuple[int, int, int], Entry], ...] = ({}, {}, {})
        self._steps: tuple[dict[tuple[int, int, int], list[Row]], ...] = ({}, {}, {})
        forms = [p.subject.form for p in parts]
        self._case = case.known(forms) if isinstance(case, Loose) else Known()
        self._bonds = [self._bond(i) for i in (0, 1, 2)]
        self._common = [self._case.steps.setdefault(bond, {}) for bond in self._bonds]
        self._ways = [self._case.ways.setdefault(bond, {}) for bond in self._bonds]

    def _bond(self, i: int) -> object:
        """Return what a participation's own ways depend on besides the numbers of places."""
        other = self.places[3 - i].subject.form if i and self._sees[i] else None
        ordered = (3 - i, i) in self.setting.order
        return i, self.places[i], other, ordered, self._sees[3 - i] if i else False

    def explore(self, watch: Watch, limit: int | None = None) -> Explored:
        """Return every spot that can be reached, telling the watch what is met on the way.

        The exploration ends early once the watch is done, or after `limit` spots.
        """
        self._watch = watch
        found, known = self.found, self._known
        self._find((self.places[CASE].number(self.places[CASE].subject.unborn()), ABSENT, ABSENT))
        at = 0
        while at < len(found.spots):
            spot = found.spots[at]
            leads = self._leading(at, spot)
            for stays, rows in leads:
                found.transitions += len(rows)
                for moves, taken, _ in rows:
                    if stays + moves not in known:
                        self._find(_spot(stays + moves), at, taken)
            if not self.folded:
                found.edges.append(self._edges(leads))
            watch.spotted(at, spot)
            at += 1
            if watch.done or (limit is not None and at >= limit):
                break
        found.whole = at == len(found.spots)
        return found

    def _find(self, spot: Spot, at: int = 0, taken: Taken | None = None) -> None:
        """Take note of a new spot, and the way to it; two alike stand in one order only."""
        if self.alike:
            self._known[_code((spot[0], spot[2], spot[1]))] = len(self.found.spots)
        self._known[_code(spot)] = len(self.found.spots)
        if self.alike and spot[1] > spot[2] and taken is not None:
            spot = (spot[0], spot[2], spot[1])
            taken = Taken(taken.subject, taken.move, True, taken.echo)
        self.found.spots.append(spot)
        self.found.ways.append(None if taken is None else (at, taken))

    def _edges(self, leads: Iterable[Leads]) -> dict[int, Roles]:
        out: dict[int, Roles] = {}
        for stays, rows in leads:
            for moves, _, roles in rows:
                number = self._known[stays + moves]
                out[number] = out.get(number, 0) | roles
        return out

    def _leading(self, at: int, spot: Spot) -> list[tuple[Code, list[Row]]]:
        """Return everything that leads on from a spot."""
        case, one, two = spot
        f_one, f_two = self.mark(1, one), self.mark(2, two)
        entry = self._entry(at, CASE, (case, f_one, f_two), spot)
        parts = one * SPAN + two
        leads = [(parts, entry.open.plain), (0, self._wide(at, spot, entry))]
        if one:
            leads.append((two, self._steps_of(at, 1, spot, f_two)))
        if two:
            leads.append((one * SPAN, self._steps_of(at, 2, spot, f_one)))
        if one or two:
            # Last, so that a story is told by what happens now wherever it can be.
            leads.append((parts, entry.echoes))
        return leads

    def _wide(self, at: int, spot: Spot, entry: Entry) -> list[Row]:
        """Return where the case's wider moves lead everybody."""
        rows: list[Row] = []
        ways = self._ways_of(at, 1, spot, entry), self._ways_of(at, 2, spot, entry)
        for wide, ones, twos in zip(entry.open.wide, *ways, strict=True):
            to, taken, roles, begin = wide.to, wide.taken, wide.roles, len(rows)
            if ones is None or twos is None or wide.homeward:
                ends = self._ends(at, spot, wide, ones, twos)
                rows += [(code, taken, roles) for code in ends]
            else:
                for one in ones:
                    for two in twos:
                        rows.append((to + one + two, taken, roles))
            if wide.told:
                self._tell(at, spot, wide.told, [_spot(code) for code, _, _ in rows[begin:]])
        return rows

    def _ends(self, at: int, spot: Spot, wide: Wide, ones: Ways, twos: Ways) -> Iterable[Code]:
        """Return where a move of the case leads that has something follow in the case again."""
        found: dict[Code, None] = {}
        for one, two in every(ones or (), twos or ()):
            cases = self._carried(at, _spot(wide.to + one + two), wide)
            if cases is None:
                break
            found.update((case + one + two, None) for case in cases)
        else:
            if ones and twos:
                return found
        return dict.fromkeys(map(_code, self.after(at, spot, CASE, wide.taken.move)))

    def _carried(self, at: int, spot: Spot, wide: Wide) -> list[Code] | None:
        """Return where what follows a move leads the case, None if it leads to more elsewhere."""
        key = wide.sign, spot[CASE], self.mark(1, spot[1]), self.mark(2, spot[2])
        if key not in self._case.carried:
            cases = self.led(at, spot, CASE, wide.taken.move.follows)
            share = SHARES[CASE]
            self._case.carried[key] = None if cases is None else [case * share for case in cases]
        return self._case.carried[key]

    def _tell(self, at: int, spot: Spot, told: tuple[Move, ...], ends: list[Spot]) -> None:
        for j in (1, 2):
            if spot[j]:
                self._watch.took(at, spot, j, told, tuple(dict.fromkeys(end[j] for end in ends)))

    def _ways_of(self, at: int, j: int, spot: Spot, entry: Entry) -> list[Ways]:
        """Return where each wider move of the case leads a participation by itself."""
        own = spot[j]
        if own and own not in entry.met[j]:
            entry.met[j].add(own)
            self._watch.took(at, spot, j, entry.open.told, (own,))
        known = entry.ways[j].get(own)
        if known is None:
            shown = self.mark(3 - j, spot[3 - j])
            known = [self._way_of(at, j, spot, wide, shown) for wide in entry.open.wide]
            entry.ways[j][own] = known
        return known

    def _way_of(self, at: int, j: int, spot: Spot, wide: Wide, shown: int) -> Ways:
        key = wide.sign, spot[j], shown
        if key not in self._ways[j]:
            owns = self.way(at, spot, j, wide.taken.move)
            self._ways[j][key] = None if owns is None else [own * SHARES[j] for own in owns]
        return self._ways[j][key]

    def _steps_of(self, at: int, i: int, spot: Spot, other: int) -> list[Row]:
        """Return where a participation's moves lead the case and itself.

        They never move the other one, so it is enough to know how that looks.
        """
        key = spot[i], spot[CASE], other
        known = self._steps[i].get(key) or self._common[i].get(key)
        if known is None:
            entry = self._entry(at, i, (spot[i], *self.seen(i, spot[CASE], other)), spot)
            stays = spot[CASE] * SHARES[CASE]
            found = {stays + own: (taken, roles) for own, taken, roles in entry.open.plain}
            alone = True
            for wide in entry.open.wide:
                ends = self._own_ends(at, i, spot, wide)
                alone = alone and ends is not None
                for to in self._all_ends(at, i, spot, wide) if ends is None else ends:
                    first, others = found.get(to, (wide.taken, 0))
                    found[to] = first, others | wide.roles
            found.pop(stays + spot[i] * SHARES[i], None)
            known = [(to, *row) for to, row in found.items()]
            # Whether it moves the other one is to be seen beside each other one.
            (self._common if alone else self._steps)[i][key] = known
        return known

    def _own_ends(self, at: int, i: int, spot: Spot, wide: Wide) -> list[Code] | None:
        """Return where a wider move of a participation leads, None if it may move the other one."""
        if not wide.homeward:
            return None
        cases = self._carried(at, put(spot, i, wide.to // SHARES[i]), wide)
        return None if cases is None else [case + wide.to for case in cases]

    def _all_ends(self, at: int, i: int, spot: Spot, wide: Wide) -> Iterator[Code]:
        for end in self.after(at, spot, i, wide.taken.move):
            if end[3 - i] != spot[3 - i]:
                raise NotImplementedError(_MOVES_OTHERS)
            yield end[CASE] * SHARES[CASE] + end[i] * SHARES[i]

    def _entry(self, at: int, i: int, key: tuple[int, int, int], spot: Spot) -> Entry:
        known = self._entries[i].get(key)
        if known is None:
            if i != CASE:
                known = Entry(self._open_to(at, i, spot))
            else:
                if key not in self._case.opened:
                    self._case.opened[key] = self._open_to(at, i, spot)
                born = self.places[CASE][spot[CASE]].state != UNBORN
                known = Entry(self._case.opened[key], list(self._echoes(at, spot)) if born else [])
                known.ways = [known.open.ways.setdefault(bond, {}) for bond in self._bonds]
            self._entries[i][key] = known
        return known

    def _open_to(self, at: int, i: int, spot: Spot) -> Open:
        """Return what a subject can do where it stands."""
        place, number = self.places[i], spot[i]
        local, context = place[number], self.context(i, spot)
        moves = place.moves(number, context)
        self._watch.entered(at, i, local, context, moves)
        plain: dict[Code, tuple[Taken, Roles]] = {}
        told: list[Row] = []
        wide: list[Wide] = []
        for move in moves:
            if move.stuck:
                continue
            roles, taken, to = self._roles(move), Taken(i, move), place.number(move.to)
            code, tells = to * SHARES[i], i == CASE and watched(place.subject.workflow, move)
            # Real cases keep the order of the steps: by it the story is chosen among the shortest.
            if not self.simple(i, move) or (tells and not self.folded):
                if tells or i != CASE or not self._idle(spot, move):
                    sign, home = self._sign(i, move), self._homeward(i, move)
                    wide.append(Wide(taken, roles, code, sign, (move,) if tells else (), home))
            elif tells:
                told.append((code, taken, roles))
            elif to != number:
                first, others = plain.get(code, (taken, 0))
                plain[code] = first, others | roles
        rows = [*((to, *row) for to, row in plain.items()), *told]
        return Open(rows, wide, tuple(taken.move for _, taken, _ in told))

    def _sign(self, i: int, move: Move) -> int:
        """Return a number for what a move sets going: the same where that is the same."""
        seen = self.places[i].subject.workflow.states[move.to.state].means
        own = (move.finds, move.judged) if not self.loose else ()
        sign = (seen, own, move.calls, move.replans, move.new_round, move.follows)
        return self._case.signs.setdefault(sign, len(self._case.signs))

    def _homeward(self, i: int, move: Move) -> bool:
        """Return whether all that a move sets going besides is in the case, after everything."""
        judges = move.finds or move.judged is not None
        wider = move.calls or move.replans or move.new_round
        return homeward(move) and (self.loose or not judges) and (i == CASE or not wider)

    def _idle(self, spot: Spot, move: Move) -> bool:
        """Return whether a move could only call others, and all are called already."""
        alone = not (move.follows or move.new_round or move.replans or move.finds or move.judged)
        there = bool(spot[1] and spot[2]) or self.callable == bool(spot[1])
        return move.calls and alone and there and self.places[CASE].of[spot[CASE]] == move.to

    def _roles(self, move: Move) -> Roles:
        if move.deadline is not None or move.step is None:
            return self.roles.get(CLOCK, 0)
        found = 0
        for role in move.step.by - {CLOCK, ENGINE}:
            found |= self.roles[role]
        return found

    def _echoes(self, at: int, spot: Spot) -> Iterator[Row]:
        """Yield what acts in a former round can still do to the case: no other sees them."""
        local = self.places[CASE][spot[CASE]]
        moves = [Move(None, local, NO_CHOICE, follows=(follow,)) for follow in self._echoing()]
        if local.found is not Found.OPEN and self._finding and not self.loose:
            moves.append(Move(None, local._replace(found=Found.OPEN), NO_CHOICE))
        for move in moves:
            taken = Taken(CASE, move, echo=True)
            for end in self.after(at, spot, CASE, move):
                assert end[1:] == spot[1:], "an echo has moved a participation"
                if end != spot:
                    yield end[CASE] * SHARES[CASE], taken, 0

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


NO_CHOICE = Choice()

_MOVES_OTHERS = "a step of a participation that moves other participations is not explored"


def _code(spot: Spot) -> Code:
    return (spot[0] * SPAN + spot[1]) * SPAN + spot[2]


def _spot(code: Code) -> Spot:
    left, two = divmod(code, SPAN)
    return (*divmod(left, SPAN), two)
