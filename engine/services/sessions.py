"""Sittings that move, are cancelled or added: first every case is shown, then each is re-planned.

A sitting that is changed is a fact of the council office. The cases are re-planned one by
one, each by an act in its own file and its own transaction; a moved or cancelled sitting is
saved last. So whoever was interrupted gives the same command again: what was done is not
done twice, and what was left is done.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from engine import clock
from engine.app import App
from engine.core.calendar import local_day
from engine.core.foresight import given_for, session_change
from engine.core.meanings import OfficeMeans
from engine.core.offices import Tenure
from engine.core.world import Session, World
from engine.errors import EngineError, Refused, Text
from engine.services.cases import Deed, person_of, take
from engine.services.session_cases import Part, Touched, cases_of, gaining, is_to_move, touched
from engine.services.session_changes import (
    Change,
    ChangeKind,
    Compared,
    cancelling,
    compared,
    moving,
    sitting_named,
    supplementing,
)
from engine.services.setup import by
from engine.store.roster import By

__all__ = [
    "Change",
    "ChangeKind",
    "Compared",
    "Done",
    "Part",
    "Touched",
    "apply",
    "cancelling",
    "compared",
    "council_office",
    "moving",
    "save_new",
    "sitting_named",
    "supplementing",
    "touched",
]

_ROUNDS = 3
"""How often cases are looked for again that came in while others were re-planned."""


@dataclass(frozen=True, slots=True)
class Done:
    """What became of a change: cases re-planned, and those that could not be, with the reason.

    The sitting itself is saved only once no case is left behind.
    """

    replanned: tuple[str, ...]
    failed: dict[str, Text]


def council_office(world: World, person: str) -> Tenure:
    """Return the tenure by which a person acts for the council office today; Refused else."""
    uid = person_of(world, person)
    for office in world.roster.offices.values():
        if world.roster.means(office.id) is OfficeMeans.COUNCIL_OFFICE:
            found = world.roster.tenure(uid, office.id, world.today)
            if found is not None:
                return found
    raise Refused(
        f"„{person}“ handelt heute nicht für den Sitzungsdienst. Sitzungen verlegt, streicht und "
        "ergänzt nur, wer ihn innehat oder vertritt.",
        f"'{person}' does not act for the council office today. Only its holder or deputy "
        "moves, cancels and adds sittings.",
    )


def apply(app: App, change: Change, person: str) -> Done:
    """Re-plan every case of a sitting by an act in its file, and save the sitting.

    Safe to repeat after an interruption; each case is old or new, never in between. Where a
    case cannot be re-planned the others still are, and the sitting stays as it was.
    """
    with app.database.read() as store:
        world = app.world(store)
        tenure = council_office(world, person)
    if not change.gives_up:
        _save(app, change, tenure)
    replanned: list[str] = []
    failed: dict[str, Text] = {}
    for _ in range(_ROUNDS):
        left = [n for n in _left(app, change) if n not in failed and n not in replanned]
        for number in left:
            _replan(app, number, change, tenure, replanned, failed)
        if not left:
            break
    if change.gives_up and not failed:
        _save(app, change, tenure)
    return Done(tuple(replanned), failed)


def _left(app: App, change: Change) -> list[str]:
    with app.database.read() as store:
        return [
            case.number
            for case in cases_of(store, app.world(store), change)
            if any(is_to_move(s, change) for s in gaining(case, change))
        ]


def _replan(
    app: App,
    number: str,
    change: Change,
    tenure: Tenure,
    replanned: list[str],
    failed: dict[str, Text],
) -> None:
    session = change.before or change.after
    was = session.day if change.gives_up else None
    try:
        with app.database.read() as store:
            case, world = store.cases.get(number), app.world(store)
        step = session_change(world.library.workflow(case.workflow))
        fields = given_for(step, session.body, was, change.day)
        key = f"{_key(change)}:{case.version}:{case.uid}"
        deed = Deed(step.id, tenure.person, tenure.office, fields=fields, key=key)
        take(app, number, deed)
        replanned.append(number)
    except EngineError as error:
        failed[number] = error.text


def save_new(app: App, sessions: Iterable[Session], person: str | None = None) -> int:
    """Keep those sittings that are not known yet; return how many.

    A `person` must act for the council office; without one it is the installation that acts.
    """
    new = 0
    with app.database.write() as store:
        tenure = None if person is None else council_office(app.world(store), person)
        known = store.sessions()
        for session in sessions:
            if session.uid not in known:
                who = (
                    by(app, f"session:{session.uid}")
                    if tenure is None
                    else _by(app, session, tenure)
                )
                store.save_session(session, who)
                new += 1
    return new


def _by(app: App, session: Session, tenure: Tenure) -> By:
    now = app.clock.now()
    key = f"session:{session.uid}:{clock.new_uid()}"
    return By(tenure.person, tenure.office, now, local_day(now), key)


def _save(app: App, change: Change, tenure: Tenure) -> None:
    who = _by(app, change.after, tenure)
    with app.database.write() as store:
        if store.sessions().get(change.after.uid) != change.after:
            store.save_session(change.after, who)


def _key(change: Change) -> str:
    """Return what tells one change of a sitting from another.

    With the version of a case it is the key of the act in its file: whoever repeats the
    change finds the case moved, and two who do it at once move it once.
    """
    session = change.before or change.after
    said = f"{session.uid}|{change.kind}|{session.day}|{change.day}"
    return f"sitting:{hashlib.sha256(said.encode()).hexdigest()[:24]}"
