"""A barrier is reported: a mail to whoever the statement on accessibility names, and no more.

Nothing of a report is kept besides the mail itself, and nobody needs an account to send one.
What somebody has typed stands in the text of the mail alone, never in its head.
"""

from __future__ import annotations

from dataclasses import dataclass

from engine.app import App
from engine.core.offices import Person
from engine.delivery.personal import addressed
from engine.errors import InputError, NotFound, Refused
from engine.services import throttle

LETTER = "barriere"
LONGEST, LONGEST_LINE = 4000, 300
"""Characters of what does not work, and of the page or the way to answer."""


@dataclass(frozen=True, slots=True)
class Barrier:
    """What somebody reports: what does not work, on which page, and how to answer her."""

    words: str
    page: str = ""
    answer: str = ""


def report(app: App, barrier: Barrier, address: str) -> None:
    """Write to the contact of the statement on accessibility.

    Raises InputError where nothing or too much is said, Refused for more reports than somebody
    means to send, NotFound where no contact can be written to.
    """
    contact = app.config.settings.accessibility
    if contact is None:
        raise NotFound(
            "Für Meldungen ist noch keine Ansprechstelle hinterlegt.",
            "No contact is provided for reports yet.",
        )
    _refuse_unclear(barrier)
    with app.database.write() as store:
        if not throttle.admit_report(app, store, address):
            raise Refused(
                "Gerade kommen zu viele Meldungen. Bitte schreiben Sie an "
                f"{contact.email}, oder versuchen Sie es in einer Stunde noch einmal.",
                f"Too many reports come in just now. Please write to {contact.email}, or try "
                "again in an hour.",
            )
        person = Person("accessibility", contact.contact, contact.email, "de")
        said = {
            "statement": barrier.words,
            "about": barrier.page or None,
            "reason": barrier.answer or None,
        }
        letter = addressed(app, app.clock.now(), person, LETTER, **said)
        if letter is None:
            raise NotFound(
                f"An die hinterlegte Adresse {contact.email} lässt sich nicht schreiben.",
                f"The address provided, {contact.email}, cannot be written to.",
            )
        store.outbox.put(letter)


def _refuse_unclear(barrier: Barrier) -> None:
    if not barrier.words.strip():
        raise InputError("Schreiben Sie, was nicht geht.", "Write what does not work.")
    long = len(barrier.words) > LONGEST
    if long or max(len(barrier.page), len(barrier.answer)) > LONGEST_LINE:
        raise InputError(
            f"Das ist zu lang: höchstens {LONGEST} Zeichen, in den kurzen Feldern {LONGEST_LINE}.",
            f"This is too long: {LONGEST} characters at most, {LONGEST_LINE} in the short fields.",
        )
