"""Freeze one mail to one person into the bytes that every attempt sends (RFC 5322, RFC 2045).

The bytes are written here line by line and not by `EmailMessage`: on Python 3.11 and 3.12
its folding turns an encoded line break of a subject into a header of its own
(CVE-2024-6923) and loses blanks between encoded words. What is written is read back
before it is handed over.
"""

from __future__ import annotations

import binascii
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.header import Header, decode_header, make_header
from email.parser import BytesHeaderParser
from email.utils import format_datetime, parseaddr
from hashlib import sha256

LONGEST_HEADER = 200  # characters of a subject or a name; more helps nobody in a list of mails
FULL_LINE = 78  # RFC 5322, 2.1.1

_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?"
_MAILBOX = rf"{_ATOM}(?:\.{_ATOM})*@{_LABEL}(?:\.{_LABEL})*"
# All automatic answers but NDR (MS-OXCMAIL 2.1.3.2.20): that a mail did not arrive must be told.
_SUPPRESSED = "DR, RN, NRN, OOF, AutoReply"
_LANGUAGE = r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8})*"
# Embeddings, overrides and isolates let a name be read in another order than it is written.
_TURNS_READING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


class BadAddress(ValueError):
    """A mail address that cannot stand on an SMTP command line as it is."""


class BrokenMessage(RuntimeError):
    """Written headers that read back as others; nothing of it may be sent."""


@dataclass(frozen=True, slots=True)
class Address:
    """A person or office with a mail address (RFC 5321 mailbox, ASCII); `name` may be empty."""

    name: str
    email: str

    def __post_init__(self) -> None:
        if len(self.email) > 254 or not re.fullmatch(_MAILBOX, self.email):
            raise BadAddress(
                f"{self.email!r} is no mail address that every server takes: "
                "write name@domain in ASCII, an international domain in its xn-- form"
            )


@dataclass(frozen=True, slots=True)
class Frozen:
    """A finished mail: envelope and bytes with CRLF line ends, the same for every attempt.

    `sender` is the envelope's sender. Where bounces go to another address than that
    of `From`, replace it before the message is stored. `copy_to` is a mailbox of the house
    that gets the same bytes in the same transaction; no header names it.
    """

    message_id: str
    sender: str
    recipient: str
    data: bytes
    copy_to: str | None = None


def message_id(uid: str, domain: str) -> str:
    """Return the Message-ID `<uid@domain>` of the message `uid`."""
    return f"<{uid}@{domain}>"


def header_text(text: str) -> str:
    r"""Return `text` as one harmless line of at most 200 characters for a header.

    Control characters, line and paragraph separators, surrogates and marks that turn
    the reading order become blanks; what looks like an encoded word no longer does.

    >>> header_text("Umbau\r\nBcc: x@example.org =?utf-8?q?a?=")
    'Umbau Bcc: x@example.org = ?utf-8?q?a?='
    """
    blanked = "".join(" " if _unfit(character) else character for character in text)
    line = " ".join(blanked.split()).replace("=?", "= ?")
    return line if len(line) <= LONGEST_HEADER else line[: LONGEST_HEADER - 1].rstrip() + "…"


def _unfit(character: str) -> bool:
    return (
        unicodedata.category(character) in {"Cc", "Cs", "Zl", "Zp"} or character in _TURNS_READING
    )


def compose(
    sender: Address,
    recipient: Address,
    subject: str,
    text: str,
    html: str,
    message_id: str,
    date: datetime,
    reply_to: Address | None = None,
    language: str = "de",
) -> Frozen:
    """Return the mail as frozen bytes: the same arguments always give the same bytes.

    `date` must be aware. `Auto-Submitted` (RFC 3834) and `X-Auto-Response-Suppress`
    (Exchange) keep absence notes from answering a machine.
    """
    _require(re.fullmatch(rf"<{_MAILBOX}>", message_id), f"no Message-ID: {message_id!r}")
    _require(re.fullmatch(_LANGUAGE, language), f"no language tag: {language!r}")
    _require(date.tzinfo, "the date of a message must be aware of its zone")
    # "=_" can occur in no quoted-printable line, so no text can end a part.
    boundary = "=_" + sha256(message_id.encode("ascii")).hexdigest()[:32]
    headers = {
        "From": _mailbox("From", sender),
        "To": _mailbox("To", recipient),
        **({"Reply-To": _mailbox("Reply-To", reply_to)} if reply_to else {}),
        "Subject": _encoded("Subject", header_text(subject)),
        "Date": format_datetime(date),
        "Message-ID": message_id,
        "MIME-Version": "1.0",
        "Content-Language": language,
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": _SUPPRESSED,
        "Content-Type": f'multipart/alternative;\r\n boundary="{boundary}"',
    }
    data = _written(headers, boundary, text, html)
    read_back(data, tuple(headers), sender, recipient, header_text(subject))
    return Frozen(message_id, sender.email, recipient.email, data)


def read_back(
    data: bytes, names: tuple[str, ...], sender: Address, recipient: Address, subject: str
) -> None:
    """Raise `BrokenMessage` unless `data` has just these headers, people and subject."""
    head = BytesHeaderParser().parsebytes(data)
    if tuple(head.keys()) != names:
        raise BrokenMessage(f"headers {head.keys()} instead of {list(names)}")
    if (_email(head["From"]), _email(head["To"])) != (sender.email, recipient.email):
        raise BrokenMessage(f"sender or recipient changed: {head['From']}, {head['To']}")
    if str(make_header(decode_header(head["Subject"]))) != subject:
        raise BrokenMessage(f"subject changed: {head['Subject']}")


def _require(condition: object, complaint: str) -> None:
    if not condition:
        raise ValueError(complaint)


def _email(header: str) -> str:
    return parseaddr(header)[1]


def _mailbox(header: str, address: Address) -> str:
    name = header_text(address.name)
    if not name:
        return address.email
    if name.isascii():
        quoted = name.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{quoted}"\r\n <{address.email}>'
    return f"{_encoded(header, name)}\r\n <{address.email}>"


def _encoded(header: str, line: str) -> str:
    """Return `line` as it is if it is short ASCII, else wholly in encoded words (RFC 2047)."""
    if line.isascii() and len(header) + 2 + len(line) <= FULL_LINE:
        return line
    return Header(line, "utf-8", maxlinelen=76, header_name=header).encode(linesep="\r\n")


def _written(headers: Mapping[str, str], boundary: str, text: str, html: str) -> bytes:
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    parts = _part("plain", text, boundary) + _part("html", html, boundary)
    return head.encode("ascii") + b"\r\n" + parts + f"--{boundary}--\r\n".encode("ascii")


def _part(subtype: str, content: str, boundary: str) -> bytes:
    head = (
        f"--{boundary}\r\n"
        f"Content-Type: text/{subtype}; charset=utf-8\r\n"
        "Content-Transfer-Encoding: quoted-printable\r\n\r\n"
    )
    # CRLF only at the end: b2a_qp breaks long lines by the first line end it happens to meet.
    lines = re.sub(r"\r\n|\r", "\n", content).encode("utf-8", "replace")
    return head.encode("ascii") + binascii.b2a_qp(lines).replace(b"\n", b"\r\n") + b"\r\n"
