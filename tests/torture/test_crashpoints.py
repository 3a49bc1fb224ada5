"""The points at which a process can be made to die, and what a crash at each of them leaves."""

from __future__ import annotations

import ast
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine import crash
from tests.imap import imap_server
from tests.torture.__main__ import AMBIGUOUS, JOURNAL
from tests.torture.crashing import DOT, ENGINE, Scene, points
from tests.torture.nursery import Nursery
from tests.torture.servers import postgres
from tests.torture.sink import Sink

NAMES = (
    "after-250",
    "after-act-commit",
    "after-any-commit",
    "after-claim-commit",
    "after-compose-commit",
    "after-document-renamed",
    "after-ending-commit",
    "after-expire-commit",
    "after-places-commit",
    "after-registration-commit",
    "after-release-commit",
    "after-seal-commit",
    "after-signature",
    "after-signature-remembered",
    "after-tick-commit",
    "before-act-commit",
    "before-activation-commit",
    "before-any-commit",
    "before-claim-commit",
    "before-compose-commit",
    "before-data",
    "before-data-commit",
    "before-document-renamed",
    "before-ending-commit",
    "before-expire-commit",
    "before-places-commit",
    "before-registration-commit",
    "before-release-commit",
    "before-seal-commit",
    "before-tick-commit",
)
"""Every point; the list may grow and must not shrink."""

OF_A_ROUND = (
    "engine/services/ticks.py",
    "engine/services/evidence/sealing.py",
    "engine/delivery/compose.py",
    "engine/delivery/send.py",
)
"""Where each writing transaction has points of its own, before its end and after it."""


def test_every_point_has_a_name_of_its_own_and_none_is_gone() -> None:
    found = [name for name, _ in points()]
    assert sorted(found) == sorted(set(found)), "one name, one place"
    assert set(found) == set(NAMES)


def test_every_writing_transaction_passes_a_point_before_and_after_its_commit() -> None:
    """The one door has them, so no transaction can be opened that has none."""
    tree = ast.parse((ENGINE / "store/database.py").read_text())
    [door] = [n for n in ast.walk(tree) if getattr(n, "name", "") == "_transaction"]
    texts = [ast.unparse(call) for call in ast.walk(door) if isinstance(call, ast.Call)]
    in_order = [
        text for text in texts if text.startswith("crashpoint") or text.endswith(".commit()")
    ]
    in_order.sort(key=ast.unparse(door).index)
    assert in_order == [
        "crashpoint('before-any-commit')",
        "held.batch.commit()",
        "crashpoint('after-any-commit')",
    ]
    writers = [f for f in ENGINE.rglob("*.py") if '"COMMIT"' in f.read_text()]
    assert [f.name for f in writers] == ["batch.py"], "nothing else commits"


@pytest.mark.parametrize("file", OF_A_ROUND)
def test_every_transaction_of_a_round_has_points_of_its_own(file: str) -> None:
    tree = ast.parse((ENGINE.parent / file).read_text())
    for block, after in _transactions(tree):
        assert _last_point(block).startswith("before-"), f"{file}:{block.lineno}"
        if after is not None:
            assert ast.unparse(after).startswith("crashpoint("), f"{file}:{block.lineno}"


def _transactions(tree: ast.AST) -> Iterator[tuple[ast.With, ast.stmt | None]]:
    """Yield each writing transaction and the statement that follows it, None for none."""
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if not isinstance(body, list):
            continue
        for statement, after in zip(body, [*body[1:], None], strict=True):
            if isinstance(statement, ast.With) and "database.write()" in ast.unparse(
                statement.items[-1]
            ):
                yield statement, after


def _last_point(block: ast.With) -> str:
    found = [
        ast.unparse(call.args[0]).strip("'")
        for call in ast.walk(block)
        if isinstance(call, ast.Call) and ast.unparse(call.func) == "crashpoint"
    ]
    return found[-1] if found else ""


def test_without_a_wish_a_point_is_passed(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in NAMES:
        crash.crashpoint(name)


def test_the_environment_names_the_point_and_the_passing() -> None:
    said = "from engine.crash import crashpoint\nfor n in range(9): crashpoint('here'); print(n)"
    died = subprocess.run(
        [sys.executable, "-uc", said],
        env={**os.environ, crash.VARIABLE: "here:3"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (died.returncode, died.stdout.split()) == (-signal.SIGKILL, ["0", "1"])


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory, sink: Sink, nursery: Nursery) -> Scene:
    return Scene(tmp_path_factory.mktemp("sqlite"), sink, nursery)


@pytest.fixture(scope="module")
def scene_on_postgres(
    tmp_path_factory: pytest.TempPathFactory, sink: Sink, nursery: Nursery
) -> Iterator[Scene]:
    with postgres() as server:
        yield Scene(tmp_path_factory.mktemp("postgres"), sink, nursery, server)


@pytest.mark.parametrize("point", [*NAMES, DOT])
def test_a_crash_loses_nothing_and_escalates_nothing_twice(scene: Scene, point: str) -> None:
    """At the first passing here; `make torture` takes the second, third, fifth and eighth too."""
    _bears(scene, point)


@pytest.mark.parametrize("point", ["after-claim-commit", "before-ending-commit", DOT])
def test_nor_does_one_on_postgresql(scene_on_postgres: Scene, point: str) -> None:
    _bears(scene_on_postgres, point)


@pytest.fixture(scope="module")
def scene_with_journal(
    tmp_path_factory: pytest.TempPathFactory, sink: Sink, nursery: Nursery
) -> Iterator[Scene]:
    folder = tmp_path_factory.mktemp("journal")
    with imap_server() as imap:
        sink.copied, sink.journal = JOURNAL, imap.put
        journal = {"address": JOURNAL, "imap": imap.settings(folder / "kennwort")}
        yield Scene(folder, sink, nursery, journal=journal)
    sink.journal = None


@pytest.mark.parametrize("point", sorted(AMBIGUOUS))
def test_with_a_journal_no_crash_makes_a_second_copy(scene_with_journal: Scene, point: str) -> None:
    done = scene_with_journal.crash(point, 1, days=1)
    assert done.died, f"{point} was not passed"
    assert (done.trouble, done.left.sound, done.left.extra) == ("", True, 0), done.left


def _bears(scene: Scene, point: str) -> None:
    done = scene.crash(point, 1, days=1)
    assert done.died, f"{point} was not passed"
    assert done.trouble == ""
    assert done.left.sound, done.left
    assert done.left.extra == (point in AMBIGUOUS - {"before-any-commit"})


def test_files_name_their_points() -> None:
    assert {Path(file).name for _, file in points()} >= {"send.py", "compose.py", "ticks.py"}
