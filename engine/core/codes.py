"""Short codes by which a line of the log can be found again by people."""

from __future__ import annotations

import re

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: no I, L, O and U, which are read as something else."""

_BITS, _LENGTH = 5, 8
PREFIX = _BITS * _LENGTH // 8
"""How many bytes of a leaf hash a code holds."""

_MISREAD = str.maketrans({"I": "1", "L": "1", "O": "0"})
_BEFORE = re.compile(r"(?i)^\s*(?:prüf)?code\b[\s:]*")
_BETWEEN = re.compile(r"[\s.\-\N{NON-BREAKING HYPHEN}\N{EN DASH}]")


def code_of(leaf: bytes) -> str:
    """Return the code of a line of the log: the first 40 bits of its leaf hash, in two groups.

    It finds a line, and tells at a glance whether two people speak of the same one. It is
    too short to prove anything; the whole hash does.

    >>> code_of(bytes.fromhex("3b07390fd2") + bytes(27))
    '7C3K-J3YJ'
    """
    number = int.from_bytes(leaf[:PREFIX])
    places = range(_BITS * (_LENGTH - 1), -1, -_BITS)
    letters = "".join(_ALPHABET[(number >> place) & 31] for place in places)
    return f"{letters[:4]}-{letters[4:]}"


def prefix_of(words: str) -> bytes | None:
    """Return the first 5 bytes of the leaf that a code names, or None if this is no code.

    Typed small, without or with other signs between the groups, with I or L for 1 and O for
    0, and with the word "Prüfcode" before it, it still is the same code.

    >>> prefix_of("Prüfcode: 7c3k j3yj").hex()
    '3b07390fd2'
    >>> prefix_of("7C3K-J3Y") is None
    True
    """
    letters = _BETWEEN.sub("", _BEFORE.sub("", words)).upper().translate(_MISREAD)
    if len(letters) != _LENGTH or not set(letters) <= set(_ALPHABET):
        return None
    number = 0
    for letter in letters:
        number = number << _BITS | _ALPHABET.index(letter)
    return number.to_bytes(PREFIX)
