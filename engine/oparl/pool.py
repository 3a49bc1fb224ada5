"""Keeps the objects of all pages by their ids, so that references find what they name."""

from __future__ import annotations

from typing import Any

from engine.errors import Text
from engine.oparl.models import (
    AgendaItem,
    Consultation,
    Meeting,
    Organization,
    Paper,
    Part,
    usable,
)
from engine.oparl.pages import kind
from engine.oparl.records import RecordProblem

MODELS: dict[str, type[Part]] = {
    model.__name__: model for model in (Organization, Meeting, AgendaItem, Paper, Consultation)
}

NO_ID = Text(
    "Das Objekt hat keine lesbare `id` und bleibt außer Betracht; OParl verlangt sie.",
    "The object has no legible `id` and is left out; OParl demands one.",
)
NO_TYPE = Text(
    "Das ist kein OParl-Objekt: Ihm fehlt ein `type` wie https://schema.oparl.org/1.1/Paper.",
    "This is no OParl object: it has no `type` such as https://schema.oparl.org/1.1/Paper.",
)
TWICE = Text(
    "Dasselbe Objekt kam schon vor und lautete anders; es gilt das zuerst gelesene.",
    "The same object came before and read differently; the one read first counts.",
)


class Pool:
    """The objects read so far and the problems met on the way.

    The same object may come twice (a list grew between two pages, files overlap). Where
    the two differ, the first is used and the second is a problem.
    """

    def __init__(self) -> None:
        self.problems: list[RecordProblem] = []
        self._papers: dict[str, Paper] = {}
        self._meetings: dict[str, Meeting] = {}
        self._organizations: dict[str, Organization] = {}
        self._consultations: dict[str, Consultation] = {}
        self._of_paper: dict[str, list[Consultation]] = {}
        self._agenda: dict[str, AgendaItem] = {}
        self._of_meeting: dict[str, list[AgendaItem]] = {}
        self._for_consultation: dict[str, list[AgendaItem]] = {}

    def take(self, thing: Any, source: str, pointer: str) -> None:
        """Keep an object; what is illegible in it, and an object of no type, is a problem."""
        name = kind(thing)
        if name is None:
            self.problems.append(RecordProblem(source, pointer, NO_TYPE))
        if name not in MODELS:
            return
        part, flaws = usable(MODELS[name], thing)
        if part is None or part.id is None:
            flaws.append(("", NO_ID))
        elif not self._keep(part):
            flaws.append(("", TWICE))
        self.problems += [RecordProblem(source, pointer + at, text) for at, text in flaws]

    def papers(self) -> tuple[Paper, ...]:
        """Return the papers that are not deleted, in the order read."""
        return tuple(paper for paper in self._papers.values() if not paper.deleted)

    def deleted_papers(self) -> tuple[str, ...]:
        """Return the ids of the papers that the source marks as deleted."""
        return tuple(paper.id for paper in self._papers.values() if paper.deleted)

    def meetings(self) -> tuple[Meeting, ...]:
        """Return the meetings in the order read, deleted ones too."""
        return tuple(self._meetings.values())

    def agenda(self, meeting: Meeting) -> tuple[AgendaItem, ...]:
        """Return the items on the agenda of a meeting that are not deleted, in the order read.

        They stand within the meeting, or elsewhere with its id.
        """
        return tuple(i for i in self._of_meeting.get(meeting.id, ()) if not i.deleted)

    def meeting(self, reference: str | None) -> Meeting | None:
        """Return the meeting of this id, unless it is unknown or deleted."""
        found = self._meetings.get(reference or "")
        return found if found and not found.deleted else None

    def name(self, reference: str) -> str | None:
        """Return the name of the body or department of this id, if it is known."""
        found = self._organizations.get(reference)
        return found.name if found else None

    def consultations(self, paper: Paper) -> tuple[Consultation | None, ...]:
        """Return the consultations of a paper, None for each that it names but nobody has.

        They stand within the paper, or elsewhere with a reference one way or the other.
        """
        own = [
            self._consultations.get(c.id) if c.is_reference and c.id else c
            for c in paper.consultations
        ]
        named = {c.id for c in paper.consultations if c.id}
        others = [c for c in self._of_paper.get(paper.id, []) if c.id not in named]
        return tuple(c for c in [*own, *others] if c is None or not c.deleted)

    def agenda_item(self, consultation: Consultation) -> AgendaItem | None:
        """Return the agenda item of a consultation, if the records leave no doubt about it.

        The consultation names its item, or a single item names the consultation. An item
        on the agenda of another meeting than the consultation's is not the one.
        """
        item = self._agenda.get(consultation.agenda_item or "")
        naming = [item] if item else self._for_consultation.get(consultation.id or "", [])
        held = consultation.meeting
        fitting = [i for i in naming if held is None or i.meeting in (None, held)]
        return fitting[0] if len(fitting) == 1 else None

    def _keep(self, part: Part) -> bool:
        """Keep an object under its id; return whether it says what an earlier one said."""
        match part:
            case Paper():
                return self._papers.setdefault(part.id, part) == part
            case Organization():
                return self._organizations.setdefault(part.id, part) == part
            case Meeting():
                return self._keep_meeting(part)
            case AgendaItem():
                return self._keep_item(part)
            case Consultation():
                return self._keep_consultation(part)
        return True

    def _keep_meeting(self, part: Meeting) -> bool:
        first = self._meetings.setdefault(part.id, part)
        for item in part.agenda if first is part else ():
            self._keep_item(item.model_copy(update={"meeting": part.id}))
        return first == part

    def _keep_item(self, item: AgendaItem) -> bool:
        if item.id and self._agenda.setdefault(item.id, item) is not item:
            return self._agenda[item.id] == item
        if item.meeting:
            self._of_meeting.setdefault(item.meeting, []).append(item)
        if item.consultation and not item.deleted:
            self._for_consultation.setdefault(item.consultation, []).append(item)
        return True

    def _keep_consultation(self, part: Consultation) -> bool:
        if part.id and self._consultations.setdefault(part.id, part) is not part:
            return self._consultations[part.id] == part
        if part.paper:
            self._of_paper.setdefault(part.paper, []).append(part)
        return True
