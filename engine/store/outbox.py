"""Notices that are owed, finished messages, and who is just sending which (RELIABILITY 2.6).

A message goes `ready -> sending (claimed, then data) -> accepted`, or ends `dead`, `unsure`
or `cancelled`. `attempts` is the fencing number: a worker whose lease ran out may come back
from the dead, but can finish nothing any more.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

import orjson
from sqlalchemy import (
    Connection,
    Select,
    func,
    insert,
    literal_column,
    or_,
    select,
    update,
)
from sqlalchemy.sql.elements import ColumnElement

from engine.core.case import Notice
from engine.core.workflow import CLOCK
from engine.errors import InputError, NotFound
from engine.store.batch import Batch
from engine.store.keep import write_notice_once
from engine.store.tables import (
    AttemptRow,
    CaseRow,
    MessageNoticeRow,
    MessageRow,
    NoticeRow,
)
from engine.store.tables.base import table

_NOTICE = table(NoticeRow)
_MESSAGE = table(MessageRow)
_LINK = table(MessageNoticeRow)
_ATTEMPT = table(AttemptRow)
_CASE = table(CaseRow)

_READY: ColumnElement[bool] = literal_column("message.state = 'ready'")
_SENDING: ColumnElement[bool] = literal_column("message.state = 'sending'")
_IDLE_OR_SENDING = _MESSAGE.c.state.in_(("ready", "sending", "unsure"))
_OPEN: ColumnElement[bool] = literal_column("notice.state = 'open'")


LEASE = timedelta(minutes=12)
"""Longer than a server may take from DATA to its last word (RFC 5321, 4.5.3.2.6).

It begins with the claim and anew with DATA: a slow server may take its time for each of the
messages that were claimed together.
"""

GIVE_UP = timedelta(days=5)
"""How long a mail is tried from the first "later" on (RFC 5321, 4.5.4.1: four to five days)."""

REPORTS = ("failed", "delayed", "delivered", "unclear")
"""What mail servers report of a message later; each is a line of its own, by try and word."""

NO_END_YET = datetime(9999, 12, 31, tzinfo=UTC)
"""When a message is given up to which nobody has said "later" since it was owed or sent anew.

