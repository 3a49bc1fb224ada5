"""What a published paper is to the engine: a measure, or a case that is known already.

The pure part of the import; nothing here reads or writes a store. What the records do not
say is not made up: the facts of a measure stay open until somebody answers them.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from engine.core.case import Measure, Stage
from engine.errors import Text
from engine.oparl import PaperRecord

UNNAMED_KIND = "ohne_angabe"
"""The kind of a measure whose paper names no type."""

Known = Iterable[tuple[str, str | None, str]]
"""Number, reference and title of each case that is known."""


@dataclass(frozen=True, slots=True)
class Unusable:
    """A paper that cannot become a measure as it is; `reason` says what would mend it."""

    record: PaperRecord
    reason: Text


@dataclass(frozen=True, slots=True)
class Match:
    """The number of a known case that a paper belongs to.

    A match by title is only `proposed`: papers on one matter often share their title, so
    somebody has to confirm it.
    """

    number: str
    proposed: bool


def measure_of(
    record: PaperRecord, municipality: str, offices: Mapping[str, str]
) -> Measure | Unusable:
    """Return the measure that a paper is about, or why it cannot be one.

    `offices` leads from the names of departments, as published, to the ids of offices.
    """
    if not record.title:
        return Unusable(
            record,
            Text(
                "Die Vorlage hat keinen Titel. Ergänzen Sie ihn im Ratsinformationssystem.",
                "The paper has no title. Add it in the council information system.",
            ),
        )
    lead = offices.get(record.department or "")
    if lead is None:
        return Unusable(record, _without_office(record.department))
    return Measure(
        title=record.title,
        kind=kind_of(record),
        origin=record.origin.value,
        lead=lead,
        municipality=municipality,
        stages=stages_of(record),
        reference=record.reference,
    )


def kind_of(record: PaperRecord) -> str:
    """Return the kind as rules write it: in small letters, with single spaces."""
    return " ".join(_folded(record.kind or "").split()) or UNNAMED_KIND


def stages_of(record: PaperRecord) -> tuple[Stage, ...]:
    """Return the Beratungsfolge in order of days; cancelled meetings are no part of it."""
    return tuple(
        Stage(body=s.body, day=s.day, role=s.role.casefold())
        for s in record.stages
        if not s.cancelled
    )


def matches(record: PaperRecord, known: Known) -> Match | None:
    """Return the known case that a paper belongs to, or None.

    The same reference is certain. Else an equal title proposes a case, if it is the only
    one of that title: letters, digits and their order count, case and signs do not.
    """
    cases = list(known)
    for number, reference, _ in cases:
        if record.reference and reference == record.reference:
            return Match(number, proposed=False)
    words = _words(record.title)
    named = [number for number, _, title in cases if words and _words(title) == words]
    return Match(named[0], proposed=True) if len(named) == 1 else None


def _without_office(department: str | None) -> Text:
    if not department:
        return Text(
            "Die Vorlage nennt kein federführendes Amt. Melden Sie das Vorhaben von Hand an.",
            "The paper names no lead department. Register the measure by hand.",
        )
    return Text(
        f"Dem federführenden Amt „{department}“ ist keine Stelle zugeordnet. Nennen Sie zu "
        "diesem Namen die Stelle.",
        f"The lead department '{department}' stands for no office. Name the office that goes "
        "by this name.",
    )


def _words(title: str) -> str:
    return " ".join(re.findall(r"\w+", _folded(title)))


def _folded(text: str) -> str:
    return unicodedata.normalize("NFC", text).casefold()
