"""A mail that comes back is an entry, is told like one refused at the door, and only once."""

from __future__ import annotations

import base64
import io
import json
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from engine.cli.app import build
from engine.config_mail import Imap as ImapSettings
from engine.delivery.bounces import TYPE, collect, collect_due, take_in
from engine.delivery.evidence import stream_of
from engine.errors import InputError
from engine.services.evidence.exporting import export
from engine.services.legal.verification import examine
from engine.store.errors import Unavailable
from engine.store.outbox import REPORTS
from engine.worker import one_round
from notifications.bounces import BounceKind
from tests.imap import PASSWORD, Imap, imap_server
from tests.installation import House, house
from tests.notifications.test_mail_bounces import group, plain, report
from tests.test_delivery import Mailbox, mailbox

__all__ = ["mailbox"]

BOUNCES = {"address": "ruecklauf@amt.example"}


@dataclass(frozen=True)
class Sent:
    """A house whose one letter a server has taken, and the address it was sent from."""

    house: House
    sender: str

    @property
    def state(self) -> str:
        return str(self.message["state"])

    @property
    def message(self) -> dict[str, Any]:
        with self.house.app.database.read() as store:
            rows = store.outbox.messages()
        [row] = [r for r in rows if f"+{r.uid}." in self.sender]
        return {"state": row.state, "text": row.last_text, "uid": row.uid, "id": row.id}

    def told(self) -> int:
        """Return how many letters about dead letters are owed or composed."""
        with self.house.app.database.read() as store:
            return sum(n.letter == "nicht_zustellbar" for n in store.outbox.notices(limit=500))

    def lines(self) -> list[dict[str, Any]]:
        with self.house.app.database.read() as store:
            found = store.chains.typed(stream_of(self.house.clock.now()), TYPE)
        return [dict(line.plain) for line in found]


@pytest.fixture
def sent(tmp_path: Path, mailbox: tuple[Mailbox, int]) -> Iterator[Sent]:
    yield from informed(tmp_path / "haus", mailbox, bounces=BOUNCES)


def informed(folder: Path, box: tuple[Mailbox, int], **mail: Any) -> Iterator[Sent]:
    smtp = {"host": "127.0.0.1", "port": box[1], "tls": "off"}
    made = house(folder, training=False, channel="smtp", smtp=smtp, **mail)
    case = made.register()
    made.take(case.number, "informieren", "weber", participation="integration")
    one_round(made.app)
    [envelope, *_] = box[0].taken
    yield Sent(made, envelope.mail_from)
    made.app.close()


def test_each_mail_leaves_from_an_address_of_its_own(
    sent: Sent, mailbox: tuple[Mailbox, int]
) -> None:
    senders = [envelope.mail_from for envelope in mailbox[0].taken]
    assert len(set(senders)) == len(senders)
    assert all(s.startswith("ruecklauf+") and s.endswith("@amt.example") for s in senders)
    assert b"ruecklauf" not in mailbox[0].taken[0].content, "answers go to the house as ever"


def test_without_an_address_for_bounces_nothing_changes(
    tmp_path: Path, mailbox: tuple[Mailbox, int]
) -> None:
    for found in informed(tmp_path / "haus", mailbox):
        assert found.sender == found.house.app.config.settings.mail.sender.email
        assert collect_due(found.house.app) == 0
        with pytest.raises(InputError, match="bounces"):
            take_in(found.house.app, plain())


def test_a_mail_that_came_back_is_a_dead_letter_and_is_told(sent: Sent) -> None:
    before = sent.told()
    found = take_in(sent.house.app, report(group("failed", "5.1.1", "smtp; 550 unknown"),
                                           to=sent.sender))  # fmt: skip
    assert found is not None
    assert (sent.message["state"], sent.message["text"]) == ("dead", "5.1.1 550 unknown")
    assert sent.told() > before
    assert [line["kind"] for line in sent.lines()] == ["failed"]
    assert examine(sent.house.app, replaying=True).intact


