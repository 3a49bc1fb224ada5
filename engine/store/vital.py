"""What waits longest: the queries behind health, on their own and not those of the worker.

They ask the rows themselves, so a worker that overlooks something is found out by them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, Table, and_, func, literal_column, or_, select

from engine.core.workflow import CLOCK
from engine.store.tables import CaseRow, DeadlineRow, MessageRow, NoticeRow, RungRow
from engine.store.tables.base import table

_CASE = table(CaseRow)
_DEADLINE = table(DeadlineRow)
_RUNG = table(RungRow)
_MESSAGE = table(MessageRow)
_NOTICE = table(NoticeRow)

_UNDER_WAY = ("ready", "sending", "unsure")
_SERVICE_GONE = 421


@dataclass(frozen=True, slots=True)
class Waiting:
    """Since when something has been waiting, None for nothing; and how much is there at all.

    `due` is the oldest deadline or rung that nothing has come of, `mail` the oldest letter that
    has not left although no mailbox has put it off.
    """

    due: datetime | None
    mail: datetime | None
    running: int
    messages: dict[str, int]
    notices: dict[str, int]


@dataclass(frozen=True, slots=True)
class Overdue:
    """A deadline, or a rung of it by its number (0: its own end), that is due without an outcome.

    `name` is the deadline's key as the log writes it: participation, name, generation.
    """

    case: str
    name: str
    rung: int
    due: datetime


def overdue(connection: Connection, before: datetime, limit: int | None = None) -> list[Overdue]:
    """Return what was due before an instant and is still without an outcome, the oldest first."""
    d, r = _DEADLINE.c, _RUNG.c
    names = (_CASE.c.uid, d.participation, d.name, d.generation)
    ends = select(*names, literal_column("0"), d.ends_at).join(_CASE, _CASE.c.id == d.case_id)
    ends = ends.where(d.status == "running", d.ends_at < before).order_by(d.ends_at).limit(limit)
    mine = and_(d.case_id == r.case_id, d.place == r.place)
    rungs = select(*names, r.number, r.due_at).join(_RUNG, mine)
    rungs = rungs.join(_CASE, _CASE.c.id == d.case_id)
    rungs = rungs.where(r.state == "waiting", r.due_at < before).order_by(r.due_at).limit(limit)
    found = [
        Overdue(case, f"{participation}:{name}:{generation}", number, due)
        for asked in (ends, rungs)
        for case, participation, name, generation, number, due in connection.execute(asked)
    ]
    return sorted(found, key=lambda row: (row.due, row.case, row.name, row.rung))[:limit]


def waiting(connection: Connection, now: datetime, *, held: bool) -> Waiting:
    """Return what waits at `now`; letters of the clock that are `held` on purpose do not count."""
    running = select(func.count()).select_from(_DEADLINE).where(_DEADLINE.c.status == "running")
    return Waiting(
        _first(connection, _past_deadline(now), _past_rung(now)),
        _first(connection, _unsent(), _uncomposed(now, held)),
        int(connection.execute(running).scalar_one()),
        _counts(connection, _MESSAGE),
        _counts(connection, _NOTICE),
    )


def _first(connection: Connection, *asked: Select[Any]) -> datetime | None:
    found: list[datetime | None] = [connection.execute(one).scalar_one() for one in asked]
    return min((at for at in found if at is not None), default=None)


def _past_deadline(now: datetime) -> Select[Any]:
    c = _DEADLINE.c
    return select(func.min(c.ends_at, type_=c.ends_at.type)).where(
        c.status == "running", c.ends_at <= now
    )


def _past_rung(now: datetime) -> Select[Any]:
    c = _RUNG.c
    return select(func.min(c.due_at, type_=c.due_at.type)).where(
        c.state == "waiting", c.due_at <= now
    )


def _unsent() -> Select[Any]:
    """Mails that nobody has answered for themselves: the way out is blocked, or nobody sends.

    One that a mailbox has put off (4xx) waits as it should.
    """
    c = _MESSAGE.c
    blocked = or_(c.last_code.is_(None), c.last_code >= 500, c.last_code == _SERVICE_GONE)
    oldest = func.min(c.created_at, type_=c.created_at.type)
    return select(oldest).where(c.state.in_(_UNDER_WAY), blocked)


def _uncomposed(now: datetime, held: bool) -> Select[Any]:
    c = _NOTICE.c
    oldest = func.min(c.not_before, type_=c.not_before.type)
    found = select(oldest).where(c.state == "open", c.not_before <= now)
    return found.where(c.key.not_like(f"{CLOCK}:%")) if held else found


def _counts(connection: Connection, of: Table) -> dict[str, int]:
    state = of.c.state
    rows = connection.execute(select(state, func.count()).group_by(state))
    return {str(name): int(count) for name, count in rows}
