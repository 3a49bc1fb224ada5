"""Letters owed become messages; a message has one sender at a time and one ending."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from engine.core.case import Notice
from engine.errors import InputError, NotFound
from engine.store.database import Database
from engine.store.outbox import Claimed, Ending, NewMessage, Result
from engine.store.tables import AttemptRow
from engine.store.tables.base import table
from tests.musterheide import noon
from tests.store.deeds import DAY, DAYS, begin, do, informing
from tests.store.test_many_writers import together

NOW = noon(DAY)
LEASE = timedelta(minutes=12)


def message(**changes: object) -> NewMessage:
    uid = uuid4().hex
    usual = {
        "uid": uid,
        "message_id": f"<{uid}@musterheide.example>",
        "person": "yilmaz",
        "address": "yilmaz@musterheide.example",
        "language": "de",
        "subject": "Information",
        "data": b"Subject: Information\r\n\r\nText\r\n\0\xff",
        "created_at": NOW,
        "next_at": NOW,
        "give_up_at": NOW + 5 * DAYS,
    }
    return NewMessage(**{**usual, **changes})  # type: ignore[arg-type]


def owed(database: Database, count: int = 1) -> list[int]:
    with database.write() as store:
        for n in range(count):
            store.outbox.owe(Notice(f"n{n}", "integration", "information", "", NOW, {"n": n}))
        return [notice.id for notice in store.outbox.due(NOW)]


def sent(database: Database) -> Claimed:
    """Compose one message and claim it."""
    notices = owed(database)
    with database.write() as store:
        store.outbox.compose(message(), notices)
    with database.write() as store:
        [claimed] = store.outbox.claim(NOW, "w1", NOW + LEASE)
    return claimed


def test_a_notice_is_due_from_its_hour_on_and_carries_its_facts(database: Database) -> None:
    case = begin(database)
    kept = do(database, case.number, informing()).notices[0]
    later = Notice("später", "integration", "erinnerung", "", NOW + DAYS, {"day": "2026-03-16"})
    with database.write() as store:
        assert store.outbox.owe(later)
        due = {o.key: o for o in store.outbox.due(kept.not_before)}
        assert later.key not in due
        assert dict(due[kept.key].facts) == dict(kept.facts)
        assert (due[kept.key].case, due[kept.key].number) == (case.uid, case.number)
        assert later.key in {o.key for o in store.outbox.due(NOW + DAYS)}


def test_one_message_carries_many_notices_and_each_notice_one_message(
    database: Database,
) -> None:
    notices = owed(database, 3)
    with database.write() as store:
        id_ = store.outbox.compose(message(), notices)
    with database.read() as store:
        assert [o.id for o in store.outbox.notices_of(id_)] == notices
        assert {o.state for o in store.outbox.notices_of(id_)} == {"composed"}
        assert store.outbox.data(id_).endswith(b"\0\xff")
        assert store.outbox.counts() == {"notice.composed": 3, "message.ready": 1}
    with pytest.raises(InputError, match="another message"), database.write() as store:
        store.outbox.compose(message(), notices[:1])
    with database.read() as store:
        assert store.outbox.counts() == {"notice.composed": 3, "message.ready": 1}


def test_a_notice_is_held_released_and_dropped_with_its_reason(database: Database) -> None:
    [notice] = owed(database)
    with database.write() as store:
        store.outbox.hold(notice, "keine Anschrift")
        assert store.outbox.due(NOW) == []
        assert store.outbox.notices("held")[0].reason == "keine Anschrift"
        store.outbox.release(notice)
        assert [o.id for o in store.outbox.due(NOW)] == [notice]
        store.outbox.drop(notice, "gegenstandslos")
        with pytest.raises(NotFound):
            store.outbox.release(notice)


def test_a_message_is_claimed_by_one_worker_alone(database: Database) -> None:
    for n in range(20):
        with database.write() as store:
            store.outbox.owe(Notice(f"m{n}", "integration", "information", "", NOW))
            store.outbox.compose(message(), [store.outbox.due(NOW)[0].id])
    taken: list[int] = []

    def work(name: str) -> None:
        while True:
            with database.write() as store:
                claimed = store.outbox.claim(NOW, name, NOW + LEASE, limit=3)
            assert len(claimed) <= 3
            if not claimed:
                return
            taken.extend(c.id for c in claimed)

    together([lambda: work("a"), lambda: work("b"), lambda: work("c")])
    assert len(taken) == len(set(taken)) == 20


def test_a_message_that_is_not_due_is_left_alone(database: Database) -> None:
    notices = owed(database)
    with database.write() as store:
        store.outbox.compose(message(next_at=NOW + DAYS), notices)
        assert store.outbox.claim(NOW, "w1", NOW + LEASE) == []
        assert store.outbox.oldest_ready() == NOW + DAYS


def test_an_accepted_message_says_when(database: Database) -> None:
    claimed = sent(database)
    with database.write() as store:
        assert store.outbox.mark_data(claimed.id, claimed.attempt, NOW, NOW + LEASE)
    with database.write() as store:
        result = Result(Ending.ACCEPTED, NOW + LEASE / 2, 250, "2.0.0 Ok: queued")
        assert store.outbox.finish(claimed.id, claimed.attempt, result)
    with database.read() as store:
        [line] = store.outbox.messages("accepted")
    assert (line.last_code, line.accepted_at) == (250, NOW + LEASE / 2)


def test_a_retry_waits_and_counts_its_tries(database: Database) -> None:
    claimed = sent(database)
    again = NOW + timedelta(minutes=1)
    with database.write() as store:
        busy = Result(Ending.RETRY, NOW, 451, "4.3.2 später", next_at=again)
        assert store.outbox.finish(claimed.id, claimed.attempt, busy)
        assert store.outbox.claim(NOW, "w1", NOW + LEASE) == []
        [second] = store.outbox.claim(again, "w2", again + LEASE)
        assert second.attempt == claimed.attempt + 1 and second.data == claimed.data
    attempt = table(AttemptRow)
    with database.read() as store:
        rows = store.connection.execute(select(attempt).order_by(attempt.c.number)).all()
    assert [(r.number, r.outcome, r.code) for r in rows] == [(1, "ready", 451), (2, None, None)]


def test_a_worker_that_comes_back_from_the_dead_finishes_nothing(database: Database) -> None:
    """Its lease ran out, somebody else holds the message: the fencing number decides."""
    dead = sent(database)
    late = NOW + LEASE + timedelta(seconds=1)
    with database.write() as store:
        assert store.outbox.expire(late) == (1, 0)
        [alive] = store.outbox.claim(late, "w2", late + LEASE)
    with database.write() as store:
        assert not store.outbox.mark_data(dead.id, dead.attempt, late, late + LEASE)
        assert not store.outbox.finish(dead.id, dead.attempt, Result(Ending.ACCEPTED, late))
        assert store.outbox.finish(alive.id, alive.attempt, Result(Ending.ACCEPTED, late))
    with database.write() as store:
        # Once ended, also the right number changes nothing any more.
        assert not store.outbox.finish(alive.id, alive.attempt, Result(Ending.DEAD, late))
        assert store.outbox.messages()[0].state == "accepted"


def test_the_data_have_a_lease_of_their_own_and_none_after_the_first_ran_out(
    database: Database,
) -> None:
    claimed = sent(database)
    end = NOW + LEASE
    late = end + timedelta(seconds=1)
    with database.write() as store:
        # Nobody has taken it back yet, but somebody may at any moment.
        assert not store.outbox.mark_data(claimed.id, claimed.attempt, late, late + LEASE)
        assert store.outbox.mark_data(claimed.id, claimed.attempt, end, end + LEASE)
        assert store.outbox.expire(late) == (0, 0)
        assert store.outbox.expire(late + LEASE) == (0, 1)


def test_whoever_died_in_the_middle_of_the_data_leaves_a_doubt(database: Database) -> None:
    claimed = sent(database)
    with database.write() as store:
        store.outbox.mark_data(claimed.id, claimed.attempt, NOW, NOW + LEASE)
    with database.write() as store:
        assert store.outbox.expire(NOW + LEASE) == (0, 0)
        assert store.outbox.expire(NOW + LEASE + timedelta(seconds=1)) == (0, 1)
        assert store.outbox.claim(NOW + DAYS, "w2", NOW + 2 * DAYS) == []
        assert store.outbox.settle_unsure(claimed.id, Ending.RETRY, NOW + DAYS, seen=True)
        assert not store.outbox.settle_unsure(claimed.id, Ending.ACCEPTED, NOW + DAYS, seen=True)
        [again] = store.outbox.claim(NOW + DAYS, "w2", NOW + 2 * DAYS)
    assert again.message_id == claimed.message_id


def test_a_dead_message_can_be_sent_again_or_cancelled(database: Database) -> None:
    claimed = sent(database)
    with database.write() as store:
        assert not store.outbox.cancel(claimed.id)
        dead = Result(Ending.DEAD, NOW, 550, "5.1.1 unbekannt")
        assert store.outbox.finish(claimed.id, claimed.attempt, dead)
        assert store.outbox.resend(claimed.id, NOW)
        assert store.outbox.cancel(claimed.id)
        assert not store.outbox.resend(claimed.id, NOW)
        rows = store.connection.execute(select(func.count()).select_from(table(AttemptRow)))
        assert rows.scalar() == 1
