"""The file told again: the entries of a case, played through the same procedure.

Plain parts are enough: names and free texts may have been erased. Each act and each doing
of the clock must leave the very entries that were recorded; the first that differs is
named.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from engine.core.case import Act, Case, Document, Entry, Measure, Outcome, Stage
from engine.core.checks import step_of
from engine.core.draft import Draft
from engine.core.migrating import carry_over, migration_of
from engine.core.procedure import born, moved, settle, settle_into, subject_of, unborn
from engine.core.workflow import CLOCK
from engine.core.world import World
from engine.errors import EngineError

WorldAt = Callable[[Entry], World]


@dataclass(frozen=True, slots=True)
class Differs:
    """The first entry, counted from 1, that the replay would have left otherwise."""

    number: int
    recorded: Entry
    replayed: Entry | None


def replay(uid: str, number: str, entries: Sequence[Entry], world: WorldAt) -> Case | Differs:
    """Return the case that the entries of its strand amount to, or where they differ.

    `world` gives the world in which an entry was made: definitions by digest, offices by
    position, and the instant it was recorded at.
    """
    case: Case | None = None
    at = 0
    while at < len(entries):
        try:
            outcome = _again(uid, number, case, entries[at], world(entries[at]))
        except EngineError:
            return Differs(at + 1, entries[at], None)
        for recorded, replayed in zip(entries[at:], outcome.entries, strict=False):
            at += 1
            if _said(recorded) != _said(replayed, recorded):
                return Differs(at, recorded, replayed)
        if outcome.quiet:
            return Differs(at + 1, entries[at], None)
        case = outcome.case
    if case is None:
        raise ValueError("a strand without entries is no case")
    return case


_NAMED = ("library", "roster", "places", "calendar", "law")


def _said(entry: Entry, beside: Entry | None = None) -> tuple[Any, ...]:
    """Return what must be the same of an entry, as far as the one `beside` it names its world.

    Entries that name no library were made before entries did.
    """
    plain = dict(entry.plain)
    if beside is not None and "library" not in beside.plain:
        plain = {k: v for k, v in plain.items() if k not in _NAMED or k in beside.plain}
    return entry.type, entry.actor, entry.key, entry.part, entry.happened_on, plain


def _again(uid: str, number: str, case: Case | None, entry: Entry, world: World) -> Outcome:
    if case is None:
        workflow = world.library.workflow(entry.plain["definition"])
        measure = measure_of(entry.plain["measure"], entry.private)
        draft = Draft(unborn(uid, number, measure, workflow), world)
        return born(draft, step_of(workflow, entry.type), act_of(entry))
    if entry.actor == CLOCK:
        return settle(case, world)
    draft = Draft(case, world)
    settle_into(draft)
    act = act_of(entry)
    if "plan" in entry.plain:
        return carry_over(draft, act, migration_of(entry.plain))
    workflow, subject = subject_of(draft, act)
    return moved(draft, workflow, subject, step_of(workflow, entry.type), act)


def act_of(entry: Entry) -> Act:
    """Return the act that an entry records, its texts left out."""
    plain = entry.plain
    return Act(
        key=entry.key,
        step=entry.type,
        actor=entry.actor,
        office=entry.office,
        happened_on=entry.happened_on,
        recorded_at=entry.recorded_at,
        participation=plain["participation"],
        deputy=plain.get("deputy", False),
        given=plain["given"],
        documents=tuple(Document(**d, paper=0) for d in plain.get("documents", ())),
        reason="…" if plain.get("reasoned") else None,
    )


def measure_of(plain: Mapping[str, Any], private: Mapping[str, Any]) -> Measure:
    """Return the measure that an entry registered; an erased title is empty."""
    carried = plain["carried_out_on"]
    return Measure(
        title=private.get("title") or "",
        kind=plain["kind"],
        origin=plain["origin"],
        lead=plain["lead"],
        municipality=plain["municipality"],
        facts=plain["facts"],
        stages=tuple(
            Stage(body, None if day is None else date.fromisoformat(day), role, session)
            for body, day, role, session in plain["stages"]
        ),
        carried_out_on=None if carried is None else date.fromisoformat(carried),
        confidentiality=plain["confidentiality"],
        reference=private.get("reference"),
    )
