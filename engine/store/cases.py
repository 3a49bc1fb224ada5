"""Cases: read whole for an act, listed by columns for a page, found when they fall due."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    Connection,
    Select,
    String,
    and_,
    bindparam,
    exists,
    func,
    literal_column,
    or_,
    select,
    type_coerce,
)
from sqlalchemy.sql.elements import ColumnElement

from engine.core.case import Case, Deadline, Stage
from engine.core.draft import DEMANDED_BY
from engine.core.ledger import microseconds
from engine.core.visibility import PERSONNEL, Actor
from engine.errors import NotFound
from engine.store import values
from engine.store.batch import Batch
from engine.store.statement import Insert, Statement
from engine.store.tables import (
    CaseRow,
    CounterRow,
    DeadlineRow,
    DocumentRow,
    EntryRow,
    FindingRow,
    ParticipationRow,
    RungRow,
)
from engine.store.tables.base import table

_CASE = table(CaseRow)
_PART = table(ParticipationRow)
_DEADLINE = table(DeadlineRow)
_RUNG = table(RungRow)
_DOCUMENT = table(DocumentRow)
_FINDING = table(FindingRow)
_COUNTER = table(CounterRow)
_ENTRY = table(EntryRow)

_COLUMNS = ("id", "head", *values.CASE, *values.MEASURE)
_CUT = 2 + len(values.CASE)
_END = len(_COLUMNS)
PAGE = 50


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a case stands in the database: its row, version and the leaf of its last entry.

    `deadlines` are those that were read, by their place; none if the case was not read.
    """

    row: int
    version: int
    head: bytes
    deadlines: tuple[Deadline, ...] = ()


@dataclass(frozen=True, slots=True)
class CaseLine:
    """One line of a list of cases."""

    number: str
    uid: str
    title: str
    kind: str
    state: str
    lead: str
    municipality: str
    confidentiality: str
    registered_on: date | None
    next_day: date | None


@dataclass(frozen=True, slots=True)
class Staged:
    """A case with the bodies of its Beratungsfolge and their days."""

    number: str
    municipality: str
    stages: tuple[Stage, ...]


@dataclass(frozen=True, slots=True)
class Pinned:
    """A case (`participation` empty) or one of its participations, and what it is pinned to.

    `case_pin` and `case_state` tell where the whole case stands.
    """

    number: str
    uid: str
    participation: str
    pin: str
    state: str
    case_pin: str
    case_state: str


_Rows = tuple[tuple[Any, ...] | None, list[list[tuple[Any, ...]]]]
Page = list[CaseLine]
Uids = list[str]
Numbers = list[str]
Pinnings = list[Pinned]
References = list[tuple[str, str | None, str]]
Stagings = list[Staged]


@dataclass(frozen=True, slots=True)
class Filter:
    """Which cases a list shows; None does not narrow, nor does an empty set of anything but offices.

    `offices` asks for cases in which one of them takes part or has the lead, so none of them
    asks for no case at all; `due_until` for an open deadline that ends by that day; `title`
    for a part of the title; `seen_by` leaves out every case that somebody may not see;
    `granted` all but those that her grants open, whatever her offices show.
    """

    states: frozenset[str] = frozenset()
    leads: frozenset[str] = frozenset()
    municipalities: frozenset[str] = frozenset()
    confidentiality: frozenset[str] = frozenset()
    offices: frozenset[str] | None = None
    due_until: date | None = None
    title: str = ""
    seen_by: Actor | None = None
    granted: Actor | None = None


def _by(column: str, *, locked: bool) -> Statement:
    def build(_: Insert) -> Select[Any]:
        found = select(*(_CASE.c[c] for c in _COLUMNS)).where(_CASE.c[column] == bindparam(column))
        return found.with_for_update() if locked else found

    return Statement(build, column)


def _noting(column: str) -> Statement:
    """Return the statement that reads a case's row and which sorts of part it has at all."""

    def build(_: Insert) -> Select[Any]:
        there = (exists().where(part.c.case_id == _CASE.c.id) for part in _SORTS)
        found = select(*(_CASE.c[c] for c in _COLUMNS), *there)
        return found.where(_CASE.c[column] == bindparam(column))

    return Statement(build, column)


