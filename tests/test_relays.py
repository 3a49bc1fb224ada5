"""A mail server that gives no way is left alone, a second one stands in, and nothing is lost."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import clock
from engine.app import open_app
from engine.core.calendar import BERLIN
from engine.delivery import deliver
from engine.delivery.pace import growth
from engine.delivery.relays import BACK, DOWN, TOLD_AFTER
from engine.delivery.send import Sent, send
from engine.delivery.sign_of_life import write_sign_of_life
from engine.delivery.trial import send_test
from engine.errors import InputError
from engine.services.health import health
from engine.store import relays
from engine.store.outbox import LEASE, NewMessage
from engine.worker import one_round
from notifications.channel import OnData, Reply, run
from notifications.message import Frozen
from notifications.smtp import SmtpSettings
from tests.installation import MONDAY, House, house
from tests.torture.chaos import WAYS, Chaos, Way
from tests.torture.outage import outlasted

MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)
[NOT_YOURS] = [way for way in WAYS if way.name == "MAIL-553"]
[GREYLISTED] = [way for way in WAYS if way.name == "RCPT-450"]


@pytest.fixture
def first() -> Iterator[Chaos]:
    with Chaos() as server:
        yield server


@pytest.fixture
def second() -> Iterator[Chaos]:
    with Chaos() as server:
        yield server


def settings_of(server: Chaos) -> dict[str, Any]:
    return {"host": "127.0.0.1", "port": server.port, "tls": "off"}


def at_work(folder: Path, first: Chaos, **mail: Any) -> House:
    return house(folder, training=False, channel="smtp", smtp=settings_of(first), **mail)


def put(made: House, count: int = 1) -> None:
    now = made.clock.now()
    with made.app.database.write() as store:
        for _ in range(count):
            uid = clock.new_uid()
            name = f"<{uid}@a.example>"
            data = f"Message-ID: {name}\r\n\r\nx\r\n".encode()
            end = now + timedelta(days=5)
            store.outbox.put(NewMessage(uid, name, "p", "p@a.example", "de", "x", data, now, now, end))  # fmt: skip


def later(made: House, by: timedelta) -> Sent:
    made.clock.instant += by
    return send(made.app)


def entered(made: House, what: str) -> list[Any]:
    with made.app.database.read() as store:
        return list(store.chains.typed("system", what))


def test_after_six_hours_without_a_server_all_is_out_in_ten_minutes(tmp_path: Path) -> None:
    done = outlasted(tmp_path / "haus", mails=500, hours=6, every=timedelta(seconds=60))
    assert done.connections <= 40
    assert done.out_after <= timedelta(minutes=10)
    assert (done.lost, done.extra, done.in_order) == (0, 0, True)
    assert done.told_after <= timedelta(minutes=15)


def test_a_second_server_stands_in_until_the_first_is_back(
    tmp_path: Path, first: Chaos, second: Chaos
) -> None:
    made = at_work(tmp_path / "haus", first, second=settings_of(second))
    first.down = True
    put(made)
    done = send(made.app)
    assert (done.accepted, done.trouble) == (1, "")
    assert (first.connections, len(second.order)) == (1, 1)
    put(made, 3)
    assert later(made, MINUTE / 2).accepted == 3
    assert first.connections == 1, "nobody knocks there yet"
    first.down = False
    put(made, 2)
    assert later(made, 9 * MINUTE).accepted == 2
    assert (len(first.order), len(second.order)) == (2, 4)


def test_a_test_mail_goes_by_the_server_that_is_named(
    tmp_path: Path, first: Chaos, second: Chaos
) -> None:
    made = at_work(tmp_path / "haus", first, second=settings_of(second))
    assert send_test(made.app, "a@a.example").sent
    assert (first.connections, second.connections) == (1, 0)
    assert send_test(made.app, "a@a.example", second=True).sent
    assert (first.connections, second.connections) == (1, 1)
    alone = at_work(tmp_path / "allein", first)
    with pytest.raises(InputError, match="no second mail server"):
        send_test(alone.app, "a@a.example", second=True)


def test_where_both_are_out_all_waits_and_no_try_is_counted(
    tmp_path: Path, first: Chaos, second: Chaos
) -> None:
    made = at_work(tmp_path / "haus", first, second=settings_of(second))
    first.down = second.down = True
    put(made, 2)
    assert send(made.app).trouble
    assert later(made, MINUTE / 2).trouble
    with made.app.database.read() as store:
        assert {(m.state, m.attempts) for m in store.outbox.messages()} == {("ready", 0)}


def test_a_server_that_does_not_want_us_blocks_the_way_and_makes_no_dead_letters(
    tmp_path: Path, first: Chaos
) -> None:
    first.way, first.times = NOT_YOURS, 99
    made = at_work(tmp_path / "haus", first)
    put(made, 3)
    for _ in range(4):
        later(made, MINUTE / 4)
    assert first.connections == 1
    with made.app.database.read() as store:
        assert {m.state for m in store.outbox.messages()} == {"ready"}


@pytest.mark.parametrize("way", [None, NOT_YOURS], ids=["down", "not yours"])
def test_days_without_a_way_are_no_days_in_which_a_letter_was_tried(
    tmp_path: Path, first: Chaos, way: Way | None
) -> None:
    made = at_work(tmp_path / "haus", first)
    made.take(made.register().number, "informieren", "weber", participation="integration")
    first.down, first.way, first.times = way is None, way, 99
    for _ in range(7):
        assert deliver(made.app).sent.trouble
        made.clock.instant += DAY
    first.down, first.way = False, GREYLISTED
    assert (later(made, MINUTE).retry, later(made, 4 * DAY).retry) == (1, 1)
    done = later(made, DAY)
    assert (done.retry, done.dead) == (0, 1), "five days after the first answer"


def test_it_is_told_once_that_there_is_no_way_and_entered_that_there_is_one_again(
    tmp_path: Path, first: Chaos
) -> None:
    made = at_work(tmp_path / "haus", first)
    first.down = True
    put(made)
    for _ in range(16):
        later(made, MINUTE)
    [down] = entered(made, DOWN)
    assert down.plain["relay"] == "first"
    begun = datetime.fromisoformat(down.plain["since"])
    assert TOLD_AFTER <= down.recorded_at - begun <= 15 * MINUTE
    assert "mail" in [c.name for c in health(made.app).checks if not c.well]
    assert entered(made, BACK) == []
    first.down = False
    for _ in range(10):
        later(made, MINUTE)
    assert len(entered(made, BACK)) == 1
    assert len(first.order) == 1


def test_only_one_process_tries_a_blocked_server_again(tmp_path: Path, first: Chaos) -> None:
    made = at_work(tmp_path / "haus", first)
    now = made.clock.now()
    with made.app.database.write() as store:
        relays.block(store.connection, "first", now, [MINUTE])
    took = []
    for _ in range(3):
        with made.app.database.write() as store:
            soon = relays.probe(store.connection, "first", now + MINUTE / 2, now + 9 * MINUTE)
            took.append(
                (soon, relays.probe(store.connection, "first", now + MINUTE, now + 2 * MINUTE))
            )
    assert took == [(False, True), (False, False), (False, False)]


# Slow servers


@dataclass
class Slow:
    """A mail server by the house's own clock: each mail takes its time, then `then` happens."""

    made: House
    each: timedelta
    then: Callable[[], object] = int
    taken: list[str] = field(default_factory=list)
    name = "slow"

    async def open(self) -> None:
        """There is always a way."""

    async def deliver(self, frozen: Frozen, on_data: OnData) -> Reply:
        await run(on_data)
        self.made.clock.instant += self.each
        await asyncio.to_thread(self.then)
        self.taken.append(frozen.message_id)
        return Reply(250, "ok")

    @asynccontextmanager
    async def session(self) -> AsyncIterator[Slow]:
        yield self


