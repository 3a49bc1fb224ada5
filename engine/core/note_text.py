"""Whether a text is the one that was issued, although it was copied into a paper since.

What copying changes does not count: line breaks, spaces, the dots before the lines of a list,
and the code below, which could not stand in the text that it is the code of.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from html.parser import HTMLParser

_CODE = re.compile(
    r"(?i)(?:prüf)?code\s*:?\s*[0-9a-z]{4}[\s\-\N{NON-BREAKING HYPHEN}]?[0-9a-z]{4}\b"
)
_DOT = re.compile(r"(?m)^\s*[\-*\N{BULLET}\N{MIDDLE DOT}\N{WHITE BULLET}\N{EN DASH}]\s+")
_SOFT = str.maketrans({"\N{SOFT HYPHEN}": None, "\N{ZERO WIDTH SPACE}": None, "\N{ZERO WIDTH NO-BREAK SPACE}": None})  # fmt: skip
_END = " ;.\n"


def bare(text: str) -> str:
    """Return a text without what copying changes, its words parted by single spaces.

    >>> bare("Vermerk\\r\\n \N{BULLET} Stelle:  informiert.\\nPrüfcode 7C3K-J3YJ\\n")
    'Vermerk Stelle: informiert'
    """
    plain = unicodedata.normalize("NFC", text).translate(_SOFT).replace("\r", "\n")
    return " ".join(_DOT.sub(" ", _CODE.sub(" ", plain)).split()).strip(_END)


def digest_of(text: str) -> str:
    """Return the SHA-256 of a text without what copying changes, in hexadecimal."""
    return hashlib.sha256(bare(text).encode()).hexdigest()


def text_in(markup: str) -> str:
    """Return the words of an HTML document, each block on a line of its own.

    >>> text_in("<p><b>Vermerk</b></p><ul><li>A &amp; B</li></ul>").split("\\n")
    ['', 'Vermerk', '', '', 'A & B', '', '']
    """
    reader = _Words()
    reader.feed(markup)
    reader.close()
    return "".join(reader.words)


class _Words(HTMLParser):
    _BLOCKS = frozenset({"p", "ul", "ol", "li", "div", "br", "tr", "td", "h1", "h2", "h3"})
    _MUTE = frozenset({"script", "style", "title"})

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.words: list[str] = []
        self._muted = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._muted += tag in self._MUTE
        if tag in self._BLOCKS:
            self.words.append("\n")

    def handle_endtag(self, tag: str) -> None:
        self._muted -= tag in self._MUTE and self._muted > 0
        if tag in self._BLOCKS:
            self.words.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._muted:
            self.words.append(data)
