"""What somebody can do now in a case: the very answer of `permitted`, step by step.

A page offers what `advance` would take, and says of the rest what is still missing. What
depends on the form that is yet to be filled in counts as open to her.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from engine.core.case import Act, Case, Participation
from engine.core.checks import refusal, roles
from engine.core.conditions import Condition, names
from engine.core.draft import Draft
from engine.core.machine import permitted
from engine.core.procedure import settle_into
from engine.core.situation import situation
from engine.core.workflow import CLOCK, ENGINE, Step, Workflow
from engine.core.world import World
from engine.errors import Text


@dataclass(frozen=True, slots=True)
class Offer:
    """A step that an office may take now, or would if it were not for `missing`.

    `participation` is empty for a step of the case itself.
    """

    step: Step
    participation: str
    office: str
    missing: Text | None = None

    @property
    def open(self) -> bool:
        """Whether the step can be taken now."""
        return self.missing is None


def offers(case: Case, world: World, offices: Iterable[str]) -> list[Offer]:
    """Return the steps that offices may take in a case today, or which lack something.

    Steps of another state or another role are left out; each step of a subject is offered
    once, to the first of the offices that may take it.
    """
    draft = Draft(case, world)
    settle_into(draft)
    found: dict[tuple[str, str], Offer] = {}
    for office in offices:
        for offer in _of_office(draft, office):
            known = found.get((offer.participation, offer.step.id))
            if known is None or (offer.open and not known.open):
                found[offer.participation, offer.step.id] = offer
    return list(found.values())


def _of_office(draft: Draft, office: str) -> Iterator[Offer]:
    subjects: list[Participation | None] = [None, *draft.current()]
    for subject in subjects:
        workflow = draft.workflow
        if subject is not None:
            workflow = draft.world.library.workflow(subject.workflow)
        held = roles(draft, subject, office)
        for step in workflow.steps.values():
            if held & step.by - {CLOCK, ENGINE}:
                yield from _offer(draft, workflow, subject, step, office, held)


def _offer(
    draft: Draft,
    workflow: Workflow,
    subject: Participation | None,
    step: Step,
    office: str,
    held: frozenset[str],
) -> Iterator[Offer]:
    key = "" if subject is None else subject.key
    act = _tentative(draft, step, office, key)
    seen = situation(draft, workflow, subject, act)
    verdict = permitted(workflow, seen, step, min(held & step.by))
    if verdict.allowed:
        yield Offer(step, key, office)
    elif not (verdict.wrong_state or verdict.wrong_role):
        wanting = [c for c in verdict.unmet if not _of_the_form(c)]
        if not wanting:
            yield Offer(step, key, office)
            return
        told = refusal(draft, workflow, step, verdict, subject, act.happened_on)
        yield Offer(step, key, office, told.text)


def _of_the_form(condition: Condition) -> bool:
    """Return whether what is yet to be filled in, or who fills it in, can make it hold."""
    read = list(names(condition))
    return any(n.startswith(("given.", "actor.")) for n in read) or read == ["documents"]


def _tentative(draft: Draft, step: Step, office: str, participation: str) -> Act:
    return Act(
        key="",
        step=step.id,
        actor="",
        office=office,
        happened_on=draft.world.today,
        recorded_at=draft.world.now,
        participation=participation,
        given=dict.fromkeys((f.name for f in step.takes), None),
    )
