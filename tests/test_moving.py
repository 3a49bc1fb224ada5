"""An installation moves to PostgreSQL whole or not at all, and there each role has its rights."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg
import pytest
import yaml
from sqlalchemy import inspect, make_url, select
from typer.testing import CliRunner

from engine import config
from engine.app import open_app
from engine.cli.app import build, main
from engine.errors import EngineError, InputError
from engine.services import moving
from engine.services.evidence.sealing import seal_due
from engine.services.legal.verification import examine
from engine.store import schema
from engine.store.database import open_database, open_empty
from engine.store.errors import Unavailable
from engine.store.roles import NEVER_DELETED, SECRET, statements
from engine.store.tables import METADATA
from engine.worker import one_round
from tests.conftest import MakePlace, fresh_postgres
from tests.installation import House, house

APP, AUDITOR = "rz_app", "rz_auditor"


@pytest.fixture
def county(tmp_path: Path) -> Iterator[House]:
    yield from lived_in(tmp_path / "haus")


def lived_in(folder: Path) -> Iterator[House]:
    """Yield a house in which two cases run, one with its letters out."""
    made = house(folder)
    made.register(title="Radweg")
    case = made.register(title="Hafen – ‚Ä€ß‘ \u2028")
    made.take(case.number, "informieren", "weber", participation="integration")
    one_round(made.app)
    yield made
    made.app.close()


@pytest.fixture
def target(make_place: MakePlace) -> str:
    return make_place("postgres").url


def rows_of(url: str) -> dict[str, list[str]]:
    with closing(open_database(url)) as database, database.read() as store:
        return {
            t.name: sorted(repr(tuple(row)) for row in store.connection.execute(select(t)))
            for t in METADATA.sorted_tables
        }


def test_every_row_arrives_as_it_was(county: House, target: str) -> None:
    done = moving.copy(county.app, target)
    assert done.found.intact
    assert done.found.replayed == 2
    assert rows_of(target) == rows_of(county.app.config.database)
    assert done.rows == sum(map(len, rows_of(target).values()))


def test_the_copy_has_the_schema_and_the_guards_of_a_fresh_database(
    county: House, target: str
) -> None:
    moving.copy(county.app, target)
    with closing(open_database(target)) as database, database.read() as store:
        assert schema.differences(store.connection) == []


def test_people_go_on_where_they_were_and_the_log_goes_on_being_signed(
    county: House, target: str
) -> None:
    seal_due(county.app, at_once=True)
    moving.copy(county.app, target, switch=True)
    settings = yaml.safe_load((county.folder / "config.yaml").read_text("utf-8"))
    assert settings["database"] == target
    with closing(open_app(county.folder, county.clock)) as app:
        moved = House(app, county.clock, county.folder, county.paper)
        case = moved.register(title="Nach dem Umzug")
        moved.take(case.number, "informieren", "weber", participation="integration")
        one_round(app)
        assert seal_due(app, at_once=True) is not None
        assert examine(app, replaying=True).intact


def test_the_old_file_takes_nothing_more_so_that_nothing_is_lost(
    county: House, target: str
) -> None:
    moving.copy(county.app, target, switch=True)
    with pytest.raises(Unavailable, match="Start serve and work anew"):
        county.register(title="Im alten Haus")
    assert one_round(county.app).ticked.entries == 0


def test_after_a_rehearsal_the_old_file_goes_on(county: House, target: str) -> None:
    moving.copy(county.app, target)
    assert county.app.config.database != target
    assert county.register(title="Noch im alten Haus").number


def test_a_copy_that_has_signed_takes_the_signature_from_the_old_file(
    county: House, target: str
) -> None:
    """Somebody may name the copy in config.yaml without `--switch`."""
    seal_due(county.app, at_once=True)
    moving.copy(county.app, target)
    config.point(county.folder / config.NAME, {"database": target})
    with closing(open_app(county.folder, county.clock)) as app:
        House(app, county.clock, county.folder, county.paper).register(title="Neu")
        seal_due(app, at_once=True)
    county.register(title="Im alten Haus")
    with pytest.raises(EngineError):
        seal_due(county.app, at_once=True)


def test_nothing_is_copied_over_anything(county: House, target: str) -> None:
    moving.copy(county.app, target)
    before = rows_of(target)
    with pytest.raises(InputError, match="not empty"):
        moving.copy(county.app, target)
    assert rows_of(target) == before


def test_a_row_that_does_not_arrive_as_it_was_leaves_nothing(
    county: House, target: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server changes a value on its way in, as a wrong encoding or a trigger would."""
    migrate = schema.migrate

    def migrate_and_spoil(connection: Any) -> None:
        migrate(connection)
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql(
                "CREATE FUNCTION spoil() RETURNS trigger LANGUAGE plpgsql AS "
                "$$ BEGIN NEW.title := upper(NEW.title); RETURN NEW; END $$"
            )
            connection.exec_driver_sql(
                "CREATE TRIGGER spoil BEFORE INSERT ON kase FOR EACH ROW EXECUTE FUNCTION spoil()"
            )

    monkeypatch.setattr(schema, "migrate", migrate_and_spoil)
    with pytest.raises(Unavailable, match="kase"):
        moving.copy(county.app, target)
    with closing(open_empty(target)) as database, database.engine.connect() as connection:
        assert inspect(connection).get_table_names() == []


