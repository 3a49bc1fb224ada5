"""Fetch the style sheet and the fonts that the pages use, and write down what they are.

For maintainers, run by hand as `make vendor`; nobody else needs Node. The result lies in the
repository, and a test compares it with the manifest. Versions change here and nowhere else.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path

VENDOR = Path(__file__).resolve().parent.parent / "engine" / "web" / "static" / "vendor"
MANIFEST = "manifest.json"


@dataclass(frozen=True, slots=True)
class Package:
    """An npm package in one version: its licence, and which of its files become ours."""

    name: str
    version: str
    licence: str
    files: dict[str, str]
    changed: str = "nothing"


def _fonts() -> dict[str, str]:
    names = [
        f"fira-sans-{s}-{w}-normal.woff2" for s in ("latin", "latin-ext") for w in (400, 500, 600)
    ]
    return {f"files/{name}": name for name in names}


PACKAGES = (
    Package(
        "@kern-ux/native",
        "2.7.2",
        "EUPL-1.2",
        {"dist/kern.min.css": "kern.min.css", "LICENSE.md": "kern-LICENSE.md"},
        changed="nothing; its 5 MB of fonts are left out (the sheet itself names no font file, "
        "its own font sheet does), rechtzeitig.css names the smaller ones of Fira Sans instead",
    ),
    Package(
        "@fontsource/fira-sans",
        "5.3.0",
        "OFL-1.1",
        {**_fonts(), "LICENSE": "fira-sans-OFL.txt"},
        changed="nothing; only the Latin subsets in the three weights that KERN uses",
    ),
)


def main() -> None:
    """Write the files of all packages and the manifest that lists them."""
    VENDOR.mkdir(parents=True, exist_ok=True)
    manifest = [_described(package) for package in PACKAGES]
    text = json.dumps({"packages": manifest}, indent=2, ensure_ascii=False)
    (VENDOR / MANIFEST).write_text(text + "\n", "utf-8")


def _described(package: Package) -> dict[str, object]:
    """Return what the manifest says about a package once its files are in place."""
    digests = {}
    for name, data in _contents(package).items():
        (VENDOR / name).write_bytes(data)
        digests[name] = hashlib.sha256(data).hexdigest()
    return {
        "name": package.name,
        "version": package.version,
        "licence": package.licence,
        "changed": package.changed,
        "sha256": digests,
    }


def _contents(package: Package) -> dict[str, bytes]:
    """Return the wanted files of a package by the names that they get here."""
    with tempfile.TemporaryDirectory() as folder:
        command = ["npm", "pack", "--silent", f"{package.name}@{package.version}"]
        subprocess.run(command, cwd=folder, check=True)  # noqa: S603
        [archive] = Path(folder).glob("*.tgz")
        with tarfile.open(archive) as packed:
            return {ours: _member(packed, theirs) for theirs, ours in package.files.items()}


def _member(packed: tarfile.TarFile, name: str) -> bytes:
    found = packed.extractfile(f"package/{name}")
    if found is None:
        raise SystemExit(f"{name} is no file of the package.")
    return found.read()


if __name__ == "__main__":
    main()
