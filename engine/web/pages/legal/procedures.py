"""The workflows as documents with their picture, their versions and what one changes."""

from __future__ import annotations

from fastapi.responses import Response

from engine.core.workflow import Workflow
from engine.definitions import drawing
from engine.definitions.commentary import Place, commentary
from engine.definitions.differences import KINDS, workflow_changes
from engine.definitions.library import Definitions
from engine.delivery.titles import letter_titles
from engine.errors import Text
from engine.services.versions import versions
from engine.web.access import Action, may
from engine.web.desk import AtDesk, Desk, Hidden
from engine.web.routes import Pages

pages = Pages()


@pages.get("/ablaeufe", Action.RULES)
def list_(desk: AtDesk) -> Response:
    """Show the workflows in force, and what runs by which version."""
    rows = versions(desk.app)
    return desk.render("legal/procedures.html", rows=rows, may_prove=may(desk.actor, Action.PROVE))


@pages.get("/ablaeufe/{id_}", Action.RULES)
def show(desk: AtDesk, id_: str, fassung: str = "") -> Response:
    """Show a workflow as a document that a lawyer can read."""
    definitions, workflow = _workflow(desk, id_, fassung)
    world = desk.world
    places = list(world.municipalities.values())
    place = Place(places[0], world.today) if len(places) == 1 else None
    page = commentary(workflow, definitions, place, letter_titles())
    return desk.render(
        "legal/procedure.html",
        workflow=workflow,
        page=page,
        picture=f"/ablaeufe/{id_}/bild.svg?fassung={workflow.version}",
        versions=_versions(definitions, id_),
    )


def _versions(definitions: Definitions, id_: str) -> list[tuple[str, bool]]:
    """Return the versions of a workflow, the newest last, and which of them is in force."""
    library = definitions.library
    return [
        (w.version, library.current[id_] == w.pin)
        for w in library.workflows.values()
        if w.id == id_
    ]


@pages.get("/ablaeufe/{id_}/bild.svg", Action.RULES)
def picture(desk: AtDesk, id_: str, fassung: str = "") -> Response:
    """Hand out the picture of a workflow."""
    _, workflow = _workflow(desk, id_, fassung)
    return Response(drawing.svg(workflow, desk.language), media_type="image/svg+xml; charset=utf-8")


@pages.get("/ablaeufe/{id_}/unterschied", Action.RULES)
def compare(desk: AtDesk, id_: str, alt: str = "", neu: str = "") -> Response:
    """Show what one version of a workflow says differently from another."""
    definitions, old = _workflow(desk, id_, alt)
    _, new = _workflow(desk, id_, neu)
    return desk.render(
        "legal/differences.html",
        title=new.title,
        up=("/ablaeufe", Text("Abläufe", "Procedures")),
        back=f"/ablaeufe/{id_}",
        old=old.version,
        new=new.version,
        changes=workflow_changes(old, new, definitions, letter_titles()),
        kinds=KINDS,
    )


def _workflow(desk: Desk, id_: str, version: str) -> tuple[Definitions, Workflow]:
    """Return a workflow in force, or one of its versions; Hidden where there is none."""
    with desk.app.database.read() as store:
        definitions = desk.app.definitions(store)
    library = definitions.library
    if id_ not in library.current:
        raise Hidden
    rows = [w for w in library.workflows.values() if w.id == id_ and w.version == version]
    if version and not rows:
        raise Hidden
    return definitions, rows[0] if rows else library.workflow(library.current[id_])
