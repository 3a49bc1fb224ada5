"""What each letter is called: its subject without what each single case fills in."""

from __future__ import annotations

import re

from notifications.render import SUBJECT, TEMPLATES, letters

_BLOCKS = re.compile(r"\{%-?\s*if.*?endif\s*-?%\}|\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)


def titles(language: str) -> dict[str, str]:
    """Return the title of each letter by its id, in one language."""
    return {letter: _title(letter, language) for letter in sorted(letters())}


def _title(letter: str, language: str) -> str:
    file = TEMPLATES / language / letter / "letter.txt"
    first = file.read_text(encoding="utf-8").partition("\n")[0]
    subject = _BLOCKS.sub("", first.removeprefix(SUBJECT[language]))
    return " ".join(subject.split()).rstrip(" :,–-") or letter.replace("_", " ")
