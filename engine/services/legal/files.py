"""A single case under examination: told again from its entries, and handed out as a file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import IO

from engine.app import App
from engine.core.calendar import Calendar
from engine.core.case import Case, Deadline
from engine.core.ledger import broken
from engine.core.replay import Differs
from engine.errors import Text
from engine.services.evidence.exporting import Exported, export
from engine.services.itself import by
from engine.services.legal.signing import signing
from engine.services.verify import Past, replayed
from engine.store.chains import SYSTEM
from engine.store.roster import By
from engine.store.store import Store

TYPE = "extract"
_DEED = Text("Akten herausgeben", "hand out files")


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


def hand_out(app: App, number: str, person: str | None, into: IO[bytes]) -> Exported:
    """Write the file of a case and enter who took it; return what was written.

    The entry names the digest of its contents, so that the log knows which file was handed
    out; nothing may be given away before it is made. Refused for anybody who does not act for
    the legal office today. Without a `person` the installation itself signs: whoever works at
    its console can read the database anyway.
    """
    with app.database.read() as store:
        _signing(app, store, person)
    done = export(app, number, into)
    with app.database.write() as store:
        plain = {"case": done.case, "version": done.entries, "contents": done.contents}
        store.enter(_signing(app, store, person).line(SYSTEM, TYPE, plain))
    return done


def _signing(app: App, store: Store, person: str | None) -> By:
    if person is None:
        return by(app, TYPE)
    return signing(app, app.world(store), person, TYPE, _DEED)


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
