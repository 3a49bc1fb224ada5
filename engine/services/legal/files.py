"""A single case under examination: told again from its entries, and handed out as an extract."""

from __future__ import annotations

from dataclasses import dataclass
from typing import IO

from engine.app import App
from engine.core.calendar import Calendar
from engine.core.case import Case, Deadline
from engine.core.ledger import broken
from engine.core.replay import Differs
from engine.errors import Text
from engine.services.legal.extract import extract
from engine.services.legal.signing import signing
from engine.services.verify import Past, replayed
from engine.store.chains import SYSTEM

TYPE = "extract"
_DEED = Text("Auszüge herausgeben", "hand out extracts")


@dataclass(frozen=True, slots=True)
class Examination:
    """What telling a case again from its entries leads to.

    `broken` is the number of the first entry that does not follow the one before it;
    `differs` says where the state counted from the entries is another one.
    """

    entries: int
    broken: int | None
    differs: Differs | None

    @property
    def sound(self) -> bool:
        """Whether the chain holds and the case comes out as it stands."""
        return self.broken is None and self.differs is None


def examined(app: App, number: str) -> Examination:
    """Return what the chain of a case and its telling again say."""
    with app.database.read() as store:
        case = store.cases.get(number)
        lines = store.chains.lines(case.stream)
    first = broken([x.header for x in lines], [x.leaf for x in lines])
    if first is not None:
        return Examination(len(lines), first, None)
    told = replayed(app, number)
    return Examination(len(lines), None, told if isinstance(told, Differs) else None)


def hand_out(app: App, number: str, person: str, into: IO[bytes]) -> str:
    """Write the extract of a case and enter who took it; return the name of the file.

    Refused for anybody who does not act for the legal office today.
    """
    with app.database.write() as store:
        by = signing(app, app.world(store), person, TYPE, _DEED)
        case = store.cases.get(number)
        store.enter(by.line(SYSTEM, TYPE, {"case": case.uid, "version": case.version}))
    return extract(app, number, into)


def calendar_of(app: App, case: Case, deadline: Deadline) -> Calendar | None:
    """Return the calendar that a deadline was counted with, as the log remembers it, or None.

    It may be one that was replaced since.
    """
    with app.database.read() as store:
        past = Past(app, store)
        for stored in reversed(store.chains.lines(case.stream)):
            entry = stored.entry
            moved = [row[:3] for row in entry.plain.get("deadlines", ())]
            if list(deadline.key) not in moved:
                continue
            calendar = past.world(entry).calendar(case.measure.municipality)
            if calendar.digest == deadline.derivation.calendar_digest:
                return calendar
    return None
