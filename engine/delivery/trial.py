"""A test mail, sent past the outbox: whether the way out is open."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from engine import clock
from engine.app import App
from engine.core.offices import Person
from engine.delivery.letters import general
from engine.errors import InputError
from notifications.channel import Channel, NotDelivered
from notifications.message import Address, BadAddress, compose, message_id

LETTER = "testnachricht"


@dataclass(frozen=True, slots=True)
class Trial:
    """Whether the test mail was taken, by which channel, and what that answered."""

    sent: bool
    channel: str
    answer: str


def send_test(app: App, address: str, *, second: bool = False) -> Trial:
    """Send a test mail to an address and return the answer of the other side.

    Raises InputError for no usable address, or where there is no `second` mail server to ask.
    """
    channel = _second(app) if second else app.channel()
    try:
        recipient = Address("", address)
    except BadAddress as error:
        raise InputError(
            f"„{address}“ ist keine brauchbare Adresse. Schreiben Sie sie wie name@kommune.de, ohne Umlaute.",
            f"'{address}' is no usable address: {error}",
        ) from None
    person = Person("", address, address)
    rendered = app.renderer.render(LETTER, "de", general(app, address, person))
    sender = app.config.settings.mail.sender
    mail = compose(
        Address(sender.name, sender.email),
        recipient,
        rendered.subject,
        rendered.text,
        rendered.html,
        message_id(clock.new_uid(), sender.email.rpartition("@")[2]),
        app.clock.now(),
    )
    try:
        reply = asyncio.run(channel.deliver(mail, lambda: None))
    except NotDelivered as failure:
        return Trial(
            False,
            channel.name,
            f"{failure.kind.value} ({failure.phase}): {failure.code or ''} {failure.text}",
        )
    return Trial(True, channel.name, f"{reply.code} {reply.text}")


def _second(app: App) -> Channel:
    _, *others = app.channels()
    if not others:
        raise InputError(
            "config.yaml, mail: Ein zweiter Mailserver (second) ist nicht eingetragen.",
            "config.yaml, mail: there is no second mail server (second).",
        )
    return others[0]