Days without a way out of the house, or before somebody sends it once more, are no days of trying.
"""

SETTLING = "settled"
"""What the key of the line ends with that a doubt about a try was settled."""


@dataclass(frozen=True, slots=True)
class Owed:
    """A notice as it lies in the outbox; `case` and `number` are empty for none."""

    id: int
    key: str
    office: str
    letter: str
    participation: str
    not_before: datetime
    facts: Mapping[str, Any]
    state: str
    reason: str | None
    case: str
    number: str


@dataclass(frozen=True, slots=True)
class NewMessage:
    """A finished mail to one person; `data` are the bytes that every try will send."""

    uid: str
    message_id: str
    person: str
    address: str
    language: str
    subject: str
    data: bytes
    created_at: datetime
    next_at: datetime
    give_up_at: datetime


@dataclass(frozen=True, slots=True)
class Claimed:
    """A message that this worker may send now, and the number it must finish it under."""

    id: int
    uid: str
    message_id: str
    person: str
    address: str
    data: bytes
    attempt: int
    give_up_at: datetime


@dataclass(frozen=True, slots=True)
class Accepted:
    """A message that a server has taken, and in which try."""

    id: int
    uid: str
    attempt: int


@dataclass(frozen=True, slots=True)
class Doubt:
    """A message of which nobody knows whether it left, in which try, and since about when.

    `doubts` is how many of its tries ended so, `hang_ups` for how many of them the other side
    was the cause, and no crash of ours.
    """

    id: int
    uid: str
    message_id: str
    attempts: int
    since: datetime
    doubts: int
    hang_ups: int


@dataclass(frozen=True, slots=True)
class MessageLine:
    """One line of a list of messages."""

    id: int
    uid: str
    person: str
    address: str
    subject: str
    created_at: datetime
    state: str
    attempts: int
    next_at: datetime
    last_code: int | None
    last_text: str | None
    accepted_at: datetime | None


class Ending(StrEnum):
    """How a try ended: handed over, to be tried again, given up, or nobody knows."""

    ACCEPTED = "accepted"
    RETRY = "ready"
    DEAD = "dead"
    UNSURE = "unsure"


@dataclass(frozen=True, slots=True)
class Result:
    """What came of a try; `next_at` is needed where it is to be tried again.

    `give_up_at` is given where it follows from this try until when that goes on.
    """

    ending: Ending
    at: datetime
    code: int | None = None
    text: str | None = None
    next_at: datetime | None = None
    give_up_at: datetime | None = None


class Outbox:
    """Notices and messages, within one transaction."""

    def __init__(self, batch: Batch, connection: Connection) -> None:
        self._batch = batch
        self._connection = connection

    def owe(self, notice: Notice, case_uid: str | None = None) -> bool:
        """Owe a letter outside of an act; return whether it was not owed before."""
        row = select(_CASE.c.id).where(_CASE.c.uid == case_uid)
        found = None if case_uid is None else self._connection.execute(row).scalar_one()
        return write_notice_once(self._batch, found, notice)

    def due(self, now: datetime, limit: int = 200, *, held: bool = False) -> list[Owed]:
        """Return the open notices that may go out by `now`, in their order.

        Where letters of the clock are `held`, only what people brought about goes out. On
        PostgreSQL those that another worker is composing are passed over.
        """
        found = _owed().where(_OPEN, _NOTICE.c.not_before <= now)
        if held:
            found = found.where(_NOTICE.c.key.not_like(f"{CLOCK}:%"))
        found = found.order_by(_NOTICE.c.not_before, _NOTICE.c.id).limit(limit)
        if self._batch.writing:
            found = found.with_for_update(of=_NOTICE, skip_locked=True)
        return [_as_owed(row) for row in self._connection.execute(found)]

    def compose(self, message: NewMessage, notices: Iterable[int]) -> int:
        """Put a finished message in the place of these open notices; return its id.

        Raises InputError where one of them is not open any more: nothing may go out twice.
        """
        ids = sorted(set(notices))
        marked = update(_NOTICE).where(_NOTICE.c.id.in_(ids), _OPEN).values(state="composed")
        if self._connection.execute(marked).rowcount != len(ids):
            raise InputError(
                "Eine dieser Mitteilungen ist bereits in einer anderen Nachricht enthalten.",
                "One of these notices is part of another message already.",
            )
        id_ = self.put(message)
        links = [{"notice_id": notice, "message_id": id_} for notice in ids]
        self._connection.execute(insert(_LINK), links)
        return id_

    def put(self, message: NewMessage) -> int:
        """Put a finished message that no office is owed, to one person; return its id."""
        row = {name: getattr(message, name) for name in NewMessage.__dataclass_fields__}
        new = insert(_MESSAGE).values(**row, state="ready", attempts=0)
        return int(self._connection.execute(new.returning(_MESSAGE.c.id)).scalar_one())

    def hold(self, notice: int, reason: str) -> None:
        """Keep a notice back until somebody has mended what stands in its way."""
        self._set_notice(notice, ("open",), "held", reason)

    def release(self, notice: int) -> None:
        """Let a notice that was held back go out."""
        self._set_notice(notice, ("held",), "open", None)

    def postpone(self, notice: int, until: datetime) -> None:
        """Let an open notice go out later than it could, because its reader wishes so."""
        row = (_NOTICE.c.id == notice, _OPEN)
        self._connection.execute(update(_NOTICE).where(*row).values(not_before=until))

    def drop(self, notice: int, reason: str) -> None:
        """Never send a notice, and say why."""
        self._set_notice(notice, ("open", "held"), "dropped", reason)

    def claim(
        self, now: datetime, worker: str, lease_until: datetime, limit: int = 50
    ) -> list[Claimed]:
        """Take up to `limit` messages that are due, for this worker alone.

        Commit before the first byte is sent: the lease must stand when the mail leaves.
        """
        c = _MESSAGE.c
        # Chosen once, in a CTE of its own: a plan that ran the choice again would take more.
        chosen = select(c.id).where(_READY, c.next_at <= now).order_by(c.next_at, c.id)
        chosen = chosen.limit(limit).with_for_update(skip_locked=True)
        cte = chosen.cte("chosen").prefix_with("MATERIALIZED")
        taken = update(_MESSAGE).where(c.id.in_(select(cte.c.id)))
        taken = taken.values(
            state="sending",
            phase="claimed",
            attempts=c.attempts + 1,
            worker=worker,
            lease_until=lease_until,
        )
        rows = self._connection.execute(taken.returning(*(c[n] for n in _CLAIMED)))
        found = sorted((Claimed(*row) for row in rows), key=lambda claimed: claimed.id)
        tries = [
            {"message_id": m.id, "number": m.attempt, "started_at": now, "phase": "claimed"}
            for m in found
        ]
        if tries:
            self._connection.execute(insert(_ATTEMPT), tries)
        return found

    def mark_data(self, message: int, attempt: int, now: datetime, lease_until: datetime) -> bool:
        """Note that the mail's bytes will now be sent, under a lease that begins anew.

        False if the claim is lost or its lease has run out: stop then, for another worker may
        take the message at any moment.
        """
        lasting = _MESSAGE.c.lease_until >= now
        new = {"phase": "data", "lease_until": lease_until}
        if not self._change(message, attempt, new, lasting):
            return False
        self._set_attempt(message, attempt, {"phase": "data"})
        return True

    def finish(self, message: int, attempt: int, result: Result) -> bool:
        """Note what came of a try; False if the claim is lost, and then nothing is written."""
        new: dict[str, Any] = {
            "state": result.ending.value,
            "phase": None,
            "worker": None,
            "lease_until": None,
            "last_code": result.code,
            "last_text": result.text,
        }
        if result.ending is Ending.ACCEPTED:
            new["accepted_at"] = result.at
        if result.next_at is not None:
            new["next_at"] = result.next_at
        if result.give_up_at is not None:
            new["give_up_at"] = result.give_up_at
        if not self._change(message, attempt, new):
            return False
        ended = {"ended_at": result.at, "outcome": result.ending.value}
        self._set_attempt(message, attempt, {**ended, "code": result.code, "text": result.text})
        return True

    def workers(self) -> frozenset[str]:
        """Return the names of the workers that hold a message now."""
        found = select(_MESSAGE.c.worker).where(_SENDING).distinct()
        return frozenset(name for name in self._connection.execute(found).scalars() if name)

    def expire(self, now: datetime, dead: Iterable[str] = ()) -> tuple[int, int]:
        """Take back the leases that ran out, and those of workers that are known to be `dead`.

        Return how many are ready and how many unsure. A worker that died before DATA has
        certainly sent nothing. After it nobody knows.
        """
        c = _MESSAGE.c
        old = update(_MESSAGE).where(_SENDING, or_(c.lease_until < now, c.worker.in_(set(dead))))
        idle = {"phase": None, "worker": None, "lease_until": None}
        unsent = old.where(c.phase == "claimed").values(state="ready", **idle)
        unknown = old.where(c.phase == "data").values(state="unsure", next_at=now, **idle)
        return (
            self._connection.execute(unsent).rowcount,
            self._connection.execute(unknown).rowcount,
        )

    def doubtful(self, before: datetime, hang_ups: int, doubts: int, limit: int) -> list[Doubt]:
        """Return the messages that have been in doubt since before an instant, the oldest first.

        Those with more hang-ups or doubts than so many come last: they are left to people, and
        however many they are, they must hide no new one.
        """
        c = _doubts().where(_MESSAGE.c.next_at <= before).subquery().c
        often = or_(c.hang_ups > hang_ups, c.doubts > doubts)
        found = select(*c).order_by(often, c.next_at, c.id).limit(limit)
        return [Doubt(*row) for row in self._connection.execute(found)]

    def doubt(self, message: int) -> Doubt | None:
        """Return a message that is in doubt, locked until the end; None where it is not."""
        found = _doubts().where(_MESSAGE.c.id == message).with_for_update(of=_MESSAGE)
        row = self._connection.execute(found).first()
        return None if row is None else Doubt(*row)

    def settle_unsure(
        self, message: int, ending: Ending, now: datetime, text: str | None = None, *, seen: bool
    ) -> bool:
        """Decide what an unsure message is: accepted, or to be sent once more.

        Only where the handing over was `seen` does the message say since when it is accepted. One
        that was emptied cannot be sent again; return whether it is as decided.
        """
        new: dict[str, Any] = {"state": ending.value, "next_at": now, "last_text": text}
        if ending is Ending.ACCEPTED and seen:
            new["accepted_at"] = now
        unsure = update(_MESSAGE).where(_MESSAGE.c.id == message, _MESSAGE.c.state == "unsure")
        if ending is Ending.RETRY:
            new["give_up_at"] = NO_END_YET
            unsure = unsure.where(func.length(_MESSAGE.c.data) > 0)
        return self._connection.execute(unsure.values(new)).rowcount == 1

    def accepted(self, uid: str) -> Accepted | None:
        """Return the message of that uid if a server may have taken it, locked until the end."""
        columns = (_MESSAGE.c.id, _MESSAGE.c.uid, _MESSAGE.c.attempts)
        found = select(*columns).where(_MESSAGE.c.uid == uid, _MESSAGE.c.state.in_(_GONE))
        row = self._connection.execute(found.with_for_update()).first()
        return None if row is None else Accepted(*row)

    def come_back(self, message: int, text: str) -> None:
        """Note that a message that a server had taken came back: nobody will get it."""
        here = update(_MESSAGE).where(_MESSAGE.c.id == message, _MESSAGE.c.state.in_(_GONE))
        self._connection.execute(here.values(state="dead", last_code=None, last_text=text))

    def resend(self, message: int, now: datetime) -> bool:
        """Let a dead message be tried like a new one, the same bytes; not one that was emptied."""
        dead = update(_MESSAGE).where(_MESSAGE.c.id == message, _MESSAGE.c.state == "dead")
        dead = dead.where(func.length(_MESSAGE.c.data) > 0)
        anew = dead.values(state="ready", next_at=now, give_up_at=NO_END_YET)
        return self._connection.execute(anew).rowcount == 1

    def cancel(self, message: int) -> bool:
        """Never send a message that nobody is sending; return whether that was so."""
        idle = _MESSAGE.c.state.in_(("ready", "dead", "unsure"))
        kept = update(_MESSAGE).where(_MESSAGE.c.id == message, idle)
        return self._connection.execute(kept.values(state="cancelled")).rowcount == 1

    def bring_back(self, now: datetime) -> None:
        """Let nothing wait for an instant that a wrong clock wrote, now that `now` is confirmed."""
        self._bring_messages_back(now)
        # A letter's own instant is that of its act, never one to come; a wish alone puts it off.
        # Who composes it asks for the wish anew, and the first overview after `now` is the very
        # one that it was put off to: so none goes out too early.
        late = update(_NOTICE).where(_NOTICE.c.state.in_(("open", "held")))
        late = late.where(_NOTICE.c.not_before > now)
        self._connection.execute(late.values(not_before=now))

    def _bring_messages_back(self, now: datetime) -> None:
        c = _MESSAGE.c
        # An end that a wrong clock wrote is wrong as well, and nobody would be told for so long
        # that a mail cannot be delivered. It gets the whole time anew.
        last = now + GIVE_UP
        endless = update(_MESSAGE).where(_IDLE_OR_SENDING, c.give_up_at > last)
        endless = endless.where(c.give_up_at != NO_END_YET)
        self._connection.execute(endless.values(give_up_at=last))
        # At most the pause after a try that failed is cut short by this.
        waiting = update(_MESSAGE).where(_IDLE_OR_SENDING, c.next_at > now)
        self._connection.execute(waiting.values(next_at=now))
        # Whoever holds it may be sending it just now, and keeps it as long as anybody may.
        leased = update(_MESSAGE).where(_SENDING, c.lease_until > now + LEASE)
        self._connection.execute(leased.values(lease_until=now + LEASE))

    def notices_of(self, message: int) -> list[Owed]:
        """Return the notices that a message carries."""
        found = _owed().join(_LINK, _LINK.c.notice_id == _NOTICE.c.id)
        found = found.where(_LINK.c.message_id == message).order_by(_NOTICE.c.id)
        return [_as_owed(row) for row in self._connection.execute(found)]

    def notices(
        self, state: str | None = None, *, case: str | None = None, after: int = 0, limit: int = 50
    ) -> list[Owed]:
        """Return a page of notices, of one state or case (uid), in the order they arose."""
        found = _owed().where(_NOTICE.c.id > after).order_by(_NOTICE.c.id).limit(limit)
        if state is not None:
            found = found.where(_NOTICE.c.state == state)
        if case is not None:
            found = found.where(_CASE.c.uid == case)
        return [_as_owed(row) for row in self._connection.execute(found)]

    def told(self, offices: Iterable[str], *, limit: int = 200) -> list[Owed]:
        """Return what offices were told of cases, the newest first."""
        found = _owed().where(_NOTICE.c.office.in_(sorted(offices)), _CASE.c.uid.is_not(None))
        found = found.order_by(_NOTICE.c.id.desc()).limit(limit)
        return [_as_owed(row) for row in self._connection.execute(found)]

    def messages(
        self, state: str | None = None, *, after: int | None = None, limit: int = 50
    ) -> list[MessageLine]:
        """Return a page of messages, the newest first."""
        columns = (_MESSAGE.c[name] for name in MessageLine.__dataclass_fields__)
        found = select(*columns).order_by(_MESSAGE.c.id.desc()).limit(limit)
        if state is not None:
            found = found.where(_MESSAGE.c.state == state)
        if after is not None:
            found = found.where(_MESSAGE.c.id < after)
        return [MessageLine(*row) for row in self._connection.execute(found)]

    def data(self, message: int) -> bytes:
        """Return the bytes of a message; raises NotFound."""
        found = select(_MESSAGE.c.data).where(_MESSAGE.c.id == message)
        row = self._connection.execute(found).first()
        if row is None:
            raise _no_message(message)
        return bytes(row.data)

    def require(self, message: int) -> None:
        """Raise NotFound unless there is such a message."""
        found = select(_MESSAGE.c.id).where(_MESSAGE.c.id == message)
        if self._connection.execute(found).first() is None:
            raise _no_message(message)

    def counts(self) -> dict[str, int]:
        """Return how many notices and messages are in each state, as `message.dead`."""
        found: dict[str, int] = {}
        for of in (_NOTICE, _MESSAGE):
            rows = select(of.c.state, func.count()).group_by(of.c.state)
            for state, count in self._connection.execute(rows):
                found[f"{of.name}.{state}"] = count
        return found

    def oldest_ready(self) -> datetime | None:
        """Return since when the message that is due longest has been due, or None."""
        found: datetime | None = self._connection.execute(
            select(_MESSAGE.c.next_at).where(_READY).order_by(_MESSAGE.c.next_at).limit(1)
        ).scalar()
        return found

    def _change(
        self, message: int, attempt: int, new: Mapping[str, Any], *only: ColumnElement[bool]
    ) -> bool:
        mine = (_MESSAGE.c.id == message, _MESSAGE.c.attempts == attempt, _SENDING, *only)
        return self._connection.execute(update(_MESSAGE).where(*mine).values(new)).rowcount == 1

    def _set_attempt(self, message: int, attempt: int, new: Mapping[str, Any]) -> None:
        mine = (_ATTEMPT.c.message_id == message, _ATTEMPT.c.number == attempt)
        self._connection.execute(update(_ATTEMPT).where(*mine).values(new))

    def _set_notice(
        self, notice: int, before: tuple[str, ...], after: str, reason: str | None
    ) -> None:
        here = update(_NOTICE).where(_NOTICE.c.id == notice, _NOTICE.c.state.in_(before))
        changed = self._connection.execute(here.values(state=after, reason=reason))
        if changed.rowcount != 1:
            raise NotFound(
                f"Die Mitteilung {notice} gibt es nicht, oder sie ist schon erledigt. "
                "Alle zeigt: mail outbox.",
                f"The notice {notice} does not exist or is dealt with. 'mail outbox' shows all.",
            )


_GONE = ("accepted", "unsure")
"""States of messages that a server has taken, or may have."""

_CLAIMED = (
    "id",
    "uid",
    "message_id",
    "person",
    "address",
    "data",
    "attempts",
    "give_up_at",
)


def _doubts() -> Select[Any]:
    c = _MESSAGE.c
    doubted = or_(_ATTEMPT.c.outcome.is_(None), _ATTEMPT.c.outcome == Ending.UNSURE.value)
    tries = select(func.count()).where(
        _ATTEMPT.c.message_id == c.id, _ATTEMPT.c.phase == "data", doubted
    )
    hang_ups = tries.where(_ATTEMPT.c.outcome == Ending.UNSURE.value)
    counts = (tries.label("doubts"), hang_ups.label("hang_ups"))
    found = select(c.id, c.uid, c.message_id, c.attempts, c.next_at, *counts)
    return found.where(c.state == "unsure")


def _owed() -> Select[Any]:
    c = _NOTICE.c
    columns = (c.id, c.key, c.office, c.letter, c.participation, c.not_before, c.facts)
    found = select(*columns, c.state, c.reason, _CASE.c.uid, _CASE.c.number)
    return found.select_from(_NOTICE.outerjoin(_CASE, _CASE.c.id == c.case_id))


def _as_owed(row: Any) -> Owed:
    id_, key, office, letter, part, not_before, facts, state, reason, case, number = row
    plain = orjson.loads(facts)
    return Owed(
        id_, key, office, letter, part, not_before, plain, state, reason, case or "", number or ""
    )


def _no_message(message: int) -> NotFound:
    return NotFound(
        f"Eine Nachricht {message} gibt es nicht. Alle zeigt: mail outbox.",
        f"There is no message {message}. 'mail outbox' shows all.",
    )
