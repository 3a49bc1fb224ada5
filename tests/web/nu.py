"""The Nu HTML checker, which reads pages as the standard does: for tests only, never shipped.

`python -m tests.web.nu` puts it into `.venv/share/vnu`, as `make test` does. It comes from npm
in one version, and is used only if it is what its makers published.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

VERSION = "26.9.27"
DIGEST = "22f15dd39a33bed929d2a5c0cddf5946849a647eca9272bf4d5d00bc7e7a4d47"
"""SHA-256 of the jar."""

JAR = Path(sys.prefix) / "share" / "vnu" / f"vnu-{VERSION}.jar"
INSIDE = "package/build/dist/vnu.jar"
NEEDS = {"java": "default-jre-headless", "npm": "npm"}
"""The Debian packages of the commands that are needed."""


class Missing(Exception):
    """The checker or what it needs is not on this machine."""


def main() -> None:
    """Fetch the checker, unless it is there."""
    if not JAR.exists():
        data = _published()
        JAR.parent.mkdir(parents=True, exist_ok=True)
        JAR.write_bytes(data)
    _verify(JAR.read_bytes())


def _published() -> bytes:
    """Return the jar out of its package."""
    with tempfile.TemporaryDirectory() as folder:
        order = [_command("npm"), "pack", "--silent", f"vnu-jar@{VERSION}"]
        subprocess.run(order, cwd=folder, check=True, stdout=subprocess.DEVNULL)
        [package] = Path(folder).glob("*.tgz")
        with tarfile.open(package) as archive:
            file = archive.extractfile(INSIDE)
            assert file is not None
            return _verify(file.read())


def _verify(data: bytes) -> bytes:
    found = hashlib.sha256(data).hexdigest()
    if found != DIGEST:
        raise Missing(f"vnu-jar {VERSION} is not what was published: sha256 is {found}")
    return data


def _command(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        raise Missing(f"'{name}' is missing: apt-get install {NEEDS[name]}")
    return found


def errors_in(pages: dict[str, str]) -> list[str]:
    """Return what is wrong in some pages, each by its name: one run for all of them.

    Raises Missing, with what installs it, where the checker cannot run.
    """
    java = _command("java")
    if not JAR.exists():
        _command("npm")
        raise Missing("the Nu HTML checker is missing: make test fetches it")
    _verify(JAR.read_bytes())
    with tempfile.TemporaryDirectory() as folder:
        files = {}
        for at, (name, html) in enumerate(pages.items()):
            file = Path(folder) / f"{at}.html"
            file.write_text(html, "utf-8")
            files[file.as_uri().replace("file:///", "file:/")] = name
        order = [java, "-jar", str(JAR), "--format", "json", "--stdout", "--exit-zero-always"]
        ran = subprocess.run([*order, folder], capture_output=True, text=True, check=True)
    said = [m for m in json.loads(ran.stdout)["messages"] if m["type"] != "info"]
    return [f"{files[m['url']]} line {m.get('lastLine')}: {m['message']}" for m in said]


if __name__ == "__main__":
    try:
        main()
    except (Missing, subprocess.CalledProcessError) as error:
        sys.exit(str(error))
