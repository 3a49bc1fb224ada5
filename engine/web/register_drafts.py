"""Registrations that were begun: as many at once as somebody likes, each under a name of its own.

The name stands in the form and in the address, so that two windows never write into the same
draft by mistake. It says nothing; the draft itself is a private text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import suppress

from engine.core.case import Document
from engine.errors import NotFound
from engine.services import private, uploads
from engine.services.accounts import NoKey
from engine.web.desk import Desk, Hidden
from engine.web.registration import ABOUT, KIND, Draft

FIELD = "entwurf"
"""What the field and the part of the address are called that name a draft."""

FRESH = "neu"
"""The name by which a further draft is begun."""

FIRST = "/vorhaben/neu"

_NAME = re.compile(r"[0-9a-f]{32}")


def begun(desk: Desk) -> Iterator[Draft]:
    """Yield the visitor's drafts, the one that changed last first; none without her key."""
    for row in private.all_of(desk.app, desk.me):
        if row.kind.startswith(f"{KIND}:"):
            yield Draft.read(row.text)


def asked_for(desk: Desk, name: str) -> Draft:
    """Return the draft of that name; without one the last, or a new one; Hidden for no such."""
    if desk.me.key is None:
        raise NoKey
    if name == FRESH:
        return Draft.new()
    if not name:
        return next(begun(desk), None) or Draft.new()
    found = _read(desk, name)
    if found is None:
        raise Hidden
    return found


def sent_for(desk: Desk, name: str) -> Draft:
    """Return the draft that a form names, an empty one of that name if it was not kept yet."""
    if not _NAME.fullmatch(name):
        return asked_for(desk, "")
    return _read(desk, name) or Draft.new(name)


def _read(desk: Desk, name: str) -> Draft | None:
    text = private.read(desk.app, desk.me, ABOUT, f"{KIND}:{name}")
    return None if text is None else Draft.read(text)


def keep(desk: Desk, draft: Draft) -> None:
    """Keep a draft; NoKey where this session opens none."""
    private.keep(desk.app, desk.me, ABOUT, f"{KIND}:{draft.name}", draft.written())


def drop(desk: Desk, draft: Draft) -> None:
    """Forget a draft, and its files unless a case has taken them."""
    private.drop(desk.app, desk.me, ABOUT, f"{KIND}:{draft.name}")
    forget_files(desk, draft.documents)


def forget_files(desk: Desk, documents: Iterable[Document]) -> None:
    """Forget files that were taken out of a draft, unless a case has taken them."""
    for document in documents:
        with suppress(NotFound):
            uploads.discard(desk.app, document.uid, desk.me.account)


def path(draft: Draft, page: str = "") -> str:
    """Return the address of a page of the registration for a draft."""
    return f"{FIRST}{page}?{FIELD}={draft.name}"
