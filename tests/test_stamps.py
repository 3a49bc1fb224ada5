"""A time-stamp authority says once a day when a checkpoint was there, and is never needed."""

from __future__ import annotations

import io
import json
import shutil
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import yaml
from sqlalchemy.exc import DatabaseError

from engine.app import open_app
from engine.cli.app import main
from engine.errors import EngineError, InputError
from engine.services.evidence.examining import examine
from engine.services.evidence.exporting import export
from engine.services.evidence.faults import Layer
from engine.services.evidence.sealing import seal_due
from engine.services.evidence.stamp_checks import StampRefused
from engine.services.evidence.stamping import stamp_due
from engine.services.evidence.standing import standing_of
from engine.store import sqlite
from engine.store.errors import Unavailable
from engine.store.stamps import stamps
from engine.worker import one_round
from tests.installation import House, TurnedClock
from tests.installation import house as installation
from tests.store.counting import line
from tests.timestamping import Authority, authority

Answer = Callable[[bytes], bytes]
CASE = "V-2026-0001"


@dataclass
class Server:
    """A small server on loopback; `answer` is what becomes of a query."""

    answer: Answer
    status: int = 200
    asked: list[bytes] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    url: str = ""


@pytest.fixture(scope="module")
def tsa(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return authority(tmp_path_factory.mktemp("tsa") / "stelle")


@pytest.fixture
def server(tsa: Authority) -> Iterator[Server]:
    made = Server(tsa.answer)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            query = self.rfile.read(int(self.headers["Content-Length"]))
            made.asked.append(query)
            made.headers.append({k.lower(): v for k, v in self.headers.items()})
            said = made.answer(query)
            self.send_response(made.status)
            self.send_header("Content-Type", "application/timestamp-reply")
            self.send_header("Content-Length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        def log_message(self, *_: Any) -> None:
            pass

    listening = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    listening.daemon_threads = True
    threading.Thread(target=listening.serve_forever, daemon=True).start()
    made.url = f"http://127.0.0.1:{listening.server_address[1]}/tsr"
    yield made
    listening.shutdown()
    listening.server_close()


@pytest.fixture(scope="module")
def founded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An installation with a case; copied, never used itself."""
    made = installation(tmp_path_factory.mktemp("founded") / "amt", training=False)
    made.register()
    made.app.close()
    return made.folder


def opened_in(folder: Path, **settings: Any) -> House:
    """Return the installation in a folder by the present time, its settings for stamps changed."""
    file = folder / "config.yaml"
    plain = yaml.safe_load(file.read_text())
    if settings:
        plain["evidence"] = {"stamp": settings}
    else:
        plain.pop("evidence", None)
    file.write_text(yaml.safe_dump(plain, allow_unicode=True))
    clock = TurnedClock(datetime.now(UTC))
    return House(open_app(folder, clock), clock, folder, folder / "Vorlage.txt")


@pytest.fixture
def county(founded: Path, tmp_path: Path, server: Server, tsa: Authority) -> Iterator[House]:
    folder = Path(shutil.copytree(founded, tmp_path / "amt"))
    (folder / "vertraut.pem").write_bytes(tsa.ca.read_bytes())
    made = opened_in(folder, url=server.url, ca="vertraut.pem", timeout=1)
    seal(made)
    yield made
    made.app.close()


def seal(county: House) -> int:
    """Enter something and seal it; return how long the log is."""
    with county.app.database.write() as store:
        now = county.clock.now()
        store.enter(replace(line("access/2026-03", uuid4().hex), recorded_at=now))
    sealed = seal_due(county.app, at_once=True)
    assert sealed is not None
    return sealed.size


def sizes(county: House) -> list[int]:
    with county.app.database.read() as store:
        return [stamp.size for stamp in stamps(store.connection)]


def stamped_layers(county: House) -> set[Layer]:
    return {fault.layer for fault in examine(county.app, replaying=False).faults}


def tamper(county: House, statement: str, *values: Any) -> None:
    """Change the database past its guards, as its administrator can."""
    raw = sqlite.driver().connect(county.app.database.place, isolation_level=None)
    raw.execute("PRAGMA foreign_keys = OFF")
    for (name,) in raw.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
        raw.execute(f"DROP TRIGGER {name}")
    raw.execute(statement, values)
    raw.close()


# In time


def test_the_checkpoint_of_a_day_is_stamped_once(county: House, server: Server) -> None:
    first = stamp_due(county.app)
    assert first is not None and abs(first.at - datetime.now(UTC)) < timedelta(minutes=1)
    assert server.headers[0]["content-type"] == "application/timestamp-query"
    seal(county)
    county.clock.instant += timedelta(seconds=30)
    assert stamp_due(county.app) is None
    assert (sizes(county), len(server.asked)) == ([first.size], 1)
    assert stamped_layers(county) == set()
    assert standing_of(county.app).stamp is not None


def test_the_next_day_waits_for_a_checkpoint_of_its_own(county: House, server: Server) -> None:
    stamp_due(county.app)
    county.clock.on(1)
    assert stamp_due(county.app) is None
    assert len(server.asked) == 1


def test_the_authority_learns_a_digest_and_nothing_else(county: House, server: Server) -> None:
    stamp_due(county.app)
    [query] = server.asked
    assert len(query) < 100
    assert county.app.database.meta.log.encode() not in query


def test_without_an_authority_nobody_is_asked(county: House, server: Server) -> None:
    folder = county.folder
    county.app.close()
    bare = opened_in(folder)
    assert stamp_due(bare.app, at_once=True) is None
    one_round(bare.app)
    assert server.asked == []
    bare.app.close()


def test_the_worker_stamps_by_itself(county: House) -> None:
    one_round(county.app)
    assert len(sizes(county)) == 1


def test_two_hosts_that_ask_at_once_keep_one_stamp(county: House, server: Server) -> None:
    second = open_app(county.folder, county.clock)
    both = [threading.Thread(target=stamp_due, args=(app,)) for app in (county.app, second)]
    for one in both:
        one.start()
    for one in both:
        one.join()
    assert len(sizes(county)) == 1
    second.close()


def test_a_stamp_cannot_be_changed_later(county: House) -> None:
    stamp_due(county.app)
    for change in ("UPDATE stamp SET at = 0", "DELETE FROM stamp"):
        with pytest.raises(DatabaseError, match="insert-only"):
            with county.app.database.write() as store:
                store.connection.exec_driver_sql(change)


# What is no stamp


def _garbled(_: Authority, __: Path) -> Answer:
    return lambda query: b"<html>Wartung</html>"


def _for_something_else(tsa: Authority, _: Path) -> Answer:
    return lambda query: tsa.answer(tsa.query(b"etwas anderes"))


def _with_another_nonce(tsa: Authority, folder: Path) -> Answer:
    def answer(query: bytes) -> bytes:
        return tsa.answer(tsa.query((folder / "state" / "last_checkpoint").read_bytes()))

    return answer


def _refused(tsa: Authority, _: Path) -> Answer:
    return lambda query: tsa.answer(query, digests="sha512")


def _foreign(tsa: Authority, folder: Path) -> Answer:
    return authority(folder / "fremd").answer


def _ended(tsa: Authority, folder: Path) -> Answer:
    """Its root is trusted, but its own certificate ran out last year."""
    made = authority(folder / "alt", name="Alte Stelle", ended=True)
    trusted = folder / "vertraut.pem"
    trusted.write_bytes(tsa.ca.read_bytes() + made.ca.read_bytes())
    return made.answer


def _damaged(tsa: Authority, _: Path) -> Answer:
    def answer(query: bytes) -> bytes:
        said = tsa.answer(query)
        return said[:-20] + bytes([said[-20] ^ 1]) + said[-19:]

    return answer


WRONG = {
    "no answer of that form": (_garbled, "nicht lesbar"),
    "for something else": (_for_something_else, "etwas anderem"),
    "with another nonce": (_with_another_nonce, "anderen Anfrage"),
    "refused": (_refused, "lehnt ab"),
    "by somebody foreign": (_foreign, "Unterschrift hält nicht"),
    "by a certificate that had run out": (_ended, "Unterschrift hält nicht"),
    "damaged": (_damaged, "Unterschrift hält nicht"),
}


@pytest.mark.parametrize("what", WRONG)
def test_what_is_no_stamp_is_told_and_not_kept(
    county: House, server: Server, tsa: Authority, what: str
) -> None:
    made, words = WRONG[what]
    server.answer = made(tsa, county.folder)
    with pytest.raises(StampRefused) as refused:
        stamp_due(county.app)
    assert words in refused.value.text.de and refused.value.text.en != refused.value.text.de
    assert sizes(county) == []


def test_a_silent_authority_holds_up_neither_sealing_nor_the_round(
    county: House, server: Server
) -> None:
    def hang(query: bytes) -> bytes:
        time.sleep(5)
        return b""

    server.answer = hang
    begun = time.monotonic()
    with pytest.raises(Unavailable, match="does not answer"):
        stamp_due(county.app)
    assert time.monotonic() - begun < 4
    size = seal(county)
    one_round(county.app)
    assert standing_of(county.app).signed >= size
    assert len(server.asked) == 1, "it is not asked again in each round"


def test_a_failure_is_tried_again_later(
    county: House, server: Server, tsa: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A quarter of an hour on, the day of the checkpoint may be over.
    monkeypatch.setattr("engine.services.evidence.stamping.AGAIN", timedelta(seconds=2))
    server.status = 503
    with pytest.raises(Unavailable, match="503"):
        stamp_due(county.app)
    server.status = 200
    assert stamp_due(county.app) is None
    county.clock.instant += timedelta(seconds=2)
    assert stamp_due(county.app) is not None
    assert len(sizes(county)) == 1


def test_a_clock_ahead_of_the_authority_is_told(county: House) -> None:
    county.clock.instant += timedelta(minutes=10)
    seal(county)
    with pytest.raises(StampRefused, match="one of the clocks"):
        stamp_due(county.app, at_once=True)


@pytest.mark.parametrize("data", [b"", b"kein Zertifikat"])
def test_a_file_without_a_root_is_told(county: House, tmp_path: Path, data: bytes) -> None:
    folder = county.folder
    (folder / "leer.pem").write_bytes(data)
    county.app.close()
    other = opened_in(folder, url="http://127.0.0.1:1", ca="leer.pem")
    with pytest.raises(InputError, match="no root certificate"):
        stamp_due(other.app)
    other.app.close()


def test_a_missing_package_says_how_to_get_it(
    county: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "rfc3161_client", None)
    with pytest.raises(EngineError) as missing:
        stamp_due(county.app)
    assert "pip install 'rechtzeitig[stamp]'" in missing.value.text.de
    one_round(county.app)


# Checked again


CHANGES = {
    "its time": "UPDATE stamp SET at = at + 1000000",
    "its answer": "UPDATE stamp SET response = X'00'",
    "what it is for": "UPDATE stamp SET size = (SELECT MAX(size) FROM checkpoint)",
    "the checkpoint gone": "DELETE FROM checkpoint WHERE size IN (SELECT size FROM stamp)",
}


@pytest.mark.parametrize("what", CHANGES)
def test_a_stamp_that_was_changed_is_found(county: House, what: str) -> None:
    stamp_due(county.app)
    seal(county)
    assert stamped_layers(county) == set()
    tamper(county, CHANGES[what])
    assert Layer.STAMP in stamped_layers(county)


def test_a_history_written_anew_has_no_stamp_that_fits(county: House) -> None:
    """Whoever holds key and database can sign again, but not be stamped in the past."""
    stamp_due(county.app)
    with county.app.database.read() as store:
        [stamp] = stamps(store.connection)
    assert stamp.note is not None
    tamper(
        county,
        "UPDATE checkpoint SET note = ? WHERE size = ?",
        stamp.note.replace("time ", "time 1"),
        stamp.size,
    )
    assert Layer.STAMP in stamped_layers(county)


def test_the_examination_says_what_it_could_not_check(county: House) -> None:
    stamp_due(county.app)
    county.app.close()
    bare = opened_in(county.folder)
    found = examine(bare.app, replaying=False)
    assert (found.unstamped, found.intact) == (1, True)
    bare.app.close()


def test_openssl_itself_accepts_the_stamp_of_an_exported_file(
    county: House, tsa: Authority, tmp_path: Path
) -> None:
    stamp_due(county.app)
    out = io.BytesIO()
    export(county.app, CASE, out)
    with zipfile.ZipFile(out) as pack:
        pack.extractall(tmp_path / "akte")
        assert "zeitstempel.tsr" in json.loads(pack.read("inhalt.json"))["files"]
    folder = tmp_path / "akte"
    command = ["openssl", "ts", "-verify", "-data", "zeitstempel.txt", "-in", "zeitstempel.tsr"]
    said = subprocess.run(
        [*command, "-CAfile", str(tsa.ca)], cwd=folder, check=False, capture_output=True, text=True
    )
    assert said.returncode == 0 and "Verification: OK" in said.stdout + said.stderr
    (tmp_path / "akte.zip").write_bytes(out.getvalue())
    checked = subprocess.run(
        [sys.executable, str(tmp_path / "akte" / "pruefen.py"), str(tmp_path / "akte.zip")],
        check=False,
        capture_output=True,
    )
    assert checked.returncode == 0, checked.stdout


def test_a_file_without_a_stamp_has_no_such_folder(county: House) -> None:
    out = io.BytesIO()
    export(county.app, CASE, out)
    with zipfile.ZipFile(out) as pack:
        assert not [n for n in pack.namelist() if n.startswith("zeitstempel")]


def test_the_command_line_stamps_and_shows_it(
    county: House, capsys: pytest.CaptureFixture[str]
) -> None:
    def run(*words: str) -> tuple[int, str]:
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main([*words, "--data", str(county.folder)])
        out, err = capsys.readouterr()
        return int(ended.value.code or 0), out + err

    assert run("log", "stamp")[0] == 0
    assert run("log", "stamp") == (0, "Es gibt nichts zu stempeln.\n")
    assert "mit Zeitstempel bis" in run("log", "status")[1]
    assert "stamped with the time to" in run("log", "status", "--lang", "en")[1]
    county.app.close()
    opened_in(county.folder).app.close()
    assert run("log", "stamp")[0] == 2
    assert "evidence: stamp" in run("audit", "verify", "--no-replay")[1]
