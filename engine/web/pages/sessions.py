"""The council office's calendar, one sitting with its papers, and what is missing before it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from fastapi.responses import Response

from engine import clock
from engine.core.meanings import OfficeMeans, StepMeans
from engine.core.offers import Offer, offers
from engine.core.visibility import Actor
from engine.core.world import World
from engine.errors import EngineError, Text
from engine.services import sittings
from engine.services.motions import ORIGINS, concerns
from engine.services.outcomes import council_offices
from engine.services.reading import File, file_of
from engine.services.sittings import case_named
from engine.store.cases import Filter
from engine.web import files
from engine.web.access import Action
from engine.web.desk import AtDesk, Desk
from engine.web.pages.steps import step_path
from engine.web.routes import Pages
from engine.web.shelf import words_at
from engine.web.sittings import Word, named, path_of, places, sitting_from, title_of

pages = Pages()

_ANSWERS = frozenset(
    {
        StepMeans.STATEMENT,
        StepMeans.SUPPLEMENT,
        StepMeans.CONSENT,
        StepMeans.REFUSAL,
        StepMeans.NOT_CONCERNED,
        StepMeans.WAIVER,
        StepMeans.RECEIPT,
    }
)
"""What the council office can record for an office that wrote on paper, or spoke."""

_SHOWN = 20
"""How many cases the page for statements lists by itself."""


@dataclass(frozen=True, slots=True)
class Recordable:
    """A participation with the steps by which the council office records what its office said."""

    number: str
    title: str
    office: str
    steps: tuple[tuple[Text, str], ...]


@pages.get("/sitzungen", Action.SESSIONS)
def calendar(
    desk: AtDesk, ort: Word = "", gremium: Word = "", zeit: Word = "", jahr: Word = ""
) -> Response:
    """Show the sittings, of one body or municipality if that is asked for."""
    past = zeit == "vergangen"
    rows = sittings.calendar(
        desk.app,
        desk.acting,
        municipality=ort or None,
        body=gremium or None,
        past=past,
    )
    world = desk.world
    several = len(world.municipalities) > 1
    return desk.render(
        "sessions/calendar.html",
        rows=[
            (row, path_of(row.sitting), world.place(row.sitting.municipality).name) for row in rows
        ],
        places=places(world) if several else [],
        bodies=[
            (b, b)
            for b in sorted(
                {
                    *sittings.bodies(world, ort or None),
                    *(r.sitting.body for r in rows),
                    *filter(None, [gremium]),
                }
            )
        ],
        chosen={"ort": ort, "gremium": gremium, "zeit": zeit},
        past=past,
    )


@pages.get("/sitzungen/sitzung", Action.SESSIONS)
def sitting(desk: AtDesk, ort: Word = "", gremium: Word = "", tag: Word = "") -> Response:
    """Show a sitting: the days before it, its papers, and what can be done about it."""
    return show_sitting(desk, sitting_from(desk, ort, gremium, tag))


def show_sitting(
    desk: Desk,
    at: sittings.Sitting,
    told: Text | None = None,
    sent: dict[str, str] | None = None,
    waiting: files.Offered | None = None,
) -> Response:
    """Return the page of a sitting; with `told` as the answer to a form that could not be taken."""
    world = desk.world
    return desk.render(
        "sessions/sitting.html",
        200 if told is None else 422,
        agenda=sittings.agenda(desk.app, desk.acting, at),
        title=title_of(at, world),
        named=named(at),
        links={page: path_of(at, page) for page in ("verlegen", "absagen", "ergebnisse")},
        held=at.day <= world.today,
        told=told,
        sent=sent or {},
        waiting=waiting or files.offered(desk),
        key=clock.new_uid(),
        origins=ORIGINS,
        concerns=concerns(world),
        leads=_leads(world),
    )


def _leads(world: World) -> list[tuple[str, str]]:
    """Return the departments that may have the lead in a motion."""
    rows = world.roster.offices.values()
    return [(o.id, o.name) for o in rows if world.roster.means(o.id) is OfficeMeans.DEPARTMENT]


@pages.get("/sitzungen/vorlagenschluss", Action.SESSIONS)
def closing(desk: AtDesk) -> Response:
    """Show the coming sittings with papers whose participations are not settled."""
    world = desk.world
    rows = sittings.without_note(desk.app, desk.acting)
    return desk.render(
        "sessions/closing.html",
        agendas=[(row, title_of(row.sitting, world), path_of(row.sitting)) for row in rows],
        today=world.today,
    )


@pages.get("/sitzungen/eingang", Action.SESSIONS)
def statements(desk: AtDesk, vorgang: Word = "") -> Response:
    """Lead to the step that records a statement given on paper or orally."""
    told: Text | None = None
    found: list[Recordable] = []
    try:
        if vorgang.strip():
            case = case_named(desk.app, desk.acting, vorgang)
            found = list(_recordable(file_of(desk.app, case.number), desk.acting))
        else:
            found = _waiting(desk)
    except EngineError as error:
        told = error.text
    return desk.render(
        "sessions/statements.html",
        200 if told is None else 422,
        found=found,
        asked=vorgang,
        told=told,
    )


def _waiting(desk: Desk) -> list[Recordable]:
    """Return the participations that wait for an answer, those whose period ends first first."""
    with desk.app.database.read() as store:
        rows = store.cases.upcoming(Filter(seen_by=desk.acting), limit=_SHOWN)
    files = (file_of(desk.app, row.number) for row in rows)
    return [found for file in files for found in _recordable(file, desk.acting)]


def _recordable(file: File, actor: Actor) -> Iterator[Recordable]:
    """Yield the participations of a case in which the council office may record an answer."""
    case, world = file.case, file.world
    offered = [
        o
        for o in offers(case, world, council_offices(world, actor))
        if o.open and o.participation and o.step.means in _ANSWERS
    ]
    for p in case.participations:
        own = [o for o in offered if o.participation == p.key]
        if own:
            steps = tuple((o.step.title, _path(case.number, o)) for o in own)
            name = world.roster.office(p.office).name
            yield Recordable(case.number, case.measure.title, name, steps)


def _path(number: str, offer: Offer) -> str:
    return step_path(number, offer)


@pages.get("/sitzungen/getan/{token}", Action.SESSIONS)
def done(desk: AtDesk, token: str) -> Response:
    """Show what came of each case, after several deeds at once."""
    said = words_at(desk, token)
    return desk.render("sessions/done.html", said=said)
