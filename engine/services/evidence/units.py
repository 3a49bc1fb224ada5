"""The work of an examination in units that any number of processes can share.

A unit is a range of cases, one strand that is no case, or one table beside them. What comes back of it is small: the
faults, the verdicts that are not simply "unchanged", and the recomputed leaves for the tree.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from engine.app import App
from engine.core.meanings import FileClass
from engine.services.evidence import faults as words
from engine.services.evidence.closed import read_closed
from engine.services.evidence.faults import Fault, Layer
from engine.services.evidence.retelling import Recounted, Told, tell_again
from engine.services.evidence.strands import Places, Read, Said, read
from engine.services.verify import Past
from engine.store.chains import MAIL, OFFICES
from engine.store.examined import OF_A_CASE, Rows, StoredCase, StoredChain
from engine.store.retention import ERASED, RETENTION
from engine.store.store import Store


class Verdict(StrEnum):
    """What is said of a case: unchanged, counted otherwise today, too new, or not as recorded."""

    INTACT = "intact"
    RECOUNTED = "recounted"
    NEWER = "newer"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class CaseVerdict:
    """What was found about one case."""

    number: str
    entries: int
    erased: int
    verdict: Verdict
    faults: tuple[Fault, ...] = ()
    recounted: tuple[Recounted, ...] = ()


@dataclass(frozen=True, slots=True)
class Released:
    """What the log says was lawfully erased: uids of cases and persons, by file class."""

    subjects: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def of(self, *classes: FileClass) -> frozenset[str]:
        """Return the subjects of which one of these classes was erased."""
        return frozenset().union(*(self.subjects.get(c.value, frozenset()) for c in classes))

    def covers(self, stream: str, said: Said) -> bool:
        """Return whether the body of a line may be gone.

        A line of another strand than a case's or a person's own tells in its erased text what
        it was about; there it is enough that any file was released at all.
        """
        files, persons = self.of(FileClass.FILE), self.of(FileClass.PERSONS)
        if stream.startswith("case/"):
            return stream.removeprefix("case/") in files
        if stream == OFFICES:
            return said["plain"].get("uid") in persons
        if stream.startswith(f"{MAIL}/"):
            return bool(files or persons or self.of(FileClass.LETTERS))
        return bool(files)


@dataclass(frozen=True, slots=True)
class Unit:
    """What is read at once: the cases with ids in `first .. end - 1`, or the strand `stream`.

    Or the table `beside`, none of whose rows may belong to nothing.
    """

    first: int = 0
    end: int = 0
    stream: str = ""
    head: tuple[int, bytes] = (0, b"")
    beside: str = ""


_COUNTED = ("entries", "strands", "erased", "waiting", "placed", "bodied", "cases", "replayed")


@dataclass(slots=True)
class Done:
    """What came of a unit; only verdicts that say something are kept.

    `placed` and `bodied` count the lines that have a place, and those that have a row for a body.
    """

    entries: int = 0
    strands: int = 0
    erased: int = 0
    waiting: int = 0
    placed: int = 0
    bodied: int = 0
    cases: int = 0
    replayed: int = 0
    places: Places = field(default_factory=Places)
    faults: list[Fault] = field(default_factory=list)
    verdicts: list[CaseVerdict] = field(default_factory=list)

    def add(self, other: Done) -> None:
        """Count what another unit found, its places left out."""
        for name in _COUNTED:
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.faults += other.faults
        self.verdicts += other.verdicts

    def _read(self, found: Read, released: Released) -> None:
        self.strands += 1
        self.entries += found.count
        self.waiting += found.waiting
        self.placed += len(found.places.indexes)
        self.bodied += found.bodied
        self.erased += len(found.erased)
        self.places.extend(found.places)
        by_number = {said["seq"]: said for said in found.said} if found.erased else {}
        for seq in found.erased:
            if seq not in by_number or not released.covers(found.stream, by_number[seq]):
                found.fault(Layer.ERASURE, words.UNRELEASED, seq)


@dataclass(frozen=True, slots=True)
class Order:
    """What every unit of an examination is to know."""

    logs: frozenset[str]
    released: Released
    replaying: bool
    keep_all: bool = False


def released(store: Store) -> Released:
    """Return what the strand of retention says was erased; that strand is examined as well."""
    found: dict[str, set[str]] = {}
    for line in store.chains.typed(RETENTION, ERASED):
        plain: Mapping[str, Any] = line.plain
        found.setdefault(str(plain.get("class")), set()).add(str(plain.get("subject")))
    return Released({name: frozenset(uids) for name, uids in found.items()})


def units(rows: Rows, size: int) -> list[Unit]:
    """Return the whole work: ranges of so many cases, the strands that are none, the tables."""
    ids = rows.case_ids()
    cut = [ids[n] for n in range(0, len(ids), size)]
    ends = [*cut[1:], ids[-1] + 1] if ids else []
    ranges = [Unit(first, end) for first, end in zip(cut, ends, strict=True)]
    strands = [Unit(stream=n, head=(seq, head)) for n, seq, head in rows.strands()]
    return [*(Unit(beside=name) for name in OF_A_CASE), *ranges, *strands]


def work(store: Store, past: Past | None, unit: Unit, order: Order) -> Done:
    """Return what is found in one unit; without `past` no case is told again."""
    rows = store.rows
    done = Done()
    if unit.beside:
        done.faults += orphaned(rows, unit.beside)
        return done
    if unit.stream:
        found = read(unit.stream, rows.lines(unit.stream), logs=order.logs)
        if found.head != unit.head:
            found.fault(Layer.HEAD, words.HEAD, found.head[0] + 1)
        done._read(found, order.released)
        done.faults += found.faults
        return done
    if past is None:
        for chain in rows.chains(unit.first, unit.end):
            _chain(done, chain, order)
    else:
        for stored in rows.cases(unit.first, unit.end):
            _case(done, stored, past, order)
    return done


def orphaned(rows: Rows, name: str) -> list[Fault]:
    """Return the fault of a table beside the log in which rows belong to nothing."""
    state = Fault("", 0, words.in_state(name), Layer.STATE)
    return [state] if rows.orphans(name) else []


def _chain(done: Done, chain: StoredChain, order: Order) -> None:
    """Examine the strand of a case, and leave open whether the case stands as it says."""
    found = read_closed(f"case/{chain.uid}", chain.lines, logs=order.logs, case=chain.id)
    if found.head != (chain.version, chain.head):
        found.fault(Layer.HEAD, words.HEAD, found.head[0] + 1)
    done._read(found, order.released)
    _judge(done, chain.number, found, Told(), order)


def _case(done: Done, stored: StoredCase, past: Past, order: Order) -> None:
    stream = f"case/{stored.row['uid']}"
    found = read(stream, stored.lines, logs=order.logs, case=stored.row["id"])
    done._read(found, order.released)
    done.replayed += 1
    _judge(done, stored.row["number"], found, _told(stored, found, past), order)


def _judge(done: Done, number: str, found: Read, told: Told, order: Order) -> None:
    faults = (*found.faults, *told.faults)
    done.cases += 1
    done.faults += faults
    verdict = _verdict(told, faults)
    if order.keep_all or verdict is not Verdict.INTACT:
        done.verdicts.append(
            CaseVerdict(
                number,
                found.count,
                len(found.erased),
                verdict,
                faults,
                told.recounted,
            )
        )


def _told(stored: StoredCase, found: Read, past: Past) -> Told:
    try:
        return tell_again(stored, found, past.world)
    except (TypeError, ValueError, LookupError, AttributeError):
        # Rows that somebody wrote by hand can have any form; no program of ours left them so.
        fault = Fault(found.stream, found.head[0], words.in_state("?"), Layer.STATE)
        return Told((fault,))


def _verdict(told: Told, faults: Iterable[Fault]) -> Verdict:
    if any(faults):
        return Verdict.BROKEN
    if told.newer:
        return Verdict.NEWER
    return Verdict.RECOUNTED if told.recounted else Verdict.INTACT


def past_of(app: App, store: Store) -> Past:
    """Return the worlds of the past of an installation."""
    return Past(app, store)
