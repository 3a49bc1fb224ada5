"""How long files, documents, letters and persons are kept, by which rule, and from when.

A retention period is a value of a rule pack like any other number: it stands in a provision
with its norm, rank and time of force, under the name of its file class
(`meanings.FileClass`). As with every value the highest rank decides; of equal rank the longest
wins, for what one of them still wants kept may not be erased. Without any provision nothing is
ever proposed for erasure.

No statute is known to set a number for records of this kind (LAW.md, DP-5), so the numbers
are local law or house values and show as what they are.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from engine.core.calendar import Calendar
from engine.core.counting import forwards
from engine.core.meanings import Event, FileClass
from engine.core.periods import Unit
from engine.core.rules import NamedValue, Provision, values_named
from engine.errors import Text

ERASED = "(gelöscht)"
"""What stands for a title that was erased."""

TITLES: Mapping[str, Text] = {
    FileClass.FILE: Text("Aufbewahrung des Vorgangs", "retention of the case"),
    FileClass.DOCUMENTS: Text("Aufbewahrung der Unterlagen", "retention of the documents"),
    FileClass.LETTERS: Text("Aufbewahrung der Post", "retention of the letters"),
    FileClass.PERSONS: Text("Aufbewahrung von Personendaten", "retention of personal data"),
}
"""What people call the values."""

KEPT: Mapping[FileClass, Text] = {
    FileClass.FILE: Text(
        "Vorgang: Titel, Namen und Texte, mit allem, was noch da ist",
        "case: title, names and texts, with whatever is still there",
    ),
    FileClass.DOCUMENTS: Text("Unterlagen", "documents"),
    FileClass.LETTERS: Text("Briefe und Zustellnachweise", "letters and proofs of delivery"),
    FileClass.PERSONS: Text("Name und Adresse", "name and address"),
}
"""What belongs to each class, in a few words."""

OF_CASES = (FileClass.LETTERS, FileClass.DOCUMENTS, FileClass.FILE)
"""The classes of a case; the file goes last, and with it whatever of the others is left."""

_WHOLE = frozenset({Unit.DAY, Unit.WEEK, Unit.MONTH})
_EVENT = dict.fromkeys(OF_CASES, Event.CLOSING) | {FileClass.PERSONS: Event.LEAVING}


@dataclass(frozen=True, slots=True)
class Term:
    """How long something is kept: the provision that says so, from which day, its last day."""

    what: FileClass
    provision: Provision
    since: date
    until: date

    def over(self, today: date) -> bool:
        """Return whether it need not be kept any more."""
        return self.until < today


def term(what: FileClass, since: date, provisions: Iterable[Provision]) -> Term | None:
    """Return the term that provisions in force set for a class, None where none does.

    `since` is the day of the event it counts from; that day does not count itself (§ 187 (1)
    BGB), and months end on the day of the same number (§ 188 (2) BGB). The last day is not
    moved at a weekend: nothing is owed on it.
    """
    found = [
        Term(what, p, since, forwards(p.value.counting.period, since, _NO_CALENDAR))
        for p in values_named(provisions, what)
        if p.value is not None
    ]
    return max(found, key=lambda t: (-t.provision.rank, t.until), default=None)


def terms_of_case(since: date, provisions: Iterable[Provision]) -> dict[FileClass, Term]:
    """Return the terms of a case that was closed on a day, by class.

    The file is kept at least as long as its documents and letters: their names lie in it.
    """
    rows = tuple(provisions)
    found = {what: t for what in OF_CASES if (t := term(what, since, rows)) is not None}
    file = found.get(FileClass.FILE)
    if file is not None:
        longest = max(found.values(), key=lambda t: (t.until, t.what is FileClass.FILE))
        found[FileClass.FILE] = Term(FileClass.FILE, longest.provision, since, longest.until)
    return found


def unsound(value: NamedValue) -> Text | None:
    """Return what is wrong with a value that sets a retention period, None if nothing is."""
    if value.name not in set(FileClass):
        return None
    event = _EVENT[FileClass(value.name)]
    if value.counting.period.unit not in _WHOLE or value.counting.backward is not None:
        return Text(
            "Eine Aufbewahrungsfrist zählt vorwärts in Tagen, Wochen oder Monaten (day, week, "
            "month); ein Jahr sind zwölf Monate.",
            "A retention period counts forward in days, weeks or months (day, week, month); a "
            "year is twelve months.",
        )
    if value.term.start is not event:
        return Text(
            f"„{value.name}“ zählt ab einem anderen Ereignis. Schreiben Sie: start: {event.value}.",
            f"'{value.name}' counts from another event. Write: start: {event.value}.",
        )
    return None


_NO_CALENDAR = Calendar("", 1, 1, {})
"""Days, weeks and months ask no calendar; retention ends in years that none may reach yet."""
