"""The letters that something owes, in the very words in which they will go out."""

from __future__ import annotations

from dataclasses import dataclass

from engine.app import App
from engine.core.case import Case
from engine.core.offices import Tenure
from engine.delivery.addressees import addressee_of
from engine.delivery.letters import facts
from engine.delivery.links import previewed_link
from engine.errors import Text
from engine.store.outbox import Owed
from engine.store.store import Store


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter to an office; `aside` says why no mail of it would go out, if so."""

    office: str
    person: str
    subject: str
    text: str
    aside: Text | None = None


def letters_of(app: App, store: Store, case: Case, key: str) -> list[Letter]:
    """Return the letters that the act of a key, and what was done along with it, owes."""
    rows = store.outbox.notices(case=case.uid, limit=500)
    return [letter_of(app, store, owed) for owed in rows if owed.key.startswith(f"{key}:")]


def letter_of(app: App, store: Store, owed: Owed) -> Letter:
    """Return a letter as its addressee would be sent it now."""
    world = app.world(store)
    office = world.roster.office(owed.office).name
    found = addressee_of(world, owed)
    if not isinstance(found, Tenure):
        return Letter(office, "", "", "", found)
    person = world.roster.persons[found.person]
    link = previewed_link(app, store, world, owed, person)
    told = facts(app, store, world, owed, person, found.deputy, link)
    rendered = app.renderer.render(owed.letter, person.language, told)
    paper = None if person.email else Text("auf Papier mitzuteilen", "to be told on paper")
    return Letter(office, person.name, rendered.subject, rendered.text, paper)
