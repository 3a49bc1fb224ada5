"""Random walks: whatever people may do in a case, in any order, on any day."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from hypothesis import strategies as st

from engine.core.case import Act, Case, Document, Entry
from engine.core.meanings import StateMeans
from engine.core.offices import Absence
from engine.core.procedure import advance, register, settle
from engine.core.workflow import Field, Step, Workflow
from engine.core.world import World
from engine.errors import EngineError
from tests.musterheide import ACTORS, NOBODY, PAPER, act, measure, roster, world

START = date(2026, 3, 2)

OFFICE_OF = {
    "lead": "fb-soziales",
    "sitzungsdienst": "sitzungsdienst",
    "hvb": "landrat",
    "rechtsamt": "rechtsamt",
    "vorsitz": "vorsitz",
    "demanding": "integration",
    "beauftragte": "behinderung",
}

MOVES = st.lists(
    st.tuples(st.integers(0, 12), st.integers(0, 10_000), st.integers(0, 10_000)),
    min_size=1,
    max_size=14,
)
"""(days until the act, which step, which values): a walk before it meets a case."""


@dataclass(frozen=True)
class Walk:
    """A case and everything that was entered on the way to it."""

    case: Case
    entries: tuple[Entry, ...]
    day: date


def world_on(day: date) -> World:
    """Return the world of a day in which one office is vacant and one holder away."""
    return world(day, people=roster(Absence("weber", date(2026, 7, 1), date(2026, 7, 2))))


def begin(day: date = START, **changes: Any) -> Walk:
    """Return a fresh case with two commissioners."""
    changes.setdefault(
        "facts", {**NOBODY, "betrifft_integration": True, "betrifft_behinderung": True}
    )
    outcome = register(
        "c" * 32,
        "V-2026-0001",
        measure(**changes),
        act("anmelden", day, documents=(PAPER,), key="register"),
        world_on(day),
    )
    return Walk(outcome.case, outcome.entries, day)


def walk(moves: list[tuple[int, int, int]], start: Walk | None = None) -> Walk:
    """Return where the moves lead; what is refused is left out."""
    at = start or begin()
    for number, (days, which, values) in enumerate(moves):
        day = at.day + timedelta(days=days)
        taken = chosen(at.case, day, which, values, f"walk-{number}")
        try:
            outcome = advance(at.case, taken, world_on(day))
        except EngineError:
            outcome = settle(at.case, world_on(day))
        at = Walk(outcome.case, at.entries + outcome.entries, day)
    return at


def chosen(case: Case, day: date, which: int, values: int, key: str) -> Act:
    """Return one of all the acts that anybody could try on a case."""
    options = list(possible(case))
    key_of, step, office = options[which % len(options)]
    given, private = {}, {}
    for wanted in step.takes:
        value = _value(wanted, values, day, case)
        if value is None:
            continue
        (private if wanted.private else given)[wanted.name] = value
    happened = day - timedelta(days=values % 4) if step.kind == "fact" and values % 3 == 0 else day
    documents = () if values % 2 else (Document(f"{key}-d", "vorlage", key, 1, "text/plain", 0),)
    return Act(
        key=key,
        step=step.id,
        actor=ACTORS[office],
        office=office,
        participation=key_of,
        happened_on=happened,
        recorded_at=world_on(day).now,
        given=given,
        private=private,
        documents=documents if any(f.type == "documents" for f in step.takes) else (),
        reason="nachgetragen" if happened != day else None,
    )


def possible(case: Case) -> Iterator[tuple[str, Step, str]]:
    """Yield each step of the case and its participations with an office that may try it."""
    for key, workflow, office in _subjects(case):
        for step in workflow.steps.values():
            for role in sorted(step.by - {"clock", "engine"}):
                if step.origins != frozenset():
                    acting = office if role == "office" else OFFICE_OF.get(role)
                    if acting is not None:
                        yield key, step, acting


def _subjects(case: Case) -> Iterator[tuple[str, Workflow, str]]:
    library = world(START).library
    yield "", library.workflow(case.workflow), ""
    for p in case.participations:
        yield p.key, library.workflow(p.workflow), p.office


def _value(wanted: Field, values: int, day: date, case: Case) -> Any:
    if wanted.optional and values % 5 == 0:
        return None
    return {
        "text": "Wortlaut",
        "wording": "Wortlaut",
        "deviation": "Das sehen wir anders.",
        "office": ("fb-soziales", "dezernat-2", "integration")[values % 3],
        "day": (day + timedelta(days=values % 40)).isoformat(),
        "number": values,
        "bool": values % 2 == 0,
        "body": "Kreistag",
        "finding": 1 + values % max(1, len(case.findings)),
        "facts": {"betrifft_gleichstellung": False, "betrifft_integration": True},
        "points": [{"number": 1, "text": "x"}] * (values % 3),
        "weighing": [
            {"number": 1, "response": ("followed", "partly", "not_followed")[values % 3]}
            | ({"reason": "weil"} if values % 2 else {})
        ],
        "documents": None,
        "choice": wanted.options[values % len(wanted.options)] if wanted.options else None,
    }[wanted.type]


def finished(case: Case) -> bool:
    """Return whether a case has come to its end."""
    meaning = world(START).library.workflow(case.workflow).meaning(case.state)
    return meaning is StateMeans.FINAL
