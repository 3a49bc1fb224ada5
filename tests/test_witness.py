"""A witness elsewhere remembers the log, and the pages and mails that feed it tell of no case."""

from __future__ import annotations

import base64
import json
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import urlopen
from uuid import uuid4

import pytest
from starlette.testclient import TestClient

from engine.app import open_app
from engine.cli.app import main
from engine.core.merkle import leaf_hash, root, verify_consistency
from engine.core.notes import LARGEST, Key, Note, opened
from engine.core.witness import Offer
from engine.errors import InputError
from engine.services.evidence import asking, keys, offering, witness
from engine.services.evidence.sealing import seal_due
from engine.services.evidence.standing import standing_of
from engine.services.evidence.state import State
from engine.store.global_log import WIDTH
from engine.web import create_app
from tests.installation import House, TurnedClock
from tests.installation import house as installation
from tests.killed_witness import POINTS
from tests.store.counting import line
from tests.web.county import County, serving

ROOT = Path(__file__).parent.parent
NAME = "zeuge.nachbarkreis.example"
HOUR = timedelta(hours=1)


def now() -> datetime:
    return datetime.now(UTC)


def opened_in(folder: Path) -> House:
    """Return the installation in a folder, by a clock that stands at the present."""
    clock = TurnedClock(now())
    return House(open_app(folder, clock), clock, folder, folder / "Vorlage.txt")


@pytest.fixture(scope="module")
def founded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of an installation with one case that has signed once; copied, never used."""
    made = installation(tmp_path_factory.mktemp("founded") / "amt")
    made.register()
    made.clock.instant = now() - HOUR
    assert seal_due(made.app, at_once=True) is not None
    made.app.close()
    return made.folder


@pytest.fixture
def house(founded: Path, tmp_path: Path) -> Iterator[House]:
    found = opened_in(Path(shutil.copytree(founded, tmp_path / "amt")))
    yield found
    found.app.close()


@pytest.fixture
def twin(founded: Path, tmp_path: Path) -> Iterator[House]:
    """A second copy, with the same key and another future."""
    found = opened_in(Path(shutil.copytree(founded, tmp_path / "zwilling")))
    yield found
    found.app.close()


def grow(house: House, count: int = 3) -> int:
    """Enter some lines and seal them; return how long the log is then."""
    with house.app.database.write() as store:
        for _ in range(count):
            store.enter(replace(line("access/2026-03", uuid4().hex), recorded_at=now()))
    sealed = seal_due(house.app, at_once=True)
    assert sealed is not None
    return sealed.size


@contextmanager
def served(house: House) -> Iterator[str]:
    """Serve an installation on loopback; the value is its address."""
    web = create_app(house.app, secure=False)
    made = County(house.app, web, house.clock, house.folder)  # type: ignore[arg-type]
    with serving(made):
        yield made.url


class Watch:
    """A witness in a folder of its own, asked by its commands."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        folder.mkdir()
        self.file = folder / "zeuge.json"
        self.vkey = ""
        self._capsys = capsys

    def run(self, *words: str | Path) -> tuple[int, Any]:
        """Run a command; return its exit code and what it says to programs."""
        code, out, _ = self.told("witness", *words, "--state", self.file, "--json")
        return code, json.loads(out)

    def told(self, *words: str | Path) -> tuple[int, str, str]:
        """Run a command; return its exit code and what it says to people."""
        self._capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main([str(word) for word in words])
        out, err = self._capsys.readouterr()
        return int(ended.value.code or 0), out, err

    def init(self, house: House, url: str | None = None) -> None:
        """Set it up with the key that the operator hands over."""
        at = () if url is None else ("--url", url)
        code, made = self.run("init", "--name", NAME, "--log", vkey_of(house), *at)
        assert code == 0, made
        self.vkey = made["witness"]

    def point(self, url: str) -> None:
        """Ask another address from now on, as where a name leads elsewhere."""
        witness.save(self.file, replace(witness.load(self.file), url=url))

    def look(self, *files: Path) -> tuple[int, Any]:
        return self.run("look", *files)

    def refuses(self, *files: Path) -> dict[str, Any]:
        """Look, and hear why not, in both languages; what is remembered stays to the byte."""
        before = self.file.read_bytes()
        code, said = self.look(*files)
        assert code != 0
        assert self.file.read_bytes() == before
        words = said.get("says") or [said["error"]]
        assert all(w["de"] and w["en"] and w["de"] != w["en"] for w in words), words
        for language, n in (("de", "de"), ("en", "en")):
            told = self.told("witness", "look", *files, "--state", self.file, "--lang", language)
            assert told[0] == code
            assert words[0][n] in told[2].replace("\n", " ").replace("  ", " ")
        assert self.file.read_bytes() == before
        return dict(said)


