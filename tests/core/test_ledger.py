"""Lines of the log: canonical bytes, chained, with a body that can be erased."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.core.ledger import FIRST, Line, Sealed, broken, canonical, commitment, leaf, seal
from engine.store import values

PLAIN = st.dictionaries(
    st.text("abcdefghijklmnopqrstuvwxyz_.", min_size=1, max_size=12),
    st.recursive(
        st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=30),
        lambda inner: (
            st.lists(inner, max_size=4)
            | st.dictionaries(st.text("abcdef", min_size=1), inner, max_size=4)
        ),
        max_leaves=12,
    ),
    max_size=6,
)


def line(**changes: object) -> Line:
    usual = {
        "stream": "case/x",
        "type": "informieren",
        "actor": "p1",
        "for_": "fb-soziales",
        "recorded_at": datetime(2026, 3, 23, 11, tzinfo=UTC),
        "happened_on": date(2026, 3, 23),
        "key": "k1",
        "part": 0,
        "plain": {"to": "bereitgestellt"},
        "private": {"grund": "Straße"},
    }
    return Line(**(usual | changes))  # type: ignore[arg-type]


def strand(*lines: Line) -> list[Sealed]:
    sealed, prev = [], FIRST
    for seq, each in enumerate(lines, start=1):
        done = seal(each, log="l", seq=seq, uid=f"u{seq}", salt=bytes(32), prev=prev)
        sealed.append(done)
        prev = done.leaf
    return sealed


@given(PLAIN)
def test_the_fast_encoder_gives_the_canonical_bytes(plain: dict[str, object]) -> None:
    assert values.canonical(plain) == canonical(plain)


@given(PLAIN)
def test_canonical_bytes_do_not_depend_on_the_order_of_keys(plain: dict[str, object]) -> None:
    assert canonical(dict(reversed(plain.items()))) == canonical(plain)
    assert json.loads(canonical(plain)) == plain


def test_a_header_holds_no_private_word_and_commits_to_it() -> None:
    [done] = strand(line())
    said = json.loads(done.header)
    assert "Straße" not in done.header.decode()
    assert said["private"] == commitment(done.salt, done.body)
    assert done.leaf == hashlib.sha256(b"\0" + done.header).digest()
    assert sorted(said) == list(said)


def test_a_line_without_private_part_has_no_body() -> None:
    [done] = strand(line(private={}))
    assert (done.body, done.salt, json.loads(done.header)["private"]) == (b"", b"", "")


@pytest.mark.parametrize("number", [1, 2, 3])
def test_a_changed_line_is_named(number: int) -> None:
    lines = strand(*(line(key=f"k{n}") for n in range(3)))
    headers, leaves = [s.header for s in lines], [s.leaf for s in lines]
    assert broken(headers, leaves) is None
    headers[number - 1] = headers[number - 1].replace(b"informieren", b"informiereN")
    assert broken(headers, leaves) == number
    leaves[number - 1] = leaf(headers[number - 1])
    assert broken(headers, leaves) == (number + 1 if number < 3 else None)


def test_a_missing_or_moved_line_is_named() -> None:
    lines = strand(*(line(key=f"k{n}") for n in range(3)))
    for order, first in (([0, 2], 2), ([1, 0, 2], 1), ([0, 1, 1, 2], 3)):
        rows = [lines[i] for i in order]
        assert broken([r.header for r in rows], [r.leaf for r in rows]) == first
