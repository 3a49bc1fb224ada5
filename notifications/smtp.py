"""Hand a frozen message to the relay, phase by phase, so that each failure is known for what it is.

`aiosmtplib.send` raises the same exception for "dropped before DATA" and for "accepted,
then dropped"; only the phase tells them apart (RFC 1047 names the gap).
"""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from aiosmtplib import (
    SMTP,
    SMTPException,
    SMTPHeloError,
    SMTPResponse,
    SMTPResponseException,
)

from notifications.channel import Kind, NotDelivered, OnData, Phase, Reply, one_line, run
from notifications.message import Frozen

Tls = Literal["off", "opportunistic", "required", "implicit"]

log = logging.getLogger("rechtzeitig")

SECONDS_FOR_GOODBYE = 10.0
_CLOSING = 421
# "Log in first" is never about the one recipient, in whatever phase a server says it.
LOGIN_WANTED = frozenset({530, 534, 535, 538})


@dataclass(frozen=True, slots=True)
class SmtpSettings:
    """How to reach the relay; times in seconds.

    `opportunistic` takes STARTTLS when offered and does not ask for a valid certificate,
    because without it the mail would travel in the clear anyway. With a login it counts
    as `required`: a password is not told to whoever answers. `ca_file` replaces the
    authorities of the system.
    """

    host: str
    port: int = 25
    tls: Tls = "required"
    ca_file: Path | None = None
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    helo: str | None = None
    timeout: float = 60.0
    data_timeout: float = 600.0  # RFC 5321, 4.5.3.2.6: the final dot may take ten minutes


class SmtpChannel:
    """The municipality's mail relay."""

    name = "smtp"

    def __init__(self, settings: SmtpSettings) -> None:
        self._settings = settings

    async def deliver(self, frozen: Frozen, on_data: OnData) -> Reply:
        """Hand over one message on a connection of its own, or raise `NotDelivered`."""
        async with self.session() as session:
            return await session.deliver(frozen, on_data)

    @asynccontextmanager
    async def session(self) -> AsyncIterator[SmtpSession]:
        """Yield a session that connects with its first message and again when cut off."""
        session = SmtpSession(self._settings)
        try:
            yield session
        finally:
            await session.close()


class SmtpSession:
    """One connection to the relay, renewed when it is lost between two messages."""

    def __init__(self, settings: SmtpSettings) -> None:
        self._settings = settings
        self._smtp: SMTP | None = None

    async def open(self) -> None:
        """Connect, encrypt and log in unless that is done, or raise `NotDelivered`."""
        if self._smtp is not None and self._smtp.is_connected:
            return
        try:
            await self._connect()
        except BaseException:
            self._drop()
            raise

    async def deliver(self, frozen: Frozen, on_data: OnData) -> Reply:
        """Hand over one message, or raise `NotDelivered` with kind and phase.

        A relay that hung up after an earlier message is called once more: that says nothing
        about this one.
        """
        used = self._smtp is not None and self._smtp.is_connected
        try:
            await self.open()
            return await self._transact(frozen, on_data)
        except NotDelivered as failure:
            await self._clear_after(failure)
            if not (used and failure.phase is Phase.MAIL and failure.code in {None, _CLOSING}):
                raise
            self._drop()
            return await self.deliver(frozen, on_data)
        except BaseException:
            # The caller gave up in the middle: half an envelope must not meet the next message.
            self._drop()
            raise

    async def close(self) -> None:
        """Say goodbye; a relay that does not answer to that changes nothing any more."""
        if self._smtp is not None and self._smtp.is_connected:
            with suppress(SMTPException, OSError):
                await self._smtp.quit(timeout=SECONDS_FOR_GOODBYE)
        self._drop()

    async def _connect(self) -> None:
        settings = self._settings
        with _phase(Phase.CONNECT):
            self._smtp = smtp = SMTP(
                hostname=settings.host,
                port=settings.port,
                use_tls=settings.tls == "implicit",
                start_tls=False,
                tls_context=await asyncio.to_thread(_tls_context, settings),
                local_hostname=settings.helo,
                timeout=settings.timeout,
            )
            await smtp.connect()
        with _phase(Phase.EHLO):
            await _greet(smtp)
        await _encrypt(smtp, settings)
        if settings.user is not None:
            with _phase(Phase.LOGIN):
                await smtp.login(settings.user, settings.password or "")

    async def _transact(self, frozen: Frozen, on_data: OnData) -> Reply:
        assert self._smtp is not None
        smtp = self._smtp
        with _phase(Phase.MAIL):
            await smtp.mail(frozen.sender, options=_mail_options(smtp, frozen))
        with _phase(Phase.RCPT):
            notify = ["NOTIFY=FAILURE,DELAY"] if smtp.supports_extension("dsn") else []
            await smtp.rcpt(frozen.recipient, options=notify)
            if frozen.copy_to is not None:
                await _copied(smtp, frozen.copy_to)
        await run(on_data)
        if not smtp.is_connected:
            # Lost while the outbox committed: DATA never left, so there is nothing to doubt.
            raise NotDelivered(Kind.RETRY, None, "connection lost before DATA", Phase.RCPT)
        with _phase(Phase.DATA):
            reply = await self._data(smtp, frozen.data)
        return Reply(reply.code, one_line(reply.message))

    async def _data(self, smtp: SMTP, data: bytes) -> SMTPResponse:
        """Hand over the bytes; one clock for all of it, since the outbox's lease goes by that."""
        settings = self._settings
        async with asyncio.timeout(settings.timeout + settings.data_timeout):
            return await smtp.data(data, timeout=settings.data_timeout)

    async def _clear_after(self, failure: NotDelivered) -> None:
        """Free the connection of the failed envelope, or give the connection up."""
        answered = failure.code is not None and failure.phase in {
            Phase.MAIL,
            Phase.RCPT,
            Phase.DATA,
        }
        if self._smtp is not None and self._smtp.is_connected and answered:
            with suppress(SMTPException, OSError):
                await self._smtp.rset()
                return
        self._drop()

    def _drop(self) -> None:
        if self._smtp is not None:
            self._smtp.close()
        self._smtp = None


