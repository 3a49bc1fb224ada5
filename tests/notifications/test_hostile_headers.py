"""Hostile titles, names and file names: none of them becomes a header."""

from __future__ import annotations

from email.parser import BytesHeaderParser

from tests.notifications.hostile import SEED, foreign_headers, hostile


def test_no_title_and_no_name_becomes_a_header() -> None:
    """Two thousand here; `make torture PART=headers` takes twenty thousand."""
    assert foreign_headers(2_000, SEED) == []


def test_hundreds_of_them_would_where_nobody_cleans_them() -> None:
    """A check of the check: written as they are, these values are headers of their own."""
    read = BytesHeaderParser().parsebytes
    raw = (
        f"To: a\r\nSubject: {v}\r\n\r\n".encode("utf-8", "replace") for v in hostile(2_000, SEED)
    )
    assert sum(read(head).keys() != ["To", "Subject"] for head in raw) > 300
