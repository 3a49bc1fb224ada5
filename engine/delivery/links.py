"""Personal links in letters: which letter brings one, and how its words are shown to others.

A letter that announces an information to the office that takes part carries a link for the
one person it goes to: good once, for 14 days, without a password (FEATURES C9). The frozen
bytes of the mail must hold it, every try sends the same; whoever else reads the mail in this
house is shown it masked, and the database keeps the hash of its token alone.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from engine import clock
from engine.app import App
from engine.core.calendar import local_day
from engine.core.meanings import StepMeans
from engine.core.offices import Person
from engine.core.wording import day_text
from engine.core.world import World
from engine.store.links import Links, NewLink
from engine.store.outbox import Owed
from engine.store.store import Store

PATH = "/brief/"
"""Where a personal link leads; the token follows."""

LASTS = timedelta(days=14)
"""How long a link is good, unless it is used before."""

ASKED = "link"
"""The fact of a notice that asks for a link although it announces no information."""

LENGTH = 64
MASK = "…"
_TOKEN = re.compile(rf"({re.escape(PATH)})[0-9a-f]{{{LENGTH}}}")


@dataclass(frozen=True, slots=True)
class Personal:
    """A link as a letter shows it: its address, and the last day on which it is surely good."""

    address: str = field(repr=False)
    until: str
    new: NewLink | None = None
    protected: bool = False


def personal_link(
    app: App, store: Store, world: World, owed: Owed, person: Person
) -> Personal | None:
    """Return a fresh link for the letter of a notice, None for a letter that brings none.

    Keep it (`keep`) with the message that carries it: until then nobody can use it.
    """
    if not brings_link(app, store, world, owed):
        return None
    token = clock.token(LENGTH)
    new = NewLink(
        hashlib.sha256(token.encode()).digest(),
        owed.case,
        owed.participation,
        owed.office,
        person.uid,
        world.now,
        world.now + LASTS,
    )
    return _shown(app, store, owed, token, world.now, person.language, new)


def previewed_link(
    app: App, store: Store, world: World, owed: Owed, person: Person
) -> Personal | None:
    """Return what stands in a preview where the letter itself will have its link."""
    if not brings_link(app, store, world, owed):
        return None
    return _shown(app, store, owed, MASK, world.now, person.language, None)


def brings_link(app: App, store: Store, world: World, owed: Owed) -> bool:
    """Return whether the letter of a notice brings its reader a personal link.

    That is a letter by which an office that takes part is informed, never a copy of it; and
    none at all where config.yaml does not say where the pages are (`link`).
    """
    if app.config.settings.link is None or not owed.case or not owed.participation:
        return False
    subject = store.cases.by_uid(owed.case).participation(owed.participation)
    if subject is None or subject.office != owed.office:
        return False
    if owed.facts.get(ASKED):
        return True
    step = world.library.workflow(subject.workflow).steps.get(owed.facts.get("step", ""))
    informs = step is not None and step.means is StepMeans.INFORMATION
    return informs and owed.facts.get("to") == "office" and "rung" not in owed.facts


def keep(store: Store, links: Iterable[Personal], message: int) -> None:
    """Keep the links that a message carries."""
    Links(store.connection).add((p.new for p in links if p.new is not None), message)


def masked(text: str) -> str:
    """Return the readable text of a mail without the tokens of its links.

    >>> masked("https://amt.example/brief/" + "0a" * 32)
    'https://amt.example/brief/…'
    """
    return _TOKEN.sub(rf"\1{MASK}", text)


def _shown(
    app: App,
    store: Store,
    owed: Owed,
    token: str,
    now: datetime,
    language: str,
    new: NewLink | None,
) -> Personal:
    base = (app.config.settings.link or "").rstrip("/")
    until = day_text(local_day(now + LASTS)).in_(language)
    protected = store.cases.by_uid(owed.case).confidential
    return Personal(f"{base}{PATH}{token}", until, new, protected)
