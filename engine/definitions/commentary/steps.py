"""Each step in sentences: who may take it, when, with what, where it leads, who is told."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

from engine.core.conditions import ALWAYS
from engine.core.workflow import UNBORN, Branch, Effect, Field, Step, Tell
from engine.definitions.commentary.vocabulary import Speech, either, joined, quoted, sentence
from engine.definitions.moves import Sort, sort_of
from engine.errors import Text

Row: TypeAlias = tuple[Text, tuple[Text, ...]]
"""What a row is about, and its sentences."""

SORTS = {
    Sort.PERMISSION: Text(
        "Darf getan werden; fehlt eine Voraussetzung, wird es abgelehnt.",
        "May be done; where a requirement is missing it is refused.",
    ),
    Sort.FACT: Text(
        "Ist geschehen und wird immer eingetragen, nie abgelehnt.",
        "Has happened and is always entered, never refused.",
    ),
    Sort.CLOCK: Text("Geschieht von selbst durch Zeitablauf.", "Comes about by time."),
    Sort.FOLLOWS: Text(
        "Folgt von selbst aus einem anderen Schritt.", "Follows from another step by itself."
    ),
}

TYPES = {
    "text": Text("Text", "text"),
    "wording": Text("Text im eigenen Wortlaut", "text in its author's own words"),
    "day": Text("Tag", "day"),
    "number": Text("Zahl", "number"),
    "bool": Text("ja oder nein", "yes or no"),
    "documents": Text("Dateien", "files"),
    "points": Text("nummerierte Liste", "numbered list"),
    "weighing": Text("gefolgt, teilweise, nicht gefolgt", "followed, partly, not followed"),
    "finding": Text("Nummer", "number"),
    "body": Text("Name", "name"),
    "deviation": Text("Grund der Abweichung", "reason for the departure"),
    "facts": Text("Fragen mit Ja oder Nein", "questions with yes or no"),
}


def step_rows(step: Step, speech: Speech) -> tuple[Row, ...]:
    """Return what there is to say about a step, each row with a label; empty rows are left out."""
    rows: tuple[Row, ...] = (
        (Text("Wer", "Who"), (sentence(speech.roles(step.by)),)),
        (Text("Art", "Kind"), (SORTS[sort_of(step)],)),
        (Text("Wann", "When"), (_origins(step, speech),)),
        (Text("Voraussetzungen", "Requirements"), speech.lines(step.when)),
        (Text("Erwartet wird", "Expected"), tuple(_expected(step, speech))),
        (Text("Womit", "With"), tuple(_field(f, speech) for f in step.takes)),
        (Text("Danach", "Then"), tuple(_branches(step, speech))),
        (Text("Fristen", "Deadlines"), tuple(_deadlines(step, speech))),
        (Text("Folgen", "Consequences"), tuple(_consequences(step, speech))),
        (Text("Benachrichtigt", "Told"), tuple(_tell(tell, speech) for tell in step.tells)),
    )
    return tuple((label, said) for label, said in rows if said)


def _origins(step: Step, speech: Speech) -> Text:
    if step.origins is None:
        return Text("Jederzeit, bis zum Ende.", "At any time until the end.")
    here = [s for s in speech.workflow.states if s in step.origins]
    if not here or step.origins == {UNBORN}:
        return Text("Am Anfang.", "At the beginning.")
    said = either(speech.state(s) for s in here)
    return Text(f"Im Stand {said.de}.", f"In the state {said.en}.")


def _expected(step: Step, speech: Speech) -> Iterator[Text]:
    """Yield what a fact should have waited for, and what is found where it did not."""
    yield from speech.lines(step.expects)
    if step.finding is not None:
        found = quoted(speech.workflow.findings.get(step.finding, Text(step.finding, step.finding)))
        yield Text(f"Sonst wird festgestellt: {found.de}.", f"Otherwise it is found: {found.en}.")


def _field(field: Field, speech: Speech) -> Text:
    title = speech.field(field.name)
    options = [field.labels.get(o, Text(o, o)) for o in field.options]
    kind = either(options) if options else TYPES.get(field.type, Text(field.type, field.type))
    de, en = (" (freiwillig)", " (optional)") if field.optional else ("", "")
    return sentence(Text(f"{title.de}: {kind.de}{de}", f"{title.en}: {kind.en}{en}"))


def _branches(step: Step, speech: Speech) -> Iterator[Text]:
    """Yield where a step leads, the ways with a condition first."""
    ways = step.branches
    for n, branch in enumerate(ways):
        end = _end(branch, speech)
        if branch.when != ALWAYS:
            when = speech.when(branch.when)
            yield sentence(Text(f"{when.de}: {end.de}", f"{when.en}: {end.en}"))
        elif n > 0:
            yield Text(f"Sonst: {end.de}.", f"Otherwise: {end.en}.")
        else:
            yield sentence(end)


def _end(branch: Branch, speech: Speech) -> Text:
    if branch.state is None:
        return Text("es bleibt beim bisherigen Stand", "the state stays as it is")
    title = quoted(speech.state(branch.state))
    return Text(f"der Stand ist {title.de}", f"the state is {title.en}")


def _deadlines(step: Step, speech: Speech) -> Iterator[Text]:
    for name in step.starts:
        title = speech.deadline(name)
        yield Text(f"Die Frist {title.de} beginnt.", f"The deadline {title.en} begins.")
    for name in step.ends:
        title = speech.deadline(name)
        yield Text(f"Die Frist {title.de} endet.", f"The deadline {title.en} ends.")
    for name, taken in step.moves:
        title, field = speech.deadline(name), quoted(speech.field(taken))
        yield Text(
            f"Die Frist {title.de} endet neu am Tag, den die Angabe {field.de} nennt.",
            f"The deadline {title.en} now ends on the day that the entry {field.en} names.",
        )


def _consequences(step: Step, speech: Speech) -> Iterator[Text]:
    yield from (_effect(effect, speech) for effect in step.effects)
    if step.new_round is not None:
        when = speech.when(step.new_round)
        yield sentence(
            Text(
                f"{when.de}: alle Beteiligungen beginnen in einer neuen Runde",
                f"{when.en}: all participations begin in a new round",
            )
        )
    if step.new_paper:
        yield Text(
            "Die Unterlagen bilden eine neue Fassung der Vorlage.",
            "The documents form a new version of the paper.",
        )
    if step.judges is not None:
        yield Text(
            "Der Schritt sagt, was aus der genannten Feststellung wird; sie bleibt bestehen.",
            "The step says what becomes of the finding named; the finding itself stays.",
        )
    if step.reschedules is not None:
        yield Text(
            "Der Zeitplan wird nach dem neuen Sitzungstag berechnet.",
            "The plan is computed by the new day of the sitting.",
        )


def _effect(effect: Effect, speech: Speech) -> Text:
    title = quoted(speech.step_meaning(effect.target, effect.means))
    where = {
        "case": Text("Im Vorgang folgt", "In the case there follows"),
        "participations": Text("In den Beteiligungen folgt", "In the participations there follows"),
    }.get(effect.target, Text("Es folgt", "There follows"))
    when = speech.when(effect.when) if effect.when != ALWAYS else None
    return _with(Text(f"{where.de}: {title.de}", f"{where.en}: {title.en}"), when)


def _tell(tell: Tell, speech: Speech) -> Text:
    who, letter = speech.role(tell.target), quoted(speech.letter(tell.letter))
    when = speech.when(tell.when) if tell.when != ALWAYS else None
    return _with(Text(f"{who.de}: {letter.de}", f"{who.en}: {letter.en}"), when)


def _with(said: Text, when: Text | None) -> Text:
    return sentence(said if when is None else joined((said, when)))
