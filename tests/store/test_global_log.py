"""The sequencer: every entry gets one place, places have no gaps, and the tree is theirs."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager, closing, nullcontext
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import uuid4

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from engine.core.merkle import (
    Frontier,
    consistency_by,
    inclusion_by,
    inclusion_proof,
    leaf_hash,
    root,
    root_by,
    verify_consistency,
    verify_inclusion,
)
from engine.store import global_log
from engine.store.database import Database
from engine.store.global_log import WIDTH, BrokenTree, GlobalLog, folded
from tests.conftest import MakePlace, Place
from tests.store.counting import line


def enter(database: Database, count: int, strand: str = "system") -> None:
    """Enter lines into a strand, all in one transaction."""
    with database.write() as store:
        for _ in range(count):
            store.enter(line(strand, uuid4().hex))


def sequence(database: Database, limit: int = 500) -> int:
    """Let the sequencer take its turns until nothing waits; return how many it placed."""
    placed = 0
    while True:
        with database.write() as store:
            count = store.log.sequence(limit)
        placed += count
        if count == 0:
            return placed


def leaves(database: Database) -> list[bytes]:
    """Return the hashes of the stored headers in the order of their places, which has no gaps."""
    with database.read() as store:
        rows = store.connection.exec_driver_sql(
            "SELECT l.leaf_index, e.header FROM log_leaf l JOIN entry e ON e.id = l.entry_id "
            "ORDER BY l.leaf_index"
        ).all()
    assert [index for index, _ in rows] == [*range(len(rows))]
    return [leaf_hash(bytes(header)) for _, header in rows]


def holds(database: Database) -> None:
    """Assert that the stored tree, its tiles and nodes are those of the entries."""
    found = leaves(database)
    with database.read() as store:
        tree = store.log.tree()
        assert (tree.size, tree.root) == (len(found), root(found))
        assert root_by(store.log.nodes, tree.size) == tree.root
        assert list(store.log.leaves(0, tree.size)) == found
        level, below = 0, found
        while len(below) >= WIDTH:
            full = [b"".join(below[i : i + WIDTH]) for i in range(0, len(below) - WIDTH + 1, WIDTH)]
            assert list(store.log.tiles(level, 0, len(full) + 1)) == full
            level, below = level + 1, [folded(tile) for tile in full]


def test_an_entry_waits_until_the_sequencer_gives_it_its_place(database: Database) -> None:
    enter(database, 3)
    with database.read() as store:
        assert (store.log.size(), store.log.waiting()) == (0, 3)
        assert store.log.standing().waits
    assert sequence(database) == 3
    with database.read() as store:
        entries = [stored.id for stored in store.chains.lines("system")]
        assert [store.log.index_of(e) for e in entries] == [0, 1, 2]
        assert (store.log.size(), store.log.waiting()) == (3, 0)
    holds(database)


def test_a_prefix_finds_its_entry_before_and_after_it_has_a_place(database: Database) -> None:
    enter(database, 3)
    for _ in range(2):
        with database.read() as store:
            for stored in store.chains.lines("system"):
                assert store.log.coded(stored.leaf[:5]) == [stored.id]
                assert store.chains.of([stored.id]) == [stored]
            assert store.log.coded(bytes(5)) == []
        sequence(database)


def test_all_strands_share_one_tree(database: Database) -> None:
    for strand in ("system", "offices", "access/2026-03", "system"):
        enter(database, 2, strand)
    assert sequence(database) == 8
    holds(database)


@pytest.mark.parametrize("limit", [1, 255, 256, 257, 500])
def test_tiles_are_kept_as_they_become_full(make_place: MakePlace, limit: int) -> None:
    database = make_place("sqlite-wal").open(create=True)
    for count in (1, 254, 1, 1, 300, 0, 256):
        enter(database, count)
        sequence(database, limit)
    holds(database)
    database.close()


def test_a_long_tree_has_tiles_of_tiles(make_place: MakePlace) -> None:
    """65,536 leaves fill the first tile of level 1; headers are short here, the hashing is not."""
    database = make_place("sqlite-wal").open(create=True)
    count = WIDTH * WIDTH + WIDTH + 3
    with database.write() as store:
        run = store.connection.exec_driver_sql
        run(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?) "
            "INSERT INTO entry (id, stream, seq, uid, type, actor, recorded_at, happened_on, key, "
            "part, header, leaf) SELECT i, 's', i, i, 't', 'a', 0, '2026-03-02', i, 0, "
            "CAST('header ' || i AS BLOB), x'00' FROM n",
            (count,),
        )
        run("INSERT INTO log_queue (entry_id) SELECT id FROM entry")
    assert sequence(database, 20_000) == count
    holds(database)
    with database.read() as store:
        nodes, tree = store.log.nodes, store.log.tree()
        for index in (0, 255, 256, 65_535, 65_536, count - 1):
            found = next(store.log.leaves(index, index + 1))
            proof = inclusion_by(nodes, index, tree.size)
            assert verify_inclusion(found, index, tree.size, proof, tree.root)
        for size in (1, 255, 65_535, 65_536, 65_600, count - 1):
            proof = consistency_by(nodes, size, tree.size)
            first = root_by(nodes, size)
            assert verify_consistency(size, first, tree.size, tree.root, proof)
    database.close()


def test_proofs_from_tiles_are_those_over_all_leaves(make_place: MakePlace) -> None:
    database = make_place("sqlite-wal").open(create=True)
    enter(database, 600)
    sequence(database)
    found = leaves(database)
    with database.read() as store:
        nodes = store.log.nodes
        for size in (1, 2, 255, 256, 257, 511, 512, 600):
            for index in (0, size // 2, size - 1):
                assert inclusion_by(nodes, index, size) == inclusion_proof(found[:size], index)
        with pytest.raises(BrokenTree, match="no node"):
            nodes(0, 600)
    database.close()


def test_what_was_rolled_back_has_no_place(database: Database) -> None:
    enter(database, 5)
    with pytest.raises(KeyError), database.write() as store:
        assert store.log.sequence() == 5
        raise KeyError
    with database.read() as store:
        assert (store.log.size(), store.log.waiting()) == (0, 5)
    enter(database, 1)
    assert sequence(database) == 6
    holds(database)


def test_an_entry_that_commits_late_is_not_passed_over(make_place: MakePlace) -> None:
    """Of two transactions the one with the lower ids may commit last; a sequencer that asks for
    newer ids only would leave its entries out for ever.
    """
    database = make_place("postgres").open(create=True)
    with database.write() as slow:
        slow.enter(line("system", "early"))
        with database.write() as fast:
            fast.enter(line("offices", "late"))
        assert sequence(database) == 1
    assert sequence(database) == 1
    with database.read() as store:
        [early], [late] = store.chains.lines("system"), store.chains.lines("offices")
        assert early.id < late.id
        assert (store.log.index_of(early.id), store.log.index_of(late.id)) == (1, 0)
    holds(database)
    database.close()


def at_once(deeds: list[Callable[[], None]]) -> list[BaseException]:
    """Run deeds in threads of their own; return what went wrong."""
    errors: list[BaseException] = []

    def run(deed: Callable[[], None]) -> None:
        try:
            deed()
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=run, args=(deed,)) for deed in deeds]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return errors


def test_many_sequencers_and_writers_at_once_leave_no_gap_and_no_double(
    database: Database,
) -> None:
    def write(strand: str) -> Callable[[], None]:
        def deed() -> None:
            for _ in range(15):
                enter(database, 3, strand)

        return deed

    def take() -> None:
        for _ in range(25):
            with database.write() as store:
                store.log.sequence(7)

    errors = at_once([*(write(f"access/{n}") for n in range(3)), take, take, take])
    assert errors == []
    sequence(database)
    holds(database)
    with database.read() as store:
        assert store.log.size() == 3 * 3 * 15


_TAKE = """\
import sys
from tests.conftest import Place
database = Place(sys.argv[1], sys.argv[2] or None).open()
for _ in range(30):
    with database.write() as store:
        store.log.sequence(5)
