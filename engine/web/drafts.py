"""Drafts of a form: kept for their author alone, and put back into the form she opens again.

A draft is what the form would send, without what only proves where it came from. It is
encrypted under her own key (`services.private`), so nobody else can read it here, and it is
forgotten once the form has been filed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

import orjson
from starlette.datastructures import FormData

from engine.core.calendar import BERLIN
from engine.core.workflow import Step
from engine.errors import Text
from engine.services import private
from engine.services.private import Private
from engine.web import text_modules
from engine.web.desk import Desk, Hidden

NOTE = "note"
DRAFT = "draft"
VISIT = "visit"
NOT_KEPT = frozenset(
    {"_csrf", "key", "seen_revision", "seen_paper", "entwurf", "mehr", "zurueck", "baustein"}
)
"""What a form sends along and no draft holds."""

SAVE = "entwurf"
"""The name of the button that keeps a draft where no script does."""


def kind_of(step: str, participation: str) -> str:
    """Return under which kind the draft of a step's form is kept."""
    return f"{DRAFT}:{step}:{participation}"


def worth_it(step: Step) -> bool:
    """Return whether the form of a step asks for words that one does not write in one go."""
    return any(f.private for f in step.takes)


def keep(desk: Desk, about: str, kind: str, sent: FormData) -> Text:
    """Keep what a form has sent as a draft; return when, in words. NoKey as in `private`."""
    rows = [[n, v] for n, v in sent.multi_items() if n not in NOT_KEPT and isinstance(v, str)]
    if any(value.strip() for _, value in rows):
        private.keep(desk.app, desk.me, about, kind, orjson.dumps(rows).decode())
    else:
        private.drop(desk.app, desk.me, about, kind)
    return saved_at(desk)


def saved_at(desk: Desk) -> Text:
    """Return that something has just been saved, with the local time."""
    now = f"{desk.app.clock.now().astimezone(BERLIN):%H:%M}"
    return Text(f"Automatisch gespeichert {now}.", f"Saved automatically at {now}.")


def held(desk: Desk, about: str, kind: str) -> FormData | None:
    """Return the draft of a form, or None; none where this session cannot open it."""
    if desk.me.key is None:
        return None
    text = private.read(desk.app, desk.me, about, kind)
    return None if text is None else as_form(text)


def as_form(text: str) -> FormData:
    """Return a draft as the form had sent it."""
    return FormData([(str(name), str(value)) for name, value in orjson.loads(text)])


def forget(desk: Desk, about: str, kind: str) -> None:
    """Forget a draft that has been filed or is not wanted any more."""
    if desk.me.key is not None:
        private.drop(desk.app, desk.me, about, kind)


def own(desk: Desk) -> list[tuple[str, Private]]:
    """Return the visitor's own drafts and notes with the names of their pages."""
    rows: Iterable[Private] = private.all_of(desk.app, desk.me)
    shown = (r for r in rows if r.kind != VISIT and r.about != text_modules.ABOUT)
    return [(name_of(desk, row), row) for row in shown]


def one(desk: Desk, name: str) -> Private:
    """Return one of the visitor's own drafts and notes; Hidden for everything else."""
    for known, row in own(desk):
        if known == name:
            return row
    raise Hidden


def name_of(desk: Desk, row: Private) -> str:
    """Return the name of the page of a private text, which tells nobody what it is about."""
    said = f"{desk.me.account}\0{row.about}\0{row.kind}".encode()
    return hashlib.sha256((desk.me.key or b"") + said).hexdigest()[:32]
