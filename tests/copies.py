"""An installation that is made once and copied as often as it is needed, on either store.

To make one takes seconds, to copy it a fraction: its folder, and on PostgreSQL its database, of
which the copy is made by the server itself (CREATE DATABASE ... TEMPLATE).
"""

from __future__ import annotations

import shutil
from pathlib import Path

import yaml

from engine.app import App, open_app
from engine.clock import Clock
from engine.config import NAME
from tests.installation import House
from tests.torture.servers import Postgres, name_of


class Original:
    """An installation at which nobody works any more; `server` holds its database, None on SQLite."""

    def __init__(self, made: House, server: Postgres | None = None) -> None:
        with made.app.database.read() as store:
            made.app.world(store)
        made.app.close()
        self._made, self._server = made, server

    def copied(self, folder: Path, clock: Clock) -> App:
        """Return a copy of it in `folder`, which must not be there yet."""
        shutil.copytree(self._made.folder, folder)
        if self._server is not None:
            _point(folder, self._server.fresh(name_of(_url(folder))))
        app = open_app(folder, clock)
        self.warm(app)
        return app

    def warm(self, app: App) -> None:
        """Spare a copy the compiling of the same definitions, which would take most of the time."""
        app._parts, app._position = self._made.app._parts, self._made.app._position

    def drop(self, app: App) -> None:
        """Close a copy and delete its database, where a server holds it."""
        app.close()
        if self._server is not None:
            self._server.drop(app.config.settings.database)


def _url(folder: Path) -> str:
    return str(yaml.safe_load((folder / NAME).read_text())["database"])


def _point(folder: Path, url: str) -> None:
    settings = yaml.safe_load((folder / NAME).read_text())
    settings["database"] = url
    (folder / NAME).write_text(yaml.safe_dump(settings, allow_unicode=True))