def test_whoever_gets_the_file_sees_that_the_mail_came_back(sent: Sent) -> None:
    take_in(sent.house.app, report(group("failed", "5.1.1"), to=sent.sender))
    written = io.BytesIO()
    export(sent.house.app, "V-2026-0001", written)
    with zipfile.ZipFile(written) as file:
        beside = file.read("umfeld.jsonl").splitlines()
    headers = [json.loads(base64.b64decode(json.loads(line)["header"])) for line in beside]
    assert [h["plain"]["kind"] for h in headers if h["type"] == TYPE] == ["failed"]


def test_what_a_server_said_of_a_person_goes_with_the_letter(sent: Sent) -> None:
    said = "smtp; 550 <yilmaz@musterheide.example>: unbekannt"
    take_in(sent.house.app, report(group("failed", "5.1.1", said), to=sent.sender))
    with sent.house.app.database.write() as store:
        case = store.cases.get("V-2026-0001")
        store.erasing.letters(case.uid)
        [line] = store.chains.typed(stream_of(sent.house.clock.now()), TYPE)
    assert line.private == {}


def test_the_words_for_reports_are_the_same_everywhere() -> None:
    assert tuple(BounceKind) == REPORTS


def test_the_same_report_twice_is_one_entry(sent: Sent) -> None:
    data = report(group("failed", "5.1.1"), to=sent.sender)
    take_in(sent.house.app, data)
    told, lines = sent.told(), sent.lines()
    take_in(sent.house.app, data)
    assert (sent.told(), sent.lines()) == (told, lines)


def test_a_delay_is_an_entry_and_loses_nothing(sent: Sent) -> None:
    data = report(group("delayed", "4.4.1"), to=sent.sender)
    told = sent.told()
    for _ in range(2):
        take_in(sent.house.app, data)
    assert (sent.state, sent.told()) == ("accepted", told)
    assert [line["kind"] for line in sent.lines()] == ["delayed"]
    take_in(sent.house.app, report(group("failed", "4.4.1"), to=sent.sender))
    assert sent.state == "dead"


def test_what_came_back_in_no_readable_form_is_told_too(sent: Sent) -> None:
    take_in(sent.house.app, plain(to=sent.sender))
    assert sent.state == "dead"
    assert sent.told() > 0


def test_a_resent_mail_can_come_back_again(sent: Sent) -> None:
    data = report(group("failed", "5.2.2"), to=sent.sender)
    take_in(sent.house.app, data)
    with sent.house.app.database.write() as store:
        assert store.outbox.resend(sent.message["id"], sent.house.clock.now())
    one_round(sent.house.app)
    assert sent.state == "accepted"
    told = sent.told()
    take_in(sent.house.app, data)
    assert sent.state == "dead"
    assert sent.told() == 2 * told > 0
    assert [line["attempt"] for line in sent.lines()] == [1, 2]


def test_a_forged_report_changes_nothing(sent: Sent) -> None:
    forged = sent.sender.replace("@", "x@")
    assert take_in(sent.house.app, report(group("failed", "5.1.1"), to=forged)) is None
    assert (sent.state, sent.lines()) == ("accepted", [])


def test_a_mail_server_hands_a_report_to_the_command(sent: Sent) -> None:
    sent.house.app.close()
    words = ["mail", "bounce", "-", "--json", "--data", str(sent.house.folder)]
    data = report(group("failed", "5.1.1"), to=sent.sender)
    done = CliRunner().invoke(build(), words, input=data)
    assert json.loads(done.output)["kind"] == "failed", done.output
    assert sent.state == "dead"
    words.remove("--json")
    done = CliRunner().invoke(build(), words, input=b"Subject: Urlaub\n\nBin weg.\n")
    assert "Kein Bericht" in done.output


# The mailbox


@pytest.fixture(scope="module")
def imap() -> Iterator[Imap]:
    with imap_server() as server:
        yield server


