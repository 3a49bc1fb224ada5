"""Pictures of figures as SVG, drawn here and readable without seeing them.

A picture never stands alone: it carries the table of its figures, and its title and
description are told to those who do not see it. Colours come from the style sheet by class,
because pages allow no style of their own; parts keep the order of their legend and have edges,
so that nothing is told by colour alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import accumulate, pairwise

from markupsafe import Markup

from engine.core.wording import day_text
from engine.errors import Text

WIDTH, FIGURE = 400, 64
LINE, ROW, BAR = 24, 52, 18
EDGE, AXIS = 16, 40
GROUP = Text("Gruppe", "group")
KINDS = 4
"""How many kinds of bar the style sheet can tell apart."""

Cells = tuple[Text | str, ...]


@dataclass(frozen=True, slots=True)
class Picture:
    """A drawing with the table that says the same: `head` and `rows` of words.

    `numeric` are the places of the columns that hold figures.
    """

    id: str
    title: Text
    svg: Markup
    head: Cells
    rows: tuple[Cells, ...]
    numeric: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Bar:
    """One line of a picture: its label and the figures of its parts, in the order of the parts."""

    label: Text
    figures: tuple[float, ...]


def bars(
    id: str,
    title: Text,
    parts: Sequence[Text],
    rows: Iterable[Bar],
    *,
    first: Text = GROUP,
    unit: str = "",
    language: str = "de",
) -> Picture:
    """Return horizontal bars, each made of the same parts laid end to end.

    One part makes plain bars. Figures are counts or shares in `unit`, not negative; all bars
    share one scale, from zero to the longest.
    """
    rows = tuple(rows)
    assert 0 < len(parts) <= KINDS, "the style sheet knows no more kinds of bar"
    head = (first, *parts)
    table: tuple[Cells, ...] = tuple(
        (r.label, *(_number(f, unit, language) for f in r.figures)) for r in rows
    )
    drawing = _Bars(id, title, tuple(parts), rows, unit, language)
    return Picture(id, title, drawing.svg(), head, table, tuple(range(1, len(head))))


@dataclass(frozen=True, slots=True)
class _Bars:
    id: str
    title: Text
    parts: tuple[Text, ...]
    rows: tuple[Bar, ...]
    unit: str
    language: str

    def svg(self) -> Markup:
        legend = list(self._legend()) if len(self.parts) > 1 else []
        top = LINE * len(self.parts) + LINE // 2 if legend else 0
        rows = enumerate(self.rows)
        drawn = [mark for place, row in rows for mark in self._row(row, top + place * ROW)]
        height = top + len(self.rows) * ROW
        return _framed(self.id, self.title, self._told(), height, [*legend, *drawn], self.language)

    def _told(self) -> str:
        """Return the figures in one sentence each, as the description of the picture."""
        return "; ".join(
            f"{row.label.in_(self.language)}: "
            + ", ".join(_number(f, self.unit, self.language) for f in row.figures)
            for row in self.rows
        )

    def _legend(self) -> Iterator[Markup]:
        for kind, part in enumerate(self.parts):
            yield _bar(kind, 1, kind * LINE + 4, 16, 16)
            yield _text(26, kind * LINE + 17, part.in_(self.language))

    def _row(self, row: Bar, y: int) -> Iterator[Markup]:
        yield _text(0, y + 16, _cut(row.label.in_(self.language)))
        longest = max((sum(r.figures) for r in self.rows), default=0) or 1
        scale = (WIDTH - FIGURE) / longest
        ends = [1 + scale * end for end in accumulate(row.figures, initial=0.0)]
        for kind, (begin, end) in enumerate(pairwise(ends)):
            if end > begin:
                yield _bar(kind, begin, y + LINE, end - begin, BAR)
        yield _text(
            ends[-1] + 8, y + LINE + 15, _number(sum(row.figures), self.unit, self.language)
        )


@dataclass(frozen=True, slots=True)
class Mark:
    """A day on a line of time, with what happens on it."""

    day: date
    label: Text


def days(
    id: str, title: Text, marks: Iterable[Mark], *, today: date, language: str = "de"
) -> Picture:
    """Return a line of time with a numbered dot for each mark, and where today stands.

    Dots that would hide each other stand below one another; the table gives their numbers.
    """
    marks = sorted(marks, key=lambda m: m.day)
    span = [m.day for m in marks] + [today]
    first, length = min(span), max((max(span) - min(span)).days, 1)
    scale = (WIDTH - 2 * EDGE) / length
    places = [EDGE + scale * (m.day - first).days for m in marks]
    levels = _levels(places)
    drawn = list(_line(EDGE + scale * (today - first).days, language))
    for number, (mark, x, level) in enumerate(zip(marks, places, levels, strict=True), 1):
        drawn += _dot(x, AXIS + level * LINE, number, past=mark.day < today)
    told = "; ".join(f"{day_text(m.day).in_(language)}: {m.label.in_(language)}" for m in marks)
    rows = tuple((str(n), m.label, day_text(m.day)) for n, m in enumerate(marks, 1))
    head = (Text("Nr.", "no."), Text("Was", "what"), Text("Tag", "day"))
    height = AXIS + LINE * (max(levels, default=0) + 1)
    return Picture(id, title, _framed(id, title, told, height, drawn, language), head, rows)


def _levels(places: Sequence[float]) -> list[int]:
    """Return for each place, from left to right, the first level on which it is free.

    >>> _levels([20.0, 25.0, 60.0])
    [0, 1, 0]
    """
    ends: list[float] = []
    levels = []
    for x in places:
        free = next((n for n, end in enumerate(ends) if end <= x), len(ends))
        ends[free : free + 1] = [x + LINE]
        levels.append(free)
    return levels


def _line(now: float, language: str) -> Iterator[Markup]:
    yield Markup('<path class="rz-line" d="M4 {}H{}"/>').format(AXIS, WIDTH - 4)
    yield Markup('<path class="rz-line rz-line--today" d="M{:.1f} 4V{}"/>').format(now, AXIS + 12)
    yield _text(min(now + 6, WIDTH - 60), 16, Text("heute", "today").in_(language))


def _dot(x: float, y: int, number: int, *, past: bool) -> Iterator[Markup]:
    look = "rz-dot rz-dot--past" if past else "rz-dot"
    yield Markup('<circle class="{}" cx="{:.1f}" cy="{}" r="11"/>').format(look, x, y)
    yield Markup('<text class="rz-dot__number" x="{:.1f}" y="{}">{}</text>').format(
        x, y + 4.5, number
    )


def _framed(
    id: str, title: Text, told: str, height: int, drawn: Iterable[Markup], language: str
) -> Markup:
    """Return the drawing as one picture with a name and a description."""
    assert re.fullmatch(r"[a-z][a-z0-9-]*", id), id
    return Markup(
        '<svg class="rz-svg" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {} {}" role="img" '
        'aria-labelledby="{id}-name" aria-describedby="{id}-told">'
        '<title id="{id}-name">{}</title><desc id="{id}-told">{}</desc>{}</svg>'
    ).format(WIDTH, height, title.in_(language), told, Markup("").join(drawn), id=id)


def _bar(kind: int, x: float, y: float, width: float, height: float) -> Markup:
    return Markup(
        '<rect class="rz-bar rz-bar--{}" x="{:.1f}" y="{}" width="{:.1f}" height="{}"/>'
    ).format(kind, x, y, width, height)


def _text(x: float, y: float, words: str) -> Markup:
    return Markup('<text x="{:.1f}" y="{:.1f}">{}</text>').format(x, y, words)


def _cut(words: str, most: int = 46) -> str:
    """Return words that fit beside a bar; the table has them whole."""
    return words if len(words) <= most else words[: most - 1].rstrip() + "…"


def _number(figure: float, unit: str, language: str) -> str:
    """Return a figure as one reads it: a whole one plainly, others with one decimal.

    >>> _number(61.25, "%", "de"), _number(12345, "", "en")
    ('61,2 %', '12,345')
    """
    plain = f"{figure:,.0f}" if figure == int(figure) else f"{figure:,.1f}"
    if language != "en":
        plain = plain.translate(str.maketrans(",.", ".,"))
    return f"{plain} {unit}" if unit else plain