def vkey_of(house: House) -> str:
    with house.app.database.read() as store:
        return keys.read_key(State(house.app.config).key).public(store.log.origin()).vkey


@pytest.fixture
def watch(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Watch:
    return Watch(tmp_path / "rechtsamt", capsys)


# What it takes, and what comes back


def test_a_witness_goes_on_from_what_it_saw_and_its_cosignature_comes_back(
    house: House, watch: Watch
) -> None:
    with served(house) as url:
        watch.init(house, url)
        code, first = watch.look()
        assert (code, first["course"], first["well"]) == (0, "first", True)
        size = grow(house, 300)
        code, then = watch.look()
        assert (code, then["course"], then["size"]) == (0, "grown", size)
        assert watch.look()[1]["course"] == "same"
    handed = Path(then["cosignature"])
    watch.told("log", "cosign", "--witness", watch.vkey, "--data", house.folder)
    with pytest.raises(SystemExit):
        main(["log", "cosign", str(handed), "--data", str(house.folder)])
    [seen] = standing_of(house.app).witnesses
    assert (seen.name, seen.size, seen.late(now())) == (NAME, size, False)
    assert seen.late(now() + 27 * HOUR)
    with house.app.database.read() as store:
        assert offering.newest(store).seen_at(Key.read(watch.vkey)) is not None
    code, said, _ = watch.told("log", "status", "--data", house.folder)
    assert code == 0 and f"Zeuge {NAME}: {size} Einträge" in said
    code, said, _ = watch.told("log", "status", "--data", house.folder, "--lang", "en")
    assert f"witness {NAME}: {size} entries" in said


def test_a_witness_that_never_cosigned_is_shown_as_such(house: House, watch: Watch) -> None:
    watch.init(house)
    watch.told("log", "cosign", "--witness", watch.vkey, "--data", house.folder)
    [seen] = standing_of(house.app).witnesses
    assert (seen.size, seen.at, seen.late(now())) == (0, None, True)
    assert "noch nichts bezeugt" in watch.told("log", "status", "--data", house.folder)[1]


def test_a_cosignature_comes_only_from_a_known_witness_over_a_checkpoint_of_this_log(
    house: House, twin: House, watch: Watch
) -> None:
    grow(twin)
    with served(twin) as url:
        watch.init(house, url)
        elsewhere = Path(watch.look()[1]["cosignature"]).read_text()
    with pytest.raises(InputError, match="not of this log"):
        offering.take_back(house.app, elsewhere)
    with served(house) as url:
        watch.file.unlink()
        watch.init(house, url)
        handed = Path(watch.look()[1]["cosignature"]).read_text()
    with pytest.raises(InputError, match="No known witness"):
        offering.take_back(house.app, handed)
    offering.take_on(house.app, watch.vkey)
    one = Note.read(handed).signatures[-1]
    bad = replace(one, data=one.data[:-1] + bytes([one.data[-1] ^ 1]))
    with pytest.raises(InputError, match="is wrong"):
        offering.take_back(house.app, handed.replace(one.line, bad.line))
    assert offering.take_back(house.app, handed)[1] == [NAME]
    assert offering.take_back(house.app, handed)[1] == []


def test_nothing_is_trusted_but_the_key_that_the_operator_hands_over(
    house: House, watch: Watch
) -> None:
    """The address tells a witness what it is to see, never whom it is to believe."""
    with served(house) as url:
        stranger = keys.new_key().public(house.app.database.meta.log).vkey
        watch.run("init", "--name", NAME, "--log", stranger, "--url", url)
        assert watch.refuses()["not_signed"] is True
    assert watch.run("show")[1]["size"] is None


@pytest.mark.parametrize("vkey", ["", "rechtzeitig", "a+00000000+AAAA"])
def test_a_witness_is_not_set_up_with_what_is_no_key(watch: Watch, vkey: str) -> None:
    assert watch.run("init", "--name", NAME, "--log", vkey)[0] == 2
    assert not watch.file.exists()


def test_its_file_is_for_its_owner_alone(house: House, watch: Watch) -> None:
    watch.init(house)
    assert watch.file.stat().st_mode & 0o777 == 0o600
    watch.file.chmod(0o644)
    assert "chmod 600" in watch.refuses()["error"]["de"]


def test_a_second_witness_does_not_take_the_place_of_the_first(house: House, watch: Watch) -> None:
    watch.init(house)
    before = watch.file.read_bytes()
    code, _ = watch.run("init", "--name", NAME, "--log", vkey_of(house))
    assert (code, watch.file.read_bytes()) == (2, before)


# What it refuses


def test_a_log_that_was_set_back_is_refused(house: House, twin: House, watch: Watch) -> None:
    with served(house) as url, served(twin) as before:
        watch.init(house, url)
        grow(house)
        watch.look()
        watch.point(before)
        said = watch.refuses()
    assert (said["conflict"], said["cosignature"]) == ("shorter", None)
    assert len(proof_of(house, said)) == 2


def proof_of(house: House, said: dict[str, Any]) -> list[str]:
    """Return the checkpoints that are kept as the proof; the log has signed each."""
    key = Key.read(vkey_of(house))
    text = Path(said["evidence"]).read_text()
    notes = re.findall(r"(?:[^\n]+\n){3,}\n(?:\N{EM DASH} [^\n]+\n)+", text)
    assert all(opened(note, key.name, [key]) for note in notes)
    return notes


@pytest.mark.parametrize(("more", "conflict"), [(0, "split"), (4, "rewritten")])
def test_a_log_with_another_past_is_refused(
    house: House, twin: House, watch: Watch, more: int, conflict: str
) -> None:
    with served(house) as url, served(twin) as other:
        watch.init(house, url)
        grow(house, 3)
        watch.look()
        watch.point(other)
        grow(twin, 3 + more)
        said = watch.refuses()
    assert said["conflict"] == conflict
    assert len(set(proof_of(house, said))) == 2


def test_another_log_is_refused(house: House, watch: Watch, tmp_path: Path) -> None:
    foreign = installation(tmp_path / "fremd", anew=True)
    seal_due(foreign.app, at_once=True)
    with served(house) as url, served(foreign) as other:
        watch.init(house, url)
        watch.look()
        watch.point(other)
        said = watch.refuses()
    assert said["not_signed"] is True
    foreign.app.close()


def test_another_key_is_refused_until_it_is_handed_over(house: House, watch: Watch) -> None:
    with served(house) as url:
        watch.init(house, url)
        watch.look()
        keys.rotate(house.app, "weber")
        grow(house)
        assert watch.look()[1]["course"] == "grown", "both have signed the change"
        size = grow(house)
        assert watch.refuses()["not_signed"] is True
        assert watch.run("trust", vkey_of(house))[0] == 0
        code, said = watch.look()
    assert (code, said["course"], said["size"]) == (0, "grown", size)


def test_the_key_of_another_log_is_not_taken_over(
    house: House, watch: Watch, tmp_path: Path
) -> None:
    foreign = installation(tmp_path / "fremd", anew=True)
    watch.init(house)
    before = watch.file.read_bytes()
    assert watch.run("trust", vkey_of(foreign))[0] == 2
    assert watch.file.read_bytes() == before
    foreign.app.close()


# Whoever answers in the log's place


Answer = Callable[[str], tuple[int, bytes]]


@contextmanager
def answering(answer: Answer) -> Iterator[str]:
    """Serve whatever `answer` makes of a path on loopback."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, said = answer(self.path)
            self.send_response(status)
            if status == 302:
                self.send_header("Location", "/protokoll/checkpoint")
            self.send_header("Content-Length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


def passed_on(url: str, path: str) -> tuple[int, bytes]:
    try:
        with urlopen(url + path, timeout=10) as said:
            return said.status, said.read()
    except HTTPError as error:
        return error.code, error.read()


GARBLED: dict[str, Callable[[int, bytes], tuple[int, bytes]]] = {
    "nothing": lambda s, b: (200, b""),
    "a page": lambda s, b: (200, b"<!doctype html><title>Wartung</title>"),
    "bytes": lambda s, b: (200, bytes(range(256))),
    "half of it": lambda s, b: (200, b[: len(b) // 2]),
    "without its signature": lambda s, b: (200, b[: b.rindex(b"\n\n") + 2]),
    "endless": lambda s, b: (200, b"a" * (LARGEST + 1)),
    "more hashes than there can be": lambda s, b: (
        200,
        b"old 1\n" + 64 * (base64.b64encode(bytes(32)) + b"\n") + b[b.index(b"\n\n") + 1 :],
    ),
    "a hash too short": lambda s, b: (200, b"old 1\nAAAA\n" + b[b.index(b"\n\n") + 1 :]),
    "an error": lambda s, b: (500, b),
    "nothing there": lambda s, b: (404, b),
    "led elsewhere": lambda s, b: (302, b""),
    "ahead, and no checkpoint": lambda s, b: (409, b"1\n"),
}


@pytest.mark.parametrize("what", GARBLED)
def test_a_garbled_answer_is_told_and_forgotten(house: House, watch: Watch, what: str) -> None:
    with served(house) as url:
        watch.init(house, url)
        watch.look()
        grow(house)
        with answering(lambda path: GARBLED[what](*passed_on(url, path))) as between:
            watch.point(between)
            assert between in watch.refuses()["error"]["de"]
        watch.point(url)
        assert watch.look()[1]["course"] == "grown"


def test_a_proof_that_was_damaged_on_its_way_is_no_proof(house: House, watch: Watch) -> None:
    def damaged(path: str) -> tuple[int, bytes]:
        status, said = passed_on(url, path)
        head, first, rest = said.split(b"\n", 2)
        bad = base64.b64encode(bytes(32))
        return status, b"\n".join((head, bad, rest)) if first else said

    with served(house) as url:
        watch.init(house, url)
        watch.look()
        grow(house)
        with answering(damaged) as between:
            watch.point(between)
            assert watch.refuses()["conflict"] == "rewritten"


def test_a_proof_from_elsewhere_is_asked_for_anew(house: House, watch: Watch) -> None:
    with served(house) as url:
        watch.init(house, url)
        size = watch.look()[1]["size"]
        grow(house)
        with answering(lambda _: passed_on(url, "/protokoll/consistency/1")) as between:
            watch.point(between)
            said = watch.refuses()
        assert said["unproven"] == size + 3 and said["conflict"] is None
        assert f"rechtzeitig log offer {size}" in said["says"][0]["de"]


def test_a_signature_that_does_not_fit_is_told(house: House, watch: Watch) -> None:
    def forged(path: str) -> tuple[int, bytes]:
        status, said = passed_on(url, path)
        return status, re.sub(rb"\ntime \d+\n", b"\ntime 1\n", said)

    with served(house) as url:
        watch.init(house, url)
        watch.look()
        grow(house)
        with answering(forged) as between:
            watch.point(between)
            assert watch.refuses()["not_signed"] is True


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:1", "http://nirgends.invalid", "quatsch", "http://["]
)
def test_an_address_where_nobody_answers_is_told(house: House, watch: Watch, url: str) -> None:
    watch.init(house, url)
    assert url in watch.refuses()["error"]["en"]


def test_a_host_that_hangs_is_given_up(
    house: House, watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    def hang(_: str) -> tuple[int, bytes]:
        time.sleep(2)
        return 200, b""

    monkeypatch.setattr(asking, "TIMEOUT", 0.2)
    with answering(hang) as url:
        watch.init(house, url)
        assert "antwortet nicht" in watch.refuses()["error"]["de"]


# Old


def test_an_old_checkpoint_alarms(house: House, watch: Watch) -> None:
    with served(house) as url:
        watch.init(house, url)
        assert watch.look()[0] == 0
        past = witness.load(watch.file)
        assert not witness.look(past, [], now() + 24 * HOUR, live=True).old
        assert witness.look(past, [], now() + 26 * HOUR, live=True).old


def test_a_log_that_signs_no_more_is_noticed_by_its_age(tmp_path: Path, watch: Watch) -> None:
    made = installation(tmp_path / "amt")
    made.clock.instant = now() - 27 * HOUR
    seal_due(made.app, at_once=True)
    with served(made) as url:
        watch.init(made, url)
        code, said = watch.look()
    assert (code, said["old"], said["well"], said["course"]) == (1, True, False, "first")
    assert "26 Stunden" in said["says"][0]["de"] and "26 hours" in said["says"][0]["en"]
    made.app.close()


def test_a_time_in_the_future_does_not_put_the_alarm_off(tmp_path: Path, watch: Watch) -> None:
    made = installation(tmp_path / "amt")
    made.clock.instant = now() + 1000 * HOUR
    seal_due(made.app, at_once=True)
    with served(made) as url:
        watch.init(made, url)
        watch.look()
    assert witness.look(witness.load(watch.file), [], now() + 27 * HOUR, live=True).old
    made.app.close()


# Two at once, and a power cut


def test_two_looks_at_once_never_cosign_two_continuations(
    house: House, twin: House, watch: Watch
) -> None:
    """The first to ask sees one continuation, the second the other; each has to wait."""
    asked = []

    def turned(path: str) -> tuple[int, bytes]:
        asked.append(path)
        url = here if len(asked) == 1 else there
        time.sleep(0.5)
        return passed_on(url, path)

    with served(house) as here, served(twin) as there:
        watch.init(house, here)
        watch.look()
        known = set(watch.file.parent.glob("zeuge-*.txt"))
        grow(house, 3)
        grow(twin, 5)
        with answering(turned) as url:
            watch.point(url)
            both = [start("look", "--state", str(watch.file), "--json") for _ in range(2)]
            ended = [json.loads(process.communicate(timeout=60)[0]) for process in both]
    assert sorted(said["conflict"] or "" for said in ended) == ["", "rewritten"]
    handed = [said["cosignature"] for said in ended if said["cosignature"]]
    assert len(handed) == 1
    assert set(watch.file.parent.glob("zeuge-[0-9]*.txt")) - known == {Path(handed[0])}


def start(*words: str) -> subprocess.Popen[bytes]:
    """Start a command of the witness in a process of its own."""
    command = "from engine.cli.app import main; main()"
    return subprocess.Popen(
        [sys.executable, "-c", command, "witness", *words], cwd=ROOT, stdout=subprocess.PIPE
    )


@pytest.mark.parametrize("point", POINTS)
def test_a_kill_while_it_remembers_leaves_the_old_or_the_new(
    house: House, watch: Watch, point: str
) -> None:
    with served(house) as url:
        watch.init(house, url)
        old = watch.look()[1]["size"]
        new = grow(house)
        ended = subprocess.run(
            [sys.executable, "-m", "tests.killed_witness", str(watch.file), point],
            cwd=ROOT,
            check=False,
            capture_output=True,
        )
        assert ended.returncode == -signal.SIGKILL, ended.stderr
        assert witness.load(watch.file).checkpoint is not None
        assert watch.run("show")[1]["size"] in (old, new)
        code, said = watch.look()
    assert (code, said["size"]) == (0, new)
    handed = Note.read(Path(said["cosignature"]).read_text())
    assert handed.seen_at(Key.read(watch.vkey)) is not None, "its signature is not lost either"
    assert watch.file.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("damage", ["", "{", "[]", '{"v": 2}', "null"])
def test_a_damaged_file_is_told_and_not_written_over(
    house: House, watch: Watch, damage: str
) -> None:
    watch.init(house, "http://127.0.0.1:1")
    watch.file.write_text(damage)
    assert "Sicherung" in watch.refuses()["error"]["de"]


# What anybody may fetch


@pytest.fixture
def anybody(house: House) -> TestClient:
    web = create_app(house.app, secure=False)
    return TestClient(web, base_url="http://127.0.0.1", follow_redirects=False)


def test_the_public_checkpoint_is_the_newest_one(house: House, anybody: TestClient) -> None:
    grow(house)
    answer = anybody.get("/protokoll/checkpoint")
    assert (answer.status_code, answer.headers["content-type"]) == (
        200,
        "text/plain; charset=utf-8",
    )
    assert answer.headers["cache-control"] == "no-store"
    key = Key.read(vkey_of(house))
    with house.app.database.read() as store:
        assert opened(answer.text, key.name, [key]).size == store.log.size()


def test_every_public_proof_holds(house: House, anybody: TestClient) -> None:
    size = grow(house, 40)
    with house.app.database.read() as store:
        leaves = list(store.log.leaves(0, size))
    for old in range(size + 1):
        answer = anybody.get(f"/protokoll/consistency/{old}")
        assert answer.status_code == 200
        offer = Offer.read(answer.text)
        assert (offer.old, offer.checkpoint.size) == (old, size)
        ends = (old, root(leaves[:old]), size, offer.checkpoint.root)
        assert verify_consistency(*ends, offer.proof)


@pytest.mark.parametrize("beyond", [1, 1000, 10**17])
def test_whoever_knows_more_than_the_log_hears_how_long_it_is(
    house: House, anybody: TestClient, beyond: int
) -> None:
    size = grow(house)
    answer = anybody.get(f"/protokoll/consistency/{size + beyond}")
    assert (answer.status_code, answer.text) == (409, f"{size}\n")
    assert answer.headers["content-type"].startswith("text/x.tlog.size")


NOWHERE = [
    "consistency/-1", "consistency/01", "consistency/1.0", "consistency/x", "consistency/1e3",
    "consistency/" + "9" * 19, "consistency/%31%00", "tile/0/1", "tile/0/0000", "tile/0/x000/000",
    "tile/0/000.p/0", "tile/0/000.p/256", "tile/0/000.p/01", "tile/0/900", "tile/0/x999/x999/999",
    "tile/1/000", "tile/8/000", "tile/-1/000", "tile/00/000", "tile/0/", "tile/entries/000",
    "tile/0/000.p/255.p/1", "", "entries/000", "tile/0/x000/x000/x000/x000/x000/x000/x000/x000/001",
]  # fmt: skip


@pytest.mark.parametrize("path", NOWHERE)
def test_what_is_no_address_of_the_log_is_nowhere(
    house: House, anybody: TestClient, path: str
) -> None:
    assert anybody.get(f"/protokoll/{path}").status_code == 404


def test_before_the_first_checkpoint_there_is_nothing(tmp_path: Path) -> None:
    made = installation(tmp_path / "amt")
    client = TestClient(create_app(made.app, secure=False), base_url="http://127.0.0.1")
    for path in ("checkpoint", "consistency/0", "tile/0/000.p/1"):
        assert client.get(f"/protokoll/{path}").status_code == 404
    made.app.close()


def test_tiles_are_the_hashes_of_the_entries(house: House, anybody: TestClient) -> None:
    size = grow(house, 2 * WIDTH + 10)
    with house.app.database.read() as store:
        leaves = [leaf_hash(header) for header in store.log.headers(0, size)]
    for place in range(size // WIDTH):
        whole = leaves[place * WIDTH : (place + 1) * WIDTH]
        answer = anybody.get(f"/protokoll/tile/0/{place:03}")
        assert answer.content == b"".join(whole)
        assert answer.headers["content-type"] == "application/octet-stream"
        assert answer.headers["cache-control"] == "no-store"
        above = anybody.get(f"/protokoll/tile/1/000.p/{place + 1}")
        assert above.content[-32:] == root(whole)
    last, width = divmod(size, WIDTH)
    answer = anybody.get(f"/protokoll/tile/0/{last:03}.p/{width}")
    assert answer.content == b"".join(leaves[-width:])
    assert anybody.get(f"/protokoll/tile/0/{last:03}.p/{width + 1}").status_code == 404


def test_what_is_signed_is_what_is_handed_out(house: House, anybody: TestClient) -> None:
    """An entry that has its place and no checkpoint yet shows in no answer."""
    size = grow(house)
    with house.app.database.write() as store:
        store.enter(line("access/2026-03", uuid4().hex))
        store.log.sequence()
    assert anybody.get(f"/protokoll/tile/0/000.p/{size + 1}").status_code == 404
    assert f"\n{size}\n" in anybody.get("/protokoll/checkpoint").text


def test_no_answer_has_a_word_about_a_case(house: House, anybody: TestClient) -> None:
    case = house.register(title="Geheimer Neubau")
    size = grow(house)
    said = [
        anybody.get(f"/protokoll/{path}").content.decode("latin-1")
        for path in (
            *("checkpoint", "consistency/0", f"consistency/{size + 1}", f"tile/0/000.p/{size}"),
            *(f"consistency/{case.number}", f"tile/0/{case.uid}", case.number, case.uid),
        )
    ]
    with house.app.database.read() as store:
        headers = list(store.log.headers(0, size))
    assert any(case.uid.encode() in header for header in headers)
    for words in ("Neubau", "weber", "integration", "case/", house.person("weber")):
        assert not [one for one in said if words in one], words
    assert not [one for one in said[:4] if case.number in one or case.uid in one]
