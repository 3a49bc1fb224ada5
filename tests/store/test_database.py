"""Opening, refusing, running full: the database says what is wrong and never does half."""

from __future__ import annotations

import os
import time
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy.dialects.sqlite import dialect
from sqlalchemy.exc import DatabaseError

from engine.core.procedure import advance
from engine.errors import InputError
from engine.store import database as databases
from engine.store import schema, sqlite
from engine.store.columns import Day, UtcMicros
from engine.store.database import Database, open_database
from engine.store.errors import SchemaProblem, Unavailable
from engine.store.house import Definition
from engine.store.tables import METADATA
from tests.conftest import MakePlace, Place
from tests.musterheide import world
from tests.store.deeds import DAY, begin, broken_strands, by, confirming, do, informing, read


def test_a_fresh_database_is_exactly_what_the_tables_say(database: Database) -> None:
    with database.read() as store:
        assert schema.differences(store.connection) == []


def test_migrating_again_changes_nothing(place: Place) -> None:
    first = place.open(create=True, log="ort.example/log", training=True)
    case = begin(first)
    first.close()
    again = place.open(create=True, log="anders.example/log", training=False)
    assert again.meta == first.meta
    assert again.meta.training and again.meta.log == "ort.example/log"
    assert read(again, case.number) == case
    again.close()


def test_the_program_knows_every_revision_that_it_carries() -> None:
    scripts = ScriptDirectory(str(Path(schema.__file__).with_name("migrations")))
    assert [r.revision for r in scripts.walk_revisions()][::-1] == list(schema.KNOWN)


CHANGES = [
    ("DROP INDEX deadline_due", "deadline_due"),
    ("ALTER TABLE notice ADD COLUMN extra INTEGER", "extra"),
    ("ALTER TABLE notice DROP COLUMN reason", "reason"),
    ("CREATE TABLE stray (id INTEGER PRIMARY KEY)", "stray"),
    ("DROP TABLE cosignature", "cosignature"),
    ("DROP TRIGGER entry_no_delete{on_entry}", "entry_no_delete"),
]


@pytest.mark.parametrize(("statement", "name"), CHANGES, ids=[c[1] for c in CHANGES])
def test_a_schema_that_somebody_changed_is_named(
    database: Database, statement: str, name: str
) -> None:
    on = "" if database.is_sqlite else " ON entry"
    with database.write() as store:
        store.connection.exec_driver_sql(statement.replace("{on_entry}", on))
    with database.read() as store:
        found = schema.differences(store.connection)
    assert found and any(name in words for words in found)


def test_a_guard_that_somebody_softened_is_named_and_mended(place: Place) -> None:
    database = place.open(create=True)
    on = "" if database.is_sqlite else " ON entry"
    soft = (
        "CREATE TRIGGER entry_no_update BEFORE UPDATE OF actor ON entry "
        "BEGIN SELECT RAISE(IGNORE); END"
        if database.is_sqlite
        else "CREATE TRIGGER entry_no_update BEFORE UPDATE OF actor ON entry FOR EACH ROW "
        "EXECUTE FUNCTION refuse_change()"
    )
    with database.write() as store:
        store.connection.exec_driver_sql(f"DROP TRIGGER entry_no_update{on}")
        store.connection.exec_driver_sql(soft)
    with database.read() as store:
        assert schema.differences(store.connection) == ["guard entry_no_update was changed"]
    database.close()
    mended = place.open(create=True)
    with mended.read() as store:
        assert schema.differences(store.connection) == []
    mended.close()


FORBIDDEN = [
    "UPDATE entry SET actor = 'x'",
    "UPDATE entry SET header = leaf",
    "DELETE FROM entry",
    "DELETE FROM entry_body",
    "UPDATE entry_body SET body = salt",
    "UPDATE entry_body SET salt = NULL",
    "UPDATE definition SET data = digest",
    "DELETE FROM definition",
]


@pytest.mark.parametrize("statement", FORBIDDEN)
def test_the_log_can_only_grow(database: Database, statement: str) -> None:
    case = begin(database)
    do(database, case.number, informing())
    with database.write() as store:
        store.activate(Definition("calendar", "BB", "1", b"id: BB"), by("in Kraft"))
    if not database.is_sqlite:
        statement = statement.replace("data = digest", "data = digest::bytea")
    with pytest.raises(Exception, match="insert-only"), database.write() as store:
        store.connection.exec_driver_sql(statement)
    assert broken_strands(database) == {}


def test_replacing_a_row_does_not_slip_past_the_guards(sqlite_database: Database) -> None:
    """INSERT OR REPLACE deletes without asking, unless triggers are recursive."""
    case = begin(sqlite_database)
    with pytest.raises(DatabaseError, match="insert-only"), sqlite_database.write() as store:
        store.connection.exec_driver_sql("INSERT OR REPLACE INTO entry SELECT * FROM entry")
    assert read(sqlite_database, case.number) == case


