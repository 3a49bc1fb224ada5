"""What a step amounts to for the claims: whose declaration it is, and what ends a hearing."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from engine.core.conditions import Value, holds, names
from engine.core.meanings import Kind, StateMeans, StepMeans
from engine.core.proof.reading import BARE
from engine.core.proof.values import Heard, Memory, Move
from engine.core.situation import SETTLED
from engine.core.workflow import CLOCK, Step, Workflow

HERS = frozenset(
    {
        StepMeans.STATEMENT,
        StepMeans.SUPPLEMENT,
        StepMeans.WITHHOLDING,
        StepMeans.NOT_CONCERNED,
        StepMeans.WAIVER,
        StepMeans.WAIVER_WITHDRAWN,
        StepMeans.CONSENT,
        StepMeans.REFUSAL,
    }
)
"""What only the office that takes part can declare."""

ANSWERS = frozenset(
    {
        StepMeans.STATEMENT,
        StepMeans.LAPSE,
        StepMeans.WAIVER,
        StepMeans.CONSENT,
        StepMeans.REFUSAL,
    }
)
"""What ends a hearing of an office that was informed."""

AFTER_ALL = frozenset({StepMeans.OBJECTION, StepMeans.RE_DECISION})
"""What comes after a decision: whoever objects to it speaks of it, and is heard by that."""

ORIGINALS = frozenset({StepMeans.STATEMENT, StepMeans.CONSENT, StepMeans.REFUSAL})
"""Which of her declarations can be recorded from an original."""

OFFICE = "office"
"""The role of the office that takes part, its deputy included."""


@lru_cache(maxsize=256)
def hears(workflow: Workflow) -> bool:
    """Return whether an answer is awaited: whether a norm gives the office a period of its own."""
    return any(
        d.owner == OFFICE and d.period in ("provision", "stage")
        for d in workflow.deadlines.values()
    )


def own(step: Step) -> bool:
    """Return whether nobody but the office can take a step, unless he attaches her original."""
    if step.by <= {OFFICE}:
        return True
    attached = any(f.type == "documents" and not f.optional for f in step.takes)
    recorded = step.kind is Kind.FACT and step.means in ORIGINALS and attached
    return recorded and not step.by & {CLOCK, "engine"}


@lru_cache(maxsize=256)
def declared(workflow: Workflow) -> frozenset[str]:
    """Return the states that stand for one of her declarations."""
    return frozenset(
        b.state
        for s in workflow.steps.values()
        if s.means in HERS and CLOCK not in s.by
        for b in s.branches
        if b.state is not None and workflow.meaning(b.state) in SETTLED
    )


def remembered(
    workflow: Workflow,
    memory: Memory,
    step: Step,
    before: str,
    after: str,
    bare: bool | None,
    now: frozenset[int],
) -> Memory:
    """Return what is remembered once a step has led from one state to another.

    `bare` says of a weighing whether it departs without reasons where a norm demands them,
    None where the step weighs nothing; `now` are the demands of written claims that it meets.
    A hearing that is opened again is not ended any more.
    """
    heard, kept = memory.heard, memory.kept
    reopened = _settled(workflow, before) and not _settled(workflow, after)
    if reopened and step.means not in AFTER_ALL:
        heard, kept = min(heard, Heard.INFORMED), frozenset()
    heard, kept = _heard(workflow, heard, step), kept | now
    waiver = memory.waived and before == after
    # What leads nowhere comes to the file; whoever is informed anew is asked anew.
    files = step.means is StepMeans.STATEMENT and hears(workflow) and before != after
    asked_anew = step.means in (StepMeans.MATERIAL_CHANGE, StepMeans.INFORMATION)
    return Memory(
        heard=Heard(heard),
        waived=step.means is StepMeans.WAIVER or waiver,
        bare=memory.bare and step.means is not StepMeans.REASONS if bare is None else bare,
        filed=files or (memory.filed and not asked_anew),
        forwarded=step.means is StepMeans.FORWARDING or (memory.forwarded and not files),
        kept=kept,
    )


def unreasoned(step: Step, given: Mapping[str, Value]) -> bool | None:
    """Return whether a step departs from her statement without a reason, None if it weighs none."""
    if step.means is StepMeans.DEPARTURE:
        reasons = [f.name for f in step.takes if f.type in ("text", "wording")]
        return not any(given.get(name) for name in reasons)
    count = given.get(BARE)
    return None if count is None else count != 0


def _settled(workflow: Workflow, state: str) -> bool:
    return workflow.meaning(state) in SETTLED


def _heard(workflow: Workflow, heard: Heard, step: Step) -> Heard:
    means = step.means
    if means is StepMeans.EARLY_INFORMATION:
        return max(heard, Heard.TOLD_EARLY)
    if means in (StepMeans.INFORMATION, StepMeans.MATERIAL_CHANGE):
        return max(heard, Heard.INFORMED)
    if means in AFTER_ALL:
        return Heard.DONE
    told = heard >= Heard.INFORMED
    if means is StepMeans.VACANCY or (means is StepMeans.NOT_CONCERNED and heard > Heard.NOT):
        return Heard.DONE
    if means in ANSWERS and told:
        return Heard.DONE
    if means is StepMeans.RECEIPT and told and not hears(workflow):
        return Heard.DONE
    return heard


def withheld(workflow: Workflow, given: Mapping[str, Value]) -> bool:
    """Return whether the office has withheld its statement.

    It has if what keeps a statement from being forwarded is nothing but her own answers.
    """
    steps = list(workflow.steps_meaning(StepMeans.FORWARDING))
    hers = {f.name for s in workflow.steps.values() if s.means in HERS for f in s.takes}
    others = {f.name for s in workflow.steps.values() if s.means not in HERS for f in s.takes}
    values = {f"given.{k}": v for k, v in given.items()}
    read = [{n.removeprefix("given.") for n in names(s.when)} for s in steps]
    by_her = [bool(r) and r <= hers - others for r in read]
    return bool(steps) and all(
        mine and not holds(s.when, values) for s, mine in zip(steps, by_her, strict=True)
    )


RELEASES = frozenset({StepMeans.RELEASE, StepMeans.CARRYING_OUT})
"""What may only be done once everybody is heard."""

OUTSIDE = frozenset({StepMeans.DECISION, StepMeans.RE_DECISION, StepMeans.CARRYING_OUT})
"""What somebody outside does and the engine records, whatever came before."""


def watched(workflow: Workflow, move: Move) -> bool:
    """Return whether each single taking of a step of the case matters: releases and decisions."""
    step = move.step
    if step is None or step.means not in RELEASES | OUTSIDE:
        return False
    decided = workflow.meaning(move.to.state) is StateMeans.DECIDED
    return decided or step.kind is Kind.PERMISSION
