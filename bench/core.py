"""What a decision costs by itself: no database, no file, values in and values out."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

from bench.installation import OFFICE, PERSON, STEPS, definitions, measured_case
from bench.rounds import microseconds
from engine import shipped
from engine.core.calendar import local_day
from engine.core.case import Act, Case, Document, Measure, Stage, digest
from engine.core.checks import roles
from engine.core.draft import Draft
from engine.core.ledger import FIRST, Line, Sealed, seal
from engine.core.machine import permitted
from engine.core.offices import Office, Person, Roster, Tenure
from engine.core.procedure import advance, register, settle
from engine.core.situation import situation
from engine.core.world import Municipality, World
from engine.definitions.library import Definitions, compile_all, offered

AIM_US = 40.0
"""What `advance` alone shall cost at most."""

NOW = datetime(2026, 3, 23, 11, tzinfo=UTC)
_SALT = bytes(32)
_COMMISSIONERS = {
    "beauftragte": "betrifft_integration",
    "gleichstellungsbeauftragte": "betrifft_gleichstellung",
}


@dataclass(frozen=True, slots=True)
class Cost:
    """What one call of something costs, in microseconds."""

    what: str
    us: float


@dataclass(frozen=True, slots=True)
class Scene:
    """A case, an act that is permitted in it, and the world of that instant."""

    name: str
    case: Case
    act: Act
    world: World


def measured(seconds: float) -> Iterator[Cost]:
    """Yield what each decision costs, and its parts, each measured for about so long."""
    lives = list(_lives())
    yield Cost("advance, measured life, mean of its 8 steps", _mean_of(lives, seconds))
    for scene in _hearing():
        yield Cost(f"advance, {scene.name}", _mean_of([scene], seconds))
    scene = lives[5]
    yield from _parts(scene, seconds)


def _mean_of(scenes: list[Scene], seconds: float) -> float:
    def all_of_them() -> None:
        for s in scenes:
            advance(s.case, s.act, s.world)

    return microseconds(all_of_them, seconds=seconds, block=5) / len(scenes)


def _parts(scene: Scene, seconds: float) -> Iterator[Cost]:
    case, act, world = scene.case, scene.act, scene.world
    draft = Draft(case, world)
    workflow = draft.workflow
    step = workflow.steps[act.step]
    seen = situation(draft, workflow, None, act)
    [role] = roles(draft, None, act.office) & step.by
    [entry] = advance(case, act, world).entries
    line = Line(
        entry.stream,
        entry.type,
        entry.actor,
        entry.office,
        entry.recorded_at,
        entry.happened_on,
        entry.key,
        entry.part,
        entry.plain,
        entry.private,
    )

    def sealed() -> Sealed:
        return seal(line, log="bench", seq=7, uid="0" * 32, salt=_SALT, prev=FIRST)

    size = len(sealed().header)
    later = world.at(NOW + timedelta(days=90), local_day(NOW + timedelta(days=90)))
    yield Cost(
        "permitted", microseconds(lambda: permitted(workflow, seen, step, role), seconds=seconds)
    )
    yield Cost("settle, nothing due", microseconds(lambda: settle(case, world), seconds=seconds))
    yield Cost(
        "settle, one deadline lapsed", microseconds(lambda: settle(case, later), seconds=seconds)
    )
    yield Cost("digest of the case", microseconds(lambda: digest(case), seconds=seconds))
    yield Cost(f"seal of a header of {size} bytes", microseconds(sealed, seconds=seconds))
    plain = json.loads(sealed().header)
    yield Cost("limit: json.dumps of it", microseconds(lambda: json.dumps(plain), seconds=seconds))


def _lives() -> Iterator[Scene]:
    """Yield each step of the measured life with the case as it stands before."""
    compiled = compile_all(definitions("lifecycle"))
    roster = Roster(
        kinds=compiled.kinds,
        offices={OFFICE: Office(OFFICE, "fachbereich", "Fachbereich Messung")},
        persons={PERSON: Person(PERSON, "Anna Messer", "messer@stelle.example")},
        tenures=(Tenure(OFFICE, PERSON),),
    )
    world = _world(compiled, roster, Municipality("messstelle", "Messstelle", "BB", "BB"))
    act = Act("0", "anmelden", PERSON, OFFICE, world.today, world.now)
    case = register("c" * 32, "V-2026-0001", measured_case(), act, world).case
    for number, step in enumerate(STEPS, start=1):
        act = replace(act, key=str(number), step=step)
        yield Scene(step, case, act, world)
        case = advance(case, act, world).case


def _hearing() -> Iterator[Scene]:
    """Yield two steps of the shipped hearing, with two commissioners who take part."""
    compiled = compile_all(offered(shipped.workflows(), shipped.rules()))
    offices = {"lead": Office("lead", "fachbereich", "Fachbereich")}
    people, tenures = {}, []
    for kind, fact in _COMMISSIONERS.items():
        offices[kind] = Office(kind, kind, kind, concern=fact)
    for office in offices:
        people[office] = Person(office, office, f"{office}@stelle.example")
        tenures.append(Tenure(office, office))
    roster = Roster(kinds=compiled.kinds, offices=offices, persons=people, tenures=tuple(tenures))
    world = _world(
        compiled, roster, Municipality("musterheide", "Landkreis Musterheide", "BB", "BB")
    )
    act = Act("0", "anmelden", "lead", "lead", world.today, world.now, documents=(_paper(),))
    case = register("c" * 32, "V-2026-0001", _touching(compiled), act, world).case
    heard = next(p for p in case.participations if p.office == "beauftragte")
    inform = replace(act, key="1", step="informieren", participation=heard.key, documents=())
    yield Scene(f"{heard.form}: informieren", case, inform, world)
    case = advance(case, inform, world).case
    state = replace(
        inform,
        key="2",
        step="stellungnahme",
        actor=heard.office,
        office=heard.office,
        given={"ergebnis": "bedenken"},
        private={"wortlaut": "Der Zugang fehlt.", "punkte": [{"number": 1, "text": "Zugang"}]},
    )
    yield Scene(f"{heard.form}: stellungnahme", case, state, world)


def _world(compiled: Definitions, roster: Roster, place: Municipality) -> World:
    return World(
        library=compiled.library,
        roster=roster,
        calendars=compiled.calendars,
        municipalities={place.id: place},
        today=local_day(NOW),
        now=NOW,
    )


def _paper() -> Document:
    return Document("d" * 32, "vorlage", "0" * 64, 1_000, "application/pdf", 0, "Vorlage.pdf")


def _touching(compiled: Definitions) -> Measure:
    facts = dict.fromkeys(compiled.library.facts, False)
    return Measure(
        title="Neubau eines Begegnungszentrums",
        kind="beschlussvorlage",
        origin="administration",
        lead="lead",
        municipality="musterheide",
        facts=facts | dict.fromkeys(_COMMISSIONERS.values(), True),
        stages=(Stage("Ausschuss", date(2026, 5, 12)), Stage("Kreistag", date(2026, 6, 11))),
    )
