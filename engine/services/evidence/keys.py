"""The key with which the log signs: made once, kept by its owner alone, replaced by rotation.

It never lies in the database. Its public half, the vkey, goes on paper to the legal office:
against somebody who holds database and folder only what lies elsewhere is of use.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from engine.app import App
from engine.core.notes import ED25519, Key
from engine.errors import EngineError, Refused
from engine.services.evidence.state import PRIVATE, State, guarded, write
from engine.services.itself import by
from engine.store.chains import SYSTEM
from engine.store.roster import By
from engine.store.store import Store

TYPE = "log_key"
"""The type of the entry that a new key leaves."""


class KeyProblem(EngineError):
    """The private key is missing, open to others, or no key at all."""


@dataclass(frozen=True, slots=True)
class LogKey:
    """A private key of the log."""

    private: Ed25519PrivateKey

    def public(self, origin: str) -> Key:
        """Return its public half under the name of the log."""
        raw = self.private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        return Key(origin, ED25519, raw)

    def sign(self, message: bytes) -> bytes:
        """Return the signature over a message."""
        return self.private.sign(message)

    @property
    def pem(self) -> str:
        """The key as it lies in its file (PKCS #8, PEM)."""
        whole = self.private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        return whole.decode()


def new_key() -> LogKey:
    """Return a fresh key."""
    return LogKey(Ed25519PrivateKey.generate())


def read_key(path: Path) -> LogKey:
    """Return the key of a file; raises KeyProblem where it cannot or must not be used."""
    with guarded(path):
        try:
            found, data = path.stat(), path.read_bytes()
        except FileNotFoundError:
            raise _missing(path) from None
    if os.name != "nt" and stat.S_IMODE(found.st_mode) & 0o077:
        raise _open(path, stat.S_IMODE(found.st_mode))
    try:
        private = load_pem_private_key(data, None)
    except (ValueError, TypeError):
        raise _unreadable(path) from None
    if not isinstance(private, Ed25519PrivateKey):
        raise _unreadable(path)
    return LogKey(private)


def make_first_key(app: App) -> Key | None:
    """Make the key of a log that has none yet and has never signed; return its public half.

    None where the log has a key, has signed before, or another host signs. The key is on disk
    before the log says so.
    """
    state = State(app.config)
    if not app.config.settings.evidence.signs or state.key.exists() or state.last() is not None:
        return None
    with app.database.write() as store:
        if store.log.last() is not None or store.chains.typed(SYSTEM, TYPE):
            return None
        key = new_key()
        public = key.public(store.log.origin())
        write(state.key, key.pem, PRIVATE)
        state.add_key(public.vkey)
        enter_key(store, by(app, TYPE), public, "first")
    return public


def rotate(app: App, person: str) -> Key:
    """Begin to replace the key: the next checkpoint carries both signatures; return the new one.

    The old key stays in use until a checkpoint with both signatures is on disk. Refused while
    a replacement is under way.
    """
    state = State(app.config)
    with state.turn() as mine, app.database.write() as store:
        origin = store.log.origin()
        if not mine or next(replacing(state, store), None) is not None:
            raise _under_way()
        before, key = read_key(state.key), new_key()
        write(state.next_key, key.pem, PRIVATE)
        act = by(app, TYPE)
        act = By(person, "", act.recorded_at, act.happened_on, _of(key, origin))
        enter_key(store, act, key.public(origin), "rotation", before.public(origin))
    return key.public(origin)


def enter_key(store: Store, act: By, key: Key, cause: str, before: Key | None = None) -> None:
    """Enter which key signs from now on, and why."""
    plain = {"vkey": key.vkey, "cause": cause, "before": "" if before is None else before.vkey}
    store.enter(act.line(SYSTEM, TYPE, plain))


def replacing(state: State, store: Store) -> Iterator[LogKey]:
    """Yield the key that is about to replace the other, if the log says that it should.

    A file that no entry names is left of a rotation that did not come about.
    """
    if state.next_key.exists():
        key = read_key(state.next_key)
        if store.chains.kept(_of(key, store.log.origin())) is not None:
            yield key


def install(state: State) -> None:
    """Put the new key in the place of the old one."""
    write(state.key, read_key(state.next_key).pem, PRIVATE)
    with guarded(state.next_key):
        state.next_key.unlink(missing_ok=True)


def _of(key: LogKey, origin: str) -> str:
    return f"{TYPE}:{key.public(origin).identifier.hex()}:{key.public(origin).public.hex()}"


def _missing(path: Path) -> KeyProblem:
    return KeyProblem(
        f"Der Schlüssel des Protokolls fehlt: {path}. Spielen Sie ihn aus seiner Verwahrung zurück. "
        "Eine neue Einrichtung bekommt ihn mit: rechtzeitig upgrade. Ist er verloren: rechtzeitig "
        "log fork-acknowledge.",
        f"The key of the log is missing: {path}. Put it back from where it is kept safe. A new "
        "installation gets one by: rechtzeitig upgrade. If it is lost: rechtzeitig log "
        "fork-acknowledge.",
    )


def _open(path: Path, mode: int) -> KeyProblem:
    return KeyProblem(
        f"Den Schlüssel des Protokolls {path} können auch andere lesen (Rechte {mode:o}). Richtig "
        "ist 600: chmod 600. War er fremden Augen zugänglich, ersetzen Sie ihn danach mit: "
        "rechtzeitig log rotate.",
        f"Others can read the key of the log {path}, too (mode {mode:o}). Right is 600: chmod 600. "
        "If it was open to other eyes, replace it afterwards: rechtzeitig log rotate.",
    )


def _unreadable(path: Path) -> KeyProblem:
    return KeyProblem(
        f"{path} ist kein Schlüssel des Protokolls (Ed25519, PEM). Spielen Sie ihn aus seiner "
        "Verwahrung zurück.",
        f"{path} is no key of the log (Ed25519, PEM). Put it back from where it is kept safe.",
    )


def _under_way() -> Refused:
    return Refused(
        "Der Schlüssel wird gerade ersetzt, oder das Protokoll wird gerade versiegelt. Versuchen "
        "Sie es in einer Minute wieder; den Stand zeigt: rechtzeitig log status.",
        "The key is just being replaced, or the log just being sealed. Try again in a minute; "
        "'rechtzeitig log status' shows how far it is.",
    )
