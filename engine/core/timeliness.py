"""What a deadline is for, told by meanings: whose lateness a report counts, and as what."""

from __future__ import annotations

from enum import StrEnum

from engine.core.meanings import StateMeans, StepMeans
from engine.core.workflow import Workflow


class Sort(StrEnum):
    """What a deadline protects or asks for."""

    INFORMATION = "information"
    STATEMENT = "statement"
    REMEDY = "remedy"
    OTHER = "other"


def sort_of(workflow: Workflow, name: str) -> Sort:
    """Return what a deadline is for.

    The lead department owes the information while a participation is still a draft, for
    its own papers alone: what the council office passes on is not charged to it. The office
    that takes part owes its statement where a lapse would end the waiting for it.
    """
    rule = workflow.deadlines.get(name)
    if rule is None:
        return Sort.OTHER
    if rule.period == "remedy":
        return Sort.REMEDY
    lapse = workflow.steps.get(rule.lapse or "")
    if rule.owner == "office":
        ends = lapse is not None and lapse.means is StepMeans.LAPSE
        return Sort.STATEMENT if ends else Sort.OTHER
    draft = all(workflow.meaning(s) is StateMeans.DRAFT for s in rule.states)
    owed = workflow.form is not None and rule.owner == "lead" and draft
    return Sort.INFORMATION if owed else Sort.OTHER
