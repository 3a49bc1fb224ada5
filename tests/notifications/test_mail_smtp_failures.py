"""Whatever a relay does, the outbox learns what it means: sent, unsent, or not known."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

import pytest

from notifications.channel import Kind, NotDelivered, Phase, Reply
from notifications.message import Address, Frozen, compose
from notifications.smtp import SmtpChannel, SmtpSettings

WHEN = datetime(2026, 4, 9, 6, 30, tzinfo=UTC)
FROM, TO = Address("Amt", "amt@musterland.example"), Address("Anna", "anna@musterland.example")
TEXT = "Sehr lange Stellungnahme. " * 4000
MAIL: Frozen = compose(FROM, TO, "Neubau", TEXT, "<p>x</p>", "<7@musterland.example>", WHEN)

DROP, STALL, SLOW = "drop", "stall", "slow"
ANSWERS = {
    "banner": "220 relay.example ESMTP",
    "EHLO": "250-relay.example\r\n250-SIZE 99999999\r\n250 DSN",
    "HELO": "250 relay.example",
    "MAIL": "250 2.1.0 Ok",
    "RCPT": "250 2.1.5 Ok",
    "DATA": "354 go on",
    "dot": "250 2.0.0 Ok: queued as 4711",
    "RSET": "250 2.0.0 Ok",
    "QUIT": "221 2.0.0 Bye",
    "AUTH": "235 2.7.0 Ok",
}


@dataclass
class Chaos:
    """An SMTP server that misbehaves at one named place and writes down what it saw."""

    answers: dict[str, str]
    seen: list[str] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            with suppress(ConnectionError, asyncio.IncompleteReadError):
                await self._talk(reader, writer)
        finally:
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await self._answer("banner", writer)
        while line := (await reader.readline()).decode().strip():
            verb = line.split()[0].upper()
            self.seen.append(line)
            await self._answer(verb, writer)
            if verb == "DATA" and self._said("DATA").startswith(("354", SLOW)):
                if self._said("body") == DROP:
                    await reader.readexactly(1000)
                    raise ConnectionResetError
                self.bodies.append(await reader.readuntil(b"\r\n.\r\n"))
                await self._answer("dot", writer)
            if verb == "QUIT":
                return

    def _said(self, place: str) -> str:
        return self.answers.get(place, ANSWERS.get(place, ""))

    async def _answer(self, place: str, writer: asyncio.StreamWriter) -> None:
        said = self._said(place)
        if said == STALL:
            await asyncio.sleep(30)
        if said == SLOW:
            await asyncio.sleep(0.6)
            said = ANSWERS[place]
        reply = said.removesuffix(DROP)
        if reply:
            writer.write(reply.encode("utf-8", "surrogateescape") + b"\r\n")
            await writer.drain()
        if said.endswith(DROP):
            raise ConnectionResetError


@asynccontextmanager
async def chaos(server: Chaos) -> AsyncIterator[SmtpSettings]:
    tasks: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        with suppress(asyncio.CancelledError):
            await server.serve(reader, writer)

    listener = await asyncio.start_server(serve, "127.0.0.1", 0, limit=2**20)
    port = listener.sockets[0].getsockname()[1]
    try:
        yield SmtpSettings(
            "127.0.0.1", port, tls="off", helo="amt.example", timeout=0.4, data_timeout=0.4
        )
    finally:
        listener.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def attempt(
    answers: dict[str, str], server: Chaos | None = None
) -> tuple[Chaos, Reply | NotDelivered]:
    """Return the server, with `on_data` among what it saw, and what became of one message."""
    seen = server or Chaos(answers)

    async def one() -> Reply | NotDelivered:
        async with chaos(seen) as settings:
            try:
                return await SmtpChannel(settings).deliver(
                    MAIL, lambda: seen.seen.append("on_data")
                )
            except NotDelivered as failure:
                return failure

    return seen, asyncio.run(one())


FAILURES = [
    # What the relay does, what it means, in which phase, with which code.
    pytest.param({"banner": "421 too busy"}, Kind.RELAY_DOWN, Phase.CONNECT, 421, id="banner-421"),
    pytest.param({"banner": DROP}, Kind.RELAY_DOWN, Phase.CONNECT, None, id="no-banner"),
    pytest.param({"banner": STALL}, Kind.RELAY_DOWN, Phase.CONNECT, None, id="banner-stalls"),
    pytest.param({"banner": "554 go away"}, Kind.OUR_FAULT, Phase.CONNECT, 554, id="banner-554"),
    pytest.param({"EHLO": DROP}, Kind.RELAY_DOWN, Phase.EHLO, None, id="drop-at-EHLO"),
    pytest.param({"EHLO": "421 closing"}, Kind.RELAY_DOWN, Phase.EHLO, None, id="EHLO-421"),
    pytest.param({"EHLO": "550 no", "HELO": "550 no"}, Kind.OUR_FAULT, Phase.EHLO, 550, id="EHLO-550"),
    pytest.param({"MAIL": "451 later"}, Kind.RETRY, Phase.MAIL, 451, id="MAIL-451"),
    pytest.param({"MAIL": "553 not yours"}, Kind.OUR_FAULT, Phase.MAIL, 553, id="MAIL-553"),
    pytest.param({"MAIL": DROP}, Kind.RETRY, Phase.MAIL, None, id="drop-at-MAIL"),
    pytest.param({"MAIL": STALL}, Kind.RETRY, Phase.MAIL, None, id="MAIL-stalls"),
    pytest.param({"RCPT": "450 greylisted"}, Kind.RETRY, Phase.RCPT, 450, id="RCPT-450"),
    pytest.param({"RCPT": "550 unknown"}, Kind.REFUSED, Phase.RCPT, 550, id="RCPT-550"),
    pytest.param({"RCPT": "530 log in first"}, Kind.OUR_FAULT, Phase.RCPT, 530, id="RCPT-530"),
    pytest.param({"RCPT": DROP}, Kind.RETRY, Phase.RCPT, None, id="drop-before-DATA"),
    pytest.param({"DATA": "451 disk full"}, Kind.RETRY, Phase.DATA, 451, id="DATA-451"),
    pytest.param({"DATA": "554 no"}, Kind.REFUSED, Phase.DATA, 554, id="DATA-554"),
    pytest.param({"body": DROP}, Kind.UNSURE, Phase.DATA, None, id="drop-mid-body"),
    pytest.param({"dot": DROP}, Kind.UNSURE, Phase.DATA, None, id="drop-after-dot"),
    pytest.param({"dot": STALL}, Kind.UNSURE, Phase.DATA, None, id="stall-after-dot"),
    pytest.param({"dot": "gibberish"}, Kind.UNSURE, Phase.DATA, None, id="nonsense-after-dot"),
    pytest.param({"dot": "451 later"}, Kind.RETRY, Phase.DATA, 451, id="451-after-dot"),
    pytest.param({"dot": "552 too big"}, Kind.REFUSED, Phase.DATA, 552, id="552-after-dot"),
    pytest.param({"dot": "554 spam"}, Kind.REFUSED, Phase.DATA, 554, id="554-after-dot"),
]  # fmt: skip


@pytest.mark.parametrize(("answers", "kind", "phase", "code"), FAILURES)
def test_each_failure_is_known_for_what_it_is(
    answers: dict[str, str], kind: Kind, phase: Phase, code: int | None
) -> None:
    server, outcome = attempt(answers)
    assert isinstance(outcome, NotDelivered)
    assert (outcome.kind, outcome.phase, outcome.code) == (kind, phase, code)
    before_data = [line.split()[0] for line in server.seen if line != "RSET"]
    if phase is Phase.DATA:
        assert before_data[:5] == ["EHLO", "MAIL", "RCPT", "on_data", "DATA"]
        assert before_data.count("on_data") == 1
        assert len(server.bodies) == ("dot" in answers)
    else:
        assert not {"on_data", "DATA"} & set(before_data)


def test_a_refused_connection_holds_the_queue_and_counts_against_no_message() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        settings = SmtpSettings("127.0.0.1", free.getsockname()[1], tls="off", helo="amt.example")
        with pytest.raises(NotDelivered) as failure:
            asyncio.run(SmtpChannel(settings).deliver(MAIL, pytest.fail))
    assert (failure.value.kind, failure.value.phase) == (Kind.RELAY_DOWN, Phase.CONNECT)


@pytest.mark.parametrize("answers", [{"dot": "250 Ok: queued as 4711" + DROP}, {"QUIT": DROP},
                                     {"QUIT": "500 what?"}, {}])  # fmt: skip
def test_what_was_accepted_stays_accepted_whatever_comes_after(answers: dict[str, str]) -> None:
    server, outcome = attempt(answers)
    assert isinstance(outcome, Reply)
    assert outcome.code == 250
    assert outcome.text.endswith("queued as 4711")
    assert len(server.bodies) == 1


def test_only_the_final_dot_may_take_longer_than_any_other_step() -> None:
    server = Chaos({"dot": SLOW})

    async def one(place: str) -> Reply:
        server.answers = {place: SLOW}
        async with chaos(server) as settings:
            patient = replace(settings, data_timeout=5)
            return await SmtpChannel(patient).deliver(MAIL, lambda: None)

    assert asyncio.run(one("dot")).code == 250
    with pytest.raises(NotDelivered):
        asyncio.run(one("RCPT"))
    usual = SmtpSettings("relay.example")
    assert (usual.timeout, usual.data_timeout) == (60, 600)


def test_one_clock_runs_from_data_to_the_last_word() -> None:
    async def one() -> Reply:
        async with chaos(Chaos({"DATA": SLOW, "dot": SLOW})) as settings:
            patient = replace(settings, timeout=0.2, data_timeout=0.9)
            return await SmtpChannel(patient).deliver(MAIL, lambda: None)

    with pytest.raises(NotDelivered) as failure:
        asyncio.run(one())
    assert (failure.value.kind, failure.value.phase) == (Kind.UNSURE, Phase.DATA)


def test_a_connection_lost_while_the_outbox_commits_leaves_nothing_to_doubt() -> None:
    server = Chaos({"RCPT": "250 2.1.5 Ok" + DROP})

    async def one() -> NotDelivered:
        async with chaos(server) as settings:
            with pytest.raises(NotDelivered) as failure:
                await SmtpChannel(settings).deliver(MAIL, lambda: asyncio.sleep(0.1))
            return failure.value

    failure = asyncio.run(one())
    assert (failure.kind, failure.phase) == (Kind.RETRY, Phase.RCPT)
    assert server.bodies == []


def test_a_server_without_extensions_still_gets_mail() -> None:
    server, outcome = attempt({"EHLO": "502 not here"})
    assert isinstance(outcome, Reply)
    assert server.seen[2:4] == ["MAIL FROM:<amt@musterland.example>", "RCPT TO:<anna@musterland.example>"]  # fmt: skip


def test_bounces_are_asked_for_in_a_form_that_names_the_message() -> None:
    server, _ = attempt({})
    mail, rcpt = server.seen[1:3]
    assert mail.endswith(f"SIZE={len(MAIL.data)} RET=HDRS ENVID=7")
    assert rcpt.endswith("NOTIFY=FAILURE,DELAY")


def test_an_answer_that_is_no_text_still_fits_into_a_log_line() -> None:
    _, outcome = attempt({"RCPT": "550 gr\udcfc\udcdfe\t\x01\x00 aus M\udcfcnchen"})
    assert isinstance(outcome, NotDelivered)
    assert outcome.text == "gr\ufffd\ufffde aus M\ufffdnchen"
    outcome.text.encode("utf-8")


def test_an_unanswered_message_does_not_spoil_the_next_one_in_the_session() -> None:
    server = Chaos({"dot": DROP})

    async def two() -> Reply:
        async with chaos(server) as settings, SmtpChannel(settings).session() as session:
            with pytest.raises(NotDelivered):
                await session.deliver(MAIL, lambda: None)
            server.answers.clear()
            return await session.deliver(MAIL, lambda: None)

    assert asyncio.run(two()).code == 250
    assert server.bodies[0] == server.bodies[1]


def test_a_relay_that_hangs_up_after_each_message_is_called_again() -> None:
    server = Chaos({"dot": "250 Ok" + DROP})

    async def two() -> list[Reply]:
        async with chaos(server) as settings, SmtpChannel(settings).session() as session:
            return [await session.deliver(MAIL, lambda: None) for _ in range(2)]

    assert [reply.code for reply in asyncio.run(two())] == [250, 250]
    assert len(server.bodies) == 2


def test_giving_up_in_the_middle_closes_the_connection() -> None:
    server = Chaos({"RCPT": STALL})

    async def give_up() -> None:
        async with chaos(server) as settings, SmtpChannel(settings).session() as session:
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(session.deliver(MAIL, pytest.fail), timeout=0.1)
            server.answers.clear()
            await session.deliver(MAIL, lambda: None)

    asyncio.run(give_up())
    assert [line.split()[0] for line in server.seen].count("EHLO") == 2
    assert len(server.bodies) == 1
