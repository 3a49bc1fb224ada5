"""Whoever holds the database can change every byte of it, and is found out.

The attacks are those of the design (RELIABILITY 1.4), each with the layers that find it. Then
every column of every table of the log, and of the cases, is changed in several rows; rows are
taken away, doubled and exchanged. A witness outside remembers the checkpoints throughout.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from engine.services.evidence.keys import LogKey
from engine.services.evidence.sealing import seal_due
from engine.services.evidence.state import PRIVATE, State, write
from engine.services.setup import by
from engine.store import sqlite
from tests.forging import Forged, forged, look, witnessed
from tests.web.county import played

__all__ = ["played"]

STRAND = "access/2026-11"
CASE = "V-2026-0001"


@pytest.fixture(scope="module")
def source(played: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A county whose log was sealed and witnessed to its end; copied, never used itself."""
    folder = tmp_path_factory.mktemp("witnessed") / "county"
    witnessed(played, folder)
    return folder


@pytest.fixture
def county(source: Path, tmp_path: Path) -> Iterator[Forged]:
    found = forged(source, tmp_path / "county")
    yield found
    found.app.close()


def test_what_nobody_has_touched_is_found_unchanged(county: Forged) -> None:
    found = county.examined()
    assert found.faults == ()
    assert found.sealed == found.size == found.entries
    assert found.replayed == found.cases == 3


def edited(county: Forged) -> None:
    with county.rows() as raw:
        raw.execute(
            "UPDATE entry SET header = CAST(replace(CAST(header AS TEXT), '\"n\":7', '\"n\":8') AS "
            "BLOB) WHERE stream = ? AND seq = 8",
            (STRAND,),
        )


def edited_in_time(county: Forged) -> None:
    with county.rows() as raw:
        said = county.said(raw, STRAND, 8)
        later = said["recorded_at"] + 60_000_000
        raw.execute(
            "UPDATE entry SET recorded_at = ?, header = CAST(replace(CAST(header AS TEXT), ?, ?) AS "
            "BLOB) WHERE stream = ? AND seq = 8",
            (later, f":{said['recorded_at']}", f":{later}", STRAND),
        )


def edited_and_chained_anew(county: Forged) -> None:
    county.forge(STRAND, 8, plain={"n": 70})


def taken_out(county: Forged) -> None:
    with county.rows() as raw:
        [id_] = raw.execute(
            "SELECT id FROM entry WHERE stream = ? AND seq = 8", (STRAND,)
        ).fetchone()
        for table, column in (
            ("entry", "id"),
            ("entry_body", "entry_id"),
            ("log_leaf", "entry_id"),
        ):
            raw.execute(f"DELETE FROM {table} WHERE {column} = ?", (id_,))


def taken_out_and_renumbered(county: Forged) -> None:
    taken_out(county)
    with county.rows() as raw:
        county.rechain(raw, STRAND)
        renumber(raw)


def renumber(raw: Any) -> None:
    """Close the gaps between the places."""
    rows = raw.execute("SELECT leaf_index FROM log_leaf ORDER BY leaf_index").fetchall()
    for n, (index,) in enumerate(rows):
        raw.execute("UPDATE log_leaf SET leaf_index = ? WHERE leaf_index = ?", (n, index))


def case_gone(county: Forged) -> None:
    county.drop_case(CASE)


def case_gone_and_signed_with_another_key(county: Forged) -> None:
    county.drop_case(CASE)
    state = State(county.app.config)
    keys = state.keys_file.read_text()
    another = LogKey(Ed25519PrivateKey.generate())
    write(state.key, another.pem, PRIVATE)
    state.add_key(another.public(county.app.database.meta.log).vkey)
    county.reseal()
    # The public keys also lie where the forger cannot reach.
    state.keys_file.write_text(keys)


def case_gone_and_checkpoints_emptied(county: Forged) -> None:
    county.drop_case(CASE)
    county.reseal()
    with county.rows() as raw:
        raw.execute("DELETE FROM checkpoint")
        raw.execute("DELETE FROM cosignature")
        raw.execute("UPDATE log_state SET last_signed_at = NULL")


def all_anew_with_the_stolen_key(county: Forged) -> None:
    county.drop_case(CASE)
    county.reseal()


def an_older_backup(county: Forged) -> None:
    """Set the whole folder back to an hour in which less had happened, as a restore does."""
    with county.rows() as raw:
        raw.execute("DELETE FROM entry WHERE stream = ? AND seq > 60", (STRAND,))
        raw.execute("DELETE FROM entry_body WHERE entry_id NOT IN (SELECT id FROM entry)")
        county.rechain(raw, STRAND)
    county.reseal()


