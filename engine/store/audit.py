"""What the legal office counts and lists: by columns, never case by case.

Everything here only reads. A page may ask it however many cases there are; where a whole
table is counted, the docstring says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import orjson
from sqlalchemy import Connection, String, and_, func, or_, select, type_coerce
from sqlalchemy.sql.elements import ColumnElement

from engine.core.case import FindingState
from engine.core.meanings import Source
from engine.store.tables import (
    CaseRow,
    DeadlineRow,
    EntryRow,
    FindingRow,
    ParticipationRow,
    RungRow,
    StrandRow,
)
from engine.store.tables.base import table

_CASE = table(CaseRow)
_PART = table(ParticipationRow)
_DEADLINE = table(DeadlineRow)
_RUNG = table(RungRow)
_ENTRY = table(EntryRow)
_FINDING = table(FindingRow)
_STRAND = table(StrandRow)

CLOCK_DRIFT = timedelta(hours=2)
"""How far the clock may have jumped back and a day's lines are still found (`recorded`)."""

_MANY = 400
"""How many names one statement takes; every database here takes more."""


@dataclass(frozen=True, slots=True)
class Span:
    """The cases registered from `since` to `until`, both inclusive; None is no bound."""

    since: date | None = None
    until: date | None = None


ALL = Span()


@dataclass(frozen=True, slots=True)
class Counted:
    """How many deadlines are alike: of which workflow, whose, how they ended, whether done.

    `pin` is the workflow that they belong to; `office` takes part, and is empty for a
    deadline of the case itself. `before` says that they had ended when the case was registered.
    """

    lead: str
    office: str
    pin: str
    name: str
    status: str
    done: bool
    before: bool
    month: str
    count: int


@dataclass(frozen=True, slots=True)
class Overdue:
    """A deadline that has ended while what is owed is not done."""

    number: str
    title: str
    lead: str
    pin: str
    participation: str
    name: str
    generation: int
    owner: str
    last_day: date


@dataclass(frozen=True, slots=True)
class FindingLine:
    """One line of the register of findings; `pins` are the workflows that may name it."""

    number: str
    uid: str
    title: str
    lead: str
    finding: int
    kind: str
    rank: Source | None
    found_on: date
    state: FindingState
    office: str | None
    pins: tuple[str, ...]
    row: int


@dataclass(frozen=True, slots=True)
class Registered:
    """A case of a population: what a sample or a report names of it."""

    number: str
    title: str
    lead: str
    registered_on: date


@dataclass(frozen=True, slots=True)
class Subject:
    """What a strand of a case is about: its number, title and the workflows of its parts.

    `parts` maps the key of a participation to its office and workflow; the case is ''.
    """

    number: str
    title: str
    lead: str
    parts: dict[str, tuple[str, str]]


