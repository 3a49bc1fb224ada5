"""The training county, played once a session and served on loopback for browsers and clients."""

from __future__ import annotations

import shutil
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import ClassVar

import pytest
import uvicorn
from anyio.from_thread import BlockingPortal, start_blocking_portal
from fastapi import FastAPI
from starlette.testclient import TestClient

from engine.app import App, open_app
from engine.clock import SystemClock
from engine.services.cases import person_of
from engine.services.demo import Play
from engine.services.reading import house_of
from engine.services.training_clock import TrainingClock
from engine.web import create_app
from engine.worker import one_round


@dataclass
class County:
    """A county of its own: its installation, its pages, and where they are served."""

    app: App
    web: FastAPI
    clock: TrainingClock
    folder: Path
    url: str = ""

    loop: ClassVar[BlockingPortal | None] = None
    """The one loop in which all clients ask, as on a server: else each question starts its own."""

    def client(self, person: str | None = None) -> TestClient:
        """Return a client of the pages; signed in as somebody by the first part of her address."""
        client = TestClient(self.web, base_url="http://127.0.0.1", follow_redirects=False)
        client.portal = self.loop
        client.headers["Sec-Fetch-Site"] = "same-origin"
        if person is not None:
            sign_in(client, self.uid(person))
        return client

    def uid(self, person: str) -> str:
        """Return the uid of a person by the first part of her address."""
        if person == "administrator":
            return person
        return person_of(house_of(self.app), person)


def token_in(page: str) -> str:
    """Return the token that the forms of a page carry."""
    return page.partition('name="_csrf" value="')[2].partition('"')[0]


def sign_in(client: TestClient, person: str) -> None:
    """Enter the demo as a person."""
    token = token_in(client.get("/uebung").text)
    answer = client.post("/uebung", data={"_csrf": token, "person": person})
    assert answer.status_code == 303, answer.text


@pytest.fixture(scope="session")
def played(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder of a county whose script has been played; copied, never used itself."""
    folder = tmp_path_factory.mktemp("county") / "demo"
    folder.mkdir()
    play = Play(folder, SystemClock())
    for scene in play.scenes():
        if isinstance(scene, date):
            one_round(play.app)
    play.app.close()
    with start_blocking_portal() as County.loop:
        yield folder
    County.loop = None


def county_in(played: Path, folder: Path) -> County:
    """Return a county of one's own, copied from one that was played."""
    shutil.copytree(played, folder)
    clock = TrainingClock(folder)
    app = open_app(folder, clock)
    return County(app, create_app(app, demo=True, secure=False), clock, folder)


@pytest.fixture
def county(played: Path, tmp_path: Path) -> Iterator[County]:
    """A county of this test's own."""
    made = county_in(played, tmp_path / "county")
    yield made
    made.app.close()


@pytest.fixture(scope="module")
def served(played: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[County]:
    """A county of this module's own, served on loopback."""
    made = county_in(played, tmp_path_factory.mktemp("served") / "county")
    with serving(made):
        yield made
    made.app.close()


@contextmanager
def serving(county: County) -> Iterator[None]:
    """Serve a county on a free port of loopback while the block runs."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    county.url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    settings = uvicorn.Config(county.web, log_level="error", server_header=False)
    server = uvicorn.Server(settings)
    thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    try:
        yield
    finally:
        server.should_exit = True
        thread.join(10)
        listener.close()