def _parts(part: Any, columns: tuple[str, ...], order: tuple[str, ...]) -> dict[str, Statement]:
    def by(column: str) -> Statement:
        def build(_: Insert) -> Select[Any]:
            case: Any = bindparam(column)
            if column != "id":
                case = select(_CASE.c.id).where(_CASE.c[column] == case).scalar_subquery()
            found = select(*(part.c[c] for c in columns)).where(part.c.case_id == case)
            if part is _RUNG:
                found = found.where(part.c.state == literal_column("'waiting'"))
            return found.order_by(*(part.c[c] for c in order))

        return Statement(build, column)

    return {column: by(column) for column in ("number", "uid", "id")}


_CASES = {(c, locked): _by(c, locked=locked) for c in ("number", "uid") for locked in (True, False)}
_SORTS = (_PART, _DEADLINE, _RUNG, _DOCUMENT, _FINDING)
_NOTING = {c: _noting(c) for c in ("number", "uid")}
_PARTS = (
    _parts(_PART, values.PARTICIPATION, ("place",)),
    _parts(_DEADLINE, values.DEADLINE_READ, ("place",)),
    _parts(_RUNG, ("place", "number", "due_at"), ("place", "number")),
    _parts(_DOCUMENT, values.DOCUMENT, ("place",)),
    _parts(_FINDING, values.FINDING, ("number",)),
)


def _next_number(insert: Insert) -> Any:
    new = insert(_COUNTER).values(name=bindparam("name"), value=literal_column("1"))
    more = new.on_conflict_do_update(
        index_elements=["name"], set_={"value": _COUNTER.c.value + literal_column("1")}
    )
    return more.returning(_COUNTER.c.value)


_NUMBER = Statement(_next_number, "name")


def _due(part: Any, at: str, where: str, *, locked: bool) -> Statement:
    """Return the statement that finds the first cases with a due row of `part`.

    On PostgreSQL the rows of cases that another worker holds are passed over before the
    limit counts, so two workers never wait for each other nor take the same case.
    """
    moment = part.c[at]

    def build(_: Insert) -> Any:
        found = (
            select(_CASE.c.uid, moment)
            .select_from(part.join(_CASE, part.c.case_id == _CASE.c.id))
            .where(literal_column(f"{part.name}.{where}"), moment <= bindparam("now"))
            .order_by(moment)
            .limit(bindparam("most"))
            .offset(literal_column("0"))
        )
        if not locked:
            return found
        # Locked rows must be passed over before the limit counts, in one place only.
        claimed = found.with_for_update(of=_CASE, skip_locked=True)
        return select(claimed.cte("claimed").prefix_with("MATERIALIZED"))

    return Statement(build, "now", "most")


_DUE = {
    locked: (
        _due(_DEADLINE, "ends_at", "status = 'running'", locked=locked),
        _due(_RUNG, "due_at", "state = 'waiting'", locked=locked),
    )
    for locked in (True, False)
}


