"""Documents for people, as blocks of words, printed as Markdown or as one HTML file.

The HTML needs nothing from outside and nothing but itself: headings, tables with their
heads, a language, and rules for printing. A choice that somebody still has to make stands
in square brackets, `[Wahl: …]`, and is marked.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from typing import TypeAlias

from engine.errors import Text


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading of level 2 to 4; the page's own title is level 1."""

    level: int
    text: Text


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph; a `note` stands out from the running text."""

    text: Text
    note: bool = False


@dataclass(frozen=True, slots=True)
class Items:
    """A list, numbered or not."""

    rows: tuple[Text, ...]
    numbered: bool = False


@dataclass(frozen=True, slots=True)
class Labelled:
    """Labels with their sentences, as a lexicon has them."""

    rows: tuple[tuple[Text, tuple[Text, ...]], ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A table with a caption; the first cell of each row is its head."""

    caption: Text
    heads: tuple[Text, ...]
    rows: tuple[tuple[Text, ...], ...]


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture: as SVG for a page, as Mermaid for Markdown."""

    svg: Text
    mermaid: Text


Block: TypeAlias = Heading | Paragraph | Items | Labelled | Table | Picture


@dataclass(frozen=True, slots=True)
class Page:
    """A whole document in both languages."""

    title: Text
    blocks: tuple[Block, ...]


def as_markdown(page: Page, language: str) -> str:
    """Return a page as Markdown."""
    parts = [f"# {page.title.in_(language)}", *(_markdown(b, language) for b in page.blocks)]
    return "\n\n".join(part for part in parts if part) + "\n"


def _markdown(block: Block, language: str) -> str:
    match block:
        case Heading(level, text):
            return f"{'#' * level} {text.in_(language)}"
        case Paragraph(text, note):
            return f"> {text.in_(language)}" if note else text.in_(language)
        case Items(rows, numbered):
            signs = (f"{n}." if numbered else "-" for n in range(1, len(rows) + 1))
            said = (row.in_(language) for row in rows)
            return "\n".join(f"{sign} {words}" for sign, words in zip(signs, said, strict=True))
        case Labelled(rows):
            return "\n".join(_labelled(label, said, language) for label, said in rows)
        case Table():
            return _table(block, language)
        case Picture(_, mermaid):
            return f"```mermaid\n{mermaid.in_(language).strip()}\n```"


def _labelled(label: Text, said: tuple[Text, ...], language: str) -> str:
    if len(said) == 1:
        return f"- **{label.in_(language)}:** {said[0].in_(language)}"
    rows = "\n".join(f"  - {row.in_(language)}" for row in said)
    return f"- **{label.in_(language)}:**\n{rows}"


def _table(table: Table, language: str) -> str:
    heads = [h.in_(language) for h in table.heads]
    rows = [[_cell(c.in_(language)) for c in row] for row in table.rows]
    lines = [f"**{table.caption.in_(language)}**", "", _row(heads), _row(["---"] * len(heads))]
    return "\n".join([*lines, *map(_row, rows)])


def _row(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _cell(words: str) -> str:
    return words.replace("|", "\\|")


def as_html(page: Page, language: str) -> str:
    """Return a page as one HTML file that needs nothing else, on a screen and on paper."""
    title = escape(page.title.in_(language))
    body = "\n".join(_html(block, language) for block in page.blocks)
    return (
        f'<!DOCTYPE html>\n<html lang="{language}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{title}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<main>\n"
        f"<h1>{title}</h1>\n{body}\n</main>\n</body>\n</html>\n"
    )


def _html(block: Block, language: str) -> str:
    match block:
        case Heading(level, text):
            return f"<h{level}>{_marked(text.in_(language))}</h{level}>"
        case Paragraph(text, note):
            kind = ' class="note"' if note else ""
            return f"<p{kind}>{_marked(text.in_(language))}</p>"
        case Items(rows, numbered):
            tag = "ol" if numbered else "ul"
            return f"<{tag}>\n{_listed(rows, language)}\n</{tag}>"
        case Labelled(rows):
            return "<dl>\n" + "\n".join(_defined(a, b, language) for a, b in rows) + "\n</dl>"
        case Table():
            return "\n".join(_html_table(block, language))
        case Picture(svg, _):
            return f"<figure>\n{svg.in_(language).strip()}\n</figure>"


def _listed(rows: tuple[Text, ...], language: str) -> str:
    return "\n".join(f"<li>{_marked(row.in_(language))}</li>" for row in rows)


def _defined(label: Text, said: tuple[Text, ...], language: str) -> str:
    shown = "".join(f"<dd>{_marked(row.in_(language))}</dd>" for row in said)
    return f"<div><dt>{_marked(label.in_(language))}</dt>{shown}</div>"


def _html_table(table: Table, language: str) -> Iterator[str]:
    yield f"<table>\n<caption>{_marked(table.caption.in_(language))}</caption>\n<thead>\n<tr>"
    yield "".join(f'<th scope="col">{_marked(h.in_(language))}</th>' for h in table.heads)
    yield "</tr>\n</thead>\n<tbody>"
    for first, *rest in table.rows:
        cells = "".join(f"<td>{_marked(cell.in_(language))}</td>" for cell in rest)
        yield f'<tr><th scope="row">{_marked(first.in_(language))}</th>{cells}</tr>'
    yield "</tbody>\n</table>"


_CHOICE = re.compile(r"\[(?:Wahl|offen|choice|open)\b[^\]]*\]")
_BOLD = re.compile(r"\*\*(.+?)\*\*")


def _marked(words: str) -> str:
    """Return words for HTML, with choices marked and the bold of Markdown kept."""
    safe = escape(words, quote=False)
    return _BOLD.sub(r"<strong>\1</strong>", _CHOICE.sub(r"<mark>\g<0></mark>", safe))


def from_markdown(source: str) -> Page:
    """Return the page that simple Markdown writes: headings, lists, notes, paragraphs."""
    first, _, rest = source.strip().partition("\n")
    blocks = tuple(map(_block, filter(None, re.split(r"\n\s*\n", rest.strip()))))
    return Page(_same(first.removeprefix("# ")), blocks)


def _block(words: str) -> Block:
    rows = words.strip().splitlines()
    if (level := len(rows[0]) - len(rows[0].lstrip("#"))) > 0:
        return Heading(level, _same(rows[0].lstrip("# ")))
    if rows[0].startswith("- "):
        return Items(tuple(_same(row) for row in _items(rows)))
    if rows[0].startswith("> "):
        return Paragraph(_same(" ".join(row.lstrip("> ") for row in rows)), note=True)
    return Paragraph(_same(" ".join(row.strip() for row in rows)))


def _items(rows: list[str]) -> list[str]:
    """Return the items of a list; a line without a dash goes on with the item before it."""
    found: list[str] = []
    for row in rows:
        if row.startswith("- "):
            found.append(row[2:].strip())
        else:
            found[-1] += f" {row.strip()}"
    return found


def _same(words: str) -> Text:
    return Text(words, words)


STYLE = """\
:root { color-scheme: light; }
body { margin: 0; font: 1rem/1.5 "Liberation Sans", Arial, Helvetica, sans-serif;
  color: #1a1a1a; background: #fff; }
main { max-width: 60rem; margin: 0 auto; padding: 1.5rem; overflow-wrap: break-word; }
h1 { font-size: 1.8rem; line-height: 1.2; }
h2 { font-size: 1.35rem; margin: 2.2rem 0 .6rem; border-bottom: 2px solid #1b4f8a; }
h3 { font-size: 1.1rem; margin: 1.6rem 0 .4rem; }
h2, h3 { break-after: avoid; }
.note { border-left: .3rem solid #1b4f8a; background: #f1f5fa; padding: .5rem .8rem; }
mark { background: #ffe08a; color: #1a1a1a; padding: 0 .15rem; }
dl { margin: 0; }
dl div { display: grid; grid-template-columns: 11rem 1fr; column-gap: 1rem; padding: .15rem 0;
  border-top: 1px solid #d7dde5; break-inside: avoid; }
dt { font-weight: bold; grid-column: 1; grid-row: 1; }
dd { margin: 0; grid-column: 2; min-width: 0; }
table { border-collapse: collapse; width: 100%; margin: 1rem 0; font-size: .95rem; }
caption { text-align: left; font-weight: bold; padding: .3rem 0; }
th, td { border: 1px solid #8a97a8; padding: .35rem .5rem; text-align: left; vertical-align: top; }
thead th { background: #e8eef5; }
tbody th { font-weight: normal; }
tr { break-inside: avoid; }
figure { margin: 1rem 0; overflow-x: auto; }
figure svg { width: 100%; height: auto; }
@media (max-width: 40rem) { dl div { grid-template-columns: 1fr; }
  dt, dd { grid-column: 1; grid-row: auto; }
  th, td { overflow-wrap: anywhere; } }
@page { size: A4; margin: 18mm; }
@page picture { size: A4 landscape; margin: 10mm; }
@media print { body { font-size: 10.5pt; } main { max-width: none; padding: 0; }
  figure { page: picture; margin: 0; } figure svg { max-height: 185mm; } }
"""
