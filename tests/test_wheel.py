"""The program works as installed from its wheel: definitions, letters and migrations ride along."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

ROOT = Path(__file__).parent.parent


def test_an_installation_from_the_wheel_sets_up_and_plays_the_demo(tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    [wheel] = tmp_path.glob("*.whl")
    site = tmp_path / "site"
    with zipfile.ZipFile(wheel) as packed:
        packed.extractall(site)
    for name in ("static/vendor/kern.min.css", "static/rechtzeitig.css", "templates/base.html"):
        assert (site / "engine" / "web" / name).is_file()
    # The wheel first, then the libraries; the checkout itself is not on the path.
    paths = [str(site), sysconfig.get_path("purelib"), sysconfig.get_path("platlib")]
    run = subprocess.run(
        [
            sys.executable,
            "-S",
            "-c",
            "import engine; print(engine.__file__); from engine.cli import main; main()",
            "demo",
            "--data",
            str(tmp_path / "demo"),
        ],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    assert run.stdout.startswith(str(site))
    assert "V-" in run.stdout
    assert list((tmp_path / "demo" / "mails").glob("*.txt"))
