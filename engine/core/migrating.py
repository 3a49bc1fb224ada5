"""A file moves from one version of its workflow to another, by a plan that people wrote.

A migration changes what a subject (the case, or one participation) is pinned to, the state
it is in, and the names of its deadlines. It grants nothing, lets nothing lapse and tells
nobody: a deadline keeps its last day, its rest and the rungs that wait.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from engine.core.case import Act, Case, Deadline, DeadlineStatus, DueRung, Outcome, Participation
from engine.core.checks import plain_given
from engine.core.conditions import Value
from engine.core.draft import Draft
from engine.core.procedure import settle_into, subject_of
from engine.core.running import close_unanswered, open_deadline
from engine.core.workflow import Workflow
from engine.core.world import World
from engine.errors import Refused, Text

MIGRATION = "migration"
"""The type of the entry that a migration leaves."""


@dataclass(frozen=True, slots=True)
class Migration:
    """From one version of a workflow to another; what is not named keeps its name.

    `origin` and `target` are pins; `digest` is the SHA-256 of the plan's bytes. Of what is
    dropped, an open deadline ends as having fallen away, and an answer is forgotten.
    """

    origin: str
    target: str
    digest: str = ""
    states: Mapping[str, str] = field(default_factory=dict)
    deadlines: Mapping[str, str] = field(default_factory=dict)
    dropped_deadlines: frozenset[str] = frozenset()
    dropped_fields: frozenset[str] = frozenset()

    def state(self, old: str) -> str:
        """Return the state that stands for an old one in the new version."""
        return self.states.get(old, old)

    def deadline(self, old: str) -> str:
        """Return the name of a deadline in the new version."""
        return self.deadlines.get(old, old)

    def key(self, case: Case, participation: str) -> str:
        """Return the key of the act that moves one subject of a case, the same every time."""
        return f"{MIGRATION}:{self.digest}:{case.uid}:{participation}"


def migrate(case: Case, act: Act, plan: Migration, world: World) -> Outcome:
    """Return the case with the subject of `act` moved to the new version of its workflow.

    The clock acts first, as before every act. Raises Refused where the subject is not on
    the version that the plan starts from, or with everything that does not fit.
    """
    draft = Draft(case, world)
    settle_into(draft)
    workflow, _ = subject_of(draft, act)
    if workflow.pin != plan.origin:
        raise Refused(
            f"{case.number}: Das Verfahren läuft nach {workflow.pin}, der Plan beginnt bei "
            f"{plan.origin}.",
            f"{case.number}: the procedure runs by {workflow.pin}, the plan starts from "
            f"{plan.origin}.",
        )
    found = list(obstacles(draft, act.participation, plan))
    if found:
        de, en = "; ".join(t.de for t in found), "; ".join(t.en for t in found)
        raise Refused(f"{case.number}: {de}.", f"{case.number}: {en}.")
    return carry_over(draft, act, plan)


def obstacles(draft: Draft, participation: str, plan: Migration) -> Iterator[Text]:
    """Yield why a subject cannot move as it stands, and what the plan would have to say."""
    new = draft.world.library.workflow(plan.target)
    subject = draft.participations.get(participation)
    state = draft.state if subject is None else subject.state
    to = plan.state(state)
    if to not in new.states:
        yield Text(
            f"den Stand „{to}“ gibt es in Fassung {new.version} nicht; nennen Sie unter states, "
            "was an seine Stelle tritt",
            f"there is no state '{to}' in version {new.version}; name under states what takes "
            "its place",
        )
    yield from _deadlines_left(draft, participation, plan, new, to)
    given = draft.given if subject is None else subject.given
    yield from _answers_left(given, plan, new)


def _deadlines_left(
    draft: Draft, participation: str, plan: Migration, new: Workflow, state: str
) -> Iterator[Text]:
    for d in draft.of(participation):
        if d.name in plan.dropped_deadlines:
            continue
        name = plan.deadline(d.name)
        rule = new.deadlines.get(name)
        if rule is None:
            yield Text(
                f"die offene Frist „{name}“ gibt es in Fassung {new.version} nicht; nennen Sie "
                "unter deadlines ihren neuen Namen oder unter drop, dass sie entfällt",
                f"there is no deadline '{name}' in version {new.version}, and one is open; name "
                "its new name under deadlines, or under drop that it falls away",
            )
        elif state not in new.states:
            continue
        elif rule.period != "remedy" and state not in rule.states:
            yield Text(
                f"die Frist „{name}“ ist offen, läuft aber im Stand „{state}“ nicht",
                f"the deadline '{name}' is open, but does not run in the state '{state}'",
            )
        elif d.status is DeadlineStatus.PAUSED and all(p.state != state for p in rule.pauses):
            yield Text(
                f"die Frist „{name}“ ruht, im Stand „{state}“ ruht sie aber nie",
                f"the deadline '{name}' rests, but never does in the state '{state}'",
            )


def _answers_left(given: Mapping[str, Value], plan: Migration, new: Workflow) -> Iterator[Text]:
    kept = {f"actor.{step}" for step in new.steps}
    for step in new.steps.values():
        # What the engine would keep of answers to everything that the step asks for.
        kept |= set(plain_given(step, {f.name: () for f in step.takes}))
    for name, value in given.items():
        if value is None or name in plan.dropped_fields or name.startswith("day."):
            continue
        if name not in kept:
            yield Text(
                f"die Angabe „{name}“ gibt es in Fassung {new.version} nicht; nennen Sie sie unter "
                "drop, wenn sie vergessen werden darf",
                f"there is no field '{name}' in version {new.version}; name it under drop if it "
                "may be forgotten",
            )
        elif value not in (options := _options(new, name) or (value,)):
            yield Text(
                f"die Angabe „{name}“ lautet „{value}“; Fassung {new.version} kennt: "
                f"{', '.join(map(str, options))}",
                f"the field '{name}' says '{value}'; version {new.version} knows: "
                f"{', '.join(map(str, options))}",
            )


def _options(workflow: Workflow, name: str) -> tuple[Value, ...]:
    found = (s.takes_field(name) for s in workflow.steps.values())
    return tuple(o for wanted in found if wanted is not None for o in wanted.options)


def carry_over(draft: Draft, act: Act, plan: Migration) -> Outcome:
    """Return the case after a subject, with which all is well, has moved."""
    old, subject = subject_of(draft, act)
    new = draft.world.library.workflow(plan.target)
    before = draft.state if subject is None else subject.state
    for deadline in list(draft.deadlines.values()):
        if deadline.participation == act.participation:
            _carry(draft, deadline, plan)
    moved = _pin(draft, subject, new, plan)
    _open_new(draft, moved, old, new, before, act)
    draft.enter(act, MIGRATION, _said(act, plan, before))
    return draft.outcome()


def _carry(draft: Draft, held: Deadline, plan: Migration) -> None:
    """Give a deadline its new name with all that it is, or let it fall away."""
    if held.status is DeadlineStatus.VOID:
        return
    if held.name in plan.dropped_deadlines:
        if held.open:
            close_unanswered(draft, held)
        return
    name = plan.deadline(held.name)
    if name == held.name:
        return
    waiting = [r for r in draft.rungs if r.deadline == held.key]
    close_unanswered(draft, held)
    same = [d for d in draft.deadlines.values() if d.participation == held.participation]
    last = max((d.generation for d in same if d.name == name), default=0)
    new = replace(held, name=name, generation=last + 1)
    draft.put_deadline(new)
    for rung in waiting:
        carried = DueRung(*new.key, rung.number, rung.due_at)
        draft.rungs.append(carried)
        draft.new_rungs.append(carried)


def _pin(
    draft: Draft, subject: Participation | None, new: Workflow, plan: Migration
) -> Participation | None:
    if subject is None:
        draft.workflow = new
        draft.state = plan.state(draft.state)
        draft.given = _remembered(draft.given, plan)
        return None
    moved = replace(
        subject,
        workflow=new.pin,
        state=plan.state(subject.state),
        revision=subject.revision + 1,
        given=_remembered(subject.given, plan),
    )
    draft.put(moved)
    return moved


def _remembered(given: Mapping[str, Value], plan: Migration) -> dict[str, Value]:
    return {k: v for k, v in given.items() if k not in plan.dropped_fields}


def _open_new(
    draft: Draft,
    subject: Participation | None,
    old: Workflow,
    new: Workflow,
    before: str,
    act: Act,
) -> None:
    """Open the deadlines that only the new version knows; they run from the day of the move."""
    key = "" if subject is None else subject.key
    state = draft.state if subject is None else subject.state
    for rule in new.deadlines.values():
        known = old.deadlines.get(rule.name)
        ran_before = known is not None and before in known.states
        if rule.period == "remedy" or state not in rule.states or ran_before:
            continue
        if draft.deadline(key, rule.name) is None:
            open_deadline(draft, rule, subject, act)


def _said(act: Act, plan: Migration, before: str) -> dict[str, Any]:
    """Return what the log says of a migration: enough to do it again without the plan."""
    return {
        "participation": act.participation,
        "given": {},
        "plan": plan.digest[:16],
        "left": plan.origin,
        "definition": plan.target,
        "from": before,
        "to": plan.state(before),
        "renamed": dict(sorted(plan.deadlines.items())),
        "dropped": {
            "deadlines": sorted(plan.dropped_deadlines),
            "fields": sorted(plan.dropped_fields),
        },
    }


def migration_of(plain: Mapping[str, Any]) -> Migration:
    """Return the migration that an entry records, as far as it moved that subject."""
    return Migration(
        origin=plain["left"],
        target=plain["definition"],
        digest=plain["plan"],
        states={plain["from"]: plain["to"]},
        deadlines=plain["renamed"],
        dropped_deadlines=frozenset(plain["dropped"]["deadlines"]),
        dropped_fields=frozenset(plain["dropped"]["fields"]),
    )
