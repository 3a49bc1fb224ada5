"""The log's lines: a canonical header, hashed as stored, and a body that can be erased.

Header v1 is JSON with sorted ASCII keys, no spaces, whole numbers and strings only. It
names the line before it in the same strand (`prev`) and commits to its private body by a
salted digest, so that the body can be erased and the chain still holds. The bytes are
stored verbatim and never written again from parsed values.

    leaf    = SHA-256(0x00 || header)                        (RFC 6962, 2.1)
    private = SHA-256("rechtzeitig/body/v1" 0x00 || salt || body)

Standard library only: the verifier that goes to court has nothing else.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from engine.core.merkle import leaf_hash

VERSION = 1
SEMANTICS = 1
"""Counts changes of meaning in the core: what a replay must know to count as was counted."""

FIRST = bytes(32)
"""What stands before the first line of a strand."""

_BODY = b"rechtzeitig/body/v1\0"
_ENCODE = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode


@dataclass(frozen=True, slots=True)
class Line:
    """What a line of the log says, before it is sealed."""

    stream: str
    type: str
    actor: str
    for_: str
    recorded_at: datetime
    happened_on: date
    key: str
    part: int
    plain: Mapping[str, Any]
    private: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Sealed:
    """A line as it is stored: the header's bytes and leaf hash, the salt and the body."""

    header: bytes
    leaf: bytes
    salt: bytes
    body: bytes


def canonical(value: Mapping[str, Any]) -> bytes:
    """Return the canonical bytes of a header: sorted keys, no spaces, UTF-8."""
    return _ENCODE(value).encode()


Encode = Callable[[Mapping[str, Any]], bytes]


def seal(
    line: Line,
    *,
    log: str,
    seq: int,
    uid: str,
    salt: bytes,
    prev: bytes,
    encode: Encode = canonical,
) -> Sealed:
    """Return the sealed line number `seq` (from 1) of its strand, after the leaf `prev`.

    `salt` is 32 random bytes; an empty private part has neither salt nor body. `encode` may
    be a faster encoder that gives the bytes of `canonical`.
    """
    body = encode(line.private) if line.private else b""
    header = encode(
        {
            "actor": line.actor,
            "for": line.for_,
            "happened_on": line.happened_on.isoformat(),
            "key": line.key,
            "log": log,
            "part": line.part,
            "plain": line.plain,
            "prev": prev.hex(),
            "private": commitment(salt, body) if body else "",
            "recorded_at": microseconds(line.recorded_at),
            "semantics": SEMANTICS,
            "seq": seq,
            "stream": line.stream,
            "type": line.type,
            "uid": uid,
            "v": VERSION,
        }
    )
    return Sealed(header, leaf(header), salt if body else b"", body)


def leaf(header: bytes) -> bytes:
    """Return the leaf hash of a header's stored bytes (RFC 6962, 2.1)."""
    return leaf_hash(header)


def commitment(salt: bytes, body: bytes) -> str:
    """Return the salted commitment to a body, in hexadecimal."""
    return hashlib.sha256(_BODY + salt + body).hexdigest()


def microseconds(moment: datetime) -> int:
    """Return an aware instant as whole microseconds since 1970 in UTC."""
    delta = moment - _EPOCH
    return (delta.days * 86_400 + delta.seconds) * 1_000_000 + delta.microseconds


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def broken(headers: Iterable[bytes], leaves: Iterable[bytes]) -> int | None:
    """Return the number of the first line of a strand that does not follow, or None.

    Recomputes every hash from the stored bytes; a line must carry the number and the
    leaf hash of the line before it.
    """
    prev = FIRST
    seq = 0
    for seq, (header, stored) in enumerate(zip(headers, leaves, strict=True), start=1):
        said = json.loads(header)
        if leaf(header) != stored or said["seq"] != seq or said["prev"] != prev.hex():
            return seq
        prev = stored
    return None
