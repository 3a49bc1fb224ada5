"""The command line: a whole case by its commands, JSON for programs, exit codes."""

from __future__ import annotations

import errno
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Sequence
from contextlib import closing, redirect_stderr, redirect_stdout
from datetime import timedelta
from importlib.metadata import version
from io import StringIO
from pathlib import Path
from typing import Any

import httpx2
import pytest

import engine
from engine import config, shipped
from engine.app import open_app
from engine.cli.app import main
from engine.cli.serve import bound
from engine.errors import InputError
from engine.services.demo import FOLDER
from tests.installation import local_today

STAFF = str(FOLDER / "stellen.csv")
PAPER = str(FOLDER / "vorlage_begegnungszentrum.txt")

Run = Callable[..., tuple[int, Any]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Run:
    """Return what runs a command in an installation and returns its code and JSON."""

    def ran(*words: str, data: str = "haus") -> tuple[int, Any]:
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main([*words, "--data", str(tmp_path / data), "--json"])
        out = capsys.readouterr().out
        return int(ended.value.code or 0), json.loads(out) if out.strip() else None

    return ran


@pytest.fixture
def training(capsys: pytest.CaptureFixture[str], tmp_path: Path, run: Run) -> Run:
    for words in (["init", "--training"], ["office", "import", STAFF]):
        with pytest.raises(SystemExit) as ended:
            main([*words, "--data", str(tmp_path / "haus")])
        assert ended.value.code == 0
    capsys.readouterr()
    return run


def registered(run: Run, *more: str) -> Any:
    sitting = (local_today() + timedelta(days=60)).isoformat()
    code, case = run(
        "measure", "register", "--as", "weber", "--lead", "fb-soziales",
        "--title", "Neubau eines Begegnungszentrums",
        "--fact", "betrifft_integration", "--no-other-facts",
        "--session", f"Kreistag={sitting}", "--document", f"vorlage={PAPER}", *more,
    )  # fmt: skip
    assert code == 0
    return case


def test_a_measure_goes_from_registration_to_closing(training: Run) -> None:
    number = registered(training)["number"]

    def act(step: str, who: str, *more: str) -> Any:
        code, case = training("case", "act", number, step, "--as", who, *more)
        assert code == 0, case
        return case

    inside = ("--in", "integration")
    act("informieren", "weber", *inside)
    act("eingang", "yilmaz", *inside)
    answered = act(
        "stellungnahme", "yilmaz", *inside, "--set", "ergebnis=bedenken",
        "--set", "wortlaut=Der Zugang fehlt.", "--point", "Zugang", "--point", "Sprache",
    )  # fmt: skip
    assert answered["participations"][0]["state"] == "stellungnahme_liegt_vor"
    act("wuerdigen", "weber", *inside, "--weigh", "1=followed", "--weigh", "2=partly:Kosten")
    act("freigeben", "weber")
    decided = ("--set", "gremium=vertretung", "--set", "ergebnis=beschlossen")
    act("entscheiden", "sommer", *decided)
    act("umsetzen", "weber")
    closed = act("abschliessen", "weber")
    assert (closed["state"], closed["findings"]) == ("abgeschlossen", [])
    code, done = training("tick")
    assert (code, done["trouble"], done["retry"], done["dead"]) == (0, "", 0, 0)
    code, outbox = training("mail", "outbox")
    assert {m["state"] for m in outbox["messages"]} == {"accepted"}


def test_what_the_procedure_refuses_ends_with_code_3_and_its_norm(training: Run) -> None:
    number = registered(training)["number"]
    code, answer = training("case", "act", number, "freigeben", "--as", "weber")
    assert code == 3
    assert "§ 17 Abs. 3 BbgKVerf (Gesetz)" in answer["error"]["de"]
    assert "statute" in answer["error"]["en"]


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["case", "show", "V-1999-0001"], 2, "V-1999-0001"),
        (["case", "act", "{}", "freigebn", "--as", "weber"], 2, "freigeben"),
        (["case", "act", "{}", "freigeben", "--as", "niemand"], 2, "niemand"),
        (["case", "act", "{}", "freigeben", "--as", "sommer"], 3, "freigeben"),
        (["case", "act", "{}", "entscheiden", "--as", "sommer", "--set", "x"], 2, "name=wert"),
        (["case", "act", "{}", "freigeben", "--as", "weber", "--on", "gestern"], 2, "JJJJ-MM-TT"),
        (["office", "import", "fehlt.csv"], 2, "fehlt.csv"),
        (["deadline", "--event", "2026-03-30", "--period", "1 wek"], 2, "week"),
    ],
)
def test_unsound_input_is_refused_with_words(
    training: Run, words: list[str], code: int, said: str
) -> None:
    number = registered(training)["number"]
    given = [w.format(number) for w in words]
    if given[0] == "deadline":
        with pytest.raises(SystemExit) as ended:
            main([*given, "--json"])
        assert ended.value.code == code
        return
    ended_with, answer = training(*given)
    assert ended_with == code
    assert said in answer["error"]["de"] + answer["error"]["en"]


