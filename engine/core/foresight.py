"""What would become of a case: the same procedure, with nothing kept of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from engine.core.case import Act, Case
from engine.core.checks import check_given, plain_given
from engine.core.draft import Draft
from engine.core.meanings import StepMeans
from engine.core.procedure import settle_into
from engine.core.steps import perform
from engine.core.workflow import Step, Workflow
from engine.core.world import World
from engine.errors import NotFound


def session_change(workflow: Workflow) -> Step:
    """Return the step of a case workflow by which a sitting is moved; NotFound if none is."""
    for step in workflow.steps_meaning(StepMeans.SESSION_CHANGE):
        if step.reschedules is not None:
            return step
    raise _no_step(workflow, StepMeans.SESSION_CHANGE)


def recounting(workflow: Workflow) -> Step:
    """Return the step of a case workflow by which deadlines are counted again; else NotFound."""
    for step in workflow.steps_meaning(StepMeans.RECOUNTING):
        if step.recounts:
            return step
    raise _no_step(workflow, StepMeans.RECOUNTING)


def given_for(step: Step, body: str, was: date | None, day: date | None) -> dict[str, Any]:
    """Return the fields by which a step moves the sitting of a body from a day to another."""
    moves = step.reschedules
    assert moves is not None, "only a step that reschedules moves a sitting"
    given = {moves.body: body}
    if day is not None:
        given[moves.day] = day.isoformat()
    if was is not None and moves.was is not None:
        given[moves.was] = was.isoformat()
    return given


def settled(case: Case, world: World) -> Case:
    """Return the case after the clock alone has done what is due."""
    draft = Draft(case, world)
    settle_into(draft)
    return draft.as_case()


def foreseen(case: Case, step: Step, given: Mapping[str, Any], world: World) -> Case:
    """Return the case as it would stand once somebody entitled had taken a step of it now.

    Raises what the step itself would raise: Refused, or InputError for an unsound field.
    """
    draft = Draft(case, world)
    settle_into(draft)
    check_given(step, given, ())
    act = Act("", step.id, "", "", world.today, world.now, given=given)
    act = replace(act, given=plain_given(step, given))
    perform(draft, draft.workflow, None, step, act, step.by)
    return draft.as_case()


def _no_step(workflow: Workflow, means: StepMeans) -> NotFound:
    return NotFound(
        f"Der Ablauf „{workflow.title.de}“ hat keinen Schritt der Bedeutung „{means}“. Dieser "
        "Vorgang lässt sich nur von Hand anpassen, oder nach einem Umstieg auf eine neuere "
        "Fassung des Ablaufs.",
        f"The workflow '{workflow.title.en}' has no step meaning '{means}'. This case can only "
        "be adjusted by hand, or once it has moved to a newer version of the workflow.",
    )
