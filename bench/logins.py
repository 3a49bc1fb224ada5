"""What guessing passwords costs the server: hashes, memory, and what the time taken tells.

All of it goes through the whole application (guard, brakes, pages) by in-process clients, with
passwords stretched at full cost, in a process of its own so that the memory is that of the
flood alone. Ten minutes pass on a clock that is set: every third second each of fifty places
tries once, as many at a time as a small server has threads at work.
"""

from __future__ import annotations

import logging
import multiprocessing
import re
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from statistics import median

from fastapi import FastAPI
from starlette.testclient import TestClient

from bench.installation import PERSON, SetClock, install
from bench.sweep import BEFORE, at
from engine.app import App
from engine.services import accounts, vault
from engine.web import create_app

HASHES, MEMORY, DIFFERENCE = 300, 150.0, 5.0
"""Limits: hashes in ten minutes, MB above the process at rest, ms between known and unknown."""

PLACES, ROUNDS, EVERY = 50, 200, timedelta(seconds=3)
AT_ONCE = 16
LOGIN, NOBODY, PASSWORD = "messer@stelle.example", "niemand@stelle.example", "vier Boote ohne Ruder"


@dataclass(frozen=True, slots=True)
class Flooded:
    """What came of the flood: tries, hashes, MB at rest and at the most, and whether she got in."""

    tries: int
    hashes: int
    rest: float
    most: float
    let_in: bool
    seconds: float

    @property
    def more(self) -> float:
        """MB that the flood took above the process at rest."""
        return self.most - self.rest


@dataclass(frozen=True, slots=True)
class Told:
    """The median time of a refusal for a name that there is and one that there is not, in ms.

    `cpu` is by how much more CPU time the name that there is takes: where other work disturbs
    the clock on the wall, that still tells.
    """

    known: float
    unknown: float
    cpu: float
    tries: int

    @property
    def difference(self) -> float:
        """How far apart they are, in ms."""
        return abs(self.known - self.unknown)


def measured(folder: Path, rounds: int = ROUNDS, pairs: int = 60) -> tuple[Flooded, Told]:
    """Return what a flood of `rounds` costs, and what refusals tell after `pairs` of them."""
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as alone:
        return alone.submit(_measured, folder, rounds, pairs).result()


def _measured(folder: Path, rounds: int, pairs: int) -> tuple[Flooded, Told]:
    logging.disable(logging.WARNING)
    app = install(folder / "logins", "sweep", clock=SetClock(at(BEFORE)))
    accounts.accept(app, accounts.invite(app, PERSON, LOGIN, by_mail=False), PASSWORD)
    web = create_app(app, secure=False)
    told = _told(app, web, pairs)
    flooded = _flooded(app, web, rounds)
    app.close()
    return flooded, told


@dataclass
class _Browser:
    """A browser at some place, with the sign-in form before it."""

    client: TestClient
    token: str

    @classmethod
    def at(cls, web: FastAPI, address: str) -> _Browser:
        client = TestClient(web, "http://127.0.0.1", follow_redirects=False, client=(address, 1))
        client.headers["Sec-Fetch-Site"] = "same-origin"
        found = re.search(r'name="_csrf" value="([0-9a-f]+)"', client.get("/anmelden").text)
        assert found is not None
        return cls(client, found[1])

    def tries(self, login: str, password: str) -> int:
        """Send the form; return the status of the answer."""
        data = {"_csrf": self.token, "name": login, "kennwort": password}
        return self.client.post("/anmelden", data=data).status_code


def _told(app: App, web: FastAPI, pairs: int) -> Told:
    """Time refusals in turns, each from a place of its own, so that no brake has a say."""
    times: dict[str, list[float]] = {LOGIN: [], NOBODY: []}
    cpu: dict[str, list[float]] = {LOGIN: [], NOBODY: []}
    for n in range(pairs):
        for login in (LOGIN, NOBODY) if n % 2 else (NOBODY, LOGIN):
            browser = _Browser.at(web, f"10.0.{n}.{len(login)}")
            begun, worked = time.perf_counter(), time.process_time()
            status = browser.tries(login, "falsch geraten")
            times[login].append((time.perf_counter() - begun) * 1e3)
            cpu[login].append((time.process_time() - worked) * 1e3)
            assert status == 422, status
    more = median(cpu[LOGIN]) - median(cpu[NOBODY])
    return Told(median(times[LOGIN]), median(times[NOBODY]), more, pairs)


def _flooded(app: App, web: FastAPI, rounds: int) -> Flooded:
    clock = app.clock
    assert isinstance(clock, SetClock)
    browsers = [_Browser.at(web, f"192.0.2.{n}") for n in range(PLACES)]
    with ThreadPoolExecutor(AT_ONCE) as many, _counted() as hashes:
        rest, begun = _memory("VmRSS"), time.perf_counter()
        _forget_most()
        for _ in range(rounds):
            clock.instant += EVERY
            list(many.map(lambda b: b.tries(LOGIN, "falsch geraten"), browsers))
        seconds, most, count = time.perf_counter() - begun, _memory("VmHWM"), len(hashes)
    let_in = _Browser.at(web, "198.51.100.7").tries(LOGIN, PASSWORD) == 303
    return Flooded(rounds * PLACES, count, rest, most, let_in, seconds)


@contextmanager
def _counted() -> Iterator[list[None]]:
    """Count the passwords that are stretched while the block runs."""
    real, found, turn = vault.stretched, list[None](), threading.Lock()

    def stretched(password: str, salt: bytes, cost: str = vault.COST) -> vault.Stretched:
        with turn:
            found.append(None)
        return real(password, salt, cost)

    vault.stretched = stretched
    try:
        yield found
    finally:
        vault.stretched = real


def _memory(what: str) -> float:
    """Return what Linux says of this process's resident memory, in MB."""
    said = Path("/proc/self/status").read_text()
    found = re.search(rf"{what}:\s+(\d+) kB", said)
    assert found is not None
    return int(found[1]) / 1024


def _forget_most() -> None:
    """Let the most that was resident begin anew from now (proc(5), clear_refs)."""
    Path("/proc/self/clear_refs").write_text("5")
