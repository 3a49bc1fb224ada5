"""Values of the core from rows, and rows from them; `place` is the position in the case."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from typing import Any

import orjson

from engine.core.case import (
    Case,
    Deadline,
    DeadlineStatus,
    Document,
    DueRung,
    Finding,
    FindingState,
    Measure,
    Participation,
    Stage,
)
from engine.core.deadlines import Derivation, as_plain, from_plain
from engine.core.ledger import microseconds
from engine.core.meanings import Source
from engine.store.columns import instant

_DAY = date.fromisoformat
_STATUS = {status.value: status for status in DeadlineStatus}
_FINDING = {state.value: state for state in FindingState}
_RANK: dict[str | None, Source | None] = {None: None} | {rank.value: rank for rank in Source}
_LOADS = orjson.loads
_SORTED = orjson.OPT_SORT_KEYS


def canonical(plain: Mapping[str, Any]) -> bytes:
    """Return the bytes that `ledger.canonical` gives, five times as fast."""
    return orjson.dumps(plain, option=_SORTED)


def json_text(plain: Any) -> str:
    """Return JSON-plain values as text: sorted keys, no spaces, days as ISO text."""
    return orjson.dumps(plain, option=_SORTED).decode()


def day_text(day: date | None) -> str | None:
    """Return a day as it is stored."""
    return None if day is None else day.isoformat()


def _day(text: str | None) -> date | None:
    return None if text is None else _DAY(text)


@lru_cache(maxsize=8192)
def derivation(text: str) -> Derivation:
    """Return the derivation that was stored; it is frozen, so cases may share it."""
    return from_plain(_LOADS(text))


@lru_cache(maxsize=8192)
def _derivation_text(derived: Derivation) -> str:
    return json_text(as_plain(derived))


MEASURE = (
    "title",
    "kind",
    "origin",
    "lead",
    "municipality",
    "confidentiality",
    "reference",
    "measure",
)


def measure_row(measure: Measure) -> tuple[Any, ...]:
    """Return the columns of `MEASURE`; facts and stages lie in the last as JSON."""
    rest: dict[str, Any] = {"facts": measure.facts}
    if measure.stages:
        rest["stages"] = [[s.body, s.day, s.role, s.session] for s in measure.stages]
    if measure.carried_out_on is not None:
        rest["carried_out_on"] = measure.carried_out_on
    return (
        measure.title,
        measure.kind,
        measure.origin,
        measure.lead,
        measure.municipality,
        measure.confidentiality,
        measure.reference,
        json_text(rest),
    )


def measure(row: tuple[Any, ...]) -> Measure:
    """Return the measure of the columns of `MEASURE`."""
    title, kind, origin, lead, municipality, confidentiality, reference, text = row
    rest: Mapping[str, Any] = _LOADS(text)
    return Measure(
        title,
        kind,
        origin,
        lead,
        municipality,
        rest["facts"],
        tuple(Stage(b, _day(d), role, session) for b, d, role, session in rest.get("stages", ())),
        _day(rest.get("carried_out_on")),
        confidentiality,
        reference,
    )


PARTICIPATION = (
    "key",
    "office",
    "form",
    "round",
    "workflow",
    "state",
    "revision",
    "provisions",
    "given",
)


def participation_row(p: Participation) -> tuple[Any, ...]:
    """Return the columns of `PARTICIPATION`."""
    return (
        p.key,
        p.office,
        p.form,
        p.round,
        p.workflow,
        p.state,
        p.revision,
        json_text(p.provisions),
        json_text(p.given),
    )


def participation(row: tuple[Any, ...]) -> Participation:
    """Return the participation of the columns of `PARTICIPATION`."""
    key, office, form, round_, workflow, state, revision, provisions, given = row
    return Participation(
        key,
        office,
        form,
        round_,
        workflow,
        state,
        revision,
        tuple(_LOADS(provisions)),
        _LOADS(given),
    )


DEADLINE = (
    "participation",
    "name",
    "generation",
    "owner",
    "status",
    "last_day",
    "ends_at",
    "closed_on",
    "provision",
    "ladder",
    "finding",
    "derivation",
)
DEADLINE_CHANGING = ("status", "last_day", "ends_at", "closed_on", "derivation")
DEADLINE_READ = tuple(c for c in DEADLINE if c not in ("last_day", "ends_at"))


def deadline_row(d: Deadline) -> tuple[Any, ...]:
    """Return the columns of `DEADLINE`; the last day and the end are copies for queries."""
    derived = d.derivation
    return (
        d.participation,
        d.name,
        d.generation,
        d.owner,
        d.status.value,
        derived.last_day.isoformat(),
        microseconds(derived.ends_at),
        day_text(d.closed_on),
        d.provision,
        d.ladder,
        d.finding,
        _derivation_text(derived),
    )


def deadline(row: tuple[Any, ...]) -> Deadline:
    """Return the deadline of the columns of `DEADLINE_READ`."""
    key, name, generation, owner, status, closed, provision, ladder, finding, text = row
    return Deadline(
        key,
        name,
        generation,
        owner,
        derivation(text),
        _STATUS[status],
        _day(closed),
        provision,
        ladder,
        finding,
    )


DOCUMENT = ("uid", "kind", "commitment", "size", "media", "paper", "name")


def document_row(d: Document) -> tuple[Any, ...]:
    """Return the columns of `DOCUMENT`."""
    return d.uid, d.kind, d.commitment, d.size, d.media, d.paper, d.name


FINDING = (
    "number",
    "kind",
    "participation",
    "provisions",
    "rank",
    "found_on",
    "state",
    "remedies",
)


def finding_row(f: Finding) -> tuple[Any, ...]:
    """Return the columns of `FINDING`."""
    return (
        f.number,
        f.kind,
        f.participation,
        json_text(f.provisions),
        None if f.rank is None else f.rank.value,
        f.found_on.isoformat(),
        f.state.value,
        json_text(f.remedies),
    )


def finding(row: tuple[Any, ...]) -> Finding:
    """Return the finding of the columns of `FINDING`."""
    number, kind, key, provisions, rank, found_on, state, remedies = row
    return Finding(
        number,
        kind,
        key,
        tuple(_LOADS(provisions)),
        _RANK[rank],
        _DAY(found_on),
        _FINDING[state],
        tuple(_LOADS(remedies)),
    )


def next_day(case: Case) -> str | None:
    """Return the earliest last day of an open deadline, as it is stored; None without one."""
    days = [d.derivation.last_day for d in case.deadlines if d.open]
    return min(days).isoformat() if days else None


def _rung(d: Deadline, number: int, due: int) -> DueRung:
    return DueRung(d.participation, d.name, d.generation, number, instant(due))


CASE = ("uid", "number", "workflow", "state", "version", "paper", "registered_on", "given")


def case(
    row: tuple[Any, ...],
    measured: tuple[Any, ...],
    participations: list[tuple[Any, ...]],
    deadlines: list[tuple[Any, ...]],
    rungs: list[tuple[Any, ...]],
    documents: list[tuple[Any, ...]],
    findings: list[tuple[Any, ...]],
) -> Case:
    """Return the case of the columns of `CASE` and `MEASURE` and of its parts' rows."""
    uid, number, workflow, state, version, paper, registered_on, given = row
    held = tuple(map(deadline, deadlines))
    return Case(
        uid,
        number,
        measure(measured),
        workflow,
        state,
        version,
        paper,
        _day(registered_on),
        _LOADS(given),
        tuple(map(participation, participations)),
        held,
        tuple(_rung(held[place], n, due) for place, n, due in rungs),
        tuple(Document(*row) for row in documents),
        tuple(map(finding, findings)),
    )
