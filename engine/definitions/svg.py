"""A workflow drawn as SVG, without any other program.

States stand in columns by their distance from the first one, the steps that join them in
between. What a step is shows by its sign and its line, what a state means by words under
its name: nothing is told by colour alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from itertools import groupby, pairwise
from textwrap import wrap

from engine.core.meanings import StateMeans
from engine.core.workflow import UNBORN, State, Workflow
from engine.definitions.layout import Box, Placed, arrange
from engine.definitions.moves import (
    ANYWHERE,
    FROM,
    MEANINGS,
    SORTS,
    Move,
    Sort,
    columns,
    moves,
    sort_of,
    stays,
)
from engine.errors import Text

MOST_LINES = 3
"""A label with more origins names them by number; that many lines would hide each other."""

GAP, APART, MARGIN, TOP = 46, 16, 40, 72
STATE_WIDTH, LINE, PAD, DOT = 172, 16, 8, 18
_STAYS = Text("Ohne Wechsel des Standes", "Without a change of state")
_STATES = Text("Stände", "states")
_STEPS = Text("Schritte", "steps")
_FONT = "'DejaVu Sans', Verdana, Arial, sans-serif"
_COLOURS = {
    Sort.PERMISSION: "#1b4f8a",
    Sort.FACT: "#2b2b2b",
    Sort.CLOCK: "#8a5200",
    Sort.FOLLOWS: "#6a3d8a",
}
_DASHES = {Sort.PERMISSION: "", Sort.FACT: "8 4", Sort.CLOCK: "2 4", Sort.FOLLOWS: "10 4 2 4"}


@dataclass(frozen=True, slots=True)
class _Label:
    """A box between states: its steps, and the words below them that name far origins."""

    id: str
    move: Move
    rows: tuple[tuple[Sort | None, str], ...]
    column: int

    @property
    def box(self) -> Box:
        longest = max(len(words) for _, words in self.rows)
        return Box(self.id, self.column, 36 + 7 * longest, LINE * len(self.rows) + PAD)

    @property
    def drawn(self) -> tuple[str, ...]:
        """The origins that a line leads from."""
        origins = self.move.origins or ()
        return origins if len(origins) <= MOST_LINES else ()


def svg(workflow: Workflow, language: str = "de") -> str:
    """Return the workflow as an SVG picture."""
    return _Picture(workflow, language).svg()


class _Picture:
    """One picture while it is drawn."""

    def __init__(self, workflow: Workflow, language: str) -> None:
        self.workflow = workflow
        self.language = language
        self.numbers = {state: n for n, state in enumerate(workflow.states, 1)}
        self.place = columns(workflow)
        self.labels = [self._label(i, move) for i, move in enumerate(moves(workflow))]
        boxes = (*self._states(), *(label.box for label in self.labels))
        self.boxes = {box.id: box for box in boxes}
        self.lines = {line: label for label in self.labels for line in _lines(label)}
        self.layout = arrange(self.boxes.values(), self.lines, GAP, APART)
        self.ports = _ports(self.layout, self.boxes)

    def svg(self) -> str:
        """Return the finished picture."""
        title = f"{self.workflow.title.in_(self.language)} ({self.workflow.version})"
        width = max(self.layout.width + 2 * MARGIN, 1240)
        below, height = self._below(TOP + self.layout.height + 36)
        shift = (width - self.layout.width) / 2
        parts = [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_n(width)} {_n(height)}" '
            f'role="img" aria-labelledby="title desc" font-family="{_FONT}" font-size="12">',
            f'<title id="title">{escape(title)}</title>',
            f'<desc id="desc">{escape(self._described())}</desc>',
            *_markers(),
            f'<rect width="{_n(width)}" height="{_n(height)}" fill="#ffffff"/>',
            _text(MARGIN, 36, title, 'font-size="20" font-weight="bold"'),
            f'<g transform="translate({_n(shift)} {TOP})">',
            *(self._curve(line, label) for line, label in self.lines.items()),
            *(part for label in self.labels for part in self._drawn_label(label)),
            *(part for state in self.workflow.states.values() for part in self._drawn_state(state)),
            *self._birth(),
            "</g>",
            *below,
            "</svg>",
        ]
        return "\n".join(parts) + "\n"

    def _states(self) -> Iterator[Box]:
        for state in self.workflow.states.values():
            height = LINE * (len(self._title(state)) + 1) + 2 * PAD
            yield Box(state.id, 2 * self.place[state.id], STATE_WIDTH, height)
        if UNBORN in self.place:
            yield Box(UNBORN, 0, DOT, DOT)

    def _title(self, state: State) -> list[str]:
        return wrap(state.title.in_(self.language), 19)

    def _label(self, i: int, move: Move) -> _Label:
        rows: list[tuple[Sort | None, str]] = []
        for step in move.steps:
            first, *more = wrap(step.title.in_(self.language), 27)
            rows += [(sort_of(step), first), *((None, words) for words in more)]
        if move.origins is None or len(move.origins) > MOST_LINES:
            rows += [(None, words) for words in wrap(self._where(move.origins), 27)]
        return _Label(f"move {i}", move, tuple(rows), self._column(move))

    def _column(self, move: Move) -> int:
        """Return the column of a label: before its target, or behind it if all come from there."""
        target = min(self.place[state] for state in move.targets)
        far = move.origins is None or len(move.origins) > MOST_LINES
        ahead = any(self.place[state] < target for state in move.origins or ())
        return 2 * target - 1 if target and (far or ahead) else 2 * target + 1

    def _where(self, origins: tuple[str, ...] | None) -> str:
        if origins is None:
            return ANYWHERE.in_(self.language)
        numbers = _ranges(sorted(self.numbers[state] for state in origins))
        return f"{FROM.in_(self.language)} {', '.join(numbers)}"

    def _curve(self, line: tuple[str, str], label: _Label) -> str:
        sort = sort_of(label.move.steps[0])
        points = self._ends(line)
        way = f"M{_n(points[0][0])} {_n(points[0][1])}"
        for (x1, y1), (x2, y2) in pairwise(points):
            if y1 == y2:
                way += f"L{_n(x2)} {_n(y2)}"
            else:
                bend = (x2 - x1) / 2
                way += f"C{_n(x1 + bend)} {_n(y1)} {_n(x2 - bend)} {_n(y2)} {_n(x2)} {_n(y2)}"
        head = (
            f' marker-end="url(#{sort})"'
            if line[1] in self.place
            else f' marker-start="url(#from-{sort})"'
        )
        dash = f' stroke-dasharray="{_DASHES[sort]}"' if _DASHES[sort] else ""
        return f'<path d="{way}" fill="none" stroke="{_COLOURS[sort]}" stroke-width="1.4"{dash}{head}/>'

    def _ends(self, line: tuple[str, str]) -> list[tuple[float, float]]:
        """Return the points of a line from edge to edge of its two boxes."""
        points = list(self.layout.lines[line])
        for end, beside, box in ((0, 1, line[0]), (-1, -2, line[1])):
            x, y = points[end]
            half = self.boxes[box].width / 2
            side = half if points[beside][0] > x else -half
            points[end] = x + side, y + self.ports[line, box]
        return points

    def _drawn_label(self, label: _Label) -> Iterator[str]:
        box, (x, y) = self.boxes[label.id], self.layout.middles[label.id]
        left, top = x - box.width / 2, y - box.height / 2
        yield _rect(left, top, box, 'rx="3" fill="#ffffff" stroke="#9a9a9a"')
        for i, (sort, words) in enumerate(label.rows):
            base = top + PAD / 2 + LINE * i + 12
            if sort is not None:
                yield _sign(sort, left + 12, base - 4)
            yield _text(left + 24, base, words)

    def _drawn_state(self, state: State) -> Iterator[str]:
        box, (x, y) = self.boxes[state.id], self.layout.middles[state.id]
        left, top = x - box.width / 2, y - box.height / 2
        said, colour = MEANINGS[state.means]
        yield _rect(left, top, box, f'rx="14" fill="{colour}" stroke="#222222" stroke-width="1.6"')
        yield f'<circle cx="{_n(left + 5)}" cy="{_n(top + 5)}" r="10" fill="#ffffff" stroke="#222222"/>'
        number = str(self.numbers[state.id])
        yield _text(left + 5, top + 9, number, 'font-size="11" text-anchor="middle"')
        middle = 'text-anchor="middle" font-weight="bold" font-size="13"'
        for i, words in enumerate(self._title(state)):
            yield _text(x, top + PAD + 13 + LINE * i, words, middle)
        base = top + box.height - PAD - 4
        yield _text(
            x,
            base,
            said.in_(self.language),
            'text-anchor="middle" font-size="11" font-style="italic"',
        )

    def _birth(self) -> Iterator[str]:
        """Draw where a case or participation comes from."""
        if UNBORN in self.place:
            x, y = self.layout.middles[UNBORN]
            yield f'<circle cx="{_n(x)}" cy="{_n(y)}" r="{DOT / 2}" fill="#222222"/>'
        elif self.workflow.initial:
            x, y = self.layout.middles[self.workflow.initial]
            left = x - STATE_WIDTH / 2
            yield f'<circle cx="{_n(left - 22)}" cy="{_n(y)}" r="5" fill="#222222"/>'
            yield (
                f'<path d="M{_n(left - 17)} {_n(y)}L{_n(left)} {_n(y)}" stroke="#222222" '
                f'stroke-width="1.4" marker-end="url(#{Sort.FACT})"/>'
            )

    def _below(self, top: float) -> tuple[list[str], float]:
        """Return the legend and the steps that no line shows, and where they end."""
        parts, left, deepest = [], MARGIN, top
        for heading, rows in (
            (_STEPS, [(self._line_sample(s), w.in_(self.language)) for s, w in SORTS.items()]),
            (
                _STATES,
                [(self._state_sample(m), MEANINGS[m][0].in_(self.language)) for m in self._means()],
            ),
            (_STAYS, list(self._staying())),
        ):
            if not rows:
                continue
            parts.append(_text(left, top, heading.in_(self.language), 'font-weight="bold"'))
            for i, (sample, words) in enumerate(rows, 1):
                at = top + 20 * i
                parts += [
                    f'<g transform="translate({left} {_n(at)})">{sample}</g>',
                    _text(left + 64, at, words),
                ]
            deepest = max(deepest, top + 20 * len(rows))
            left += 380 if heading is _STEPS else 250
        return parts, deepest + 24

    def _means(self) -> list[StateMeans]:
        return list(dict.fromkeys(state.means for state in self.workflow.states.values()))

    def _staying(self) -> Iterator[tuple[str, str]]:
        for step, where in stays(self.workflow):
            words = f"{step.title.in_(self.language)} ({self._where(where)})"
            yield _sign(sort_of(step), 50, -4), words

    def _line_sample(self, sort: Sort) -> str:
        dash = f' stroke-dasharray="{_DASHES[sort]}"' if _DASHES[sort] else ""
        line = f'<path d="M0 -4H34" stroke="{_COLOURS[sort]}" stroke-width="1.6"{dash}/>'
        return line + _sign(sort, 50, -4)

    def _state_sample(self, means: StateMeans) -> str:
        colour = MEANINGS[means][1]
        return (
            f'<rect x="14" y="-13" width="36" height="16" rx="6" fill="{colour}" stroke="#222222"/>'
        )

    def _described(self) -> str:
        """Return the picture in words, for those who do not see it."""
        states = "; ".join(
            f"{self.numbers[s.id]} {s.title.in_(self.language)}"
            for s in self.workflow.states.values()
        )
        return f"{_STATES.in_(self.language)}: {states}."


def _ranges(numbers: list[int]) -> Iterator[str]:
    """Yield numbers in few words: 3, 4, 5 and 9 as 3–5 and 9."""
    for _, run in groupby(enumerate(numbers), lambda row: row[1] - row[0]):
        first, *more = [number for _, number in run]
        if len(more) == 1:
            yield f"{first}, {more[0]}"
        else:
            yield f"{first}–{more[-1]}" if more else str(first)


def _lines(label: _Label) -> Iterator[tuple[str, str]]:
    yield from ((origin, label.id) for origin in label.drawn)
    yield from ((label.id, target) for target in label.move.targets)


def _ports(layout: Placed, boxes: dict[str, Box]) -> dict[tuple[tuple[str, str], str], float]:
    """Return how far from a box's middle each of its lines leaves it, spread along its side."""
    sides: dict[tuple[str, bool], list[tuple[float, tuple[str, str]]]] = {}
    for line, points in layout.lines.items():
        for box, here, there in ((line[0], 0, 1), (line[1], -1, -2)):
            right = points[there][0] > points[here][0]
            sides.setdefault((box, right), []).append((points[there][1], line))
    found = {}
    for (box, _), ends in sides.items():
        room = (boxes[box].height - 2 * PAD) / len(ends)
        for i, (_, line) in enumerate(sorted(ends)):
            found[line, box] = (i + 0.5) * room - room * len(ends) / 2
    return found