def dated_back(county: Forged) -> None:
    """Append a line as any other, a month before its time, and let it be sealed."""
    act = by(county.app, "look")
    act = replace(act, recorded_at=act.recorded_at - timedelta(days=30))
    with county.app.database.write() as store:
        store.enter(act.line(STRAND, "look", {"n": 1}))
    seal_due(county.app, at_once=True)


def projection_changed(county: Forged) -> None:
    with county.rows() as raw:
        raw.execute("UPDATE deadline SET last_day = '2030-01-01' WHERE place = 0")


ATTACKS: dict[str, tuple[Callable[[Forged], None], set[str]]] = {
    "1 payload edited": (edited, {"chain", "tree"}),
    "2 time edited": (edited_in_time, {"chain", "tree"}),
    "3 edited and the chain recomputed": (edited_and_chained_anew, {"tree", "tile"}),
    "4 entry deleted": (taken_out, {"chain", "place"}),
    "5 deleted, recomputed, renumbered": (taken_out_and_renumbered, {"tree"}),
    "6 whole case deleted": (case_gone, {"place", "tree"}),
    "7 signed with another key": (case_gone_and_signed_with_another_key, {"signature"}),
    "8 checkpoints emptied": (case_gone_and_checkpoints_emptied, set()),
    "9 all anew with the stolen key": (all_anew_with_the_stolen_key, set()),
    "10 older backup restored": (an_older_backup, set()),
    "11 dated back, appended as any other": (dated_back, {"time"}),
    "13 projection changed": (projection_changed, {"state"}),
}
SEEN_WITHOUT_WITNESS = {name for name, (_, layers) in ATTACKS.items() if layers}
NOT_A_MATTER_OF_WITNESSES = {"11 dated back, appended as any other", "13 projection changed"}


@pytest.mark.parametrize("name", ATTACKS)
def test_each_attack_is_found_by_the_layers_made_for_it(county: Forged, name: str) -> None:
    attack, expected = ATTACKS[name]
    attack(county)
    inside = county.layers(witness=False)
    assert expected <= inside
    assert bool(inside) == (name in SEEN_WITHOUT_WITNESS), inside
    outside = county.layers()
    assert ("witness" in outside) == (name not in NOT_A_MATTER_OF_WITNESSES)


def test_with_the_stolen_key_only_somebody_outside_can_tell(county: Forged) -> None:
    all_anew_with_the_stolen_key(county)
    assert county.examined(witness=False).intact
    assert county.layers() == {"witness"}


def test_the_first_limit_what_waits_for_the_next_checkpoint_can_vanish(county: Forged) -> None:
    before = county.examined()
    look(county.app, 1)
    waiting = county.examined()
    assert (waiting.entries, waiting.waiting) == (before.entries + 1, 1)
    with county.rows() as raw:
        [id_] = raw.execute("SELECT max(id) FROM entry").fetchone()
        for table, column in (
            ("entry", "id"),
            ("entry_body", "entry_id"),
            ("log_queue", "entry_id"),
        ):
            raw.execute(f"DELETE FROM {table} WHERE {column} = ?", (id_,))
        county.rechain(raw, STRAND)
    assert county.examined().intact, "it was 12: not caught, and the manual says so"
    look(county.app, 1)
    seal_due(county.app, at_once=True)
    taken = county.examined()
    with county.rows() as raw:
        raw.execute("DELETE FROM entry WHERE id = (SELECT max(id) FROM entry)")
    assert taken.intact
    assert not county.examined().intact, "once sealed it cannot"


def test_the_second_limit_a_line_dated_back_by_minutes_passes(county: Forged) -> None:
    act = by(county.app, "look")
    act = replace(act, recorded_at=act.recorded_at - timedelta(minutes=2))
    with county.app.database.write() as store:
        store.enter(act.line(STRAND, "look", {"n": 1}))
    seal_due(county.app, at_once=True)
    assert county.examined().intact, "within five minutes of two clocks nobody can tell"


# Every column of every table


@dataclass(frozen=True)
class Mutation:
    """A change of one row; `row` counts from 0 by the order of the table's key."""

    name: str
    statement: str
    values: tuple[Any, ...]


