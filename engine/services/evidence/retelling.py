"""A case is told again from its lines, and every row of it compared with what comes out.

The log decides: each step must have been permitted in the world it names, each day must come
out again, and the rows as stored must be the rows that the telling leaves. Texts that were
erased are missing on both sides.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

import orjson

from engine.core.case import Case, Entry, Outcome, digest_of_rows
from engine.core.ledger import SEMANTICS, microseconds
from engine.core.replay import Differs, WorldAt, retold
from engine.errors import Text
from engine.services.evidence import faults as words
from engine.services.evidence.faults import Fault, Layer
from engine.services.evidence.strands import Read, entry_of
from engine.store import values
from engine.store.examined import Raw, StoredCase

_Rung = list[Any]


def _columns(columns: tuple[str, ...], names: str) -> list[int]:
    """Return where these columns lie in a row that has its place in front."""
    return [1 + columns.index(name) for name in names.split()]


_PART = itemgetter(*_columns(values.PARTICIPATION, "key workflow state revision given"))
_DEADLINE = itemgetter(
    *_columns(values.DEADLINE, "participation name generation derivation status closed_on last_day")
)
_FINDING = itemgetter(*(n - 1 for n in _columns(values.FINDING, "number kind participation state")))
_COMMITMENT = itemgetter(*_columns(values.DOCUMENT, "commitment"))


@dataclass(frozen=True, slots=True)
class Recounted:
    """A deadline that today's program would count otherwise than the one that counted then."""

    deadline: str
    recorded: str
    today: str


@dataclass(frozen=True, slots=True)
class Told:
    """What telling a case again led to.

    `recounted` names deadlines that a later meaning of the program counts otherwise: the record
    is unchanged all the same. `newer` says that a newer program wrote it, so that this one
    cannot count it again.
    """

    faults: tuple[Fault, ...] = ()
    recounted: tuple[Recounted, ...] = ()
    newer: bool = False


def compare(stored: StoredCase, read: Read) -> Told:
    """Return whether the state as stored is the one that the last line commits to."""
    if not read.said:
        return Told()
    after = read.said[-1]["plain"].get("after")
    found = () if _digest(stored) == after else (_state(read, "digest"),)
    return Told((*_ends(stored, read), *found))


def tell_again(stored: StoredCase, read: Read, world: WorldAt) -> Told:
    """Return what comes of telling a case again and comparing every row of it."""
    if not read.said:
        return Told((_state(read, "kase"),))
    counted = [said["semantics"] for said in read.said]
    if max(counted) > SEMANTICS:
        return Told(compare(stored, read).faults, newer=True)
    table = _Table()
    entries = [entry_of(s, b) for s, b in zip(read.said, read.bodies, strict=True)]
    for outcome in retold(stored.row["uid"], stored.row["number"], entries, world):
        if isinstance(outcome, Differs):
            if min(counted) < SEMANTICS:
                return Told(compare(stored, read).faults, tuple(_recounted(outcome)))
            return Told((Fault(read.stream, outcome.number, words.REPLAY, Layer.REPLAY),))
        table.take(outcome)
    differing = list(table.differing(stored, read))
    if differing and min(counted) < SEMANTICS:
        return Told(compare(stored, read).faults, (Recounted(", ".join(differing), "", ""),))
    faults = [_state(read, name) for name in differing]
    return Told((*_ends(stored, read), *faults))


def _ends(stored: StoredCase, read: Read) -> Iterator[Fault]:
    if (stored.row["version"], stored.row["head"]) != read.head:
        yield Fault(read.stream, read.head[0] + 1, words.HEAD, Layer.HEAD)


def _state(read: Read, what: str) -> Fault:
    return Fault(read.stream, read.head[0], words.in_state(what), Layer.STATE)


