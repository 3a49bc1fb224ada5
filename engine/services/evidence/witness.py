"""A witness elsewhere: one file, no database, and the newest checkpoint it has seen.

It runs where whoever administers the log cannot reach it. The file holds the private key with
which it cosigns, the public keys of the log, and the checkpoint that the next one must go on
from; it is written whole or not at all, before a cosignature is handed out. What contradicts
the witness is kept beside it, because two signed checkpoints that do not fit are the proof.
"""

from __future__ import annotations

import base64
import binascii
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from engine.core.notes import (
    COSIGNATURE,
    ED25519,
    Checkpoint,
    Key,
    Note,
    NoteError,
    cosigned,
    named,
    opened,
)
from engine.core.witness import Conflict, Contradicted, Course, Offer, Unproven, judged
from engine.errors import EngineError, InputError, Text
from engine.services.evidence.state import PRIVATE, PUBLIC, guarded, held, write

OLD = timedelta(hours=26)
"""How old the newest checkpoint may be: a day, and two hours for a night that runs late."""

_TIME = "time "


class NoWitness(EngineError):
    """The file of the witness is missing, open to others, or no such file."""


@dataclass(frozen=True, slots=True)
class Witness:
    """What the file of a witness holds."""

    name: str
    private: Ed25519PrivateKey
    log: tuple[Key, ...]
    url: str | None = None
    newest: Note | None = None
    seen_at: datetime | None = None

    @property
    def key(self) -> Key:
        """The public key under which it cosigns."""
        return Key(self.name, COSIGNATURE, self.private.public_key().public_bytes_raw())

    @property
    def origin(self) -> str:
        """The log that it watches."""
        return self.log[0].name

    @property
    def checkpoint(self) -> Checkpoint | None:
        """The newest checkpoint it has seen."""
        return None if self.newest is None else Checkpoint.read(self.newest.text)


@dataclass(frozen=True, slots=True)
class Looked:
    """What came of a look: the witness after it, and what is to be handed back or alarmed about.

    `conflict` says that the log contradicts the witness; `unproven` that there is a longer log,
    but no proof from the size that the witness knows; `false` that something was not signed.
    """

    witness: Witness
    course: Course | None = None
    cosigned: Note | None = None
    conflict: Conflict | None = None
    shown: Offer | None = None
    unproven: int | None = None
    false: bool = False
    old: bool = False

    @property
    def well(self) -> bool:
        """Whether nobody need look into anything."""
        return self.conflict is None and self.unproven is None and not (self.false or self.old)


def made(name: str, vkey: str, url: str | None) -> Witness:
    """Return a new witness of the log with that key; raises InputError for what is none."""
    if not named(name):
        raise InputError(
            "Der Name eines Zeugen hat weder Leerzeichen noch Plus, etwa: rechtsamt.musterheide",
            "The name of a witness has neither space nor plus, like: legal.musterheide",
        )
    return Witness(name, Ed25519PrivateKey.generate(), (log_key(vkey),), url)


def log_key(vkey: str) -> Key:
    """Return the key of a log; raises InputError where it is none."""
    try:
        key = Key.read(vkey)
    except NoteError:
        key = None
    if key is None or key.algorithm != ED25519:
        raise InputError(
            "Das ist nicht der öffentliche Schlüssel eines Protokolls. Er steht auf dem Blatt des "
            "Rechtsamts; dort, wo das Protokoll läuft, zeigt ihn: rechtzeitig log key.",
            "This is not the public key of a log. It is on the sheet of the legal office; where "
            "the log runs it is shown by: rechtzeitig log key.",
        )
    return key


def trusting(witness: Witness, vkey: str) -> Witness:
    """Return the witness with one more key of the same log, as after a rotation."""
    key = log_key(vkey)
    if key.name != witness.origin:
        raise InputError(
            f"Der Schlüssel gehört zu {key.name}, bezeugt wird {witness.origin}. Für ein anderes "
            "Protokoll richten Sie einen weiteren Zeugen ein.",
            f"The key belongs to {key.name}; what is witnessed is {witness.origin}. For another "
            "log set up another witness.",
        )
    return witness if key in witness.log else replace(witness, log=(*witness.log, key))


def look(witness: Witness, offers: list[Offer], now: datetime, *, live: bool) -> Looked:
    """Return what comes of looking at these offers, the shortest log first.

    `live` says that they come from the log itself: then a shorter one than was witnessed is a
    contradiction, while an old mail is just old.
    """
    found, false, unproven = Looked(witness), False, None
    for offer in sorted(offers, key=lambda o: (_size(o), o.old)):
        try:
            opened(offer.note.written, witness.origin, witness.log)
            course = judged(found.witness.checkpoint, offer)
        except NoteError:
            false = True
        except Unproven:
            unproven = _size(offer)
        except Contradicted as contradicted:
            if live or contradicted.conflict is not Conflict.SHORTER:
                return replace(found, conflict=contradicted.conflict, shown=offer)
        else:
            found = _taken(found, offer, course, now)
    checkpoint = found.witness.checkpoint
    if unproven is not None and checkpoint is not None and unproven <= checkpoint.size:
        unproven = None
    found = replace(found, false=false, unproven=unproven)
    # Who has seen none at all hears that, not that it is old.
    return replace(found, old=checkpoint is not None and age(found.witness, now) > OLD)


def _taken(found: Looked, offer: Offer, course: Course, now: datetime) -> Looked:
    """Return the look after an offer that holds.

    What is known already is cosigned again unless it shows that it was: the signature may have
    been lost after it was remembered.
    """
    witness = found.witness
    line = cosigned(offer.note.text, witness.key, int(now.timestamp()), witness.private.sign)
    handed = offer.note.beside(line)
    if course is Course.SAME:
        done = found.cosigned is not None or _has(offer.note, witness.key)
        again = found.cosigned if done else handed
        return replace(found, course=found.course or course, cosigned=again)
    witness = replace(witness, newest=offer.note, seen_at=now)
    return replace(found, witness=witness, course=course, cosigned=handed)


