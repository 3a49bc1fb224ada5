"""Meine Textbausteine: written, changed and deleted by whom they belong to, seen by nobody else."""

from __future__ import annotations

from fastapi.responses import Response
from starlette.datastructures import FormData

from engine.errors import EngineError, Text
from engine.web import text_modules
from engine.web.access import Action
from engine.web.desk import AtDesk, Desk, Sent
from engine.web.routes import Pages

pages = Pages()

PLACE = "/textbausteine"

SAVED = Text("Der Textbaustein ist gespeichert.", "The text module is saved.")


@pages.get(PLACE, Action.PRIVATE)
def own(desk: AtDesk) -> Response:
    """Show the visitor's own text modules, with a form for a new one."""
    return _all(desk)


@pages.post(PLACE, Action.PRIVATE)
def add(desk: AtDesk, sent: Sent) -> Response:
    """Keep a new text module."""
    try:
        _keep(desk, "", sent)
    except EngineError as error:
        return _all(desk, sent, error.text)
    return desk.back(PLACE, SAVED)


@pages.get(f"{PLACE}/{{name}}", Action.PRIVATE)
def one(desk: AtDesk, name: str) -> Response:
    """Show one of the visitor's own text modules to be changed; there is none for others."""
    return _one(desk, name)


@pages.post(f"{PLACE}/{{name}}", Action.PRIVATE)
def change(desk: AtDesk, sent: Sent, name: str) -> Response:
    """Change one of the visitor's own text modules."""
    text_modules.module(desk, name)
    try:
        _keep(desk, name, sent)
    except EngineError as error:
        return _one(desk, name, sent, error.text)
    return desk.back(PLACE, SAVED)


@pages.post(f"{PLACE}/{{name}}/loeschen", Action.PRIVATE)
def delete(desk: AtDesk, name: str) -> Response:
    """Forget one of the visitor's own text modules."""
    gone = text_modules.module(desk, name)
    text_modules.drop(desk, name)
    return desk.back(PLACE, Text(f"„{gone.title}“ ist gelöscht.", f"'{gone.title}' is deleted."))


def _keep(desk: Desk, name: str, sent: FormData) -> None:
    title, words = str(sent.get("titel", "")), str(sent.get("wortlaut", ""))
    text_modules.keep(desk, name, title, words)


def _all(desk: Desk, sent: FormData | None = None, told: Text | None = None) -> Response:
    return desk.render(
        "commissioner/modules.html",
        200 if told is None else 422,
        rows=text_modules.modules(desk),
        opens=desk.me.key is not None,
        sent=sent or {},
        told=told,
    )


def _one(desk: Desk, name: str, sent: FormData | None = None, told: Text | None = None) -> Response:
    held = text_modules.module(desk, name)
    return desk.render(
        "commissioner/module.html",
        200 if told is None else 422,
        module=held,
        sent=sent or {"titel": held.title, "wortlaut": held.words},
        told=told,
    )
