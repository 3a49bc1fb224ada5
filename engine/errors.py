"""What a user can cause, told so that the user can mend it.

Whatever a user can cause is an `EngineError`: it names the place, the cause and the
remedy, in German and in English. The edge (command line, page, worker) turns it into
an exit code, a page or a log line. Whatever only a bug can cause may crash.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Text:
    """The same words in the two languages of the product."""

    de: str
    en: str

    def in_(self, language: str) -> str:
        """Return the German words, or the English ones for the language `en`."""
        return self.en if language == "en" else self.de


class EngineError(Exception):
    """Something the user can mend; `text` says where, what, and what would be right."""

    def __init__(self, de: str, en: str) -> None:
        super().__init__(en)
        self.text = Text(de, en)


class Refused(EngineError):
    """An act that the procedure does not permit, with the norm and what is missing."""


class Stale(Refused):
    """An act on something that its actor had not seen in its present form."""


class NotFound(EngineError):
    """A case, office, person or definition that nobody knows by that name."""


class InputError(EngineError):
    """Data from outside that cannot be taken as it is."""
