"""What stands beside a case for one visitor alone: her note, and what is new to her.

All of it is a private text under her own key. Nobody is told that she looked, and where her
session cannot open it there is simply neither note nor mark.
"""

from __future__ import annotations

from dataclasses import dataclass

import orjson

from engine.core.case import Case
from engine.services import private
from engine.web.desk import Desk
from engine.web.drafts import NOTE, VISIT


@dataclass(frozen=True, slots=True)
class Beside:
    """A visitor's note on a case, and the documents that came since her last visit.

    `opens` is False where this session cannot open her private texts.
    """

    opens: bool
    note: str = ""
    new: frozenset[str] = frozenset()


def beside(desk: Desk, case: Case) -> Beside:
    """Return what stands beside a case, and remember that she has seen its documents."""
    if desk.me.key is None:
        return Beside(opens=False)
    note = private.read(desk.app, desk.me, case.uid, NOTE) or ""
    return Beside(True, note, _new(desk, case))


def _new(desk: Desk, case: Case) -> frozenset[str]:
    """Return the documents that she had not before her in an earlier session.

    What is new stays marked until the session ends, however often she opens the page.
    """
    here = frozenset(d.uid for d in case.documents)
    if not here:
        return here
    text = private.read(desk.app, desk.me, case.uid, VISIT)
    session, before, known = ("", [], []) if text is None else orjson.loads(text)
    if session != desk.me.session:
        before = known
    visit = [desk.me.session, sorted(before), sorted(here)]
    if visit != [session, sorted(before), sorted(known)]:
        private.keep(desk.app, desk.me, case.uid, VISIT, orjson.dumps(visit).decode())
    return here - set(before)
