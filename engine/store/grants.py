"""Grants to read single cases, and every look that they allowed, within one transaction.

What happens to a grant and each look by it are entries of `access/<month>`, the month being
the local one. There stand uids alone; the reason of a grant is private and can be erased.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Select, insert, select, update

from engine.core.calendar import local_day
from engine.core.case import Entry
from engine.core.visibility import Grant
from engine.store.chains import ACCESS, Chains
from engine.store.roster import By
from engine.store.tables import CaseGrantRow, CaseRow, GrantedCaseRow
from engine.store.tables.base import table

_GRANT = table(CaseGrantRow)
_CASE_OF = table(GrantedCaseRow)
_CASE = table(CaseRow)

INSPECTION, EMERGENCY = "inspection", "emergency"
GIVEN, EXTENDED, ENDED, LOOKED = "granted", "extended", "ended", "looked"
"""The types of the entries that grants leave."""


@dataclass(frozen=True, slots=True)
class GrantedCase:
    """A case of a grant, by its uid; `number` is how people name it."""

    uid: str
    number: str
    personnel: bool


@dataclass(frozen=True, slots=True)
class CaseGrant:
    """Leave to read some cases from `given_at` until before `ends_at`, or until it was ended."""

    uid: str
    account: str
    kind: str
    authority: str
    reason: str
    extract: bool
    given_by: str
    given_at: datetime
    ends_at: datetime
    ended_at: datetime | None
    cases: tuple[GrantedCase, ...] = ()

    @property
    def opens(self) -> Iterator[Grant]:
        """The cases as the decision wants them (`core.visibility`)."""
        return (Grant(c.uid, self.extract, c.personnel) for c in self.cases)

    @property
    def over_at(self) -> datetime:
        """The instant from which on it opens nothing."""
        return self.ends_at if self.ended_at is None else min(self.ends_at, self.ended_at)

    def live(self, now: datetime) -> bool:
        """Return whether it opens anything at an instant."""
        return self.given_at <= now < self.over_at


class Grants:
    """The grants of the database, within one transaction."""

    def __init__(self, connection: Connection, chains: Chains) -> None:
        self._connection = connection
        self._chains = chains

    def add(self, grant: CaseGrant, by: By) -> None:
        """Keep a new grant with its entry."""
        row = {name: getattr(grant, name) for name in _COLUMNS}
        self._connection.execute(insert(_GRANT).values(row))
        for case in grant.cases:
            id_ = select(_CASE.c.id).where(_CASE.c.uid == case.uid).scalar_subquery()
            line = {"grant_uid": grant.uid, "case_id": id_, "personnel": case.personnel}
            self._connection.execute(insert(_CASE_OF).values(line))
        plain = {
            "kind": grant.kind,
            "cases": [c.uid for c in grant.cases],
            "personnel": [c.uid for c in grant.cases if c.personnel],
            "extract": grant.extract,
            "ends_at": grant.ends_at.isoformat(),
        }
        self._enter(by, GIVEN, grant, plain, grant.reason)

    def extend(self, grant: CaseGrant, ends_at: datetime, reason: str, by: By) -> None:
        """Let a grant last longer, with its entry."""
        self._set(grant, ends_at=ends_at)
        self._enter(by, EXTENDED, grant, {"ends_at": ends_at.isoformat()}, reason)

    def end(self, grant: CaseGrant, reason: str, by: By) -> None:
        """End a grant before its time, with its entry."""
        self._set(grant, ended_at=by.recorded_at)
        self._enter(by, ENDED, grant, {}, reason)

    def look(self, grant: CaseGrant, case: str, what: str, by: By, **about: str) -> None:
        """Enter a look that a grant allowed: at which case, and at what of it."""
        self._enter(by, LOOKED, grant, {"case": case, "what": what, **about})

    def get(self, uid: str) -> CaseGrant | None:
        """Return a grant, or None."""
        return next(iter(self._read(_grants().where(_GRANT.c.uid == uid))), None)

    def live(self, account: str, now: datetime) -> tuple[CaseGrant, ...]:
        """Return what is granted to an account at an instant."""
        ahead = (_GRANT.c.account == account, _GRANT.c.ends_at > now, _GRANT.c.ended_at.is_(None))
        return tuple(g for g in self._read(_grants().where(*ahead)) if g.live(now))

    def ever(self, account: str) -> bool:
        """Return whether an account was ever one for looking in from outside."""
        same = (_GRANT.c.account == account, _GRANT.c.kind == INSPECTION)
        return self._connection.execute(select(_GRANT.c.uid).where(*same)).first() is not None

    def all(self) -> list[CaseGrant]:
        """Return every grant, the newest first."""
        return self._read(_grants().order_by(_GRANT.c.given_at.desc(), _GRANT.c.uid.desc()))

    def looks(self, grant: CaseGrant, now: datetime) -> list[Entry]:
        """Return the looks that a grant allowed, the newest first."""
        found = [
            entry
            for stream in streams(grant.given_at, min(grant.over_at, now))
            for entry in self._chains.typed(stream, LOOKED)
            if entry.plain["grant"] == grant.uid
        ]
        return found[::-1]

    def _enter(
        self, by: By, type_: str, grant: CaseGrant, plain: Mapping[str, Any], reason: str = ""
    ) -> None:
        said = {"grant": grant.uid, "account": grant.account, **plain}
        private = {"reason": reason} if reason else {}
        self._chains.enter(by.line(stream_of(by.happened_on), type_, said, private))

    def _set(self, grant: CaseGrant, **new: Any) -> None:
        self._connection.execute(update(_GRANT).where(_GRANT.c.uid == grant.uid).values(new))

    def _read(self, found: Select[Any]) -> list[CaseGrant]:
        rows = [CaseGrant(*row) for row in self._connection.execute(found)]
        cases = self._cases(g.uid for g in rows) if rows else {}
        return [replace(g, cases=tuple(cases.get(g.uid, ()))) for g in rows]

    def _cases(self, grants: Iterable[str]) -> dict[str, list[GrantedCase]]:
        c = _CASE_OF.c
        joined = _CASE_OF.join(_CASE, _CASE.c.id == c.case_id)
        found = select(c.grant_uid, _CASE.c.uid, _CASE.c.number, c.personnel).select_from(joined)
        named = found.where(c.grant_uid.in_(list(grants))).order_by(_CASE.c.id)
        cases: dict[str, list[GrantedCase]] = {}
        for grant, *rest in self._connection.execute(named):
            cases.setdefault(grant, []).append(GrantedCase(*rest))
        return cases


def stream_of(day: date) -> str:
    """Return the strand into which a look on a local day is entered.

    >>> stream_of(date(2026, 11, 3))
    'access/2026-11'
    """
    return f"{ACCESS}/{day:%Y-%m}"


def streams(since: datetime, until: datetime) -> Iterator[str]:
    """Yield the strands of the months that a span of time touches, the first one first."""
    day, last = local_day(since).replace(day=1), local_day(until)
    while day <= last:
        yield stream_of(day)
        day = date(day.year + day.month // 12, day.month % 12 + 1, 1)


_COLUMNS = tuple(name for name in CaseGrant.__dataclass_fields__ if name != "cases")


def _grants() -> Select[Any]:
    return select(*(_GRANT.c[name] for name in _COLUMNS))
