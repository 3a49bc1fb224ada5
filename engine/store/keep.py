"""`keep` writes what an act left: case, parts, log and notices, in the open transaction.

`Outcome` names the touched parts, so nothing is compared. Everything is sealed before the
first statement runs; the case row goes first, since its lock and version guard the rest.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import bindparam, literal_column, select, update

from engine import clock
from engine.core.case import Case, Deadline, Entry, Notice, Outcome
from engine.core.ledger import FIRST, Line, Sealed, microseconds, seal
from engine.store import values
from engine.store.batch import Batch, Values
from engine.store.cases import Cases, Standing
from engine.store.errors import AlreadyKept, Overtaken
from engine.store.statement import (
    Insert,
    Statement,
    inserting,
    inserting_once,
    last_entry_id,
    upserting,
)
from engine.store.tables import (
    CaseRow,
    DeadlineRow,
    DocumentRow,
    EntryBodyRow,
    EntryRow,
    FindingRow,
    LogQueueRow,
    NoticeRow,
    ParticipationRow,
    RungRow,
)
from engine.store.tables.base import table

_CASE = table(CaseRow)
_TERM = table(DeadlineRow)
_RUNG = table(RungRow)

_MOVING = (
    "version",
    "head",
    "workflow",
    "state",
    "paper",
    "registered_on",
    "next_day",
    "given",
)
_NEW = (
    "uid",
    "number",
    "version",
    "head",
    "workflow",
    "state",
    "paper",
    "registered_on",
    "next_day",
    *values.MEASURE,
    "given",
)
_CREATE = Statement(
    lambda insert: (
        insert(_CASE)
        .inline()
        .values({name: bindparam(name) for name in _NEW})
        .returning(_CASE.c.id)
    ),
    *_NEW,
)


def _changing(*columns: str) -> Statement:
    def build(_: Insert) -> Any:
        new = {name: bindparam(f"new_{name}", type_=_CASE.c[name].type) for name in columns}
        row = _CASE.c.id == bindparam("row")
        return update(_CASE).values(new).where(row, _CASE.c.version == bindparam("held"))

    return Statement(build, *(f"new_{name}" for name in columns), "row", "held")


_MOVE = _changing(*_MOVING)
_MEASURE = _changing(*values.MEASURE)
_STANDING = Statement(
    lambda _: (
        select(_CASE.c.id, _CASE.c.version, _CASE.c.head)
        .where(_CASE.c.uid == bindparam("uid"))
        .with_for_update()
    ),
    "uid",
)
_PART = upserting(
    table(ParticipationRow),
    ("case_id", "place", *values.PARTICIPATION),
    ("workflow", "state", "revision", "provisions", "given"),
)
_DEADLINE = upserting(
    table(DeadlineRow), ("case_id", "place", *values.DEADLINE), values.DEADLINE_CHANGING
)
_END = Statement(
    lambda _: (
        update(_TERM)
        .values({name: bindparam(f"new_{name}") for name in ("status", "closed_on")})
        .where(_TERM.c.case_id == bindparam("of_case_id"), _TERM.c.place == bindparam("of_place"))
    ),
    "new_status",
    "new_closed_on",
    "of_case_id",
    "of_place",
)
_FINDING = upserting(table(FindingRow), ("case_id", *values.FINDING), ("state", "remedies"))
_DOCUMENT = inserting(
    table(DocumentRow), "case_id", "place", *values.DOCUMENT, scan=literal_column("'none'")
)
_NEW_RUNG = inserting(
    _RUNG, "case_id", "place", "number", "due_at", state=literal_column("'waiting'")
)


def _ending(state: str, *extra: str, of: tuple[str, ...]) -> Statement:
    def build(_: Insert) -> Any:
        new: dict[str, Any] = {
            name: bindparam(f"new_{name}", type_=_RUNG.c[name].type) for name in extra
        }
        waiting = _RUNG.c.state == literal_column("'waiting'")
        row = [_RUNG.c[name] == bindparam(f"of_{name}") for name in of]
        new["state"] = literal_column(f"'{state}'")
        return update(_RUNG).values(new).where(*row, waiting)

    return Statement(build, *(f"new_{n}" for n in extra), *(f"of_{n}" for n in of))


_VOID_RUNGS = _ending("void", of=("case_id", "place"))
_FIRE_RUNG = _ending("fired", "fired_at", "late_by_us", of=("case_id", "place", "number"))

_ENTRY = inserting(
    table(EntryRow),
    "case_id",
    "stream",
    "seq",
    "uid",
    "type",
    "actor",
    "recorded_at",
    "happened_on",
    "key",
    "part",
    "header",
    "leaf",
)
_BODY = inserting(table(EntryBodyRow), "salt", "body", entry_id=last_entry_id())
_QUEUE = inserting(table(LogQueueRow), entry_id=last_entry_id())
_OWED = (
    "case_id",
    "key",
    "office",
    "letter",
    "participation",
    "not_before",
    "facts",
)
_NOTICE = inserting(table(NoticeRow), *_OWED, state=literal_column("'open'"))
_NOTICE_ONCE = inserting_once(table(NoticeRow), *_OWED, state=literal_column("'open'"))

Ready = tuple[Line, int, str, Sealed]
"""A line, its number in the strand, its uid, and the bytes that are stored of it."""


def sealed(line: Line, log: str, seq: int, prev: bytes) -> Ready:
    """Return a line sealed as number `seq` of its strand, behind the leaf `prev`."""
    uid = clock.new_uid()
    salt = clock.salt() if line.private else b""
    return (
        line,
        seq,
        uid,
        seal(line, log=log, seq=seq, uid=uid, salt=salt, prev=prev, encode=values.canonical),
    )


def write_entry(batch: Batch, case_row: int | None, ready: Ready) -> None:
    """Write a sealed line, its body, and its place in the queue for the global tree."""
    line, seq, uid, stored = ready
    batch.run(
        _ENTRY,
        (
            case_row,
            line.stream,
            seq,
            uid,
            line.type,
            line.actor,
            microseconds(line.recorded_at),
            line.happened_on.isoformat(),
            line.key,
            line.part,
            stored.header,
            stored.leaf,
        ),
    )
    if stored.body:
        batch.run(_BODY, (stored.salt, stored.body))
    batch.run(_QUEUE)


def write_notice(batch: Batch, case_row: int | None, notice: Notice) -> None:
    """Write a letter that is owed."""
    batch.run(_NOTICE, _notice_row(case_row, notice))


def write_notice_once(batch: Batch, case_row: int | None, notice: Notice) -> bool:
    """Write a letter that others may be writing at this moment; return whether it was new."""
    return bool(batch.ask(_NOTICE_ONCE, _notice_row(case_row, notice)).rowcount)


def _notice_row(case_row: int | None, notice: Notice) -> Values:
    return (
        case_row,
        notice.key,
        notice.office,
        notice.letter,
        notice.participation,
        microseconds(notice.not_before),
        values.json_text(notice.facts),
    )


def kept_before(error: BaseException) -> bool:
    """Return whether a driver's error says that the key of an entry is taken."""
    said = str(error)
    return "entry.key, entry.part" in said or "uq_entry_key_part" in said


