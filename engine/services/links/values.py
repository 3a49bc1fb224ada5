"""What the personal links speak of: what they offer and show, and why one opens nothing."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from engine.core.case import Case, Deadline, Document, Participation
from engine.core.world import World
from engine.errors import NotFound, Refused, Text

VISIT_FOR = timedelta(minutes=60)
"""How long a visit lasts that a link has opened."""

OPENED, FETCHED, ASKED_AGAIN = "link_opened", "link_document", "link_asked"
"""The types of the entries that links leave in the strand of looks."""


class Why(StrEnum):
    """Why a link or a visit opens nothing."""

    UNKNOWN = "unknown"
    USED = "used"
    EXPIRED = "expired"
    REPLACED = "replaced"
    AWAY = "away"
    OVER = "over"


_WORDS = {
    Why.UNKNOWN: Text(
        "Dieser Link gilt nicht. Prüfen Sie, ob er vollständig aus der Nachricht übernommen ist.",
        "This link is no good. Check whether it was taken whole from the message.",
    ),
    Why.USED: Text(
        "Dieser Link wurde schon verwendet; er gilt nur ein Mal.",
        "This link was used already; it works only once.",
    ),
    Why.EXPIRED: Text(
        "Dieser Link ist abgelaufen; er galt 14 Tage.",
        "This link has expired; it was good for 14 days.",
    ),
    Why.REPLACED: Text(
        "Dieser Link gilt nicht mehr: Ein neuer ist an seine Stelle getreten. Sie finden ihn in "
        "der neuesten Nachricht zu diesem Vorgang.",
        "This link is no longer good: a new one has taken its place. You find it in the newest "
        "message about this case.",
    ),
    Why.AWAY: Text(
        "Dieser Link gehört zu einer Stelle, für die derzeit jemand anderes handelt. Er öffnet "
        "darum nichts.",
        "This link belongs to an office for which somebody else acts at present. So it opens "
        "nothing.",
    ),
    Why.OVER: Text(
        "Die Beteiligung, zu der dieser Link gehört, ist beendet.",
        "The participation to which this link belongs has ended.",
    ),
}


class LinkOver(Refused):
    """A link that opens nothing; `again` says that its bearer may ask for a new one."""

    def __init__(self, why: Why, language: str | None = None) -> None:
        super().__init__(_WORDS[why].de, _WORDS[why].en)
        self.why = why
        self.language = language
        self.again = why in (Why.USED, Why.EXPIRED)


@dataclass(frozen=True, slots=True)
class Offered:
    """What a good link offers before it is used: nothing of the case is said yet.

    `receipt` says that opening it confirms the receipt.
    """

    language: str
    protected: bool
    receipt: bool


@dataclass(frozen=True, slots=True)
class Opened:
    """A visit that was opened: its token, and whether the receipt was confirmed by it."""

    token: str = field(repr=False)
    until: datetime
    receipt: bool


@dataclass(frozen=True, slots=True)
class Visit:
    """What somebody sees by a link: one case, and of it only what her letter could say.

    `documents` are none in a case that is no public matter. `in_place_of` are the holders for
    whom a deputy acts, `help_from` the offices that take a statement on paper.
    """

    case: Case
    world: World
    participation: Participation
    language: str
    until: datetime
    documents: tuple[Document, ...]
    deadlines: tuple[Deadline, ...]
    in_place_of: tuple[str, ...]
    help_from: tuple[str, ...]

    @property
    def protected(self) -> bool:
        """Whether only reference and date may be told."""
        return self.case.confidential


@dataclass(frozen=True, slots=True)
class SentLink:
    """The newest link of a participation, for those who may have it sent again."""

    person: str
    made_at: datetime
    expires_at: datetime
    used_at: datetime | None


def no_visit() -> NotFound:
    """Return that nothing is open here, whatever it is that was asked for."""
    return NotFound(
        "Es ist kein Besuch offen. Ein Besuch dauert höchstens eine Stunde; öffnen Sie den "
        "Link aus Ihrer Nachricht.",
        "No visit is open. A visit lasts an hour at most; open the link of your message.",
    )
