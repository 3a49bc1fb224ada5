"""An office keeps early reminders of a case quiet: who, why, until when, and all of it on record."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from engine import clock
from engine.app import App
from engine.core.case import Case
from engine.core.silence import LONGEST, Silence, reminded
from engine.core.wording import day_text
from engine.core.world import World
from engine.errors import InputError, NotFound, Refused
from engine.services.cases import person_of
from engine.services.free_text import legible
from engine.services.setup import by
from engine.store.roster import By
from engine.store.store import Store

MOST_WORDS = 500
"""Characters of a reason."""


def silences_of(app: App, number: str) -> list[Silence]:
    """Return the silences of a case that stand, the newest first; raises NotFound."""
    with app.database.read() as store:
        now = app.world(store).now
        found = store.silences.of(store.cases.get(number).uid)
    return [s for s in found if s.stands(now)]


def silence(app: App, number: str, office: str, until: date, reason: str, person: str) -> Silence:
    """Keep the early reminders of a case to an office quiet up to and including a day.

    `person` must act for the office today. The last reminder before a day ends goes out all the
    same, and so does what follows a missed one. Raises NotFound, InputError and Refused.
    """
    with app.database.write() as store:
        world, case = app.world(store), store.cases.get(number)
        who = _acting(world, case, office, person)
        _check(world, case, office, until)
        if any(s.office == office and s.stands(world.now) for s in store.silences.of(case.uid)):
            raise Refused(
                "Die Erinnerungen an diese Stelle sind hier schon stumm. Beenden Sie das erst.",
                "The reminders to this office are quiet here already. End that first.",
            )
        uid, words = clock.new_uid(), _reasoned(reason)
        made = Silence(uid, case.uid, office, words, who, world.now, until)
        store.silences.add(made, _by(app, made, "begin"))
    return made


def end_silence(app: App, number: str, uid: str, person: str) -> None:
    """Let reminders go out again before the day; raises NotFound where nothing is quiet."""
    with app.database.write() as store:
        world, case = app.world(store), store.cases.get(number)
        found = _standing(store, world, case, uid)
        who = _acting(world, case, found.office, person)
        store.silences.end(found, replace(_by(app, found, "end"), actor=who))


def _standing(store: Store, world: World, case: Case, uid: str) -> Silence:
    for one in store.silences.of(case.uid):
        if one.uid == uid and one.stands(world.now):
            return one
    raise NotFound(
        "Diese Erinnerungen sind nicht (mehr) stumm.", "These reminders are not quiet (any more)."
    )


def _acting(world: World, case: Case, office: str, person: str) -> str:
    """Return the uid of a person who acts for an office in a case today; else Refused."""
    who = person_of(world, person)
    name = world.roster.office(office).name
    if all(t.person != who for t in world.roster.acting(office, world.today, case.uid)):
        raise Refused(
            f"Erinnerungen an „{name}“ kann nur stumm schalten, wer heute für die Stelle handelt.",
            f"Only who acts for '{name}' today can keep its reminders quiet.",
        )
    return who


def _check(world: World, case: Case, office: str, until: date) -> None:
    if not reminded(case, office):
        name = world.roster.office(office).name
        raise Refused(
            f"Im Vorgang {case.number} läuft für „{name}“ keine Frist, an die erinnert wird.",
            f"In case {case.number} no period runs for '{name}' that it is reminded of.",
        )
    last = world.today + LONGEST
    if not world.today <= until <= last:
        raise InputError(
            f"Wählen Sie als Ende einen Tag von heute bis {day_text(last).de}. Danach wird "
            "wieder erinnert.",
            f"Choose a day from today to {day_text(last).en} for the end. Reminders go out again "
            "after it.",
        )


def _reasoned(reason: str) -> str:
    words = legible(reason)
    if not words or len(words) > MOST_WORDS:
        raise InputError(
            f"Nennen Sie den Grund, in höchstens {MOST_WORDS} Zeichen.",
            f"Give the reason, in at most {MOST_WORDS} characters.",
        )
    return words


def _by(app: App, silence: Silence, what: str) -> By:
    made = by(app, f"silence:{silence.uid}:{what}")
    return replace(made, actor=silence.person, office=silence.office)
