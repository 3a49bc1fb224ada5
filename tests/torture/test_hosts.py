"""Several hosts on one PostgreSQL: each rung acts once, and a host that died is waited for.

Each has a network, a name and a counting of processes of its own, so none can see whether the
process of another has died: only the end of its lease tells.
"""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from pathlib import Path
from typing import IO

import pytest
import yaml
from sqlalchemy import text

from engine.app import App
from engine.config import NAME
from engine.store.vital import overdue
from tests.torture.hosts import (
    SERVER,
    Host,
    NoNamespaces,
    Office,
    listen,
    office,
    seen_from_hosts,
)
from tests.torture.killing import trouble
from tests.torture.nursery import Nursery
from tests.torture.reckoning import reckon
from tests.torture.servers import Postgres, name_of, postgres
from tests.torture.sink import Sink
from tests.torture.town import (
    TO_RUNGS,
    at,
    days_of,
    due_by,
    found,
    open_town,
    settle_in,
    write_settings,
)

CASES = 70
"""Each of another department; more than one worker claims at once, so that two find work."""

CLAIMED = 50
DIES = "before-data-commit:4"
"""Three mails have left, of the fourth nothing has, and it and the rest of the 50 are held."""

LEASE = timedelta(minutes=12)
TOKEN = "nur-fuer-die-Ueberwachung"
PROGRAM = str(Path(sys.executable).with_name("rechtzeitig"))
JOURNAL = "journal.txt"
PATIENCE = 60.0

_OWED = """
SELECT (SELECT count(*) FROM notice WHERE state = 'open')
     + (SELECT count(*) FROM message WHERE state NOT IN ('accepted', 'sending'))
"""


@dataclass
class Premises:
    """The office network with what stands in it, two hosts that fork workers, and a town."""

    office: Office
    server: Postgres
    sink: Sink
    hosts: dict[str, Host]
    nurseries: dict[str, Nursery]
    first: Path
    url: str


@pytest.fixture(scope="module")
def premises(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Premises]:
    with ExitStack() as stack:
        try:
            net = stack.enter_context(office())
        except NoNamespaces as reason:
            pytest.skip(f"several hosts cannot be made on this machine: {reason}")
        server = stack.enter_context(postgres())
        listen(server, net.network)
        sink = Sink(SERVER)
        net.network.inside(sink.__enter__)
        stack.push(sink)
        hosts = {name: net.host(name) for name in ("rathaus", "bauhof")}
        nurseries = {name: stack.enter_context(_nursery_on(host)) for name, host in hosts.items()}
        first, url = tmp_path_factory.mktemp("hosts") / "first", server.fresh()
        app = found(first, sink.port, url=url, offices=CASES)
        settle_in(app, days_of(app, 1) * CASES)
        app.close()
        yield Premises(net, server, sink, hosts, nurseries, first, url)


def _nursery_on(host: Host) -> Nursery:
    return host.network.inside(lambda: Nursery(host.before))


