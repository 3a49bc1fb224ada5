"""Once a day the legal office gets the checkpoint by mail, and a witness lives by these alone."""

from __future__ import annotations

import email
import email.policy
import json
import socket
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from aiosmtpd.controller import Controller

from engine.app import open_app
from engine.cli.app import main
from engine.core.calendar import BERLIN, in_utc
from engine.core.notes import Key, opened
from engine.core.witness import Course, Offer, found_in
from engine.services.evidence import keys, mailing, witness
from engine.services.evidence.sealing import seal_due
from engine.services.evidence.state import State
from engine.store.chains import SYSTEM
from engine.worker import one_round
from tests.installation import House, house
from tests.store.counting import line
from tests.test_delivery import Mailbox

LEGAL = "neumann@musterheide.example"
SUBJECT = "Prüfpunkt des Protokolls von Rechtzeitig"


@pytest.fixture
def mailbox() -> Iterator[tuple[Mailbox, int]]:
    box = Mailbox()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    server = Controller(box, hostname="127.0.0.1", port=port)
    server.start()
    yield box, port
    server.stop()


@pytest.fixture
def county(tmp_path: Path, mailbox: tuple[Mailbox, int]) -> Iterator[House]:
    smtp = {"host": "127.0.0.1", "port": mailbox[1], "tls": "off"}
    made = house(tmp_path / "haus", training=False, channel="smtp", smtp=smtp)
    yield made
    made.app.close()


def rounds(county: House, count: int = 4) -> None:
    """Let the worker go round some times, a minute apart."""
    for _ in range(count):
        one_round(county.app)
        county.clock.instant += timedelta(minutes=1)


def checkpoints(box: Mailbox) -> list[Any]:
    """Return the mails with a checkpoint that the server took."""
    return [envelope for envelope in box.taken if SUBJECT in str(read(envelope)["Subject"])]


def read(envelope: Any) -> Any:
    return email.message_from_bytes(envelope.content, policy=email.policy.default)


def enter(county: House) -> None:
    with county.app.database.write() as store:
        store.enter(line("access/2026-03", uuid4().hex))


def log_key(county: House) -> Key:
    with county.app.database.read() as store:
        return keys.read_key(State(county.app.config).key).public(store.log.origin())


def offers(county: House, envelope: Any) -> list[Offer]:
    """Return what a witness finds in a mail."""
    text = read(envelope).get_body(("plain",)).get_content()
    return list(found_in(text, [log_key(county).name]))


def test_the_legal_office_gets_the_newest_checkpoint_once_a_day(
    county: House, mailbox: tuple[Mailbox, int]
) -> None:
    rounds(county)
    [envelope] = checkpoints(mailbox[0])
    assert envelope.rcpt_tos == [LEGAL]
    [offer] = offers(county, envelope)
    key = log_key(county)
    assert opened(offer.note.written, key.name, [key]).size == offer.checkpoint.size
    rounds(county, 10)
    assert len(checkpoints(mailbox[0])) == 1
    county.clock.on(1)
    enter(county)
    rounds(county)
    assert len(checkpoints(mailbox[0])) == 2


def test_a_quiet_log_mails_as_well_and_alarms_no_witness(
    county: House, mailbox: tuple[Mailbox, int]
) -> None:
    """Over a long weekend, each morning at nine somebody looks at what lies in the mailbox."""
    made = witness.made("rechtsamt.example", log_key(county).vkey, None)
    county.clock.turn(date(2026, 4, 2), 23)
    rounds(county)
    for day in (3, 4, 5, 6):
        county.clock.instant = in_utc(datetime(2026, 4, day, 0, 0, 10, tzinfo=BERLIN))
        rounds(county)
        newest = checkpoints(mailbox[0])[-1]
        nine = in_utc(datetime(2026, 4, day, 9, tzinfo=BERLIN))
        looked = witness.look(made, offers(county, newest), nine, live=False)
        made = looked.witness
        assert looked.well and looked.course != Course.SAME
    assert len(checkpoints(mailbox[0])) == 5


def test_the_mail_waits_for_a_checkpoint_of_the_day(
    county: House, mailbox: tuple[Mailbox, int]
) -> None:
    rounds(county)
    county.clock.on(1)
    assert mailing.begin_day(county.app) == 0
    assert mailing.begin_day(county.app) == 0
    seal_due(county.app, at_once=True)
    assert mailing.begin_day(county.app) == 1
    assert mailing.begin_day(county.app) == 0


