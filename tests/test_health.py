"""Monitoring looks from outside: it hears when somebody must be woken, and of no case."""

from __future__ import annotations

import json
import re
from collections import namedtuple
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text as sql
from starlette.testclient import TestClient

from engine.cli.app import main
from engine.delivery.compose import compose
from engine.services.health import health
from engine.services.metrics import metrics
from engine.services.ticks import tick
from engine.store.errors import Unavailable
from engine.web import create_app
from engine.worker import one_round
from tests.installation import House, house

MINUTE = timedelta(minutes=1)
DISK = namedtuple("DISK", "total used free")
HERE, ELSEWHERE = ("127.0.0.1", 40000), ("192.0.2.7", 40000)


def at_work(folder: Path) -> House:
    made = house(folder, training=False)
    made.number = made.register().number  # type: ignore[attr-defined]
    one_round(made.app)
    return made


@pytest.fixture
def county(tmp_path: Path) -> Iterator[House]:
    """A county to which something will happen."""
    made = at_work(tmp_path / "haus")
    yield made
    made.app.close()


@pytest.fixture(scope="module")
def calm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A county at which tests only look."""
    made = at_work(tmp_path_factory.mktemp("ruhig") / "haus")
    yield made
    made.app.close()


def failing(county: House) -> list[str]:
    return [check.name for check in health(county.app).checks if not check.well]


def client(county: House, at: tuple[str, int] = HERE) -> TestClient:
    web = create_app(county.app, secure=False)
    return TestClient(web, base_url="http://127.0.0.1", client=at)


def silent(county: House) -> None:
    county.clock.instant += timedelta(seconds=61)


def something_due(county: House) -> None:
    """A round that overlooks a deadline: it notes that it ran, and does nothing."""
    county.take(county.number, "informieren", "weber", participation="integration")  # type: ignore[attr-defined]
    compose(county.app)
    county.app.channel = lambda: None  # type: ignore[assignment, method-assign, return-value]
    county.clock.instant += timedelta(days=2)
    with county.app.database.write() as store:
        store.pulse.tick(county.clock.now())


def mail_waits(county: House) -> None:
    county.take(county.number, "informieren", "weber", participation="integration")  # type: ignore[attr-defined]
    county.clock.instant += 16 * MINUTE
    tick(county.app)


def unsigned(county: House) -> None:
    county.take(county.number, "informieren", "weber", participation="integration")  # type: ignore[attr-defined]
    one_round_without_seal(county)
    county.clock.instant += 6 * MINUTE
    tick(county.app)


def one_round_without_seal(county: House) -> None:
    from engine.delivery import deliver

    tick(county.app)
    deliver(county.app)


def doubted(county: House) -> None:
    with county.app.database.write() as store:
        store.pulse.hold(county.clock.now(), "Die Uhr wurde verstellt.")


FAILURES: dict[str, tuple[Callable[[House], None], set[str]]] = {
    "no round for a minute": (silent, {"tick"}),
    "a deadline nobody saw": (something_due, {"due", "mail", "log"}),
    "a letter that does not leave": (mail_waits, {"mail", "log"}),
    "entries without a checkpoint": (unsigned, {"log"}),
    "a clock in doubt": (doubted, {"clock"}),
}


def test_a_county_at_work_is_well(calm: House) -> None:
    assert failing(calm) == []
    answer = client(calm).get("/healthz")
    assert answer.status_code == 200
    assert answer.json()["status"] == "ok"


@pytest.mark.parametrize(("happen", "expected"), FAILURES.values(), ids=FAILURES)
def test_what_must_wake_somebody_is_told(
    county: House, happen: Callable[[House], None], expected: set[str]
) -> None:
    happen(county)
    assert set(failing(county)) == expected
    answer = client(county).get("/healthz")
    assert answer.status_code == 503
    told = {row["check"]: row for row in answer.json()["checks"]}
    for name in expected:
        assert not told[name]["ok"]
        assert told[name]["de"] != told[name]["en"]


def test_little_room_is_told(calm: House, monkeypatch: pytest.MonkeyPatch) -> None:
    little = DISK(10**12, 0, 499 * 2**20)
    monkeypatch.setattr("shutil.disk_usage", lambda _: little)
    assert failing(calm) == ["disk"]


def test_a_round_an_hour_may_be_silent_for_hours(county: House) -> None:
    county.app.config.settings.__dict__["every"] = 3600
    county.clock.instant += timedelta(hours=3)
    assert "tick" not in failing(county)


def test_a_mailbox_that_puts_a_mail_off_wakes_nobody(county: House) -> None:
    mail_waits(county)
    compose(county.app)
    county.clock.instant += 16 * MINUTE
    assert "mail" in failing(county)
    with county.app.database.write() as store:
        store.connection.execute(sql("UPDATE message SET last_code = 451, state = 'ready'"))
    assert "mail" not in failing(county)


def test_nothing_that_monitoring_hears_tells_of_a_case(county: House) -> None:
    something_due(county)
    asked = client(county)
    said = "".join(asked.get(path).text for path in ("/healthz", "/readyz", "/metrics"))
    for secret in ("V-2026", "Begegnungszentrum", "integration", "weber", "Weber"):
        assert secret not in said


def test_metrics_are_in_the_format_of_prometheus(calm: House) -> None:
    written = metrics(health(calm.app))
    assert written.endswith("\n")
    line = re.compile(
        r"# (HELP|TYPE) rechtzeitig_[a-z_]+ .+|rechtzeitig_[a-z_]+(\{[a-z]+=\"[a-z]+\"\})? \d+"
    )
    for row in written.splitlines():
        assert line.fullmatch(row), row
    assert 'rechtzeitig_up{check="tick"} 1' in written
    assert "rechtzeitig_oldest_due_seconds 0\n" in written


# Who may ask


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics"])
def test_monitoring_asks_from_this_machine_or_with_the_token(
    calm: House, tmp_path: Path, path: str
) -> None:
    assert client(calm).get(path).status_code == 200
    assert client(calm, ELSEWHERE).get(path).status_code == 404
    (calm.folder / "token").write_text("geheim\n")
    watch = calm.app.config.settings.watch
    object.__setattr__(watch, "token_file", "token")
    asked = client(calm, ELSEWHERE)
    for given, status in {"geheim": 200, "geraten": 404, "": 404}.items():
        answer = asked.get(path, headers={"Authorization": f"Bearer {given}"})
        assert answer.status_code == status
    (calm.folder / "token").write_text("\n")
    assert asked.get(path, headers={"Authorization": "Bearer "}).status_code == 404


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "X-Real-IP", "Via"])
def test_what_comes_through_a_proxy_does_not_come_from_this_machine(
    calm: House, header: str
) -> None:
    assert client(calm).get("/healthz", headers={header: "127.0.0.1"}).status_code == 404


def test_a_server_is_ready_while_its_clock_stands_but_not_without_its_tables(
    county: House,
) -> None:
    silent(county)
    asked = client(county)
    assert asked.get("/readyz").status_code == 200
    with county.app.database.write() as store:
        store.connection.execute(sql("UPDATE alembic_version SET version_num = '9999'"))
    assert asked.get("/readyz").status_code == 503


def test_a_database_that_is_away_is_told_and_no_crash(
    calm: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away() -> Any:
        raise Unavailable("Die Datenbank antwortet nicht.", "The database does not answer.")

    asked = client(calm)
    monkeypatch.setattr(calm.app.database, "read", away)
    answer = asked.get("/readyz")
    assert answer.status_code == 503


# The command line, and the file


def test_health_ends_with_a_code_for_cron(calm: House, capsys: pytest.CaptureFixture[str]) -> None:
    """By the real clock the last round was long ago, or lies far ahead."""
    with pytest.raises(SystemExit) as ended:
        main(["health", "--data", str(calm.folder), "--json"])
    assert ended.value.code == 1
    told = json.loads(capsys.readouterr().out)
    assert told["status"] == "failing"
    assert not next(row for row in told["checks"] if row["check"] == "tick")["ok"]


def test_each_round_leaves_a_sign_of_life_in_a_file(county: House) -> None:
    beat = county.folder / "state" / "heartbeat"
    assert beat.read_text().strip() == county.clock.now().isoformat()
    county.clock.instant += MINUTE
    one_round(county.app)
    assert beat.read_text().strip() == county.clock.now().isoformat()
