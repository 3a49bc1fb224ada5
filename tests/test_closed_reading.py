"""A line left closed is found sound only where opening it would find nothing wrong either."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.services.evidence import closed
from engine.services.evidence.closed import read_closed
from engine.services.evidence.sealing import seal_due
from engine.services.evidence.strands import read
from engine.store.examined import COLUMNS, StoredCase, StoredLine
from tests.installation import house

LOGS = frozenset({"musterheide.example/log"})
ODD = ("", "x", 'x","for":"y', "x\\", "ü", "Ã¼", "\n", 0, 1, 7, -1, 1.5, None, b"", b"x", 1 << 70)
FIELDS = [f for f in StoredLine._fields if f != "id"]


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StoredCase]:
    found = house(tmp_path_factory.mktemp("closed") / "haus")
    number = found.register().number
    found.take(number, "informieren", "weber", participation="integration")
    seal_due(found.app, at_once=True)
    with found.app.database.read() as store:
        row = store.rows.case_id(number)
        assert row is not None
        yield next(store.rows.cases(row, row + 1))
    found.app.close()


@pytest.fixture(scope="module")
def logs(case: StoredCase) -> frozenset[str]:
    name = case.lines[0].header.split(b'"log":"')[1].split(b'"')[0]
    return frozenset({name.decode()})


def changed(line: StoredLine, field: str, value: Any) -> StoredLine:
    return line._replace(**{field: value})


def both(case: StoredCase, lines: list[StoredLine], logs: frozenset[str]) -> list[Any]:
    """Return what both readings find: faults, head, count, places, erased and waiting lines."""
    stream, row = f"case/{case.row['uid']}", case.row["id"]
    return [
        (
            {(f.layer, f.seq) for f in found.faults},
            found.head,
            found.count,
            (list(found.places.indexes), bytes(found.places.leaves), list(found.places.recorded)),
            found.erased,
            found.waiting,
        )
        for found in (
            read(stream, lines, logs=logs, case=row),
            read_closed(stream, lines, logs=logs, case=row),
        )
    ]


def test_sound_lines_stay_closed(
    case: StoredCase, logs: frozenset[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    opened, closed_ = both(case, case.lines, logs)
    assert opened == closed_
    assert opened[0] == set()
    count = []
    whole = closed.read_line
    monkeypatch.setattr(closed, "read_line", lambda *a: (count.append(a), whole(*a)))
    both(case, case.lines, logs)
    assert count == []


@pytest.mark.parametrize("field", FIELDS)
def test_whatever_stands_in_a_column_both_readings_say_the_same(
    case: StoredCase, logs: frozenset[str], field: str
) -> None:
    # Both databases hold nothing but whole numbers as places of the tree.
    odds = (0, 1, -1, 1 << 40, None) if field == "place" else ODD
    for n, line in enumerate(case.lines):
        for odd in odds:
            lines = [*case.lines]
            lines[n] = changed(line, field, odd)
            opened, closed_ = both(case, lines, logs)
            assert opened == closed_, (n, odd)


@given(data=st.data())
def test_whatever_byte_of_a_header_is_another_one(
    case: StoredCase, logs: frozenset[str], data: st.DataObject
) -> None:
    lines = [*case.lines]
    n = data.draw(st.integers(0, len(lines) - 1))
    header = bytearray(lines[n].header)
    at = data.draw(st.integers(0, len(header) - 1))
    header[at] = data.draw(st.integers(0, 255))
    lines[n] = lines[n]._replace(header=bytes(header))
    opened, closed_ = both(case, lines, logs)
    assert bool(opened[0]) == bool(closed_[0]) == (bytes(header) != case.lines[n].header)
    assert opened[1:] == closed_[1:]


@pytest.mark.parametrize("name", COLUMNS[3:])
def test_a_text_that_ends_early_passes_for_no_other_field(
    case: StoredCase, logs: frozenset[str], name: str
) -> None:
    # The column swallows the fields behind it, as they stand in the header.
    line = case.lines[0]
    text = line.header.decode()
    value = str(getattr(line, name))
    begins = text.index(f'"{name}":') + len(name) + 3
    for length in range(len(value), min(len(text) - begins, len(value) + 120)):
        wider = text[begins : begins + length].strip('"')
        if wider == value:
            continue
        opened, closed_ = both(case, [changed(line, name, wider), *case.lines[1:]], logs)
        assert opened == closed_
        assert opened[0]


def test_a_line_of_another_log_or_taken_for_another_place_is_opened(
    case: StoredCase, logs: frozenset[str]
) -> None:
    opened, closed_ = both(case, case.lines, LOGS - logs | {"another.example/log"})
    assert opened == closed_
    assert opened[0]
    turned = [case.lines[1], case.lines[0], *case.lines[2:]]
    opened, closed_ = both(case, turned, logs)
    assert opened == closed_
    assert opened[0]
