"""What rows of a list are called where the whole case was not read for them."""

from __future__ import annotations

from collections.abc import Iterable

from engine.core.world import Library, World
from engine.errors import Text


def deadline_name(library: Library, pin: str, name: str) -> Text:
    """Return what a deadline is called by its workflow, or by another version of it."""
    now = library.workflows.get(pin)
    others = [w for w in library.workflows.values() if now is not None and w.id == now.id]
    for workflow in [] if now is None else [now, *reversed(others)]:
        if name in workflow.deadlines:
            return workflow.deadlines[name].title
    return Text(name, name)


def finding_name(library: Library, pins: Iterable[str], kind: str) -> Text:
    """Return what a finding is called by the workflows that may have found it."""
    for pin in pins:
        workflow = library.workflows.get(pin)
        versions = [] if workflow is None else [workflow, *library.workflows.values()]
        for one in versions:
            if workflow is not None and one.id == workflow.id and kind in one.findings:
                return one.findings[kind]
    return Text(kind, kind)


def office_name(world: World, office: str | None) -> str:
    """Return the name of an office, or its id where it is not known any more."""
    found = world.roster.offices.get(office or "")
    return (office or "–") if found is None else found.name
