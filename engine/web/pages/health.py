"""What monitoring asks of a running server; nothing in it tells of a case.

Whoever asks from this machine, or brings the token of config.yaml, is answered. To everybody
else there is nothing here. What came through a proxy did not come from this machine.
"""

from __future__ import annotations

import hmac
from ipaddress import ip_address

from fastapi import Request
from fastapi.responses import JSONResponse, Response

from engine.app import App
from engine.errors import EngineError
from engine.services.health import health
from engine.services.metrics import metrics
from engine.store import schema
from engine.web.access import Action
from engine.web.desk import AtDesk, Desk, Hidden
from engine.web.routes import Pages

pages = Pages()

FORWARDED = ("forwarded", "x-forwarded-for", "x-real-ip", "via")
"""Headers by which a proxy says that somebody else is asking."""

_METRICS = "text/plain; version=0.0.4; charset=utf-8"


@pages.get("/healthz", Action.MONITOR)
def healthz(desk: AtDesk) -> Response:
    """Say whether somebody must be woken: 200, or 503 with what is wrong."""
    _must_be_monitoring(desk)
    try:
        found = health(desk.app)
    except EngineError as error:
        return _unavailable(error)
    return JSONResponse(found.plain, 200 if found.well else 503)


@pages.get("/readyz", Action.MONITOR)
def readyz(desk: AtDesk) -> Response:
    """Say whether this process can answer: its database is there, and is the one it works with."""
    _must_be_monitoring(desk)
    try:
        with desk.app.database.read() as store:
            schema.require(store.connection, desk.app.database.place)
    except EngineError as error:
        return _unavailable(error)
    return JSONResponse({"status": "ok"})


@pages.get("/metrics", Action.MONITOR)
def figures(desk: AtDesk) -> Response:
    """Hand out the figures for Prometheus."""
    _must_be_monitoring(desk)
    try:
        return Response(metrics(health(desk.app)), media_type=_METRICS)
    except EngineError as error:
        return _unavailable(error)


def _unavailable(error: EngineError) -> Response:
    said = {"status": "failing", "de": error.text.de, "en": error.text.en}
    return JSONResponse(said, 503)


def _must_be_monitoring(desk: Desk) -> None:
    if not (_from_here(desk.request) or _has_token(desk.app, desk.request)):
        raise Hidden


def _from_here(request: Request) -> bool:
    if request.client is None or any(name in request.headers for name in FORWARDED):
        return False
    try:
        return ip_address(request.client.host).is_loopback
    except ValueError:
        return False


def _has_token(app: App, request: Request) -> bool:
    named = app.config.settings.watch.token_file
    given = request.headers.get("authorization", "").removeprefix("Bearer ").strip()
    if named is None or not given:
        return False
    try:
        token = app.config.path(named).read_text().strip()
    except OSError:
        return False
    return bool(token) and hmac.compare_digest(given.encode(), token.encode())
