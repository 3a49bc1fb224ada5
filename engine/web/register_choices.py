"""What may be chosen when a measure is registered: bodies, sittings, kinds, and the like."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from engine.core.case import Case
from engine.core.conditions import Condition, Is, Not, Within
from engine.core.meanings import OfficeMeans, StepMeans
from engine.core.wording import day_text
from engine.core.workflow import Field
from engine.core.world import Session, World
from engine.errors import Text

DEPARTMENT, HEAD, BODY = "verwaltung", "leitung", "gremium:"
"""Who decides: the administration, its head, or a body, named with its municipality."""

MEASURE_KIND = "measure.kind"
USUAL = "beschlussvorlage"

ORIGINS = (
    ("administration", Text("Verwaltung", "administration")),
    ("fraction", Text("Fraktion", "group of the council")),
    ("amendment", Text("Änderungsantrag", "amendment")),
    ("other", Text("andere", "others")),
)
SECRECY = (
    ("public", Text("öffentlich", "public")),
    ("non_public", Text("nichtöffentlich", "not public")),
    ("personnel", Text("Personalsache", "personnel matter")),
)

_KINDS = {
    "beschlussvorlage": Text("Beschlussvorlage", "paper for decision"),
    "personalmassnahme": Text("Personalmaßnahme", "staff measure"),
    "kuendigung": Text("Kündigung", "dismissal"),
    "mitwirkung": Text("Angelegenheit der Mitwirkung", "matter for consultation"),
    "bauleitplan": Text("Bauleitplan", "land-use plan"),
    "beiratsvorlage": Text("Vorlage für den Beirat", "paper for the board"),
    "prozess": Text("Prozess in Abschnitten", "process in parts"),
}
"""What the kinds of measure in the shipped packs are called; others are called by their id."""


def kinds(world: World) -> list[tuple[str, Text]]:
    """Return the kinds of measure that rules or procedures in force tell apart, the usual first."""
    found = {USUAL: None}
    for place in world.municipalities.values():
        for provision in world.library.in_force(world.today, place):
            found |= dict.fromkeys(_kinds_in(provision.when))
    for pin in world.library.current.values():
        for step in world.library.workflow(pin).steps.values():
            found |= dict.fromkeys(_kinds_in(step.when))
    plain = {k: k.replace("_", " ").capitalize() for k in found}
    return [(k, _KINDS.get(k, Text(plain[k], plain[k]))) for k in found]


def _kinds_in(condition: Condition) -> Iterator[str]:
    match condition:
        case Is(name, accepted):
            if name == MEASURE_KIND:
                yield from sorted(str(v) for v in accepted)
        case Not(part):
            yield from _kinds_in(part)
        case Within():
            return
        case _:
            for part in condition.parts:
                yield from _kinds_in(part)


def coming(world: World) -> list[Session]:
    """Return the sittings from today on that are not cancelled, the next first."""
    rows = (s for s in world.sessions.values() if not s.cancelled and s.day >= world.today)
    return sorted(rows, key=lambda s: (s.day, s.body))


def sitting_text(session: Session, world: World) -> Text:
    """Return a sitting in words, with its municipality where there are several."""
    day = day_text(session.day)
    place = ""
    if len(world.municipalities) > 1:
        place = f" ({world.place(session.municipality).name})"
    return Text(f"{session.body}{place}, {day.de}", f"{session.body}{place}, {day.en}")


def deciders(world: World, earlier: Iterable[Case]) -> list[tuple[str, Text]]:
    """Return who may decide: administration, its head, and the bodies that are known.

    Bodies are known by the calendar and by earlier measures; where none is, the two that
    every municipality has are named.
    """
    known = {(s.municipality, s.body): None for s in coming(world)}
    for case in earlier:
        place = case.measure.municipality
        known |= {(place, s.body): None for s in case.measure.stages}
    if not known:
        known = {(p, b): None for p in world.municipalities for b in ("Ausschuss", "Vertretung")}
    several = len(world.municipalities) > 1
    bodies = [
        (f"{BODY}{place}:{body}", f"{body} ({world.place(place).name})" if several else body)
        for place, body in sorted(known, key=lambda row: row[1])
    ]
    return [
        *((value, Text(name, name)) for value, name in bodies),
        (HEAD, _head(world)),
        (DEPARTMENT, Text("Verwaltung", "administration")),
    ]


def _head(world: World) -> Text:
    """Return what the head of administration is called in this house."""
    roster = world.roster
    names = [o.name for o in roster.offices.values() if roster.means(o.id) is OfficeMeans.HEAD]
    if names:
        return Text(names[0], names[0])
    return Text("Leitung der Verwaltung", "head of administration")


def place_of(decider: str, sitting: str, world: World) -> str:
    """Return the municipality of a sitting, else of the body that decides, else the first."""
    session = world.sessions.get(sitting)
    if session is not None:
        return session.municipality
    place = decider.removeprefix(BODY).partition(":")[0] if decider.startswith(BODY) else ""
    return place if place in world.municipalities else next(iter(world.municipalities))


def firm_choice(world: World) -> Field | None:
    """Return the field in which the information says what is fixed already, if a form has one.

    It is the choice that a step of information may take along.
    """
    for pin in world.library.current.values():
        for step in world.library.workflow(pin).steps_meaning(StepMeans.INFORMATION):
            for wanted in step.takes:
                if wanted.type == "choice" and wanted.optional:
                    return wanted
    return None
