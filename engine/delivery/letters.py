"""The facts of a letter, gathered from notice, case and law on the day it is written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from engine.app import App
from engine.core.calendar import local_day
from engine.core.case import Case, Entry, Participation
from engine.core.checks import provisions_of
from engine.core.draft import Draft
from engine.core.next_steps import next_steps
from engine.core.offices import Person
from engine.core.phrases import norm
from engine.core.rules import Provision
from engine.core.wording import day_text
from engine.core.workflow import Field
from engine.core.world import World
from engine.delivery.links import Personal
from engine.errors import Text
from engine.store.outbox import Owed
from engine.store.store import Store

LATE = timedelta(hours=1)
"""A letter that leaves this long after it was due says so."""

_MANNERS = {
    "followed": Text("wird gefolgt", "will be followed"),
    "partly": Text("wird teilweise gefolgt", "will be followed in part"),
    "not_followed": Text("wird nicht gefolgt", "will not be followed"),
}


def facts(
    app: App,
    store: Store,
    world: World,
    owed: Owed,
    person: Person,
    deputy: bool,
    personal: Personal | None = None,
) -> dict[str, Any]:
    """Return everything a template may ask for, in the person's language.

    `personal` is the link that the letter brings her, if it brings one.
    """
    language = person.language
    if not owed.case:
        return _without_case(app, world, owed, person, deputy)
    case = store.cases.by_uid(owed.case)
    subject = case.participation(owed.participation)
    texts = _Texts(store, world, case, owed)
    provisions = _provisions(world, case, subject, owed)
    roster = world.roster
    last_day = _day(owed.facts.get("day"))
    settings = app.config.settings
    link = settings.link
    return {
        "administration": settings.administration,
        "office": roster.office(owed.office).name,
        "person": person.name,
        "deputy": deputy,
        "reference": case.number,
        "title": None if case.confidential else case.measure.title,
        "link": None if link is None else f"{link.rstrip('/')}/vorhaben/{case.number}",
        "personal": None if personal is None else personal.address,
        "personal_until": None if personal is None else personal.until,
        "lead": roster.office(case.measure.lead).name,
        "about": _about(world, subject, owed),
        "day": None if last_day is None else day_text(last_day).in_(language),
        "days_left": _days_left(world, case, last_day),
        "planned": _day_words(owed.facts.get("planned"), language),
        "period": _period(world, case, owed, language),
        "norms": [norm(p).in_(language) for p in provisions],
        "unchecked": any(p.unchecked for p in provisions),
        "session": _session(world, case, language),
        "next": _next(world, case, owed, language),
        "late": _late(owed, world.now, language),
        "missing": [],
        "result": texts.result(language),
        "reason": texts.reason(),
        "rung": _stage(world, owed),
        "ladder": [],
        "statement": texts.statement(),
        "points": texts.points(language),
        "items": [],
        "training": app.training,
    }


def _without_case(
    app: App, world: World, owed: Owed, person: Person, deputy: bool
) -> dict[str, Any]:
    """Return the facts of a letter that is owed for no case: what its notice brings along."""
    listed = [{"link": None, **item[person.language]} for item in owed.facts.get("items", ())]
    office = world.roster.office(owed.office).name
    link = app.config.settings.link
    said = owed.facts.get("statement")
    return general(app, office, person, deputy=deputy, items=listed, link=link, statement=said)


def _about(world: World, subject: Participation | None, owed: Owed) -> str | None:
    """Return the name of the office that a letter is about, None where it is about none."""
    office = owed.facts.get("about") if subject is None else subject.office
    return None if office is None else world.roster.office(office).name


def general(app: App, office: str, person: Person, **changes: Any) -> dict[str, Any]:
    """Return the facts of a letter that belongs to no single case."""
    bare: dict[str, Any] = dict.fromkeys(_KEYS)
    bare |= {"norms": [], "missing": [], "ladder": [], "points": [], "items": []}
    bare |= {"deputy": False, "unchecked": False, "training": app.training}
    bare |= {"administration": app.config.settings.administration, "office": office}
    return {**bare, "person": person.name, **changes}


_KEYS = [
    "reference",
    "title",
    "link",
    "personal",
    "personal_until",
    "lead",
    "about",
    "day",
    "days_left",
    "planned",
    "period",
    "session",
    "next",
    "late",
    "result",
    "reason",
    "rung",
    "statement",
]


def _provisions(
    world: World, case: Case, subject: Participation | None, owed: Owed
) -> tuple[Provision, ...]:
    """Return the norms of the letter by today's law, the highest rank first."""
    if subject is not None:
        return provisions_of(Draft(case, world), subject, world.today)
    ids = owed.facts.get("provisions") or ()
    return tuple(world.library.provision(i) for i in dict.fromkeys(ids))


def _day(value: str | None) -> date | None:
    return None if value is None else date.fromisoformat(value)