def numbered_before(error: BaseException) -> bool:
    """Return whether a driver's error says that a strand has gone on without us."""
    said = str(error)
    return "entry.stream, entry.seq" in said or "uq_entry_stream_seq" in said


class Keeper:
    """Writes outcomes within one transaction."""

    def __init__(self, batch: Batch, cases: Cases, log: str) -> None:
        self._batch = batch
        self._cases = cases
        self._log = log

    def keep(self, outcome: Outcome) -> None:
        """Write everything an act left.

        Raises AlreadyKept where its key is in the log, Overtaken where the case has moved on
        since it was read: the caller must roll back then.
        """
        if outcome.quiet:
            return
        case = outcome.case
        before = case.version - len(outcome.entries)
        held = None if before == 0 else self._standing(case, before)
        ready = self._seal(outcome.entries, before, FIRST if held is None else held.head)
        head = ready[-1][3].leaf
        row = self._create(case, head) if held is None else held.row
        try:
            with self._batch.together():
                moved = None if held is None else self._move(outcome, row, before, head)
                self._write(outcome, row, ready, () if held is None else held.deadlines)
        except Exception as error:
            self._batch.spoiled = True
            if kept_before(error):
                raise AlreadyKept(outcome.entries[0].key) from error
            if numbered_before(error):
                raise Overtaken(case.number) from error
            raise
        if moved is not None and moved.rowcount != 1:
            self._batch.spoiled = True
            raise Overtaken(case.number)
        self._cases.standing[case.uid] = Standing(row, case.version, head, case.deadlines)

    def _standing(self, case: Case, before: int) -> Standing:
        held = self._cases.standing.get(case.uid)
        if held is None:
            row = self._batch.ask(_STANDING, (case.uid,)).fetchone()
            held = None if row is None else Standing(*row)
        if held is None or held.version != before:
            raise Overtaken(case.number)
        return held

    def _seal(self, entries: tuple[Entry, ...], before: int, prev: bytes) -> list[Ready]:
        ready = []
        for seq, e in enumerate(entries, start=before + 1):
            line = Line(
                e.stream,
                e.type,
                e.actor,
                e.office,
                e.recorded_at,
                e.happened_on,
                e.key,
                e.part,
                e.plain,
                e.private,
            )
            ready.append(sealed(line, self._log, seq, prev))
            prev = ready[-1][3].leaf
        return ready

    def _create(self, case: Case, head: bytes) -> int:
        new = (
            case.uid,
            case.number,
            case.version,
            head,
            case.workflow,
            case.state,
            case.paper,
            values.day_text(case.registered_on),
            values.next_day(case),
            *values.measure_row(case.measure),
            values.json_text(case.given),
        )
        [(row,)] = self._batch.ask(_CREATE, new).fetchall()
        return int(row)

    def _move(self, outcome: Outcome, row: int, before: int, head: bytes) -> Any:
        case = outcome.case
        if outcome.measure_changed:
            self._batch.run(_MEASURE, (*values.measure_row(case.measure), row, before))
        new = (
            case.version,
            head,
            case.workflow,
            case.state,
            case.paper,
            values.day_text(case.registered_on),
            values.next_day(case),
            values.json_text(case.given),
        )
        return self._batch.ask(_MOVE, (*new, row, before))

    def _write(
        self, outcome: Outcome, row: int, ready: list[Ready], before: tuple[Deadline, ...]
    ) -> None:
        for entry in ready:
            write_entry(self._batch, row, entry)
        self._write_parts(outcome, row)
        self._write_deadlines(outcome, row, before)
        for notice in outcome.notices:
            write_notice(self._batch, row, notice)

    def _write_parts(self, outcome: Outcome, row: int) -> None:
        run, case = self._batch.run, outcome.case
        if outcome.participations:
            place = {p.key: n for n, p in enumerate(case.participations)}
            for p in outcome.participations:
                run(_PART, (row, place[p.key], *values.participation_row(p)))
        first = len(case.documents) - len(outcome.documents)
        for n, document in enumerate(outcome.documents, start=first):
            run(_DOCUMENT, (row, n, *values.document_row(document)))
        for finding in outcome.findings:
            run(_FINDING, (row, *values.finding_row(finding)))

    def _write_deadlines(self, outcome: Outcome, row: int, before: tuple[Deadline, ...]) -> None:
        if not (outcome.deadlines or outcome.rungs or outcome.fired or outcome.voided):
            return
        run = self._batch.run
        place = {d.key: n for n, d in enumerate(outcome.case.deadlines)}
        for d in outcome.deadlines:
            n = place[d.key]
            if n < len(before) and before[n].derivation is d.derivation:
                # Most deadlines only end: what they follow from need not be written again.
                run(_END, (d.status.value, values.day_text(d.closed_on), row, n))
            else:
                run(_DEADLINE, (row, n, *values.deadline_row(d)))
        # In this order each row ends as if the clock had acted on its own, and then somebody.
        for r in outcome.rungs:
            run(_NEW_RUNG, (row, place[r.deadline], r.number, microseconds(r.due_at)))
        if outcome.fired:
            # The clock acts first, so its entry is the first and carries its instant.
            now = microseconds(outcome.entries[0].recorded_at)
            for r in outcome.fired:
                late = now - microseconds(r.due_at)
                run(_FIRE_RUNG, (now, late, row, place[r.deadline], r.number))
        for key in outcome.voided:
            run(_VOID_RUNGS, (row, place[key]))
