"""The shipped units fit the program, and the worker gives systemd the signs it waits for."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine import supervisor
from engine.cli.app import build
from engine.worker import Worker
from tests.installation import house

UNITS = sorted((Path(__file__).parent.parent / "docs" / "systemd").iterdir())
SERVICES = [unit for unit in UNITS if unit.suffix == ".service"]
COMMAND = re.compile(r"/bin/rechtzeitig (\S+)")


@pytest.fixture
def listening(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[socket.socket]:
    """A socket as systemd opens it."""
    place = tmp_path / "notify"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
        line.bind(str(place))
        line.settimeout(60)
        monkeypatch.setenv("NOTIFY_SOCKET", str(place))
        yield line


def test_each_round_is_a_sign_of_life_and_the_end_is_announced(
    tmp_path: Path, listening: socket.socket
) -> None:
    made = house(tmp_path / "haus")
    worker = Worker(made.app, every=3600)
    worker.start()
    assert listening.recv(100) == b"READY=1\nWATCHDOG=1"
    worker.stop()
    assert listening.recv(100) == b"STOPPING=1"
    made.app.close()


def test_an_abstract_socket_is_understood(monkeypatch: pytest.MonkeyPatch) -> None:
    name = f"rechtzeitig-test-{os.getpid()}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
        line.bind(f"\0{name}")
        line.settimeout(60)
        monkeypatch.setenv("NOTIFY_SOCKET", f"@{name}")
        supervisor.tell(supervisor.STOPPING)
        assert line.recv(100) == b"STOPPING=1"


@pytest.mark.parametrize("place", ["", "/nowhere/notify"], ids=["nobody", "gone"])
def test_without_a_listener_nothing_happens(monkeypatch: pytest.MonkeyPatch, place: str) -> None:
    monkeypatch.setenv("NOTIFY_SOCKET", place)
    supervisor.tell(supervisor.ALIVE)


@pytest.mark.parametrize("unit", SERVICES, ids=lambda unit: unit.name)
def test_a_unit_calls_a_command_that_there_is(unit: Path) -> None:
    [called] = COMMAND.findall(unit.read_text())
    assert called in {command.name for command in build().registered_commands}


@pytest.mark.parametrize("unit", SERVICES, ids=lambda unit: unit.name)
def test_a_service_has_no_rights_that_it_does_not_need(unit: Path) -> None:
    lines = unit.read_text().splitlines()
    for line in ("NoNewPrivileges=yes", "CapabilityBoundingSet=", "ProtectSystem=strict"):
        assert line in lines
    assert "User=rechtzeitig" in lines


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd here")
@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_systemd_understands_a_unit(unit: Path, tmp_path: Path) -> None:
    """What it does not know is named; that the program lies elsewhere here is no fault."""
    copied = tmp_path / unit.name
    source = unit.read_text().replace("/opt/rechtzeitig/.venv/bin/rechtzeitig", "/bin/true")
    copied.write_text(source.replace("rechtzeitig.service", unit.name))
    for other in UNITS:
        if other.stem == unit.stem and other != unit:
            shutil.copy(other, tmp_path)
    said = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", str(copied)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Unknown" not in said.stderr
    assert "Failed to parse" not in said.stderr
