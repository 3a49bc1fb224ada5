"""What stands on each page of somebody who reads cases by a grant: until when, and who learns."""

from __future__ import annotations

from dataclasses import dataclass

from engine.core.wording import day_text, moment_text
from engine.errors import Text
from engine.services.accounts import Visitor
from engine.services.legal.readers import last_day
from engine.store.grants import EMERGENCY, CaseGrant

READING = "/akteneinsicht"
EMERGENCY_PAGE = "/verwaltung/notzugriff"


@dataclass(frozen=True, slots=True)
class Looking:
    """A grant in force as a banner: its words and where it leads; an emergency can be ended."""

    title: Text
    words: Text
    path: str
    label: Text
    emergency: bool


def looking(visitor: Visitor) -> tuple[Looking, ...]:
    """Return the banners of what is granted to a visitor now."""
    return tuple(_emergency(g) if g.kind == EMERGENCY else _inspection(g) for g in visitor.grants)


def _emergency(grant: CaseGrant) -> Looking:
    number, until = grant.cases[0].number, moment_text(grant.ends_at)
    return Looking(
        Text(f"Notzugriff bis {until.de}", f"Emergency access until {until.en}"),
        Text(
            "Jeder Blick wird eingetragen. Die beteiligten Stellen und das Rechtsamt sind "
            "benachrichtigt.",
            "Every look is entered. The offices that take part and the legal office have been "
            "told.",
        ),
        f"/vorhaben/{number}",
        Text(f"Vorgang {number}", f"case {number}"),
        emergency=True,
    )


def _inspection(grant: CaseGrant) -> Looking:
    until = day_text(last_day(grant))
    return Looking(
        Text(f"Prüfzugang bis {until.de}", f"Access for inspection until {until.en}"),
        Text(
            "Nur zum Lesen. Jeder Blick wird eingetragen; das Rechtsamt kann es einsehen.",
            "For reading only. Every look is entered; the legal office can see it.",
        ),
        READING,
        Text("Akten, die Ihnen offenstehen", "files opened to you"),
        emergency=False,
    )
