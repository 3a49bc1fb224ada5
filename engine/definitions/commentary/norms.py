"""The norms behind a workflow in a place on a day: each value with norm, rank and who checked it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta

from engine.core.meanings import Confidence
from engine.core.phrases import RANKS, checked
from engine.core.rules import Provision
from engine.core.workflow import Workflow
from engine.core.world import Library, Municipality
from engine.definitions.commentary.vocabulary import Speech
from engine.definitions.pages import Block, Heading, Paragraph, Table
from engine.definitions.provisions import content
from engine.definitions.said import CONFIDENCE
from engine.errors import Text

ONE_DAY = timedelta(days=1)


def norm_blocks(said: Speech, place: Municipality, day: date) -> Iterator[Block]:
    """Yield the table of the provisions that this workflow rests on in a place on a day."""
    yield Heading(2, Text("Rechtsgrundlagen und Werte", "Norms and values"))
    found = tuple(behind(said.workflow, said.definitions.library, place, day))
    if not found:
        yield Paragraph(
            Text(
                f"Für {place.name} ist dazu nichts in Kraft.",
                f"Nothing is in force for {place.name}.",
            )
        )
        return
    heads = (
        Text("Norm", "Norm"),
        Text("Rang", "Rank"),
        Text("Inhalt", "Content"),
        Text("Geltung", "In force"),
        Text("Prüfstand", "Checked"),
    )
    rows = tuple(_row(provision, said) for provision in found)
    yield Table(Text("Was gilt, der höchste Rang zuerst", "What applies, by rank"), heads, rows)


def behind(
    workflow: Workflow, library: Library, place: Municipality, day: date
) -> Iterator[Provision]:
    """Yield the provisions in force that call for this workflow, or that give it its numbers."""
    values = _values(workflow)
    for p in library.in_force(day, place):
        called = p.duty is not None and p.duty.form == workflow.form
        number = p.value is not None and p.value.name in values
        remedy = p.remedy is not None and bool(p.remedy.cures & set(workflow.findings))
        if called or number or remedy:
            yield p


def _values(workflow: Workflow) -> frozenset[str]:
    rules: Iterable[str] = (
        r.value for r in workflow.deadlines.values() if r.period in ("value", "stage", "provision")
    )
    return frozenset(rules) | {stage.value for stage in workflow.plan}


def _row(provision: Provision, said: Speech) -> tuple[Text, ...]:
    words = content(provision, said.definitions)
    shown = Text(
        f"{provision.title.de}. {words.de}".strip(), f"{provision.title.en}. {words.en}".strip()
    )
    norm = Text(provision.norm, provision.norm)
    return norm, RANKS[provision.source], shown, force(provision), standing(provision)


def force(provision: Provision) -> Text:
    """Return from when until when a provision is in force, the last day included."""
    since, last = provision.since, provision.until
    de, en = f"ab {since:%d.%m.%Y}", f"from {since.isoformat()}"
    if last is None:
        return Text(de, en)
    end = last - ONE_DAY
    return Text(f"{de} bis {end:%d.%m.%Y}", f"{en} until {end.isoformat()}")


def standing(provision: Provision) -> Text:
    """Return how sure the wording is, and who has confirmed it by name."""
    sure = CONFIDENCE[provision.confidence]
    if provision.confirmed is None or provision.confidence is Confidence.FICTITIOUS:
        return sure
    said = checked(provision.confirmed)
    if provision.confidence is not Confidence.VERIFIED_TEXT:
        return said
    return Text(f"{sure.de}; {said.de}", f"{sure.en}; {said.en}")