class Town:
    """A copy of the town, in which each host has a folder of its own; one of them signs."""

    def __init__(self, premises: Premises, folder: Path) -> None:
        self.premises, self._folder = premises, folder
        premises.sink.forget()
        self.sent_before = premises.sink.count
        self._url = premises.server.fresh(name_of(premises.url))
        self._center = Path(shutil.copytree(premises.first, folder / "mitte"))
        write_settings(self._center, premises.sink.port, self._url)
        self.app: App = open_town(self._center)
        self.day = days_of(self.app, 1)[0]

    def folder_of(self, name: str, *, signs: bool = False) -> Path:
        """Return the folder of a host; what all share is the same for all."""
        folder = self._folder / name
        if folder.exists():
            return folder
        folder.mkdir()
        own = {NAME} if signs else {NAME, "state"}
        for file in self._center.iterdir():
            if file.name not in own:
                (folder / file.name).symlink_to(file)
        port = self.premises.sink.port
        smtp = {"host": SERVER, "port": port, "tls": "off"}
        write_settings(folder, port, seen_from_hosts(self._url), smtp=smtp)
        settings = yaml.safe_load((folder / NAME).read_text())
        more = {"every": 1, "evidence": {"signs": signs}, "watch": {"token_file": "token"}}
        (folder / NAME).write_text(yaml.safe_dump(settings | more))
        (folder / "token").write_text(TOKEN)
        return folder

    def start(self, name: str, mode: str = "rounds", crash_at: str = "-") -> int:
        """Start a worker on a host; return its number there."""
        folder = self.folder_of(name, signs=name == "rathaus")
        return self.premises.nurseries[name].fork(folder, mode, crash_at)

    def drain(self, *names: str) -> None:
        """Let a worker on each of these hosts work until it finds nothing more to do."""
        started = {name: self.start(name, "drain") for name in names}
        for name, pid in started.items():
            assert self.premises.nurseries[name].wait(pid) == 0

    def turn(self, rung: int) -> None:
        """Let the time come at which one rung of each case acts."""
        self.app.clock.turn(at(self.day + TO_RUNGS[rung]))  # type: ignore[attr-defined]

    def on(self, by: timedelta) -> None:
        """Let so much time go by."""
        self.app.clock.on(by)  # type: ignore[attr-defined]

    @property
    def mails(self) -> int:
        """How many mails have left since the town was opened."""
        return self.premises.sink.count - self.sent_before

    def until_mails(self, count: int) -> None:
        """Wait until so many mails have left."""
        _until(lambda: self.mails >= count)

    def until_done(self, *, but_for: str = "") -> None:
        """Wait until all is done that is due, but for what a host holds that was killed.

        Who is in the middle of a mail while the clock is turned would lose its lease to the other.
        """
        _until(lambda: _all_done(self.app, but_for))

    def must_be_sound(self, *, further_copies: int = 0) -> None:
        """Nothing lost, nothing twice, the log intact, and no worker met what it did not expect."""
        assert "".join(trouble(folder) for folder in self._folder.iterdir()) == ""
        due = due_by([self.day] * CASES, self.app.clock.now())
        left = reckon(self.app, self.premises.sink, due)
        assert due
        assert left.lost == ()
        assert left.second == ()
        assert left.faults == ()
        assert (left.differing, left.extra <= further_copies) == (0, True)

    def end(self) -> None:
        self.app.close()
        for nursery in self.premises.nurseries.values():
            nursery.forget()
        self.premises.server.drop(self._url)


@pytest.fixture
def town(premises: Premises, tmp_path: Path) -> Iterator[Town]:
    made = Town(premises, tmp_path)
    yield made
    made.end()


def test_two_hosts_share_the_work_and_each_rung_acts_once_though_one_is_killed(town: Town) -> None:
    """The second of three waves kills a worker by SIGKILL, whatever it is just doing."""
    town.start("bauhof")
    killed = town.start("rathaus")
    town.turn(0)
    town.until_done()
    town.turn(1)
    town.until_mails(CASES + 12)
    assert town.premises.nurseries["rathaus"].kill(killed) == -signal.SIGKILL
    town.until_done(but_for="rathaus")
    town.on(LEASE + timedelta(minutes=1))
    town.start("rathaus")
    town.until_done()
    town.turn(2)
    town.until_done()
    town.drain("rathaus", "bauhof")
    addresses = {host.address for host in town.premises.hosts.values()}
    assert town.premises.sink.senders == addresses, "both have sent"
    town.must_be_sound(further_copies=1)


def test_what_a_killed_host_held_is_taken_by_the_other_when_its_lease_ends_and_not_before(
    town: Town,
) -> None:
    town.turn(0)
    pid = town.start("rathaus", "rounds", DIES)
    assert town.premises.nurseries["rathaus"].wait(pid) == -signal.SIGKILL
    held = CLAIMED - 3
    assert (town.mails, _held_by(town.app)) == (3, {"rathaus": held})
    town.drain("bauhof")
    assert town.mails == CASES - held, "the other one does what nobody holds"
    town.on(LEASE - timedelta(minutes=1))
    town.drain("bauhof")
    assert (town.mails, _held_by(town.app)) == (CASES - held, {"rathaus": held})
    town.on(timedelta(minutes=2))
    town.drain("bauhof")
    assert (town.mails, _held_by(town.app)) == (CASES, {})
    town.must_be_sound()


