"""The log is examined on demand: chains, bodies and heads, and on request every case anew.

What was found is itself an entry of the log, so that everybody sees when it was last
examined. It shows that the record is unchanged since it was written, not that it is true.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from engine.app import App
from engine.errors import Text
from engine.services.evidence import examining
from engine.services.evidence.examining import Examined, Progress
from engine.services.evidence.faults import Fault, Layer
from engine.services.evidence.seals import Remembered
from engine.services.legal.signing import signing
from engine.store.chains import SYSTEM
from engine.store.store import Store

TYPE = "verification"
_DEED = Text("das Protokoll prüfen", "examine the log")
_MOST = 20
"""How many faults are named; more of them say no more."""

_TOLD = (Layer.REPLAY, Layer.STATE)
"""What only telling a case again, or comparing its rows, can find."""


@dataclass(frozen=True, slots=True)
class Verified:
    """What an examination found: how much was read, what does not hold, what differs.

    `replayed` counts the cases told again from their entries, `differing` names those that
    came out otherwise. `erased` counts entries whose body was lawfully erased.
    """

    at: datetime
    by: str
    entries: int
    streams: int
    erased: int
    replayed: int
    faults: tuple[Fault, ...] = ()
    differing: tuple[str, ...] = ()
    examined: Examined | None = None

    @property
    def intact(self) -> bool:
        """Whether nothing was found."""
        return not self.faults and not self.differing


@dataclass(frozen=True, slots=True)
class LastTime:
    """The last examination as the log tells it; `faults` counts what did not hold."""

    at: datetime
    by: str
    entries: int
    replayed: int
    faults: int


def verify(app: App, person: str, *, replaying: bool = False) -> Verified:
    """Examine the whole log for somebody of the legal office, and enter what was found.

    Reads every entry; with `replaying` every case is also told again. Refused for others.
    """
    with app.database.read() as store:
        signing(app, app.world(store), person, TYPE, _DEED)
    found = examine(app, person, replaying=replaying)
    enter(app, found)
    return found


def examine(
    app: App,
    person: str = "",
    *,
    replaying: bool = False,
    remembered: Remembered | None = None,
    processes: int = 1,
    progress: Progress | None = None,
) -> Verified:
    """Return what examining the whole log finds, and enter nothing. See `examining.examine`."""
    found = examining.examine(
        app, remembered=remembered, replaying=replaying, processes=processes, progress=progress
    )
    told = [v.number for v in found.verdicts if any(f.layer in _TOLD for f in v.faults)]
    return Verified(
        at=app.clock.now(),
        by=person,
        entries=found.entries,
        streams=found.strands,
        erased=found.erased,
        replayed=found.replayed,
        faults=tuple(f for f in found.faults if f.layer not in _TOLD or not f.of_case),
        differing=tuple(told),
        examined=found,
    )


def last_time(store: Store) -> LastTime | None:
    """Return when the log was last examined, by whom and with what result, or None."""
    lines = store.chains.typed(SYSTEM, TYPE)
    if not lines:
        return None
    said = lines[-1].plain
    return LastTime(
        lines[-1].recorded_at, lines[-1].actor, said["entries"], said["replayed"], said["faults"]
    )


def enter(app: App, found: Verified) -> None:
    """Enter what an examination found, for somebody of the legal office; refused for others."""
    with app.database.write() as store:
        by = signing(app, app.world(store), found.by, TYPE, _DEED)
        plain = {
            "entries": found.entries,
            "streams": found.streams,
            "erased": found.erased,
            "replayed": found.replayed,
            "faults": len(found.faults) + len(found.differing),
            "broken": [[f.stream, f.seq] for f in found.faults[:_MOST]],
            "differing": list(found.differing)[:_MOST],
        }
        store.enter(by.line(SYSTEM, TYPE, plain))
