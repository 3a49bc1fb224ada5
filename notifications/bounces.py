"""Which of our messages came back: the address it was sent from tells, and nobody can forge it.

Each message leaves with an envelope sender of its own (VERP), `bounce+<uid>.<mac>@domain`. A
report of a mail server (RFC 3464) goes to that address. Only a right code is believed; what a
report says of subjects and people is not read at all. An absence note is no bounce (RFC 3834).
"""

from __future__ import annotations

import base64
import hmac
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import Message
from email.utils import getaddresses
from enum import StrEnum
from hashlib import sha256

from notifications.channel import one_line

LARGEST = 2 * 1024 * 1024
"""Bytes of a report that are looked at; servers may return the whole mail with it."""

_MAC = 10  # characters of base32: 50 bits, to be guessed only by sending that many mails
_TAIL = re.compile(r"\+([0-9a-f]{32})\.([a-z2-7]{10})$")
_TO = ("Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To", "To", "Cc")


class BounceKind(StrEnum):
    """What a report says became of the message."""

    FAILED = "failed"  # given up for good
    DELAYED = "delayed"  # still tried; nothing is lost yet
    DELIVERED = "delivered"  # or handed on to where no further report comes from
    UNCLEAR = "unclear"  # came back, but in no form that says more


@dataclass(frozen=True, slots=True)
class Bounce:
    """What came back for the message `uid`; `status` is that of RFC 3463, or empty."""

    uid: str
    kind: BounceKind
    status: str
    text: str


def envelope(address: str, uid: str, key: bytes) -> str:
    """Return the envelope sender of a message: the address for bounces with its uid and code.

    >>> envelope("bounce@amt.example", "0" * 32, b"k")
    'bounce+00000000000000000000000000000000.ua5guezhfd@amt.example'
    """
    local, _, domain = address.partition("@")
    return f"{local}+{uid}.{_mac(uid, key)}@{domain}"


def bounced(data: bytes, address: str, key: bytes, journal: str | None = None) -> Bounce | None:
    """Return what a mail to the address for bounces reports, or None for anything else.

    None for a wrong or missing code, for absence notes, for what is no mail, and for a report of
    the copy to the `journal` alone: the letter itself is another matter. Never raises: anybody can
    send anything to that address.
    """
    try:
        mail = message_from_bytes(data[:LARGEST], policy=policy.compat32)
        uid = _uid(mail, address, key)
        if uid is None or _is_answer(mail):
            return None
        return _reported(mail, uid, journal or "")
    except (ValueError, LookupError, AttributeError, TypeError, RecursionError):
        return None


def _mac(uid: str, key: bytes) -> str:
    digest = hmac.new(key, uid.encode("ascii"), sha256).digest()
    return base64.b32encode(digest).decode("ascii").lower()[:_MAC]


def _uid(mail: Message, address: str, key: bytes) -> str | None:
    """Return the message that one of the mail's recipients names with a right code."""
    local, _, domain = address.lower().partition("@")
    headers = [str(value) for name in _TO for value in mail.get_all(name, [])]
    for _, given in getaddresses(headers):
        named, _, host = given.lower().partition("@")
        found = _TAIL.search(named)
        if found is None or host != domain or named[: found.start()] != local:
            continue
        if hmac.compare_digest(_mac(found[1], key), found[2]):
            return found[1]
    return None


def _is_answer(mail: Message) -> bool:
    """Return whether a person's mailbox answered by itself, as absence notes do."""
    if _is_report(mail):
        return False  # servers mark their reports as answers, too
    submitted = str(mail.get("Auto-Submitted", "")).lower()
    marked = any(name in mail for name in ("X-Autoreply", "X-Autorespond", "X-Auto-Response"))
    sent_by_nobody = str(mail.get("Return-Path", "")).strip() == "<>"
    return submitted.startswith("auto-replied") or marked or not sent_by_nobody


def _is_report(mail: Message) -> bool:
    return (
        mail.get_content_type() == "multipart/report"
        and str(mail.get_param("report-type", "")).lower() == "delivery-status"
    )


def _reported(mail: Message, uid: str, journal: str) -> Bounce | None:
    """Return the worst that the report says: a message has one recipient, so one group counts."""
    groups = list(_groups(mail))
    copies = [group for group in groups if journal and _recipient(group) == journal.lower()]
    found = [_said(group, uid) for group in groups if group not in copies]
    order = list(BounceKind)
    told = [bounce for bounce in found if bounce is not None]
    if told:
        return min(told, key=lambda bounce: order.index(bounce.kind))
    if copies:
        return None
    return Bounce(uid, BounceKind.UNCLEAR, "", one_line(str(mail.get("Subject", ""))))


def _recipient(group: Message) -> str:
    said = group.get("Original-Recipient") or group.get("Final-Recipient") or ""
    return str(said).rpartition(";")[2].strip().strip("<>").lower()


def _groups(mail: Message) -> Iterator[Message]:
    """Yield the groups of fields about a recipient (RFC 3464, 2.1: after that of the message)."""
    for part in mail.walk():
        if part.get_content_type() != "message/delivery-status":
            continue
        groups = part.get_payload()
        if isinstance(groups, list):
            yield from (group for group in groups if isinstance(group, Message))


_ACTIONS = {
    "failed": BounceKind.FAILED,
    "delayed": BounceKind.DELAYED,
    "delivered": BounceKind.DELIVERED,
    "relayed": BounceKind.DELIVERED,
    "expanded": BounceKind.DELIVERED,
}


def _said(group: Message, uid: str) -> Bounce | None:
    action = str(group.get("Action", "")).strip().lower()
    words = re.match(r"[a-z]+", action)
    kind = _ACTIONS.get(words[0]) if words else None
    if kind is None:
        return None
    status = re.search(r"[245]\.\d{1,3}\.\d{1,3}", str(group.get("Status", "")))
    diagnostic = str(group.get("Diagnostic-Code", "")).partition(";")[2]
    return Bounce(uid, kind, status[0] if status else "", one_line(diagnostic.strip()))