def test_a_body_can_be_erased_and_the_chain_still_holds(database: Database) -> None:
    case = begin(database)
    do(database, case.number, informing())
    with database.write() as store:
        erased = store.chains.erase(case.stream, range(1, 100))
        assert erased > 0
        assert store.chains.erase(case.stream, range(1, 100)) == 0
    with database.read() as store:
        assert all(line.body is None for line in store.chains.lines(case.stream))
        assert all(line.salt is None for line in store.chains.lines(case.stream))
    assert broken_strands(database) == {}


def test_a_database_of_a_newer_program_is_refused(place: Place) -> None:
    database = place.open(create=True)
    with database.write() as store:
        store.connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0099'")
    database.close()
    for create in (False, True):
        with pytest.raises(SchemaProblem) as refused:
            place.open(create=create)
        assert "0099" in refused.value.text.de
        assert "neuere Fassung" in refused.value.text.de


def test_an_empty_database_is_not_taken_for_one_of_ours(make_place: MakePlace) -> None:
    with pytest.raises(SchemaProblem, match="rechtzeitig init"):
        make_place("postgres").open()
    missing = make_place("sqlite-wal")
    with pytest.raises(Unavailable, match="no such file"):
        missing.open()
    assert not missing.path.exists()


def test_a_file_that_is_no_database_is_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "brief.txt"
    file.write_text("Sehr geehrte Damen und Herren, " * 100)
    with pytest.raises(Unavailable, match="no SQLite database"):
        open_database(f"sqlite:///{file}", create=True)
    assert file.read_text().startswith("Sehr geehrte")


@pytest.mark.parametrize(
    "url", ["mysql://x/y", "gar nichts", "sqlite://", "sqlite:///:memory:", "postgresql:/"]
)
def test_an_address_that_means_no_database_is_refused(url: str) -> None:
    with pytest.raises((InputError, Unavailable)):
        open_database(url)


def test_a_server_that_does_not_answer_is_named() -> None:
    with pytest.raises(Unavailable, match="cannot be reached"):
        open_database("postgresql://nobody@127.0.0.1:9/none")


MOUNTS = """\
/dev/sda1 / ext4 rw 0 0
server:/export /srv nfs4 rw 0 0
/dev/sdb1 /srv/local xfs rw 0 0
//files/amt /mnt/Amt\\04061 cifs rw 0 0
me@host:/ /home/me/far fuse.sshfs rw 0 0
"""

MOUNTED = [
    ("/srv/db.sqlite3", "nfs4"),
    ("/srv/deep/er/db.sqlite3", "nfs4"),
    ("/mnt/Amt 61/db.sqlite3", "cifs"),
    ("/home/me/far/db.sqlite3", "fuse.sshfs"),
    ("/srv/local/db.sqlite3", None),
    ("/var/lib/db.sqlite3", None),
    ("/srvx/db.sqlite3", None),
]


@pytest.mark.parametrize(("path", "kind"), MOUNTED, ids=[m[0] for m in MOUNTED])
def test_a_network_drive_is_refused_by_name(path: str, kind: str | None) -> None:
    if kind is None:
        sqlite.refuse_network(Path(path), MOUNTS)
    else:
        with pytest.raises(Unavailable, match=kind):
            sqlite.refuse_network(Path(path), MOUNTS)


VERSIONS = [
    ((3, 6, 23), False),
    ((3, 40, 1), False),
    ((3, 50, 6), False),
    ((3, 50, 7), True),
    ((3, 51, 0), False),
    ((3, 51, 2), False),
    ((3, 51, 3), True),
    ((3, 53, 4), True),
]


@pytest.mark.parametrize(("version", "safe"), VERSIONS, ids=[str(v[0]) for v in VERSIONS])
def test_wal_is_used_only_where_sqlite_cannot_corrupt_it(
    version: tuple[int, ...], safe: bool
) -> None:
    assert sqlite.journal_for(version) == ("wal" if safe else "delete")


LONG = replace(informing(), reason="lang " * 6000)


def test_every_commit_is_on_disk_before_it_is_answered(sqlite_place: Place) -> None:
    database = sqlite_place.open(create=True)
    full, extra = 2, 3
    for transaction in (database.read, database.write):
        with transaction() as store:
            ask = store.connection.exec_driver_sql
            assert ask("PRAGMA journal_mode").scalar() == sqlite_place.journal
            wanted = full if sqlite_place.journal == "wal" else extra
            assert ask("PRAGMA synchronous").scalar() == wanted
            assert ask("PRAGMA foreign_keys").scalar() == 1
            assert ask("PRAGMA busy_timeout").scalar() == sqlite.BUSY_MS
    database.close()


