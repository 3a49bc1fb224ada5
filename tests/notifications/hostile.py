"""Values that try to become headers of their own, as many as are asked for, the same for a seed."""

from __future__ import annotations

from collections.abc import Iterator
from email import policy
from email.parser import BytesHeaderParser, BytesParser
from random import Random

from engine.web.security import attachment
from notifications.message import Address, compose
from tests.notifications.test_mail_message import ANNA, HEADERS, ID, OFFICE, WHEN

SEED = 2026
WITH_REPLY = (*HEADERS[:2], "Reply-To", *HEADERS[2:])

FOREIGN = ("Bcc", "X-Evil", "Content-Type", "Reply-To")

_BREAKS = (
    "\r\n",
    "\n",
    "\r",
    "\x0b",
    "\x0c",
    "\x1c",
    "\x1d",
    "\x1e",
    "\x85",
    "\u2028",
    "\u2029",
    "\0",
)
_ENCODED = (
    "=?utf-8?q?a=0d=0a{0}:_e@x.de?=",
    "=?utf-8?q?=0D=0A{0}:_e@x.de?= =?utf-8?q?=0D=0A?=",
    "=?utf-8?b?DQpCY2M6IGVAeC5kZQ0K?=",
    "=?iso-8859-1?q?=0a{0}: e@x.de?=",
    "=?utf-7?q?+AA0-+AAo-{0}: e@x.de?=",
    "=?utf-8*de?q?=0a{0}: e?=",
    "=\u200b?utf-8?q?=0d=0a{0}: e?=",
    "=?utf-8?q?=0d=0a{0}:_e",
)
_LOOSE = (
    '"', "\\", "<e@x.de>", ",", ";", ":", "(", ")", "=?", "?=", "=", "%0d%0a{0}: e", "\\r\\n{0}: e",
    "\u202e", "\u2066", "\u200b", "\ufeff", "\ud800", "\udfff", "\U0001f4ce", "\u00e4", "\u0301", "\u4e2d",
    "../../etc/passwd", "a.pdf", 'x"; filename="y.exe', "filename*=utf-8''%0d%0a{0}: e", "CON", " ", "\t",
    "Umbau der Kita", "x" * 90, "\u00fc" * 120,
)  # fmt: skip


def hostile(count: int, seed: int) -> Iterator[str]:
    """Yield so many values: plain injections, encoded ones, and mixtures of all that is awkward."""
    chance = Random(seed)
    for _ in range(count):
        pieces = [_piece(chance) for _ in range(chance.randint(1, 8))]
        yield "".join(pieces).replace("{0}", chance.choice(FOREIGN))


def _piece(chance: Random) -> str:
    kind = chance.random()
    if kind < 0.3:
        broken = chance.choice(_BREAKS[:3] if chance.random() < 0.6 else _BREAKS)
        return broken + chance.choice(("{0}: e@x.de", "{0}: e@x.de", "\t{0}: e", ""))
    if kind < 0.5:
        return chance.choice(_ENCODED)
    if kind < 0.9:
        return chance.choice(_LOOSE)
    return chr(chance.randrange(0x110000))


def foreign_headers(count: int, seed: int) -> list[str]:
    """Return the values of which a header came as title, as name of a person or as file name.

    Each value stands in all of these places once, and both parsers of Python read it back.
    """
    values = list(hostile(count, seed))
    return [
        value
        for n, value in enumerate(values)
        if _in_mail(value, values[n - 1], values[n - 2], values[n - 3]) or _in_file_name(value)
    ]


def _in_mail(title: str, *names: str) -> bool:
    addresses = (OFFICE.email, ANNA.email, "amt@musterland.example")
    sender, to, reply = (Address(n, a) for n, a in zip(names, addresses, strict=True))
    data = compose(sender, to, title, title, "<p>x</p>", ID, WHEN, reply).data
    head = data.partition(b"\r\n\r\n")[0] + b"\r\n\r\n"
    old = BytesHeaderParser().parsebytes(head)
    new = BytesParser(policy=policy.default).parsebytes(head, headersonly=True)
    kept = tuple(old.keys()) == tuple(new.keys()) == WITH_REPLY
    reached = [a.addr_spec for a in new["To"].addresses] == [ANNA.email]
    torn = any(b"\r" in line or b"\n" in line for line in head.split(b"\r\n"))
    return torn or not (kept and reached)


def _in_file_name(name: str) -> bool:
    """Return whether a document of that name brings a header along when it is fetched.

    Half of a pair of code units is left out: no database takes a name with one.
    """
    whole = name.encode("utf-8", "ignore").decode("utf-8")
    said = attachment(whole, "application/pdf")
    head = "".join(f"{key}: {value}\r\n" for key, value in said.items()).encode("latin-1")
    return BytesHeaderParser().parsebytes(head + b"\r\n").keys() != list(said)
