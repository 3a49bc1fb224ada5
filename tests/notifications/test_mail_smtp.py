"""The way through a real mail server on this host: encryption, log-in, many mails at once."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
import trustme
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from notifications.channel import Channel, Kind, NotDelivered, Phase
from notifications.message import Address, Frozen, compose, message_id
from notifications.smtp import SmtpChannel, SmtpSettings

# One case shows a server that wants a log-in in the clear; its author is right to warn.
pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")

OFFICE = Address("Landkreis Musterland", "beteiligung@musterland.example")
TRUSTED = trustme.CA()
CERTIFICATE = TRUSTED.issue_cert("127.0.0.1")


def mail(uid: str = "1", recipient: str = "anna@musterland.example", text: str = "x") -> Frozen:
    when = datetime(2026, 4, 9, 6, 30, tzinfo=UTC)
    identity = message_id(uid, "musterland.example")
    return compose(OFFICE, Address("", recipient), "Neubau", text, "<p>x</p>", identity, when)


@dataclass
class Postbox:
    """What the server took: envelopes, connections, and which of them were encrypted."""

    taken: list[Envelope] = field(default_factory=list)
    encrypted: list[bool] = field(default_factory=list)
    connections: list[asyncio.BaseTransport] = field(default_factory=list)
    logins: list[bytes] = field(default_factory=list)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        self.taken.append(envelope)
        self.encrypted.append(session.ssl is not None)
        return f"250 2.0.0 Ok: queued as {len(self.taken)}"

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address.startswith("niemand"):
            return "550 5.1.1 no such user"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 Ok"

    def authenticate(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, login: object
    ) -> AuthResult:
        assert isinstance(login, LoginPassword)
        self.logins.append(login.login)
        return AuthResult(success=login == LoginPassword(b"amt", b"geheim"), handled=False)


def server_context() -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    CERTIFICATE.configure_cert(context)
    return context


@asynccontextmanager
async def relay(
    box: Postbox, starttls: bool = False, implicit: bool = False, login: bool = False
) -> AsyncIterator[SmtpSettings]:
    def connected() -> SMTP:
        server = SMTP(
            box,
            hostname="relay.example",
            tls_context=server_context() if starttls else None,
            authenticator=box.authenticate if login else None,
            auth_required=login,
            auth_require_tls=False,
        )
        made = server.connection_made

        def note(transport: asyncio.BaseTransport) -> None:
            box.connections.append(transport)
            made(transport)

        server.connection_made = note  # type: ignore[method-assign]
        return server

    loop = asyncio.get_running_loop()
    listener = await loop.create_server(
        connected, "127.0.0.1", 0, ssl=server_context() if implicit else None
    )
    port = listener.sockets[0].getsockname()[1]
    try:
        yield SmtpSettings("127.0.0.1", port, tls="off", helo="amt.example", timeout=5)
    finally:
        listener.close()
        for transport in box.connections:
            transport.close()
        await asyncio.sleep(0)


@pytest.fixture
def authority(tmp_path: Path) -> Path:
    path = tmp_path / "ca.pem"
    TRUSTED.cert_pem.write_to_path(path)
    return path


@pytest.fixture
def foreign_authority(tmp_path: Path) -> Path:
    path = tmp_path / "foreign.pem"
    trustme.CA().cert_pem.write_to_path(path)
    return path


def nothing() -> None:
    """Stand for the outbox, which has nothing to commit here."""


def send(
    change: Callable[[SmtpSettings], SmtpSettings], **server: bool
) -> tuple[Postbox, NotDelivered | None]:
    """Return what the server took, and the failure, if the message did not get there."""
    box = Postbox()

    async def one() -> NotDelivered | None:
        async with relay(box, **server) as settings:
            try:
                await SmtpChannel(change(settings)).deliver(mail(), nothing)
            except NotDelivered as failure:
                return failure
        return None

    return box, asyncio.run(one())


def test_what_arrives_is_what_was_frozen_byte_for_byte() -> None:
    box = Postbox()
    frozen = mail(text=".\n..\nUmlaute äöü\n.Ende\n" + "lang " * 300)

    async def one() -> str:
        async with relay(box) as settings:
            channel: Channel = SmtpChannel(settings)
            reply = await channel.deliver(frozen, nothing)
            assert reply.code == 250
            return reply.text

    assert asyncio.run(one()) == "2.0.0 Ok: queued as 1"
    [envelope] = box.taken
    assert envelope.original_content == frozen.data
    assert envelope.mail_from == OFFICE.email
    assert envelope.rcpt_tos == ["anna@musterland.example"]


@pytest.mark.parametrize("awaited", [False, True], ids=["function", "coroutine"])
def test_the_outbox_has_committed_before_the_server_gets_anything(awaited: bool) -> None:
    box, committed = Postbox(), []

    def commit() -> None:
        committed.append(len(box.taken))

    async def commit_later() -> None:
        await asyncio.sleep(0.01)
        commit()

    async def one() -> None:
        async with relay(box) as settings:
            on_data: Callable[[], Awaitable[None] | None] = commit_later if awaited else commit
            await SmtpChannel(settings).deliver(mail(), on_data)

    asyncio.run(one())
    assert committed == [0]
    assert len(box.taken) == 1


def test_nothing_is_sent_when_the_outbox_cannot_commit() -> None:
    box = Postbox()

    class LeaseLostError(Exception):
        pass

    def lost() -> None:
        raise LeaseLostError

    async def two() -> None:
        async with relay(box) as settings, SmtpChannel(settings).session() as session:
            with pytest.raises(LeaseLostError):
                await session.deliver(mail("1"), lost)
            await session.deliver(mail("2"), nothing)

    asyncio.run(two())
    assert [e.original_content for e in box.taken] == [mail("2").data]


def test_many_mails_share_a_connection_and_a_refused_one_does_not_stop_them() -> None:
    box = Postbox()

    async def three() -> NotDelivered:
        async with relay(box) as settings, SmtpChannel(settings).session() as session:
            await session.deliver(mail("1"), nothing)
            with pytest.raises(NotDelivered) as refused:
                await session.deliver(mail("2", "niemand@musterland.example"), pytest.fail)
            await session.deliver(mail("3"), nothing)
        return refused.value

    refused = asyncio.run(three())
    assert (refused.kind, refused.phase, refused.code) == (Kind.REFUSED, Phase.RCPT, 550)
    assert refused.text == "5.1.1 no such user"
    assert [e.original_content for e in box.taken] == [mail("1").data, mail("3").data]
    assert len(box.connections) == 1


def test_a_session_that_was_cut_off_in_between_connects_again() -> None:
    box = Postbox()

    async def two() -> None:
        async with relay(box) as settings, SmtpChannel(settings).session() as session:
            await session.deliver(mail("1"), nothing)
            box.connections[0].close()
            await asyncio.sleep(0.05)
            await session.deliver(mail("2"), nothing)

    asyncio.run(two())
    assert len(box.taken) == len(box.connections) == 2


@pytest.mark.parametrize(
    ("tls", "server"),
    [
        pytest.param("required", {"starttls": True}, id="STARTTLS"),
        pytest.param("implicit", {"implicit": True}, id="TLS-from-the-start"),
    ],
)
def test_mail_goes_encrypted_to_a_server_of_the_houses_own_authority(
    tls: str, server: dict[str, bool], authority: Path
) -> None:
    box, failure = send(lambda s: replace(s, tls=tls, ca_file=authority), **server)  # type: ignore[arg-type]
    assert failure is None
    assert box.encrypted == [True] or server == {"implicit": True}
    assert len(box.taken) == 1


@pytest.mark.parametrize(
    ("tls", "server", "phase"),
    [
        pytest.param("required", {"starttls": True}, Phase.TLS, id="STARTTLS"),
        pytest.param("implicit", {"implicit": True}, Phase.CONNECT, id="TLS-from-the-start"),
    ],
)
def test_a_server_with_a_foreign_certificate_gets_no_mail(
    tls: str, server: dict[str, bool], phase: Phase, foreign_authority: Path
) -> None:
    box, failure = send(lambda s: replace(s, tls=tls, ca_file=foreign_authority), **server)  # type: ignore[arg-type]
    assert failure is not None
    assert (failure.kind, failure.phase) == (Kind.RELAY_DOWN, phase)
    assert "certificate" in failure.text.lower()
    assert box.taken == []


def test_required_encryption_is_never_left_out() -> None:
    box, failure = send(lambda s: replace(s, tls="required"))
    assert failure is not None
    assert (failure.kind, failure.phase) == (Kind.OUR_FAULT, Phase.TLS)
    assert "STARTTLS" in failure.text
    assert box.taken == []


def test_opportunistic_encryption_takes_what_there_is(foreign_authority: Path) -> None:
    def change(settings: SmtpSettings) -> SmtpSettings:
        return replace(settings, tls="opportunistic", ca_file=foreign_authority)

    offered, failure = send(change, starttls=True)
    assert (failure, offered.encrypted) == (None, [True])
    not_offered, failure = send(change)
    assert (failure, not_offered.encrypted) == (None, [False])


def test_a_log_in_with_the_right_password_lets_mail_through(authority: Path) -> None:
    box, failure = send(
        lambda s: replace(s, tls="required", ca_file=authority, user="amt", password="geheim"),
        starttls=True,
        login=True,
    )
    assert failure is None
    assert (box.encrypted, box.logins) == ([True], [b"amt"])


def test_a_wrong_password_is_our_fault_and_no_dead_letter(authority: Path) -> None:
    box, failure = send(
        lambda s: replace(s, tls="required", ca_file=authority, user="amt", password="falsch"),
        starttls=True,
        login=True,
    )
    assert failure is not None
    assert (failure.kind, failure.phase, failure.code) == (Kind.OUR_FAULT, Phase.LOGIN, 535)
    assert box.taken == []


def test_a_server_that_wants_a_log_in_makes_it_our_fault() -> None:
    _, failure = send(lambda s: s, login=True)
    assert failure is not None
    assert (failure.kind, failure.phase, failure.code) == (Kind.OUR_FAULT, Phase.MAIL, 530)


@pytest.mark.parametrize(
    "server",
    [pytest.param({}, id="no-encryption"), pytest.param({"starttls": True}, id="foreign-certificate")],
)  # fmt: skip
def test_a_password_is_not_told_to_whoever_answers(
    server: dict[str, bool], foreign_authority: Path
) -> None:
    box, failure = send(
        lambda s: replace(
            s, tls="opportunistic", ca_file=foreign_authority, user="amt", password="geheim"
        ),
        login=True,
        **server,
    )
    assert failure is not None
    assert failure.phase is Phase.TLS
    assert (box.logins, box.taken) == ([], [])


@pytest.mark.parametrize(
    ("change", "phase"),
    [
        pytest.param({"user": "amt", "password": "x"}, Phase.LOGIN, id="no-log-in-there"),
        pytest.param({"helo": "zwei worte"}, Phase.CONNECT, id="no-host-name"),
        pytest.param({"tls": "required", "ca_file": Path("fehlt.pem")}, Phase.CONNECT, id="no-file"),
    ],
)  # fmt: skip
def test_a_setting_that_cannot_work_is_our_fault(change: dict[str, object], phase: Phase) -> None:
    box, failure = send(lambda s: replace(s, **change))  # type: ignore[arg-type]
    assert failure is not None
    assert (failure.kind, failure.phase) == (Kind.OUR_FAULT, phase)
    assert box.taken == []


def test_no_password_stands_in_a_log_line() -> None:
    assert "geheim" not in repr(SmtpSettings("relay.example", user="amt", password="geheim"))
