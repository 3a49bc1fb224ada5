"""Facts, kinds of office and ladders: the small files of the rules."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from engine.core.escalation import Ladder, Rung
from engine.core.meanings import OfficeMeans
from engine.core.offices import OfficeKind
from engine.core.rules import Fact
from engine.core.workflow import Tell
from engine.definitions.documents import FactsDoc, LadderDoc, OfficeKindsDoc, RungDoc
from engine.definitions.periods import period
from engine.definitions.workflows import RELATIONS
from engine.errors import Text
from engine.strictyaml import Loaded, Marks, Problems, read, unknown


def read_facts(source: bytes, name: str) -> Mapping[str, Fact]:
    """Return the facts that measures are asked for, by their id."""
    loaded = read(FactsDoc, source, name)
    doc, problems = loaded.value, Problems(name)
    for k, fact in doc.facts.items():
        if fact.type == "choice" and not fact.options:
            words = Text(
                "Eine Auswahl braucht unter 'options', woraus gewählt wird.",
                "A choice needs, under 'options', what to choose from.",
            )
            problems.add(loaded.marks.key("facts", k), words)
    problems.raise_if_any()
    return {
        k: Fact(k, f.type, f.question.text, tuple(f.options), f.for_tables)
        for k, f in doc.facts.items()
    }


def read_kinds(source: bytes, name: str) -> Mapping[str, OfficeKind]:
    """Return the kinds of office, by their id."""
    doc = read(OfficeKindsDoc, source, name).value
    return {k: OfficeKind(k, o.means, o.title.text) for k, o in doc.kinds.items()}


def read_ladder(source: bytes, name: str, *, kinds: Mapping[str, OfficeKind]) -> Ladder:
    """Return an escalation ladder; its targets must be relations or kinds of office.

    The council's chair may be one only where the ladder names the local rule that says so.
    """
    loaded = read(LadderDoc, source, name)
    problems = Problems(name)
    known = RELATIONS | frozenset(kinds)
    rungs = tuple(
        _rung(i, doc, loaded.marks, problems, known) for i, doc in enumerate(loaded.value.rungs)
    )
    if loaded.value.chair_by is None:
        _refuse_chair(loaded, kinds, problems)
    problems.raise_if_any()
    doc = loaded.value
    digest = hashlib.sha256(source).hexdigest()
    return Ladder(doc.id, doc.title.text, doc.norm, digest, doc.hour, rungs, doc.chair_by)


def _refuse_chair(
    loaded: Loaded[LadderDoc], kinds: Mapping[str, OfficeKind], problems: Problems
) -> None:
    chairs = {k.id for k in kinds.values() if k.means is OfficeMeans.CHAIR}
    for i, rung in enumerate(loaded.value.rungs):
        for name in chairs & set(rung.tells):
            words = Text(
                f"'{name}' hört von einem Vorgang nur durch eine Handlung der Beauftragten oder "
                "wo eine örtliche Vorschrift es sagt: Nennen Sie diese unter 'chair_by'.",
                f"'{name}' hears of a case only by the commissioner's own act, or where a local "
                "rule says so: name that rule under 'chair_by'.",
            )
            problems.add(loaded.marks.key("rungs", i, "tells", name), words)


def _rung(i: int, doc: RungDoc, marks: Marks, problems: Problems, known: frozenset[str]) -> Rung:
    if doc.before is not None and doc.after is not None:
        words = Text(
            "Eine Stufe liegt vor oder nach dem Fristende: nennen Sie before oder after.",
            "A rung lies before or after the end: name before or after.",
        )
        problems.add(marks.key("rungs", i, "after"), words)
    target = Text("Die Adresse", "The target")
    for name in doc.tells:
        if name not in known:
            problems.add(marks.key("rungs", i, "tells", name), unknown(target, name, sorted(known)))
    length = doc.before or doc.after
    return Rung(
        number=i + 1,
        title=doc.title.text,
        before=doc.before is not None,
        period=None if length is None else period(length),
        tells=tuple(Tell(k, v) for k, v in doc.tells.items()),
    )
