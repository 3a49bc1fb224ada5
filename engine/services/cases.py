"""Deeds on cases: a measure is registered, an act is taken into its file."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

from engine import clock
from engine.app import App
from engine.core.case import Act, Case, Document, Measure, Outcome, Participation, Seen
from engine.core.checks import step_of
from engine.core.draft import DEMANDED_BY
from engine.core.meanings import StepMeans
from engine.core.procedure import advance, register
from engine.core.workflow import Step, Workflow
from engine.core.world import World
from engine.crash import crashpoint
from engine.errors import InputError, NotFound, Refused
from engine.store import documents
from engine.store.errors import AlreadyKept
from engine.store.store import Store


@dataclass(frozen=True, slots=True)
class Deed:
    """What somebody wants to do, as the edge brings it: plain fields, files by path.

    `key` makes it safe to send twice; without one a fresh key is drawn. `office` may be
    left out where the person holds only one that fits. `documents` are filed already.
    """

    step: str
    person: str
    office: str | None = None
    participation: str = ""
    fields: Mapping[str, Any] = field(default_factory=dict)
    files: tuple[tuple[str, Path], ...] = ()
    documents: tuple[Document, ...] = ()
    happened_on: date | None = None
    reason: str | None = None
    seen: Seen | None = None
    key: str | None = None
    way: str = ""


def register_measure(app: App, measure: Measure, deed: Deed) -> Case:
    """Open the file of a measure; return it with the participations the law demands.

    The step is the workflow's own registration, whatever the deed names.
    """
    return _opened(app, measure, deed, _registration)


def demand_participation(app: App, measure: Measure, deed: Deed) -> Case:
    """Open the file of a measure in which an office that was not asked demands to take part.

    The step is the one by which the acting office demands, or records the demand of another.
    """
    return _opened(app, measure, deed, demanding_step)


def demanding_step(world: World, deed: Deed) -> Step:
    """Return the step by which an office demands to take part; Refused where it has none."""
    workflow = world.library.case_workflow()
    office = world.roster.office(deed.office or office_of(world, person_of(world, deed.person)))
    for step in workflow.steps_meaning(StepMeans.DEMAND):
        if office.kind in step.by:
            return step
    raise Refused(
        f"„{office.name}“ kann keine Beteiligung verlangen: Das tun die Stellen, die beteiligt "
        "werden; der Sitzungsdienst erfasst, was sie schriftlich verlangen.",
        f"'{office.name}' cannot demand to take part: the offices that are heard do so; the "
        "council office records what they demand in writing.",
    )


def _registration(world: World, deed: Deed) -> Step:
    return next(world.library.case_workflow().steps_meaning(StepMeans.REGISTRATION))


def _opened(
    app: App, measure: Measure, deed: Deed, first_step: Callable[[World, Deed], Step]
) -> Case:
    """Open the file of a measure by the step that `first_step` names."""
    filed = _filed(app, deed)
    with app.database.write() as store:
        case = opened_in(app, store, measure, deed, filed, first_step)
        crashpoint("before-registration-commit")
    crashpoint("after-registration-commit")
    return case


def opened_in(
    app: App,
    store: Store,
    measure: Measure,
    deed: Deed,
    filed: tuple[Document, ...],
    first_step: Callable[[World, Deed], Step] | None = None,
) -> Case:
    """Open the file of a measure within a transaction, by its registration if no other step."""
    world = app.world(store)
    before = _known(store, deed.key)
    if before is not None:
        return before
    workflow = world.library.case_workflow()
    first = (first_step or _registration)(world, deed)
    act = _act(world, workflow, replace(deed, step=first.id), filed)
    number = store.cases.next_number(world.today.year)
    outcome = register(clock.new_uid(), number, measure, act, world)
    store.keep(outcome)
    return outcome.case


def take(app: App, number: str, deed: Deed) -> Case:
    """Take a deed into the file of a case; return the case after it.

    The same key a second time changes nothing and returns the case as it stands.
    """
    filed = _filed(app, deed)
    try:
        with app.database.write() as store:
            case = taken_in(app, store, number, deed, filed).case
            crashpoint("before-act-commit")
    except (AlreadyKept, Refused, InputError):
        with app.database.read() as store:
            before = _known(store, deed.key)
        if before is None:
            raise
        return before
    crashpoint("after-act-commit")
    return case


def taken_in(
    app: App, store: Store, number: str, deed: Deed, filed: tuple[Document, ...]
) -> Outcome:
    """Take a deed into the file of a case within a transaction."""
    case = store.cases.get(number)
    world = app.world(store)
    pin = case.workflow
    if deed.participation:
        found = participation_of(case, deed.participation)
        deed = replace(deed, participation=found.key)
        pin = found.workflow
    act = _act(world, world.library.workflow(pin), deed, filed)
    outcome = advance(case, act, world)
    store.keep(outcome)
    return outcome


def participation_key(case: Case, words: str) -> str:
    """Return the key of a participation from its key, or from its office's id alone."""
    rounds = [p for p in case.participations if words in (p.key, p.office)]
    return max(rounds, key=lambda p: p.round).key if rounds else words


