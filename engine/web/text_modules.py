"""Text modules: words that somebody uses again and again, kept for her alone.

They lie among her private texts, under her own key like drafts: nobody else finds them, and
they are in no list, search or export. A form takes one in where a button asks for it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import orjson
from starlette.datastructures import FormData

from engine import clock
from engine.errors import InputError
from engine.services import private
from engine.web.desk import Desk, Hidden
from engine.web.forms import Control

ABOUT, KIND = "modules", "module:"
"""Under which names they lie among the private texts; the kind goes on with the module's own."""

INSERT, CHOSEN = "einfuegen", "baustein"
"""The names of the button that takes a module in, and of the choice beside it."""

MOST, LONGEST, LONGEST_TITLE = 200, 10_000, 120
"""How many modules somebody keeps, and the characters of their words and titles."""

_WRITTEN = ("wording", "text")
"""The types of field that a module is put into, the better place first."""


@dataclass(frozen=True, slots=True)
class Module:
    """A text module: its name, its title, its words."""

    name: str
    title: str
    words: str
    changed_at: datetime


def modules(desk: Desk) -> list[Module]:
    """Return the visitor's modules by title; none where her session opens no private texts."""
    rows = [r for r in private.all_of(desk.app, desk.me) if r.kind.startswith(KIND)]
    found = []
    for row in rows:
        title, words = orjson.loads(row.text)
        found.append(Module(row.kind.removeprefix(KIND), title, words, row.changed_at))
    return sorted(found, key=lambda m: (m.title.casefold(), m.name))


def module(desk: Desk, name: str) -> Module:
    """Return one of the visitor's own modules; Hidden for everything else."""
    for known in modules(desk):
        if known.name == name:
            return known
    raise Hidden


def keep(desk: Desk, name: str, title: str, words: str) -> str:
    """Keep a module, a new one without a name; return its name.

    Raises InputError for one that says nothing or too much, NoKey as `private.keep`.
    """
    title, words = " ".join(title.split()), words.replace("\r\n", "\n").strip()
    if not title or not words:
        raise InputError(
            "Geben Sie dem Textbaustein einen Titel und einen Wortlaut.",
            "Give the text module a title and words.",
        )
    if len(title) > LONGEST_TITLE or len(words) > LONGEST:
        raise InputError(
            f"Das ist zu lang: höchstens {LONGEST_TITLE} Zeichen im Titel, {LONGEST} im Wortlaut.",
            f"This is too long: at most {LONGEST_TITLE} characters in the title, {LONGEST} in "
            "the words.",
        )
    if not name and len(modules(desk)) >= MOST:
        raise InputError(
            f"Mehr als {MOST} Textbausteine lassen sich nicht anlegen. Löschen Sie einen.",
            f"There cannot be more than {MOST} text modules. Delete one.",
        )
    name = name or clock.new_uid()
    text = orjson.dumps([title, words]).decode()
    private.keep(desk.app, desk.me, ABOUT, f"{KIND}{name}", text)
    return name


def drop(desk: Desk, name: str) -> None:
    """Forget a module."""
    private.drop(desk.app, desk.me, ABOUT, f"{KIND}{name}")


def wanted(sent: FormData) -> bool:
    """Return whether a form asks to take a module in."""
    return INSERT in sent


def taken_in(desk: Desk, sent: FormData, controls: Sequence[Control]) -> FormData:
    """Return what a form has sent with the chosen module at the end of its main text.

    Where the form has no text, it becomes the next point. Without a choice nothing changes.
    """
    rows = [(n, v) for n, v in sent.multi_items() if n != INSERT]
    chosen = str(sent.get(CHOSEN, ""))
    place = _place(controls)
    if not chosen or place is None:
        return FormData(rows)
    words = module(desk, chosen).words
    for at, (name, value) in enumerate(rows):
        if name != place.name or not isinstance(value, str):
            continue
        if place.type == "points":
            if value.strip():
                continue
            rows[at] = (name, words)
        else:
            rows[at] = (name, f"{value.rstrip()}\n\n{words}" if value.strip() else words)
        return FormData(rows)
    return FormData([*rows, (place.name, words)])


def takes_modules(controls: Sequence[Control]) -> bool:
    """Return whether a form has a place for a module."""
    return _place(controls) is not None


def _place(controls: Sequence[Control]) -> Control | None:
    for kind in (*_WRITTEN, "points"):
        for control in controls:
            if control.type == kind:
                return control
    return None
