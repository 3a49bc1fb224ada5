"""Paragraphs, lists and quotations: the one form in which the words of a letter exist.

Text mail and HTML mail are both made of these blocks, so they cannot say different things.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from markupsafe import Markup, escape

WIDTH = 72
# A line break inside a block. Values carry no other, so no value can end a paragraph.
BREAK = "\u2028"

_ENDS_OF_LINE = re.compile(r"\r\n|[\n\r\v\f\x85\u2028\u2029]")
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff]")


class Shape(StrEnum):
    """How a block is set."""

    PARAGRAPH = "paragraph"
    LIST = "list"
    QUOTE = "quote"


@dataclass(frozen=True, slots=True)
class Block:
    """One paragraph (one line), list (a line an item) or quotation; lines may hold `BREAK`."""

    shape: Shape
    lines: tuple[str, ...]


def blocks(source: str) -> tuple[Block, ...]:
    r"""Return the blocks of a rendered letter, which blank lines separate.

    A block whose first line begins with "- " is a list, with "> " a quotation. Lines of
    a paragraph or an item are joined: where the template breaks them says nothing. Lists
    that follow each other are one.

    >>> [block.shape.value for block in blocks("Es fehlt:\n\n- Plan\n- Kosten\n  2027")]
    ['paragraph', 'list']
    """
    parts = re.split(r"\n(?:[ \t]*\n)+", source.strip("\n"))
    found: list[Block] = []
    for block in (_block(part.strip(" \t\n")) for part in parts if part.strip()):
        if found and found[-1].shape is block.shape is Shape.LIST:
            found[-1] = Block(Shape.LIST, found[-1].lines + block.lines)
        else:
            found.append(block)
    return tuple(found)


def tame(value: object) -> object:
    """Return a fact fit for a letter: every end of line a `BREAK`, no control characters."""
    if isinstance(value, str):
        return _CONTROL.sub("", _ENDS_OF_LINE.sub(BREAK, value).strip())
    if isinstance(value, Mapping):
        return {key: tame(inner) for key, inner in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, bytes):
        return [tame(inner) for inner in value]
    return value


def as_text(block: Block) -> str:
    """Return the block as plain text, wrapped at 72 characters; only a long word is longer."""
    if block.shape is Shape.LIST:
        return "\n".join(_wrapped(line, "- ", "  ") for line in block.lines)
    mark = "> " if block.shape is Shape.QUOTE else ""
    return "\n".join(_wrapped(line, mark, mark) for line in block.lines)


def as_paragraph(line: str) -> str:
    """Return one line of words as a paragraph of plain text."""
    return as_text(Block(Shape.PARAGRAPH, (line,)))


def as_row(value: str, label: str, width: int) -> str:
    """Return "label: value" with the values of several rows below each other."""
    return _wrapped(value.replace(BREAK, " "), f"{label + ':':<{width}}", " " * width)


def as_html(line: str) -> Markup:
    """Return one line of a block escaped for HTML, its breaks as `<br>`."""
    return Markup("<br>").join(escape(piece) for piece in line.split(BREAK))


def _block(part: str) -> Block:
    if part.startswith("> "):
        return Block(Shape.QUOTE, tuple(line.removeprefix(">").strip(" ") for line in _lines(part)))
    if part.startswith("- "):
        items = re.split(r"\n- ", part.removeprefix("- "))
        return Block(Shape.LIST, tuple(" ".join(_lines(item)) for item in items))
    return Block(Shape.PARAGRAPH, (" ".join(_lines(part)),))


def _lines(part: str) -> list[str]:
    return [line.strip(" \t") for line in part.split("\n") if line.strip(" \t")]


def _wrapped(line: str, first: str, further: str) -> str:
    """Return `line` wrapped; `first` stands before its first line, `further` before the rest."""
    told: list[str] = []
    for piece in line.split(BREAK):
        told += textwrap.wrap(
            piece,
            WIDTH,
            initial_indent=further if told else first,
            subsequent_indent=further,
            break_long_words=False,
            break_on_hyphens=False,
        ) or [(further if told else first).rstrip()]
    return "\n".join(told)
