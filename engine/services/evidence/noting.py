"""A Prüfvermerk is issued: a line of the log says so, and its short code leads to that line.

The line keeps for ever which version of the paper it is about, the SHA-256 of its documents and
that of the text in each form. No name of a person stands in a note, and it is made to be put
into a paper for the council; so these digests carry no salt, and whoever holds the text alone
can have it checked. The words themselves lie in the private part, which can be erased.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from engine.app import App
from engine.core.case import Case
from engine.core.hearing_note import ISSUERS
from engine.core.note_forms import HearingNote
from engine.core.note_text import digest_of
from engine.core.visibility import Actor, actor, sees
from engine.errors import Refused
from engine.services.evidence.noted import (
    TYPE,
    IssuedNote,
    Noted,
    content_of,
    key_of,
    pair,
    read,
    sums_of,
)
from engine.services.itself import by
from engine.store.chains import SYSTEM
from engine.store.errors import AlreadyKept
from engine.store.roster import By

FORMS = ("text", "line")
"""The forms whose words differ; pasted HTML has the words of the text."""

_UNCODED = "0000-0000"


def issue(app: App, number: str, person: str) -> IssuedNote:
    """Issue the note of a case for somebody who may; one that still holds is returned instead.

    Raises Refused for whoever may not issue it, and where documents of the paper are gone.
    """
    try:
        return _issue(app, number, person)
    except AlreadyKept:
        # Somebody else was a moment faster: hers is there now.
        return _issue(app, number, person)


def may_issue(who: Actor, case: Case) -> bool:
    """Return whether somebody may issue the note of a case."""
    return bool(who.means & ISSUERS) and sees(who, case)


def _issue(app: App, number: str, person: str) -> IssuedNote:
    with app.database.write() as store:
        noted = Noted(app, store, store.cases.get(number))
        found = noted.notes()
        if found.current is None:
            made = _signed(noted, person, len(found.issued) + 1)
            store.enter(made.line(SYSTEM, TYPE, *_plain_and_private(noted, found.now)))
            line = store.chains.line(made.key)
            assert line is not None, "it was entered in this very transaction"
            return noted.judged(read(line))
        _signed(noted, person, 0)
        return found.current


def _signed(noted: Noted, person: str, count: int) -> By:
    """Return who signs the note of that number; Refused for whoever may not."""
    who = actor(noted.world.roster, person, noted.world.today)
    if not may_issue(who, noted.case):
        raise _not_hers(noted.world.roster.name(person))
    means = noted.world.roster.means
    mine = [o for o in who.offices if means(o) in ISSUERS]
    office = noted.case.measure.lead if noted.case.measure.lead in mine else mine[0]
    made = by(noted.app, TYPE)
    return replace(made, actor=person, office=office, key=key_of(noted.case.uid, count))


def _plain_and_private(noted: Noted, note: HearingNote) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return what the line of a note says for ever, and what can be erased."""
    case = noted.case
    paper = sums_of(noted.app.config.documents, case, noted.lines)
    if paper is None:
        raise _paper_gone(case)
    plain = {
        "case": case.uid,
        "number": case.number,
        "paper": case.paper,
        "version": case.version,
        "documents": [d.sha256 for d in paper],
        "content": content_of(case, noted.world, noted.lines),
        "texts": _digests(note),
    }
    private = {
        "head": pair(note.head),
        "rows": [pair(row) for row in note.rows],
        "line": pair(note.line),
    }
    return plain, private


def _digests(note: HearingNote) -> dict[str, str]:
    coded = replace(note, code=_UNCODED)
    said = {"text": coded.text(), "line": coded.one_line()}
    return {
        f"{form}.{language}": digest_of(said[form].in_(language))
        for form in FORMS
        for language in ("de", "en")
    }


def _not_hers(name: str) -> Refused:
    return Refused(
        f"{name} kann diesen Prüfvermerk nicht ausstellen: Das tun der federführende Fachbereich, "
        "der Sitzungsdienst, das Rechtsamt und die Verwaltungsleitung.",
        f"{name} cannot issue this note: the lead department, the council office, the legal "
        "office and the head of administration do.",
    )


def _paper_gone(case: Case) -> Refused:
    return Refused(
        f"Zum Vorgang {case.number} liegen Unterlagen der Fassung {case.paper} nicht mehr vor; ohne "
        "sie lässt sich ihre Prüfsumme nicht bilden. Wurden sie nicht gelöscht, spielen Sie den "
        "Ordner der Unterlagen aus der Sicherung zurück.",
        f"Documents of version {case.paper} of case {case.number} are not there any more, and "
        "without them there is no checksum. If they were not erased, restore the folder of "
        "documents from the backup.",
    )
