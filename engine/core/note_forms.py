"""The Prüfvermerk as a value, and the forms in which it goes into a paper: text, HTML, one line."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

from engine.errors import Text


@dataclass(frozen=True, slots=True)
class DocumentSum:
    """A document of the paper: its kind, and the SHA-256 of its bytes in hexadecimal."""

    kind: str
    sha256: str


@dataclass(frozen=True, slots=True)
class HearingNote:
    """The note: what it is about, a line for each document, office and finding; and all in one.

    `line` is for the Mitzeichnung. `code` leads to the line of the log by which it was issued,
    and is empty before: a code that nobody can check would only look like one.
    """

    head: Text
    rows: tuple[Text, ...]
    line: Text
    code: str = ""

    def text(self) -> Text:
        """Return the note as plain text, a line each."""
        rows = [self.head, *self.rows, *self._coded()]
        return Text("\n".join(r.de for r in rows), "\n".join(r.en for r in rows))

    def html(self) -> Text:
        """Return the note as a piece of HTML to be pasted into a paper."""
        return Text(self._html("de"), self._html("en"))

    def one_line(self) -> Text:
        """Return the note in one line, for the Mitzeichnung."""
        coded = [self.line, *self._coded()]
        return Text("; ".join(r.de for r in coded), "; ".join(r.en for r in coded))

    def _coded(self) -> list[Text]:
        return [Text(f"Prüfcode {self.code}", f"Code {self.code}")] if self.code else []

    def _html(self, language: str) -> str:
        rows = "".join(f"<li>{escape(row.in_(language))}</li>" for row in self.rows)
        code = "".join(f"<p>{escape(row.in_(language))}</p>" for row in self._coded())
        return f"<p><strong>{escape(self.head.in_(language))}</strong></p><ul>{rows}</ul>{code}"
