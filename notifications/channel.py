"""What a way to people promises: one reply, or one failure that says what to do next."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from notifications.message import Frozen, header_text

OnData = Callable[[], Awaitable[None] | None]


class Kind(StrEnum):
    """What a failure means for the message and for the queue behind it."""

    RETRY = "retry"  # certainly not delivered; try again later
    REFUSED = "refused"  # refused for good; a dead letter at once
    UNSURE = "unsure"  # perhaps accepted; sending again may be a second copy
    RELAY_DOWN = "relay_down"  # no way out for any message; hold the queue, count no attempt
    OUR_FAULT = "our_fault"  # configuration; hold the queue, tell the administrator


class Phase(StrEnum):
    """How far the attempt had come; only from `data` on may a message have left."""

    CONNECT = "connect"
    EHLO = "ehlo"
    TLS = "tls"
    LOGIN = "login"
    MAIL = "mail"
    RCPT = "rcpt"
    DATA = "data"


@dataclass(frozen=True, slots=True)
class Reply:
    """The other side's word that it has taken the message: SMTP code and text in one line."""

    code: int
    text: str


class NotDelivered(Exception):
    """A message that was not taken, or of which that is not known; `code` is None without answer."""

    def __init__(self, kind: Kind, code: int | None, text: str, phase: Phase) -> None:
        self.kind, self.code, self.phase = kind, code, phase
        self.text = one_line(text)
        super().__init__(f"{kind} in phase {phase}: {code or 'no answer'} {self.text}".rstrip())


class Session(Protocol):
    """One connection for many messages."""

    async def open(self) -> None:
        """Find out whether there is a way for messages at all, or raise `NotDelivered`."""
        ...

    async def deliver(self, frozen: Frozen, on_data: OnData) -> Reply:
        """Hand over one message, or raise `NotDelivered`.

        `on_data` is called once, and has returned, directly before the message itself
        leaves; whatever it raises ends the attempt with nothing sent.
        """
        ...


class Channel(Protocol):
    """A way to people: `deliver` for one message, `session` for many over one connection."""

    async def deliver(self, frozen: Frozen, on_data: OnData) -> Reply:
        """Hand over one message on a connection of its own, as a `Session` does."""
        ...

    @property
    def name(self) -> str:
        """Return the name under which log and outbox know this channel."""
        ...

    def session(self) -> AbstractAsyncContextManager[Session]:
        """Return a session to be used with `async with`."""
        ...


async def run(on_data: OnData) -> None:
    """Call `on_data`, be it a plain function or a coroutine function, and wait for its end."""
    result = on_data()
    if inspect.isawaitable(result):
        await result


def one_line(text: str) -> str:
    """Return a server's answer as one line that any log and database takes."""
    return header_text(text.encode("utf-8", "surrogateescape").decode("utf-8", "replace"))