class Audit:
    """Reads for the legal office, within one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def newest(self) -> int:
        """Return the id of the newest entry, 0 if there is none: what figures depend on."""
        found = select(func.max(_ENTRY.c.id))
        return int(self._connection.execute(found).scalar() or 0)

    def deadlines(self, span: Span = ALL) -> list[Counted]:
        """Return how many deadlines of the cases of a span are alike; reads all of theirs.

        Generations that were replaced do not count.
        """
        c = _DEADLINE.c
        columns = (
            _CASE.c.lead,
            func.coalesce(_PART.c.office, "").label("office"),
            func.coalesce(_PART.c.workflow, _CASE.c.workflow).label("pin"),
            c.name,
            c.status,
            c.closed_on.is_not(None).label("done"),
            (c.last_day < _CASE.c.registered_on).label("before"),
            func.substr(type_coerce(_CASE.c.registered_on, String), 1, 7).label("month"),
        )
        found = select(*columns, func.count()).select_from(_deadlines())
        found = found.where(c.status != "void", *_within(span)).group_by(*columns)
        return [
            Counted(r[0], r[1], r[2], r[3], r[4], bool(r[5]), bool(r[6]), r[7] or "", int(r[8]))
            for r in self._connection.execute(found)
        ]

    def overdue(self, limit: int = 50) -> list[Overdue]:
        """Return deadlines that have ended while what is owed is not done, the oldest first."""
        c = _DEADLINE.c
        pin = func.coalesce(_PART.c.workflow, _CASE.c.workflow)
        found = select(
            _CASE.c.number,
            _CASE.c.title,
            _CASE.c.lead,
            pin,
            c.participation,
            c.name,
            c.generation,
            c.owner,
            c.last_day,
        ).select_from(_deadlines())
        found = found.where(c.status == "lapsed", c.closed_on.is_(None))
        found = found.order_by(c.last_day, c.case_id, c.place).limit(limit)
        return [Overdue(*row) for row in self._connection.execute(found)]

    def overdue_count(self) -> int:
        """Return how many deadlines have ended while what is owed is not done."""
        c = _DEADLINE.c
        found = select(func.count()).where(c.status == "lapsed", c.closed_on.is_(None))
        return int(self._connection.execute(found).scalar_one())

    def cases_by_lead(self, span: Span = ALL) -> dict[str, int]:
        """Return how many cases of a span each department has the lead in."""
        found = select(_CASE.c.lead, func.count()).where(*_within(span)).group_by(_CASE.c.lead)
        return {lead: int(n) for lead, n in self._connection.execute(found)}

    def registered(self, span: Span = ALL) -> list[Registered]:
        """Return the cases of a span by number, to draw a sample from."""
        c = _CASE.c
        found = select(c.number, c.title, c.lead, c.registered_on)
        found = found.where(*_within(span), c.registered_on.is_not(None)).order_by(c.number)
        return [Registered(*row) for row in self._connection.execute(found)]

    def findings_by_state(self, span: Span = ALL) -> dict[str, int]:
        """Return how many findings are in each state."""
        found = select(_FINDING.c.state, func.count())
        found = found.select_from(_FINDING.join(_CASE, _CASE.c.id == _FINDING.c.case_id))
        found = found.where(*_within(span)).group_by(_FINDING.c.state)
        return {state: int(n) for state, n in self._connection.execute(found)}

    def findings_by_lead(self, span: Span = ALL) -> dict[str, int]:
        """Return how many findings lie in the cases of each department."""
        found = select(_CASE.c.lead, func.count())
        found = found.select_from(_FINDING.join(_CASE, _CASE.c.id == _FINDING.c.case_id))
        found = found.where(*_within(span)).group_by(_CASE.c.lead)
        return {lead: int(n) for lead, n in self._connection.execute(found)}

    def findings(
        self,
        states: Iterable[str] = (),
        *,
        after: tuple[date, int, int] | None = None,
        limit: int = 50,
    ) -> list[FindingLine]:
        """Return a page of the register, the latest found first.

        `after` is the day, case row and number of the last line of the page before.
        """
        c = _FINDING.c
        found = select(
            _CASE.c.number,
            _CASE.c.uid,
            _CASE.c.title,
            _CASE.c.lead,
            c.number,
            c.kind,
            c.rank,
            c.found_on,
            c.state,
            _PART.c.office,
            _CASE.c.workflow,
            _PART.c.workflow,
            c.case_id,
        ).select_from(_findings())
        wanted = sorted(states)
        if wanted:
            found = found.where(c.state.in_(wanted))
        if after is not None:
            day, case, number = after
            same = and_(
                c.found_on == day, or_(c.case_id < case, and_(c.case_id == case, c.number < number))
            )
            found = found.where(or_(c.found_on < day, same))
        found = found.order_by(c.found_on.desc(), c.case_id.desc(), c.number.desc()).limit(limit)
        return [_finding_line(row) for row in self._connection.execute(found)]

    def headers(self, streams: Iterable[str]) -> Iterator[dict[str, Any]]:
        """Yield what the lines of some strands say, strand by strand in their order."""
        for some in _chunks(sorted(streams)):
            found = select(_ENTRY.c.header).where(_ENTRY.c.stream.in_(some))
            for row in self._connection.execute(found.order_by(_ENTRY.c.stream, _ENTRY.c.seq)):
                yield orjson.loads(row.header)

    def steps(self, types: Iterable[str], span: Span = ALL) -> Iterator[dict[str, Any]]:
        """Yield what the lines of some types say in the cases of a span; reads every line."""
        wanted = sorted(types)
        lines = _ENTRY.join(_CASE, _CASE.c.id == _ENTRY.c.case_id)
        found = select(_ENTRY.c.header, _CASE.c.lead).select_from(lines)
        found = found.where(_ENTRY.c.type.in_(wanted), *_within(span))
        for row in self._connection.execute(found):
            yield {**orjson.loads(row.header), "lead": row.lead}

    def delayed(self, span: Span, beyond: timedelta) -> dict[str, int]:
        """Return in how many cases of each department the clock acted later than `beyond`."""
        late = _RUNG.c.late_by_us > int(beyond.total_seconds() * 1_000_000)
        found = select(_CASE.c.lead, func.count(_CASE.c.id.distinct()))
        found = found.select_from(_RUNG.join(_CASE, _CASE.c.id == _RUNG.c.case_id))
        found = found.where(late, *_within(span)).group_by(_CASE.c.lead)
        return {lead: int(n) for lead, n in self._connection.execute(found)}

    def recorded(self, start: datetime, end: datetime) -> Iterator[tuple[bytes, dict[str, Any]]]:
        """Yield leaf and header of the cases' lines recorded from `start` on and before `end`.

        They lie in the order in which they were recorded, so the ends are found by halving.
        A clock that was set back by less than `CLOCK_DRIFT` hides none. Lines of other strands
        may be older or younger than their neighbours: a training database is set up today and
        played at another time.
        """
        first, last = self._first(start - CLOCK_DRIFT), self._first(end + CLOCK_DRIFT)
        found = select(_ENTRY.c.leaf, _ENTRY.c.header).where(
            _ENTRY.c.id >= first,
            _ENTRY.c.id < last,
            _ENTRY.c.recorded_at >= start,
            _ENTRY.c.recorded_at < end,
            _ENTRY.c.case_id.is_not(None),
        )
        for row in self._connection.execute(found.order_by(_ENTRY.c.id)):
            yield bytes(row.leaf), orjson.loads(row.header)

    def _first(self, moment: datetime) -> int:
        """Return the id from which on lines of cases were recorded at or after a moment."""
        low, high = 1, self.newest() + 1
        while low < high:
            middle = (low + high) // 2
            near = select(_ENTRY.c.id, _ENTRY.c.recorded_at).where(
                _ENTRY.c.id >= middle, _ENTRY.c.case_id.is_not(None)
            )
            row = self._connection.execute(near.order_by(_ENTRY.c.id).limit(1)).first()
            if row is None or row.recorded_at >= moment:
                high = middle
            else:
                low = row.id + 1
        return low

    def subjects(self, uids: Iterable[str]) -> dict[str, Subject]:
        """Return by uid what some cases are about."""
        found: dict[str, Subject] = {}
        for some in _chunks(sorted(uids)):
            c, p = _CASE.c, _PART.c
            rows = select(c.uid, c.number, c.title, c.lead, c.workflow, p.key, p.office, p.workflow)
            rows = rows.select_from(_CASE.outerjoin(_PART, p.case_id == c.id))
            for r in self._connection.execute(rows.where(c.uid.in_(some))):
                held = found.setdefault(r[0], Subject(r[1], r[2], r[3], {"": ("", r[4])}))
                if r[5] is not None:
                    held.parts[r[5]] = (r[6], r[7])
        return found

    def heads(self) -> dict[str, tuple[int, bytes]]:
        """Return number and leaf of the last entry of every strand, as the rows beside say."""
        cases = select(_CASE.c.uid, _CASE.c.version, _CASE.c.head)
        found = {f"case/{u}": (v, bytes(h)) for u, v, h in self._connection.execute(cases)}
        strands = select(_STRAND.c.name, _STRAND.c.seq, _STRAND.c.head)
        return found | {n: (s, bytes(h)) for n, s, h in self._connection.execute(strands)}

    def numbers(self) -> list[str]:
        """Return the numbers of all cases, the oldest first."""
        return list(self._connection.execute(select(_CASE.c.number).order_by(_CASE.c.id)).scalars())


def _deadlines() -> Any:
    part = and_(_PART.c.case_id == _DEADLINE.c.case_id, _PART.c.key == _DEADLINE.c.participation)
    held = _DEADLINE.join(_CASE, _CASE.c.id == _DEADLINE.c.case_id)
    return held.outerjoin(_PART, part)


def _findings() -> Any:
    part = and_(_PART.c.case_id == _FINDING.c.case_id, _PART.c.key == _FINDING.c.participation)
    return _FINDING.join(_CASE, _CASE.c.id == _FINDING.c.case_id).outerjoin(_PART, part)


def _finding_line(row: Any) -> FindingLine:
    number, uid, title, lead, finding, kind, rank, day, state, office, *pins, case = row
    return FindingLine(
        number=number,
        uid=uid,
        title=title,
        lead=lead,
        finding=finding,
        kind=kind,
        rank=None if rank is None else Source(rank),
        found_on=day,
        state=FindingState(state),
        office=office,
        pins=tuple(pin for pin in reversed(pins) if pin is not None),
        row=case,
    )


def _within(span: Span) -> Iterator[ColumnElement[bool]]:
    if span.since is not None:
        yield _CASE.c.registered_on >= span.since
    if span.until is not None:
        yield _CASE.c.registered_on <= span.until


def _chunks(names: list[str]) -> Iterator[list[str]]:
    for begin in range(0, len(names), _MANY):
        yield names[begin : begin + _MANY]
