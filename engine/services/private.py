"""Drafts and notes: encrypted for their author alone, no part of a case, its log or an export.

Whoever has the database sees how many there are, how long and when they changed: not what
they are about, for that lies inside the ciphertext, and their names are keyed hashes.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime

import orjson

from engine.app import App
from engine.errors import InputError
from engine.services.accounts import NoKey, Visitor
from engine.services.vault import key_from, sealed, unsealed

LONGEST = 400_000
"""Characters of a private text."""


@dataclass(frozen=True, slots=True)
class Private:
    """A private text: the uid of its case or `new`, what it is, its words, its last change."""

    about: str
    kind: str
    text: str
    changed_at: datetime


def keep(app: App, visitor: Visitor, about: str, kind: str, text: str) -> None:
    """Keep a private text in the place of the one before; NoKey where the session opens none."""
    if len(text) > LONGEST:
        raise InputError(
            f"Der Text ist länger als {LONGEST} Zeichen. Fügen Sie ihn als Datei bei.",
            f"The text is longer than {LONGEST} characters. Attach it as a file.",
        )
    key = _key(visitor)
    name = _name(key, about, kind)
    data = sealed(key, orjson.dumps([about, kind, text]), _bound(visitor, name))
    with app.database.write() as store:
        store.accounts.set_private(visitor.account, name, data, app.clock.now())


def read(app: App, visitor: Visitor, about: str, kind: str) -> str | None:
    """Return a private text, or None where there is none; NoKey as in `keep`."""
    key = _key(visitor)
    name = _name(key, about, kind)
    with app.database.read() as store:
        data = store.accounts.private(visitor.account, name)
    opened = None if data is None else unsealed(key, data, _bound(visitor, name))
    return None if opened is None else str(orjson.loads(opened)[2])


def all_of(app: App, visitor: Visitor) -> list[Private]:
    """Return the private texts of a visitor, the newest first; none without their key."""
    if visitor.key is None:
        return []
    with app.database.read() as store:
        rows = store.accounts.privates(visitor.account)
    texts = []
    for name, data, changed_at in rows:
        opened = unsealed(visitor.key, data, _bound(visitor, name))
        if opened is not None:
            about, kind, text = orjson.loads(opened)
            texts.append(Private(about, kind, text, changed_at))
    return texts


def drop(app: App, visitor: Visitor, about: str, kind: str) -> bool:
    """Forget a private text; return whether there was one."""
    name = _name(_key(visitor), about, kind)
    with app.database.write() as store:
        return store.accounts.drop_private(visitor.account, name) == 1


def _key(visitor: Visitor) -> bytes:
    if visitor.key is None:
        raise NoKey
    return visitor.key


def _name(key: bytes, about: str, kind: str) -> bytes:
    said = orjson.dumps([about, kind])
    return hmac.new(key_from(key, "names"), said, hashlib.sha256).digest()


def _bound(visitor: Visitor, name: bytes) -> str:
    return f"{visitor.account}/{name.hex()}"
