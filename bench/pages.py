"""What a page costs on the server, among few cases and among a million.

Ten thousand cases are laid down by the sweep's seeding, through the real `keep`; more are copies
of their rows (cases and deadlines, under names of their own, without a log), because a list reads
nothing else. A page is asked for through the whole application (guard, session, authorisation,
templates) by an in-process client, so each figure is an upper bound of the server's time.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from sqlalchemy import text
from starlette.testclient import TestClient

from bench.installation import PERSON, SetClock, install
from bench.sweep import BEFORE, at, seed
from engine.app import App
from engine.core.offices import Office, Person, Tenure
from engine.services import accounts
from engine.services.setup import by
from engine.store.tables.base import Row
from engine.web import create_app

LIMIT = 0.030
"""Seconds of server time that a list and a case page may take at the median."""

WATCHER, STRANGER = "waechter", "fremd"
ASKS = 40

SEEDED = 10_000
"""Cases that are laid down with their whole file."""

_COPIED: dict[str, dict[str, str]] = {
    "kase": {
        "id": "id + :offset",
        "uid": "lower(hex(randomblob(16)))",
        "number": "printf('V-2026-%07d', id + :offset)",
    },
    "deadline": {"case_id": "case_id + :offset"},
}
"""What differs between a case's row and its copy."""


@dataclass(frozen=True, slots=True)
class Paged:
    """The median of one page at one size, in seconds."""

    page: str
    cases: int
    seconds: float

    @property
    def share(self) -> float:
        """The part of the limit that it takes; above 1 it is too slow."""
        return self.seconds / LIMIT


def measured(folder: Path, sizes: tuple[int, ...]) -> Iterator[Paged]:
    """Yield what each page costs among each number of cases."""
    for size in sizes:
        app = install(folder / f"pages-{size}", "sweep", clock=SetClock(at(BEFORE)))
        _others(app)
        seed(app, min(size, SEEDED))
        _multiply(app, size)
        yield from _of(app, size)
        app.close()


def _multiply(app: App, size: int) -> None:
    """Copy the rows of the seeded cases until there are `size`."""
    for offset in range(SEEDED, size, SEEDED):
        with app.database.write() as store:
            for name, changed in _COPIED.items():
                columns = [c.name for c in Row.metadata.tables[name].columns]
                taken = ", ".join(changed.get(c, c) for c in columns)
                store.connection.execute(
                    text(
                        f"INSERT INTO {name} ({', '.join(columns)}) SELECT {taken} FROM {name}"
                        f" WHERE {'id' if name == 'kase' else 'case_id'} <= {SEEDED}"
                    ),
                    {"offset": offset},
                )


def _others(app: App) -> None:
    """Let somebody see every case, and somebody none at all."""
    with app.database.write() as store:
        for person, office, kind in (
            (WATCHER, "leitung", "hvb"),
            (STRANGER, "anderswo", "fachbereich"),
        ):
            store.save_office(Office(office, kind, office), by(app, "office"))
            store.save_person(Person(person, person, f"{person}@stelle.example"), by(app, "person"))
            store.save_tenure(Tenure(office, person), by(app, "tenure"))


def _of(app: App, size: int) -> Iterator[Paged]:
    web = create_app(app, secure=False)
    middle, known = f"V-2026-{size // 2:07}", f"V-2026-{min(size, SEEDED) // 2:07}"
    pages = (
        ("list of the department", PERSON, "/vorhaben"),
        ("its middle page", PERSON, f"/vorhaben?nach={middle}"),
        ("list of who sees all", WATCHER, "/vorhaben"),
        ("list of who sees none", STRANGER, "/vorhaben"),
        ("page of a case", PERSON, f"/vorhaben/{known}"),
    )
    for name, person, path in pages:
        client = TestClient(web, base_url="http://127.0.0.1", follow_redirects=False)
        client.cookies.set("sid", accounts.enter_demo(app, person).token)
        yield Paged(name, size, median(_asked(client, path) for _ in range(ASKS)))


def _asked(client: TestClient, path: str) -> float:
    begun = time.perf_counter()
    answer = client.get(path)
    took = time.perf_counter() - begun
    assert answer.status_code == 200, f"{path}: {answer.status_code}"
    return took