def test_the_same_key_twice_registers_once(training: Run) -> None:
    first = registered(training, "--key", "anmeldung-7")
    assert registered(training, "--key", "anmeldung-7")["number"] == first["number"]
    _, rows = training("case", "list")
    assert len(rows) == 1


def test_a_live_database_keeps_reserved_steps_from_the_command_line(
    run: Run, tmp_path: Path
) -> None:
    for words in (["init"], ["office", "import", STAFF]):
        with pytest.raises(SystemExit):
            main([*words, "--data", str(tmp_path / "haus")])
    number = registered(run)["number"]
    run("case", "act", number, "informieren", "--as", "weber", "--in", "integration")
    inside = ("--in", "integration")
    code, answer = run("case", "act", number, "eingang", "--as", "yilmaz", *inside)
    assert code == 3
    assert "urkunde_erfassen" in answer["error"]["de"]
    code, case = run("case", "act", number, "eingang", "--as", "sommer", *inside)
    assert code == 0
    code, case = run(
        "case", "act", number, "urkunde_erfassen", "--as", "sommer", *inside,
        "--set", "ergebnis=keine_bedenken", "--set", "wortlaut=Keine Bedenken.",
        "--set", "verfasst_von=Aylin Yilmaz", "--document", f"urkunde={PAPER}",
    )  # fmt: skip
    assert case["participations"][0]["state"] == "gewuerdigt"


def test_the_plan_and_the_doctor_speak_to_programs(training: Run) -> None:
    number = registered(training)["number"]
    code, [plan] = training("case", "plan", number)
    assert code == 0
    assert plan["points"][0]["name"] == "session"
    code, checks = training("doctor")
    assert {c["check"] for c in checks} >= {"config", "database", "clock", "calendar", "rules"}
    assert code == 0, [c for c in checks if c["state"] == "bad"]


def test_an_installation_that_is_not_there_is_named(run: Run) -> None:
    code, answer = run("case", "list", data="nirgends")
    assert code == 2
    assert "rechtzeitig init" in answer["error"]["de"]


def test_mistakes_in_the_settings_are_all_told(run: Run, tmp_path: Path) -> None:
    (tmp_path / "haus").mkdir()
    (tmp_path / "haus" / "config.yaml").write_text(
        "administration: A\ndatenbank: x\nmunicipalities: []\nmail: {sender: {name: R}}\n"
    )
    code, answer = run("case", "list")
    assert code == 2
    for said in ("config.yaml, Zeile", "datenbank", "database", "municipalities", "email"):
        assert said in answer["error"]["de"]