LOG = {
    "entry": "id case_id stream seq uid type actor recorded_at happened_on key part header leaf",
    "entry_body": "entry_id salt body",
    "strand": "name seq head",
    "log_leaf": "leaf_index entry_id prefix",
    "log_state": "size frontier last_signed_at",
    "log_tile": "level place hashes",
    "checkpoint": "size root note signed_at",
    "cosignature": "size witness line at",
    "log_queue": "entry_id",
}
CASES = {
    "kase": "uid number version head workflow state paper registered_on next_day title kind origin "
    "lead municipality confidentiality reference measure given",
    "participation": "case_id place key office form round workflow state revision provisions given",
    "deadline": "case_id place participation name generation owner status last_day ends_at closed_on "
    "provision ladder finding derivation",
    "rung": "case_id place number due_at state fired_at late_by_us",
    "document": "case_id place uid kind commitment size media paper name",
    "finding": "case_id number kind participation provisions rank found_on state remedies",
    "definition": "digest kind id version data activated_at valid_from is_current",
}
"""The column `scan` of a document is missing on purpose: what a scanner says is no evidence."""


def other(value: Any, way: int) -> Any:
    """Return another value of the same kind, near the old one or far from it."""
    if isinstance(value, bytes):
        at = 0 if way == 0 else len(value) - 1
        return bytes([*value[:at], value[at] ^ (1 << way), *value[at + 1 :]]) if value else b"x"
    if isinstance(value, int):
        return (
            value + (1_000_000 if value > 1_000_000_000 else 1) if way == 0 else value + 7_000_000
        )
    if isinstance(value, str):
        return value + "x" if way == 0 else value[:-1] + chr(ord(value[-1]) ^ 1) if value else "y"
    return 1 if way == 0 else "1"


