"""What each letter is called, for documents that speak of letters without sending any."""

from __future__ import annotations

from engine.errors import Text
from notifications.titles import titles


def letter_titles() -> dict[str, Text]:
    """Return the title of each letter by its id."""
    english = titles("en")
    return {letter: Text(de, english.get(letter, de)) for letter, de in titles("de").items()}
