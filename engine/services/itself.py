"""The installation as the author of an entry: what nobody in person did."""

from __future__ import annotations

from engine import clock
from engine.app import App
from engine.core.calendar import local_day
from engine.store.roster import By

SETUP = "setup"


def by(app: App, what: str) -> By:
    """Return who set something up: the installation itself, under a key of its own."""
    now = app.clock.now()
    return By(SETUP, "", now, local_day(now), f"{what}:{clock.new_uid()}")
