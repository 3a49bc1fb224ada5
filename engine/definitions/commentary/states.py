"""Each state in sentences: what it amounts to, and what happens next in it."""

from __future__ import annotations

from engine.core.next_steps import LEAD, OFFICE, placeholders
from engine.core.workflow import State
from engine.definitions.commentary.steps import Row
from engine.definitions.commentary.vocabulary import Speech, sentence
from engine.definitions.moves import MEANINGS
from engine.errors import Text

NO_NEXT = Text("Es geschieht nichts mehr.", "Nothing happens any more.")


def state_rows(state: State, speech: Speech) -> tuple[Row, ...]:
    """Return what a state amounts to, and its sentence on what happens next."""
    return (
        (Text("Bedeutung", "Meaning"), (sentence(MEANINGS[state.means][0]),)),
        (Text("Als Nächstes", "Next"), (next_sentence(state, speech),)),
    )


def next_sentence(state: State, speech: Speech) -> Text:
    """Return the sentence of a state; brackets hold what each single case fills in."""
    if state.next is None:
        return NO_NEXT
    return Text(_filled(state.next.de, speech, "de"), _filled(state.next.en, speech, "en"))


def _filled(words: str, speech: Speech, language: str) -> str:
    for name in placeholders(words):
        words = words.replace(f"{{{name}}}", f"[{_named(name, speech).in_(language)}]")
    return words


def _named(name: str, speech: Speech) -> Text:
    if name in (LEAD, OFFICE):
        return speech.role(name)
    title = speech.deadline(name)
    return Text(f"Tag der Frist {title.de}", f"day of the deadline {title.en}")
