"""Free text as somebody gives it: what no page shows is refused, in words that help to find it."""

from __future__ import annotations

import re

from engine.errors import InputError, Text

_INVISIBLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
"""Control characters but for tab and ends of lines; and halves of characters."""

_BEFORE = 20
"""Characters before it that tell where it is."""

_FIRST = Text("Ganz am Anfang", "At the very beginning")


def legible(words: str) -> str:
    r"""Return words without blanks around them; InputError where a control character is in them.

    >>> legible(" Der Beirat\n\tberät. ")
    'Der Beirat\n\tberät.'
    """
    found = _INVISIBLE.search(words)
    if found is None:
        return words.strip()
    before = words[: found.start()][-_BEFORE:].strip()
    after = Text(f"Nach „{before}“", f"After '{before}'") if before else _FIRST
    raise InputError(
        f"{after.de} steht ein unsichtbares Steuerzeichen, wie es beim Kopieren entsteht. "
        "Löschen Sie es, oder schreiben Sie die Stelle neu.",
        f"{after.en} there is an invisible control character, as copying leaves them. "
        "Delete it, or write that place anew.",
    )
