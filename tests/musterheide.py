"""The county of Musterheide, which does not exist: a world of values for tests."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import count
from typing import Any

from engine import shipped
from engine.core.calendar import BERLIN
from engine.core.case import Act, Case, Document, Measure, Outcome, Seen, Stage
from engine.core.offices import Absence, Office, Person, Roster, Tenure
from engine.core.procedure import advance, register, settle
from engine.core.world import Library, Municipality, World
from engine.definitions.library import Definitions, compile_all, offered

COUNTY = Municipality("musterheide", "Landkreis Musterheide", "BB", "BB")

OFFICES = (
    Office("fb-soziales", "fachbereich", "Fachbereich Soziales", superior="dezernat-2"),
    Office("dezernat-2", "fachbereich", "Dezernat II", superior="landrat"),
    Office("landrat", "hvb", "Landrätin"),
    Office("rechtsamt", "rechtsamt", "Rechtsamt"),
    Office("sitzungsdienst", "sitzungsdienst", "Sitzungsdienst"),
    Office("vorsitz", "vorsitz", "Vorsitz des Kreistags"),
    Office("integration", "beauftragte", "Integrationsbeauftragte", concern="betrifft_integration"),
    Office("behinderung", "beauftragte", "Behindertenbeauftragter", concern="betrifft_behinderung"),
)

TENURES = (
    Tenure("fb-soziales", "weber"),
    Tenure("dezernat-2", "krause"),
    Tenure("landrat", "lange"),
    Tenure("rechtsamt", "neumann"),
    Tenure("sitzungsdienst", "sommer"),
    Tenure("vorsitz", "berger"),
    Tenure("integration", "yilmaz"),
    Tenure("integration", "berg", deputy=True),
    Tenure("behinderung", "thiel"),
)

PERSONS = tuple(
    Person(t.person, t.person.capitalize(), f"{t.person}@musterheide.example") for t in TENURES
)

NEXT = count(1)


@lru_cache(maxsize=1)
def definitions() -> Definitions:
    """Return the shipped definitions, compiled once."""
    return compile_all(offered(shipped.workflows(), shipped.rules()))


def library() -> Library:
    """Return the shipped library."""
    return definitions().library


def roster(*absences: Absence, without: str = "") -> Roster:
    """Return the county's offices; `without` leaves one office vacant."""
    return Roster(
        kinds=definitions().kinds,
        offices={o.id: o for o in OFFICES},
        persons={p.uid: p for p in PERSONS},
        tenures=tuple(t for t in TENURES if t.office != without),
        absences=absences,
        position=1,
    )


def noon(day: date) -> datetime:
    """Return noon of a local day in UTC."""
    return datetime.combine(day, time(12), BERLIN).astimezone(UTC)


def world(today: date, *, people: Roster | None = None, now: datetime | None = None) -> World:
    """Return the county's world at noon of a day."""
    return World(
        library=library(),
        roster=people or roster(),
        calendars=definitions().calendars,
        municipalities={COUNTY.id: COUNTY},
        today=today,
        now=now or noon(today),
    )


NOBODY = dict.fromkeys(definitions().library.facts, False)


def measure(**changes: Any) -> Measure:
    """Return the measure most tests speak of."""
    usual = Measure(
        title="Neubau eines Begegnungszentrums",
        kind="beschlussvorlage",
        origin="administration",
        lead="fb-soziales",
        municipality=COUNTY.id,
        facts={**NOBODY, "betrifft_integration": True},
        stages=(
            Stage("Sozialausschuss", date(2026, 5, 12)),
            Stage("Kreistag", date(2026, 6, 11), "entscheidung"),
        ),
    )
    return replace(usual, **changes)


PAPER = Document("d1", "vorlage", "c1", 1000, "application/pdf", 1, "Vorlage.pdf")
INTEGRATION = "integration/anhoerung/1"
ACTORS = {t.office: t.person for t in TENURES if not t.deputy}
POINTS = [{"number": 1, "text": "Zugang"}, {"number": 2, "text": "Sprache"}]


def act(
    step: str,
    day: date,
    office: str = "fb-soziales",
    participation: str = "",
    *,
    private: dict[str, Any] | None = None,
    happened_on: date | None = None,
    documents: tuple[Document, ...] = (),
    key: str | None = None,
    seen: Seen | None = None,
    actor: str | None = None,
    **given: Any,
) -> Act:
    """Return an act of an office's holder, recorded at noon of `day`."""
    return Act(
        key=key or f"k{next(NEXT)}",
        step=step,
        actor=actor or ACTORS.get(office, "nobody"),
        office=office,
        participation=participation,
        happened_on=happened_on or day,
        recorded_at=noon(day),
        given=given,
        private=private or {},
        documents=documents,
        seen=seen,
        reason="nachgetragen" if happened_on not in (None, day) else None,
    )


def registered(day: date, **changes: Any) -> Outcome:
    """Return the case of the measure, registered on a day with its paper."""
    taken = act("anmelden", day, documents=(PAPER,))
    return register("c" * 32, "V-2026-0001", measure(**changes), taken, world(day))


def after(case: Case, *acts: Act) -> Case:
    """Return the case after several acts, each in the world of its day."""
    for taken in acts:
        case = advance(case, taken, world(taken.recorded_at.astimezone(BERLIN).date())).case
    return case


def informed(day: date) -> Case:
    """Return a case whose commissioner was informed, and confirmed it, on a day."""
    case = registered(day).case
    return after(
        case,
        act("informieren", day, participation=INTEGRATION),
        act("eingang", day, "integration", INTEGRATION),
    )


def state(case: Case, key: str = INTEGRATION) -> str:
    """Return the state of a participation."""
    found = case.participation(key)
    assert found is not None, key
    return found.state


def later(case: Case, day: date) -> Case:
    """Return the case after the clock alone, at noon of a day."""
    return settle(case, world(day)).case


ONE_DAY = timedelta(days=1)
