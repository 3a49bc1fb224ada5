"""What lies between two requests of the same visitor: a file sent in, or what came of a deed.

A preview is shown before anything is taken, and without a script the file cannot come twice.
So it waits in a folder of the installation that nobody else may read, under a token that only
works for whoever put it there, and is gone an hour later at the latest.
"""

from __future__ import annotations

import re
import shutil
from hashlib import sha256
from pathlib import Path, PurePath
from typing import Any

import orjson
from starlette.datastructures import FormData, UploadFile

from engine import clock
from engine.errors import InputError
from engine.store.errors import on_disk
from engine.web.desk import Desk, Hidden

FOLDER = "ablage"
LASTS = 60 * 60
"""Seconds for which something waits."""

MOST = 20 * 1024 * 1024
"""Bytes of a file that a preview reads."""

_TOKEN = re.compile(r"[0-9a-f]{32}")
_SAID = "ergebnis.json"


def put_file(desk: Desk, sent: FormData, field: str, suffixes: tuple[str, ...]) -> str:
    """Keep the file that a form sent; return its token.

    Raises InputError for none, for one of another kind, and for one that is too large.
    """
    file = sent.get(field)
    if not isinstance(file, UploadFile) or not file.filename:
        raise InputError("Wählen Sie eine Datei aus.", "Choose a file.")
    name = _plain_name(file.filename)
    if not name.casefold().endswith(suffixes):
        kinds = ", ".join(suffixes)
        raise InputError(
            f"„{name}“ lässt sich hier nicht lesen; gelesen werden: {kinds}.",
            f"'{name}' cannot be read here; these can: {kinds}.",
        )
    data = file.file.read(MOST + 1)
    if len(data) > MOST:
        raise InputError(
            f"„{name}“ ist größer als 20 MB. Teilen Sie die Datei auf.",
            f"'{name}' is larger than 20 MB. Split the file.",
        )
    return _put(desk, name, data)


def put_words(desk: Desk, said: Any) -> str:
    """Keep plain values, such as what came of several deeds; return their token."""
    return _put(desk, _SAID, orjson.dumps(said))


def file_at(desk: Desk, token: str) -> Path:
    """Return the file behind a token; Hidden where there is none for this visitor."""
    found = [] if not _TOKEN.fullmatch(token) else list(_place(desk, token).glob("*"))
    if not found:
        raise Hidden
    return found[0]


def words_at(desk: Desk, token: str) -> Any:
    """Return the plain values behind a token; Hidden where there are none."""
    path = file_at(desk, token)
    if path.name != _SAID:
        raise Hidden
    return orjson.loads(path.read_bytes())


def drop(desk: Desk, token: str) -> None:
    """Take away what lies behind a token."""
    if _TOKEN.fullmatch(token):
        shutil.rmtree(_place(desk, token), ignore_errors=True)


def _put(desk: Desk, name: str, data: bytes) -> str:
    root = desk.app.config.path(FOLDER)
    token = clock.token(32)
    place = _place(desk, token)
    with on_disk(root):
        root.mkdir(mode=0o700, exist_ok=True)
        _sweep(root)
        place.mkdir(mode=0o700)
        (place / name).write_bytes(data)
    return token


def _place(desk: Desk, token: str) -> Path:
    """Return the folder of a token; whose it is stands in the name, so that no other finds it."""
    whose = sha256(f"{desk.me.account}\n{token}".encode()).hexdigest()[:40]
    return desk.app.config.path(FOLDER) / whose


def _sweep(root: Path) -> None:
    """Take away what has waited too long; the machine's own clock says so, in training too."""
    for place in root.iterdir():
        if place.stat().st_mtime < clock.file_time() - LASTS:
            shutil.rmtree(place, ignore_errors=True)


def _plain_name(name: str) -> str:
    """Return the last part of a file's name, with nothing in it that a folder could mistake."""
    last = PurePath(name.replace("\\", "/")).name
    plain = re.sub(r"[^\w .()+-]", "_", last).lstrip(".").strip()
    return plain[-80:] or "datei"
