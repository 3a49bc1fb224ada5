"""The file told again: the entries of a case, played through the same procedure.

Plain parts are enough: names and free texts may have been erased. Each act and each doing
of the clock must leave the very entries that were recorded; the first that differs is
named.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from engine.core.case import Act, Case, Document, Entry, Measure, Outcome, Stage
from engine.core.checks import check_day, step_of, tenure
from engine.core.draft import Draft
from engine.core.migrating import carry_over, migration_of
from engine.core.procedure import born, moved, settle_into, subject_of, unborn
from engine.core.retention import ERASED
from engine.core.workflow import CLOCK, Step
from engine.core.world import World
from engine.errors import EngineError, Refused

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
    for told in retold(uid, number, entries, world):
        if isinstance(told, Differs):
            return told
        case = told.case
    if case is None:
        raise ValueError("a strand without entries is no case")
    return case


def retold(
    uid: str, number: str, entries: Sequence[Entry], world: WorldAt
) -> Iterator[Outcome | Differs]:
    """Yield what each act and each doing of the clock left, up to the first that differs.

    Whoever adds up what the outcomes touched has every row that `keep` has written. Letters
    about a step are no part of it: no line says anything of them.
    """
    case: Case | None = None
    at = 0
    while at < len(entries):
        try:
            outcome = _again(uid, number, case, entries[at], world(entries[at]))
        except (EngineError, LookupError, TypeError, ValueError):
            # Nobody can be sure of the form of a line that somebody may have written by hand.
            yield Differs(at + 1, entries[at], None)
            return
        left = entries[at : at + len(outcome.entries)]
        for recorded, replayed in zip(left, outcome.entries, strict=False):
            at += 1
            if _said(recorded) != _said(replayed, recorded):
                yield Differs(at, recorded, replayed)
                return
        if outcome.quiet:
            yield Differs(at + 1, entries[at], None)
            return
        if len(left) < len(outcome.entries):
            # An act leaves all of its lines or none: the last of them are missing.
            yield Differs(at, entries[-1], outcome.entries[len(left)])
            return
        case = outcome.case
        yield outcome


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
        draft = Draft(unborn(uid, number, measure, workflow), world, telling=False)
        step, act = step_of(workflow, entry.type), act_of(entry)
        _entitled(draft, step, act)
        return born(draft, step, act)
    draft = Draft(case, world, telling=False)
    settle_into(draft)
    if entry.actor == CLOCK:
        return draft.outcome()
    act = act_of(entry)
    if "plan" in entry.plain:
        return carry_over(draft, act, migration_of(entry.plain))
    workflow, subject = subject_of(draft, act)
    step = step_of(workflow, entry.type)
    _entitled(draft, step, act)
    return moved(draft, workflow, subject, step, act)


def _entitled(draft: Draft, step: Step, act: Act) -> None:
    """Refuse an act that its actor could not have done then: no tenure, or no such day."""
    check_day(act, step, draft.world.today)
    if tenure(draft, act).deputy != act.deputy:
        raise Refused(
            f"„{act.step}“: Die Bestellung passt nicht zum Eintrag.",
            f"'{act.step}': the appointment does not fit the entry.",
        )


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
        way=plain.get("way", ""),
    )


def measure_of(plain: Mapping[str, Any], private: Mapping[str, Any]) -> Measure:
    """Return the measure that an entry registered; an erased title says so."""
    carried = plain["carried_out_on"]
    return Measure(
        title=private.get("title") or ERASED,
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