def test_a_full_disk_leaves_no_half_act_at_any_point(sqlite_database: Database) -> None:
    """However few pages are left when the act begins: all of it is kept, or nothing."""
    database = sqlite_database
    failed = 0
    for room in range(24):
        case = begin(database)
        _leave_room(database, room)
        try:
            kept = do(database, case.number, replace(LONG, key=f"{room}")).case
        except Unavailable as error:
            failed += 1
            assert "Datenträger ist voll" in error.text.de
            assert read(database, case.number) == case
            assert _versions_agree(database, case.number)
            _leave_room(database, None)
            kept = do(database, case.number, replace(LONG, key=f"{room}")).case
        _leave_room(database, None)
        assert read(database, case.number) == kept
    assert 0 < failed < 24
    assert broken_strands(database) == {}
    with database.read() as store:
        assert store.connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"


def _versions_agree(database: Database, number: str) -> bool:
    case = read(database, number)
    with database.read() as store:
        return store.chains.streams()[case.stream] == case.version


def _leave_room(database: Database, pages: int | None) -> None:
    """Let the file grow by so many pages at most, or freely again."""
    with database.write() as store:
        ask = store.connection.exec_driver_sql
        used = int(ask("PRAGMA page_count").scalar() or 0)
        ask(f"PRAGMA max_page_count = {2**30 if pages is None else used + pages}")


def test_nothing_is_written_after_sqlite_gave_the_transaction_up(
    sqlite_database: Database,
) -> None:
    """The trap: the error is caught, the next statement would be kept for itself."""
    database = sqlite_database
    case = begin(database)
    with pytest.raises(Unavailable), database.write() as store:
        store.connection.exec_driver_sql("ROLLBACK")
        store.keep(advance(case, informing(), world(DAY)))
    with pytest.raises(Unavailable), database.write() as store:
        store.connection.exec_driver_sql("ROLLBACK")
        store.connection.exec_driver_sql("INSERT INTO counter VALUES ('x', 1)")
    with pytest.raises(Unavailable), database.write() as store:
        store.connection.exec_driver_sql("ROLLBACK")
    assert read(database, case.number) == case
    with database.read() as store:
        rows = store.connection.exec_driver_sql("SELECT count(*) FROM counter WHERE name = 'x'")
        assert rows.scalar() == 0
    do(database, case.number, informing())


def test_a_lost_server_connection_is_replaced(make_place: MakePlace) -> None:
    place = make_place("postgres")
    database = place.open(create=True)
    case = begin(database)
    stranger = place.open()
    with stranger.write() as other:
        other.connection.exec_driver_sql(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    stranger.close()
    with pytest.raises(Unavailable, match=r"ended the connection|cannot be reached"):
        do(database, case.number, informing())
    assert read(database, case.number) == case
    do(database, case.number, informing())
    database.close()


def test_a_connection_that_died_while_it_rested_is_not_noticed(
    make_place: MakePlace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a night in which the server was restarted, the first click of the day works."""
    place = make_place("postgres")
    database = place.open(create=True)
    case = begin(database)
    stranger = place.open()
    with stranger.write() as other:
        other.connection.exec_driver_sql(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    stranger.close()
    monkeypatch.setattr("engine.clock.monotonic", lambda: 1e12)
    do(database, case.number, informing())
    database.close()


def test_whoever_vanishes_inside_a_transaction_keeps_the_others_up_for_a_while_only(
    make_place: MakePlace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A host without power says nothing any more, and its locks must not outlive it for hours."""
    place = make_place("postgres")
    here = place.open(create=True)
    case = begin(here)
    with here.read() as store:
        shown = store.connection.exec_driver_sql("SHOW idle_in_transaction_session_timeout")
        assert shown.scalar() == "2min"
    monkeypatch.setattr(databases, "VANISHED", timedelta(seconds=1))
    vanished = place.open()
    with pytest.raises(Unavailable), vanished.write() as gone:
        locked = "SELECT id FROM kase FOR UPDATE"
        assert gone.connection.exec_driver_sql(locked).first()
        begun = time.perf_counter()
        do(here, case.number, informing())
        assert 0.5 < time.perf_counter() - begun < 30
        gone.connection.exec_driver_sql("SELECT 1")
    here.close()
    vanished.close()


def test_a_forked_child_opens_connections_of_its_own(database: Database) -> None:
    if not hasattr(os, "fork"):
        pytest.fail("this test needs a system that forks")
    case = begin(database)
    child = os.fork()
    if child == 0:
        try:
            do(database, case.number, informing())
            os._exit(0)
        except BaseException:
            os._exit(1)
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 0
    do(database, case.number, confirming())
    assert broken_strands(database) == {}


def test_times_without_a_zone_are_refused() -> None:
    with pytest.raises(ValueError, match="naive"):
        UtcMicros().process_bind_param(datetime(2026, 3, 29, 2, 30), dialect())
    with pytest.raises(ValueError, match="no day"):
        Day().process_bind_param(datetime(2026, 3, 29), dialect())


def test_every_constraint_has_a_name() -> None:
    """A constraint without a name cannot be changed by a migration."""
    nameless = [
        (table.name, constraint)
        for table in METADATA.sorted_tables
        for constraint in table.constraints
        if not constraint.name
    ]
    assert nameless == []
