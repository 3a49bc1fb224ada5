"""From where a message is sent on its envelope, so that what comes back is known again."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from engine import clock
from engine.app import App
from notifications.bounces import envelope

_KEY = "bounce.key"


def sender_of(app: App, uid: str) -> str:
    """Return the envelope sender of a message: one of its own where bounces are read."""
    mail = app.config.settings.mail
    if mail.bounces is None:
        return mail.sender.email
    return envelope(mail.bounces.address, uid, key_of(app.config.state))


def key_of(state: Path) -> bytes:
    """Return the key of the codes in envelope senders, made at its first use."""
    file = state / _KEY
    with suppress(FileNotFoundError):
        return file.read_bytes()
    state.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = file.with_name(f"{_KEY}.{os.getpid()}")
    fresh.touch(mode=0o600)
    fresh.write_bytes(clock.salt())
    try:
        os.link(fresh, file)  # the first process wins, whole
    except FileExistsError:
        pass
    finally:
        fresh.unlink()
    return file.read_bytes()