database.close()
"""


def test_sequencers_in_processes_of_their_own_share_the_work(place: Place) -> None:
    with closing(place.open(create=True)) as database:
        enter(database, 200)
        told = [sys.executable, "-c", _TAKE, place.url, place.journal or ""]
        takers = [subprocess.Popen(told, cwd=Path(__file__).parents[2]) for _ in range(3)]
        for n in range(10):
            enter(database, 5, f"access/{n}")
        assert [taker.wait(120) for taker in takers] == [0, 0, 0]
        sequence(database)
        holds(database)
        with database.read() as store:
            assert store.log.size() == 250


def test_without_its_lock_sequencers_get_into_each_others_way(
    make_place: MakePlace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A test of the tests above: they would see it."""
    unlocked = text("SELECT size, frontier FROM log_state WHERE id = 1")
    monkeypatch.setattr(global_log, "_claim", lambda wait: unlocked)
    database = make_place("postgres").open(create=True)
    enter(database, 5)
    sequence(database)
    enter(database, 40)
    both = threading.Barrier(2)

    def take() -> None:
        with database.write() as store:
            store.log.size()
            both.wait(30)
            store.log.sequence(20)

    assert [type(error) for error in at_once([take, take])] == [BrokenTree]
    database.close()


def test_a_place_that_was_given_twice_is_refused(sqlite_database: Database) -> None:
    enter(sqlite_database, 4)
    sequence(sqlite_database)
    enter(sqlite_database, 1)
    with sqlite_database.write() as store:
        tree = Frontier().grown(store.log.leaves(0, 3))
        store.connection.exec_driver_sql(
            "UPDATE log_state SET size = ?, frontier = ?", (3, tree.stored)
        )
    with pytest.raises(BrokenTree, match="place is taken"):
        sequence(sqlite_database)


