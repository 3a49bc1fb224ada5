"""What an office that is heard files: read once more before it stands, and receipted.

A statement, a query, a waiver: once filed it is part of the file and nobody can change it.
So the form leads to a page that shows what is going to be filed and whom it will tell, and
from there either back or into the file.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from starlette.datastructures import FormData

from engine.core.absences import stands_in_for
from engine.core.case import Case, Entry, Outcome
from engine.core.codes import code_of
from engine.core.meanings import StepMeans
from engine.core.workflow import Field, Step, Workflow
from engine.core.world import World
from engine.errors import Text
from engine.web.desk import Desk, Hidden
from engine.web.forms import About, Control, controls

CONFIRMED, BACK = "abgegeben", "zurueck"
"""The names of the two buttons under what is going to be filed."""

_OWN = frozenset({"office", "demanding"})
_AT_ONCE = frozenset({StepMeans.RECEIPT})
"""Steps that say nothing which could be regretted."""

_FINAL = Text("Danach nicht mehr änderbar.", "It cannot be changed afterwards.")
_WORDS = {
    StepMeans.STATEMENT: Text(
        "Danach nicht mehr änderbar; Ergänzungen bleiben möglich.",
        "It cannot be changed afterwards; you may still add to it.",
    ),
    StepMeans.WAIVER: Text(
        "Gilt nur für dieses Vorhaben und kann bis zur Entscheidung zurückgenommen werden. Ein "
        "allgemeiner Verzicht ist nicht vorgesehen.",
        "It holds for this measure only and can be withdrawn until the decision. A general "
        "waiver is not provided for.",
    ),
}
_WORDS[StepMeans.SUPPLEMENT] = _WORDS[StepMeans.STATEMENT]


def is_own(step: Step) -> bool:
    """Return whether a step is one of the office's own declarations, shown before it stands."""
    takes_files = any(f.type == "documents" for f in step.takes)
    return bool(step.by & _OWN) and step.means not in _AT_ONCE and not takes_files


def said_before(step: Step) -> Text:
    """Return what holds of a step once it is filed."""
    return _WORDS.get(step.means, _FINAL)


def said_on_form(step: Step) -> Text | None:
    """Return what somebody should know before she fills in the form, if anything."""
    return _WORDS[StepMeans.WAIVER] if step.means is StepMeans.WAIVER else None


def stands_in(desk: Desk, office: str) -> str:
    """Return in whose place the visitor acts for an office, by name; empty if it is her own."""
    world = desk.world
    names = stands_in_for(world.roster, desk.me.person, office, world.today)
    return ", ".join(p.name for p in names)


def deputised(desk: Desk, case: Case) -> str:
    """Return in whose place the visitor looks at a case, by name; empty if for herself."""
    taking = dict.fromkeys([p.office for p in case.participations] + [case.measure.lead])
    mine = (stands_in(desk, o) for o in taking if o in desk.acting.offices)
    return ", ".join(dict.fromkeys(filter(None, mine)))


def sent_fields(sent: FormData) -> list[tuple[str, str]]:
    """Return every field that a form has sent, to be sent once more."""
    gone = {"_csrf", CONFIRMED, BACK, "baustein"}
    return [(n, v) for n, v in sent.multi_items() if n not in gone and isinstance(v, str)]


def read_again(step: Step, about: About, sent: FormData) -> list[tuple[Text, Text]]:
    """Return what a form says in words: each field that was filled in, with its label."""
    return [row for control in controls(step, about, sent) for row in _read(control)]


def _read(control: Control) -> Iterator[tuple[Text, Text]]:
    if control.type == "points":
        texts = [t.strip() for t in control.value if t.strip()]
        for number, words in enumerate(texts, start=1):
            yield Text(f"Punkt {number}", f"Point {number}"), Text(words, words)
        return
    words = str(control.value or "").strip()
    if words:
        yield control.label, dict(control.options).get(words, Text(words, words))


def told_by(outcome: Outcome, world: World, key: str) -> list[str]:
    """Return the offices that an act with that key tells by letter, by name."""
    rows = [n.office for n in outcome.notices if n.key.startswith(f"{key}:")]
    return [world.roster.office(o).name for o in dict.fromkeys(rows)]


@dataclass(frozen=True, slots=True)
class Receipt:
    """That something stands in the file: what, when, by whom, and a code to look it up by."""

    number: int
    title: Text
    office: str
    deputy: bool
    recorded_at: datetime
    code: str
    line: Entry
    takes: tuple[Field, ...]
    workflow: Workflow


def line_of(desk: Desk, case: Case, key: str) -> int:
    """Return the number of the line that an act with that key has left in the file."""
    with desk.app.database.read() as store:
        found = store.chains.kept(key)
        lines = store.chains.lines(case.stream) if found is not None else []
    rows = [s.seq for s in lines if s.entry.key == key and "step" in s.entry.plain]
    if not rows:
        raise Hidden
    return rows[0]


def receipt(desk: Desk, case: Case, number: int) -> Receipt:
    """Return the receipt of a line of the file that somebody has written; Hidden for others."""
    with desk.app.database.read() as store:
        lines = store.chains.lines(case.stream)
        world = desk.app.world(store)
    stored = next((s for s in lines if s.seq == number), None)
    if stored is None:
        raise Hidden
    line = stored.entry
    if line.office not in world.roster.offices or "definition" not in line.plain:
        raise Hidden
    workflow = world.library.workflow(line.plain["definition"])
    step = workflow.steps.get(line.type)
    if step is None:
        raise Hidden
    return Receipt(
        number=number,
        title=step.title,
        office=world.roster.office(line.office).name,
        deputy=bool(line.plain.get("deputy")),
        recorded_at=line.recorded_at,
        code=code_of(stored.leaf),
        line=line,
        takes=step.takes,
        workflow=workflow,
    )
