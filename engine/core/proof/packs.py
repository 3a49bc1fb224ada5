"""What is checked of the rule packs: that no deadline hangs on a number without a norm (I9)."""

from __future__ import annotations

from collections.abc import Iterator

from engine.core.rules import Provision
from engine.core.workflow import DeadlineRule, Workflow
from engine.core.world import Library
from engine.errors import Text


def pack_faults(library: Library) -> Iterator[tuple[str, Text]]:
    """Yield each deadline whose length no provision of any pack lays down.

    A length stands in a pack only together with its norm and its time in force; whether one
    is in force on the day is asked when the deadline is opened, and refused if not.
    """
    rows = [p for pack in library.packs for p in pack.provisions]
    for workflow in map(library.workflow, library.current.values()):
        for rule in workflow.deadlines.values():
            if rule.required and not _laid_down(rule, workflow, rows):
                yield (
                    "I9",
                    Text(
                        f"{workflow.title.de}: für die Frist „{rule.title.de}“ nennt keine "
                        "Vorschrift eine Dauer",
                        f"{workflow.title.en}: no provision gives a length for the deadline "
                        f"'{rule.title.en}'",
                    ),
                )


def _laid_down(rule: DeadlineRule, workflow: Workflow, provisions: list[Provision]) -> bool:
    if rule.period not in ("provision", "stage", "value"):
        return True
    if any(p.value is not None and p.value.name == rule.value and p.norm for p in provisions):
        return True
    duties = [p.duty for p in provisions if p.duty is not None and p.duty.form == workflow.form]
    if rule.period == "stage":
        return any(rule.value in duty.stages for duty in duties)
    return rule.period == "provision" and any(duty.counting is not None for duty in duties)