def _day_words(value: str | None, language: str) -> str | None:
    day = _day(value)
    return None if day is None else day_text(day).in_(language)


def _period(world: World, case: Case, owed: Owed, language: str) -> str | None:
    """Return what the deadline that a letter is about is called, None where it names none."""
    key = owed.facts.get("deadline")
    if key is None:
        return None
    subject = case.participation(key[0])
    pin = case.workflow if subject is None else subject.workflow
    rule = world.library.workflow(pin).deadlines.get(key[1])
    return None if rule is None else rule.title.in_(language)


def _days_left(world: World, case: Case, last_day: date | None) -> int | None:
    if last_day is None:
        return None
    calendar = world.calendar(case.measure.municipality)
    return calendar.working_days_between(world.today, last_day)


def _session(world: World, case: Case, language: str) -> str | None:
    coming = [s for s in case.measure.stages if s.day is not None and s.day >= world.today]
    if not coming or coming[0].day is None:
        return None
    return f"{coming[0].body}, {day_text(coming[0].day).in_(language)}"


def _next(world: World, case: Case, owed: Owed, language: str) -> str | None:
    for step in next_steps(case, world):
        if step.participation == owed.participation:
            return step.what.in_(language)
    return None


def _late(owed: Owed, now: datetime, language: str) -> str | None:
    if "due" not in owed.facts:
        return None
    due = datetime.fromisoformat(owed.facts["due"])
    if now - due < LATE:
        return None
    day = day_text(local_day(due))
    words = Text(
        f"verspätet versandt wegen Ausfall; fällig war {day.de}",
        f"sent late after an interruption; it was due on {day.en}",
    )
    return words.in_(language)


def _stage(world: World, owed: Owed) -> int | None:
    """Return the level of escalation: the rungs after the last day count from 1."""
    number = owed.facts.get("rung")
    ladder = world.library.ladders.get(owed.facts.get("ladder") or "")
    if number is None or ladder is None:
        return None
    rungs = [r.number for r in ladder.rungs if not r.before]
    return rungs.index(number) + 1 if number in rungs else None


class _Texts:
    """The free texts of a participation, as its steps brought them."""

    def __init__(self, store: Store, world: World, case: Case, owed: Owed) -> None:
        self._library = world.library
        self._act = owed.facts.get("act")
        entries = (stored.entry for stored in store.chains.lines(case.stream))
        self._said = [e for e in entries if e.plain.get("participation", "") == owed.participation]
        self._confidential = case.confidential

    def _fields(self, types: Iterable[str]) -> list[tuple[Entry, Field, Any]]:
        """Return the fields of these types that were given; what was erased is not there."""
        wanted = frozenset(types)
        found = []
        for entry in self._said:
            for field in self._takes(entry):
                where = entry.private if field.private else entry.plain.get("given", {})
                value = where.get(field.name)
                if field.type in wanted and value is not None:
                    found.append((entry, field, value))
        return found

    def _takes(self, entry: Entry) -> tuple[Field, ...]:
        pin = entry.plain.get("definition")
        step = None if pin is None else self._library.workflow(pin).steps.get(entry.type)
        return () if step is None else step.takes

    def _is_it(self, entry: Entry) -> bool:
        """Return whether it is the very act that the letter is about."""
        return [entry.key, entry.part] == self._act

    def _last(self, *types: str, of_act: bool = False) -> tuple[Field, Any] | None:
        for entry, field, value in reversed(self._fields(types)):
            if not of_act or self._is_it(entry):
                return field, value
        return None

    def statement(self) -> str | None:
        found = None if self._confidential else self._last("wording")
        return None if found is None else str(found[1])

    def reason(self) -> str | None:
        if self._confidential:
            return None
        found = self._last("deviation", of_act=True) or self._last("text", of_act=True)
        return None if found is None else str(found[1])

    def result(self, language: str) -> str | None:
        """Return the choice that the step came to: of several, the first it asks for."""
        for entry, field, value in self._fields(["choice"]):
            if self._is_it(entry) and value in field.labels:
                return field.labels[value].in_(language)
        return None

    def points(self, language: str) -> list[dict[str, Any]]:
        asked = self._last("points")
        weighed = self._last("weighing", of_act=True)
        answers = {p["number"]: p for p in weighed[1]} if weighed is not None else {}
        rows = asked[1] if asked is not None else []
        return [] if self._confidential else [_point(p, answers, language) for p in rows]


def _point(point: Mapping[str, Any], answers: Mapping[int, Any], language: str) -> dict[str, Any]:
    answer = answers.get(point["number"], {})
    manner = _MANNERS.get(answer.get("response", ""))
    return {
        "number": point["number"],
        "text": point["text"],
        "response": None if manner is None else manner.in_(language),
        "reason": answer.get("reason"),
    }