def test_only_a_file_moves_and_only_to_a_server(county: House, target: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="SQLite file"):
        moving.copy(county.app, f"sqlite:///{tmp_path / 'x.sqlite3'}")
    moving.copy(county.app, target, switch=True)
    with closing(open_app(county.folder)) as app, pytest.raises(InputError, match="already"):
        moving.copy(app, target)


def test_the_command_says_what_it_did_and_what_comes_next(county: House, target: str) -> None:
    county.app.close()
    words = ["db", "copy", "--to", target, "--data", str(county.folder)]
    done = CliRunner().invoke(build(), words)
    assert done.exit_code == 0, done.output
    assert "Protokoll unversehrt" in done.output
    assert "kopieren Sie mit --switch" in done.output
    again = CliRunner().invoke(build(), [*words, "--switch", "--json"])
    assert isinstance(again.exception, InputError)


def test_the_command_speaks_json(county: House, target: str) -> None:
    county.app.close()
    words = ["db", "copy", "--to", target, "--switch", "--json", "--data", str(county.folder)]
    done = CliRunner().invoke(build(), words)
    assert done.exit_code == 0, (done.output, done.exception)
    said = json.loads(done.output)
    assert (said["intact"], said["switched"], said["replayed"]) == (True, True, 2)
    assert said["tables"]["kase"] == 2


# Roles


@pytest.fixture(scope="module")
def server(postgres: Any) -> str:
    return fresh_postgres(postgres).url


@pytest.fixture(scope="module")
def moved(server: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A house on PostgreSQL, worked by the role that may not migrate."""
    [county] = lived_in(tmp_path_factory.mktemp("rollen") / "haus")
    moving.copy(county.app, server)
    with psycopg.connect(server, autocommit=True) as owner:
        for role in (APP, AUDITOR):
            owner.execute(f"CREATE ROLE {role} LOGIN")
        for statement in statements(APP, AUDITOR):
            owner.execute(statement)
    config.point(county.folder / config.NAME, {"database": as_role(server, APP)})
    app = open_app(county.folder, county.clock)
    yield House(app, county.clock, county.folder, county.paper)
    app.close()


def as_role(url: str, role: str) -> str:
    return make_url(url).set(username=role).render_as_string(hide_password=False)


def test_all_work_is_done_with_rights_that_change_no_entry(moved: House) -> None:
    case = moved.register(title="Mit halben Rechten")
    moved.take(case.number, "informieren", "weber", participation="integration")
    one_round(moved.app)
    assert seal_due(moved.app, at_once=True) is not None
    assert examine(moved.app, replaying=True).intact


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE entry SET actor = 'x'",
        "DELETE FROM entry",
        "DELETE FROM entry_body",
        "DELETE FROM kase",
        "TRUNCATE log_leaf",
        "UPDATE checkpoint SET note = 'x'",
        "DROP TRIGGER entry_no_update ON entry",
        "ALTER TABLE entry DISABLE TRIGGER ALL",
        "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RETURN NEW; END $$",
        "ALTER TABLE kase ADD COLUMN x int",
    ],
)
def test_the_working_role_cannot_undo_the_log_even_past_its_guards(
    moved: House, server: str, statement: str
) -> None:
    with psycopg.connect(as_role(server, APP)) as raw:
        with pytest.raises(
            (psycopg.errors.InsufficientPrivilege, psycopg.errors.DuplicateFunction)
        ):
            raw.execute(statement)


def test_only_the_owner_erases_for_good_and_nobody_else_says_so(
    moved: House, server: str, capsys: pytest.CaptureFixture[str]
) -> None:
    before = files_of(server)
    for role, code, told in (
        (APP, 4, "Das Konto rz_app darf es nicht, weil sie postgres gehören"),
        (make_url(server).username, 0, "neu geschrieben"),
    ):
        config.point(moved.folder / config.NAME, {"database": as_role(server, str(role))})
        with pytest.raises(SystemExit) as ended:
            main(["retention", "compact", "--data", str(moved.folder)])
        said = capsys.readouterr()
        assert (ended.value.code, told in said.out + said.err) == (code, True), said
        anew = {table for table, file in files_of(server).items() if file != before[table]}
        assert anew == (set() if role == APP else set(METADATA.tables))


def files_of(url: str) -> dict[str, int]:
    """Return in which file the server keeps each table of the program."""
    with psycopg.connect(url) as connection:
        rows = connection.execute("SELECT relname, relfilenode FROM pg_class").fetchall()
    return {table: file for table, file in rows if table in METADATA.tables}


def test_the_auditor_examines_everything_and_changes_nothing(moved: House, server: str) -> None:
    config.point(moved.folder / config.NAME, {"database": as_role(server, AUDITOR)})
    with closing(open_app(moved.folder)) as app:
        assert examine(app, replaying=True).intact
        with pytest.raises(EngineError, match="lacks a right"):
            House(app, moved.clock, moved.folder, moved.paper).register(title="Nein")


@pytest.mark.parametrize("table", SECRET)
def test_the_auditor_reads_no_secret(moved: House, server: str, table: str) -> None:
    with psycopg.connect(as_role(server, AUDITOR)) as raw:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            raw.execute(f"SELECT * FROM {table}")


def test_each_table_is_named_rightly() -> None:
    assert {*SECRET, *NEVER_DELETED} <= set(METADATA.tables)


def test_a_name_that_would_need_quoting_is_refused() -> None:
    with pytest.raises(InputError, match="allowed"):
        statements("app; DROP TABLE entry", "a")