class _Table:
    """The rows of a case, as the outcomes of its acts write them one after another."""

    def __init__(self) -> None:
        self.case: Case | None = None
        self.rungs: dict[tuple[int, int], _Rung] = {}

    def take(self, outcome: Outcome) -> None:
        """Write what an act left, in the order in which `keep` does."""
        case = self.case = outcome.case
        if not (outcome.rungs or outcome.voided or outcome.fired):
            return
        place = {d.key: n for n, d in enumerate(case.deadlines)}
        for r in outcome.rungs:
            self.rungs[place[r.deadline], r.number] = [
                microseconds(r.due_at),
                "waiting",
                None,
                None,
            ]
        now = microseconds(outcome.entries[0].recorded_at)
        for r in outcome.fired:
            held = self.rungs[place[r.deadline], r.number]
            held[1:] = ["fired", now, now - held[0]]
        for key in outcome.voided:
            self._void(place[key])

    def _void(self, place: int) -> None:
        for (at, _), rung in self.rungs.items():
            if at == place and rung[1] == "waiting":
                rung[1] = "void"

    def differing(self, stored: StoredCase, read: Read) -> Iterator[str]:
        """Yield the names of the tables whose rows are other ones."""
        case = self.case
        assert case is not None, "a strand that was told to its end has a case"
        if stored.row | _row(case) != stored.row:
            yield "kase"
        if stored.participations != _placed(map(values.participation_row, case.participations)):
            yield "participation"
        if stored.deadlines != _placed(map(values.deadline_row, case.deadlines)):
            yield "deadline"
        if stored.rungs != [(*key, *rung) for key, rung in sorted(self.rungs.items())]:
            yield "rung"
        if stored.documents != _placed(_documents(case, read)):
            yield "document"
        if stored.findings != [values.finding_row(f) for f in case.findings]:
            yield "finding"


def _row(case: Case) -> dict[str, Any]:
    """Return what the row of a case says, its id, version and head left out."""
    return {
        "uid": case.uid,
        "number": case.number,
        "next_day": values.next_day(case),
        "workflow": case.workflow,
        "state": case.state,
        "paper": case.paper,
        "registered_on": values.day_text(case.registered_on),
        **dict(zip(values.MEASURE, values.measure_row(case.measure), strict=True)),
        "given": values.json_text(case.given),
    }


def _documents(case: Case, read: Read) -> Iterator[Raw]:
    """Yield the rows of documents, with the names that the erasable parts give them."""
    if not case.documents:
        return
    names = {d["uid"]: d["name"] for body in read.bodies for d in body.get("documents", ())}
    for document in case.documents:
        row = values.document_row(document)
        yield (*row[:-1], names.get(document.uid, ""))


def _placed(rows: Any) -> list[Raw]:
    return [(n, *row) for n, row in enumerate(rows)]


def _digest(stored: StoredCase) -> str:
    """Return the digest of a case as its rows say it is; see `core.case.digest`."""
    row = stored.row
    parts = [[*_PART(p)] for p in stored.participations]
    for part in parts:
        part[-1] = orjson.loads(part[-1])
    return digest_of_rows(
        row["workflow"],
        row["state"],
        row["paper"],
        parts,
        [_plain_deadline(*_DEADLINE(d)) for d in stored.deadlines],
        [_FINDING(f) for f in stored.findings],
        [_COMMITMENT(d) for d in stored.documents],
    )


def _plain_deadline(
    key: str, name: str, generation: int, derivation: str, status: str, closed: str, day: str
) -> list[Any]:
    last_day = values.derivation(derivation).last_day.isoformat()
    if last_day != day:
        raise ValueError("the copy of a last day is another one")
    return [key, name, generation, last_day, status, closed]


def _recounted(differs: Differs) -> Iterator[Recounted]:
    """Yield the deadlines whose last day comes out otherwise today."""
    before, today = _days(differs.recorded), _days(differs.replayed)
    for key, day in before.items():
        if today.get(key, day) != day:
            yield Recounted(key, day, today[key])
    if all(today.get(key, day) == day for key, day in before.items()):
        yield Recounted(differs.recorded.type, "", "")


def _days(entry: Entry | None) -> dict[str, str]:
    rows = () if entry is None else entry.plain.get("deadlines", ())
    return {"/".join(map(str, filter(None, row[:2]))): row[3] for row in rows}


def described(found: Recounted) -> Text:
    """Return what to say of a deadline that today is counted otherwise.

    >>> described(Recounted("stellungnahme", "2026-03-12", "2026-03-13")).de
    'unversehrt; stellungnahme endete nach damaliger Zählung am 2026-03-12, nach heutiger Zählung wäre es der 2026-03-13'
    """
    if not found.today:
        return Text(
            f"unversehrt; nach heutiger Zählung wäre es anders gekommen ({found.deadline})",
            f"unchanged; counted as today it would have come otherwise ({found.deadline})",
        )
    return Text(
        f"unversehrt; {found.deadline} endete nach damaliger Zählung am {found.recorded}, nach "
        f"heutiger Zählung wäre es der {found.today}",
        f"unchanged; {found.deadline} ended on {found.recorded} as counted then, counted as "
        f"today it would be {found.today}",
    )


__all__ = ["Recounted", "Told", "compare", "described", "tell_again"]
