"""So wurde gerechnet: a deadline told step by step, each with its norm, in two languages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from itertools import groupby

from engine.core.calendar import Calendar
from engine.core.deadlines import recompute
from engine.core.derivation import Derivation
from engine.core.reckoning import Step, told
from engine.errors import InputError, Text

__all__ = ["NORMS", "Step", "explain", "sentence"]

# What general law says of each kind of step; a rule pack may cite another norm.
NORMS: Mapping[str, str] = {
    "named_day": "§ 31 Abs. 5 VwVfG",
    "day_not_counted": "§ 187 Abs. 1 BGB",
    "day_counted": "§ 187 Abs. 2 BGB",
    "backward": "Vorbild § 121 Abs. 7 AktG",
    "hours": "§ 31 Abs. 6 VwVfG",
    "half_month": "§ 189 BGB",
    "missing_day": "§ 188 Abs. 3 BGB",
    "shift": "§ 193 BGB",
    "extended": "§ 190 BGB",
    "retroactive": "§ 31 Abs. 7 VwVfG",
}

# These read as what the norm says; the others carry it in brackets.
_RULES = {"day_not_counted", "day_counted", "hours", "half_month", "missing_day", "shift"}


def explain(
    derivation: Derivation,
    calendar: Calendar,
    norms: Mapping[str, str] | None = None,
    event: Text | None = None,
) -> tuple[Step, ...]:
    """Return every step from the event to the end, in the order in which they are taken.

    `norms` gives or replaces the norm of a kind of step, above all that of the `period`.
    `event` names what happened, such as Eingang. Raises InputError for a calendar that does
    not lead to this deadline: its reasons would not be the reasons of this one.
    """
    if recompute(derivation, calendar) != derivation:
        raise InputError(
            f"Mit dieser Fassung des Kalenders {calendar.id} kommt die Frist nicht heraus. "
            "Rechnen Sie sie neu, oder nehmen Sie die Fassung, mit der sie gerechnet wurde.",
            f"This version of the calendar {calendar.id} does not lead to this deadline. "
            "Count it again, or take the version it was counted with.",
        )
    cited = {**NORMS, **(norms or {})}
    steps = told(derivation, calendar, event)
    return tuple(replace(step, norm=cited.get(step.kind, "")) for step in steps)


def sentence(steps: Iterable[Step]) -> Text:
    """Return the steps as one paragraph, in German and in English."""
    parts = [_joined(kind, tuple(run)) for kind, run in groupby(steps, lambda step: step.kind)]
    return Text(" ".join(part.de for part in parts), " ".join(part.en for part in parts))


def _joined(kind: str, run: tuple[Step, ...]) -> Text:
    if kind == "skipped":
        return Text(
            f"Nicht gezählt: {'; '.join(step.text.de for step in run)}.",
            f"Not counted: {'; '.join(step.text.en for step in run)}.",
        )
    return Text(
        " ".join(_cited(step, step.text.de) for step in run),
        " ".join(_cited(step, step.text.en) for step in run),
    )


def _cited(step: Step, words: str) -> str:
    if step.norm and step.kind in _RULES:
        return f"{step.norm}: {words}."
    norm = f" ({step.norm})" if step.norm else ""
    return f"{words[0].upper()}{words[1:]}{norm}."