@pytest.mark.parametrize("table", ["log_leaf", "log_tile"])
def test_places_and_tiles_can_only_be_added(database: Database, table: str) -> None:
    enter(database, 256)
    sequence(database)
    for statement in (f"DELETE FROM {table}", f"UPDATE {table} SET {_FIRST[table]}"):
        with pytest.raises(DatabaseError, match="insert-only"), database.write() as store:
            store.connection.exec_driver_sql(statement)
    holds(database)


_FIRST = {"log_leaf": "entry_id = entry_id", "log_tile": "hashes = hashes"}


class Sequencing(RuleBasedStateMachine):
    """Writers that come through or not, and a sequencer that comes through or not."""

    @initialize()
    def begin(self) -> None:
        self.folder = TemporaryDirectory(prefix="rechtzeitig-log-")
        place = Place(f"sqlite:///{self.folder.name}/log.sqlite3", "wal")
        self.database = place.open(create=True)
        self.entered = 0

    @rule(count=st.integers(1, 130), keep=st.booleans(), strand=st.sampled_from("abc"))
    def write(self, count: int, keep: bool, strand: str) -> None:
        with _broken_off_unless(keep), self.database.write() as store:
            for _ in range(count):
                store.enter(line(strand, uuid4().hex))
            if not keep:
                raise _BrokenOff
        self.entered += count if keep else 0

    @rule(limit=st.integers(1, 400), keep=st.booleans())
    def take(self, limit: int, keep: bool) -> None:
        with _broken_off_unless(keep), self.database.write() as store:
            store.log.sequence(limit)
            if not keep:
                raise _BrokenOff

    @rule()
    def begin_anew(self) -> None:
        self.database.close()

    @invariant()
    def tree_and_entries_agree(self) -> None:
        holds(self.database)
        with self.database.read() as store:
            assert store.log.size() + store.log.waiting() == self.entered

    def teardown(self) -> None:
        if hasattr(self, "database"):
            self.database.close()
            self.folder.cleanup()


class _BrokenOff(Exception):
    pass


def _broken_off_unless(keep: bool) -> AbstractContextManager[object]:
    return nullcontext() if keep else pytest.raises(_BrokenOff)


TestSequencing = Sequencing.TestCase
TestSequencing.settings = settings(max_examples=30, stateful_step_count=25, deadline=None)


def test_the_name_of_a_log_is_followed_by_the_number_of_its_branch() -> None:
    assert [global_log.origin_of("ort/a", n) for n in (1, 2, 3)] == [
        "ort/a",
        "ort/a/log-2",
        "ort/a/log-3",
    ]


def test_what_follows_the_last_branch_is_remembered(database: Database) -> None:
    with database.write() as store:
        assert isinstance(store.log, GlobalLog)
        assert (store.log.branch(), store.log.seals()) == (1, 0)
        store.log.set_branch(3)
        store.log.count_seal()
        store.log.count_seal()
    with database.read() as store:
        assert (store.log.branch(), store.log.seals()) == (3, 2)
        assert store.log.origin() == "rechtzeitig.example/test/log-3"