def test_english_is_spoken_on_demand(
    training: Run, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    number = registered(training)["number"]
    with pytest.raises(SystemExit):
        main(["case", "show", number, "--data", str(tmp_path / "haus"), "--lang", "en"])
    assert "state: registered" in capsys.readouterr().out
    with pytest.raises(SystemExit):
        main(["case", "show", number, "--data", str(tmp_path / "haus"), "--lang", "de"])
    assert "Stand: angemeldet" in capsys.readouterr().out


def test_published_papers_are_registered_once(training: Run, tmp_path: Path) -> None:
    source = str(Path(__file__).parent / "oparl")
    words = ["import", "oparl", source, "--as", "sommer", "--since", "2020-01-01", "--new-offices"]
    code, first = training(*words)
    assert code == 0
    assert first["registered"]
    _, again = training(*words)
    assert again["registered"] == {}
    assert set(again["matched"]) == set(first["registered"])


def test_words_of_people_are_never_taken_for_markup(
    training: Run, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    registered(training, "--reference", "[/x] [bold]y[/bold]")
    for words in (["case", "list"], ["mail", "outbox"], ["office", "list"]):
        with pytest.raises(SystemExit) as ended:
            main([*words, "--data", str(tmp_path / "haus")])
        assert ended.value.code == 0
    sitting = (local_today() + timedelta(days=60)).isoformat()
    with pytest.raises(SystemExit) as ended:
        main([
            "measure", "register", "--as", "weber", "--lead", "fb-soziales", "--title",
            "Plan [/x] A", "--no-other-facts", "--session", f"Kreistag={sitting}",
            "--data", str(tmp_path / "haus"),
        ])  # fmt: skip
    assert ended.value.code == 0
    assert "Plan [/x] A" in capsys.readouterr().out


def test_a_mistyped_command_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    for words in (["case", "shwo"], ["--bogus"], ["deadline", "--period", "10 AT"]):
        with pytest.raises(SystemExit) as ended:
            main(words)
        assert ended.value.code == 2
        assert capsys.readouterr().err.strip()


@pytest.mark.parametrize(
    ("made", "said"),
    [(False, "Die Datei gibt es nicht"), (True, "noch nicht eingerichtet")],
    ids=["no file", "an empty file"],
)
def test_an_upgrade_makes_no_database_where_config_yaml_has_a_slip(
    training: Run, tmp_path: Path, made: bool, said: str
) -> None:
    slip = tmp_path / "haus" / "typo.sqlite3"
    config.point(tmp_path / "haus" / config.NAME, {"database": f"sqlite:///{slip.name}"})
    if made:
        slip.touch()
    code, told = plain("upgrade", tmp_path / "haus")
    assert (code, said in told) == (4, True), told
    assert slip.exists() == made
    config.point(tmp_path / "haus" / config.NAME, {"database": "sqlite:///rechtzeitig.sqlite3"})
    assert plain("upgrade", tmp_path / "haus")[0] == 0


def plain(*words: str | Path) -> tuple[int, str]:
    """Run a command in the folder named last; return its code and all that it printed."""
    *command, folder = map(str, words)
    with redirect_stdout(StringIO()) as out, redirect_stderr(out):
        with pytest.raises(SystemExit) as ended:
            main([*command, "--data", folder])
    return int(ended.value.code or 0), out.getvalue()


def started(*words: str | Path, ahead: Sequence[str] = ()) -> subprocess.Popen[str]:
    """Return a process that runs a command in the folder named last."""
    *command, folder = map(str, words)
    program = [sys.executable, "-c", "from engine.cli import main; main()"]
    return subprocess.Popen(
        [*ahead, *program, *command, "--data", folder],
        env={**os.environ, "PYTHONPATH": str(Path(engine.__path__[0]).parent)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def bounded(*words: str | Path) -> tuple[int, str]:
    """Run a command as an account to which rights apply, which root is not; as `plain`."""
    ahead = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"]
    if os.geteuid() == 0 and shutil.which(ahead[0]) is None:
        pytest.skip("root cannot be bounded here: setpriv is missing")
    with started(*words, ahead=ahead if os.geteuid() == 0 else ()) as process:
        told, _ = process.communicate()
    return process.returncode, told


def test_a_folder_that_may_not_be_written_to_is_named(tmp_path: Path) -> None:
    closed = tmp_path / "zu"
    closed.mkdir(mode=0o500)
    for folder in (closed, closed / "haus"):
        code, told = bounded("init", folder)
        assert (code, f"{folder}: Permission denied. Das Dienstkonto muss" in told) == (4, True)


def test_settings_that_may_not_be_read_are_named(tmp_path: Path) -> None:
    file = tmp_path / "haus" / config.NAME
    file.parent.mkdir()
    file.touch(mode=0o000)
    for command, code in (("init", 2), ("doctor", 1), ("tick", 2)):
        ended, told = bounded(command, file.parent)
        assert (ended, f"{file} ist nicht lesbar (Permission denied)" in told) == (code, True), told


def test_a_lock_that_another_account_has_left_is_named(training: Run, tmp_path: Path) -> None:
    house = tmp_path / "haus"
    lock = house / "rechtzeitig.sqlite3.lock"
    lock.chmod(0o400)
    for words in (["tick"], ["office", "absent", "weber", "2027-01-04", "2027-01-08"]):
        code, told = bounded(*words, house)
        assert (code, f"{lock}: Permission denied" in told, "chown" in told) == (4, True, True)


def test_a_file_in_the_place_of_the_folder_is_named(tmp_path: Path) -> None:
    file = tmp_path / "haus"
    file.touch()
    for command in ("init", "tick", "doctor"):
        code, told = plain(command, file)
        assert (code, str(file) in told) == (1 if command == "doctor" else 2, True), told
    assert "ist eine Datei" in plain("init", file)[1]
    assert plain("init", file / "darin")[0] == 4


def test_a_missing_folder_of_the_database_is_named(tmp_path: Path) -> None:
    shutil.copy(shipped.example_config(), tmp_path / config.NAME)
    config.point(tmp_path / config.NAME, {"database": f"sqlite:///{tmp_path}/fehlt/db.sqlite3"})
    code, told = plain("init", tmp_path)
    assert (code, f"{tmp_path}/fehlt/db.sqlite3" in told, "Legen Sie ihn an" in told) == (
        4, True, True,
    )  # fmt: skip


def test_a_file_that_nobody_foresaw_is_named_and_a_bug_is_not_hidden(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def denied(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr("engine.cli.install.setup.upgrade", denied)
    error = PermissionError(errno.EACCES, "Permission denied", str(tmp_path / "x"))
    code, told = plain("upgrade", tmp_path)
    assert (code, f"{tmp_path / 'x'}: Permission denied" in told) == (4, True)
    error = PermissionError(errno.EPERM, "Operation not permitted")
    with pytest.raises(PermissionError):
        main(["upgrade"])


EXAMPLE = "land: BB, calendar: BB"


@pytest.mark.parametrize(
    ("places", "said"),
    [
        ("land: Brandenburg, calendar: BB", "„Brandenburg“ ist unbekannt. Meinten Sie 'BB'?"),
        ("land: bb, calendar: BB", "Meinten Sie 'BB'? Bekannt sind: BB, BE, BW, BY,"),
        ("land: BB, calendar: forst", "Den Kalender „forst“ gibt es nicht. Bekannt sind: BB, BW."),
    ],
)
def test_a_land_or_calendar_that_nobody_knows_drops_no_statute_in_silence(
    tmp_path: Path, places: str, said: str
) -> None:
    file = tmp_path / config.NAME
    example = shipped.example_config().read_text()
    file.write_text(example.replace(EXAMPLE, places))
    code, told = plain("init", tmp_path)
    assert (code, said in told, "municipalities, musterheide" in told) == (2, True, True), told
    file.write_text(example)
    assert plain("init", tmp_path)[0] == 0
    file.write_text(example.replace(EXAMPLE, places))
    code, told = plain("tick", tmp_path)
    assert (code, said in told) == (2, True), told


def test_a_wrong_land_of_earlier_days_is_told_by_the_doctor_and_stops_no_clock(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / config.NAME
    file.write_text(shipped.example_config().read_text().replace("land: BB", "land: Bayern"))
    with monkeypatch.context() as earlier:
        earlier.setattr("engine.services.setup.unknown_land", lambda _: None)
        assert plain("init", tmp_path)[0] == 0
    assert plain("tick", tmp_path)[0] == 0
    code, told = plain("doctor", tmp_path)
    assert (code, "✗ config.yaml, municipalities, musterheide: Das Land „Bayern“" in told) == (
        1, True,
    )  # fmt: skip
    assert "Meinten Sie 'BY'?" in told


def test_pages_that_nobody_can_reach_are_not_announced_and_let_no_clock_run(
    training: Run, tmp_path: Path
) -> None:
    house = tmp_path / "haus"
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        for words, code, said in (
            (["--port", port], 4, f"Port {port} ist belegt; wählen Sie einen anderen mit --port."),
            (["--port", port, "--host", "192.0.2.7"], 2, "„192.0.2.7“ kann dieser Rechner nicht"),
            (["--port", port, "--host", "kein.example"], 2, "nennen Sie mit --host eine seiner"),
        ):
            ended, told = plain("serve", *words, house)
            assert (ended, said in told, "bereit" in told) == (code, True, False), told
    with closing(open_app(house)) as app, app.database.read() as store:
        pulse = store.pulse.clock()
    assert pulse is None or pulse.last_tick is None


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_pages_that_are_announced_answer_at_once_until_they_are_stopped(
    training: Run, tmp_path: Path, host: str
) -> None:
    try:
        with bound(host, 0) as door:
            port = door.getsockname()[1]
    except InputError:
        pytest.skip(f"this machine has no {host}")
    words = ["serve", "--port", str(port), "--host", host, "--no-worker"]
    with started(*words, tmp_path / "haus") as serving:
        assert serving.stdout is not None
        url = serving.stdout.readline().split()[-1]
        assert httpx2.get(f"{url}anmelden").status_code == 200
        serving.send_signal(signal.SIGINT)
        assert serving.wait(20) == 0


def test_no_other_account_reads_the_database(tmp_path: Path) -> None:
    house, usual = tmp_path / "haus", os.umask(0o022)
    try:
        assert plain("init", house)[0] == 0
        with closing(open_app(house)) as app, app.database.write():
            files = {file.name: file.stat().st_mode & 0o777 for file in house.glob("*sqlite3*")}
    finally:
        os.umask(usual)
    assert {"rechtzeitig.sqlite3", "rechtzeitig.sqlite3.lock"} < set(files)
    assert set(files.values()) == {0o600}, files


@pytest.mark.parametrize(
    ("folder", "file", "read"),
    [(0o755, 0o600, False), (0o755, 0o644, True), (0o750, 0o640, True), (0o700, 0o644, False)],
)
def test_the_doctor_names_a_database_that_other_accounts_can_read(
    training: Run, tmp_path: Path, folder: int, file: int, read: bool
) -> None:
    house = tmp_path / "haus"
    house.chmod(folder)
    (house / "rechtzeitig.sqlite3").chmod(file)
    code, told = plain("doctor", house)
    assert (code, f"chmod 600 {house}/rechtzeitig.sqlite3*" in told) == (0, read), told


def test_a_state_of_mail_that_nobody_knows_is_no_empty_outbox(training: Run) -> None:
    code, answer = training("mail", "outbox", "--state", "foo")
    assert code == 2
    assert "ready, sending, unsure, accepted, dead, cancelled" in answer["error"]["de"]
    assert training("mail", "outbox", "--state", "dead")[0] == 0


@pytest.mark.parametrize("command", ["resend", "cancel"])
def test_a_message_that_nobody_has_written_is_not_one_in_the_wrong_state(
    training: Run, tmp_path: Path, command: str
) -> None:
    code, told = plain("mail", command, "999", tmp_path / "haus")
    assert (code, "Eine Nachricht 999 gibt es nicht" in told) == (2, True), told


def test_the_program_tells_its_version(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--version"])
    assert (ended.value.code or 0, capsys.readouterr().out) == (
        0, f"rechtzeitig {version('rechtzeitig')}\n",
    )  # fmt: skip


def test_a_language_that_is_not_spoken_is_refused_like_any_input(
    capsys: pytest.CaptureFixture[str],
) -> None:
    for words in (["--lang", "fr", "case", "list"], ["case", "list", "--lang=fr"]):
        with pytest.raises(SystemExit) as ended:
            main(words)
        assert ended.value.code == 2
        assert "„fr“ wird hier nicht gesprochen" in capsys.readouterr().err