class Cases:
    """The cases of the database, within one transaction."""

    def __init__(self, batch: Batch, connection: Connection) -> None:
        self._batch = batch
        self._connection = connection
        self.standing: dict[str, Standing] = {}

    def get(self, number: str) -> Case:
        """Return the case of that number, locked until the end of a writing transaction.

        Raises NotFound.
        """
        found = self._read("number", number)
        if found is None:
            raise NotFound(
                f"Der Vorgang {number} ist nicht bekannt. Alle Vorgänge zeigt: case list.",
                f"The case {number} is not known. 'case list' shows all cases.",
            )
        return found

    def by_uid(self, uid: str) -> Case:
        """Return the case of that uid, locked as by `get`; raises NotFound."""
        found = self._read("uid", uid)
        if found is None:
            raise NotFound(
                f"Es gibt keinen Vorgang mit der Kennung {uid}.",
                f"There is no case with uid {uid}.",
            )
        return found

    def find(self, number: str) -> Case | None:
        """Return the case of that number, locked as by `get`, or None."""
        return self._read("number", number)

    def next_number(self, year: int) -> str:
        """Return the next free case number of a year, such as `V-2026-0001`.

        It is given back if the transaction is: numbers have no gaps.
        """
        [(last,)] = self._batch.ask(_NUMBER, (f"case/{year}",)).fetchall()
        return f"V-{year}-{last:04}"

    def due(self, now: datetime, limit: int = 100) -> Uids:
        """Return the uids of the cases where something is due, what was due first first.

        Looks at the `limit` earliest due rows. In a writing transaction on PostgreSQL the
        cases are locked, and those that another worker holds are passed over.
        """
        locked = self._batch.writing
        bound = (microseconds(now), limit)
        rows: list[tuple[int, str]] = []
        for statement in _DUE[locked]:
            rows += [(at, uid) for uid, at in self._batch.ask(statement, bound).fetchall()]
        rows.sort()
        return list(dict.fromkeys(uid for _, uid in rows[:limit]))

    def list(
        self, only: Filter | None = None, *, after: str | None = None, limit: int = PAGE
    ) -> Page:
        """Return a page of cases, the newest first, beginning behind the number `after`.

        Costs what the page costs, however many cases there are: each way in which somebody
        can have to do with a case is followed along its own index, and the ways are merged.
        """
        only = only or Filter()
        before = None if after is None else self._row(after)
        found: set[int] = set()
        for way in _ways(only):
            id_ = way.selected_columns[0]
            newest = way.order_by(id_.desc()).limit(limit)
            behind = newest if before is None else newest.where(id_ < before)
            found.update(row[0] for row in self._connection.execute(behind))
        ids = sorted(found, reverse=True)[:limit]
        lines = select(*_LINE).where(_CASE.c.id.in_(ids)).order_by(_CASE.c.id.desc())
        return self._page(lines)

    def _row(self, number: str) -> int:
        found = self._connection.execute(select(_CASE.c.id).where(_CASE.c.number == number))
        row = found.fetchone()
        return 0 if row is None else int(row[0])

    def upcoming(
        self,
        only: Filter | None = None,
        *,
        after: tuple[date, str] | None = None,
        limit: int = PAGE,
    ) -> Page:
        """Return a page of cases with an open deadline, the earliest last day first.

        `after` is the day and number of the last line of the page before.
        """
        found = self._lines(only or Filter()).where(_CASE.c.next_day.is_not(None))
        if after is not None:
            day, number = after
            row = select(_CASE.c.id).where(_CASE.c.number == number).scalar_subquery()
            later = (_CASE.c.next_day == day) & (_CASE.c.id > row)
            found = found.where(_CASE.c.next_day >= day, or_(_CASE.c.next_day > day, later))
        return self._page(found.order_by(_CASE.c.next_day, _CASE.c.id).limit(limit))

    def references(self, newest: int | None = None) -> References:
        """Return number, reference and title of every case, for matching what is imported.

        With `newest` only of so many, the newest first.
        """
        c = _CASE.c
        found = select(c.number, c.reference, c.title)
        found = found.order_by(c.id) if newest is None else found.order_by(c.id.desc())
        rows = self._connection.execute(found.limit(newest))
        return [(row.number, row.reference, row.title) for row in rows]

    def before_body(self, body: str, municipality: str) -> Numbers:
        """Return the numbers of the cases whose Beratungsfolge names a body, oldest first.

        Reads the stages of every case of the municipality: for a deed on a sitting, not
        for a page.
        """
        text = type_coerce(_CASE.c.measure, String)
        named = text.contains(values.json_text(body), autoescape=True)
        found = select(_CASE.c.number).where(_CASE.c.municipality == municipality, named)
        return [row.number for row in self._connection.execute(found.order_by(_CASE.c.id))]

    def at_sitting(self, body: str, municipality: str, day: date) -> Numbers:
        """Return the numbers of the cases that name a body and a day, oldest first.

        The two may belong to different stages: whoever reads the case looks again.
        """
        text = type_coerce(_CASE.c.measure, String)
        named = (
            text.contains(values.json_text(word), autoescape=True)
            for word in (body, day.isoformat())
        )
        found = select(_CASE.c.number).where(_CASE.c.municipality == municipality, *named)
        return [row.number for row in self._connection.execute(found.order_by(_CASE.c.id))]

    def staged(self, only: Filter) -> Stagings:
        """Return the cases that a filter picks with their Beratungsfolge, oldest first.

        Reads no case whole, but every row that the filter looks at.
        """
        columns = (_CASE.c[c] for c in values.MEASURE)
        found = select(_CASE.c.number, *columns).where(*_conditions(only)).order_by(_CASE.c.id)
        rows = ((row[0], values.measure(tuple(row[1:]))) for row in self._connection.execute(found))
        return [Staged(number, m.municipality, m.stages) for number, m in rows]

    def active(self, offices: Iterable[str], since: date, until: date) -> Numbers:
        """Return the cases of offices in which something happened in a span of days, by number.

        They take part or demand to; both days are inclusive; the oldest case is first.
        """
        wanted = sorted(offices)
        part = exists().where(_PART.c.case_id == _CASE.c.id, _PART.c.office.in_(wanted))
        line = exists().where(
            _ENTRY.c.stream == literal_column("'case/'").op("||")(_CASE.c.uid),
            _ENTRY.c.happened_on.between(since, until),
        )
        found = (
            select(_CASE.c.number).where(or_(part, *_demanded(wanted)), line).order_by(_CASE.c.id)
        )
        return [row.number for row in self._connection.execute(found)]

    def states(self, only: Filter | None = None) -> Mapping[str, int]:
        """Return how many cases are in each state; reads every case that the filter picks."""
        found = select(_CASE.c.state, func.count()).where(*_conditions(only or Filter()))
        return {name: int(n) for name, n in self._connection.execute(found.group_by(_CASE.c.state))}

    def pinned(self, pins: Iterable[str]) -> Pinnings:
        """Return what is pinned to one of these versions, closed cases too, oldest case first.

        Of a participation only its newest round: the rounds before it are over.
        """
        wanted = sorted(pins)
        k, p = _CASE.c, _PART.c
        later = _PART.alias()
        newer = exists().where(
            later.c.case_id == p.case_id,
            later.c.office == p.office,
            later.c.form == p.form,
            later.c.round > p.round,
        )
        cases = select(
            k.number, k.uid, literal_column("''"), k.workflow, k.state, k.workflow, k.state
        )
        parts = select(k.number, k.uid, p.key, p.workflow, p.state, k.workflow, k.state)
        found = (
            cases.where(k.workflow.in_(wanted)).order_by(k.id),
            parts.select_from(_PART.join(_CASE, p.case_id == k.id))
            .where(p.workflow.in_(wanted), ~newer)
            .order_by(k.id, p.place),
        )
        return [Pinned(*row) for one in found for row in self._connection.execute(one)]

    def _lines(self, only: Filter) -> Select[Any]:
        return select(*_LINE).where(*_conditions(only))

    def _page(self, found: Select[Any]) -> Page:
        return [CaseLine(*row) for row in self._connection.execute(found)]

    def _read(self, column: str, value: str) -> Case | None:
        rows = self._together if self._batch.travels else self._one_by_one
        row, parts = rows(column, value)
        if row is None:
            return None
        found = values.case(row[2:_CUT], row[_CUT:_END], *parts)
        self.standing[found.uid] = Standing(row[0], found.version, row[1], found.deadlines)
        return found

    def _together(self, column: str, value: str) -> _Rows:
        """Ask for all of a case in one round trip."""
        bound = (value,)
        ask = self._batch.ask
        with self._batch.together():
            # The row first: what hangs on the case is read once the lock is held.
            head = ask(_CASES[column, self._batch.writing], bound)
            parts = [ask(statement[column], bound) for statement in _PARTS]
        return head.fetchone(), [cursor.fetchall() for cursor in parts]

    def _one_by_one(self, column: str, value: str) -> _Rows:
        """Ask for a case's row, then for those sorts of part that it has."""
        ask = self._batch.ask
        row = ask(_NOTING[column], (value,)).fetchone()
        if row is None:
            return None, []
        bound = (row[0],)
        there = zip(_PARTS, row[_END:], strict=True)
        return row, [ask(part["id"], bound).fetchall() if any_ else [] for part, any_ in there]


