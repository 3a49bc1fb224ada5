"""Keys: what a password opens, what a session opens, and what nobody else can read.

A password is stretched once (argon2id); what comes of it tells the right password and is the
key of the account's data key, by two names, so that neither says anything about the other.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import threading
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from argon2.low_level import Type, hash_secret_raw
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from engine import clock
from engine.store.accounts import Password
from engine.store.errors import Unavailable

COST = "argon2id:3:65536:4"
"""Passes, KiB and lanes: the defaults of argon2-cffi (RFC 9106, second recommended option)."""

AT_ONCE = 2
"""As many passwords are stretched at once; each takes 64 MiB."""

PATIENCE = 20.0
"""Seconds after which somebody who waits for her turn is told to come back."""

_NONCE = 12
_TURNS = threading.BoundedSemaphore(AT_ONCE)
_NOBODY = Password(bytes(32), COST, bytes(32), b"", clock.SystemClock().now())


@dataclass(frozen=True, slots=True)
class Stretched:
    """What a password comes to: what tells it, and the key that wraps the data key."""

    verifier: bytes
    key: bytes


def stretched(password: str, salt: bytes, cost: str = COST) -> Stretched:
    """Return what a password comes to; two at a time, others wait (Unavailable after 20 s)."""
    passes, kib, lanes = (int(part) for part in cost.split(":")[1:])
    said = unicodedata.normalize("NFKC", password).encode()
    with _turn():
        raw = hash_secret_raw(said, salt, passes, kib, lanes, 32, Type.ID)
    return Stretched(key_from(raw, "verifier"), key_from(raw, "wrap"))


def opened(password: str, held: Password | None) -> bytes | None:
    """Return the data key that a password opens, None for a wrong one.

    Where there is no password to compare with, as much work is done for nothing, so that
    the time taken does not tell.
    """
    known = held or _NOBODY
    found = stretched(password, known.salt, known.cost)
    right = hmac.compare_digest(found.verifier, known.verifier)
    if held is None or not right:
        return None
    return unsealed(found.key, held.wrapped, "data key")


def new_key() -> bytes:
    """Return a fresh data key."""
    return clock.salt()


def key_from(secret: bytes, purpose: str) -> bytes:
    """Return the key of 32 bytes that a strong secret is for a purpose (RFC 5869)."""
    info = f"rechtzeitig/{purpose}/v1".encode()
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=info).derive(secret)


def sealed(key: bytes, data: bytes, about: str) -> bytes:
    """Return data encrypted for a key (AES-256-GCM), bound to what it is about."""
    nonce = clock.salt()[:_NONCE]
    return nonce + AESGCM(key).encrypt(nonce, data, about.encode())


def unsealed(key: bytes, data: bytes, about: str) -> bytes | None:
    """Return what was sealed, or None where key, data or what it is about are others."""
    try:
        return AESGCM(key).decrypt(data[:_NONCE], data[_NONCE:], about.encode())
    except InvalidTag:
        return None


def digest(token: str) -> bytes:
    """Return the hash by which a token of full strength is known."""
    return hashlib.sha256(token.encode()).digest()


def csrf_of(token: str) -> str:
    """Return what the forms of a session carry: it follows from the cookie, and not back."""
    return hmac.new(token.encode(), b"rechtzeitig/csrf/v1", hashlib.sha256).hexdigest()


def recovery_code() -> str:
    """Return a code of 125 random bits that people can copy: letters and digits, no 0, 1, 8, 9."""
    letters = base64.b32encode(clock.salt()).decode()[:25].lower()
    return "-".join(letters[i : i + 5] for i in range(0, 25, 5))


def plain_code(code: str) -> str:
    """Return a recovery code without what people add in copying."""
    return "".join(c for c in code.casefold() if c.isalnum())


@contextmanager
def _turn() -> Iterator[None]:
    if not _TURNS.acquire(timeout=PATIENCE):
        raise Unavailable(
            "Gerade melden sich sehr viele Personen an. Versuchen Sie es in einer Minute erneut.",
            "Very many people are signing in just now. Try again in a minute.",
        )
    try:
        yield
    finally:
        _TURNS.release()