@pytest.fixture
def read(tmp_path: Path, mailbox: tuple[Mailbox, int], imap: Imap) -> Iterator[Sent]:
    """A house that reads its bounces from the mailbox."""
    secret = tmp_path / "kennwort"
    secret.write_text(f"{PASSWORD}\n")
    box = {"host": "127.0.0.1", "port": imap.port, "tls": "off", "user": "ruecklauf"}
    bounces = {**BOUNCES, "imap": {**box, "password_file": str(secret)}}
    yield from informed(tmp_path / "haus", mailbox, bounces=bounces)


def test_bounces_are_read_from_their_mailbox_and_stay_there(read: Sent, imap: Imap) -> None:
    imap.put(
        report(group("failed", "5.1.1"), to=read.sender),
        b"Return-Path: <x@amt.example>\nSubject: Urlaub\n\nBin weg.\n",
        report(group("failed", "5.1.1"), to="ruecklauf+falsch@amt.example"),
    )
    kept = imap.count("ALL")
    assert collect(read.house.app) == 1
    assert read.state == "dead"
    assert (imap.count("ALL"), imap.count("UNSEEN")) == (kept, 0)
    assert collect(read.house.app) == 0


def test_the_worker_looks_every_five_minutes(read: Sent, imap: Imap) -> None:
    one_round(read.house.app)
    imap.put(report(group("failed", "5.1.1"), to=read.sender))
    one_round(read.house.app)
    assert read.state == "accepted"
    read.house.clock.instant += timedelta(minutes=6)
    one_round(read.house.app)
    assert read.state == "dead"


def test_a_mailbox_that_is_out_stops_nothing(
    read: Sent, imap: Imap, mailbox: tuple[Mailbox, int]
) -> None:
    secret = Path(read.house.app.config.settings.mail.bounces.imap.password_file)  # type: ignore[union-attr]
    secret.write_text("falsch")
    with pytest.raises(Unavailable, match="mailbox of bounces"):
        collect(read.house.app)
    read.house.clock.instant += timedelta(minutes=20)
    one_round(read.house.app)
    secret.unlink()
    with pytest.raises(Unavailable, match="mailbox of bounces"):
        collect(read.house.app)


def box_of(made: House) -> ImapSettings:
    bounces = made.app.config.settings.mail.bounces
    assert bounces is not None
    assert bounces.imap is not None
    return bounces.imap


def name_folder(made: House, folder: str) -> None:
    """Let config.yaml name another folder of the same mailbox."""
    object.__setattr__(box_of(made), "folder", folder)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Rückläufer", '"R&APw-ckl&AOQ-ufer"'),
        ("Post & Rücklauf", '"Post &- R&APw-cklauf"'),
        ("台北 日本語", '"&U,BTFw- &ZeVnLIqe-"'),
    ],
)
def test_a_folder_is_read_by_the_name_that_people_see(
    read: Sent, imap: Imap, name: str, said: str
) -> None:
    """What is said to the server is spelled out here, by RFC 3501, 5.1.3."""
    with imap.open() as box:
        assert box.create(said)[0] == "OK"
        box.append(said, "", None, report(group("failed", "5.1.1"), to=read.sender))  # type: ignore[arg-type]
    name_folder(read.house, name)
    assert collect(read.house.app) == 1
    assert read.state == "dead"


def test_a_password_may_have_umlauts(read: Sent) -> None:
    password = "Schlüssel-für-€-Proben"
    with imap_server(password) as server:
        object.__setattr__(box_of(read.house), "port", server.port)
        Path(box_of(read.house).password_file).write_text(f"{password}\n", "utf-8")
        assert collect(read.house.app) == 0


def test_a_password_or_folder_that_nobody_can_read_stops_nothing(read: Sent) -> None:
    name_folder(read.house, "Gibt-es-nicht-für-uns")
    with pytest.raises(Unavailable, match="mailbox of bounces"):
        collect(read.house.app)
    Path(box_of(read.house).password_file).write_bytes("Schlüssel".encode("latin-1"))
    with pytest.raises(Unavailable, match="mailbox of bounces"):
        collect(read.house.app)
    read.house.clock.instant += timedelta(minutes=20)
    one_round(read.house.app)
