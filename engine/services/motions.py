"""Motions and papers that come at short notice: registered, and passed on the same day.

A motion is no paper of a department. The council office opens its file and passes it on to
whoever takes part, and the office has its own clock from then on. How that is done the
workflow says; here it is found by what its steps mean.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from engine.app import App
from engine.core.case import Case, Document, Measure, Stage
from engine.core.conditions import Value
from engine.core.meanings import StepMeans
from engine.core.offers import Offer, offers
from engine.core.visibility import Actor
from engine.core.workflow import Step
from engine.core.world import World
from engine.errors import EngineError, InputError, NotFound, Refused, Text
from engine.oparl import Origin
from engine.services.cases import Deed, register_measure, take
from engine.services.outcomes import council_offices
from engine.services.radar import alike
from engine.services.reading import house_of
from engine.services.sittings import Sitting

KIND = "beschlussvorlage"
ORIGINS: tuple[tuple[str, Text], ...] = (
    (Origin.FRACTION.value, Text("Antrag einer Fraktion", "motion of a parliamentary group")),
    (Origin.AMENDMENT.value, Text("Änderungsantrag", "amendment")),
    (Origin.OTHER.value, Text("anderer Antrag", "other motion")),
    (Origin.ADMINISTRATION.value, Text("Vorlage der Verwaltung", "paper of the administration")),
)
"""Where a paper comes from, as rules ask it (`measure.origin`)."""


@dataclass(frozen=True, slots=True)
class Motion:
    """A motion or a paper, as the council office notes it in one line.

    `touches` are facts that hold; with `nothing_else` all others are denied, otherwise they
    stay open. `added` says that it came onto the agenda at short notice.
    """

    title: str
    origin: str
    reference: str | None = None
    lead: str | None = None
    touches: frozenset[str] = frozenset()
    nothing_else: bool = False
    confidentiality: str = "public"
    added: bool = False
    reason: str = ""


@dataclass(slots=True)
class Brought:
    """The file of a motion, to whom it was passed on, what failed, and a file much like it."""

    case: Case
    passed: list[str] = field(default_factory=list)
    failed: dict[str, Text] = field(default_factory=dict)
    like: str | None = None


def concerns(world: World) -> list[tuple[str, Text]]:
    """Return the facts that touch an office's field, each with the names of those offices."""
    found: dict[str, list[str]] = {}
    for office in world.roster.offices.values():
        if office.concern is not None and office.concern in world.library.facts:
            found.setdefault(office.concern, []).append(office.name)
    return [(fact, Text(", ".join(rows), ", ".join(rows))) for fact, rows in found.items()]


def bring_in(
    app: App,
    actor: Actor,
    sitting: Sitting,
    motion: Motion,
    *,
    documents: tuple[Document, ...] = (),
    key: str,
) -> Brought:
    """Open the file of a motion and pass it on to whoever takes part; return what came of it.

    Each is a deed of its own under a key that follows from `key`, so that it may be sent
    twice. Refuses a second file for the same number.
    """
    world = house_of(app)
    office = _office(world, actor)
    measure = _measure(world, sitting, motion, office)
    like = _twin(app, measure, key)
    deed = Deed(step="", person=actor.person, office=office, documents=documents, key=key)
    case = register_measure(app, measure, deed)
    done = Brought(case, like=like)
    if motion.added:
        add = partial(_add, app, actor, office, case, sitting, motion.reason, f"{key}:top")
        _try(done, "", add)
    _pass_on(app, actor, office, done, key)
    return done


def add_item(app: App, actor: Actor, sitting: Sitting, case: Case, reason: str, key: str) -> Case:
    """Record that a case came onto the agenda of a sitting at short notice; return it after."""
    office = _office(house_of(app), actor)
    return _add(app, actor, office, case, sitting, reason, key)


def item_added(world: World, case: Case) -> Step:
    """Return the step that records an item added at short notice; NotFound if there is none."""
    workflow = world.library.workflow(case.workflow)
    for step in workflow.steps_meaning(StepMeans.ITEM_ADDED):
        if step.reschedules is not None:
            return step
    raise NotFound(
        f"Der Ablauf „{workflow.title.de}“ kennt keinen Schritt, der eine Tischvorlage einträgt.",
        f"The workflow '{workflow.title.en}' has no step that records an item added late.",
    )


