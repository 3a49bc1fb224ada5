"""What the import contracts cannot say."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
SOURCES = [*(ROOT / "engine").rglob("*.py"), *(ROOT / "notifications").rglob("*.py")]


def importers(module: str) -> set[str]:
    """Return the files that import a module."""
    words = re.compile(rf"^\s*(from|import) {module}\b", re.MULTILINE)
    return {p.relative_to(ROOT).as_posix() for p in SOURCES if words.search(p.read_text("utf-8"))}


def test_the_imports_point_one_way() -> None:
    ran = subprocess.run(
        [sys.executable, "-c", "from importlinter.cli import lint_imports_command as c; c()"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout


def test_one_module_alone_knows_the_state_machine_library() -> None:
    assert importers("transitions") == {"engine/core/machine.py"}


def test_one_module_alone_reads_the_clock_and_draws_randomness() -> None:
    words = re.compile(r"datetime\.now\(|time\.time\(|date\.today\(|uuid4\(|urandom\(|token_\w+\(")
    found = {p.relative_to(ROOT).as_posix() for p in SOURCES if words.search(p.read_text("utf-8"))}
    # The scheduler counts by the wall clock whatever the engine's own clock shows.
    assert found <= {"engine/clock.py", "engine/worker.py"}


def test_the_core_names_no_state_step_office_or_law() -> None:
    from tests.musterheide import library

    names = {
        name
        for workflow in library().workflows.values()
        for name in [*workflow.states, *workflow.steps]
        if len(name) > 7
    }
    for path in (ROOT / "engine" / "core").glob("*.py"):
        text = re.sub(r'"""[\s\S]*?"""|#.*', "", path.read_text("utf-8"))
        named = {n for n in names if re.search(rf'["\']{n}["\']', text)}
        assert not named, (path.name, named)
        assert "BbgKVerf" not in text, path.name
