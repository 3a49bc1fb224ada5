"""Short codes by which a line of the log can be found again by people."""

from __future__ import annotations

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: no I, L, O and U, which are read as something else."""

_BITS, _LENGTH = 5, 8


def code_of(leaf: bytes) -> str:
    """Return the code of a line of the log: the first 40 bits of its leaf hash, in two groups.

    It finds a line, and tells at a glance whether two people speak of the same one. It is
    too short to prove anything; the whole hash does.

    >>> code_of(bytes.fromhex("3b07390fd2") + bytes(27))
    '7C3K-J3YJ'
    """
    number = int.from_bytes(leaf[: _BITS * _LENGTH // 8])
    places = range(_BITS * (_LENGTH - 1), -1, -_BITS)
    letters = "".join(_ALPHABET[(number >> place) & 31] for place in places)
    return f"{letters[:4]}-{letters[4:]}"