_LINE = tuple(_CASE.c[name] for name in CaseLine.__dataclass_fields__)


def _ways(only: Filter) -> Iterator[Select[Any]]:
    """Yield selections of case ids that together are what a filter picks, each along one index.

    One condition with OR would make the database look at every case for somebody who has to
    do with few of them.
    """
    conditions = list(_conditions(replace(only, offices=None)))
    if only.offices is not None:
        yield from _having_part(only.offices, only.offices, conditions)
    elif only.seen_by is not None:
        actor = only.seen_by
        conditions = list(_conditions(replace(only, seen_by=None)))
        if actor.watches:
            watched = _CASE.c.confidentiality.in_(sorted(actor.watches))
            yield select(_CASE.c.id).where(watched, *conditions)
        yield from _having_part(actor.leads, actor.offices, conditions)
    else:
        yield select(_CASE.c.id).where(*conditions)


def _having_part(
    leads: Iterable[str], offices: Iterable[str], conditions: list[ColumnElement[bool]]
) -> Iterator[Select[Any]]:
    for lead in sorted(leads):
        yield select(_CASE.c.id).where(_CASE.c.lead == lead, *conditions)
    for office in sorted(offices):
        joined = _PART.join(_CASE, _PART.c.case_id == _CASE.c.id)
        mine = select(_PART.c.case_id).select_from(joined)
        yield mine.where(_PART.c.office == office, *conditions)


