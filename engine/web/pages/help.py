"""Help in plain words: one page for each area, open to everybody."""

from __future__ import annotations

from fastapi.responses import HTMLResponse

from engine.web.access import Action
from engine.web.desk import AtDesk, Hidden
from engine.web.look import TEMPLATES
from engine.web.routes import Pages

pages = Pages()

TOPICS = frozenset(p.stem for p in (TEMPLATES / "help").glob("*.html")) - {"frame", "index"}
"""The areas that have a page of help; a page names its own in the block `help`."""

ALSO = {"sitzungen": "sitzungsdienst", "verbleib": "eingang", "nicht-gemeldet": "eingang"}
"""Pages that are told about under another name than their own."""


@pages.get("/hilfe", Action.PUBLIC)
def contents(desk: AtDesk) -> HTMLResponse:
    """Show where to begin, and what there is help on."""
    return desk.render("help/index.html", topic="")


@pages.get("/hilfe/{topic}", Action.PUBLIC)
def help_on(desk: AtDesk, topic: str) -> HTMLResponse:
    """Show the help on an area."""
    topic = ALSO.get(topic, topic)
    if topic not in TOPICS:
        raise Hidden
    return desk.render(f"help/{topic}.html", topic=topic)