def mutations(raw: Any) -> Iterator[Mutation]:
    """Yield changes of every column in several rows, and rows gone, doubled and exchanged."""
    for table, names in {**LOG, **CASES}.items():
        rowid, columns = keys(raw, table), names.split()
        rows = raw.execute(f"SELECT {', '.join((*rowid, *columns))} FROM {table}").fetchall()
        assert rows, table
        many = {"entry": 4, "entry_body": 4}.get(table, 3 if table in LOG else 2)
        chosen = [rows[i * (len(rows) - 1) // max(many - 1, 1)] for i in range(many)]
        where = " AND ".join(f"{name} = ?" for name in rowid)
        for n, row in enumerate(dict.fromkeys(chosen)):
            at = row[: len(rowid)]
            for column, value in zip(columns, row[len(rowid) :], strict=True):
                new = other(value, n % 2)
                statement = f"UPDATE {table} SET {column} = ? WHERE {where}"
                yield Mutation(f"{table}.{column} row {n}", statement, (new, *at))
            yield Mutation(f"{table} row {n} deleted", f"DELETE FROM {table} WHERE {where}", at)
        yield from exchanged(table, rowid, columns, rows)


def keys(raw: Any, table: str) -> list[str]:
    """Return the columns of a table's primary key."""
    rows = raw.execute(f"PRAGMA table_info({table})").fetchall()
    return [row[1] for row in sorted(rows, key=lambda r: r[5]) if row[5]]


def exchanged(table: str, rowid: list[str], columns: list[str], rows: Any) -> Iterator[Mutation]:
    """Yield that the first row takes what the last one holds, column by column."""
    first, last = rows[0], rows[-1]
    where = " AND ".join(f"{name} = ?" for name in rowid)
    for n, column in enumerate(columns, start=len(rowid)):
        if first[n] != last[n] and column not in rowid:
            statement = f"UPDATE {table} SET {column} = ? WHERE {where}"
            yield Mutation(
                f"{table}.{column} exchanged", statement, (last[n], *first[: len(rowid)])
            )


INSERTED = {
    "entry doubled": "INSERT INTO entry SELECT (SELECT max(id) + 1 FROM entry), case_id, stream, "
    "(SELECT max(seq) + 1 FROM entry f WHERE f.stream = e.stream), uid, type, actor, recorded_at, "
    "happened_on, key || 'x', part, header, leaf FROM entry e WHERE id = 70",
    "entry of a strand of its own": "INSERT INTO entry SELECT (SELECT max(id) + 1 FROM entry), NULL, "
    "'case/0', 1, uid, type, actor, recorded_at, happened_on, key || 'x', part, header, leaf FROM "
    "entry WHERE id = 70",
    "entry_body where none belongs": "INSERT INTO entry_body SELECT id, X'00', X'7B7D' FROM entry "
    "WHERE id NOT IN (SELECT entry_id FROM entry_body) LIMIT 1",
    "entry_body of no entry": "INSERT INTO entry_body VALUES (99999, X'00', X'7B7D')",
    "strand without lines": "INSERT INTO strand SELECT 'access/2020-01', seq, head FROM strand LIMIT 1",
    "log_leaf of no entry": "INSERT INTO log_leaf SELECT max(leaf_index) + 1, 99999, X'0011223344' FROM "
    "log_leaf",
    "log_tile too many": "INSERT INTO log_tile SELECT level, place + 1, hashes FROM log_tile",
    "log_tile of a level too high": "INSERT INTO log_tile SELECT level + 3, place, hashes FROM log_tile",
    "checkpoint doubled": "INSERT INTO checkpoint SELECT size - 1, root, note, signed_at FROM checkpoint "
    "WHERE size = (SELECT max(size) FROM checkpoint)",
    "cosignature of another name": "INSERT INTO cosignature SELECT size, 'x', line, at FROM cosignature "
    "WHERE size = (SELECT max(size) FROM cosignature)",
    "cosignature moved": "UPDATE cosignature SET size = (SELECT min(size) FROM checkpoint) WHERE size = "
    "(SELECT max(size) FROM cosignature)",
    "log_queue of a placed entry": "INSERT INTO log_queue VALUES (70)",
    "log_queue of no entry": "INSERT INTO log_queue VALUES (99999)",
    "all bodies emptied": "UPDATE entry_body SET salt = NULL, body = NULL",
    "one body emptied": "UPDATE entry_body SET salt = NULL, body = NULL WHERE entry_id = "
    "(SELECT max(entry_id) FROM entry_body)",
    "a finding added": "INSERT INTO finding SELECT case_id, number + 90, kind, participation, provisions, "
    "rank, found_on, state, remedies FROM finding LIMIT 1",
    "a rung added": "INSERT INTO rung SELECT case_id, place, number + 90, due_at, state, fired_at, "
    "late_by_us FROM rung LIMIT 1",
    "a participation added": "INSERT INTO participation SELECT case_id, place + 90, key || 'x', office, "
    "form, round, workflow, state, revision, provisions, given FROM participation LIMIT 1",
    "a document added": "INSERT INTO document SELECT case_id, place + 90, uid || 'x', kind, commitment, "
    "size, media, paper, name, scan FROM document LIMIT 1",
    "a definition added": "INSERT INTO definition SELECT digest || 'x', kind, id, version || 'x', data, "
    "activated_at, valid_from, 0 FROM definition LIMIT 1",
    "a tenure ended": "UPDATE tenure SET until = '2020-01-01'",
    "an office renamed": "UPDATE office SET name = 'Amt'",
    "a person's address changed": "UPDATE person SET email = 'x@y.example'",
    "a sitting moved": "UPDATE session SET day = '2020-01-01'",
    "a Körperschaft renamed": "UPDATE municipality SET name = 'Anderswo'",
    "a mail's wording changed": "UPDATE message SET data = data || X'20' WHERE id = 1",
    "a mail gone": "DELETE FROM message WHERE id = 1",
}


class Restored:
    """One installation that is put back to what it was after every mutation."""

    def __init__(self, source: Path, folder: Path) -> None:
        self.county = forged(source, folder)
        look(self.county.app, 3)
        module = sqlite.driver()
        self.module = module
        self.pristine = module.connect(":memory:")
        with self.county.rows() as raw:
            raw.backup(self.pristine)

    def tried(self, statement: str, values: tuple[Any, ...]) -> bool | None:
        """Return whether a mutation is found; None where the database itself would not take it."""
        with self.county.rows() as raw:
            try:
                changed = raw.execute(statement, values).rowcount
            except self.module.IntegrityError:
                return None
        try:
            return None if changed < 1 else not self.county.examined().intact
        finally:
            with self.county.rows() as raw:
                self.pristine.backup(raw)


@pytest.fixture(scope="module")
def restored(source: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Restored]:
    found = Restored(source, tmp_path_factory.mktemp("mutated") / "county")
    yield found
    found.county.app.close()


def test_every_column_and_row_of_the_log_and_of_the_cases_is_watched(restored: Restored) -> None:
    assert restored.county.examined().intact
    todo = [(m.name, m.statement, m.values) for m in mutations(restored.pristine)]
    todo += [(name, statement, ()) for name, statement in INSERTED.items()]
    found = {name: restored.tried(statement, values) for name, statement, values in todo}
    missed = [name for name, seen in found.items() if seen is False]
    assert missed == []
    assert sum(seen is True for seen in found.values()) >= 300
    assert restored.county.examined().intact