def kind_of(phase: Phase, code: int | None) -> Kind:
    """Return what an answer `code` means in `phase`; None stands for a drop or a time-out.

    Codes by RFC 5321, 4.2.1: 4yz for the moment, 5yz for good. A 5yz to MAIL or before
    is about us, to RCPT or after the final dot about this message.
    """
    for_the_moment = code is not None and 400 <= code < 500
    for_good = code is not None and 500 <= code < 600
    if code in LOGIN_WANTED:
        return Kind.OUR_FAULT
    if phase is Phase.DATA:
        return Kind.REFUSED if for_good else Kind.RETRY if for_the_moment else Kind.UNSURE
    if phase is Phase.RCPT:
        return Kind.REFUSED if for_good else Kind.RETRY
    if phase is Phase.MAIL:
        return Kind.OUR_FAULT if for_good else Kind.RETRY
    if phase is Phase.TLS:
        return Kind.RELAY_DOWN
    return Kind.OUR_FAULT if for_good else Kind.RELAY_DOWN


@contextmanager
def _phase(phase: Phase) -> Iterator[None]:
    """Turn whatever goes wrong inside into `NotDelivered` of this phase."""
    try:
        yield
    except SMTPResponseException as answer:
        code = answer.code if 200 <= answer.code < 600 else None
        raise NotDelivered(kind_of(phase, code), code, answer.message, phase) from answer
    except OSError as lost:  # time-outs, resets and TLS errors are all of this kind
        raise NotDelivered(kind_of(phase, None), None, str(lost), phase) from lost
    except (SMTPException, ValueError) as unfit:
        # Not the network: the relay lacks what the settings ask for, or a setting is no host.
        kind = Kind.UNSURE if phase is Phase.DATA else Kind.OUR_FAULT
        raise NotDelivered(kind, None, str(unfit), phase) from unfit


def _tls_context(settings: SmtpSettings) -> ssl.SSLContext | None:
    if settings.tls == "off":
        return None
    try:
        context = ssl.create_default_context(cafile=settings.ca_file)
    except OSError as unreadable:
        raise ValueError(f"ca_file {settings.ca_file}: {unreadable}") from unreadable
    if settings.tls == "opportunistic" and settings.user is None:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


async def _greet(smtp: SMTP) -> None:
    try:
        await smtp.ehlo()
    except SMTPHeloError:
        await smtp.helo()  # RFC 5321, 3.2: a server without extensions


async def _encrypt(smtp: SMTP, settings: SmtpSettings) -> None:
    if settings.tls in {"off", "implicit"}:
        return
    if smtp.supports_extension("starttls"):
        with _phase(Phase.TLS):
            await smtp.starttls()
            await _greet(smtp)  # RFC 3207, 4.2: what was said in the clear counts no more
    elif settings.tls == "required" or settings.user is not None:
        raise NotDelivered(Kind.OUR_FAULT, None, "the relay offers no STARTTLS", Phase.TLS)


async def _copied(smtp: SMTP, address: str) -> None:
    """Name the house's own mailbox too; that it takes nothing must keep no letter back.

    Of the copy no failure is reported (RFC 3461): the report would look like the letter's own.
    """
    try:
        await smtp.rcpt(address, options=["NOTIFY=NEVER"] if smtp.supports_extension("dsn") else [])
    except SMTPResponseException as refused:
        if refused.code == _CLOSING:
            raise
        log.warning("no copy to %s: %s %s", address, refused.code, one_line(refused.message))


def _mail_options(smtp: SMTP, frozen: Frozen) -> list[str]:
    """Return size (RFC 1870) and the wish for traceable failure notices (RFC 3461), if offered."""
    size = [f"SIZE={len(frozen.data)}"] if smtp.supports_extension("size") else []
    uid = frozen.message_id.strip("<>").partition("@")[0]
    xtext = "".join(c if c.isalnum() or c in "-._" else f"+{ord(c):02X}" for c in uid)
    traced = ["RET=HDRS", f"ENVID={xtext}"] if smtp.supports_extension("dsn") else []
    return size + traced
