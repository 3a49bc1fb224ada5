"""Signatures are verified as RFC 8032 demands, and whatever is none of them is refused."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from engine.core.ed25519 import verified
from tests.core.published import ED25519, NOT_CANONICAL, SMALL_ORDER

ORDER = 2**252 + 27742317777372353535851937790883648493
PUBLIC, MESSAGE, SIGNATURE = (bytes.fromhex(part) for part in ED25519[2])
NONCE, NUMBER = SIGNATURE[:32], int.from_bytes(SIGNATURE[32:], "little")
NO_POINT = (2).to_bytes(32, "little")

PRIVATE = st.binary(min_size=32, max_size=32).map(Ed25519PrivateKey.from_private_bytes)


def with_number(number: int) -> bytes:
    return NONCE + number.to_bytes(32, "little")


REFUSED = {
    "no signature": (PUBLIC, MESSAGE, b""),
    "half a signature": (PUBLIC, MESSAGE, NONCE),
    "a byte short": (PUBLIC, MESSAGE, SIGNATURE[:-1]),
    "a byte long": (PUBLIC, MESSAGE, SIGNATURE + b"\0"),
    "twice": (PUBLIC, MESSAGE, SIGNATURE * 2),
    "all zero": (PUBLIC, MESSAGE, bytes(64)),
    "all ones": (PUBLIC, MESSAGE, b"\xff" * 64),
    "halves swapped": (PUBLIC, MESSAGE, SIGNATURE[32:] + NONCE),
    "no key": (b"", MESSAGE, SIGNATURE),
    "key a byte short": (PUBLIC[:-1], MESSAGE, SIGNATURE),
    "key a byte long": (PUBLIC + b"\0", MESSAGE, SIGNATURE),
    "key is no point": (NO_POINT, MESSAGE, SIGNATURE),
    "key with the other sign": (PUBLIC[:-1] + bytes([PUBLIC[-1] ^ 128]), MESSAGE, SIGNATURE),
    "nonce is no point": (PUBLIC, MESSAGE, NO_POINT + SIGNATURE[32:]),
    "another message": (PUBLIC, MESSAGE + b"\0", SIGNATURE),
    "another key": (bytes.fromhex(ED25519[0][0]), MESSAGE, SIGNATURE),
    "number 0": (PUBLIC, MESSAGE, with_number(0)),
    "number + order": (PUBLIC, MESSAGE, with_number(NUMBER + ORDER)),
    "number + 8 orders": (PUBLIC, MESSAGE, with_number(NUMBER + 8 * ORDER)),
    "number is the order": (PUBLIC, MESSAGE, with_number(ORDER)),
    "number is the order - 1": (PUBLIC, MESSAGE, with_number(ORDER - 1)),
    "number negated": (PUBLIC, MESSAGE, with_number(ORDER - NUMBER)),
    "highest bit of number set": (PUBLIC, MESSAGE, with_number(NUMBER | 1 << 255)),
}


@pytest.mark.parametrize(("public", "message", "signature"), ED25519, ids=["1", "2", "3", "abc"])
def test_the_signatures_of_rfc_8032_7_1_hold(public: str, message: str, signature: str) -> None:
    assert verified(bytes.fromhex(public), bytes.fromhex(message), bytes.fromhex(signature))


@pytest.mark.parametrize("way", REFUSED)
def test_what_is_no_signature_is_refused(way: str) -> None:
    assert verified(*REFUSED[way]) is False


@pytest.mark.parametrize("key", SMALL_ORDER)
@pytest.mark.parametrize("nonce", SMALL_ORDER)
def test_a_key_of_small_order_signs_nothing(key: str, nonce: str) -> None:
    # With such a key, number 0 and a fitting nonce would sign every eighth message or more.
    signature = bytes.fromhex(nonce) + bytes(32)
    assert not any(verified(bytes.fromhex(key), bytes([n]), signature) for n in range(8))


@pytest.mark.parametrize("point", NOT_CANONICAL)
def test_a_point_has_one_way_to_be_written(point: str) -> None:
    assert not verified(bytes.fromhex(point), b"", SMALL_NONCE + bytes(32))
    assert not verified(PUBLIC, MESSAGE, bytes.fromhex(point) + SIGNATURE[32:])


SMALL_NONCE = bytes.fromhex(SMALL_ORDER[0])


@given(PRIVATE, st.binary(max_size=200))
def test_what_another_library_signs_is_verified(key: Ed25519PrivateKey, message: bytes) -> None:
    assert verified(key.public_key().public_bytes_raw(), message, key.sign(message))


@given(PRIVATE, st.binary(min_size=1, max_size=80), st.data())
def test_no_bit_may_differ(key: Ed25519PrivateKey, message: bytes, draw: st.DataObject) -> None:
    parts = [key.public_key().public_bytes_raw(), message, key.sign(message)]
    which = draw.draw(st.integers(0, 2))
    bit = draw.draw(st.integers(0, 8 * len(parts[which]) - 1))
    number = int.from_bytes(parts[which]) ^ 1 << bit
    parts[which] = number.to_bytes(len(parts[which]))
    assert not verified(*parts)


@given(st.binary(max_size=64), st.binary(max_size=20), st.binary(max_size=80))
def test_no_bytes_break_it(public: bytes, message: bytes, signature: bytes) -> None:
    assert verified(public, message, signature) is False