def _has(note: Note, key: Key) -> bool:
    try:
        return note.seen_at(key) is not None
    except NoteError:
        return False


def age(witness: Witness, now: datetime) -> timedelta:
    """Return how old the newest checkpoint is, the longest time where there is none.

    It counts from when it says to have been signed, but at the latest from when it was seen: a
    time in the future must not put the alarm off.
    """
    if witness.checkpoint is None or witness.seen_at is None:
        return timedelta.max
    times = [witness.seen_at]
    for line in witness.checkpoint.more:
        if line.startswith(_TIME) and line.removeprefix(_TIME).isdecimal():
            since = timedelta(microseconds=min(int(line.removeprefix(_TIME)), 2**55))
            times.append(datetime(1970, 1, 1, tzinfo=UTC) + since)
    return now - min(times)


def _size(offer: Offer) -> int:
    try:
        return offer.checkpoint.size
    except NoteError:
        return 0


# The file


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """Hold the file of a witness from reading to writing it.

    Two looks at once could cosign two logs of which neither goes on from the other.
    """
    if not path.exists():
        yield
        return
    with held(path.with_name(f".{path.name}.turn"), wait=True):
        yield


def save(path: Path, witness: Witness) -> None:
    """Write the file of a witness, for its owner alone; raises StateProblem."""
    plain = {
        "v": 1,
        "name": witness.name,
        "private": base64.b64encode(witness.private.private_bytes_raw()).decode(),
        "log": [key.vkey for key in witness.log],
        "url": witness.url,
        "newest": None if witness.newest is None else witness.newest.written,
        "seen_at": None if witness.seen_at is None else witness.seen_at.isoformat(),
    }
    write(path, orjson.dumps(plain, option=orjson.OPT_INDENT_2).decode() + "\n", PRIVATE)


def load(path: Path) -> Witness:
    """Return the witness of a file; raises NoWitness where it cannot or must not be used."""
    with guarded(path):
        try:
            found, data = path.stat(), path.read_bytes()
        except FileNotFoundError:
            raise NoWitness(
                f"Hier gibt es noch keinen Zeugen: {path}. Richten Sie ihn ein: rechtzeitig "
                "witness init.",
                f"There is no witness here yet: {path}. Set it up: rechtzeitig witness init.",
            ) from None
    if os.name != "nt" and stat.S_IMODE(found.st_mode) & 0o077:
        raise NoWitness(
            f"{path} enthält den geheimen Schlüssel des Zeugen, und auch andere können sie lesen. "
            "Richtig sind die Rechte 600: chmod 600.",
            f"{path} holds the secret key of the witness, and others can read it, too. Right is "
            "mode 600: chmod 600.",
        )
    try:
        return _witness(orjson.loads(data))
    except (ValueError, KeyError, TypeError, binascii.Error):
        raise NoWitness(
            f"{path} ist nicht die Datei eines Zeugen oder beschädigt. Spielen Sie sie aus Ihrer "
            "Sicherung zurück.",
            f"{path} is not the file of a witness or damaged. Put it back from your backup.",
        ) from None


def _witness(plain: dict[str, Any]) -> Witness:
    if plain["v"] != 1:
        raise ValueError("a later form")
    private = Ed25519PrivateKey.from_private_bytes(base64.b64decode(plain["private"]))
    newest = None if plain["newest"] is None else Note.read(plain["newest"])
    seen = None if plain["seen_at"] is None else datetime.fromisoformat(plain["seen_at"])
    log = tuple(Key.read(vkey) for vkey in plain["log"])
    witness = Witness(plain["name"], private, log, plain["url"], newest, seen)
    if not log or (witness.checkpoint is None) != (seen is None):
        raise ValueError("incomplete")
    return witness


def keep_conflict(path: Path, looked: Looked) -> Path:
    """Keep what contradicts the witness beside its file; return where."""
    shown = looked.shown
    assert shown is not None
    remembered = looked.witness.newest
    size = _size(shown)
    kept = path.with_name(f"{path.stem}-{looked.conflict}-{size}.txt")
    said = "" if remembered is None else remembered.written
    write(kept, f"{said}\n{shown.written}", PUBLIC)
    return kept


CONFLICTS = {
    Conflict.SHORTER: Text(
        "Das Protokoll ist kürzer als das, das dieser Zeuge schon gesehen hat. Es wurde "
        "zurückgesetzt: Einträge fehlen.",
        "The log is shorter than what this witness has seen before. It was set back: entries are "
        "missing.",
    ),
    Conflict.SPLIT: Text(
        "Zwei verschiedene Protokolle gleicher Länge sind unterschrieben: das, das dieser Zeuge "
        "gesehen hat, und das, das jetzt gezeigt wird.",
        "Two different logs of one length are signed: the one this witness has seen, and the one "
        "that is shown now.",
    ),
    Conflict.REWRITTEN: Text(
        "Der Nachweis hält nicht, dass das Protokoll fortsetzt, was dieser Zeuge gesehen hat. "
        "Entweder wurden ältere Einträge geändert, entfernt oder umgestellt, oder der Nachweis "
        "wurde unterwegs beschädigt. Holen Sie ihn noch einmal auf anderem Weg.",
        "The proof does not hold that the log goes on from what this witness has seen. Either "
        "older entries were changed, removed or put in another order, or the proof was damaged on "
        "its way. Get it once more in another way.",
    ),
}
