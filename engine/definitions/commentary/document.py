"""The whole document about a workflow: purpose, picture, states, steps, deadlines, norms."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from engine.core.wording import day_text
from engine.core.workflow import State, Workflow
from engine.core.world import Municipality
from engine.definitions import drawing
from engine.definitions.commentary.claims import claim_sentences
from engine.definitions.commentary.deadlines import deadline_rows, ladder_blocks
from engine.definitions.commentary.norms import norm_blocks
from engine.definitions.commentary.states import next_sentence
from engine.definitions.commentary.steps import step_rows
from engine.definitions.commentary.vocabulary import Letters, Speech, sentence, speech
from engine.definitions.library import Definitions
from engine.definitions.moves import MEANINGS
from engine.definitions.pages import (
    Block,
    Heading,
    Items,
    Labelled,
    Page,
    Paragraph,
    Picture,
    Table,
)
from engine.errors import Text


@dataclass(frozen=True, slots=True)
class Place:
    """The Körperschaft whose law the document cites, and the day that it is of."""

    municipality: Municipality
    day: date


def commentary(
    workflow: Workflow,
    definitions: Definitions,
    place: Place | None = None,
    letters: Letters | None = None,
) -> Page:
    """Return a workflow as a document that can be annexed to a Dienstanweisung.

    With a `place` it cites the norms and values in force there on that day. `letters` are
    the titles of the letters that steps send.
    """
    said = speech(workflow, definitions, letters)
    blocks = (
        *_head(workflow, place),
        *_picture(workflow),
        *_roles(said),
        *_states(said),
        *_steps(said),
        *_deadlines(said),
        *_findings(workflow),
        *_claims(said),
        *_norms(said, place),
        *_examples(workflow),
    )
    title = workflow.title
    return Page(Text(f"Ablauf „{title.de}“", f"Procedure: {title.en}"), blocks)


def _head(workflow: Workflow, place: Place | None) -> Iterator[Block]:
    name = Text("alle Verwaltungen", "every administration")
    if place is not None:
        name = Text(place.municipality.name, place.municipality.name)
    rows = [
        (Text("Für", "For"), (name,)),
        (Text("Fassung", "Version"), (Text(workflow.version, workflow.version),)),
        (
            Text("Prüfsumme (SHA-256)", "Checksum (SHA-256)"),
            (Text(workflow.digest, workflow.digest),),
        ),
    ]
    if place is not None:
        rows.insert(1, (Text("Rechtsstand", "Law as of"), (day_text(place.day),)))
    yield Labelled(tuple(rows))
    yield Paragraph(
        Text(
            "Dieses Dokument ist aus der Ablaufdefinition mit dieser Prüfsumme erzeugt; das "
            "Programm führt genau sie aus. In eckigen Klammern steht, was im einzelnen Vorgang "
            "eingesetzt wird.",
            "This document was made from the definition with this checksum, which is what the "
            "program carries out. Square brackets hold what each single case fills in.",
        ),
        note=True,
    )
    if workflow.purpose is not None:
        yield Heading(2, Text("Zweck", "Purpose"))
        yield Paragraph(workflow.purpose)


def _picture(workflow: Workflow) -> Iterator[Block]:
    yield Heading(2, Text("Der Ablauf im Bild", "The procedure as a picture"))
    yield Picture(
        Text(drawing.svg(workflow, "de"), drawing.svg(workflow, "en")),
        Text(drawing.mermaid(workflow, "de"), drawing.mermaid(workflow, "en")),
    )


def _roles(said: Speech) -> Iterator[Block]:
    yield Heading(2, Text("Wer was tun kann", "Who can do what"))
    steps = said.workflow.steps.values()
    roles = dict.fromkeys(role for step in steps for role in sorted(step.by))
    yield Items(
        tuple(_role(said.role(role), [s.title for s in steps if role in s.by]) for role in roles)
    )


def _role(role: Text, titles: list[Text]) -> Text:
    de, en = "; ".join(t.de for t in titles), "; ".join(t.en for t in titles)
    return Text(f"**{_capital(role.de)}:** {de}.", f"**{_capital(role.en)}:** {en}.")


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]


def _states(said: Speech) -> Iterator[Block]:
    yield Heading(2, Text("Die Stände", "The states"))
    heads = (Text("Stand", "State"), Text("Bedeutung", "Meaning"), Text("Als Nächstes", "Next"))
    rows = tuple(_state(state, said) for state in said.workflow.states.values())
    yield Table(
        Text("Stände und was als Nächstes geschieht", "States and what is next"), heads, rows
    )


def _state(state: State, said: Speech) -> tuple[Text, ...]:
    return (state.title, MEANINGS[state.means][0], next_sentence(state, said))


def _steps(said: Speech) -> Iterator[Block]:
    yield Heading(2, Text("Die Schritte", "The steps"))
    for step in said.workflow.steps.values():
        yield Heading(3, Text(_capital(step.title.de), _capital(step.title.en)))
        yield Labelled(step_rows(step, said))


def _deadlines(said: Speech) -> Iterator[Block]:
    if not said.workflow.deadlines:
        return
    yield Heading(2, Text("Die Fristen", "The deadlines"))
    for rule in said.workflow.deadlines.values():
        yield Heading(3, Text(_capital(rule.title.de), _capital(rule.title.en)))
        yield Labelled(deadline_rows(rule, said))
    yield from ladder_blocks(said)


def _findings(workflow: Workflow) -> Iterator[Block]:
    if not workflow.findings:
        return
    yield Heading(2, Text("Was festgestellt werden kann", "What can be found"))
    yield Paragraph(
        Text(
            "Eine Feststellung bleibt in der Akte; das Rechtsamt bewertet sie.",
            "A finding stays on file; the legal office assesses it.",
        )
    )
    yield Items(tuple(sentence(words) for words in workflow.findings.values()))


def _claims(said: Speech) -> Iterator[Block]:
    rows = tuple(claim_sentences(said))
    if rows:
        yield Heading(2, Text("Was der Ablauf zusichert", "What the procedure assures"))
        yield Items(rows)


def _norms(said: Speech, place: Place | None) -> Iterator[Block]:
    if place is not None:
        yield from norm_blocks(said, place.municipality, place.day)


def _examples(workflow: Workflow) -> Iterator[Block]:
    if not workflow.examples:
        return
    yield Heading(2, Text("Durchgespielte Beispiele", "Rehearsed examples"))
    yield Paragraph(
        Text(
            "Diese Beispiele stehen in der Definition und werden bei jeder Prüfung mit einer "
            "gestellten Uhr durchgespielt.",
            "These examples are part of the definition; each check plays them with a virtual "
            "clock.",
        )
    )
    yield Items(tuple(Text(e.name, e.name) for e in workflow.examples))


__all__ = ["Letters", "Place", "commentary"]
