"""A layered layout: boxes in columns, few crossings, no two boxes over each other.

The usual way in four steps: long lines get a waypoint in each column they pass, columns are
ordered by the mean of their neighbours, boxes are stacked, then drawn towards what they are
joined with. It knows nothing of workflows and always gives the same picture.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise

SWEEPS = 24
"""How often the columns are ordered anew; the picture settles long before."""


@dataclass(frozen=True, slots=True)
class Box:
    """Something to place: its column, counted from 0, and its size in pixels."""

    id: str
    column: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Placed:
    """Where a layout puts boxes (their middles) and lines (the points they pass).

    Where a line crosses a column it enters and leaves it at the same height, so between
    two points it either crosses a column straight or bends from one column to the next.
    """

    middles: Mapping[str, tuple[float, float]]
    lines: Mapping[tuple[str, str], tuple[tuple[float, float], ...]]
    width: float
    height: float


@dataclass(slots=True)
class _Column:
    left: float = 0
    width: int = 0
    boxes: list[str] = field(default_factory=list)


class _Layout:
    def __init__(self, boxes: Iterable[Box], gap: int, apart: int) -> None:
        self.boxes = {box.id: box for box in boxes}
        self.gap = gap
        self.apart = apart
        last = max(box.column for box in self.boxes.values())
        self.columns = [_Column() for _ in range(last + 1)]
        for box in self.boxes.values():
            self._add(box)
        self.neighbours: dict[str, list[str]] = {box: [] for box in self.boxes}
        self.ways: dict[tuple[str, str], list[str]] = {}
        self.y: dict[str, float] = {}

    def _add(self, box: Box) -> None:
        self.boxes[box.id] = box
        column = self.columns[box.column]
        column.boxes.append(box.id)
        column.width = max(column.width, box.width)

    def join(self, one: str, other: str) -> None:
        """Lay a line through every column between two boxes."""
        start, end = self.boxes[one].column, self.boxes[other].column
        step = 1 if start < end else -1
        way = [one]
        for column in range(start + step, end, step):
            point = Box(f"{one} {other} {column}", column, 0, 4)
            self.neighbours[point.id] = []
            self._add(point)
            way.append(point.id)
        way.append(other)
        for a, b in pairwise(way):
            self.neighbours[a].append(b)
            self.neighbours[b].append(a)
        self.ways[one, other] = way

    def order(self) -> None:
        """Sort each column by the mean place of what its boxes are joined with."""
        for sweep in range(SWEEPS):
            places = {
                b: i / max(1, len(c.boxes)) for c in self.columns for i, b in enumerate(c.boxes)
            }
            ahead = self.columns if sweep % 2 == 0 else self.columns[::-1]
            for column in ahead:
                column.boxes.sort(key=lambda b: self._mean(b, places))
                places |= {b: i / max(1, len(column.boxes)) for i, b in enumerate(column.boxes)}

    def stack(self) -> None:
        """Give every box its height in the picture."""
        tallest = max(map(self._needed, self.columns))
        for column in self.columns:
            at = (tallest - self._needed(column)) / 2
            for box in column.boxes:
                self.y[box] = at + self.boxes[box].height / 2
                at += self.boxes[box].height + self.apart
        for sweep in range(SWEEPS):
            for column in self.columns if sweep % 2 == 0 else self.columns[::-1]:
                self._draw_together(column)
        top = min(self.y[b] - self.boxes[b].height / 2 for b in self.boxes)
        self.y = {b: y - top for b, y in self.y.items()}

    def placed(self) -> Placed:
        """Return the finished layout."""
        at = 0.0
        for column in self.columns:
            column.left = at
            at += column.width + (self.gap if column.width else 0)
        middle = {b: self._x(b) for b in self.boxes}
        points = {b: (middle[b], self.y[b]) for b in self.boxes}
        return Placed(
            middles=points,
            lines={pair: tuple(self._points(way)) for pair, way in self.ways.items()},
            width=at - self.gap,
            height=max(self.y[b] + self.boxes[b].height / 2 for b in self.boxes),
        )

    def _points(self, way: list[str]) -> Iterator[tuple[float, float]]:
        first, *passed, last = way
        rightwards = self._x(first) < self._x(last)
        yield self._x(first), self.y[first]
        for point in passed:
            column = self.columns[self.boxes[point].column]
            sides = [column.left, column.left + column.width]
            for x in sides if rightwards else sides[::-1]:
                yield x, self.y[point]
        yield self._x(last), self.y[last]

    def _x(self, box: str) -> float:
        column = self.columns[self.boxes[box].column]
        return column.left + column.width / 2

    def _mean(self, box: str, places: Mapping[str, float]) -> float:
        joined = self.neighbours[box]
        return sum(places[b] for b in joined) / len(joined) if joined else places[box]

    def _needed(self, column: _Column) -> float:
        return sum(self.boxes[b].height + self.apart for b in column.boxes)

    def _draw_together(self, column: _Column) -> None:
        """Move the boxes of a column towards their neighbours, keeping order and distance."""
        wanted = [self._mean(b, self.y) for b in column.boxes]
        down = self._apart(column.boxes, wanted)
        mirrored = [-y for y in reversed(wanted)]
        up = [-y for y in reversed(self._apart(column.boxes[::-1], mirrored))]
        for box, low, high in zip(column.boxes, down, up, strict=True):
            self.y[box] = (low + high) / 2

    def _apart(self, boxes: list[str], wanted: list[float]) -> list[float]:
        """Return the nearest heights to those wanted that leave room, pushing downwards."""
        found: list[float] = []
        for i, (box, y) in enumerate(zip(boxes, wanted, strict=True)):
            if i:
                above = self.boxes[boxes[i - 1]]
                room = (above.height + self.boxes[box].height) / 2 + self.apart
                found.append(max(y, found[-1] + room))
            else:
                found.append(y)
        return found


def arrange(boxes: Iterable[Box], lines: Iterable[tuple[str, str]], gap: int, apart: int) -> Placed:
    """Return where boxes and lines go: `gap` pixels between columns, `apart` between boxes."""
    layout = _Layout(boxes, gap, apart)
    for one, other in lines:
        layout.join(one, other)
    layout.order()
    layout.stack()
    return layout.placed()
