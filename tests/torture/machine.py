"""The whole engine under a machine of Hypothesis: people, deadlines, clocks and crashes at random.

Whatever the order, the same must hold: who was told that an act was kept finds it there, what was
refused or died left nothing, nothing due stays behind a round, and each case can be told again
from its lines. A crash here is an exception that nobody catches at a crash point: the transaction
is gone, and so are the connections. On PostgreSQL as on SQLite: each run begins with a copy.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import patch

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from engine import crash
from engine.app import App
from engine.core.calendar import BERLIN, local_day
from engine.core.case import Stage
from engine.errors import EngineError
from engine.services.cases import Deed, take
from engine.services.evidence.examining import examine, examine_case
from engine.services.evidence.units import Verdict
from engine.store.vital import overdue
from engine.worker import one_round
from tests.copies import Original
from tests.core.walks import chosen
from tests.installation import MONDAY, House, TurnedClock, house
from tests.musterheide import ACTORS
from tests.torture.crashing import points
from tests.torture.servers import Postgres

POINTS = sorted({name for name, _ in points()})
MOST_CASES = 4
TRIES = 8
"""How many deeds are tried until one is not refused."""

HOUR = timedelta(hours=1)


class Died(BaseException):
    """The process ended here; not to be caught as an error is."""


@contextmanager
def dying_at(point: str, passing: int) -> Iterator[None]:
    """End whatever is done inside at that passing of a point."""

    def die(*_: object) -> None:
        raise Died

    with patch.object(os, "kill", die):
        crash.arm(f"{point}:{passing}")
        try:
            yield
        finally:
            crash.arm("")


class Engine(RuleBasedStateMachine):
    """An installation with its people, its round and its clock."""

    steps = 0
    accepted = 0
    crashes = 0
    original: Original
    """A fresh installation that each run begins with a copy of."""

    @initialize()
    def begin(self) -> None:
        self.place = TemporaryDirectory(prefix="rechtzeitig-machine-")
        folder = Path(self.place.name) / "haus"
        clock = TurnedClock(datetime.now(BERLIN))
        clock.turn(MONDAY)
        app = Engine.original.copied(folder, clock)
        self.house = House(app, clock, folder, folder / "Vorlage.txt")
        self.numbers: list[str] = []
        self.kept: set[str] = set()
        self.touched: str | None = None

    @property
    def app(self) -> App:
        return self.house.app

    @rule(days=st.integers(20, 120), dying=st.one_of(st.none(), st.sampled_from(POINTS)))
    def register(self, days: int, dying: str | None) -> None:
        if len(self.numbers) == MOST_CASES:
            return
        key = f"born:{Engine.steps}"
        at = self.today() + timedelta(days=days)
        stages = (Stage("Sozialausschuss", at, "entscheidung"),)
        self.deed(key, dying, lambda: self.house.register(stages=stages, key=key))
        with self.app.database.read() as store:
            held = store.chains.kept(key)
            if held is not None:
                stream, _ = held
                self.numbers.append(store.cases.by_uid(stream.removeprefix("case/")).number)

    @rule(
        case=st.integers(0, MOST_CASES - 1),
        which=st.integers(0, 10_000),
        values=st.integers(0, 10_000),
        dying=st.one_of(st.none(), st.sampled_from(POINTS)),
    )
    def act(self, case: int, which: int, values: int, dying: str | None) -> None:
        if not self.numbers:
            return
        self.touched = self.numbers[case % len(self.numbers)]
        for n in range(TRIES):
            key = f"act:{Engine.steps}:{n}"
            deed = self.tried(which + n, values, key)
            if self.deed(key, dying, lambda deed=deed: self.take(deed)):  # type: ignore[misc]
                return

    def take(self, deed: Deed) -> None:
        assert self.touched is not None
        take(self.app, self.touched, deed)

    def tried(self, which: int, values: int, key: str) -> Deed:
        """Return one of all the deeds that somebody could try on the case at hand."""
        assert self.touched is not None
        with self.app.database.read() as store:
            tried = chosen(store.cases.get(self.touched), self.today(), which, values, key)
        return Deed(
            tried.step,
            self.house.person(ACTORS[tried.office]),
            tried.office,
            tried.participation,
            {**tried.given, **tried.private},
            (("vorlage", self.house.paper),) if tried.documents else (),
            happened_on=tried.happened_on if tried.reason else None,
            reason=tried.reason,
            key=key,
        )

    @rule(hours=st.sampled_from((1, 5, 24, 24, 72, 240)))
    def time_goes_by(self, hours: int) -> None:
        self.house.clock.instant += hours * HOUR

    @rule(point=st.sampled_from(POINTS), passing=st.integers(1, 3))
    def a_round_dies(self, point: str, passing: int) -> None:
        self.mortal(point, passing, lambda: one_round(self.app))

    @rule()
    def a_round(self) -> None:
        one_round(self.app)
        with self.app.database.read() as store:
            left = list(overdue(store.connection, self.app.clock.now(), 10))
        assert not left, left

    @rule()
    def begin_anew(self) -> None:
        self.reopen()

    @invariant()
    def what_was_kept_is_there(self) -> None:
        Engine.steps += 1
        if not hasattr(self, "numbers"):
            return
        with self.app.database.read() as store:
            gone = [key for key in self.kept if store.chains.kept(key) is None]
        assert not gone
        if self.touched is not None:
            told = examine_case(self.app, self.touched)
            assert told.verdict is Verdict.INTACT, told
            self.touched = None

    def teardown(self) -> None:
        if not hasattr(self, "house"):
            return
        one_round(self.app)
        found = examine(self.app)
        # Nothing is signed while a clock is in doubt, but what is there holds.
        assert found.faults == (), found.faults
        Engine.original.drop(self.app)
        self.place.cleanup()

    def today(self) -> date:
        return local_day(self.app.clock.now())

    def deed(self, key: str, dying: str | None, do: Callable[[], Any]) -> bool:
        """Do something under a key; return whether it was not refused."""
        try:
            if dying is None:
                do()
            elif not self.mortal(dying, 1, do):
                return True
        except EngineError:
            with self.app.database.read() as store:
                assert store.chains.kept(key) is None
            return False
        Engine.accepted += 1
        self.kept.add(key)
        return True

    def mortal(self, point: str, passing: int, do: Callable[[], Any]) -> bool:
        """Do something that dies at a point, if it comes there; return whether it lived."""
        try:
            with dying_at(point, passing):
                do()
        except Died:
            Engine.crashes += 1
            self.reopen()
            return False
        return True

    def reopen(self) -> None:
        """Begin with fresh connections; what a process holds besides follows from the database."""
        self.app.database.close()


def run(*, runs: int, derandomize: bool, server: Postgres | None = None) -> None:
    """Let so many runs of up to thirty steps go by; count what there was in them.

    With a `server` each of them has a database of its own there, else a SQLite file.
    """
    Engine.steps = Engine.accepted = Engine.crashes = 0
    rules = settings(
        max_examples=runs,
        stateful_step_count=30,
        derandomize=derandomize,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    with TemporaryDirectory(prefix="rechtzeitig-machine-") as place:
        url = None if server is None else server.fresh()
        Engine.original = Original(house(Path(place) / "haus", url, training=False), server)
        run_state_machine_as_test(Engine, settings=rules)
