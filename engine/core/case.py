"""The case and what comes of it: acts in, entries and notices out.

`Case` is the aggregate of one measure: its participations, deadlines, rungs, documents
and findings. It holds no free text that a decision needs; texts lie in the private part
of the entries. All values are frozen; `Outcome.changes` names the parts an act touched.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any

import orjson

from engine.core.conditions import Value
from engine.core.deadlines import Derivation
from engine.core.meanings import Source

Plain = Mapping[str, Any]
"""JSON-plain values: strings, whole numbers, true and false, null, lists and mappings."""


@dataclass(frozen=True, slots=True)
class Stage:
    """One body of the Beratungsfolge and the sitting that deals with the paper."""

    body: str
    day: date | None
    role: str = "vorberatung"
    session: str | None = None


@dataclass(frozen=True, slots=True)
class Measure:
    """A planned measure (Vorhaben); `title` and `reference` are for people only."""

    title: str
    kind: str
    origin: str
    lead: str
    municipality: str
    facts: Mapping[str, Value] = field(default_factory=dict)
    stages: tuple[Stage, ...] = ()
    carried_out_on: date | None = None
    confidentiality: str = "public"
    reference: str | None = None

    @property
    def first_day(self) -> date | None:
        """The day of the first body that deals with it, else of its implementation."""
        days = [s.day for s in self.stages if s.day is not None]
        return min(days, default=self.carried_out_on)

    @property
    def last_day(self) -> date | None:
        """The day of the last body that deals with it, else of its implementation."""
        days = [s.day for s in self.stages if s.day is not None]
        return max(days, default=self.carried_out_on)


class DeadlineStatus(StrEnum):
    """Where a deadline stands; `void` is one that a later generation replaced."""

    RUNNING = "running"
    PAUSED = "paused"
    MET = "met"
    LAPSED = "lapsed"
    VOID = "void"


@dataclass(frozen=True, slots=True)
class Deadline:
    """A Frist with the derivation that led to it.

    `participation` is empty for a deadline of the case; `finding` is the number of the
    finding whose remedy it is, else 0. `closed_on` is the day its matter was done.
    """

    participation: str
    name: str
    generation: int
    owner: str
    derivation: Derivation
    status: DeadlineStatus = DeadlineStatus.RUNNING
    closed_on: date | None = None
    provision: str | None = None
    ladder: str | None = None
    finding: int = 0

    @property
    def key(self) -> tuple[str, str, int]:
        """What tells deadlines of one case apart."""
        return self.participation, self.name, self.generation

    @property
    def last_day(self) -> date:
        """The last day, inclusive."""
        return self.derivation.last_day

    @property
    def ends_at(self) -> datetime:
        """The instant at which it ends, in UTC."""
        return self.derivation.ends_at

    @property
    def open(self) -> bool:
        """Whether what is owed has not been done."""
        return self.closed_on is None and self.status is not DeadlineStatus.VOID

    def ended(self, status: DeadlineStatus, closed_on: date | None) -> Deadline:
        """Return the deadline in another status; `replace` would cost four times as much."""
        return Deadline(
            self.participation,
            self.name,
            self.generation,
            self.owner,
            self.derivation,
            status,
            closed_on,
            self.provision,
            self.ladder,
            self.finding,
        )


@dataclass(frozen=True, slots=True)
class DueRung:
    """A rung that waits for its hour; fired or void rungs are no part of the case."""

    participation: str
    name: str
    generation: int
    number: int
    due_at: datetime

    @property
    def deadline(self) -> tuple[str, str, int]:
        """The key of the deadline it belongs to."""
        return self.participation, self.name, self.generation


@dataclass(frozen=True, slots=True)
class Participation:
    """One office takes part in one form and round; `given` keeps what was answered."""

    key: str
    office: str
    form: str
    round: int
    workflow: str
    state: str
    revision: int
    provisions: tuple[str, ...]
    given: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Document:
    """A document of the case, filed under the version `paper` of the paper.

    `commitment` is its salted digest; its name lies outside the log's plain part.
    """

    uid: str
    kind: str
    commitment: str
    size: int
    media: str
    paper: int
    name: str = field(default="", compare=False)


class FindingState(StrEnum):
    """What became of a finding; it never disappears."""

    OPEN = "open"
    CONFIRMED = "confirmed"
    REMEDIED = "remedied"
    UNFOUNDED = "unfounded"


@dataclass(frozen=True, slots=True)
class Finding:
    """A recorded departure (Feststellung) from the provisions it names."""

    number: int
    kind: str
    participation: str
    provisions: tuple[str, ...]
    rank: Source | None
    found_on: date
    state: FindingState = FindingState.OPEN
    remedies: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Case:
    """One measure and everything that hangs on it; `version` counts its entries."""

    uid: str
    number: str
    measure: Measure
    workflow: str
    state: str
    version: int = 0
    paper: int = 1
    registered_on: date | None = None
    given: Mapping[str, Value] = field(default_factory=dict)
    participations: tuple[Participation, ...] = ()
    deadlines: tuple[Deadline, ...] = ()
    rungs: tuple[DueRung, ...] = ()
    documents: tuple[Document, ...] = ()
    findings: tuple[Finding, ...] = ()

    @property
    def stream(self) -> str:
        """The strand of the log that this case writes to."""
        return f"case/{self.uid}"

    def participation(self, key: str) -> Participation | None:
        """Return the participation of that key, or None."""
        return next((p for p in self.participations if p.key == key), None)

    def deadline(self, participation: str, name: str) -> Deadline | None:
        """Return the newest generation of a deadline that was not replaced, or None."""
        found = None
        for d in self.deadlines:
            if d.name == name and d.participation == participation:
                found = d
        return None if found is None or found.status is DeadlineStatus.VOID else found

    @property
    def confidential(self) -> bool:
        """Whether letters may carry reference and date only."""
        return self.measure.confidentiality != "public"


@dataclass(frozen=True, slots=True)
class Seen:
    """What the actor had before her: a participation's revision and the paper's version."""

    revision: int | None = None
    paper: int | None = None


@dataclass(frozen=True, slots=True)
class Act:
    """What somebody did or reports, on its way into the file of a case.

    `key` makes it safe to send twice. `office` is the office acted for; `deputy` says
    that the actor stands in for its holder (i. V.). `given` holds plain values by field,
    `private` free texts, which enter the log as a commitment only. `way` is empty unless
    it came in another way than by somebody's log-in, which the log then says.
    """

    key: str
    step: str
    actor: str
    office: str
    happened_on: date
    recorded_at: datetime
    participation: str = ""
    deputy: bool = False
    given: Mapping[str, Any] = field(default_factory=dict)
    private: Mapping[str, Any] = field(default_factory=dict)
    documents: tuple[Document, ...] = ()
    seen: Seen | None = None
    reason: str | None = None
    way: str = ""


BY_LINK = "link"
"""The way of an act that somebody did by the personal link of a letter."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the log before it is sealed; `part` tells apart the lines of one act."""

    stream: str
    type: str
    actor: str
    office: str
    recorded_at: datetime
    happened_on: date
    key: str
    part: int
    plain: Plain
    private: Plain = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Notice:
    """What is owed to an office: a letter with the plain facts that it will need.

    `key` is unique for ever. The letter must not go out before `not_before`.
    """

    key: str
    office: str
    letter: str
    participation: str
    not_before: datetime
    facts: Plain = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Outcome:
    """The case after an act, its evidence, and its news.

    `touched` names the changed parts: participations by key, deadlines by key, findings
    and documents by number and uid; `rungs` are the new ones; `fired` and `voided` say
    what became of waiting ones.
    """

    case: Case
    entries: tuple[Entry, ...]
    notices: tuple[Notice, ...]
    participations: tuple[Participation, ...] = ()
    deadlines: tuple[Deadline, ...] = ()
    rungs: tuple[DueRung, ...] = ()
    fired: tuple[DueRung, ...] = ()
    voided: tuple[tuple[str, str, int], ...] = ()
    documents: tuple[Document, ...] = ()
    findings: tuple[Finding, ...] = ()
    measure_changed: bool = False

    @property
    def quiet(self) -> bool:
        """Whether nothing happened at all."""
        return not self.entries


