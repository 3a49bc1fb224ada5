"""Many write at once, each keeping a diary; a checker finds out whether the log can be true.

A diary has a line before each act and one after it: kept, refused, turned away by a lock, or
unknown. Times are those of the machine's monotonic clock, which all processes share, so an act
that had ended before another began must come first in the log as well.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import orjson
from sqlalchemy import text

from bench.installation import PERSON, STEPS, install, measured_case
from engine.app import App
from engine.core.ledger import broken
from engine.errors import EngineError
from engine.services.cases import Deed, register_measure, take
from engine.services.ticks import tick
from engine.store.errors import Unavailable
from tests.torture.nursery import Nursery
from tests.torture.town import DAY, SharedClock, keep_journal

WRITERS = 8
CASES = 6
"""Cases for which all compete; whoever finishes one registers another."""

_A_READ = 0.3


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a diary; a reader saw a case at `version` with so many `lines` in its log."""

    writer: int
    key: str
    number: str
    begun: int
    ended: int
    outcome: str
    version: int = 0
    lines: int = 0


@dataclass
class Verdict:
    """What the checker found; `kept` acts, `refused` ones, `reads`, and every anomaly."""

    kept: int = 0
    refused: int = 0
    reads: int = 0
    rungs: int = 0
    anomalies: list[str] = field(default_factory=list)


def prepare(folder: Path, url: str | None = None) -> App:
    """Return an installation with some cases, for which writers will compete."""
    folder.mkdir(parents=True)
    keep_journal(folder, "wal")
    watch = SharedClock(folder)
    app = install(folder, "lifecycle", url=url, laddered=True, clock=watch)
    for n in range(CASES):
        register_measure(app, measured_case(), Deed("", PERSON, key=f"first:{n}"))
    app.database.close()
    return app


def written(
    folder: Path, nursery: Nursery, *, seconds: float, url: str | None = None, without: str = "-"
) -> Verdict:
    """Let eight writers compete for so long; return what the checker says of their diaries.

    `without` names what is taken away from them, to see whether it is missed.
    """
    app = prepare(folder, url)
    mode = f"write/{{}}/{seconds}/{without}"
    pids = [nursery.fork(folder, mode.format(n)) for n in range(WRITERS)]
    for pid in pids:
        nursery.wait(pid)
    found = judge(app, diaries(folder))
    app.close()
    return found


class Writer:
    """One of those that compete; the first of them is the clock as well."""

    def __init__(self, app: App, me: int) -> None:
        self._app, self._me = app, me
        self._chance = Random(me)
        self._lines: list[Line] = []
        self._count = 0

    def write(self, seconds: float) -> None:
        """Act at random for so long, and then leave the diary."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            if self._me == 0:
                self._let_the_clock_act()
            elif self._chance.random() < _A_READ:
                self._read()
            else:
                self._act()
        said = "\n".join(orjson.dumps(line).decode() for line in self._lines)
        (self._app.config.folder / f"diary-{self._me}.jsonl").write_text(said)

    def _act(self) -> None:
        number, state = self._some_case()
        step = _AFTER[state]
        self._count += 1
        key = f"{self._me}:{self._count}"
        begun = time.monotonic_ns()
        outcome = "kept"
        try:
            number = self._taken(number, step, key)
        except Unavailable:
            outcome = "turned away"
        except EngineError:
            outcome = "refused"
        except Exception as error:
            outcome = f"unknown: {error!r}"[:200]
        self._note(key, number, begun, outcome)

    def _taken(self, number: str, step: str | None, key: str) -> str:
        """Take the next step of a case, or register another one; return the case's number."""
        if step is None:
            return register_measure(self._app, measured_case(), Deed("", PERSON, key=key)).number
        return take(self._app, number, Deed(step, PERSON, key=key)).number

    def _some_case(self) -> tuple[str, str]:
        with self._app.database.read() as store:
            newest = text("SELECT number, state FROM kase ORDER BY id DESC LIMIT :n")
            found = store.connection.execute(newest, {"n": CASES}).all()
        number, state = self._chance.choice(found)
        return number, state

    def _read(self) -> None:
        begun = time.monotonic_ns()
        number, _ = self._some_case()
        try:
            with self._app.database.read() as store:
                case = store.cases.get(number)
                lines = len(store.chains.lines(case.stream))
        except Exception as error:
            self._note("", number, begun, f"unknown: {error!r}"[:200])
            return
        ended = time.monotonic_ns()
        seen = Line(self._me, "", number, begun, ended, "read", case.version, lines)
        self._lines.append(seen)

    def _let_the_clock_act(self) -> None:
        begun = time.monotonic_ns()
        try:
            self._app.clock.on(DAY)  # type: ignore[attr-defined]
            tick(self._app)
        except Unavailable:
            self._note("clock", "", begun, "turned away")
        except Exception as error:
            self._note("clock", "", begun, f"unknown: {error!r}"[:200])
        time.sleep(0.02)

    def _note(self, key: str, number: str, begun: int, outcome: str) -> None:
        self._lines.append(Line(self._me, key, number, begun, time.monotonic_ns(), outcome))