def _markers() -> Iterator[str]:
    yield "<defs>"
    for sort, colour in _COLOURS.items():
        yield (
            f'<marker id="{sort}" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="9" '
            f'markerHeight="9" markerUnits="userSpaceOnUse" orient="auto">'
            f'<path d="M0 0L10 5L0 10z" fill="{colour}"/></marker>'
            f'<marker id="from-{sort}" viewBox="0 0 10 10" refX="5" refY="5" markerWidth="7" '
            f'markerHeight="7" markerUnits="userSpaceOnUse">'
            f'<circle cx="5" cy="5" r="4" fill="{colour}"/></marker>'
        )
    yield "</defs>"


def _sign(sort: Sort, x: float, y: float) -> str:
    """Return the sign of a sort of step: a shape of its own, ten pixels high."""
    shapes = {
        Sort.PERMISSION: '<path d="M-4 -5L5 0L-4 5z" fill="#ffffff"',
        Sort.FACT: '<circle r="4.5" fill="{0}"',
        Sort.CLOCK: '<path d="M0 -5A5 5 0 1 1 -0.01 -5zM0 -3.5V0H3" fill="none"',
        Sort.FOLLOWS: '<path d="M-4 -5V1H4M1 -2L4 1L1 4" fill="none"',
    }
    colour = _COLOURS[sort]
    shape = shapes[sort].format(colour)
    return f'<g transform="translate({_n(x)} {_n(y)})">{shape} stroke="{colour}" stroke-width="1.4"/></g>'


def _rect(left: float, top: float, box: Box, style: str) -> str:
    size = f'width="{box.width}" height="{box.height}"'
    return f'<rect x="{_n(left)}" y="{_n(top)}" {size} {style}/>'


def _text(x: float, y: float, words: str, style: str = "") -> str:
    return f'<text x="{_n(x)}" y="{_n(y)}" {style}>{escape(words)}</text>'.replace(" >", ">")


def _n(number: float) -> str:
    """Return a number as short as it can be written, to a tenth of a pixel."""
    return f"{round(number, 1):g}"