def digest(case: Case) -> str:
    """Return a SHA-256 over what decisions depend on: states, deadlines, findings.

    Names and free texts are no part of it, so it can be recomputed once they are erased.
    """
    return digest_of(
        case.workflow,
        case.state,
        case.paper,
        case.participations,
        case.deadlines,
        case.findings,
        case.documents,
    )


def digest_of(
    workflow: str,
    state: str,
    paper: int,
    participations: Iterable[Participation],
    deadlines: Iterable[Deadline],
    findings: Iterable[Finding],
    documents: Iterable[Document],
) -> str:
    """Return the digest of a case from its parts, before there is a case."""
    return digest_of_rows(
        workflow,
        state,
        paper,
        [[p.key, p.workflow, p.state, p.revision, p.given] for p in participations],
        [_plain_deadline(d) for d in deadlines],
        [[f.number, f.kind, f.participation, f.state] for f in findings],
        [d.commitment for d in documents],
    )


def digest_of_rows(*parts: Any) -> str:
    """Return the digest of a case from the plain form of its parts, in the order above."""
    return hashlib.sha256(orjson.dumps(parts, option=orjson.OPT_SORT_KEYS)).hexdigest()


def _plain_deadline(d: Deadline) -> list[Any]:
    return [d.participation, d.name, d.generation, d.last_day, d.status, d.closed_on]
