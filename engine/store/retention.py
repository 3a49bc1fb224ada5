"""Legal holds and what fell due for erasure, each change with its entry, in one transaction.

The strand `retention` numbers them. There stand uids, classes and days alone; the reasons of a
hold are private and can be erased like every other text.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, and_, delete, insert, literal, select, update

from engine.core.calendar import local_day
from engine.core.case import Measure
from engine.core.meanings import FileClass
from engine.core.retention import Term
from engine.store import values
from engine.store.chains import Chains
from engine.store.roster import By, put
from engine.store.tables import CaseRow, EntryRow, ErasureRow, HoldRow, PersonRow, TenureRow
from engine.store.tables.base import table

RETENTION = "retention"
"""The strand of holds and erasures."""

HOLD_SET, HOLD_LIFTED = "hold_set", "hold_lifted"
DUE, DROPPED, PROPOSED, ERASED = "erasure_due", "erasure_dropped", "erasure_proposed", "erased"
"""The types of the entries."""

_HOLD = table(HoldRow)
_ERASURE = table(ErasureRow)
_CASE = table(CaseRow)
_ENTRY = table(EntryRow)
_PERSON = table(PersonRow)
_TENURE = table(TenureRow)


@dataclass(frozen=True, slots=True)
class Hold:
    """A legal hold on a case; it stands until it is lifted."""

    uid: str
    case: str
    number: str
    reason: str
    set_by: str
    set_at: datetime
    lifted_by: str | None = None
    lifted_at: datetime | None = None
    lifted_reason: str | None = None

    @property
    def stands(self) -> bool:
        """Whether nothing of the case may be erased because of it."""
        return self.lifted_at is None


@dataclass(frozen=True, slots=True)
class Erasure:
    """What fell due, of a case or a person by its uid: `due`, `proposed`, then `erased`."""

    subject: str
    what: FileClass
    state: str
    provision: str
    kept_until: date
    due_since: datetime
    proposed_by: str | None = None
    proposed_at: datetime | None = None
    released_by: str | None = None
    erased_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Closed:
    """A case that has come to its end, and the instant of its last entry."""

    uid: str
    number: str
    measure: Measure
    last_at: datetime

    @property
    def since(self) -> date:
        """The local day from which its retention counts."""
        return local_day(self.last_at)


class Retentions:
    """Holds and erasures of the database, within one transaction."""

    def __init__(self, connection: Connection, chains: Chains) -> None:
        self._connection = connection
        self._chains = chains

    def closed(
        self, states: Iterable[str], before: datetime, uid: str | None = None
    ) -> Iterator[Closed]:
        """Yield the cases in one of these states whose last entry was made before an instant.

        All of them, or the one of that uid.
        """
        last = and_(
            _ENTRY.c.stream == literal("case/").concat(_CASE.c.uid),
            _ENTRY.c.seq == _CASE.c.version,
        )
        columns = (_CASE.c.uid, _CASE.c.number, _ENTRY.c.recorded_at)
        found = select(*columns, *(_CASE.c[name] for name in values.MEASURE))
        found = found.select_from(_CASE.join(_ENTRY, last))
        found = found.where(_CASE.c.state.in_(sorted(states)), _ENTRY.c.recorded_at < before)
        if uid is not None:
            found = found.where(_CASE.c.uid == uid)
        for one, number, at, *measured in self._connection.execute(found.order_by(_CASE.c.id)):
            yield Closed(one, number, values.measure(tuple(measured)), at)

    def leavers(self, today: date) -> dict[str, date]:
        """Return the last day in any office of everybody who holds none any more, by uid.

        Who never held one left on no day and is not among them; nor is who has no name left.
        """
        found = select(_PERSON.c.uid, _TENURE.c.until)
        found = found.join(_TENURE, _TENURE.c.person == _PERSON.c.uid).where(_PERSON.c.name != "")
        ends: dict[str, date | None] = {}
        for person, until in self._connection.execute(found):
            known = ends.get(person, date.min)
            ends[person] = None if until is None or known is None else max(until, known)
        return {p: end for p, end in ends.items() if end is not None and end < today}

    # Holds

    def lock(self, case: str) -> None:
        """Let nobody else hold or release a case until this transaction ends.

        On SQLite one writes at a time anyway; elsewhere a hold could come between the look
        at the holds and the erasing.
        """
        found = select(_CASE.c.id).where(_CASE.c.uid == case).with_for_update()
        self._connection.execute(found)

    def holds(self, case: str | None = None) -> list[Hold]:
        """Return the holds of one case by its uid, or of all, the newest first."""
        c = _HOLD.c
        columns = (c.reason, c.set_by, c.set_at, c.lifted_by, c.lifted_at, c.lifted_reason)
        found = select(c.uid, _CASE.c.uid, _CASE.c.number, *columns)
        found = found.join(_CASE, _CASE.c.id == c.case_id).order_by(c.set_at.desc(), c.uid.desc())
        if case is not None:
            found = found.where(_CASE.c.uid == case)
        return [Hold(*row) for row in self._connection.execute(found)]

    def set_hold(self, hold: Hold, by: By) -> None:
        """Keep a new hold with its entry."""
        row = {
            "uid": hold.uid,
            "case_id": select(_CASE.c.id).where(_CASE.c.uid == hold.case).scalar_subquery(),
            "reason": hold.reason,
            "set_by": hold.set_by,
            "set_at": hold.set_at,
        }
        self._connection.execute(insert(_HOLD).values(row))
        self._enter(by, HOLD_SET, {"case": hold.case, "hold": hold.uid}, hold.reason)

    def lift(self, hold: Hold, reason: str, by: By) -> None:
        """Lift a hold, with its entry."""
        new = {"lifted_by": by.actor, "lifted_at": by.recorded_at, "lifted_reason": reason}
        self._connection.execute(update(_HOLD).where(_HOLD.c.uid == hold.uid).values(new))
        self._enter(by, HOLD_LIFTED, {"case": hold.case, "hold": hold.uid}, reason)

    # Erasures

    def erasures(self, subject: str | None = None) -> list[Erasure]:
        """Return what fell due of one subject, or of all, the longest due first."""
        columns = (_ERASURE.c[name] for name in _COLUMNS)
        found = select(*columns).order_by(
            _ERASURE.c.kept_until, _ERASURE.c.subject, _ERASURE.c.file_class
        )
        if subject is not None:
            found = found.where(_ERASURE.c.subject == subject)
        return [_erasure(row) for row in self._connection.execute(found)]

    def open(self) -> list[Erasure]:
        """Return what is due or proposed and not erased, the longest due first."""
        columns = (_ERASURE.c[name] for name in _COLUMNS)
        found = select(*columns).where(_ERASURE.c.state != "erased")
        found = found.order_by(_ERASURE.c.kept_until, _ERASURE.c.subject, _ERASURE.c.file_class)
        return [_erasure(row) for row in self._connection.execute(found)]

    def fall_due(self, subject: str, term: Term, by: By, part: int) -> None:
        """Keep that something of a subject need not be kept any more, with its entry."""
        new = {
            "state": "due",
            "provision": term.provision.id,
            "kept_until": term.until,
            "due_since": by.recorded_at,
            "proposed_by": None,
            "proposed_at": None,
            "released_by": None,
            "erased_at": None,
        }
        put(self._connection, _ERASURE, {"subject": subject, "file_class": term.what.value}, new)
        plain = {
            "subject": subject,
            "class": term.what.value,
            "provision": term.provision.id,
            "since": term.since.isoformat(),
            "until": term.until.isoformat(),
        }
        self._enter(by, DUE, plain, part=part)

    def drop(self, erasure: Erasure, by: By, part: int) -> None:
        """Forget that something was due which is to be kept again, with its entry."""
        self._connection.execute(delete(_ERASURE).where(*_same(erasure)))
        self._enter(by, DROPPED, _named(erasure), part=part)

    def propose(self, erasure: Erasure, by: By, part: int) -> None:
        """Keep that somebody has examined what is due and proposes to erase it."""
        new = {"state": "proposed", "proposed_by": by.actor, "proposed_at": by.recorded_at}
        self._connection.execute(update(_ERASURE).where(*_same(erasure)).values(new))
        self._enter(by, PROPOSED, _named(erasure), part=part)

    def erased(self, erasure: Erasure, by: By, plain: Mapping[str, Any], part: int) -> None:
        """Keep that something was erased; `plain` counts what went and what had to stay."""
        new = {"state": "erased", "released_by": by.actor, "erased_at": by.recorded_at}
        self._connection.execute(update(_ERASURE).where(*_same(erasure)).values(new))
        said = {**_named(erasure), "proposed_by": erasure.proposed_by, **plain}
        self._enter(by, ERASED, said, part=part)

    def _enter(
        self, by: By, type_: str, plain: Mapping[str, Any], reason: str = "", part: int = 0
    ) -> None:
        private = {"reason": reason} if reason else {}
        self._chains.enter(by.line(RETENTION, type_, plain, private, part))


_COLUMNS = (
    "subject",
    "file_class",
    "state",
    "provision",
    "kept_until",
    "due_since",
    "proposed_by",
    "proposed_at",
    "released_by",
    "erased_at",
)


def _erasure(row: Any) -> Erasure:
    subject, what, *rest = row
    return Erasure(subject, FileClass(what), *rest)


def _same(erasure: Erasure) -> tuple[Any, Any]:
    return _ERASURE.c.subject == erasure.subject, _ERASURE.c.file_class == erasure.what.value


def _named(erasure: Erasure) -> dict[str, Any]:
    return {"subject": erasure.subject, "class": erasure.what.value}