def test_on_the_same_host_the_lease_of_a_dead_worker_is_not_waited_for(town: Town) -> None:
    """The counterpart: it is the host that makes the difference, not the time that went by."""
    town.turn(0)
    pid = town.start("rathaus", "rounds", DIES)
    assert town.premises.nurseries["rathaus"].wait(pid) == -signal.SIGKILL
    town.drain("rathaus")
    assert town.mails == CASES
    town.must_be_sound()


def test_the_program_itself_on_three_hosts_two_that_work_and_one_that_serves(town: Town) -> None:
    """All by the clock of the machine, for which every rung is long due."""
    net = town.premises.office
    amtshof, turm, pforte = (net.host(name) for name in ("amtshof", "turm", "pforte"))
    town.app.clock.turn(datetime.now(UTC))  # type: ignore[attr-defined]
    folders = [town.folder_of(h.name, signs=h is amtshof) for h in (amtshof, turm, pforte)]
    serving = ["serve", "--no-worker", "--host", pforte.address, "--port", "8080"]
    with ExitStack() as stack:
        for host, folder, words in zip(
            (amtshof, turm, pforte), folders, (["work"], ["work"], serving), strict=True
        ):
            journal = stack.enter_context((folder / JOURNAL).open("w"))
            command = [PROGRAM, *words, "--data", str(folder)]
            stack.enter_context(_running(host, command, journal))
        town.until_done()
        _until(lambda: _at_work(town.app) == {"amtshof", "turm"})
        assert _asked(net, pforte, token=None)[0] == 404, "not for everybody"
        assert _asked(net, pforte, TOKEN) == (200, {"status": "ok"})
    journals = "".join((folder / JOURNAL).read_text() for folder in folders)
    assert not [line for line in journals.splitlines() if "ERROR" in line or "CRITICAL" in line]
    town.must_be_sound()


def _held_by(app: App) -> dict[str, int]:
    """Return of how many messages which host says that it is sending them."""
    with app.database.read() as store:
        rows = store.connection.execute(text("SELECT worker FROM message WHERE state = 'sending'"))
        names = [str(row.worker).partition("/")[0] for row in rows]
    return {name: names.count(name) for name in names}


def _all_done(app: App, but_for: str = "") -> bool:
    """Return whether nothing is due, owed or under way, but for what one host holds."""
    with app.database.read() as store:
        due = [*overdue(store.connection, app.clock.now(), 1)]
        owed = store.connection.execute(text(_OWED)).scalar_one()
    return not (due or owed or set(_held_by(app)) - {but_for})


def _at_work(app: App) -> set[str]:
    with app.database.read() as store:
        return {worker.host for worker in store.pulse.workers()}


@contextmanager
def _running(host: Host, words: list[str], journal: IO[str]) -> Iterator[None]:
    """Run a program as the first process of a host; the host ends with it."""
    command, both = [*host.before, *words], subprocess.STDOUT
    process = host.network.inside(
        lambda: subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=journal, stderr=both)
    )
    try:
        yield
    finally:
        process.kill()
        process.wait(30)


def _asked(net: Office, host: Host, token: str | None) -> tuple[int, object]:
    """Ask a host from the office network whether it is ready; return status and answer."""

    def ask() -> tuple[int, object]:
        line = HTTPConnection(host.address, 8080, timeout=10)
        line.request(
            "GET", "/readyz", headers={"Authorization": f"Bearer {token}"} if token else {}
        )
        answer = line.getresponse()
        body = answer.read()
        return answer.status, json.loads(body) if answer.status == 200 else None

    until = time.perf_counter() + PATIENCE
    while True:
        try:
            return net.network.inside(ask)
        except OSError:
            if time.perf_counter() > until:
                raise
            time.sleep(0.1)


def _until(so: Callable[[], bool]) -> None:
    until = time.perf_counter() + PATIENCE
    while not so():
        assert time.perf_counter() < until, "nobody does it"
        time.sleep(0.01)
