"""A definition on its way into force: what it says, whether it is proven, and whom it touches."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from engine.app import App
from engine.errors import EngineError, InputError, Text
from engine.services.accounts import Visitor
from engine.services.admin.people import as_admin
from engine.services.definitions import Activation, activate_files, foresee, prove_files
from engine.services.legal.offered import Examined, examine, read_offer

__all__ = ["Weighed", "digest", "digest_of", "put_in_force", "read_offer", "weigh"]


@dataclass(frozen=True, slots=True)
class Weighed:
    """What is to be said of an offered definition before it comes into force.

    `refused` says why it cannot, None where it can; `activation` says what it means for what
    runs, and is missing where the file is not sound.
    """

    examined: Examined
    activation: Activation | None
    refused: Text | None


def digest(source: bytes) -> str:
    """Return what names exactly these bytes."""
    return hashlib.sha256(source).hexdigest()[:32]


def digest_of(paths: list[Path]) -> str:
    """Return what names exactly these files."""
    return digest(b"".join(hashlib.sha256(path.read_bytes()).digest() for path in paths))


def weigh(app: App, paths: list[Path], letters: dict[str, Text]) -> Weighed:
    """Return what activating the first file, with plans behind it, would mean; change nothing.

    Rehearsals and proof are the very ones that activation demands. Takes up to a minute.
    """
    found = examine(app, read_offer(paths[0].name, paths[0].read_bytes()), letters)
    if not found.sound:
        return Weighed(found, None, found.refused or _UNSOUND)
    activation = None
    try:
        if found.definition.kind == "calendar":
            raise _calendar()
        activation = foresee(app, paths)
        prove_files(app, paths)
    except EngineError as error:
        return Weighed(found, activation, error.text)
    return Weighed(found, activation, None if activation.new else _KNOWN)


def put_in_force(app: App, paths: list[Path], who: Visitor) -> int:
    """Put these files in force in the name of an administrator; return how many are new.

    Raises what `weigh` tells as `refused`.
    """
    if read_offer(paths[0].name, paths[0].read_bytes()).kind == "calendar":
        raise _calendar()
    return len(activate_files(app, paths, as_admin(app, "definitions", who)))


_UNSOUND = Text("Die Datei hat Fehler.", "The file has mistakes.")
_KNOWN = Text(
    "Genau diese Fassung ist schon in Kraft.", "Exactly this version is in force already."
)


def _calendar() -> InputError:
    return InputError(
        "Ein Kalender ändert laufende Fristen. Lesen Sie ihn unter „Kalender“ ein; dort steht "
        "vorher, welche.",
        "A calendar changes deadlines that run. Take it in under 'Calendar', which shows first "
        "what it changes.",
    )
