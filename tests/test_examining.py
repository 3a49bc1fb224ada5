"""The examination says what holds, what was lawfully erased, and what today counts otherwise."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

import orjson
import pytest

from engine.core.case import digest
from engine.core.deadlines import as_plain, extend_to
from engine.core.ledger import SEMANTICS, microseconds
from engine.core.merkle import Frontier
from engine.core.notes import Key
from engine.errors import InputError, NotFound
from engine.services.evidence.examining import examine, examine_case, remembered_in
from engine.services.evidence.places import Leaves
from engine.services.evidence.retelling import described
from engine.services.evidence.sealing import seal_due
from engine.services.evidence.seals import Remembered
from engine.services.evidence.strands import Places
from engine.services.evidence.units import Verdict
from engine.store import values
from tests.conftest import MakePlace
from tests.forging import WITNESS_FILE, Forged, forged, witnessed
from tests.installation import House, house
from tests.web.county import played

__all__ = ["played"]

ROOT = Path(__file__).parent.parent


@pytest.fixture
def small(tmp_path: Path) -> Iterator[House]:
    found = house(tmp_path / "haus")
    yield found
    found.app.close()


@pytest.fixture(scope="module")
def source(played: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("examined") / "county"
    witnessed(played, folder)
    return folder


def test_a_case_on_postgres_is_examined_as_on_sqlite(make_place: MakePlace, tmp_path: Path) -> None:
    found = house(tmp_path / "haus", make_place("postgres").url)
    case = found.register()
    found.take(case.number, "informieren", "weber", participation="integration")
    seal_due(found.app, at_once=True)
    result = examine(found.app)
    assert result.faults == ()
    assert (result.cases, result.replayed) == (1, 1)
    assert result.sealed == result.entries > 60
    with found.app.database.write() as store:
        store.connection.exec_driver_sql("UPDATE deadline SET last_day = '2031-01-01'")
    assert {f.layer.value for f in examine(found.app).faults} == {"state"}
    found.app.close()


def test_several_processes_find_what_one_finds(source: Path, tmp_path: Path) -> None:
    county = forged(source, tmp_path / "county")
    one, two = (examine(county.app, processes=n) for n in (1, 2))
    assert one == two
    with county.rows() as raw:
        raw.execute("UPDATE deadline SET last_day = '2031-01-01' WHERE place = 0")
        raw.execute("UPDATE entry SET actor = 'x' WHERE id = 200")
    one, two = (examine(county.app, processes=n) for n in (1, 2))
    assert set(one.faults) == set(two.faults) != set()
    county.app.close()


def counted_by(small: House, semantics: int) -> tuple[Forged, str]:
    """Return a house with a case that a program of those semantics counted a day longer."""
    number = small.register().number
    county = Forged(small.app, Remembered())
    with small.app.database.read() as store:
        held = store.cases.get(number).deadlines[0]
    longer = extend_to(held.derivation, held.last_day + timedelta(days=1), held.last_day)
    with county.rows() as raw:
        raw.execute(
            "UPDATE deadline SET last_day = ?, ends_at = ?, derivation = ? WHERE place = 0",
            (
                longer.last_day.isoformat(),
                microseconds(longer.ends_at),
                values.json_text(as_plain(longer)),
            ),
        )
    with small.app.database.read() as store:
        case = store.cases.get(number)
    with county.rows() as raw:
        plain = county.said(raw, case.stream, 1)["plain"]
    rows: list[list[Any]] = plain["deadlines"]
    for row in rows:
        if tuple(row[:3]) == held.key:
            row[3] = longer.last_day.isoformat()
    changed = {**plain, "deadlines": rows, "after": digest(case)}
    county.forge(case.stream, 1, plain=changed, semantics=semantics)
    return county, number


def test_what_an_earlier_program_counted_otherwise_is_unchanged_and_said_so(small: House) -> None:
    county, number = counted_by(small, SEMANTICS - 1)
    found = county.examined(witness=False)
    assert found.intact
    [verdict] = found.verdicts
    assert (verdict.number, verdict.verdict) == (number, Verdict.RECOUNTED)
    [recounted] = verdict.recounted
    said = described(recounted).de
    assert said.startswith("unversehrt; ")
    assert "nach heutiger Zählung wäre es der" in said
    assert recounted.recorded > recounted.today


def test_the_same_by_a_program_that_counts_as_today_is_a_difference(small: House) -> None:
    county, number = counted_by(small, SEMANTICS)
    [verdict] = county.examined(witness=False).verdicts
    assert (verdict.number, verdict.verdict) == (number, Verdict.BROKEN)
    assert [f.layer.value for f in verdict.faults] == ["replay"]


def test_what_an_earlier_program_counted_is_no_cover_for_a_changed_row(small: House) -> None:
    county, _ = counted_by(small, SEMANTICS - 1)
    with county.rows() as raw:
        raw.execute("UPDATE deadline SET last_day = '2031-01-01' WHERE place = 0")
        raw.execute("UPDATE kase SET state = 'entschieden'")
    assert not county.examined(witness=False).intact


def test_a_newer_program_is_not_judged_by_an_older_one(small: House) -> None:
    county, _ = counted_by(small, SEMANTICS + 1)
    found = county.examined(witness=False)
    assert found.intact
    assert [v.verdict for v in found.verdicts] == [Verdict.NEWER]


def test_an_act_by_somebody_without_an_office_does_not_pass(small: House) -> None:
    case = small.register()
    county = Forged(small.app, Remembered())
    county.forge(case.stream, 1, actor="niemand")
    assert county.layers(witness=False) == {"replay"}


def test_one_case_is_examined_alone(small: House) -> None:
    number = small.register().number
    assert examine_case(small.app, number).verdict is Verdict.INTACT
    with pytest.raises(NotFound, match="V-1999"):
        examine_case(small.app, "V-1999-0001")


def test_a_checkpoint_is_found_in_a_mail_and_in_json(source: Path, tmp_path: Path) -> None:
    written = (source / WITNESS_FILE).read_text()
    known = len(Remembered.read(written).notes)
    assert known > 40
    mail = (
        "Sehr geehrte Frau Neumann,\n\nder Prüfpunkt:\n\n"
        + written
        + "\n\nMit freundlichen Grüßen\n"
    )
    assert len(Remembered.read(mail).notes) == known
    note = Remembered.read(written).notes[-1]
    in_json = orjson.dumps({"log": {"checkpoint": note}}).decode()
    assert Remembered.read(in_json).notes == (note,)
    empty = tmp_path / "leer.txt"
    empty.write_text("nichts")
    with pytest.raises(InputError, match="no checkpoint"):
        remembered_in(empty)


def test_a_key_that_the_witness_keeps_counts_more_than_the_file_beside_the_log(
    source: Path, tmp_path: Path
) -> None:
    county = forged(source, tmp_path / "county")
    [vkey, *_] = (county.app.config.state / "keys").read_text().splitlines()
    right = Remembered.read(f"{vkey}\n\n{county.remembered.notes[-1]}")
    assert len(right.keys) == 1
    assert examine(county.app, remembered=right).intact
    another = replace(Key.read(vkey), public=bytes(32))
    wrong = Remembered.read(f"{another.vkey}\n\n{county.remembered.notes[-1]}")
    found = {f.layer.value for f in examine(county.app, remembered=wrong).faults}
    assert found == {"signature", "witness"}
    county.app.close()


def command(*words: str, lang: str = "de") -> subprocess.CompletedProcess[str]:
    """Run the program itself, as people do."""
    line = [str(Path(sys.executable).with_name("rechtzeitig")), *words]
    environment = {**os.environ, "RECHTZEITIG_LANG": lang, "COLUMNS": "200"}
    return subprocess.run(
        line, cwd=ROOT, capture_output=True, text=True, check=False, env=environment
    )


def test_the_command_says_in_both_languages_what_it_found(source: Path, tmp_path: Path) -> None:
    county = forged(source, tmp_path / "county")
    county.app.close()
    folder = str(tmp_path / "county")
    witness = str(tmp_path / "county" / WITNESS_FILE)
    good = command("audit", "verify", "--data", folder, "--witness", witness)
    assert good.returncode == 0, good.stderr
    assert "Ergebnis: unversehrt." in good.stdout
    assert "--witness" not in good.stdout
    alone = command("audit", "verify", "--data", folder, "--no-replay", lang="en")
    assert "Result: unchanged." in alone.stdout
    assert "against a checkpoint from outside" in alone.stdout
    assert "0 of 3 cases told again" in alone.stdout
    one = command("audit", "verify", "--data", folder, "--case", "V-2026-0001")
    assert one.stdout.startswith("V-2026-0001: unversehrt")


def test_the_command_ends_with_1_where_something_was_changed(source: Path, tmp_path: Path) -> None:
    county = forged(source, tmp_path / "county")
    with county.rows() as raw:
        raw.execute("UPDATE kase SET state = 'entschieden' WHERE number = 'V-2026-0001'")
    county.app.close()
    folder = str(tmp_path / "county")
    told = command("audit", "verify", "--data", folder, "--as", "neumann")
    assert told.returncode == 1
    assert "V-2026-0001: verändert" in told.stdout
    assert "(kase)" in told.stdout
    again = command("audit", "verify", "--data", folder, "--json")
    assert again.returncode == 1
    said = orjson.loads(again.stdout)
    assert said["intact"] is False
    assert [v["number"] for v in said["verdicts"]] == ["V-2026-0001"]
    assert {f["layer"] for f in said["faults"]} == {"state"}


@pytest.mark.parametrize("count", [0, 1, 2, 3, 255, 256, 257, 600, 66_000])
def test_the_tree_of_any_size_is_that_of_its_first_leaves(count: int) -> None:
    random = Random(count)
    hashes = [random.randbytes(32) for _ in range(count)]
    order = list(range(count))
    random.shuffle(order)
    found, leaves = Places(), Leaves(count)
    for index in order:
        found.add(index, hashes[index], index)
    leaves.put(found)
    assert leaves.whole
    assert [at for _, at in leaves.recorded(0, count)] == list(range(count))
    for size in {0, count, *(random.randint(0, count) for _ in range(5))}:
        assert leaves.tree(size) == Frontier().grown(hashes[:size])
    with pytest.raises(ValueError, match="no tree"):
        leaves.tree(count + 1)


@pytest.mark.parametrize("wrong", [[0, 0], [0, -1], [0]], ids=["doubled", "negative", "missing"])
def test_places_that_are_not_each_taken_once_are_no_tree(wrong: list[int]) -> None:
    found, leaves = Places(), Leaves(2)
    for index in wrong:
        found.add(index, b"x" * 32, 1)
    leaves.put(found)
    assert not leaves.whole