_STATES = ("entwurf", "eingereicht", "zugelassen", "bekanntgemacht", "ausgelegt")
_LATER = ("in_auswertung", "entschieden", "bekanntgegeben", "archiviert")
ORDER = (*_STATES, *_LATER)
"""The one order in which a case can pass through its states."""

_AFTER: dict[str, str | None] = {**dict(zip(ORDER, STEPS, strict=False)), ORDER[-1]: None}


def diaries(folder: Path) -> list[Line]:
    """Return every line of every diary."""
    texts = [file.read_text() for file in sorted(folder.glob("diary-*.jsonl"))]
    return [Line(**orjson.loads(said)) for whole in texts for said in whole.splitlines()]


def judge(app: App, lines: Iterable[Line]) -> Verdict:
    """Return what is wrong between the diaries and the log, and how much there was of each."""
    lines = list(lines)
    found = Verdict(
        kept=sum(line.outcome == "kept" for line in lines),
        refused=sum(line.outcome == "refused" for line in lines),
        reads=sum(line.outcome == "read" for line in lines),
    )
    log = _Log(app)
    found.rungs = len(log.rungs)
    found.anomalies += [*log.faults(), *_against(log, lines)]
    return found


class _Log:
    """What the database says, by case."""

    def __init__(self, app: App) -> None:
        self.said: dict[str, list[dict[str, Any]]] = defaultdict(list)
        self._leaves: dict[str, tuple[list[bytes], list[bytes]]] = defaultdict(lambda: ([], []))
        with app.database.read() as store:
            self.cases = {
                f"case/{uid}": (number, version, state)
                for uid, number, version, state in store.connection.execute(
                    text("SELECT uid, number, version, state FROM kase")
                )
            }
            for entry in store.chains.all():
                if entry.stream.startswith("case/"):
                    self.said[entry.stream].append(orjson.loads(entry.header))
                    self._leaves[entry.stream][0].append(entry.header)
                    self._leaves[entry.stream][1].append(entry.leaf)
            fired = text("SELECT case_id, place, number FROM rung WHERE state = 'fired'")
            self.fired = len(store.connection.execute(fired).all())
        self.rungs = [
            (stream, *said["plain"]["deadline"], said["plain"]["rung"])
            for stream, entries in self.said.items()
            for said in entries
            if said["type"] == "rung"
        ]
        self.acts = {
            said["key"]: (self.cases[stream][0], said["seq"])
            for stream, entries in self.said.items()
            for said in entries
            if said["actor"] != "clock" and stream in self.cases
        }

    def faults(self) -> Iterator[str]:
        """Yield what the log alone shows: states out of order, chains that break, rungs twice."""
        for stream, (number, version, state) in self.cases.items():
            entries = self.said[stream]
            passed = [said["plain"]["to"] for said in entries if "step" in said["plain"]]
            if passed != list(ORDER[: len(passed)]):
                yield f"{number} passed {passed}"
            if version != len(entries) or (passed and state != passed[-1]):
                yield f"{number} is {state} at version {version}, its log has {len(entries)} lines"
            if broken(*self._leaves[stream]) is not None:
                yield f"the chain of {number} is broken"
        if len({number for number, _, _ in self.cases.values()}) != len(self.cases):
            yield "a number was given twice"
        if len(set(self.rungs)) != len(self.rungs) or self.fired != len(self.rungs):
            yield f"{self.fired} rungs fired, {len(self.rungs)} are in the log"


def _against(log: _Log, lines: list[Line]) -> Iterator[str]:
    """Yield where a diary and the log do not fit together."""
    by_key = {line.key: line for line in lines if line.key and line.key != "clock"}
    for key in log.acts:
        if key not in by_key and not key.startswith("first:"):
            yield f"nobody asked for {key}"
    for key, line in by_key.items():
        if line.outcome == "kept" and key not in log.acts:
            yield f"{key} was kept and is lost"
        if line.outcome in ("refused", "turned away") and key in log.acts:
            yield f"{key} was {line.outcome} and is in the log"
    yield from _out_of_time(log, by_key)
    for line in lines:
        if line.outcome == "turned away" or line.outcome.startswith("unknown"):
            yield f"writer {line.writer}: {line.outcome}"
        if line.outcome == "read" and line.version != line.lines:
            yield f"{line.number} was seen at version {line.version} with {line.lines} lines"


def _out_of_time(log: _Log, by_key: dict[str, Line]) -> Iterator[str]:
    """Yield acts that ended before another one of their case began, but come after it."""
    of_case: dict[str, list[tuple[int, Line]]] = defaultdict(list)
    for key, (number, seq) in log.acts.items():
        if key in by_key:
            of_case[number].append((seq, by_key[key]))
    for number, acts in of_case.items():
        acts.sort(key=lambda pair: pair[0])
        latest = 0
        for _, line in acts:
            if line.ended < latest:
                yield f"{number}: {line.key} had ended before what comes before it began"
            latest = max(latest, line.begun)