def test_a_slow_server_and_a_second_worker_make_no_second_copy(
    tmp_path: Path, first: Chaos, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fifty mails of 15 s each outlast the lease that they were claimed under."""
    made = at_work(tmp_path / "haus", first)
    second = open_app(made.folder, made.clock)
    quick = Slow(made, timedelta())
    slow = Slow(made, timedelta(seconds=15), lambda: send(second))
    monkeypatch.setattr(second, "channels", lambda: [quick])
    monkeypatch.setattr(made.app, "channels", lambda: [slow])
    put(made, 50)
    send(made.app)
    send(second)
    assert len(slow.taken) > 45, "a lease that is renewed is not taken over"
    assert quick.taken, "what had not begun when the lease ran out is the other worker's"
    assert len(slow.taken + quick.taken) == len({*slow.taken, *quick.taken}) == 50
    with made.app.database.read() as store:
        assert {(m.state, m.last_text) for m in store.outbox.messages()} == {("accepted", "ok")}
    second.close()


def test_the_longest_conversation_about_one_mail_ends_before_its_lease() -> None:
    usual = SmtpSettings("relay.example")
    assert timedelta(seconds=usual.timeout + usual.data_timeout) < LEASE


# The pace


def test_no_more_leave_in_any_minute_than_the_settings_say(tmp_path: Path, first: Chaos) -> None:
    made = at_work(tmp_path / "haus", first, per_minute=20)
    put(made, 60)
    sent: list[tuple[datetime, int]] = []
    while len(first.order) < 60:
        done = later(made, timedelta(seconds=15))
        sent.append((made.clock.now(), done.accepted))
        assert len(sent) < 40, "it goes on"
    for begun, _ in sent:
        assert sum(n for at, n in sent if begun <= at < begun + MINUTE) <= 20


@pytest.mark.parametrize("behind", [1, 5, 14])
def test_a_clock_some_seconds_behind_waits_for_the_pace_to_come(
    tmp_path: Path, first: Chaos, behind: int
) -> None:
    """As on a second host, whose clock is not quite that of the first."""
    made = at_work(tmp_path / "haus", first, per_minute=20)
    put(made, 60)
    assert later(made, MINUTE).accepted == 4
    assert later(made, -timedelta(seconds=behind)).accepted == 0
    assert later(made, timedelta(seconds=behind)).accepted == 0
    assert later(made, timedelta(seconds=15)).accepted == 4


def test_a_pace_of_a_clock_that_was_wrong_holds_no_mail_up(tmp_path: Path, first: Chaos) -> None:
    made = at_work(tmp_path / "haus", first, per_minute=20)
    put(made, 60)
    right = made.clock.now()
    made.clock.instant += timedelta(days=400)
    assert send(made.app).accepted == 4
    made.clock.instant = right
    assert send(made.app).accepted == 0, "four left just now"
    assert later(made, timedelta(seconds=15)).accepted == 4
    assert later(made, timedelta(seconds=15)).accepted == 4


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 600), st.integers(1, 120), st.lists(st.integers(1, 90), max_size=60))
def test_the_pace_holds_however_rounds_lie(n: int, every: int, gaps: list[int]) -> None:
    window, each = growth(n, timedelta(seconds=every))
    assert timedelta() < each <= window, "an idle hour always lets somebody through"
    now = since = datetime(2026, 3, 2, tzinfo=UTC)
    left: list[tuple[datetime, int]] = []
    for gap in gaps:
        now += timedelta(seconds=gap)
        since = max(since, now - window)
        may = (now - since) // each
        since += may * each
        left.append((now, may))
    for begun, _ in left:
        assert sum(k for at, k in left if begun <= at < begun + MINUTE) <= n


# The sign of life


def test_a_sign_of_life_leaves_once_a_day_at_its_hour(tmp_path: Path, first: Chaos) -> None:
    wish = {"to": "wache@a.example", "hour": 7}
    made = at_work(tmp_path / "haus", first, sign_of_life=wish)
    one_round(made.app)
    one_round(made.app)
    got = [c.recipient for found in first.copies.values() for c in found]
    assert got.count("wache@a.example") == 1, "the daily checkpoint goes to others"
    made.clock.turn(MONDAY + timedelta(days=1), 6)
    assert not write_sign_of_life(made.app)
    made.clock.turn(MONDAY + timedelta(days=1), 7)
    assert write_sign_of_life(made.app)
    with made.app.database.read() as store:
        newest = store.outbox.messages()[0]
        said = store.outbox.data(newest.id).decode()
    assert "Rechtzeitig" in newest.subject
    assert "25.03.2026, 07:00 Uhr" in said
    made.clock.turn(MONDAY + timedelta(days=9), 12)
    assert write_sign_of_life(made.app)
    assert not write_sign_of_life(made.app), "one for all days of an absence"


def test_a_weekly_one_comes_on_mondays_and_none_where_nobody_wants_it(
    tmp_path: Path, first: Chaos
) -> None:
    wish = {"to": "wache@a.example", "every": "week", "hour": 12}
    made = at_work(tmp_path / "haus", first, sign_of_life=wish)
    days = [MONDAY + timedelta(days=n) for n in range(15)]
    written = []
    for day in days:
        made.clock.turn(day)
        if write_sign_of_life(made.app):
            written.append(day)
    assert written == [MONDAY, MONDAY + timedelta(days=7), MONDAY + timedelta(days=14)]
    assert made.clock.instant.astimezone(BERLIN).hour == 12