def test_two_processes_mail_once(county: House, mailbox: tuple[Mailbox, int]) -> None:
    one_round(county.app)
    second = open_app(county.folder, county.clock)
    county.clock.on(1)
    enter(county)
    seal_due(county.app, at_once=True)
    assert mailing.begin_day(county.app) == 1
    enter(county)
    seal_due(county.app, at_once=True)
    assert mailing.begin_day(second) == 0
    rounds(county)
    county.clock.on(1)
    rounds(county)
    [first, then, last] = [offers(county, mail)[0] for mail in checkpoints(mailbox[0])]
    assert (then.old, last.old) == (first.checkpoint.size, then.checkpoint.size)
    second.close()


def test_a_training_log_mails_no_checkpoint(tmp_path: Path) -> None:
    made = house(tmp_path / "haus")
    rounds(made)
    assert not [m for m in made.app.config.mails.glob("*.eml") if b"checkpoint" in m.read_bytes()]
    with made.app.database.read() as store:
        assert store.chains.typed(SYSTEM, mailing.DAY) == []
    made.app.close()


def test_no_word_about_a_case_is_in_the_mail(county: House, mailbox: tuple[Mailbox, int]) -> None:
    case = county.register(title="Geheimer Neubau")
    rounds(county)
    [envelope] = checkpoints(mailbox[0])
    text = envelope.content.decode()
    assert not [w for w in ("Neubau", case.number, case.uid) if w in text]


def test_a_broken_log_holds_up_neither_the_day_nor_the_round(
    county: House, mailbox: tuple[Mailbox, int]
) -> None:
    rounds(county)
    county.clock.on(1)
    enter(county)
    seal_due(county.app, at_once=True)
    with county.app.database.write() as store:
        run = store.connection.exec_driver_sql
        run("DROP TRIGGER log_leaf_no_delete")
        run("DELETE FROM log_leaf WHERE leaf_index = 1")
    assert mailing.begin_day(county.app) == 0
    rounds(county)
    assert len(checkpoints(mailbox[0])) == 1
    with county.app.database.read() as store:
        assert len(store.chains.typed(SYSTEM, mailing.DAY)) == 2


def test_a_witness_lives_by_the_mails_alone(
    county: House, mailbox: tuple[Mailbox, int], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Mails as saved by a mail program, the later ones also forwarded as quoted text."""
    for _ in range(3):
        enter(county)
        rounds(county)
        county.clock.on(1)
    saved = tmp_path / "postfach"
    saved.mkdir()
    first, second, third = checkpoints(mailbox[0])
    (saved / "1.eml").write_bytes(first.content)
    (saved / "2.eml").write_bytes(second.content)
    text = read(third).get_body(("plain",)).get_content()
    (saved / "3.txt").write_text("".join(f"> {x}\n" for x in text.splitlines()))

    def run(*words: str) -> tuple[int, Any]:
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main(["witness", *words, "--state", str(tmp_path / "zeuge.json"), "--json"])
        return int(ended.value.code or 0), json.loads(capsys.readouterr().out)

    run("init", "--name", "rechtsamt.example", "--log", log_key(county).vkey)
    sizes = [offers(county, mail)[0].checkpoint.size for mail in (first, second, third)]
    for name, size, course in zip(
        ("1.eml", "2.eml", "3.txt"), sizes, ("first", "grown", "grown"), strict=True
    ):
        said = run("look", str(saved / name))[1]
        assert (said["size"], said["course"], said["conflict"]) == (size, course, None)
    assert run("look", str(saved))[1]["course"] == "same", "old mails in the folder are just old"
    (tmp_path / "zeuge.json").unlink()
    run("init", "--name", "rechtsamt.example", "--log", log_key(county).vkey)
    said = run("look", str(saved))[1]
    assert (said["size"], said["course"]) == (sizes[-1], "grown")
    (tmp_path / "zeuge.json").unlink()
    run("init", "--name", "rechtsamt.example", "--log", log_key(county).vkey)
    run("look", str(saved / "1.eml"))
    code, said = run("look", str(saved / "3.txt"))
    assert (code, said["unproven"], said["size"]) == (1, sizes[2], sizes[0]), (
        "the second is missing"
    )
