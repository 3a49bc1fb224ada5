"""Groups of pages: every route names the action that it is about, or does not come to be."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fastapi import APIRouter, Depends, FastAPI
from fastapi.responses import Response

from engine.web.access import Action
from engine.web.desk import guard

Handler = Callable[..., Any]


class Pages:
    """A group of pages under one router; handlers are plain functions."""

    def __init__(self) -> None:
        self.router = APIRouter(default_response_class=Response)

    def get(self, path: str, action: Action) -> Callable[[Handler], Handler]:
        """Register a handler that shows something and changes nothing."""
        return self._route("GET", path, action)

    def post(self, path: str, action: Action) -> Callable[[Handler], Handler]:
        """Register a handler that does something and then leads to a page (303)."""
        return self._route("POST", path, action)

    def _route(self, method: str, path: str, action: Action) -> Callable[[Handler], Handler]:
        def register(handler: Handler) -> Handler:
            self.router.add_api_route(
                path,
                handler,
                methods=[method],
                dependencies=[Depends(guard(action))],
                response_model=None,
                include_in_schema=False,
                name=f"{method} {path}",
                openapi_extra={"action": action.value},
            )
            return handler

        return register


def actions_of(app: FastAPI) -> dict[tuple[str, str], Action]:
    """Return the declared action of every route, by method and path.

    Raises AssertionError for a route that declares none: such an application must not start.
    """
    found: dict[tuple[str, str], Action] = {}
    for route in app.routes:
        if getattr(route, "path", "").startswith("/static"):
            continue
        declared = (getattr(route, "openapi_extra", None) or {}).get("action")
        if declared is None:
            raise AssertionError(f"the route {getattr(route, 'path', route)} declares no action")
        for method in sorted(route.methods):  # type: ignore[attr-defined]
            found[method, route.path] = Action(declared)  # type: ignore[attr-defined]
    return found
