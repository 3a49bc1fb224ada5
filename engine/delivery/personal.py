"""Letters to a person about her own account; no office is owed them, and no digest holds them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from engine.app import App
from engine.core.offices import Person
from engine.delivery.compose import message_to
from engine.delivery.letters import general
from engine.store.accounts import Account
from engine.store.outbox import NewMessage
from notifications.message import BadAddress

INVITATION, NEW_PASSWORD, NOTE = "einladung", "kennwort_neu", "kontohinweis"


def personal(
    app: App, now: datetime, account: Account, letter: str, path: str = "", **facts: Any
) -> NewMessage | None:
    """Return a finished letter to the owner of an account.

    None where she has no usable address, or where the letter leads to a page (`path`) and
    config.yaml names no `link` at which the pages are found: then it goes by another way.
    """
    link = app.config.settings.link
    if not account.email or (path and not link):
        return None
    told: dict[str, Any] = {"link": f"{link.rstrip('/')}{path}" if link and path else None}
    person = Person(account.person or account.uid, account.name, account.email, account.language)
    return addressed(app, now, person, letter, **told, **facts)


def addressed(
    app: App, now: datetime, person: Person, letter: str, **facts: Any
) -> NewMessage | None:
    """Return a finished letter to somebody, None where her address is none."""
    rendered = app.renderer.render(letter, person.language, general(app, "", person, **facts))
    try:
        return message_to(app, now, person, rendered)
    except BadAddress:
        return None
