"""Whether the documents are complete: what provisions demand, what is there, what is missing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from engine.core.case import Case, Participation
from engine.core.checks import provisions_of
from engine.core.draft import Draft
from engine.core.situation import documents_missing
from engine.core.world import World
from engine.errors import Text


@dataclass(frozen=True, slots=True)
class Complete:
    """A kind of document that must be there before somebody is informed, and whether it is."""

    kind: Text
    there: bool


def completeness(case: Case, world: World, subject: Participation | None = None) -> list[Complete]:
    """Return each kind of document that provisions demand, and whether the case has it.

    `subject` asks for one participation alone.
    """
    draft = Draft(case, world)
    missing = documents_missing(draft, subject, world.today)
    demanded = {k for p in _subjects(draft, subject) for k in _demanded(draft, p)}
    return [Complete(_kind(k), k not in missing) for k in sorted(demanded | set(missing))]


def _subjects(draft: Draft, subject: Participation | None) -> list[Participation]:
    return draft.current() if subject is None else [subject]


def _demanded(draft: Draft, p: Participation) -> Iterator[str]:
    for provision in provisions_of(draft, p, draft.world.today):
        if provision.duty is not None:
            yield from provision.duty.documents


def _kind(kind: str) -> Text:
    said = kind.replace("_", " ").capitalize()
    return Text(said, said)
