"""From a period's YAML to the core's counting."""

from __future__ import annotations

from engine.core.counting import Counting
from engine.core.periods import Period
from engine.definitions.documents import PeriodDoc


def period(doc: PeriodDoc) -> Period:
    """Return the bare length of a period."""
    return Period(doc.count, doc.unit)


def counting(doc: PeriodDoc | None) -> Counting | None:
    """Return how a period is counted, or None for none."""
    if doc is None:
        return None
    return Counting(
        period(doc),
        at_least=None if doc.at_least is None else period(doc.at_least),
        at_most=None if doc.at_most is None else period(doc.at_most),
        day_start=doc.day_start,
        roll=doc.roll,
        backward=doc.backward,
    )
