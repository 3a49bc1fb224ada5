"""A workflow as a document for people: what a head of administration can annex and sign."""

from engine.definitions.commentary.deadlines import deadline_rows
from engine.definitions.commentary.document import Place, commentary
from engine.definitions.commentary.states import next_sentence, state_rows
from engine.definitions.commentary.steps import Row, step_rows
from engine.definitions.commentary.vocabulary import Speech, speech

__all__ = [
    "Place",
    "Row",
    "Speech",
    "commentary",
    "deadline_rows",
    "next_sentence",
    "speech",
    "state_rows",
    "step_rows",
]