def _conditions(only: Filter) -> Iterable[ColumnElement[bool]]:
    for column in ("state", "lead", "municipality", "confidentiality"):
        wanted = getattr(only, _FIELDS[column])
        if wanted:
            yield _CASE.c[column].in_(sorted(wanted))
    if only.offices is not None:
        offices = sorted(only.offices)
        part = exists().where(_PART.c.case_id == _CASE.c.id, _PART.c.office.in_(offices))
        yield or_(_CASE.c.lead.in_(offices), part)
    if only.due_until is not None:
        yield _CASE.c.next_day <= only.due_until
    if only.title:
        yield _CASE.c.title.icontains(only.title, autoescape=True)
    if only.seen_by is not None:
        yield _visible(only.seen_by)
    if only.granted is not None:
        yield _granted(only.granted)


def _granted(actor: Actor) -> ColumnElement[bool]:
    """Return the condition that `visibility.granted` is, for rows."""
    plain = _CASE.c.uid.in_(sorted(g.case for g in actor.grants))
    named = _CASE.c.uid.in_(sorted(g.case for g in actor.grants if g.personnel))
    return or_(and_(plain, _CASE.c.confidentiality != PERSONNEL), named)


def _visible(actor: Actor) -> ColumnElement[bool]:
    """Return the condition that `visibility.sees` is, for rows."""
    mine = exists().where(_PART.c.case_id == _CASE.c.id, _PART.c.office.in_(actor.offices))
    watched = _CASE.c.confidentiality.in_(sorted(actor.watches))
    return or_(watched, _CASE.c.lead.in_(sorted(actor.leads)), mine, *_demanded(actor.offices))


def _demanded(offices: Iterable[str]) -> Iterable[ColumnElement[bool]]:
    """Yield for each office the condition that it was the one to demand to take part."""
    given = type_coerce(_CASE.c.given, String)
    for office in sorted(offices):
        said = values.json_text({DEMANDED_BY: office})[1:-1]
        yield given.contains(said, autoescape=True)


_FIELDS = {
    "state": "states",
    "lead": "leads",
    "municipality": "municipalities",
    "confidentiality": "confidentiality",
}