def participation_of(case: Case, words: str) -> Participation:
    """Return a participation by its key or office; NotFound names those there are."""
    found = case.participation(participation_key(case, words))
    if found is None:
        known = ", ".join(dict.fromkeys(p.office for p in case.participations)) or "–"
        raise NotFound(
            f"Am Vorgang {case.number} ist „{words}“ nicht beteiligt (sondern: {known}).",
            f"'{words}' takes no part in case {case.number} (but: {known}).",
        )
    return found


def _known(store: Store, key: str | None) -> Case | None:
    """Return the case in whose file the key already stands, or None."""
    found = None if key is None else store.chains.kept(key)
    return None if found is None else store.cases.by_uid(found[0].removeprefix("case/"))


def _filed(app: App, deed: Deed) -> tuple[Document, ...]:
    """Write the files before the transaction that names them (DESIGN 5)."""
    return (*deed.documents, *(file_document(app, kind, path) for kind, path in deed.files))


def file_document(app: App, kind: str, path: Path) -> Document:
    """Write a file among the documents; return how a case names it."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InputError(
            f"Die Datei {path} ist nicht lesbar ({error.strerror}).",
            f"The file {path} cannot be read ({error.strerror}).",
        ) from None
    filed = documents.put(app.config.documents, data)
    return Document(filed.uid, kind, filed.commitment, filed.size, _media(path), 0, path.name)


def _media(path: Path) -> str:
    known = {
        ".pdf": "application/pdf",
        ".png": "image/png",
        ".jpg": "image/jpeg",
        ".txt": "text/plain",
        ".odt": "application/vnd.oasis.opendocument.text",
        ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    }
    return known.get(path.suffix.lower(), "application/octet-stream")


def _act(world: World, workflow: Workflow, deed: Deed, filed: tuple[Document, ...]) -> Act:
    step = step_of(workflow, deed.step)
    given, private = split(step, deed.fields)
    person = person_of(world, deed.person)
    return Act(
        key=deed.key or clock.new_uid(),
        step=step.id,
        actor=person,
        office=deed.office or office_of(world, person),
        happened_on=deed.happened_on or world.today,
        recorded_at=world.now,
        participation=deed.participation,
        given=given,
        private=private,
        documents=filed,
        seen=deed.seen,
        reason=deed.reason,
        way=deed.way,
    )


def split(step: Step, fields: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the fields of a step as its plain ones and those that carry free text."""
    given: dict[str, Any] = {}
    private: dict[str, Any] = {}
    for name, value in fields.items():
        wanted = step.takes_field(name)
        (private if wanted is not None and wanted.private else given)[name] = value
    return given, private


def person_of(world: World, words: str) -> str:
    """Return the uid of a person from her uid, address or name.

    The part of the address before the @ is enough where one person alone has it. NotFound
    where nobody is meant, or more than one.
    """
    if words in world.roster.persons:
        return words
    said = words.strip().casefold()
    if not said:
        # Whoever has no address has the same empty one, and must not be meant by saying nothing.
        raise NotFound(
            "Es ist keine Person genannt. Personen zeigt: office list.",
            "No person is named. 'office list' shows the persons.",
        )
    people = world.roster.persons.values()
    for person in people:
        if said in (person.email.casefold(), person.name.casefold()):
            return person.uid
    short = [p.uid for p in people if p.email.casefold().partition("@")[0] == said]
    if len(short) == 1:
        return short[0]
    raise NotFound(
        f"Niemand heißt hier „{words}“. Personen zeigt: office list.",
        f"Nobody is called '{words}' here. 'office list' shows the persons.",
    )


def office_of(world: World, person: str) -> str:
    """Return the one office that a person holds or deputises today; InputError if unclear."""
    held = [t.office for t in world.roster.tenures if t.person == person and t.covers(world.today)]
    if len(set(held)) == 1:
        return held[0]
    names = ", ".join(sorted(set(held))) or "–"
    raise InputError(
        f"Für welche Stelle handelt „{person}“? Nennen Sie eine mit --office ({names}).",
        f"For which office does '{person}' act? Name one with --office ({names}).",
    )


def reserved(world: World, case: Case, deed: Deed) -> bool:
    """Return whether somebody acts as the very office that takes part, or demands to.

    Only her own log-in can show that it is she; a command line cannot.
    """
    found = case.participation(participation_key(case, deed.participation))
    heard = case.given.get(DEMANDED_BY) if found is None else found.office
    office = deed.office or office_of(world, person_of(world, deed.person))
    return heard is not None and heard == office