def _measure(world: World, sitting: Sitting, motion: Motion, office: str) -> Measure:
    if not motion.title.strip():
        raise InputError("Der Titel fehlt.", "The title is missing.")
    if motion.origin not in {origin for origin, _ in ORIGINS}:
        raise InputError(
            "Wählen Sie, von wem der Antrag kommt.", "Choose from whom the motion comes."
        )
    own = motion.origin == Origin.ADMINISTRATION.value
    if own and not motion.lead:
        raise InputError(
            "Nennen Sie zu einer Vorlage der Verwaltung die federführende Stelle.",
            "Name the lead department of a paper of the administration.",
        )
    return Measure(
        title=motion.title.strip(),
        kind=KIND,
        origin=motion.origin,
        lead=motion.lead or office,
        municipality=sitting.municipality,
        facts=_facts(world, sitting.municipality, motion),
        stages=(Stage(sitting.body, sitting.day, "entscheidung"),),
        confidentiality=motion.confidentiality,
        reference=(motion.reference or "").strip() or None,
    )


def _facts(world: World, municipality: str, motion: Motion) -> dict[str, Value]:
    """Return the facts as stated; a table in force answers its own fact from its questions."""
    known = world.library.facts
    rows = world.library.tables(world.today, world.place(municipality))
    answered = {p.table.answers for p in rows if p.table is not None}
    denied = [f for f in known if f not in answered] if motion.nothing_else else []
    held = [f for f in motion.touches if f in known]
    return {**dict.fromkeys(denied, False), **dict.fromkeys(held, True)}


def _office(world: World, actor: Actor) -> str:
    offices = council_offices(world, actor)
    if not offices:
        raise Refused(
            "Anträge aus der Vertretung nimmt der Sitzungsdienst entgegen.",
            "The council office takes motions from the council.",
        )
    return offices[0]


def _twin(app: App, measure: Measure, key: str) -> str | None:
    """Return a case with nearly the same title; Refused where one bears the same number."""
    with app.database.read() as store:
        known = store.chains.kept(key) is not None
        words = app.definitions(store).radar
    match = None if known or words is None else alike(app, measure)
    if match is not None and match.sure:
        raise Refused(
            f"Zur Nummer {measure.reference} gibt es schon den Vorgang {match.case}. Ein Vorhaben "
            "wird nicht zweimal geführt; tragen Sie es dort als Tischvorlage ein.",
            f"There already is the case {match.case} for the number {measure.reference}. No "
            "measure is kept twice; enter it there as an item added late.",
        )
    return None if match is None else match.case


def _pass_on(app: App, actor: Actor, office: str, done: Brought, key: str) -> None:
    world = house_of(app)
    for offer in _informing(done.case, world, office):
        name = world.roster.office(_heard(done.case, offer)).name
        deed = Deed(
            offer.step.id,
            actor.person,
            office,
            participation=offer.participation,
            key=f"{key}:{offer.participation}",
        )
        if _try(done, name, partial(take, app, done.case.number, deed)):
            done.passed.append(name)


def _informing(case: Case, world: World, office: str) -> list[Offer]:
    """Return the steps by which the council office itself informs those who take part."""
    found = offers(case, world, [office])
    return [
        o
        for o in found
        if o.open
        and o.participation
        and o.step.means is StepMeans.INFORMATION
        # The lead department's own way of informing stays with it.
        and _by_council_office(o.step, world, office)
    ]


def _by_council_office(step: Step, world: World, office: str) -> bool:
    return world.roster.office(office).kind in step.by


def _heard(case: Case, offer: Offer) -> str:
    found = case.participation(offer.participation)
    assert found is not None, "an offer names a participation of the case"
    return found.office


def _add(
    app: App, actor: Actor, office: str, case: Case, sitting: Sitting, reason: str, key: str
) -> Case:
    step = item_added(house_of(app), case)
    assert step.reschedules is not None, "item_added returns such steps only"
    fields: dict[str, str] = {
        step.reschedules.body: sitting.body,
        step.reschedules.day: sitting.day.isoformat(),
    }
    words = next((f for f in step.takes if f.type in ("text", "wording")), None)
    if words is not None and reason.strip():
        fields[words.name] = reason.strip()
    return take(app, case.number, Deed(step.id, actor.person, office, fields=fields, key=key))


def _try(done: Brought, name: str, deed: Callable[[], Case]) -> bool:
    """Do one of several deeds; return whether it was done, and keep why it was not."""
    try:
        done.case = deed()
    except EngineError as error:
        done.failed[name] = error.text
        return False
    return True
