"""The pages: an application over one installation, served to browsers.

`create_app` puts it together and refuses a route that declares no action. Handlers decide
nothing: they build deeds, call services, and show what came of it.
"""

from __future__ import annotations

import logging

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import RedirectResponse, Response
from starlette.exceptions import HTTPException

from engine.app import App
from engine.errors import EngineError, NotFound, Refused, Stale, Text
from engine.store.errors import Unavailable
from engine.web import security
from engine.web.desk import Desk, FactorFirst, Hidden, SignInFirst, desk_of
from engine.web.look import Static
from engine.web.pages import all_pages
from engine.web.refusals import refused, shown
from engine.web.routes import actions_of

log = logging.getLogger("rechtzeitig")


def create_app(app: App, *, demo: bool = False, secure: bool = True) -> FastAPI:
    """Return the application of an installation.

    `demo` offers the log-in by one button, which only a training database allows; `secure`
    says that browsers reach it by https. Raises AssertionError for a route without an action.
    """
    assert not demo or app.training, "a live database has no demo"
    web = FastAPI(title="Rechtzeitig", openapi_url=None, docs_url=None, redoc_url=None)
    web.state.installation = app
    web.state.demo = demo
    web.state.secure = secure
    for pages in all_pages(demo=demo):
        web.router.routes.extend(pages.router.routes)
    web.mount("/static", Static(), name="static")
    _handle_errors(web)
    security.protect(web, secure=secure)
    web.state.actions = actions_of(web)
    return web


def _handle_errors(web: FastAPI) -> None:
    web.add_exception_handler(SignInFirst, _to_sign_in)
    web.add_exception_handler(FactorFirst, _to_factor)
    web.add_exception_handler(Hidden, _hidden)
    web.add_exception_handler(HTTPException, _http_error)
    web.add_exception_handler(RequestValidationError, _hidden)
    web.add_exception_handler(EngineError, _engine_error)
    web.add_exception_handler(Exception, _broken)


def _to_sign_in(request: Request, error: Exception) -> Response:
    path = request.url.path if request.method == "GET" else "/"
    return RedirectResponse(f"/anmelden?weiter={path}" if path != "/" else "/anmelden", 303)


def _to_factor(request: Request, error: Exception) -> Response:
    words = Text(
        "Dieses Haus verlangt die Anmeldung mit Code. Richten Sie sie bitte zuerst ein.",
        "This house demands signing in with a code. Please set it up first.",
    )
    return desk_of(request).back("/konto/code", words)


def _hidden(request: Request, error: Exception) -> Response:
    _tell(request, "nothing here for her")
    return _page(request, 404)


def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return _page(request, error.status_code)


def _engine_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, EngineError)
    if isinstance(error, Refused):
        _tell(request, type(error).__name__)
    return _page(request, _status(error), error.text)


def _status(error: EngineError) -> int:
    if isinstance(error, NotFound):
        return 404
    if isinstance(error, Unavailable):
        return 503
    return 409 if isinstance(error, Refused | Stale) else 422


def _broken(request: Request, error: Exception) -> Response:
    log.error("%s %s", request.method, shown(request.scope["path"]), exc_info=error)
    return _page(request, 500)


def _tell(request: Request, why: str) -> None:
    """Tell the operator what was refused to somebody who is signed in."""
    desk: Desk | None = getattr(request.state, "desk", None)
    if desk is not None and desk.visitor is not None:
        refused(why, request.scope, desk.visitor.account)


def _page(request: Request, status: int, text: Text | None = None) -> Response:
    try:
        return desk_of(request).render("error.html", status, status=status, told=text)
    except EngineError:
        # The database itself is away, and with it everything that a page says of the visitor.
        return Response("503", status, media_type="text/plain")
